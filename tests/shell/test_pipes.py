"""How programs behind a pipe are run, and how their end is counted."""

import pytest
from cmd2.parsing import StatementParser

from cudo_shell.pipes import status_of, why_ended, with_pipefail


@pytest.mark.parametrize("shell", ["/bin/bash", "/usr/bin/zsh"])
def test_failure_anywhere_in_a_pipe_counts_where_the_shell_knows_how(shell):
    line = with_pipefail(StatementParser().parse("vm list -q | sort | head -1"), shell)

    assert line.redirect_to == "set -o pipefail; sort | head -1"
    assert (line.command, line.args, line.redirector, str(line)) == ("vm", "list -q", "|", "list -q")


@pytest.mark.parametrize("shell", ["", "/bin/sh", "/usr/bin/fish"])
def test_pipe_is_left_alone_in_other_shells(shell):
    line = StatementParser().parse("vm list | cat")

    assert with_pipefail(line, shell) is line


@pytest.mark.parametrize(("returncode", "status"), [(0, 0), (5, 5), (-13, 141)])
def test_program_that_a_signal_ended_has_the_status_of_a_unix_shell(returncode, status):
    assert status_of(returncode) == status


@pytest.mark.parametrize("command", ["no-such-1", "sort -k 'a|b' | no-such-1 -x", "no-such-1|cat"])
def test_program_that_is_not_there_is_named(command):
    assert why_ended(command) == "There is no program 'no-such-1' on this computer. Nothing was run."


@pytest.mark.parametrize("command", ["sh -c 'exit 3'", "sh -c 'exit 3", ""])
def test_other_end_of_a_pipe_is_told_as_it_is(command):
    assert why_ended(command) == f"Nothing was run: '{command}' ended before it had read anything."
