"""Scripts whose surroundings fail: servers, signals, disks, readers, files; and what is cleaned up then."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.shell.conftest import Outcome
from tests.shell.scripts.conftest import NAME

from cudo_sandbox import Sandbox
from cudo_sdk import APIConfig, AsyncSession, Session
from cudo_sdk.request import Request
from cudo_sdk.transport import AsyncTransport
from cudo_shell.connection import Connection
from cudo_shell.contexts import Context, Contexts, config_file
from cudo_shell.exits import ExitCode, RefusedError
from cudo_shell.locked import Lock
from cudo_shell.main import main
from cudo_shell.scripts import runner
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.options import Options
from cudo_shell.settings import settings_from
from cudo_shell.streams import Streams
from cudo_shell.targets import Target
from cudo_shell.workspace import Workspace

EXAMPLES = Path(__file__).parents[3] / "examples"
DISK = "disk create tmp-1 --data-center no-luster-1 --size 10"
CLEAN = "defer disk delete tmp-1 --if-exists --yes"
TRACE = Options(trace=True)


class Trigger(io.StringIO):
    """A stderr that does something as soon as a text was written, each once."""

    def __init__(self, acts: dict[str, Callable[[], object]]) -> None:
        super().__init__()
        self.acts = acts

    def write(self, text: str) -> int:
        written = super().write(text)
        for each in [each for each in self.acts if each in self.getvalue()]:
            self.acts.pop(each)()
        return written


def run_with(work: Workspace, text: str, err: io.StringIO, options: Options = TRACE, **given: str) -> Outcome:
    out = io.StringIO()
    work.streams = Streams(stdin=None, out=out, err=err)
    code = runner.run(Script(NAME, text), work, given, options)
    return Outcome(code, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """Whoever runs tests in the background of a shell has Ctrl-C ignored, and that is inherited."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def kill(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


def disks(api: Session, project: str = "demo") -> set[str]:
    return {str(disk.id) for disk in api.disks.list_disks(project)}


# The server


@pytest.mark.parametrize("how", ["closed", "drops"])
def test_server_that_dies_in_the_middle_ends_the_script_and_what_is_left_is_told(how, workspace, sandbox):
    def die() -> None:
        if how == "closed":
            sandbox.close()
        else:
            sandbox.add_fault(kind="drop", match="*", times=0)

    text = f"{CLEAN}\n{DISK} --no-wait\ndefer echo first\nvm count\nvm count\n"

    ran = run_with(workspace, text, Trigger({"vm count": die}))

    assert (ran.code, ran.out.splitlines()[-1]) == (ExitCode.UNAVAILABLE, "first")
    assert "tour.cudo:4: vm count (exit code 9)\n" in ran.err
    assert "tour.cudo:5" not in ran.err
    assert f"tour.cudo:1: {CLEAN} (exit code 9)\n" in ran.err
    assert ran.err.endswith(
        "Left behind:\n  Disk 'tmp-1' in project 'demo' may still be there."
        " To end it: disk delete tmp-1 -p demo --yes\n"
    )


def test_server_that_is_back_for_the_clean_up_is_asked_again(workspace, sandbox, api):
    sandbox.add_fault(kind="status", match="DELETE *", status=409, times=1)
    text = f"defer retry 3 every 0.1s disk delete tmp-1 --yes\n{DISK}\nexit 3\n"

    ran = run_with(workspace, text, io.StringIO())

    assert ran.code == 3
    assert "tmp-1" not in disks(api)
    assert "Left behind" not in ran.err


# Signals


SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@SIGNALS
@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("try vm get web-1 -q", "+ tour.cudo:3: vm get web-1 -q"),
        ("retry 9 every 30s vm get web-9", "the next one in 30 s"),
        ("try retry 9 every 30s let x = vm get web-9", "the next one in 30 s"),
        ("for x in a b\ntimeout 1m\ntry vm wait web-2 --state ACTIVE\nend\nend", "STOPPED"),
        ("vm wait web-2 --state ACTIVE", "STOPPED"),
    ],
)
def test_signal_is_no_failure_that_a_modifier_could_swallow(number, code, line, word, workspace, api):
    err = Trigger({word: kill(number)})

    ran = run_with(workspace, f"{CLEAN}\n{DISK} --no-wait -q\n{line}\necho went on\n", err)

    assert (ran.code, ran.out) == (code, "")
    assert "tmp-1" not in disks(api)


