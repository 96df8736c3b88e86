"""`cudo --locked`: each way out is refused with exit 8 and a sentence, and none is left unwatched."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.shell.terminal import Terminal, line_of, run

from cudo_sandbox import Sandbox
from cudo_shell.exits import ExitCode, RefusedError, UsageError
from cudo_shell.grammars import kinds_for
from cudo_shell.locked import OPEN, Lock, lock_from

SHELL = Path(__file__).parents[2] / "shell" / "cudo_shell"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "deep").mkdir()
    (inside / "deep" / "note.txt").write_text("hello")
    (tmp_path / "outside.txt").write_text("no business of yours")
    return inside


@pytest.fixture
def lock(folder: Path) -> Lock:
    return lock_from(is_wanted=True, folder=str(folder), environ={})


# Files


def test_file_of_the_folder_is_read(lock: Lock, folder: Path):
    assert lock.read(f"{folder}/deep/note.txt") == b"hello"
    (folder / "link").symlink_to("deep/note.txt")
    assert lock.read(f"{folder}/link") == b"hello"


@pytest.mark.parametrize(
    "name", ["{0}/../outside.txt", "/etc/hostname", "{0}/../no-such-file", "~/x", "{0}/..", "/", "/dev/stdin"]
)
def test_file_elsewhere_is_refused_whether_it_is_there_or_not(lock: Lock, folder: Path, name: str):
    name = name.format(folder)
    with pytest.raises(RefusedError) as refused:
        lock.read(name)
    assert str(refused.value) == f"This shell is locked: '{name}' is outside of {folder}."


def test_link_cannot_leave_the_folder(lock: Lock, folder: Path):
    (folder / "file").symlink_to(folder.parent / "outside.txt")
    (folder / "up").symlink_to(folder.parent)
    for name in ("file", "up/outside.txt"):
        with pytest.raises(RefusedError):
            lock.read(f"{folder}/{name}")


def test_link_to_itself_leads_nowhere(lock: Lock, folder: Path):
    (folder / "round").symlink_to("round")
    with pytest.raises((RefusedError, OSError)):  # from Python 3.13 on, it is the system that says so
        lock.read(f"{folder}/round")


@pytest.mark.parametrize("use", [Lock.read, Lock.opened_to_add], ids=["read", "write"])
def test_folder_that_becomes_a_link_after_the_look_is_not_followed(
    use: Callable[[Lock, str], object], lock: Lock, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    (folder.parent / "note.txt").write_text("elsewhere")
    looked = Lock.reached

    def reached(self: Lock, name: str) -> Path:
        real = looked(self, name)
        (folder / "deep" / "note.txt").unlink()
        (folder / "deep").rmdir()
        (folder / "deep").symlink_to(folder.parent)
        return real

    monkeypatch.setattr(Lock, "reached", reached)
    with pytest.raises(OSError, match=r"symbolic|directory"):
        use(lock, f"{folder}/deep/note.txt")


def test_new_file_of_the_folder_is_its_owners_alone(lock: Lock, folder: Path):
    for each in (lock, OPEN):
        name = folder / "deep" / f"{each.is_on}.jsonl"
        os.close(each.opened_to_add(str(name)))
        assert stat.S_IMODE(name.stat().st_mode) == 0o600


def test_folder_itself_is_no_file_to_write(lock: Lock, folder: Path):
    for each in (lock, OPEN):
        with pytest.raises(IsADirectoryError):
            each.opened_to_add(str(folder))


def test_pipe_in_the_folder_is_refused_and_holds_nobody_up(lock: Lock, folder: Path):
    os.mkfifo(folder / "pipe")
    with pytest.raises(RefusedError, match="no plain file"):
        lock.read(f"{folder}/pipe")


def test_lock_without_a_folder_reads_no_files(folder: Path):
    with pytest.raises(RefusedError, match="it reads no files"):
        Lock(is_on=True).read(f"{folder}/deep/note.txt")


def test_no_lock_refuses_nothing(folder: Path):
    OPEN.refuse("this")
    assert OPEN.read(f"{folder}/../outside.txt") == b"no business of yours"


def test_only_names_within_reach_are_offered(lock: Lock, folder: Path):
    for metavar, inside in kinds_for(lock).items():
        mark = "@" if "@" in metavar else ""
        assert [each.text for each in inside(f"{mark}{folder}/deep/").choices] == ["note.txt"]
        for name in ("/etc/", f"{folder}/../", "~/"):
            assert [each.text for each in inside(f"{mark}{name}").choices] == []


# How it is asked for


@pytest.mark.parametrize("value", ["1", "yes", "TRUE", "on", "what"])
def test_variable_locks_with_any_value_that_is_no_no(value: str):
    assert lock_from(is_wanted=False, folder=None, environ={"CUDO_LOCKED": value}).is_on


@pytest.mark.parametrize("value", ["", "0", "no", "False"])
def test_variable_with_a_no_does_not_lock(value: str):
    assert not lock_from(is_wanted=False, folder=None, environ={"CUDO_LOCKED": value}).is_on


def test_words_cannot_widen_the_lock_of_the_environment(folder: Path):
    environ = {"CUDO_LOCKED": "1", "CUDO_LOCKED_FOLDER": str(folder)}
    assert lock_from(is_wanted=True, folder=None, environ=environ).folder == folder
    with pytest.raises(RefusedError):
        lock_from(is_wanted=True, folder="/", environ=environ)


@pytest.mark.parametrize(
    ("is_wanted", "name"), [(False, "."), (True, "no-such-folder"), (True, "~nobody-at-all")]
)
def test_folder_that_means_nothing_is_refused(is_wanted: bool, name: str):
    with pytest.raises(UsageError):
        lock_from(is_wanted=is_wanted, folder=name, environ={})


# The ways out, through the program


def cudo(*words: str, cwd: Path, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    homes = {name: str(cwd / "home") for name in ("CUDO_STATE_DIR", "CUDO_CONFIG_DIR", "HOME")}
    return subprocess.run(
        [sys.executable, "-m", "cudo_shell", "--sandbox", *words],
        env={**os.environ, **homes, **env},
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


WAYS_OUT = {
    "a file as a value": ("ssh-key", "create", "@../outside.txt"),
    "a secret of a file": ("vm", "set-password", "web-1", "@../outside.txt"),
    "a script": ("../outside.cudo",),
    "certificates": ("context", "create", "dev", "--ca-bundle", "/etc/hosts"),
    "a command store": ("context", "create", "dev", "--store", "command", "--store-command", "/bin/id"),
    "a store of commands": ("context", "create", "dev", "--store", "command"),
    "a command alone": ("context", "create", "dev", "--store-command", "/bin/id"),
}


@pytest.mark.parametrize("words", WAYS_OUT.values(), ids=WAYS_OUT)
def test_way_out_is_refused_with_a_sentence(words, folder: Path):
    (folder.parent / "outside.cudo").write_text("gpu list\n")
    done = cudo("--locked", "--folder", ".", *words, cwd=folder)
    assert (done.returncode, done.stdout) == (ExitCode.REFUSED, ""), done
    assert done.stderr.startswith("This shell is locked: "), done


def test_key_of_a_file_elsewhere_is_refused(folder: Path):
    done = cudo("--locked", "--api-key", "@../outside.txt", "gpu", "list", cwd=folder)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        ExitCode.REFUSED,
        "This shell is locked: it reads no files.",
    )


def test_locked_script_of_the_folder_runs_and_cannot_lead_out(folder: Path):
    (folder / "work.cudo").write_text("gpu list -o ids\nssh-key create @/etc/hostname\n")
    done = cudo("work.cudo", cwd=folder, CUDO_LOCKED="1", CUDO_LOCKED_FOLDER=str(folder))
    assert done.returncode == ExitCode.REFUSED
    assert done.stdout
    assert f"'/etc/hostname' is outside of {folder}" in done.stderr


def test_update_of_a_context_is_watched_too(folder: Path):
    assert cudo("context", "create", "dev", cwd=folder).returncode == 0
    done = cudo("--locked", "context", "update", "dev", "--store-command", "/bin/id", cwd=folder)
    assert done.returncode == ExitCode.REFUSED


def test_pager_that_is_not_used_is_said(folder: Path):
    done = cudo("--locked", "gpu", "list", cwd=folder, CUDO_PAGER="sh -c id", PAGER="")
    assert done.stderr == "This shell is locked: CUDO_PAGER is not used.\n"


# At the prompt


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def prompt(folder: Path, sandbox: Sandbox, shell_at) -> Terminal:
    lock = {"CUDO_LOCKED": "1", "CUDO_LOCKED_FOLDER": str(folder)}
    terminal: Terminal = shell_at(sandbox.url, **lock)
    return terminal


@pytest.mark.parametrize("line", ["gpu list | id > ../made", "gpu list > made", "gpu list >> made"])
def test_pipe_and_redirection_are_refused_at_the_prompt(line: str, prompt: Terminal, folder: Path):
    run(prompt, line)
    sign = line.split()[2]
    assert f"This shell is locked: '{sign}' leads into a program or a file." in prompt.text
    assert "H100" not in prompt.text
    assert list(folder.parent.rglob("made")) == []
    prompt.type("exit\r")
    assert prompt.exit_status() == ExitCode.REFUSED


@pytest.mark.parametrize(
    "line", ["!id", "shell id", "edit x", "run_script x", "run_pyscript x", "py", "alias"]
)
def test_words_that_lead_out_of_other_prompts_are_no_commands(line: str, prompt: Terminal):
    prompt.type(f"{line}\r")
    prompt.wait("There is no command")
    assert "uid=" not in prompt.text


def test_file_elsewhere_is_refused_at_the_prompt_and_not_offered(prompt: Terminal, folder: Path):
    run(prompt, "ssh-key create @/etc/hostname")
    assert f"'/etc/hostname' is outside of {folder}" in "".join(prompt.lines)
    prompt.type("ssh-key create @/etc/host\t")
    prompt.settle()
    assert line_of(prompt) == "ssh-key create @/etc/host"
    assert "host.conf" not in prompt.text
    prompt.type(f"\x15ssh-key create @{folder}/deep/\t")
    prompt.wait("note.txt")


def test_stop_key_does_not_stop_a_locked_shell(prompt: Terminal):
    prompt.type("\x1a")
    run(prompt, "\x15gpu list -o ids")
    assert Path(f"/proc/{prompt.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T"


# Nothing else opens files

OPENERS = frozenset({"open", "fdopen", "read_bytes", "read_text", "write_bytes", "write_text", "scandir"})
STARTERS = frozenset({"Popen", "run", "call", "check_output", "system", "execv", "execvp", "startfile"})
OURS = {  # files that nobody names at the prompt, programs that a lock keeps from starting
    "argv_completion.py": "our own program, with the same lock",
    "history.py": "our own history",
    "kept.py": "the records of our own logins",
    "locked.py": "the one place",
    "login.py": "the browser, which a locked shell does not offer",
    "main.py": "the standard streams, and the state of the sandbox",
    "output/pager.py": "the pager, which a locked shell does not use",
    "private_files.py": "settings, and recordings that were begun within reach",
    "scripts/recorder.py": "a new file within reach, never one that is there already",
    "yaml_files.py": "our own settings, and cudoctl's",
}


def opened_in(tree: ast.AST) -> set[str]:
    """The names by which a module opens files or starts programs."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name("open"):
                found.add("open")
            case ast.Attribute(ast.Name("lock" | "asking" | "work"), _):
                continue
            case ast.Attribute(ast.Attribute(_, "lock"), _):
                continue
            case ast.Attribute(_, name) if name in OPENERS:
                found.add(name)
            case ast.Attribute(ast.Name("subprocess" | "os"), name) if name in STARTERS:
                found.add(name)
    return found


def test_no_other_place_opens_what_a_person_names():
    places = {
        str(path.relative_to(SHELL)): opened
        for path in SHELL.rglob("*.py")
        if (opened := opened_in(ast.parse(path.read_text())))
    }
    assert set(places) == set(OURS), {name: places[name] for name in set(places) - set(OURS)}
