"""Pipes, pager, watching and charts in a real pseudo-terminal."""

import sys
from collections.abc import Iterator

import pytest
from tests.shell.terminal import Terminal

from cudo_sandbox import Sandbox
from cudo_sdk import Session

PROMPT = "/demo>"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=50, vms=60) as running:
        yield running


@pytest.fixture
def api(sandbox) -> Iterator[Session]:
    """Another client, that changes what is watched."""
    with Session(api_key=sandbox.api_key, base_url=sandbox.url) as session:
        yield session


@pytest.fixture
def cudo(sandbox, tmp_path):
    """Start `cudo` with these words; all that were started are closed at the end."""
    running = []

    def start(*words: str, rows: int = 20, columns: int = 100, **env: str) -> Terminal:
        place = {"HOME": str(tmp_path), "CUDO_STATE_DIR": str(tmp_path / "state"), "SHELL": "/bin/bash"}
        account = {"CUDO_API_URL": sandbox.url, "CUDO_API_KEY": "sandbox-key", "CUDO_PROJECT_ID": "demo"}
        program = (sys.executable, "-m", "cudo_shell", *words)
        terminal = Terminal(*program, rows=rows, columns=columns, **place, **account, **env)
        running.append(terminal)
        return terminal

    yield start
    for terminal in running:
        terminal.__exit__()


@pytest.fixture
def prompt(cudo):
    """Start the prompt."""

    def start(**options) -> Terminal:
        terminal: Terminal = cudo(**options)
        terminal.wait(PROMPT)
        return terminal

    return start


def ended(terminal: Terminal) -> int | None:
    """Leave the prompt once the line has been run; return its status."""
    terminal.wait(lambda it: it.lines[-2].endswith(PROMPT) or it.lines[-1].endswith(PROMPT))
    terminal.type("exit\r")
    return terminal.exit_status()


# Pipes

PYTHON = f"'{sys.executable}' -c"


@pytest.mark.parametrize(
    ("line", "shown", "status"),
    [
        ("vm get web-1 -o json | grep vcpus", '  "vcpus": 2,', 0),
        ("vm list -q --sort id | head -1", "db-1", 0),
        (
            f"vm get web-1 -q | {PYTHON} 'import sys; print(sys.stdin.read().upper()); sys.exit(5)'",
            "WEB-1",
            5,
        ),
        (f"vm get web-1 -q | {PYTHON} 'import sys; sys.stdin.read(); sys.exit(5)' | sed s/^/x/", "", 5),
        ("vm get nosuch | cat", "VM 'nosuch' not found in project 'demo'.", 4),
        ("vm list -q | no-such", "There is no program 'no-such' on this computer. Nothing was run.", 1),
    ],
)
def test_pipe_shows_what_comes_out_and_fails_as_its_last_failing_part(line, shown, status, prompt):
    shell = prompt(rows=30, columns=140)
    shell.type(f"{line}\r")
    shell.wait(lambda it: it.text.count(PROMPT) > 1)

    assert shown in shell.text
    assert "Traceback" not in shell.text
    assert ended(shell) == status


# Pager


def test_list_that_is_taller_than_the_screen_is_paged_and_the_prompt_comes_back(prompt):
    shell = prompt()
    shell.type("vm list --columns id,state\r")
    shell.wait(lambda it: it.lines[-1] == ":")
    first = shell.text
    shell.type("G")
    shell.wait("(END)")
    shell.type("q")

    assert "web-1" in first
    assert "web-1 " not in shell.text
    assert ended(shell) == 0


def test_person_who_quits_the_pager_early_has_not_failed(prompt):
    shell = prompt()
    shell.type("vm list -o json\r")
    shell.wait(lambda it: it.lines[-1] == ":")
    shell.type("q")

    assert ended(shell) == 0


def test_ctrl_c_belongs_to_the_pager_while_it_has_the_screen(prompt):
    shell = prompt()
    shell.type("vm list\r")
    shell.wait(lambda it: it.lines[-1] == ":")
    shell.type("\x03")
    shell.settle(0.3)  # less throws away what is typed before it has seen the Ctrl-C, and shows nothing of it
    shell.type("G")
    shell.wait("(END)")
    shell.type("q")

    assert ended(shell) == 0


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (("vm", "list", "--limit", "3"), {}),
        (("vm", "list", "-q"), {"CUDO_PAGER": "cat"}),
        (("vm", "list", "-q"), {"CUDO_NO_INPUT": "1"}),
        (("vm", "list", "-q"), {"TERM": "dumb"}),
    ],
)
def test_no_pager_for_what_fits_and_for_whoever_wants_none(words, env, cudo):
    assert cudo(*words, **env).exit_status() == 0


