"""What a terminal is told beside text."""

import pytest

from cudo_shell import terminal_codes


@pytest.mark.parametrize(
    ("term", "is_titled"),
    [
        ("xterm-256color", True),
        ("screen.xterm-256color", True),
        ("tmux-256color", True),
        ("linux", False),
        ("dumb", False),
        ("", False),
    ],
)
def test_title_is_for_terminals_that_have_one(term, is_titled):
    assert terminal_codes.is_titled({"TERM": term}) is is_titled


def test_title_ends_where_its_text_ends():
    assert terminal_codes.title("prod/a\x07b\x1b\\c\x9cd") == "\x1b]2;prod/abcd\x1b\\"


@pytest.mark.parametrize(
    ("term", "code"),
    [
        ("xterm-256color", "\x1b]9;vm a;b is ACTIVE\x1b\\"),
        ("rxvt-unicode", "\x1b]777;notify;cudo;vm a,b is ACTIVE\x1b\\"),
        ("foot", "\x1b]777;notify;cudo;vm a,b is ACTIVE\x1b\\"),
    ],
)
def test_notification_is_in_the_words_of_the_terminal(term, code):
    assert terminal_codes.notification("vm a;b\x07 is\x1b[1m ACTIVE", {"TERM": term}) == code
