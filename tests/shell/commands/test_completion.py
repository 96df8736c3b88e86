"""The scripts for Unix shells, and asking for the names that are kept for them."""

import io
import os
import shutil
import subprocess
import time
from collections.abc import Callable

import pytest

from cudo_completions.disk import Shelf
from cudo_completions.listing import Scope
from cudo_sandbox import Sandbox
from cudo_shell.argv_completion import answer
from cudo_shell.exits import ExitCode
from cudo_shell.kept import scope_of, shelf_of
from cudo_shell.main import main
from cudo_shell.workspace import Workspace


@pytest.fixture
def environ(sandbox: Sandbox) -> dict[str, str]:
    """The environment of somebody with a key."""
    ours = {"CUDO_API_KEY": sandbox.api_key, "CUDO_API_URL": sandbox.url, "CUDO_PROJECT_ID": "demo"}
    return {**os.environ, **ours}


@pytest.fixture
def cudo(environ: dict[str, str]) -> Callable[..., tuple[int, str, str]]:
    """Run the program as a shell does, in this process."""

    def cudo(*words: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        return main(words, io.StringIO(), out, err, environ), out.getvalue(), err.getvalue()

    return cudo


def offered(environ: dict[str, str], *words: str) -> list[str]:
    out = io.StringIO()
    answer(["fish", *words], out, {**environ, "CUDO_COMPLETION_LIVE": "no"})
    return [line.split("\t")[0] for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_one_that_its_shell_reads(shell: str, run):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")

    script = run(f"completion {shell}").out

    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "eval" not in script


def test_shell_that_there_is_no_script_for_is_refused(run):
    outcome = run("completion powershell")

    assert outcome.code == ExitCode.USAGE
    assert outcome.err == "completion: unknown verb 'powershell'\nOne of: bash, zsh, fish, refresh, clear\n"


def test_names_that_were_asked_for_are_offered(cudo, environ):
    code, out, err = cudo("completion", "refresh", "vms", "projects")

    assert (code, out) == (0, "")
    assert err == "VM: 5 names.\nProject: 2 names.\n"
    assert offered(environ, "vm", "get", "") == ["db-1", "render-1", "train-1", "web-1", "web-2"]
    assert "demo" in offered(environ, "-p", "")


def test_change_drops_the_names_of_its_kind(cudo, environ):
    cudo("completion", "refresh", "vms", "disks", "security_groups")

    code, _, err = cudo("security-group", "delete", "web", "--yes")

    assert (code, err) == (0, "Security group 'web' deleted.\n")
    assert offered(environ, "security-group", "get", "") == []
    assert offered(environ, "disk", "get", "data") == ["data-1", "data-2"]


def test_change_in_a_script_drops_the_names_of_its_kind(cudo, environ, tmp_path):
    cudo("completion", "refresh", "security_groups")
    file = tmp_path / "clean.cudo"
    file.write_text("security-group delete web --yes\n")

    assert cudo(str(file))[0] == 0

    assert offered(environ, "security-group", "get", "") == []


def test_failure_is_told_and_puts_the_next_one_off(cudo, environ, sandbox):
    sandbox.close()

    code, _, err = cudo("completion", "refresh", "vms", "--timeout", "5")

    assert code == ExitCode.UNAVAILABLE
    assert "127.0.0.1" in err
    assert not is_due(environ, "vms")


def test_refused_kind_does_not_keep_the_others_away(cudo, environ, sandbox):
    sandbox.add_fault(kind="status", match="GET */vms", status=403)

    code, _, _ = cudo("completion", "refresh", "vms", "disks")

    assert code == ExitCode.AUTH
    assert offered(environ, "vm", "get", "") == []
    assert "data-1" in offered(environ, "disk", "get", "")


def is_due(environ: dict[str, str], kind: str) -> bool:
    shelf, scope = place(environ)
    return shelf.is_due(kind, scope)


def place(environ: dict[str, str]) -> tuple[Shelf, Scope]:
    from cudo_shell.settings import settings_from
    from cudo_shell.targets import Choice, resolve, sources_from

    target = resolve(Choice(), sources_from(environ))
    settings = settings_from({}, environ)
    scope = scope_of(target, settings)
    assert scope is not None
    return shelf_of(settings), scope


def test_nobody_asks_while_another_does(cudo, environ):
    shelf, scope = place(environ)

    with shelf.turn("vms", scope):
        code, _, err = cudo("completion", "refresh", "vms")

    assert (code, err) == (0, "VM: another cudo asks for these names.\n")
    assert offered(environ, "vm", "get", "") == []


def test_change_meanwhile_has_them_asked_for_again(cudo, environ, monkeypatch):
    from cudo_completions.sources import SOURCES
    from cudo_shell.commands import completion

    shelf, scope = place(environ)
    asked = []

    async def vms(session, project):
        found = await SOURCES["vms"](session, project)
        asked.append(project)
        if len(asked) == 1:
            shelf.claim("vms", scope)
            shelf.forget(["vms"], scope)
            time.sleep(0.01)  # noqa: ASYNC251  # the file system's clock goes in steps
        return found

    monkeypatch.setattr(completion, "SOURCES", {"vms": vms})
    assert cudo("completion", "refresh", "vms")[0] == 0

    assert asked == ["demo", "demo"]
    assert "web-1" in offered(environ, "vm", "get", "")


def test_nobody_is_asked_without_a_credential(run, workspace: Workspace):
    from cudo_shell.targets import Target

    workspace.connection.switch(Target("live", "https://api.example", "none"))

    outcome = run("completion refresh vms")

    assert outcome.code == ExitCode.AUTH
    assert outcome.err.startswith("Not logged in")


def test_names_can_be_forgotten(cudo, environ):
    cudo("completion", "refresh", "vms")

    assert cudo("completion", "clear") == (0, "", "No names are kept.\n")

    assert offered(environ, "vm", "get", "") == []


def test_sandbox_is_asked_while_another_program_works_in_it(cudo, environ, tmp_path):
    file = tmp_path / "state" / "sandbox.db"
    with Sandbox(str(file)) as other:
        theirs = {**environ, "CUDO_API_URL": other.url, "CUDO_API_KEY": other.api_key}
        out = io.StringIO()
        for name in ("first", "second"):
            words = [
                "network",
                "create",
                name,
                "--data-center",
                "gb-bournemouth-1",
                "--ip-range",
                "10.9.0.0/24",
            ]
            assert main([*words, "--no-wait"], io.StringIO(), out, out, theirs) == 0, out.getvalue()
            assert cudo("--sandbox", "completion", "refresh", "networks")[0] == 0

    assert {"first", "second"} <= set(offered(environ, "--sandbox", "network", "get", ""))
