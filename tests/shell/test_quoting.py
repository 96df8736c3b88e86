"""Words at the prompt: one argument in, one argument out, and only redirections outside quotes steer."""

import shlex

import pytest
from cmd2.exceptions import Cmd2ShlexError
from hypothesis import given
from hypothesis import strategies as some

from cudo_shell.quoting import LineParser, words_of


@pytest.fixture(scope="module")
def parser():
    return LineParser(terminators=[], shortcuts={"?": "help"})


def parts(parser: LineParser, line: str) -> tuple[list[str], str, str]:
    statement = parser.parse(line)
    return words_of(statement.command_and_args), statement.redirector, statement.redirect_to


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("vm get web-1", ["vm", "get", "web-1"]),
        ('vm get "my key"', ["vm", "get", "my key"]),
        ('vm list --note="a b" x', ["vm", "list", "--note=a b", "x"]),
        ('vm get a"b c"d', ["vm", "get", "ab cd"]),
        ("vm get 'it'\"'\"'s'", ["vm", "get", "it's"]),
        (r"vm get a\ b it\'s", ["vm", "get", "a b", "it's"]),
        (r'vm get "a\"b"', ["vm", "get", 'a"b']),
        ("vm get --query='a>b|c'", ["vm", "get", "--query=a>b|c"]),
        ("vm get x;y $HOME `id` &", ["vm", "get", "x;y", "$HOME", "`id`", "&"]),
        ('vm get ""', ["vm", "get", ""]),
        ("vm get a#b # a comment", ["vm", "get", "a#b"]),
        ("?vm get", ["help", "vm", "get"]),
        ("? vm", ["help", "vm"]),
        ("!ls", ["!ls"]),
        ("@script", ["@script"]),
    ],
)
def test_line_falls_into_words(parser, line, words):
    assert parts(parser, line) == (words, "", "")


@pytest.mark.parametrize(
    ("line", "redirector", "target"),
    [
        ("vm list | cat", "|", "cat"),
        ("vm list -o json|jq '.[0].id' > x", "|", "jq '.[0].id' > x"),
        ("vm list>f", ">", '"f"'),
        ("vm list >> 'a b'", ">>", '"a b"'),
    ],
)
def test_redirection_outside_quotes_is_one(parser, line, redirector, target):
    assert parts(parser, line)[1:] == (redirector, target)


@pytest.mark.parametrize(
    "line", ["vm list |", "vm list >", "vm list > a b", "vm list >> x | y", "vm list > > x"]
)
def test_redirection_that_would_be_cut_is_refused(parser, line):
    with pytest.raises(Cmd2ShlexError, match="at the end of the line"):
        parser.parse(line)


@pytest.mark.parametrize("line", ["vm get 'a", 'vm get "a', 'vm get a"b', "vm get a'"])
def test_open_quote_is_refused(parser, line):
    with pytest.raises(Cmd2ShlexError, match="a quote is not closed"):
        parser.parse(line)


def test_comment_alone_is_nothing(parser):
    assert parser.tokenize("  # all of it") == []


@given(word=some.text(some.characters(blacklist_categories=("Cc", "Cs")), min_size=1))
def test_quoted_word_arrives_unchanged(parser, word):
    assert parts(parser, f"vm get {shlex.quote(word)} end") == (["vm", "get", word, "end"], "", "")
