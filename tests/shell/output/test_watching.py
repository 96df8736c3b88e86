"""Looking again and again."""

import json
from dataclasses import replace

import pytest

from cudo_shell.output.comparison import Listing
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, STATE
from cudo_shell.output.watching import HIDE, SHOW, Repainted, Streamed, Told, hidden_cursor, watch

FIELDS = (FieldSpec("id", ID, priority=0), FieldSpec("state", STATE))


class PassingError(Exception):
    """An error that goes away."""


def looks(*found):
    """A look that finds these, one after the other, and then is interrupted; an error is raised."""
    answers = iter(found)

    def look() -> Listing:
        answer = next(answers, KeyboardInterrupt())
        if isinstance(answer, BaseException):
            raise answer
        return Listing(FIELDS, [{"id": name, "state": state} for name, state in answer.items()])

    return look


def watched(display, *found) -> None:
    with pytest.raises(KeyboardInterrupt):
        watch(
            looks(*found),
            display,
            lambda: None,
            lambda error: "No network." if isinstance(error, PassingError) else None,
        )


def test_told_changes_are_lines_under_one_table(terminal):
    watched(
        Told(terminal, keeps_columns=False), {"web-1": "ACTIVE"}, {"web-1": "ACTIVE"}, {"web-1": "STOPPED"}
    )
    table, *changes = terminal.out.getvalue().split("UTC  ")

    assert table.startswith("ID     STATE\nweb-1  ACTIVE\n")
    assert changes == ["changed web-1: state ACTIVE -> STOPPED\n"]


def test_streamed_changes_are_json_with_the_whole_thing(pipe):
    watched(Streamed(pipe), {"web-1": "ACTIVE"}, {"web-1": "STOPPED"}, {"web-1": "STOPPED"}, {})
    lines = [json.loads(line) for line in pipe.out.getvalue().splitlines()]

    assert [(line["change"], line["fields"], line["item"]) for line in lines] == [
        ("added", [], {"id": "web-1", "state": "ACTIVE"}),
        ("changed", ["state"], {"id": "web-1", "state": "STOPPED"}),
        ("removed", [], {"id": "web-1", "state": "STOPPED"}),
    ]
    assert all(line["time"].endswith("Z") for line in lines)


def test_repainted_table_goes_back_over_the_one_before(terminal):
    display = Repainted(terminal, 2, lambda: 80, keeps_columns=False)
    watched(display, {"web-1": "ACTIVE", "web-2": "ACTIVE"}, {"web-1": "ACTIVE"})
    first, second = terminal.out.getvalue().split("\x1b[4F\x1b[J")

    assert first.splitlines()[:3] == ["ID        STATE", "  web-1   ACTIVE", "  web-2   ACTIVE"]
    assert second.splitlines()[:3] == ["ID        STATE", "  web-1   ACTIVE", "- web-2   ACTIVE"]
    assert second.endswith("UTC, every 2 s, Ctrl-C ends\n")


def test_window_that_changed_its_width_is_cleared(terminal):
    widths = iter([80, 80, 80, 60, 60, 60, 60, 60])
    display = Repainted(terminal, 2, lambda: next(widths), keeps_columns=False)
    watched(display, {"web-1": "ACTIVE"}, {"web-1": "ACTIVE"})

    assert terminal.out.getvalue().count("\x1b[H\x1b[2J") == 1


def test_table_that_is_taller_than_the_screen_says_how_much_is_left_out(terminal):
    display = Repainted(terminal, 2, lambda: 80, keeps_columns=False)
    watched(display, {f"vm-{number}": "ACTIVE" for number in range(50)})

    assert terminal.out.getvalue().splitlines()[-2] == "... 30 more"
    assert len(terminal.out.getvalue().splitlines()) == 23


def test_narrow_terminal_is_told_which_columns_are_missing(terminal):
    narrow = replace(terminal, width=60)
    display = Repainted(narrow, 2, lambda: 10, keeps_columns=False)
    watched(display, {"web-1": "ACTIVE"})

    assert narrow.out.getvalue().startswith("ID\n  web-1\n")


def test_look_that_fails_for_a_while_keeps_the_table_and_says_why(terminal):
    display = Repainted(terminal, 2, lambda: 80, keeps_columns=False)
    watched(display, {"web-1": "ACTIVE"}, PassingError(), {"web-1": "STOPPED"})
    frames = terminal.out.getvalue().split("\x1b[J")

    assert frames[1] == "ID        STATE\n  web-1   ACTIVE\nNo network. Trying again.\n\x1b[3F"
    assert "* web-1   STOPPED*" in frames[2]


def test_first_look_and_errors_that_stay_end_the_watch(terminal):
    display = Told(terminal, keeps_columns=False)
    for found in ([PassingError()], [{}, ValueError()]):
        with pytest.raises((PassingError, ValueError)):
            watch(
                looks(*found),
                display,
                lambda: None,
                lambda error: "No." if isinstance(error, PassingError) else None,
            )


def test_cursor_comes_back_however_it_ends(terminal):
    with pytest.raises(KeyboardInterrupt), hidden_cursor(terminal):
        raise KeyboardInterrupt

    assert terminal.out.getvalue() == HIDE + SHOW
