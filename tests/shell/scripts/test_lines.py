"""Reading the words of script lines."""

import pytest

from cudo_shell.exits import UsageError
from cudo_shell.scripts.lines import Expression, Line, LineError, Literal, joined, read_lines, split


def read(text: str) -> list[Line]:
    """The lines of a text without errors."""
    lines = list(read_lines(text))
    assert all(isinstance(line, Line) for line in lines)
    return [line for line in lines if isinstance(line, Line)]


def words(line: str) -> list[str]:
    """The words of a line that has no ${...}."""
    found = []
    for word in split(line):
        [part] = word
        assert isinstance(part, Literal)
        found.append(part.text)
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("vm list", ["vm", "list"]),
        ("  vm   list\t-o json ", ["vm", "list", "-o", "json"]),
        ("vm get 'a b' \"c d\"", ["vm", "get", "a b", "c d"]),
        ("a'b c'd", ["ab cd"]),
        ("x '' \"\"", ["x", "", ""]),
        (r"a\ b \"q\" '\n'", ["a b", '"q"', r"\n"]),
        (r'"a\"b" "c\\d"', ['a"b', r"c\d"]),
        ("vm list # all of them", ["vm", "list"]),
        ("disk get a#b", ["disk", "get", "a#b"]),
        ("'a|b' \"c>d\" e\\;f", ["a|b", "c>d", "e;f"]),
        ("cost $5 5$", ["cost", "$5", "5$"]),
        ("'${x}'", ["${x}"]),
        (r"\${x}", ["${x}"]),
        ("æøå", ["æøå"]),
        ("# nothing", []),
        ("", []),
    ],
)
def test_line_is_split_into_words(line, expected):
    assert words(line) == expected


def test_expression_is_kept_whole_with_its_quotes_pipes_and_braces():
    line = "vm get ${vms[?state=='ACTIVE'] | [0].{a: id}.a} x${ y }z \"${q}\""
    assert list(split(line))[2:] == [
        (Expression("vms[?state=='ACTIVE'] | [0].{a: id}.a"),),
        (Literal("x"), Expression("y"), Literal("z")),
        (Literal(""), Expression("q")),
    ]


@pytest.mark.parametrize("operator", list("|<>;&"))
def test_unquoted_operator_says_to_quote_it(operator):
    with pytest.raises(UsageError) as caught:
        list(split(f"vm list {operator} less"))
    assert str(caught.value) == f"'{operator}' has no meaning here."
    assert caught.value.hint == f"Quote it: '{operator}'"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("vm get 'web", "' has no end."),
        ('vm get "web', '" has no end.'),
        ("vm get ${web", "${ has no end."),
    ],
)
def test_quote_without_end_is_named(line, message):
    with pytest.raises(UsageError, match="has no end") as caught:
        list(split(line))
    assert str(caught.value) == message


def test_lines_keep_the_number_they_begin_at():
    text = "#!/usr/bin/env cudo\n\nvm list \\\n  -o json\n# a comment \\\ndisk list\n"
    lines = read(text)
    assert [(line.number, line.text) for line in lines] == [(3, "vm list   -o json"), (6, "disk list")]


def test_last_line_needs_no_end():
    assert [line.text for line in read("vm list\nvm count")] == ["vm list", "vm count"]


def test_continuation_at_the_end_of_the_file_still_counts():
    assert [line.text for line in read("vm list \\")] == ["vm list"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a \\\nb # c \\\nd \\\ne", [(1, "a b # c \\"), (3, "d e")]),
        ("# a \\\n# b \\\nc", [(1, "# a \\"), (2, "# b \\"), (3, "c")]),
        ("'a # \\\nb' # c \\\nd", [(1, "'a # b' # c \\"), (3, "d")]),
        ('"a # \\\nb" c \\\n# d \\\ne', [(1, '"a # b" c # d \\'), (4, "e")]),
        ("${x # \\\n} y#z \\\n\\\n", [(1, "${x # } y#z ")]),
        ("a | b # \\\nc", [(1, "a | b # c")]),
        ("a \\\\\nb \\\\\\\nc", [(1, "a \\\\"), (2, "b \\\\c")]),
    ],
)
def test_backslash_joins_lines_unless_it_is_in_a_comment(text, expected):
    assert list(joined(text)) == expected


# Minutes, where all that was joined so far is read again for each line; comments make a line of each.
@pytest.mark.parametrize("line", ["a b", "'", "'it' x", '"x', "${x}", "# a", "a # '"])
def test_any_number_of_lines_is_joined(line):
    count = 50_000
    found = list(joined(f"{line} \\\n" * count + "end"))

    if "#" in line:
        assert found == [*((number, f"{line} \\") for number in range(1, count + 1)), (count + 1, "end")]
    else:
        assert found == [(1, f"{line} " * count + "end")]


def test_each_line_that_cannot_be_read_is_named():
    first, error, last = read_lines("vm list\nvm list | less\nvm count\n")
    assert isinstance(error, LineError)
    assert (error.number, error.text, str(error)) == (2, "vm list | less", "'|' has no meaning here.")
    assert (first.number, last.number) == (1, 3)
