"""Which names are offered: those that a terminal shows as they are, and no command takes for another word."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cudo_completions.candidates import LONG, typeable


@pytest.mark.parametrize(
    "text",
    [
        "web-1",
        "a/b",
        "acme:prod",
        "_x",
        "9",
        "my key",
        "a|touch x",
        "r>s",
        "x;y",
        "qu\"o'te",
        "$HOME",
        "#1",
        "\u00e9",
    ],
)
def test_name_that_is_shown_as_it_is_can_be_offered(text):
    assert typeable(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-dash",
        "--yes",
        "@1",
        " lead",
        "trail ",
        "web\x1b[31m",
        "we\u202eb",
        "we\u200bb",
        "a\tb",
        "a\n",
        "a\u3000b",
        "\ud800",
        "x" * (LONG + 1),
    ],
)
def test_name_that_would_mislead_is_left_out(text):
    assert not typeable(text)


@given(some.text(max_size=12))
def test_whatever_is_offered_can_be_seen(text):
    if typeable(text):
        assert all(letter.isprintable() for letter in text)
        assert text == text.strip() != ""