@SIGNALS
def test_signal_is_not_the_failure_that_was_to_come(number, code, workspace, api, monkeypatch):
    once = AsyncTransport._once

    async def interrupting(self: AsyncTransport, request: Request, *rest: Any) -> Any:
        if request.path.filled.endswith("web-9"):
            kill(number)()
        return await once(self, request, *rest)

    monkeypatch.setattr(AsyncTransport, "_once", interrupting)

    ran = run_with(workspace, f"{CLEAN}\n{DISK} -q\n! vm get web-9\necho went on\n", io.StringIO())

    assert (ran.code, ran.out) == (code, "tmp-1\n")
    assert "tmp-1" not in disks(api)


def test_second_ctrl_c_while_the_first_is_told_still_leads_to_the_clean_up(workspace, api):
    err = Trigger({"STOPPED": kill(signal.SIGINT), "Cleaning up": kill(signal.SIGINT)})

    ran = run_with(workspace, f"{CLEAN}\n{DISK} -q\nvm wait web-2 --state ACTIVE\n", err)

    assert ran.code == 130
    assert "tmp-1" not in disks(api)


def test_second_ctrl_c_gives_up_one_clean_up_and_not_the_others(workspace, api):
    text = f"{CLEAN}\n{DISK} -q\ndefer vm wait web-2 --state ACTIVE\nvm wait web-1 --state STOPPED\n"
    err = Trigger({"VM 'web-1': ACTIVE": kill(signal.SIGINT), "VM 'web-2': STOPPED": kill(signal.SIGINT)})

    ran = run_with(workspace, text, err)

    assert ran.code == 130
    assert "tour.cudo:3: defer vm wait web-2 --state ACTIVE (exit code 130)\n" in ran.err
    assert "tmp-1" not in disks(api)


class Swallowing(io.StringIO):
    """A stdout that keeps an interruption to itself, as Python does with one in a destructor."""

    def write(self, text: str) -> int:
        try:
            if text == "one\n":
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(0)
        except KeyboardInterrupt:
            pass
        return super().write(text)


def test_signal_that_python_has_swallowed_ends_the_script_before_its_next_line(workspace, api):
    out, err = Swallowing(), io.StringIO()
    workspace.streams = Streams(stdin=None, out=out, err=err)
    text = f"{CLEAN}\n{DISK} --no-wait -q\ntry vm count\necho one\necho two\n"

    code = runner.run(Script(NAME, text), workspace)

    assert (code, out.getvalue()) == (ExitCode.TERMINATED, "count  5\none\n")
    assert "Terminated.\ntour.cudo:5: echo two (exit code 143)\n" in err.getvalue()
    assert "tmp-1" not in disks(api)


def test_timeout_ends_a_verb_on_several_things(workspace, sandbox):
    sandbox.add_fault(kind="latency", match="POST */stop", latency_ms=60_000, times=0)
    began = time.monotonic()

    ran = run_with(workspace, "timeout 0.5s\nvm stop web-1 db-1 --yes\nend\necho never\n", io.StringIO())

    assert (ran.code, ran.out) == (ExitCode.TIMEOUT, "")
    assert "Retry: vm stop --yes web-1 db-1\n" in ran.err
    assert time.monotonic() - began < 20


def test_timeout_in_a_loop_counts_anew_each_time(script):
    text = "for x in a b c\ntimeout 0.6s\nsleep 0.4s\nend\nend\necho done\n"
    assert script(text).out == "done\n"


def test_inner_timeout_does_not_stop_the_clock_of_the_outer_one(script):
    ran = script("timeout 0.6s\ntimeout 0.5s\necho in\nend\nsleep 30s\nend\n")
    assert (ran.code, "tour.cudo:1: timeout 0.6s (exit code 6)" in ran.err) == (ExitCode.TIMEOUT, True)


def test_outer_timeout_ends_the_inner_block_and_is_told_once(script):
    ran = script("timeout 0.4s\ntimeout 9s\nsleep 30s\nend\nend\n", options=Options(keep_going=True))
    assert (ran.code, ran.err) == (
        ExitCode.TIMEOUT,
        "The 0.4s of this block are over.\ntour.cudo:1: timeout 0.4s (exit code 6)\n",
    )


