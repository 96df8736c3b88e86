"""Running scripts on the sandbox."""

import io

import pytest

from cudo_shell.exits import ExitCode, UsageError
from cudo_shell.scripts import runner
from cudo_shell.scripts.runner import Script, decoded, load, parameters


@pytest.fixture
def script(workspace):
    """Run the text of a script; return exit code, stdout and stderr."""

    def run(text: str, **given: object) -> tuple[ExitCode, str, str]:
        code = runner.run(Script("tour.cudo", text), workspace, given)
        out, err = workspace.streams.out, workspace.streams.err
        assert isinstance(out, io.StringIO)
        assert isinstance(err, io.StringIO)
        return code, out.getvalue(), err.getvalue()

    return run


def test_script_runs_its_lines_in_order(script):
    text = "#!/usr/bin/env cudo\n# two lines\nvm count\n\nvm list -q   # ids\n"
    assert script(text) == (0, "count  5\nweb-1\nweb-2\ndb-1\ntrain-1\nrender-1\n", "")


def test_script_stops_at_the_first_failing_line_with_its_code(script):
    assert script("vm count\nvm get web-9\nvm count\n") == (
        4,
        "count  5\n",
        "VM 'web-9' not found in project 'demo'.\nNear it: web-1, web-2\ntour.cudo:2: vm get web-9\n",
    )


def test_line_that_cannot_be_read_stops_the_script_before_it_starts(script):
    assert script("vm count\nvm list | less\n") == (
        2,
        "",
        "'|' has no meaning here.\nQuote it: '|'\ntour.cudo:2: vm list | less\n",
    )


def test_unknown_command_names_the_near_one(script):
    assert script("vmm list") == (
        2,
        "",
        "There is no command 'vmm'.\nDid you mean: vm?\nTry: vm list\ntour.cudo:1: vmm list\n",
    )


def test_let_keeps_the_result_under_the_names_of_the_api(script):
    text = "let vm = vm get web-1\nvm get ${vm.id} --columns id,data_center -o csv\n"
    assert script(text) == (0, "id,data_center\nweb-1,gb-bournemouth-1\n", "")


def test_let_of_a_list_can_be_searched(script):
    text = "let vms = vm list\nvm get ${vms[?state=='STOPPED'].id | [0]} -q\n"
    assert script(text) == (0, "web-2\n", "")


def test_let_of_a_failing_command_stops_the_script(script):
    code, out, err = script("let vm = vm get web-9\nvm count\n")
    assert (code, out) == (4, "")
    assert err.endswith("tour.cudo:1: let vm = vm get web-9\n")


@pytest.mark.parametrize("line", ["let", "let x", "let x = ", "let x vm count", "let x == vm count"])
def test_let_that_is_no_assignment_says_how_to_write_it(line, script):
    assert script(line) == (
        2,
        "",
        f"This is no assignment.\nWrite: let NAME = COMMAND\ntour.cudo:1: {line.strip()}\n",
    )


def test_parameter_is_a_variable(script):
    assert script("vm get ${vm} -q", vm="db-1") == (0, "db-1\n", "")


def test_hostile_value_is_one_argument(script):
    code, out, err = script("vm get ${vm}", vm="x | echo INJECTED; --yes 'y'")
    assert (code, out) == (4, "")
    assert err.startswith("VM 'x | echo INJECTED; --yes 'y'' not found in project 'demo'.\n")


def test_value_that_would_be_an_option_is_refused(script):
    code, _, err = script("vm terminate ${vm}", vm="--yes")
    assert code == 2
    assert err.startswith("The value '--yes' would be taken for an option.\n")


def test_no_question_is_asked_in_a_script_even_on_a_terminal(workspace):
    terminal = io.StringIO("y\n")
    workspace.streams = type(workspace.streams)(
        stdin=terminal, out=io.StringIO(), err=io.StringIO(), in_is_terminal=True, err_is_terminal=True
    )
    assert runner.run(Script("x.cudo", "vm terminate web-2"), workspace) == ExitCode.REFUSED
    assert terminal.tell() == 0


def test_project_that_a_script_uses_stays_for_its_next_lines(script):
    assert script("project use research\nvm count\n") == (0, "count  3\n", "Project 'research' is in use.\n")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"vm list\n", "vm list\n"),
        (b"\xef\xbb\xbfvm list\r\nvm count\r\n", "vm list\nvm count\n"),
        (b"", ""),
        ("vm get æ".encode(), "vm get æ"),
    ],
)
def test_bom_and_line_ends_of_windows_are_no_matter(content, text):
    assert decoded("x.cudo", content) == Script("x.cudo", text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"vm list\nvm get \xff\n", "x.cudo:2: this is not UTF-8 text."),
        (b"vm list\n\n\0", "x.cudo:3: a NUL byte: this is no script."),
    ],
)
def test_file_that_is_no_text_is_one_clear_line(content, message):
    with pytest.raises(UsageError) as caught:
        decoded("x.cudo", content)
    assert str(caught.value) == message


def test_file_that_cannot_be_read_is_one_clear_line(tmp_path):
    (tmp_path / "folder.cudo").mkdir()
    for path, message in (
        ("absent.cudo", "Cannot read 'absent.cudo': No such file or directory."),
        ("folder.cudo", "'folder.cudo' is a directory, not a script."),
        ("nul\0.cudo", "Cannot read 'nul\0.cudo': embedded null byte."),
    ):
        with pytest.raises(UsageError) as caught:
            load(path)
        assert str(caught.value) == message


def test_parameters_are_names_and_values():
    assert parameters(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    with pytest.raises(UsageError, match="'web' is not name=value"):
        parameters(["web"])
