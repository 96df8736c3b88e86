"""Recording, on the command line: only at the prompt, and one recording at a time."""

import pytest
from tests.shell.conftest import Outcome, with_streams, written

from cudo_shell import dispatch
from cudo_shell.exits import ExitCode
from cudo_shell.rows import Rows
from cudo_shell.scripts import runner
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.recorder import PromptRecording

ONLY_THERE = "Only the prompt can be recorded.\nStart cudo without a command.\n"


@pytest.fixture
def prompt(workspace):
    """Enter a line at a prompt."""
    workspace.rows, workspace.recording = Rows(), PromptRecording()

    def enter(line: str) -> Outcome:
        own = with_streams(workspace)
        own.rows = workspace.rows
        code = dispatch.run(line.split(), own)
        return Outcome(code, written(own.streams.out), written(own.streams.err))

    return enter


@pytest.mark.parametrize("line", ["record start lab.cudo", "record start --keep-reads", "record stop"])
def test_one_shot_command_records_nothing(line, run):
    outcome = run(line)
    assert (outcome.code, outcome.out, outcome.err) == (ExitCode.USAGE, "", ONLY_THERE)


def test_script_does_not_begin_to_record_not_even_at_a_prompt(prompt, workspace, tmp_path):
    script = Script("x.cudo", f"record start {tmp_path}/lab.cudo")
    assert runner.run(script, workspace) == ExitCode.USAGE
    assert written(workspace.streams.err).startswith(ONLY_THERE)
    assert not list(tmp_path.iterdir())


def test_stop_without_a_start_is_a_usage_error(prompt):
    outcome = prompt("record stop")
    assert (outcome.code, outcome.err) == (
        ExitCode.USAGE,
        "Nothing is being recorded.\nBegin with: record start FILE\n",
    )


def test_start_and_stop_say_where_the_script_is_and_what_to_do_with_it(prompt, tmp_path):
    path = tmp_path / "lab.cudo"
    assert prompt(f"record start {path}") == Outcome(ExitCode.OK, "", f"Recording into {path}\n")
    prompt("vm stop db-1")
    assert prompt("record stop") == Outcome(
        ExitCode.OK,
        "",
        f"Recorded 1 line: {path}\nCheck it: cudo {path} --check\nRun it: cudo --sandbox {path}\n",
    )


def test_nothing_of_a_recording_is_a_change_of_the_api(prompt):
    outcome = prompt("record start --dry-run")
    assert outcome.code == ExitCode.USAGE
    assert outcome.err.startswith("record start: unknown: --dry-run\n")