def test_end_of_a_block_that_comes_with_the_end_of_its_time_is_one_or_the_other(script):
    body = "let x = 'a'\n" * 60
    for number in range(40):
        seconds = 0.0035 + number * 0.00002  # near the limit, on either side of it
        ran = script(
            f"timeout 0.004s\n{body}sleep {seconds:.6f}s\nend\necho after\n", options=Options(keep_going=True)
        )
        assert (ran.code in {0, 6}, ran.out) == (True, "after\n"), ran.err


def test_signal_in_a_sourced_file_names_its_line(script, tmp_path, workspace):
    (tmp_path / "slow.cudo").write_text("# one\n# two\necho begun\nsleep 20s\n")
    when = threading.Timer(1, os.kill, [os.getpid(), signal.SIGTERM])
    when.start()
    ran = script("echo main\nsource slow.cudo\n")
    when.join()
    assert (ran.code, ran.err) == (143, "Terminated.\nslow.cudo:4: sleep 20s (exit code 143)\n")


def test_timeout_that_is_over_does_not_cut_off_what_comes_behind_it(script):
    ran = script("timeout 0.3s\nsleep 9s\nend\nvm count\n", options=Options(keep_going=True))
    assert (ran.code, ran.out) == (ExitCode.TIMEOUT, "count  5\n")


# Where things are


def test_deferred_command_acts_in_the_project_of_its_moment(script, api):
    text = f"{CLEAN}\n{DISK} -q\nproject use research\n{DISK} -q\n"

    ran = script(text)

    assert ran.code == 0, ran.err
    assert "tmp-1" not in disks(api)
    assert "tmp-1" in disks(api, "research")


def test_deferred_command_without_a_project_does_not_get_that_of_a_later_line(workspace, api):
    workspace.settings = settings_from({}, {})
    text = "defer disk delete tmp-1 --yes\nproject use demo\n" + DISK + " -q\n"

    ran = run_with(workspace, text, io.StringIO())

    assert (ran.code, "No project is chosen." in ran.err) == (ExitCode.USAGE, True)
    assert "tmp-1" in disks(api)


def test_project_that_a_deferred_command_names_is_its_own(script, api):
    text = f"defer disk delete tmp-1 --yes -p research\nproject use research\n{DISK} -q\nproject use demo\n"
    assert script(text).code == 0
    assert "tmp-1" not in disks(api, "research")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Workspace, dict[str, Session]]]:
    """A workspace in context one, with another sandbox in context two, which is protected."""
    with ExitStack() as stack:
        boxes = {name: stack.enter_context(Sandbox(speed=1000, faults=True)) for name in ("one", "two")}
        contexts = Contexts()
        for name, box in boxes.items():
            contexts = contexts.with_(Context(name, box.url, project="demo", protected=name == "two"))
        environ = {"CUDO_CONFIG_DIR": str(tmp_path)}
        contexts.using("one").save(config_file(environ))

        def open_session(target: Target, connection: Connection) -> AsyncSession:
            config = APIConfig(api_key=boxes[target.name].api_key, api_url=target.api_url, environ={})
            return AsyncSession(config, hooks=connection.traffic.hooks(), approve=connection.approve)

        connection = Connection(open_session, Target("none", "", "none"))
        stack.callback(connection.close)
        work = Workspace(
            settings=settings_from({}, environ),
            streams=Streams(stdin=None, out=io.StringIO(), err=io.StringIO()),
            connection=connection,
            environ=environ,
        )
        work.retarget(work.target.choice._replace(current="one"))
        sessions = {
            name: stack.enter_context(Session(api_key=box.api_key, base_url=box.url))
            for name, box in boxes.items()
        }
        yield work, sessions


def test_deferred_command_acts_in_the_context_of_its_moment(two):
    work, apis = two
    for api in apis.values():
        api.disks.create_disk("demo", "tmp-1", data_center_id="no-luster-1", size_gib=10)

    ran = run_with(work, f"{CLEAN}\ncontext use two\nproject use research\nvm count\n", io.StringIO())

    assert (ran.code, ran.out) == (0, "count  3\n"), ran.err
    assert ("tmp-1" in disks(apis["one"]), "tmp-1" in disks(apis["two"])) == (False, True)
    assert (work.context, work.settings["project"]) == (
        "two",
        "research",
    )  # where the script has gone to, as at the prompt


