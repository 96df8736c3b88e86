"""What tests of the shell begin with: a sandbox, a workspace on it, and `run` for a command line."""

from __future__ import annotations

import io
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.shell.fake_provider import FakeProvider, fake_provider
from tests.shell.terminal import PROMPT, Terminal

from cudo_sandbox import Sandbox
from cudo_sdk import APIConfig, AsyncSession
from cudo_sdk.clock import Clock
from cudo_shell import dispatch
from cudo_shell.connection import Connection
from cudo_shell.settings import settings_from
from cudo_shell.streams import Streams
from cudo_shell.targets import Target
from cudo_shell.workspace import Workspace


class QuickClock(Clock):
    """Waits a hundredth of what it is asked to, for a sandbox that is a thousand times faster."""

    async def async_sleep(self, seconds: float) -> None:
        await super().async_sleep(seconds / 100)


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=1000, faults=True) as sandbox:
        yield sandbox


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[Connection]:
    def open_session(_: Target, connection: Connection) -> AsyncSession:
        config = APIConfig(api_key=sandbox.api_key, api_url=sandbox.url, environ={})
        return AsyncSession(
            config, hooks=connection.traffic.hooks(), clock=QuickClock(), approve=connection.approve
        )

    connection = Connection(open_session, Target("sandbox", "", "sandbox", "sandbox"))
    yield connection
    connection.close()


@pytest.fixture
def workspace(connection: Connection) -> Workspace:
    """A workspace without a terminal, in project demo."""
    return Workspace(
        settings=settings_from({"project": "demo"}, {}),
        streams=Streams(stdin=io.StringIO(), out=io.StringIO(), err=io.StringIO()),
        connection=connection,
        environ={},
    )


def with_streams(work: Workspace, stdin: str | io.StringIO = "", **changes: object) -> Workspace:
    """The same workspace with fresh streams, and whatever else is known of them."""
    typed = io.StringIO(stdin) if isinstance(stdin, str) else stdin
    fresh = Streams(stdin=typed, out=io.StringIO(), err=io.StringIO())
    copy = work.for_script()
    copy.settings = work.settings
    copy.streams = replace(fresh, **changes)  # type: ignore[arg-type]  # whatever a test wants to change
    return copy


def written(stream: object) -> str:
    """What was written to a stream of ours."""
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """Run a command line: `run("vm get web-1", stdin="y\\n", in_is_terminal=True)`."""

    def run(line: str, stdin: str | io.StringIO = "", **changes: object) -> Outcome:
        work = with_streams(workspace, stdin, **changes)
        code = dispatch.run(shlex.split(line), work)
        return Outcome(code, written(work.streams.out), written(work.streams.err))

    return run


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    """A login server that may be asked again at once."""
    monkeypatch.setattr("cudo_sdk.auth.device._SHORTEST_PAUSE", 0.02)
    with fake_provider() as provider:
        provider.device["interval"] = 0.02
        yield provider


@pytest.fixture
def shell_at(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Start the shell in a terminal, against a server; all that were started are closed at the end."""
    running = []

    def start(
        url: str,
        *,
        program: tuple[str, str] = ("-m", "cudo_shell"),
        rows: int = 30,
        columns: int = 100,
        **env: str,
    ) -> Terminal:
        terminal = Terminal(
            sys.executable,
            *program,
            rows=rows,
            columns=columns,
            HOME=str(tmp_path),
            CUDO_STATE_DIR=str(tmp_path / "state"),
            CUDO_API_URL=url,
            CUDO_API_KEY="sandbox-key",
            CUDO_PROJECT_ID="demo",
            **env,
        )
        running.append(terminal)
        terminal.wait(PROMPT)
        return terminal

    yield start
    for terminal in running:
        terminal.__exit__()
