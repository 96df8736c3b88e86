"""Tab in real shells: what is put into the line arrives as one argument, whatever the API calls it."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.shell.terminal import Terminal

from cudo_completions.candidates import Candidate
from cudo_sandbox import Sandbox
from cudo_shell.kept import scope_of, shelf_of
from cudo_shell.settings import settings_from
from cudo_shell.targets import Choice, resolve, sources_from

SHELLS = {
    "bash": (("--norc", "--noprofile", "-i"), "source <(cudo completion bash)"),
    "zsh": (("-f", "-i"), "autoload -Uz compinit; compinit -D -u; source <(cudo completion zsh)"),
    "fish": (("--no-config", "-i"), "cudo completion fish | source"),
}
SHOW = {  # the program is replaced by what shows its arguments; completion asks the real one
    "bash": "cudo() { printf '<%s>' \"$@\"; echo; }",
    "zsh": "cudo() { printf '<%s>' \"$@\"; echo; }",
    "fish": "function cudo; printf '<%s>' $argv; echo; end",
}
HOSTILE = (
    "aa b",
    "bb'c",
    "cc$(touch pwned)",
    "dd`touch pwned`",
    'ee"f',
    "ff!!",
    "gg;touch pwned",
    "hh\\n",
    "ii${HOME}*",
    "jj>pwned",
)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """The name of a shell that is installed."""
    name: str = request.param
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    return name


def environ(sandbox: Sandbox, home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PS1": "ready> ",
        "CUDO_STATE_DIR": str(home / "state"),
        "CUDO_CONFIG_DIR": str(home / "config"),
        "CUDO_API_KEY": sandbox.api_key,
        "CUDO_API_URL": sandbox.url,
        "CUDO_PROJECT_ID": "demo",
    }


@pytest.fixture
def terminal(shell: str, sandbox: Sandbox, tmp_path: Path) -> Iterator[Terminal]:
    """A shell that knows how to complete cudo."""
    words, load = SHELLS[shell]
    with Terminal(shell, *words, rows=30, columns=150, **environ(sandbox, tmp_path)) as terminal:
        terminal.type(f"{load}; {SHOW[shell]}; echo loa''ded\r")
        terminal.wait("loaded")
        terminal.type("clear\r")
        terminal.wait(lambda it: "loaded" not in it.text)
        yield terminal


def keep(sandbox: Sandbox, home: Path, kind: str, *names: str) -> None:
    """Put a listing on the disk, as the one who asks does."""
    env = environ(sandbox, home)
    target, settings = resolve(Choice(), sources_from(env)), settings_from({}, env)
    scope = scope_of(target, settings)
    assert scope is not None
    shelf_of(settings).put(kind, scope, [Candidate(name, "ACTIVE") for name in names], began=time.time() - 60)


def test_document_tells_to_load_it_as_is_done_here():
    document = (Path(__file__).parents[2] / "docs" / "completion.md").read_text()

    for name in ("bash", "zsh"):
        _, load = SHELLS[name]
        assert f"```{name}\n{load.rpartition('; ')[2]}\n```" in document


def test_hostile_name_is_one_argument(terminal: Terminal, sandbox: Sandbox, tmp_path: Path):
    keep(sandbox, tmp_path, "vms", *HOSTILE)

    for name in HOSTILE:
        terminal.type(f"cudo vm get {name[:2]}\t\r")
        terminal.wait(f"<vm><get><{name}>")

    assert not Path("pwned").exists()


def test_name_behind_an_open_quote_is_one_argument(terminal: Terminal, sandbox: Sandbox, tmp_path: Path):
    keep(sandbox, tmp_path, "vms", *HOSTILE)

    for quote, name in (("'", "gg;touch pwned"), ('"', "cc$(touch pwned)")):
        terminal.type(f"cudo vm get {quote}{name[:2]}\t\r")
        terminal.wait(f"<vm><get><{name}>")

    assert not Path("pwned").exists()


def test_value_behind_an_equals_sign_is_completed(terminal: Terminal):
    terminal.type("OTHER=1 cudo vm list --output=ya\t\r")
    terminal.wait("<vm><list><--output=yaml>")

    terminal.type("cudo vm list --output=\t\t")  # bash lists at the second key
    terminal.wait("jsonl")


def test_file_behind_its_mark_is_completed(terminal: Terminal, tmp_path: Path):
    (tmp_path / "my key.txt").write_text("k")

    terminal.type("cudo --api-key @my\t\r")

    terminal.wait("<--api-key><@my key.txt>")


def test_directory_is_not_the_end_of_a_word(terminal: Terminal, tmp_path: Path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "deploy.cudo").write_text('param region = x "where"\n')

    terminal.type("cudo scr\tde\treg\ty\r")

    terminal.wait("<scripts/deploy.cudo><region=y>")


def test_names_that_nobody_had_asked_for_are_there_at_the_next_key(terminal: Terminal):
    """The first key finds nothing and waits for nobody; one in the background asks the API."""
    until = time.monotonic() + 20
    while "<train-1>" not in terminal.text:
        assert time.monotonic() < until, terminal.text
        terminal.type("clear; cudo vm get tr\t\r")
        terminal.wait("<vm><get>")
        terminal.settle(0.3)

    assert not os.path.lexists("pwned")