def test_clean_up_in_a_context_that_is_gone_is_not_done_elsewhere(two, tmp_path):
    work, apis = two
    for api in apis.values():
        api.disks.create_disk("demo", "tmp-1", data_center_id="no-luster-1", size_gib=10)
    text = f"{CLEAN}\ncontext use two\ncontext delete one --yes\n"

    ran = run_with(work, text, io.StringIO())

    assert ran.code != 0
    assert "tmp-1" in disks(apis["one"])
    assert "tmp-1" in disks(apis["two"])


def test_protected_context_wants_its_name_of_the_program_and_takes_no_yes(two):
    work, apis = two
    text = f"context use two\n{CLEAN}\n{DISK} -q\nexit 3\n"

    refused = run_with(work, text, io.StringIO(), Options(yes=True))
    assert (refused.code, "tmp-1" in disks(apis["two"])) == (ExitCode.REFUSED, False)
    work.settings = work.settings.with_flags({"confirm_context": "two"})
    done = run_with(work, text, io.StringIO(), Options(yes=True))

    assert done.code == 3, done.err
    assert "tmp-1" not in disks(apis["two"])


# Streams and files


class Broken(io.StringIO):
    """A stream that nobody reads any more, from a moment on."""

    def __init__(self, error: type[OSError], after: str = "") -> None:
        super().__init__()
        self.error, self.after = error, after

    def write(self, text: str) -> int:
        if self.after in self.getvalue():
            raise self.error
        return super().write(text)

    def flush(self) -> None:
        if self.after in self.getvalue():
            raise self.error


@pytest.mark.parametrize(
    ("error", "code"), [(BrokenPipeError, ExitCode.CLOSED_PIPE), (OSError, ExitCode.FAILURE)]
)
@pytest.mark.parametrize("after", ["", "READY", "created."])
def test_stderr_that_is_gone_does_not_keep_the_clean_up_from_being_done(error, code, after, workspace, api):
    ran = run_with(workspace, f"{CLEAN}\n{DISK} -q\nvm get web-9\n", Broken(error, after))

    assert ran.code == code
    assert "tmp-1" not in disks(api)


@pytest.mark.parametrize("error", [BrokenPipeError, OSError])
def test_stderr_that_is_found_gone_by_the_clean_up_does_not_keep_it_from_being_done(error, workspace, api):
    ran = run_with(workspace, "defer disk delete data-2 --yes\necho done\n", Broken(error))

    assert (ran.code, ran.out) == (0, "done\n")
    assert "data-2" not in disks(api)


def test_defect_in_a_line_does_not_keep_the_clean_up_from_being_done(workspace, api, monkeypatch):
    def broken(_seconds: float) -> None:
        raise LookupError("a defect")

    monkeypatch.setattr(time, "sleep", broken)

    ran = run_with(workspace, f"{CLEAN}\n{DISK} -q --no-wait\nsleep 1s\n", io.StringIO())

    assert ran.code == ExitCode.FAILURE
    assert "A defect of cudo: LookupError: a defect\n" in ran.err
    assert "tour.cudo:3: sleep 1s (exit code 1)\n" in ran.err
    assert "tmp-1" not in disks(api)


def test_full_disk_of_the_report_is_told_once_and_the_clean_up_is_done(workspace, api):
    options = Options(report="/dev/full")

    ran = run_with(workspace, f"{CLEAN}\n{DISK} -q\nvm count\nexit 3\n", io.StringIO(), options)

    assert ran.code == 3
    assert ran.err.count("The report '/dev/full' ends here: No space left on device.") == 1
    assert "tmp-1" not in disks(api)


Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(sandbox: Sandbox, tmp_path: Path) -> Say:
    """Run the program in this process: exit code, stdout, stderr."""
    env = {"CUDO_API_KEY": sandbox.api_key, "CUDO_API_URL": sandbox.url, "CUDO_PROJECT_ID": "demo"}

    def say(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        code = main(words, io.TextIOWrapper(io.BytesIO(stdin)), out, err, env)
        return int(code), out.getvalue(), err.getvalue()

    return say


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("way", ["file", "stdin", "source"])
def test_script_runs_whatever_its_line_ends_are(way, end, start, say, tmp_path):
    lines = [
        b"#!/usr/bin/env cudo",
        b"let x = 'a b'",
        b"if ${x} # ?",
        b"  echo one \\",
        b"  ${x}",
        b"end",
        b"",
    ]
    (tmp_path / "x.cudo").write_bytes(start + end.join(lines))
    words = {"file": ["x.cudo"], "stdin": ["-"], "source": ["-e", "source x.cudo"]}[way]

    assert say(*words, stdin=start + end.join(lines)) == (0, "one a b\n", "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"vm count\necho \xff\n", "x.cudo:2: this is not UTF-8 text."),
        (b"vm count\necho a\0b\n", "x.cudo:2: a NUL byte: this is no script."),
        ("vm count\n".encode("utf-16"), "x.cudo:1: this is not UTF-8 text."),
    ],
    ids=["UTF-8", "NUL", "UTF-16"],
)
def test_file_that_is_no_text_is_refused_with_its_line(content, message, say, tmp_path):
    (tmp_path / "x.cudo").write_bytes(content)

    assert say("x.cudo") == (2, "", f"{message}\n")
    assert say("-e", "source x.cudo")[2].startswith(f"<line>:1: {message}\n")


