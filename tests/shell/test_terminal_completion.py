"""The menu in a real terminal: what it shows, in what order, and what it says when there is nothing."""

import sys
from collections.abc import Iterator

import pytest
from tests.shell.terminal import Terminal, line_of, run

from cudo_sandbox import Sandbox
from cudo_shell.contexts import Context, Contexts


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(faults=True) as running:
        yield running


def menu(terminal: Terminal) -> list[list[str]]:
    """The rows of the open menu, as words."""
    rows = [line.split() for line in terminal.lines]
    return [words for words in rows if words[0] in {"web-1", "web-2", "db-1", "render-1"} and len(words) > 1]


def test_row_has_state_gpu_data_center_and_price_in_columns(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm get \t")
    shell.wait("render-1")

    rows = {words[0]: words[1:] for words in menu(shell)}
    assert rows["web-2"] == ["STOPPED", "gb-bournemouth-1", "$0.0191/h"]
    assert rows["render-1"][1:5] == ["1", "x", "RTX", "A4000"]
    places = {line.index("$") for line in shell.lines if line.split()[0] in rows and "/h" in line}
    assert len(places) == 1


def test_tab_adds_nothing_that_shuts_out_names_without_a_row(shell_at):
    with Sandbox(vms=1_100) as many:  # the 200 rows all begin with vm-000, and vm-001000 has none
        shell = shell_at(many.url)
        shell.type("vm get vm-0\t")
        shell.wait("900 more, keep typing")
        assert line_of(shell) == "vm get vm-0"


def test_narrow_terminal_keeps_the_state(sandbox, shell_at):
    shell = shell_at(sandbox.url, columns=40)
    shell.type("vm get web\t")
    shell.wait("STOPPED")

    assert [words[:2] for words in menu(shell)] == [["web-1", "ACTIVE"], ["web-2", "STOPPED"]]


def test_start_offers_those_that_are_stopped_first(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm start web\t")
    shell.wait("STOPPED")

    assert [words[:2] for words in menu(shell)] == [["web-2", "STOPPED"], ["web-1", "ACTIVE"]]


def test_what_was_used_lately_comes_first_also_in_the_next_shell(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm get web-2 -o ids")
    shell.type("vm get web\t")
    shell.wait("STOPPED")
    assert [words[0] for words in menu(shell)] == ["web-2", "web-1"]

    later = shell_at(sandbox.url)
    later.type("vm get web\t")
    later.wait("STOPPED")
    assert [words[0] for words in menu(later)] == ["web-2", "web-1"]


# As you type


@pytest.fixture
def open_as_typed(shell_at, sandbox):
    def start(**env: str) -> Terminal:
        shell: Terminal = shell_at(sandbox.url, CUDO_COMPLETION_AS_YOU_TYPE="yes", **env)
        return shell

    return start


def test_menu_opens_as_you_type_and_says_nothing_else(open_as_typed, sandbox):
    sandbox.add_fault(kind="latency", match="GET */vms", latency_ms=700)
    shell = open_as_typed()
    shell.type("vm get w")
    shell.wait("web-2")

    assert line_of(shell) == "vm get w"
    assert b"loading" not in shell.raw
    shell.type("eb-2")
    shell.wait(lambda it: "web-1" not in it.text)


def test_menu_that_would_open_by_itself_has_no_word_for_a_failure(shell_at):
    shell = shell_at("http://127.0.0.1:9", CUDO_COMPLETION_AS_YOU_TYPE="yes")
    shell.type("vm get w")
    shell.settle(1)

    assert (line_of(shell), "no network" in shell.text) == ("vm get w", False)


def test_tab_in_a_burst_is_not_lost_where_menus_open_by_themselves(open_as_typed):
    shell = open_as_typed()
    shell.type("vm mon\tdisk cr\tx")

    shell.wait(lambda it: line_of(it) == "vm monitor disk crx")


def test_burst_of_text_and_tab_runs_what_it_completes(open_as_typed):
    shell = open_as_typed()
    shell.type("vm mon\t--he\t\r")
    shell.wait("vm monitor web-1 -o csv")
    shell.wait(lambda it: line_of(it) == "")
    shell.settle(0.5)

    assert "Billing accounts" not in shell.text, "no menu opens before the first letter"


def test_no_menu_opens_by_itself_for_those_who_hear_the_screen(open_as_typed):
    shell = open_as_typed(ACCESSIBLE="1")
    shell.type("vm mo")
    shell.settle(0.5)

    assert "monitor" not in shell.text


# Why there is nothing


def test_project_that_is_not_there_is_the_reason(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm get --project nowhere \t")

    shell.wait("no vms: no such project 'nowhere'")


def test_key_that_is_not_accepted_is_the_reason(sandbox, shell_at):
    sandbox.add_fault(kind="status", match="GET */vms", status=401)
    shell = shell_at(sandbox.url)
    shell.type("vm get \t")

    shell.wait("no vms: the API key was not accepted")


def test_context_without_a_login_is_the_reason(sandbox, tmp_path):
    Contexts({"dev": Context("dev", sandbox.url, project="demo")}).save(tmp_path / "config.yaml")
    home = str(tmp_path)
    command = (sys.executable, "-m", "cudo_shell")
    with Terminal(
        *command, HOME=home, CUDO_CONFIG_DIR=home, CUDO_STATE_DIR=home, CUDO_CONTEXT="dev"
    ) as shell:
        shell.wait("dev/demo>")
        shell.type("vm get \t")

        shell.wait("no vms: not logged in")


def test_completion_that_is_not_live_asks_nobody_and_says_so(sandbox, shell_at):
    shell = shell_at(sandbox.url, CUDO_COMPLETION_LIVE="no")
    shell.type("vm get \t")

    shell.wait("no vms: completion_live is off")


# Values


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("vm list --query [].datac\t", "vm list --query [].datacenterId"),
        ("vm list --filter data\t\t", "vm list --filter data_center"),
        ("billing payment-method-remove demo-billing pm_000001\t", None),
        ("machine-type get --metal sapph\t", "machine-type get --metal sapphire-rapids-h100"),
        ("vm stop --no-w\t", "vm stop --no-wait"),
    ],
)
def test_value_is_completed(typed, completed, sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type(typed)

    shell.wait(lambda it: line_of(it).startswith(completed or typed.strip()))


def test_file_behind_an_at_sign_is_completed_with_its_blank(sandbox, shell_at, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my key.pub").touch()
    shell = shell_at(sandbox.url)
    shell.type("ssh-key create @my\t")

    shell.wait(lambda it: line_of(it) == "ssh-key create @'my key.pub'")
    shell.type("\x15vm list > my\t")
    shell.wait(lambda it: line_of(it) == "vm list > 'my key.pub'")
