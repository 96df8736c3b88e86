"""What is known about the terminal."""

import io

import pytest

from cudo_shell.streams import has_color, is_terminal, open_streams, terminal_width


@pytest.mark.parametrize(
    ("choice", "environ", "terminal", "expected"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_is_decided_by_flag_then_environment_then_terminal(choice, environ, terminal, expected):
    assert has_color(choice, environ, is_terminal=terminal) is expected


def test_closed_or_absent_stream_is_no_terminal():
    closed = io.StringIO()
    closed.close()
    assert not is_terminal(closed)
    assert not is_terminal(None)


def test_columns_of_the_environment_win():
    assert terminal_width(io.StringIO(), {"COLUMNS": "40"}) == 40


def test_pipe_has_no_width():
    streams = open_streams(None, io.StringIO(), io.StringIO(), {"COLUMNS": "40"})
    assert (streams.width, streams.can_ask, streams.is_animated) == (None, False, False)
