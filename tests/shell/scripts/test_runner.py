"""Running scripts on the sandbox: how they begin, how they end, and what is cleaned up."""

import io
import os
import signal
import sys
import threading
import time

import pytest

from cudo_sdk import Session
from cudo_shell.exits import ExitCode, UsageError
from cudo_shell.scripts import runner
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.options import Options

DISK = "disk create tmp-1 --data-center no-luster-1 --size 10"


@pytest.fixture
def disks(sandbox):
    """The ids of the disks that there are now."""

    def ids() -> list[str]:
        with Session(api_key=sandbox.api_key, base_url=sandbox.url) as session:
            return [disk.id or "" for disk in session.disks.list_disks("demo")]

    return ids


def test_script_runs_its_lines_in_order(script):
    ran = script("#!/usr/bin/env cudo\n# two lines\nvm count\n\nvm list -q   # ids\n")
    assert (ran.code, ran.out, ran.err) == (0, "count  5\nweb-1\nweb-2\ndb-1\ntrain-1\nrender-1\n", "")


def test_script_stops_at_the_first_failing_line_with_its_code(script):
    ran = script("vm count\nvm get web-9\nvm count\n")
    assert (ran.code, ran.out) == (4, "count  5\n")
    assert ran.err == (
        "VM 'web-9' not found in project 'demo'.\nNear it: web-1, web-2\n"
        "tour.cudo:2: vm get web-9 (exit code 4)\n"
    )


def test_every_slip_is_named_and_nothing_runs(script):
    ran = script("vm count\nvm list | less\nvmm list\nvm get ${nobody}\n")
    assert (ran.code, ran.out) == (2, "")
    assert [line for line in ran.err.splitlines() if line.startswith("tour.cudo:")] == [
        "tour.cudo:2: '|' has no meaning here.",
        "tour.cudo:3: There is no command 'vmm'.",
        "tour.cudo:4: There is no variable 'nobody'.",
        "tour.cudo: 3 errors.",
    ]


def test_check_runs_nothing_and_needs_no_network(workspace, sandbox):
    workspace.streams = workspace.quieted().streams
    sandbox.close()
    code = runner.run(Script("x.cudo", "vm terminate web-1 --yes"), workspace, {}, Options(check=True))
    assert code == ExitCode.OK
    assert not workspace.connection.is_open


def test_parameters_are_variables(script):
    assert script("param vm\nparam n: int = 2\nvm get ${vm} -q\necho ${n}", vm="db-1").out == "db-1\n2\n"


def test_required_parameter_that_is_missing_stops_the_script(script):
    with pytest.raises(UsageError, match="vm"):
        script("param vm\nvm get ${vm}")


def test_no_question_is_asked_in_a_script_even_on_a_terminal(workspace):
    terminal = io.StringIO("y\n")
    workspace.streams = type(workspace.streams)(
        stdin=terminal, out=io.StringIO(), err=io.StringIO(), in_is_terminal=True, err_is_terminal=True
    )
    assert runner.run(Script("x.cudo", "vm terminate web-2"), workspace) == ExitCode.REFUSED
    assert terminal.tell() == 0


def test_yes_answers_each_plain_question_and_no_typed_one(script):
    assert script("vm terminate web-2", options=Options(yes=True)).code == 0
    several = script("vm terminate web-1 db-1", options=Options(yes=True))
    assert several.code == ExitCode.REFUSED


def test_project_that_a_script_uses_stays_for_its_next_lines(script):
    ran = script("project use research\nvm count\n")
    assert (ran.code, ran.out, ran.err) == (0, "count  3\n", "Project 'research' is in use.\n")


@pytest.mark.parametrize(("end", "code"), [("exit", 4), ("exit 0", 0), ("exit 3", 3)])
@pytest.mark.parametrize("begin", ["", "defer vm count\n"])
def test_exit_while_keeping_going_has_its_own_code_or_the_worst(begin, end, code, script):
    ran = script(f"{begin}vm get web-9\n{end}\n", options=Options(keep_going=True))
    assert ran.code == code


