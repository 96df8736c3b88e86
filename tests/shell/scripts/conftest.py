"""What tests of scripts begin with: `script` runs the text of one on the sandbox."""

import io
from collections.abc import Callable, Iterator

import pytest
from tests.shell.conftest import Outcome, written

from cudo_sandbox import Sandbox
from cudo_sdk import Session
from cudo_shell.scripts import runner
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.options import Options
from cudo_shell.streams import Streams
from cudo_shell.workspace import Workspace

NAME = "tour.cudo"


RunScript = Callable[..., Outcome]


@pytest.fixture
def script(workspace: Workspace) -> RunScript:
    """Run the text of a script: `script("vm list", region="x", options=Options(trace=True))`."""

    def run(text: str, options: Options | None = None, **given: str) -> Outcome:
        workspace.streams = Streams(stdin=io.StringIO(), out=io.StringIO(), err=io.StringIO())
        code = runner.run(Script(NAME, text), workspace, given, options)
        out, err = workspace.streams.out, workspace.streams.err
        return Outcome(code, written(out), written(err))

    return run


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Session]:
    """What the sandbox has now, not through the shell."""
    with Session(api_key=sandbox.api_key, base_url=sandbox.url) as session:
        yield session