def test_directory_is_no_script(say, tmp_path):
    (tmp_path / "x.cudo").mkdir()
    assert say("x.cudo") == (2, "", "'x.cudo' is a directory, not a script.\n")


def test_script_may_come_out_of_a_pipe_with_a_name(say, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=("vm count\n",))
    writer.start()

    assert say("./pipe") == (0, "count  5\n", "")
    writer.join()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_script_that_may_not_be_read_is_refused(say, tmp_path):
    (tmp_path / "x.cudo").write_text("vm count\n")
    (tmp_path / "x.cudo").chmod(0o200)
    assert say("x.cudo") == (2, "", "Cannot read 'x.cudo': Permission denied.\n")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"a.cudo": "source b.cudo\n", "b.cudo": "source a.cudo\n"}, ["a.cudo"]),
        ({"a.cudo": "source ./a.cudo\n"}, ["a.cudo"]),
        ({"a.cudo": "let n = 'a.cudo'\nsource ${n}\n"}, ["a.cudo"]),
        (
            {"a.cudo": "let n = 'b.cudo'\nsource ${n}\n", "b.cudo": "try source a.cudo\nsource a.cudo\n"},
            ["a.cudo"],
        ),
    ],
)
def test_files_that_source_each_other_end_with_2(files, words, say, tmp_path):
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    code, out, err = say(*words)

    assert (code, out) == (2, "")
    assert "a.cudo' is running already: it would source itself." in err


# Size and depth


def test_script_of_ten_thousand_lines_runs(script):
    ran = script("".join(f"echo {number}\n" for number in range(10_000)))
    assert (ran.code, ran.out.count("\n")) == (0, 10_000)


def test_line_of_a_megabyte_is_one_word(script):
    ran = script(f"let x = '{'x' * 1_000_000}'\necho ${{x}}\n")
    assert (ran.code, len(ran.out)) == (0, 1_000_001)


def test_blocks_may_be_a_hundred_deep(script):
    for head in ("for a in x", "if ${`1`}", "timeout 1h"):
        assert script(f"{head}\n" * 100 + "echo in\n" + "end\n" * 100).out == "in\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("for a in x\n" * 300 + "echo in\n" + "end\n" * 300, 101),
        ("if ${`1`}\n" * 5000 + "end\n" * 5000, 101),
        ("if ${`1`}\n" + "else if ${`1`}\n" * 300 + "else\nend\n", 102),
    ],
)
def test_blocks_that_are_too_deep_are_one_clear_error(text, line, script):
    ran = script(f"{text}vm count\n")
    assert (ran.code, ran.out) == (2, "")
    assert f"tour.cudo:{line}: The blocks are nested too deep: 100 at most.\n" in ran.err
    assert ran.err.endswith("tour.cudo: 1 error.\n")


@pytest.mark.parametrize(
    "line",
    [
        "try " * 5000 + "vm count",
        "echo ${" + "(" * 5000 + "x" + ")" * 5000 + "}",
        "echo ${" + "[" * 5000 + "x" + "]" * 5000 + "}",
        "echo ${x" + " | @" * 5000 + "}",
        "echo ${" + "!" * 5000 + "x}",
    ],
    ids=["try", "parentheses", "lists", "pipes", "not"],
)
def test_line_that_nests_too_deep_is_an_error_and_no_trace(line, script):
    ran = script(f"let x = 'a'\n{line}\n")
    assert ran.code == 2
    assert "tour.cudo:2" in ran.err
    assert "defect" not in ran.err


