"""The language at the prompt in a real pseudo-terminal: blocks, Ctrl-C, pastes, colors, a narrow window."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from tests.shell.terminal import PROMPT, Terminal, line_of, run

from cudo_sandbox import Sandbox

CTRL_C, CTRL_D, CTRL_L, CTRL_U = "\x03\x04\x0c\x15"
UP = "\x1b[A"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def ends_with(*lines: str) -> Callable[[Terminal], bool]:
    """Whether the last lines above the toolbar are these."""
    return lambda terminal: [line.strip() for line in terminal.lines[-len(lines) - 1 : -1]] == [*lines]


def last(terminal: Terminal) -> str:
    """The last line above the toolbar."""
    return ["", "", *terminal.lines][-2].strip()


def paste(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


def test_enter_goes_on_in_a_block_until_its_end_and_the_whole_block_comes_back(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    prompt = shell.lines[0].strip()
    shell.type("for x in a b\r")
    shell.wait(ends_with(f"{prompt} for x in a b", "...>"))
    shell.type("  echo ${x}1\r")
    shell.wait(ends_with("...>   echo ${x}1", "...>"))
    assert (shell.color_of("for"), shell.color_of("${x"), shell.color_of("x}1")) == (
        "magenta",
        "cyan",
        "cyan",
    )
    assert shell.lines[1].index("...>") + len("...>") == len(prompt)
    shell.type("end\r")
    shell.wait(ends_with("...> end", "a1", "b1", prompt))

    shell.type(f"{CTRL_L}{UP}")
    shell.wait(lambda it: it.lines[:3] == [f"{prompt} for x in a b", *it.lines[1:3]])
    shell.wait(ends_with(f"{prompt} for x in a b", "...>   echo ${x}1", "...> end"))
    shell.type("\r")
    shell.wait(ends_with("...> end", "a1", "b1", prompt))


def test_ctrl_c_drops_a_block_that_is_typed_and_stops_one_that_runs(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("for x in a\r  echo never\r")
    shell.wait(lambda it: last(it) == "...>")
    shell.type(CTRL_C)
    shell.wait(lambda it: last(it).endswith(PROMPT))

    shell.type(f"{CTRL_L}for x in a b\r  echo ${{x}}\r  sleep 60s\rend\r")
    shell.wait(lambda it: "a" in it.lines)
    shell.settle(0.2)
    shell.type(CTRL_C)
    shell.wait("sleep 60s (exit code 130)")
    assert "Interrupted." in shell.text
    shell.wait(lambda it: last(it).endswith(PROMPT))
    shell.type(CTRL_D)

    assert shell.exit_status() == 130


def test_pasted_block_is_one_command_and_waits_for_enter(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type(paste("for x in a\n  echo ${x}1\nend\n"))
    shell.wait(lambda it: last(it) == "...> end")
    shell.settle(0.1)
    assert "a1" not in shell.text.splitlines()
    shell.type("\r")
    shell.wait("\na1\n")

    shell.type(paste("echo b\nfor x in c\n  echo ${x}2\nend\n"))
    shell.wait("4 lines:")
    shell.type("y\r")
    shell.wait("\nc2\n")


def test_pasted_beginning_of_a_block_is_gone_on_with(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type(paste("for x in a\n  echo ${x}1\n"))
    shell.wait(lambda it: last(it) == "...>")
    shell.type("end\r")

    shell.wait("\na1\n")


def test_expression_with_a_bar_goes_through_a_pipe(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "let vms = vm list")
    shell.type("vm get ${vms[?id!='web-1'] | [0].id} -o ids | tr a-z A-Z\r")

    shell.wait("\nWEB-2\n")


def test_tab_knows_variables_and_what_stands_behind_a_modifier(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "let machines = vm list")
    shell.type("echo ${ma\t")
    shell.wait(lambda it: line_of(it) == "echo ${machines")
    shell.type(f"{CTRL_U}for x in a\r  try vm get eb-1\t")
    shell.wait("web-1  ACTIVE")
    shell.type("\t")
    shell.wait("...>   try vm get web-1")
    shell.type(" ")  # which closes the menu
    shell.wait(lambda it: last(it) == "...>   try vm get web-1")
    assert shell.color_of("web-1") == "green"


def test_block_fits_a_narrow_window(sandbox, shell_at):
    shell = shell_at(sandbox.url, columns=34)
    shell.type("for x in a\r  echo ${x} and ${x} again\r")
    shell.wait(lambda it: last(it) == "...>")
    shell.type("end\r")

    shell.wait("\na and a again\n")


def test_sigterm_ends_a_sourced_script_with_its_clean_up_and_then_the_shell(sandbox, shell_at, tmp_path):
    (tmp_path / "job.cudo").write_text("defer echo cleaned\necho begun\nsleep 60s\n")
    shell = shell_at(sandbox.url)
    shell.type(f"source {tmp_path}/job.cudo\r")
    shell.wait("begun")
    os.kill(shell.pid, signal.SIGTERM)

    assert shell.exit_status() == 143
    assert "Terminated." in shell.text
    assert "cleaned" in shell.lines
