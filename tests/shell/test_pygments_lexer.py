"""Tokens of the language: they are the text, and say what it says."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pygments.token import Comment, Error, Keyword, Literal, Name, Number, Operator, Punctuation, String, Text

from cudo_shell.colors import colored, style_of
from cudo_shell.commands import KEYWORDS
from cudo_shell.exits import UsageError
from cudo_shell.pygments_lexer import CudoLexer
from cudo_shell.scripts.lines import OPERATORS, split
from cudo_shell.streams import Streams

ALPHABET = "vm let for in x=1 5s ${[?'\"`]}|<>;&#@-\\\n:(,)é\r\t\0"


def tokens(text: str) -> list[tuple[Any, str]]:
    """The tokens of a text, without its blanks."""
    found = CudoLexer().get_tokens_unprocessed(text)
    return [(token, value) for _, token, value in found if value.strip()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#!/usr/bin/env cudo", [(Comment.Hashbang, "#!/usr/bin/env cudo")]),
        ("vm list # all", [(Name.Builtin, "vm"), (Name.Function, "list"), (Comment.Single, "# all")]),
        ("vm a#b", [(Name.Builtin, "vm"), (Text, "a#b")]),
        (
            "try let x = dc get a",
            [
                (Keyword, "try"),
                (Keyword.Declaration, "let"),
                (Name.Variable, "x"),
                (Operator, "="),
                (Name.Builtin, "dc"),
                (Name.Function, "get"),
                (Text, "a"),
            ],
        ),
        (
            "retry 3 every 5s vm list",
            [
                (Keyword, "retry"),
                (Number, "3"),
                (Keyword, "every"),
                (Literal.Date, "5s"),
                (Name.Builtin, "vm"),
                (Name.Function, "list"),
            ],
        ),
        (
            "vm get --note='a b' @f -o json",
            [
                (Name.Builtin, "vm"),
                (Name.Function, "get"),
                (Name.Attribute, "--note"),
                (Operator, "="),
                (String.Single, "'a b'"),
                (String.Other, "@f"),
                (Name.Attribute, "-o"),
                (Text, "json"),
            ],
        ),
        (
            'echo "a ${x.id}\\""',
            [
                (Keyword, "echo"),
                (String.Double, '"'),
                (String.Double, "a "),
                (String.Interpol, "${"),
                (Name.Variable, "x"),
                (Punctuation, "."),
                (Name.Variable, "id"),
                (String.Interpol, "}"),
                (String.Escape, '\\"'),
                (String.Double, '"'),
            ],
        ),
        (
            "echo '${x}' ${{a: b}} c",
            [
                (Keyword, "echo"),
                (String.Single, "'${x}'"),
                (String.Interpol, "${"),
                (Punctuation, "{"),
                (Name.Variable, "a"),
                (Punctuation, ":"),
                (Name.Variable, "b"),
                (Punctuation, "}"),
                (String.Interpol, "}"),
                (Text, "c"),
            ],
        ),
        (
            "param size: choice(a, b) 'how'",
            [
                (Keyword.Declaration, "param"),
                (Name.Variable, "size"),
                (Punctuation, ":"),
                (Keyword.Type, "choice"),
                (Punctuation, "("),
                (Name.Constant, "a"),
                (Punctuation, ","),
                (Name.Constant, "b"),
                (Punctuation, ")"),
                (String.Single, "'how'"),
            ],
        ),
        (
            "param region : data-center",
            [
                (Keyword.Declaration, "param"),
                (Name.Variable, "region"),
                (Punctuation, ":"),
                (Keyword.Type, "data-center"),
            ],
        ),
        (
            "for x in ${xs}",
            [
                (Keyword, "for"),
                (Name.Variable, "x"),
                (Keyword, "in"),
                (String.Interpol, "${"),
                (Name.Variable, "xs"),
                (String.Interpol, "}"),
            ],
        ),
        ("vm \\\n list", [(Name.Builtin, "vm"), (Punctuation, "\\\n"), (Name.Function, "list")]),
        ("forx ifs", [(Text, "forx"), (Text, "ifs")]),
    ],
)
def test_line_falls_into_tokens(line, expected):
    assert tokens(line) == expected


@pytest.mark.parametrize("word", KEYWORDS)
def test_every_keyword_is_one_also_when_nothing_follows(word):
    ((token, text),) = tokens(word)

    assert (token in Keyword, text) == (True, word)


@pytest.mark.parametrize("operator", OPERATORS)
def test_operator_outside_quotes_is_an_error_and_begins_no_new_command(operator):
    assert tokens(f"vm list{operator}vm '{operator}' \\{operator}") == [
        *tokens("vm")[:1],
        (Text, "list"),
        (Error, operator),
        (Text, "vm"),
        (String.Single, f"'{operator}'"),
        (String.Escape, f"\\{operator}"),
    ]


@pytest.mark.parametrize("slip", ["vm get 'a", 'echo "a', "echo ${x[?a=='", "let x =", "param x: choice(a"])
def test_next_line_after_a_slip_is_read_as_usual(slip):
    assert tokens(f"{slip}\nvm list")[-2:] == [(Name.Builtin, "vm"), (Name.Function, "list")]


@given(some.text(ALPHABET) | some.text())
def test_tokens_are_the_text_to_the_character(text):
    assert "".join(value for _, _, value in CudoLexer().get_tokens_unprocessed(text)) == text


@given(some.text("ab 1-=@'\"\\$#|;>"))
def test_line_that_can_be_read_has_no_error(line):
    try:
        list(split(line))
    except UsageError:
        return

    assert Error not in [token for token, _ in tokens(line)]


def test_script_is_known_by_its_first_line():
    assert (CudoLexer.analyse_text("#!/bin/sh\n"), CudoLexer.analyse_text("#!/usr/bin/env cudo\n")) == (
        0.0,
        1.0,
    )


def test_lexer_loads_no_terminal():
    program = "import sys, cudo_shell.pygments_lexer; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert not set(done.stdout.split()) & {"cmd2", "prompt_toolkit", "rich", "cudo_shell.dispatch"}


# Messages


def shown(line: str, *, has_color: bool) -> str:
    return colored(line, Streams(None, io.StringIO(), io.StringIO(), err_has_color=has_color))


def test_line_of_a_message_has_colors_of_its_tokens():
    assert shown('try vm get "a ${x}" # no', has_color=True) == (
        "\x1b[1;35mtry\x1b[0m \x1b[1mvm\x1b[0m \x1b[1mget\x1b[0m "
        '\x1b[35m"a \x1b[0m\x1b[1;36m${\x1b[0m\x1b[36mx\x1b[0m\x1b[1;36m}\x1b[0m\x1b[35m"\x1b[0m '
        "\x1b[90m# no\x1b[0m"
    )


@pytest.mark.parametrize("has_color", [True, False])
def test_line_of_a_message_is_harmless(has_color):
    text = shown("vm get \x1b]0;owned\x07x\u202ey\nz", has_color=has_color)

    assert ("owned" in text, "\u202e" in text, "\n" in text) == (False, False, False)
    assert shown("vm get x", has_color=False) == "vm get x"


def test_color_is_that_of_the_nearest_kind_of_token_that_has_one():
    assert style_of(Keyword.Declaration) == style_of(Keyword) != style_of(Keyword.Type)
    assert style_of(Text) == ""