def test_script_is_never_paged(cudo, tmp_path):
    script = tmp_path / "list.cudo"
    script.write_text("vm list -q\n")

    assert cudo(str(script)).exit_status() == 0


# Watching


def test_watch_marks_what_changes_in_place_and_gives_the_prompt_back(prompt, api):
    shell = prompt(rows=16)
    shell.type("vm list --watch 1s --filter id=web-* --columns id,state,price\r")
    shell.wait("Ctrl-C ends")
    assert shell.lines[1:4] == [
        "ID        STATE          PRICE",
        "  web-1   ACTIVE     $0.0191/h",
        "  web-2   STOPPED    $0.0191/h",
    ]

    api.vms.stop_vm("demo", "web-1")
    shell.wait("* web-1   STOPPED*")
    row = next(row for row in range(16) if "STOPPED*" in shell.screen.display[row])
    star = shell.screen.display[row].index("STOPPED*")
    assert (shell.screen.buffer[row][star].bold, shell.screen.buffer[row][star].reverse) == (True, True)
    assert shell.text.count("web-1") == 1
    shell.wait("  web-1   STOPPED ")

    assert shell.screen.cursor.hidden
    shell.type("\x03")
    shell.wait(lambda it: it.text.count(PROMPT) > 1)
    assert "^C" in shell.lines
    assert ended(shell) == 0
    assert not shell.screen.cursor.hidden


def test_watch_as_a_command_ends_well_by_ctrl_c(cudo):
    listing = cudo("disk", "list", "--watch", "1s")
    listing.wait("Ctrl-C ends")
    listing.type("\x03")

    assert listing.exit_status() == 0


def test_watch_is_told_in_lines_where_nothing_may_be_repainted(cudo, api):
    listing = cudo(
        "vm", "list", "--watch", "1s", "--filter", "id=web-*", "--columns", "id,state", ACCESSIBLE="1"
    )
    listing.wait("web-2")
    api.vms.stop_vm("demo", "web-1")
    listing.wait("STOPPED", limit=20)
    listing.wait("changed web-1: state ")

    assert b"\x1b[?25l" not in listing.raw
    assert b"\x1b[J" not in listing.raw


def test_watched_changes_are_lines_of_json_in_a_pipe(prompt, api):
    shell = prompt(rows=30, columns=200)
    script = "import json, sys; [print(json.loads(line)['change'], flush=True) for line in sys.stdin]"
    shell.type(f'vm list --watch 1s --filter id=web-1 -o jsonl | {PYTHON} "{script}"\r')
    shell.wait("added")
    api.vms.stop_vm("demo", "web-1")

    shell.wait("changed")


# Charts


def test_chart_is_drawn_in_color_within_the_width(cudo):
    chart = cudo("vm", "monitor", "web-1", rows=30, columns=90)
    assert chart.exit_status() == 0

    assert "100.0 %┤" in chart.text
    assert "cpu  " in chart.text
    assert len(chart.lines) == 21
    assert b"\x1b[38;5;6m" in chart.raw


def test_chart_has_no_color_where_there_is_to_be_none(cudo):
    chart = cudo("billing", "spend", "demo-billing", columns=60, NO_COLOR="1")
    assert chart.exit_status() == 0

    assert "█" in chart.text
    assert b"\x1b" not in chart.raw


@pytest.mark.parametrize("env", [{"ACCESSIBLE": "1"}, {"TERM": "dumb"}])
def test_table_stands_for_the_chart_where_signs_say_nothing(env, cudo):
    table = cudo("billing", "spend", "demo-billing", rows=30, **env)
    assert table.exit_status() == 0

    assert table.lines[0].split() == [
        "DESCRIPTION",
        "PROJECT",
        "QUANTITY",
        "UNIT",
        "UNIT",
        "AMOUNT",
        "AMOUNT",
    ]