def test_keep_going_runs_all_lines_and_ends_with_the_worst(script):
    text = "vm get web-9\nassert ${`false`} 'no'\nfor n in a b\n  vm get ${n}\nend\nvm count\n"
    ran = script(text, options=Options(keep_going=True))
    assert (ran.code, ran.out) == (4, "count  5\n")
    assert ran.err.count("(exit code 4)") == 3
    assert ran.err.count("(exit code 1)") == 1


def test_trace_tells_each_command_with_its_values(script):
    ran = script("let vm = vm get web-1\nvm get ${vm.id} -q\necho 'a b'", options=Options(trace=True))
    assert ran.err == "+ tour.cudo:1: vm get web-1\n+ tour.cudo:2: vm get web-1 -q\n"


# The clean-up


def test_what_is_deferred_is_done_at_the_end_the_last_first(script):
    ran = script("defer echo one\ndefer echo two\necho now\n")
    assert (ran.code, ran.out, ran.err) == (0, "now\ntwo\none\n", "")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("vm get web-9", 4),
        ("exit 3", 3),
        ("assert ${`false`} no", 1),
        ("timeout 1s\nsleep 9s\nend", 6),
        ("", 0),
    ],
)
def test_what_is_deferred_is_done_however_the_script_ends(line, code, script, disks):
    ran = script(f"defer disk delete tmp-1 --yes\n{DISK}\n{line}\n")
    assert ran.code == code
    assert "tmp-1" not in disks()


def test_what_is_deferred_in_a_block_or_a_sourced_file_waits_for_the_end_of_the_script(script, tmp_path):
    (tmp_path / "lib.cudo").write_text("defer echo from lib\n")
    ran = script("for n in a b\n  defer echo ${n}\nend\nsource lib.cudo\necho end\n")
    assert ran.out == "end\nfrom lib\nb\na\n"


def test_values_of_what_is_deferred_are_those_of_its_moment(script):
    assert script("let x = 'a'\ndefer echo ${x}\nlet x = 'b'\n").out == "a\n"


def test_failing_clean_up_keeps_no_other_from_being_done_and_is_the_exit_code_where_there_is_none(script):
    ran = script("defer echo first\ndefer vm get web-9\ndefer echo last\n")
    assert (ran.code, ran.out) == (4, "last\nfirst\n")
    assert "tour.cudo:2: defer vm get web-9 (exit code 4)\n" in ran.err


def test_failing_clean_up_does_not_hide_how_the_script_failed(script):
    assert script("defer vm get web-9\nexit 3\n").code == 3


def test_what_is_left_behind_by_a_failing_clean_up_is_listed_with_its_price(script, sandbox):
    sandbox.add_fault(kind="status", match="DELETE *", status=500, times=10)
    ran = script(f"{DISK}\ndefer disk delete tmp-1 --yes\n")
    assert ran.code == ExitCode.UNAVAILABLE
    assert "Left behind" in ran.err
    assert "Disk 'tmp-1' in project 'demo': $" in ran.err


def test_nothing_is_said_to_be_left_behind_by_a_script_that_ends_well(script):
    assert "Left behind" not in script(f"{DISK}\n").err


def send(number: int, when) -> threading.Thread:
    """Send this process a signal as soon as something holds."""

    def wait() -> None:
        until = time.monotonic() + 20
        while not when() and time.monotonic() < until:
            time.sleep(0.02)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [
        (signal.SIGTERM, 143, "Terminated."),
        (signal.SIGHUP, 129, "The terminal was closed."),
        (signal.SIGINT, 130, "Interrupted."),
    ],
)
def test_signal_in_a_wait_ends_the_script_after_its_clean_up(number, code, word, script, disks, workspace):
    thread = send(number, lambda: "ACTIVE" in workspace.streams.err.getvalue())
    ran = script(f"{DISK}\ndefer disk delete tmp-1 --yes\ntry vm wait web-1 --state STOPPED\necho never\n")
    thread.join()
    assert ran.code == code
    assert "never" not in ran.out
    assert f"{word}\ntour.cudo:3: try vm wait web-1 --state STOPPED (exit code {code})\n" in ran.err
    assert "tmp-1" not in disks()