# Expressions in odd places


@pytest.mark.parametrize(
    "text",
    [
        "${x} list",
        "vm${x} list",
        "let ${x} = a",
        "for ${x} in a\nend",
        "param ${x}",
        "param p = ${x}",
        "echo ${}",
        "echo ${ }",
        "echo ${x",
        'echo "${x"',
        "echo ${x}}${",
        "echo ${'}",
        "echo ${&x}",
        "echo ${x(}",
        "echo ${nothing(x)}",
        "let status = 'x'",
        "let x",
        "let x = try vm count",
        "if x\nend",
        'if "${x}"\nend',
        "assert ${x} ${y}",
        "defer let y = vm list",
        "defer try let y = vm list",
        "defer try source a.cudo",
        "defer exit 0",
        "! exit 3",
        "! echo x",
        "try exit",
        "retry 0 every 1s vm count",
        "retry 2 every soon vm count",
        "exit 256",
        "exit -1",
        "sleep -1s",
    ],
)
def test_line_that_makes_no_sense_is_found_before_anything_runs(text, script):
    ran = script(f"echo ran\nlet x = 'a'\n{text}\n")
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert ran.err.startswith("tour.cudo:3: ")


@pytest.mark.parametrize("name", ["let", "for", "in", "if", "end", "else", "try", "echo", "vm", "_", "every"])
def test_variable_may_be_called_like_a_word_of_the_language(name, script):
    text = f"let {name} = 'a'\nfor {name} in ${{{name}}} b\necho ${{{name}}}\nend\n"
    assert script(text).out == "a\nb\n"


@pytest.mark.parametrize(
    "expression", ["ceil(to_number('1e999'))", "abs('x')", "sum(`[1, null]`)", 'sort(`[1, "a"]`)']
)
def test_expression_that_cannot_be_worked_out_is_an_error_of_its_line(expression, script):
    ran = script(f"defer echo cleaned\nlet x = 'a'\ntry vm get web-9\necho ${{{expression}}}\n")
    assert (ran.code, ran.out) == (2, "cleaned\n")
    assert "cannot be worked out" in ran.err


def test_comment_does_not_swallow_the_next_line(script):
    assert script("echo a # C:\\\necho b\n# c \\\necho c\necho d\\\\\necho e\n").out == "a\nb\nc\nd\\\ne\n"


# How scripts end


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("try vm get web-9\nexit 0", 0),
        ("try vm get web-9\nexit", 0),
        ("try vm get web-9", 0),
        ("try vm get web-9\nexit ${status}", 4),
        ("try vm get web-9\nvm count\nexit ${status}", 0),
        ("! vm get web-9\nexit ${status}", 4),
        ("exit ${status}", 0),
        ("defer vm get web-9\nexit 0", 4),
        ("defer vm get web-9\ndefer vm terminate web-1\nexit 0", 8),
        ("defer try vm get web-9\nexit 0", 0),
    ],
)
def test_exit_code_of_a_script(text, code, script):
    assert script(text).code == code


def test_worst_exit_code_counts_with_keep_going(script):
    text = "vm terminate web-1\nvm get web-9\ntimeout 0.2s\nsleep 9s\nend\nassert ${`false`}\n"
    assert script(text, options=Options(keep_going=True)).code == ExitCode.REFUSED


def test_exit_counts_with_keep_going_if_it_says_a_number(script):
    assert script("vm get web-9\nexit 3\n", options=Options(keep_going=True)).code == 3


# Secrets


VM = (
    "vm create x-1 --data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 --image ubuntu-2404"
    " --vcpus 2 --memory 4"
)


def test_secrets_of_a_script_are_in_no_message_trace_or_report(workspace, tmp_path):
    typed = "correct-horse-battery-7"
    report = tmp_path / "report.jsonl"
    text = (
        "storage-user create app-1 --data-center gb-bournemouth-1 -q\n"
        "let key = storage-user key-create app-1\n"
        "echo ${key.secretKey}\n"
        "vm get ${key.secretKey}\n"
        "let made = api-key create key-1\n"
        "vm get ${made.key}\n"
        f"try {VM} --password {typed}\n"
        f"{VM} --password ${{key.secretKey}}\n"
    )

    ran = run_with(workspace, text, io.StringIO(), Options(trace=True, report=str(report), keep_going=True))
    secret = ran.out.splitlines()[1]
    told = ran.err + report.read_text()

    assert (ran.code, len(secret) > 20) == (ExitCode.NOT_FOUND, True)
    assert told.count("vm get ***") == 2
    assert "--password ***" in told
    assert secret not in told
    assert typed not in told


