"""Settings changed at the prompt of a real pseudo-terminal: in force at once, and in the next shell."""

from collections.abc import Callable, Iterator

import pytest
from tests.shell.terminal import PROMPT, Terminal, line_of

from cudo_sandbox import Sandbox

ESC, CTRL_U = "\x1b", "\x15"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def is_at_prompt_after(text: str) -> Callable[[Terminal], bool]:
    """Whether a text was printed, and the line under it waits."""
    return lambda shell: f"{text}\n" in shell.text and line_of(shell) == ""


def has_line(text: str) -> Callable[[Terminal], bool]:
    return lambda shell: line_of(shell) == text


def mend_with_vi_keys(shell: Terminal) -> None:
    """Take a letter out of a word as vi does; for emacs, the keys would be text."""
    shell.type("vm gett web-2")
    shell.wait(has_line("vm gett web-2"))
    shell.type(ESC)
    shell.settle(0.6)  # a lone Esc is told from the keys that begin with one by time
    shell.type("0wex")
    shell.wait(has_line("vm get web-2"))
    shell.type("A -o ids\r")
    shell.wait(lambda shell: f"{PROMPT} vm get web-2 -o ids\nweb-2\n" in shell.text)


def test_vi_keys_work_from_the_next_line_on_and_in_the_next_shell(sandbox, shell_at, tmp_path):
    places = {"CUDO_CONFIG_DIR": str(tmp_path / "config")}
    first = shell_at(sandbox.url, **places)
    first.type("config set editing_mode vi\r")
    first.wait(is_at_prompt_after("editing_mode is vi."))
    mend_with_vi_keys(first)

    second = shell_at(sandbox.url, **places)
    mend_with_vi_keys(second)
    second.type("config unset editing_mode\r")
    second.wait(is_at_prompt_after("editing_mode is emacs (default)."))


def test_menu_opens_by_itself_once_it_is_wished_and_only_here(sandbox, shell_at, tmp_path):
    places = {"CUDO_CONFIG_DIR": str(tmp_path / "config")}
    shell = shell_at(sandbox.url, **places)
    shell.type("config set completion_as_you_type yes --session\r")
    shell.wait(is_at_prompt_after("completion_as_you_type is yes until this shell ends."))
    shell.type("config set ")
    shell.wait("suggest the end of a line from the history")
    shell.type(CTRL_U)
    shell.wait(has_line(""))
    assert not (tmp_path / "config" / "config.yaml").exists()


def test_names_and_values_are_completed(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("config set met\t")
    shell.wait(has_line("config set meter"))
    shell.type(" n\t\r")
    shell.wait(is_at_prompt_after("meter is no."))


def test_suggestions_stop_with_the_setting_and_come_back(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    for value, seen in (("yes", "vm get web-2 -o ids"), ("no", "vm ge"), ("yes", "vm get web-2 -o ids")):
        shell.type("vm get web-2 -o ids\r")
        shell.wait(is_at_prompt_after("web-2"))
        shell.type(f"config set suggestions {value}\r")
        shell.wait(is_at_prompt_after(f"suggestions is {value}."))
        shell.type("vm ge")
        shell.wait(has_line(seen))
        shell.settle(0.1)
        assert line_of(shell) == seen
        shell.type(f"{CTRL_U}\x0c")
        shell.wait(lambda shell: len(shell.lines) <= 2 and line_of(shell) == "")  # the screen is clear


def test_pager_and_meter_go_by_the_setting_at_once(sandbox, shell_at, tmp_path):
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho PAGED\ncat >/dev/null\n")
    pager.chmod(0o700)
    shell = shell_at(sandbox.url, rows=10, columns=120, CUDO_PAGER=str(pager))
    shell.type("machine-type list\r")
    shell.wait(is_at_prompt_after("PAGED"))
    shell.wait("$")
    shell.type("config set meter no\r")
    shell.wait(lambda shell: "meter is no." in shell.text and "$" not in shell.lines[-1])
    shell.type("config set pager never\r")
    shell.wait(is_at_prompt_after("pager is never."))
    shell.type("\x0cmachine-type list -q\r")
    shell.wait(lambda shell: line_of(shell) == "" and "PAGED" not in shell.text and len(shell.lines) > 8)