def test_signal_in_the_clean_up_gives_up_one_command_and_goes_on_with_the_next(script, workspace):
    thread = send(signal.SIGTERM, lambda: "ACTIVE" in workspace.streams.err.getvalue())
    ran = script("defer echo done\ndefer vm wait web-1 --state STOPPED\nexit 3\n")
    thread.join()
    assert (ran.code, ran.out) == (3, "done\n")


def test_sigterm_is_the_programs_own_again_after_a_script(script):
    before = signal.getsignal(signal.SIGTERM)
    script("vm count")
    assert signal.getsignal(signal.SIGTERM) is before


def test_signal_that_is_ignored_stays_ignored(script, workspace):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        thread = send(signal.SIGHUP, lambda: "ACTIVE" in workspace.streams.err.getvalue())
        ran = script("try vm wait web-1 --state STOPPED --timeout 2s\necho on\n")
        thread.join()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (ran.code, ran.out) == (0, "on\n")


def test_reader_that_left_does_not_keep_the_clean_up_from_being_done(workspace, disks):
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    workspace.streams = type(workspace.streams)(stdin=None, out=Gone(), err=io.StringIO())
    text = "defer disk delete data-2 --yes\nvm list\nvm count\n"
    assert runner.run(Script("x.cudo", text), workspace) == ExitCode.CLOSED_PIPE
    assert "data-2" not in disks()


def test_report_that_cannot_be_written_on_makes_a_good_script_a_failed_one(script):
    ran = script("vm count\nvm count\n", options=Options(report="/dev/full"))
    assert (ran.code, ran.out) == (1, "count  5\ncount  5\n")


def test_signal_between_two_clean_ups_leaves_none_out(script, workspace):
    def between(frame, event, _):
        deferred = getattr(frame.f_locals.get("execution"), "deferred", None)
        if event == "line" and deferred is not None and len(deferred) == 1 and not sent:
            sent.append(frame.f_lineno)
            os.kill(os.getpid(), signal.SIGTERM)
        return between

    sent: list[int] = []
    sys.settrace(lambda frame, *_: between if frame.f_code.co_name == "_cleaned_up" else None)
    try:
        ran = script("defer echo one\ndefer echo two\n")
    finally:
        sys.settrace(None)
    assert (ran.code, ran.out, len(sent)) == (143, "two\none\n", 1)


# At the prompt


@pytest.fixture
def prompt(workspace):
    """Enter lines at a prompt, one after the other; return exit code, stdout and stderr of the last."""
    language = runner.Language()

    def enter(*texts: str) -> tuple[int, str, str]:
        for text in texts:
            workspace.streams = type(workspace.streams)(stdin=None, out=io.StringIO(), err=io.StringIO())
            code = language.run(text, workspace)
        return code, workspace.streams.out.getvalue(), workspace.streams.err.getvalue()

    return enter


def test_variables_of_the_prompt_live_on(prompt):
    assert prompt("let vm = vm get web-1", "let n = 'x'", "echo ${vm.id} ${n} ${status}") == (
        0,
        "web-1 x 0\n",
        "",
    )


def test_block_runs_at_the_prompt(prompt):
    assert prompt("for vm in web-1 db-1\n  echo ${vm}\nend") == (0, "web-1\ndb-1\n", "")


def test_line_that_fails_at_the_prompt_needs_no_name(prompt):
    assert prompt("vm get web-9") == (
        4,
        "",
        "VM 'web-9' not found in project 'demo'.\nNear it: web-1, web-2\n",
    )


def test_line_of_a_block_that_fails_at_the_prompt_is_named(prompt):
    code, _, err = prompt("for n in web-9\n  vm get ${n}\nend")
    assert (code, err.splitlines()[-1]) == (4, "prompt:2: vm get ${n} (exit code 4)")


@pytest.mark.parametrize(
    "line", ["defer vm list", "param x", "for n in a\n  defer echo ${n}\nend", "vm count\ndefer vm list"]
)
def test_what_belongs_into_a_script_is_refused_at_the_prompt(line, prompt):
    code, _, err = prompt(line)
    assert (code, err.split(" ")[1]) == (2, "belongs")