# Dry runs


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Every request that leaves, as it leaves."""
    sent: list[Request] = []
    once = AsyncTransport._once

    async def noting(self: AsyncTransport, request: Request, *rest: Any) -> Any:
        sent.append(request)
        return await once(self, request, *rest)

    monkeypatch.setattr(AsyncTransport, "_once", noting)
    return sent


def changes(sent: list[Request]) -> list[Request]:
    return [each for each in sent if each.repeats != "read" and not (each.body or {}).get("validateOnly")]


GIVEN = {"rotate_ssh_keys.cudo": {"key": "@new.pub"}, "image_backup.cudo": {"vm": "web-1"}}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBgNu984ttwE9+2kQ2FSzKU6YFx/5hBpM/gRHfJojnNc new@laptop"


@pytest.mark.parametrize("name", sorted(each.name for each in EXAMPLES.glob("*.cudo")))
def test_dry_run_of_an_example_sends_no_change(name, workspace, wire, tmp_path):
    (tmp_path / "new.pub").write_text(KEY)
    workspace.streams = Streams(stdin=None, out=io.StringIO(), err=io.StringIO())
    script = Script(str(EXAMPLES / name), (EXAMPLES / name).read_text())

    code = runner.run(script, workspace, GIVEN.get(name, {}), Options(dry_run=True))

    assert code == 0, workspace.streams.err.getvalue()
    assert "none of them sent." in workspace.streams.err.getvalue()
    assert changes(wire) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{CLEAN}\nlet d = {DISK}\ndisk attach ${{d.id}} --vm web-1\nvm stop web-1 db-1 --yes\n",
        "retry 3 every 1s vm stop web-1 --yes\ntry vm start web-2\n! vm terminate db-1 --yes\nvm get web-9\n",
        "for vm in web-1 db-1\ntimeout 1m\nvm terminate ${vm} --yes\nend\nend\n",
        "defer vm terminate web-1 db-1 --confirm 2\nvm get web-9\n",
        "source lib.cudo id=web-1\nsource lib.cudo id=db-1\n",
        "let vms = vm list\nvm terminate ${vms[].id} --confirm 5\nvm stop --filter state=ACTIVE --yes\n",
        "let key = api-key create key-1\nstorage-user create app-1 --data-center gb-bournemouth-1\n",
        "project create new-1 --billing-account demo-billing\nproject use new-1\n" + DISK + "\n",
        "defer retry 2 every 1s disk delete data-2 --yes\nexit 3\n",
    ],
)
def test_dry_run_sends_no_change_whatever_the_script_does(text, script, wire, tmp_path):
    (tmp_path / "lib.cudo").write_text("param id\nvm stop ${id} --yes\nvm terminate ${id} --yes\n")

    ran = script(text, options=Options(dry_run=True, keep_going=True, yes=True))

    assert changes(wire) == []
    assert "none of them sent." in ran.err
    assert "0 changes" not in ran.err
    assert "This was to fail" not in ran.err  # what is not sent cannot


# Locked


@pytest.fixture
def locked(workspace: Workspace, tmp_path: Path) -> Workspace:
    (tmp_path / "in").mkdir()
    (tmp_path / "outside.cudo").write_text("vm count\n")
    (tmp_path / "key.pub").write_text(KEY)
    workspace.lock = Lock(is_on=True, folder=(tmp_path / "in").resolve())
    return workspace


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("source outside.cudo", ExitCode.USAGE),
        ("source ../outside.cudo", ExitCode.USAGE),
        ("let n = 'outside.cudo'\nsource ${n}", ExitCode.REFUSED),
        ("try source outside.cudo\nexit ${status}", ExitCode.REFUSED),
        ("ssh-key create @key.pub", ExitCode.REFUSED),
        ("source in/link.cudo", ExitCode.USAGE),
    ],
)
def test_locked_script_reaches_no_file_outside_of_its_folder(text, code, locked, tmp_path):
    (tmp_path / "in" / "link.cudo").symlink_to(tmp_path / "outside.cudo")

    ran = run_with(locked, f"{text}\n", io.StringIO(), Options())

    assert ran.code == code, ran.err
    assert "count" not in ran.out
    assert "This shell is locked: '" in ran.err


def test_locked_program_runs_only_scripts_in_its_folder(say, tmp_path):
    (tmp_path / "in").mkdir()
    for place in (tmp_path, tmp_path / "in"):
        (place / "x.cudo").write_text("vm count\n")
    (tmp_path / "in" / "link.cudo").symlink_to(tmp_path / "x.cudo")

    assert say("--locked", "--folder", "in", "in/x.cudo") == (0, "count  5\n", "")
    for name in ("x.cudo", "in/../x.cudo", "in/link.cudo"):
        code, out, err = say("--locked", "--folder", "in", name)
        assert (code, out, "is outside of" in err) == (ExitCode.REFUSED, "", True)


def test_locked_script_writes_no_report_outside_of_its_folder(locked, tmp_path):
    with pytest.raises(RefusedError, match="outside of"):
        run_with(locked, "vm count\n", io.StringIO(), Options(report=str(tmp_path / "report")))
    assert not (tmp_path / "report").exists()
    inside = tmp_path / "in" / "report"
    assert run_with(locked, "vm count\n", io.StringIO(), Options(report=str(inside))).code == 0
    assert inside.stat().st_mode & 0o777 == 0o600


# Real processes


@pytest.fixture
def start(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the program; what still runs at the end is killed."""
    running = []

    def start(*words: str, shell: str = "", **streams: Any) -> subprocess.Popen[str]:
        env = {
            "CUDO_API_KEY": sandbox.api_key,
            "CUDO_API_URL": sandbox.url,
            "CUDO_PROJECT_ID": "demo",
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
        }
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        command = [sys.executable, "-m", "cudo_shell", *words]
        if shell:
            command = ["/bin/sh", "-c", f'exec "$@" {shell}', "sh", *command]
        running.append(subprocess.Popen(command, env=env, text=True, **pipes))
        return running[-1]

    yield start
    for each in running:
        each.kill()
        each.communicate()


