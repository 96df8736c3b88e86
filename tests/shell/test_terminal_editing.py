"""Editing the line in a real pseudo-terminal: colors, suggestions, pastes, help, modes, the history."""

from collections.abc import Callable, Iterator

import pytest
from tests.shell.terminal import PROMPT, Terminal, line_of, run

from cudo_sandbox import Sandbox

CTRL_A, CTRL_C, CTRL_D, CTRL_E, CTRL_L, CTRL_R, CTRL_U, CTRL_W = "\x01\x03\x04\x05\x0c\x12\x15\x17"
UP, RIGHT, ALT_B, ALT_DOT, F1 = "\x1b[A", "\x1b[C", "\x1bb", "\x1b.", "\x1bOP"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def remember(tmp_path) -> Callable[..., None]:
    """Let the history hold these lines from before."""

    def write(*lines: str) -> None:
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "history").write_text("".join(f"{line}\n" for line in lines))

    return write


def has_line(text: str) -> Callable[[Terminal], bool]:
    return lambda terminal: line_of(terminal) == text


def is_colored(text: str, color: str) -> Callable[[Terminal], bool]:
    return lambda terminal: text in terminal.text and terminal.color_of(text) == color


def paste(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


def has_run(line: str, result: str) -> Callable[[Terminal], bool]:
    """Whether a line stands behind a prompt, and its result under it."""
    return lambda terminal: f"{PROMPT} {line}\n{result}\n" in terminal.text


# Colors


def test_what_would_be_refused_is_red_before_enter_and_what_is_there_is_green(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vmm list --output")
    shell.wait("vmm list --output")
    assert (shell.color_of("vmm"), shell.color_of("list")) == ("red", "default")

    shell.type(f"{CTRL_U}vm get web-1 --srot")
    shell.wait(is_colored("--srot", "red"))
    assert shell.color_of("web-1") == "default", "nobody has asked for the VMs"
    shell.type(f"{CTRL_U}vm get web\t")
    shell.wait("web-2")
    shell.type("1 --output")
    shell.wait(is_colored("web-1", "green"))
    assert shell.color_of("--output") == "cyan"


def test_id_turns_green_when_the_listing_comes_though_no_key_is_pressed(sandbox, shell_at):
    slow = Sandbox(faults=True)
    with slow:
        slow.add_fault(kind="latency", match="GET */vms", latency_ms=700)
        shell = shell_at(slow.url)
        shell.type("vm get web-1\t")
        shell.wait("loading vms…")
        assert shell.color_of("web-1") == "default"

        shell.wait(is_colored("web-1", "green"))


# Suggestions


def test_suggestion_is_taken_with_right_or_ctrl_e_and_never_destroys(sandbox, shell_at, remember):
    remember("vm get web-2 -o ids", "vm delete web-1 --yes", "vm list > all.txt", "vm stop web-1")
    shell = shell_at(sandbox.url)
    shell.type("vm g")
    shell.wait("vm get web-2 -o ids")
    assert shell.color_of("et web-2") == "brightblack"
    shell.type(f"{RIGHT}\r")
    shell.wait(has_run("vm get web-2 -o ids", "web-2"))

    shell.type(f"{CTRL_L}vm ge")
    shell.wait(has_line("vm get web-2 -o ids"))
    shell.type(f"{CTRL_E} -q\r")
    shell.wait(has_run("vm get web-2 -o ids -q", "web-2"))
    for begun in ("vm d", "vm l", "vm s"):
        shell.type(f"{CTRL_U}{begun}{RIGHT}")
        shell.settle(0.1)
        assert line_of(shell) == begun


@pytest.mark.parametrize("variable", ["NO_COLOR", "ACCESSIBLE"])
def test_nothing_is_suggested_where_it_could_not_be_told_from_what_was_typed(
    sandbox, shell_at, remember, variable
):
    remember("vm get web-2 -o ids")
    shell = shell_at(sandbox.url, **{variable: "1"})
    shell.type("vm g")
    shell.wait(has_line("vm g"))
    shell.settle(0.1)

    assert line_of(shell) == "vm g"


def test_no_color_means_no_color_also_of_what_is_typed_and_pasted(sandbox, shell_at):
    shell = shell_at(sandbox.url, NO_COLOR="1")
    shell.type("vmm list --output" + CTRL_U + paste("vm get web-1 -o ids\nvm get web-2 -o ids"))
    shell.wait("[y/N]")
    shell.type("y\r")
    shell.wait(has_run("vm get web-2 -o ids", "web-2"))

    assert b"\x1b[3" not in shell.raw


# Pastes


def test_paste_of_several_lines_asks_first_and_is_given_back_after_a_no(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm get" + paste(" web-1 -o ids\r\n\r\n# and\nvm get web-2 -o ids\nvm get no-such -o ids\n"))
    shell.wait("Run them one after the other? [y/N]")
    assert "3 lines:\n  vm get web-1 -o ids\n  vm get web-2 -o ids\n  vm get no-such -o ids\n" in shell.text
    shell.type(CTRL_C)
    shell.wait("Nothing was run.")
    shell.wait(lambda it: it.lines[-2].strip() == "...> vm get no-such -o ids")
    assert "\nweb-1\n" not in shell.text

    shell.type("\r")  # they are asked about again
    shell.wait(lambda it: it.text.count("[y/N]") > 1)
    shell.type("y\r")
    shell.wait(has_run("vm get web-2 -o ids", "web-2"))
    assert has_run("vm get web-1 -o ids", "web-1")(shell)


def test_pasted_lines_stop_at_the_first_that_fails_and_the_others_are_given_back(sandbox, shell_at, tmp_path):
    shell = shell_at(sandbox.url)
    shell.type(paste("vm get no-such\nvm get web-1\n  vm get web-2"))
    shell.wait("[y/N]")
    shell.type("y\r")
    shell.wait("That failed. What was not run is at the prompt")
    shell.wait(lambda it: it.lines[-2].strip() == "...>   vm get web-2")
    shell.type(CTRL_C)
    shell.wait(has_line(""))

    assert (tmp_path / "state" / "history").read_text() == "vm get no-such\n"


def test_ctrl_c_stops_all_lines_of_a_paste(shell_at):
    with Sandbox(faults=True) as slow:
        slow.add_fault(kind="latency", match="GET */vms/web-1", latency_ms=60_000)
        shell = shell_at(slow.url)
        shell.type(paste("vm get web-1\nvm get web-2 -o ids\n"))
        shell.wait("[y/N]")
        shell.type("y\r")
        shell.wait(lambda it: it.lines[-1].endswith("> vm get web-1"))
        shell.settle(0.3)  # the request is on its way
        shell.type(CTRL_C)

        shell.wait("That failed.")
        shell.wait(has_line("vm get web-2 -o ids"))


def test_paste_of_one_line_runs_at_enter_only(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type(paste("vm get \\\n  web-2 -o ids\n"))
    shell.wait(has_line("vm get   web-2 -o ids"))
    shell.settle(0.1)
    assert "\nweb-2\n" not in shell.text
    shell.type("\r")

    shell.wait(has_run("vm get   web-2 -o ids", "web-2"))


def test_rest_of_a_paste_gives_way_to_what_is_typed_and_comes_back_with_up(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type(paste("vm get no-such\necho one\necho two"))
    shell.wait("[y/N]")
    shell.type("y\r")
    shell.wait(lambda it: it.lines[-2].strip() == "...> echo two")
    shell.type("echo three\r")
    shell.wait(has_run("echo three", "three"))
    shell.type(f"{UP}{UP}")

    shell.wait(lambda it: it.lines[-2].strip() == "...> echo two")


# A corrected line


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("disk list", "disk list"),
        (paste("disk list"), "disk list"),
        ("whoa\t", "whoami"),
        ("\x7f", ""),
        ("\x1b[3~", ""),
        (CTRL_U, ""),
        (CTRL_W, ""),
        ("\x1b[D\x1b[D-", "vm cou-nt"),
        (f"{RIGHT} -q", "vm count -q"),
        ("\x1b[F -q", "vm count -q"),
        (f"{CTRL_E} -q", "vm count -q"),
        (f"{CTRL_A}try ", "try vm count"),
        (ALT_B + "x", "vm xcount"),
        (UP, "vm cuont"),
    ],
    ids=repr,
)
def test_corrected_line_is_typed_over_or_edited_after_a_movement(keys, line, sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm cuont\r")
    shell.wait(has_line("vm count"))
    shell.type(keys)

    shell.wait(has_line(line))


def test_corrected_line_is_shown_as_selected_in_its_colors(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm cuont\r")
    shell.wait(has_line("vm count"))
    row = next(row for row in reversed(range(30)) if PROMPT in shell.screen.display[row])
    at = shell.screen.display[row].index("vm count")

    assert [shell.screen.buffer[row][at + step].reverse for step in (-1, 0, 7, 8)] == [
        False,
        True,
        True,
        False,
    ]


def test_line_of_the_history_is_for_editing(sandbox, shell_at, remember):
    remember("vm get web-2")
    shell = shell_at(sandbox.url)
    shell.type("history run 1\r")
    shell.wait(has_line("vm get web-2"))
    shell.type(" -q")

    shell.wait(has_line("vm get web-2 -q"))


def test_corrected_line_is_for_editing_in_vi_mode_where_a_selection_takes_commands(sandbox, shell_at):
    shell = shell_at(sandbox.url, CUDO_EDITING_MODE="vi")
    shell.type("vm cuont\r")
    shell.wait(has_line("vm count"))
    shell.type(" -q")

    shell.wait(has_line("vm count -q"))


# Help


def test_help_stands_above_the_line_which_is_kept(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type(f"vm get web-1 -o json{F1}")
    shell.wait(", --output FORMAT")
    shell.wait(has_line("vm get web-1 -o json"))

    shell.type(f"{CTRL_U}{CTRL_L}vm count ?")
    shell.wait("usage: vm count")
    shell.wait(has_line("vm count"))
    shell.type(f"{CTRL_U}vm list --query '[?a'")
    shell.wait(has_line("vm list --query '[?a'"))


# Keys


def test_last_argument_comes_back_and_then_those_before(sandbox, shell_at, remember):
    remember("vm get web-1", "disk get 'my disk'")
    shell = shell_at(sandbox.url)
    shell.type(f"vm stop {ALT_DOT}")
    shell.wait(has_line("vm stop 'my disk'"))
    shell.type(ALT_DOT)
    shell.wait(has_line("vm stop web-1"))


def test_history_is_searched_with_ctrl_r(sandbox, shell_at, remember):
    remember("vm get web-2 -o ids", "vm list -o ids", "disk list")
    shell = shell_at(sandbox.url)
    shell.type(f"{CTRL_R}web")
    shell.wait("vm get web-2 -o ids")
    shell.type("\r\r")

    shell.wait(has_run("vm get web-2 -o ids", "web-2"))


def test_vi_keys_edit_the_line(sandbox, shell_at):
    shell = shell_at(sandbox.url, CUDO_EDITING_MODE="vi")
    shell.type("vm gett web-2")
    shell.wait(has_line("vm gett web-2"))
    shell.type("\x1b")
    shell.settle(0.6)  # a lone Esc is told from the keys that begin with one by time
    shell.type("0wex")
    shell.wait(has_line("vm get web-2"))
    shell.type("A -o ids\r")

    shell.wait(has_run("vm get web-2 -o ids", "web-2"))


def test_ctrl_c_drops_a_half_typed_line_and_ctrl_d_leaves(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm get x")
    shell.wait(has_line("vm get x"))
    shell.type(CTRL_D)  # in the middle of a line it deletes to the right
    shell.type(CTRL_C)
    shell.wait(has_line(""))
    shell.type(CTRL_D)

    assert shell.exit_status() == 0


# The history


def test_shells_share_their_history_while_they_run(sandbox, shell_at):
    one, other = shell_at(sandbox.url), shell_at(sandbox.url)
    run(one, "vm get web-1 -o ids")
    run(other, "vm get web-2 -o ids")
    one.type("\r")  # the next prompt knows
    one.wait(lambda it: it.text.count(PROMPT) > 2)
    one.type(UP)
    one.wait(has_line("vm get web-2 -o ids"))
    one.type(UP)
    one.wait(has_line("vm get web-1 -o ids"))


def test_line_of_the_history_comes_to_the_prompt_and_waits_for_enter(sandbox, shell_at, remember):
    remember("vm get web-2 -o ids", "disk list")
    shell = shell_at(sandbox.url)
    run(shell, "history web")
    assert "    1  vm get web-2 -o ids" in shell.text
    shell.type(f"{CTRL_L}history run 1\r")
    shell.wait(has_line("vm get web-2 -o ids"))
    shell.settle(0.1)
    assert "\nweb-2\n" not in shell.text
    shell.type("\r")

    shell.wait(has_run("vm get web-2 -o ids", "web-2"))
