"""How wide a terminal is taken for."""

import os
import termios
from collections.abc import Iterator

import pytest

from cudo_shell.terminal_size import columns_of


@pytest.fixture
def terminal() -> Iterator[int]:
    """A terminal of 97 columns."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (30, 97))
    yield theirs
    os.close(ours)
    os.close(theirs)


def test_terminal_says_its_width(terminal: int):
    assert columns_of({}, terminal) == 97


def test_variable_wins_over_the_terminal(terminal: int):
    assert columns_of({"COLUMNS": "40"}, terminal) == 40


@pytest.mark.parametrize("wrong", ["", "0", "-5", "wide", "²"])
def test_variable_that_is_no_width_is_not_followed(wrong: str, terminal: int):
    assert columns_of({"COLUMNS": wrong}, terminal) == 97


def test_terminal_that_does_not_say_has_80_columns(terminal: int):
    termios.tcsetwinsize(terminal, (0, 0))

    assert columns_of({}, terminal) == 80


def test_file_has_80_columns():
    with open(os.devnull) as file:  # noqa: PTH123  # only its descriptor counts
        assert columns_of({}, file.fileno()) == 80
