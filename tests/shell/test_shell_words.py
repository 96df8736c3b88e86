"""Half-typed lines of bash, and values that must arrive there as one word: bash itself reads them back."""

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cudo_shell.shell_words import Typed, quoted, reply, typed, unquoted

HOSTILE = [
    "a b",
    "it's",
    'say "hi"',
    "$HOME",
    "$(touch pwned)",
    "`touch pwned`",
    "a;b|c&d>e<f",
    "a\\b",
    "a\\",
    "!!",
    "~",
    "~root",
    "*",
    "[a-z]?",
    "{a,b}",
    "#comment",
    "=ls",
    "a=b:c@d",
    "(x)",
    "é ü",
    "'",
    '"',
    "''",
    "\\'",
    "a' 'b",
    "^old^new",
]


def read_by_bash(*words: str) -> list[str]:
    """The arguments that bash makes of words as they stand in a line."""
    script = "".join(f"printf '%s\\0' {word}\n" for word in words)
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, check=True, cwd="/", env=dict(os.environ)
    )
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize(
    ("line", "words", "last"),
    [
        ("", (), ""),
        ("cudo", (), "cudo"),
        ("cudo ", ("cudo",), ""),
        ("cudo vm  ge", ("cudo", "vm"), "ge"),
        ("cudo 'a b' \"c d\" e\\ f ", ("cudo", "a b", "c d", "e f"), ""),
        ("cudo --query='[].id", ("cudo",), "--query='[].id"),
        ('cudo "a \\"b\\" $x', ("cudo",), '"a \\"b\\" $x'),
        ("cudo a\\", ("cudo",), "a\\"),
        ("cudo a\\ ", ("cudo",), "a\\ "),
        ("cudo vm list 2>err >out -o ", ("cudo", "vm", "list", "-o"), ""),
        ("echo x | cudo vm ", ("cudo", "vm"), ""),
        ("cudo x-2 ", ("cudo", "x-2"), ""),
    ],
)
def test_line_is_read_as_bash_reads_it(line: str, words: tuple[str, ...], last: str):
    assert typed(line) == Typed(words, last)


@pytest.mark.parametrize(
    "line", ["cudo vm list > ou", "cudo vm list >ou", "cudo vm list 2>> ou", "cudo - < ou"]
)
def test_word_behind_a_redirection_is_a_file(line: str):
    read = typed(line)

    assert (read.last, read.is_file) == ("ou", True)


def test_word_behind_the_file_of_a_redirection_is_none():
    assert typed("cudo vm list > out -o js") == Typed(("cudo", "vm", "list", "-o"), "js")


@given(st.text())
def test_any_line_can_be_read(line: str):
    read = typed(line)

    assert line.endswith(read.last)
    unquoted(read.last)


@given(st.text(st.characters(exclude_characters="\0\n\r", exclude_categories=["Cs"]), min_size=1))
def test_bare_value_is_one_word_that_reads_as_itself(value: str):
    written = quoted(value, "")

    assert written is not None
    assert unquoted(written) == (value, "")
    assert typed(f"cudo {written} ").words == ("cudo", value)


def test_bash_reads_every_value_as_one_word_unchanged():
    written = [(value, quoted(value, "")) for value in HOSTILE]

    assert read_by_bash(*(text or "" for _, text in written)) == HOSTILE


@pytest.mark.parametrize("mark", ["'", '"'])
def test_bash_reads_a_value_behind_an_open_quote_as_one_word_unchanged(mark: str):
    """bash itself closes the quote behind it."""
    written = {value: text for value in HOSTILE if (text := quoted(value, mark)) is not None}

    assert read_by_bash(*(f"{mark}{text}{mark}" for text in written.values())) == list(written)
    assert [value for value in HOSTILE if value not in written] == [
        value for value in HOSTILE if mark in value or (mark == '"' and "!" in value)
    ]


@pytest.mark.parametrize(
    ("value", "last", "part", "expected"),
    [
        ("web-1", "we", "we", "web-1"),
        ("--output=json", "--output=js", "js", "json"),
        ("--output=json", "--output=", "", "json"),
        ("--output=json", "--output=", "=", "=json"),
        ("@key.txt", "@ke", "ke", "key.txt"),
        ("@a b", "@a", "a", "'a b'"),
        ("a b", "'a", "a", "a b"),
        ("a b", '"a', "a", "a b"),
        ("a $b", '"a', "a", "a \\$b"),
        ("--note=a b", '--note="a', "a", "a b"),
        ("a b", "a\\ ", "a\\ ", "'a b'"),
        ("web-1", "db", "b", None),
        ("web-1", "we", "other", None),
        ("we", "we", "we", "we"),
    ],
)
def test_reply_is_what_stands_behind_the_part_that_bash_keeps(
    value: str, last: str, part: str, expected: str | None
):
    assert reply(value, last, part) == expected