def test_script_that_the_prompt_sources_has_its_variables_and_leaves_its_own(prompt, tmp_path):
    (tmp_path / "lib.cudo").write_text(
        "param vm\nparam region = x\ndefer echo cleaned\nlet found = vm get ${vm}\necho ${region}\n"
    )
    assert prompt("let region = 'y'", "source lib.cudo vm=web-1") == (0, "y\ncleaned\n", "")
    assert prompt("echo ${found.id} ${vm}")[1] == "web-1 web-1\n"


def test_script_that_the_prompt_sources_takes_options(prompt, tmp_path):
    (tmp_path / "lib.cudo").write_text("vm terminate web-2\n")
    assert prompt("source lib.cudo --check")[0] == 0
    assert prompt("source lib.cudo")[0] == ExitCode.REFUSED
    assert prompt("source lib.cudo --yes")[0] == 0
    assert prompt("source lib.cudo --chekc")[2].splitlines()[-1] == "Did you mean: --check?"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
@pytest.mark.parametrize(
    "block", ["for n in a b\n  try source slow.cudo\nend", "retry 2 every 0.1s source slow.cudo"]
)
def test_script_that_is_cut_off_ends_the_block_that_sources_it(
    block, number, code, prompt, tmp_path, workspace
):
    (tmp_path / "slow.cudo").write_text("defer echo cleaned\necho begun\nsleep 20s\n")
    thread = send(number, lambda: "begun" in workspace.streams.out.getvalue())
    ended, out, _ = prompt(block)
    thread.join()
    assert (ended, out) == (code, "begun\ncleaned\n")


def test_timeout_of_a_block_ends_the_script_that_it_sources(prompt, tmp_path):
    (tmp_path / "slow.cudo").write_text("defer echo cleaned\necho begun\nsleep 20s\n")
    code, out, err = prompt("timeout 0.3s\n  source slow.cudo\nend")
    assert (code, out) == (ExitCode.TIMEOUT, "begun\ncleaned\n")
    assert err.count("The 0.3s of this block are over.") == 1


def test_comment_at_the_prompt_is_nothing(prompt):
    assert prompt("# hello") == (0, "", "")


def test_exit_of_a_script_that_the_prompt_sources_is_its_status(prompt, tmp_path):
    (tmp_path / "lib.cudo").write_text("exit 77\n")
    assert prompt("source lib.cudo")[0] == 77


def test_thing_whose_creation_was_cut_off_is_looked_for_before_it_counts_as_not_there(script, sandbox, disks):
    sandbox.add_fault(kind="status", match="POST */disks", status=500, execute=True)
    sandbox.add_fault(kind="status", match="GET */disks/tmp-1", status=403)  # nor can anybody look
    sandbox.add_fault(kind="status", match="GET */disks/tmp-1", status=404, times=2)
    ran = script(f"defer disk delete tmp-1 --if-exists --yes\n{DISK}\n")
    assert ran.code == ExitCode.UNAVAILABLE
    assert "Disk 'tmp-1' deleted." in ran.err
    assert "tmp-1" not in disks()


def test_numbers_of_what_is_deferred_are_those_of_its_moment(script):
    ran = script(
        "param n = 2\nlet t = '0.1s'\ndefer retry ${n} every ${t} vm get web-9\nlet t = 'x'\nlet n = 'y'\n"
    )
    assert (ran.code, ran.err.count("not found")) == (4, 2)


def test_block_at_the_prompt_is_checked_before_it_runs(prompt):
    code, out, err = prompt("for n in 1\n  echo ran\n  vm lst\nend")
    assert (code, out, err.splitlines()[0]) == (2, "", "prompt:3: vm: unknown verb 'lst'")


def test_clean_up_goes_on_when_nobody_reads_of_it(workspace, disks):
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            if "web-1" in text:
                raise BrokenPipeError
            return super().write(text)

    workspace.streams = type(workspace.streams)(stdin=None, out=io.StringIO(), err=Gone())
    text = (
        "defer disk delete data-1 --yes\ndefer vm terminate web-1 --yes\ndefer disk detach data-1\nvm count\n"
    )
    assert runner.run(Script("x.cudo", text), workspace) == ExitCode.OK
    assert "data-1" not in disks()
