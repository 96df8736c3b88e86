"""Words at the prompt: one argument in, one argument out, and only redirections outside quotes steer."""

import shlex

import pytest
from cmd2.exceptions import Cmd2ShlexError
from hypothesis import given
from hypothesis import strategies as some

from cudo_shell.exits import UsageError
from cudo_shell.line_parser import LineParser
from cudo_shell.quoting import Kind, open_expression, pieces, words_of
from cudo_shell.scripts.lines import split


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
        ("vm get ${x.id}", ["vm", "get", "${x.id}"]),
        (
            "vm get ${vms[?state=='A B' && n>`1`] | [0].{a: id}} end",
            ["vm", "get", "${vms[?state=='A B' && n>`1`] | [0].{a: id}}", "end"],
        ),
        ("echo ${x['}']} $HOME $", ["echo", "${x['}']}", "$HOME", "$"]),
        ("echo a${x}b\\ c", ["echo", "a${x}b c"]),
        (r'echo "\"${x["}"]} \${y"', ["echo", '"${x["}"]} ${y']),
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
        ("vm get ${x | [0]}|head", "|", "head"),
        ("echo '${x' | cat", "|", "cat"),
        ('echo "${x | y}" > f', ">", '"f"'),
        (r"echo \${x | cat }", "|", "cat }"),
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


@pytest.mark.parametrize("line", ["echo ${x", "echo ${x[?a=='}]", 'echo "${x"', "echo ${x{}"])
def test_open_expression_is_refused(parser, line):
    with pytest.raises(Cmd2ShlexError, match=r"\$\{ is not closed"):
        parser.parse(line)


@given(some.text("ab '\"`\\${}|>#;", max_size=30))
def test_words_are_those_of_scripts(line):
    """Or else a script would do what the prompt does not, or the other way round."""
    try:
        words = list(split(line))
    except UsageError:
        return

    found = [piece.text for piece in pieces(line)]
    assert [list(split(text)) for text in found if not text.startswith("#")] == [[word] for word in words]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("echo ${", ""),
        ("vm get ${vm.i", "vm.i"),
        ("echo \"a ${x[?b=='", "x[?b=='"),
        ("echo ${x}", None),
        ("echo '${x", None),
        ('echo "${x}', None),
        ("echo ${x} ${y", "y"),
        ("echo a", None),
        ("", None),
    ],
)
def test_half_typed_expression_is_known(text, expression):
    assert open_expression(text) == expression


def test_comment_alone_is_nothing(parser):
    assert parser.tokenize("  # all of it") == []


@given(word=some.text(some.characters(blacklist_categories=("Cc", "Cs")), min_size=1))
def test_quoted_word_arrives_unchanged(parser, word):
    assert parts(parser, f"vm get {shlex.quote(word)} end") == (["vm", "get", word, "end"], "", "")


WORD, OPEN, REDIRECTION, FOREIGN, COMMENT = Kind


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", []),
        ("  vm  get ", [(WORD, "vm", 2), (WORD, "get", 6)]),
        ("vm get 'a b", [(WORD, "vm", 0), (WORD, "get", 3), (OPEN, "'a b", 7)]),
        ('x --note="a | b', [(WORD, "x", 0), (OPEN, '--note="a | b', 2)]),
        ("x > 'f", [(WORD, "x", 0), (REDIRECTION, ">", 2), (OPEN, "'f", 4)]),
        ("x>>f", [(WORD, "x", 0), (REDIRECTION, ">>", 1), (WORD, "f", 3)]),
        ("x |", [(WORD, "x", 0), (REDIRECTION, "|", 2)]),
        ("x | jq '.a > # ", [(WORD, "x", 0), (REDIRECTION, "|", 2), (FOREIGN, "jq '.a > #", 4)]),
        ("x # it's", [(WORD, "x", 0), (COMMENT, "# it's", 2)]),
        ("x \\", [(WORD, "x", 0), (WORD, "\\", 2)]),
        ("x \\\ny # a\nz", [(WORD, "x", 0), (WORD, "y", 4), (COMMENT, "# a", 6), (WORD, "z", 10)]),
        ("x ${y | z} ${a | b", [(WORD, "x", 0), (WORD, "${y | z}", 2), (OPEN, "${a | b", 11)]),
    ],
)
def test_half_typed_line_falls_into_pieces(line, found):
    assert [(piece.kind, piece.text, piece.start) for piece in pieces(line)] == found


@pytest.mark.parametrize(
    ("typed", "word"), [("'a b", "a b"), ('"a \\"', 'a "'), ("it\"'s", "it's"), ("a\\ b", "a b"), ('""', "")]
)
def test_piece_knows_its_word_even_before_the_quote_is_closed(typed, word):
    (piece,) = pieces(typed)

    assert piece.word == word


@given(some.text(alphabet="ab -\"'\\|>#\n${}", max_size=30))
def test_pieces_are_the_line_but_for_blanks(line):
    found = list(pieces(line))

    assert all(line[piece.start : piece.end] == piece.text for piece in found)
    assert all(isinstance(piece.word, str) for piece in found)
    rest = list(line)
    for piece in reversed(found):
        del rest[piece.start : piece.end]
    assert not "".join(rest).replace("\\\n", "").strip()