WAITING = f"{CLEAN}\n{DISK} -q --no-wait\nvm wait web-2 --state ACTIVE\n"


def signalled(process: subprocess.Popen[str], number: int) -> tuple[int, str]:
    """Send a process a signal as soon as it waits; return its exit code, and what it said."""
    assert process.stderr
    said = ""
    while "STOPPED" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    process.send_signal(number)
    return process.wait(30), said + process.stderr.read()


@pytest.mark.parametrize(
    ("way", "number", "code"),
    [("file", signal.SIGTERM, 143), ("file", signal.SIGINT, 130), ("stdin", signal.SIGTERM, 143)],
)
def test_process_that_gets_a_signal_in_a_wait_cleans_up_first(way, number, code, start, api, tmp_path):
    file = tmp_path / "x.cudo"
    file.write_text(WAITING)
    with file.open() as text:
        process = start("-", stdin=text) if way == "stdin" else start("x.cudo")
        ended, said = signalled(process, number)

    assert ended == code, said
    assert said.endswith("Disk 'tmp-1' deleted.\n")
    assert "tmp-1" not in disks(api)


def test_reader_that_leaves_ends_the_script_after_its_clean_up(start, api):
    text = f"{CLEAN}\n{DISK} -q\n" + "vm list\n" * 400
    process = start("-e", text)
    assert process.stdout
    assert process.stdout.readline() == "tmp-1\n"
    process.stdout.close()
    assert process.wait(30) == ExitCode.CLOSED_PIPE
    assert "tmp-1" not in disks(api)


@pytest.mark.parametrize(
    ("closed", "text", "code"),
    [
        ("<&-", "vm count\nvm terminate web-1\n", ExitCode.REFUSED),  # nobody can be asked
        (">&-", f"{CLEAN}\n{DISK} --no-wait\nvm count\n", ExitCode.FAILURE),  # what it shows would be lost
        ("2>&-", f"{CLEAN}\n{DISK}\nexit 3\n", 3),
    ],
)
def test_script_without_one_of_the_three_streams_ends_as_it_should(closed, text, code, start, api, tmp_path):
    (tmp_path / "x.cudo").write_text(text)
    process = start("x.cudo", shell=closed)

    assert process.wait(30) == code
    assert "tmp-1" not in disks(api)
