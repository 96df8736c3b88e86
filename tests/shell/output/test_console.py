"""Tables, with and without a terminal."""

import io
from dataclasses import replace

from cudo_shell.exits import ExitCode, Failure
from cudo_shell.output.console import ConsoleOutputHandler
from cudo_shell.output.fields import FieldSpec, listed
from cudo_shell.output.values import ID


def test_list_in_a_pipe_has_columns_and_exact_times(fields, things, pipe, now):
    ConsoleOutputHandler(pipe, now=now).print_list(things, listed(fields))
    assert pipe.out.getvalue() == (
        "ID       STATE    MEMORY  GPUS      PRICE               CREATED\n"
        "web-1    ACTIVE    4 GiB     0  $0.0191/h  2026-02-01T12:00:00Z\n"
        "train-1  FAILED  128 GiB     8\n"
    )
    assert pipe.err.getvalue() == ""


def test_list_on_a_terminal_has_the_same_columns_and_ages(fields, things, terminal, now):
    ConsoleOutputHandler(terminal, now=now).print_list(things, listed(fields))
    assert terminal.out.getvalue() == (
        "ID       STATE    MEMORY  GPUS      PRICE  CREATED\n"
        "web-1    ACTIVE    4 GiB     0  $0.0191/h     28 d\n"
        "train-1  FAILED  128 GiB     8\n"
    )


def test_narrow_terminal_drops_the_least_important_columns_and_says_so(fields, things, terminal, now):
    narrow = replace(terminal, width=40)
    ConsoleOutputHandler(narrow, now=now).print_list(things, listed(fields))
    assert narrow.out.getvalue() == (
        "ID       STATE    MEMORY  GPUS\nweb-1    ACTIVE    4 GiB     0\ntrain-1  FAILED  128 GiB     8\n"
    )
    assert narrow.err.getvalue() == "Not shown, the terminal is narrow: price_hr, created\n"


def test_dumb_terminal_is_used_in_its_whole_width(fields, things, terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    wide = replace(terminal, out=io.StringIO(), width=200)
    things[0].id = "w" * 120
    ConsoleOutputHandler(wide).print_list(things, listed(fields))
    assert {len(line) > 120 for line in wide.out.getvalue().splitlines()[:2]} == {True}


def test_id_that_is_wider_than_the_terminal_is_folded_and_not_cut(terminal):
    long_id = "a" * 30 + "b" * 30
    narrow = replace(terminal, width=40)
    ConsoleOutputHandler(narrow).print_list([{"id": long_id}], [FieldSpec("id", ID, priority=0)])
    assert narrow.out.getvalue().replace("\n", "") == "ID" + long_id


def test_pipe_is_never_cut_however_long_a_value_is(pipe):
    ConsoleOutputHandler(pipe).print_list([{"id": "x" * 500}], [FieldSpec("id", ID)])
    assert pipe.out.getvalue() == "ID\n" + "x" * 500 + "\n"


def test_headers_can_be_left_out(fields, things, pipe, now):
    ConsoleOutputHandler(pipe, headers=False, now=now).print_list(things, fields[:2])
    assert pipe.out.getvalue() == "web-1    ACTIVE\ntrain-1  FAILED\n"


def test_empty_list_says_so_on_stderr(fields, pipe):
    ConsoleOutputHandler(pipe).print_list([], fields)
    assert (pipe.out.getvalue(), pipe.err.getvalue()) == ("", "Nothing found.\n")


def test_item_shows_what_is_known(fields, things, pipe, now):
    ConsoleOutputHandler(pipe, now=now).print_item(things[0], fields)
    assert pipe.out.getvalue() == (
        "id       web-1\n"
        "state    ACTIVE\n"
        "memory   4 GiB\n"
        "gpus     0\n"
        "price    $0.0191/h\n"
        "created  2026-02-01T12:00:00Z\n"
        "disks    a, b\n"
    )


def test_item_on_a_terminal_shows_the_same(fields, things, terminal, now):
    ConsoleOutputHandler(terminal, now=now).print_item(things[0], fields)
    assert terminal.out.getvalue() == (
        "id       web-1\n"
        "state    ACTIVE\n"
        "memory   4 GiB\n"
        "gpus     0\n"
        "price    $0.0191/h\n"
        "created  28 d\n"
        "disks    a, b\n"
    )


def test_state_is_coloured_where_colours_are_welcome(fields, things, terminal):
    coloured = replace(terminal, out_has_color=True)
    ConsoleOutputHandler(coloured).print_list(things, fields[:2])
    assert "\x1b[32mACTIVE" in coloured.out.getvalue()
    assert "\x1b[31mFAILED" in coloured.out.getvalue()


def test_hostile_text_reaches_neither_table_nor_error(terminal):
    hostile = {"id": "a\x1b]0;title\x07b\x1b[31mc\nd\u202ee"}
    handler = ConsoleOutputHandler(terminal)
    handler.print_list([hostile], [FieldSpec("id", ID)])
    handler.print_error(Failure("x\x1b[2Jy", ExitCode.FAILURE, "z\x07"))
    assert terminal.out.getvalue() == "ID\nabc de\n"
    assert terminal.err.getvalue() == "xy\nz\n"


def test_wide_characters_keep_the_columns_in_line(pipe):
    rows = [{"id": "日本", "state": "x"}, {"id": "abcd", "state": "y"}]
    ConsoleOutputHandler(pipe).print_list(rows, [FieldSpec("id"), FieldSpec("state")])
    assert pipe.out.getvalue() == "ID    STATE\n日本  x\nabcd  y\n"
