"""Which names can be typed: one argument in, the same argument out."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cudo_completions.candidates import typeable


@pytest.mark.parametrize("text", ["web-1", "gb-london-1", "a/b", "acme:prod", "_x", "9", "my key", "Web.1"])
def test_plain_names_are_typeable(text):
    assert typeable(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a|touch x",
        "r>s",
        "x;y",
        "-dash",
        "--yes",
        "two  spaces",
        " lead",
        "trail ",
        "a b -c d\n",
        "web\x1b[31m",
        "we\u202eb",
        'qu"ote',
        "qu'ote",
        "$HOME",
        "a\\b",
        "#1",
        "a\tb",
        "a\n",
        "é",
    ],
)
def test_names_that_could_steer_are_not_typeable(text):
    assert not typeable(text)


@given(some.text(alphabet="ab-|>;&$'\"\\ #\t\n\x1b\u202e", min_size=1, max_size=12))
def test_whatever_is_typeable_is_one_shell_word_when_quoted_for_its_spaces(text):
    if typeable(text):
        assert shlex.split(f'"{text}"', comments=True) == [text]
        assert not text.startswith("-")
