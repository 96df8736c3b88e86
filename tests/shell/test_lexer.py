"""Colors of a half-typed line: pure, from the real parsers, and fast."""

from functools import cache
from shlex import quote
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from prompt_toolkit.document import Document

from cudo_shell import dispatch
from cudo_shell.colors import COMMAND, COMMENT, EXPRESSION, KEYWORD, MARK, OPTION, PLAIN, STRING, WRONG
from cudo_shell.commands import NOUNS, known_words
from cudo_shell.commands.parser import HelpWanted, actions_of, verbs_of
from cudo_shell.exits import UsageError
from cudo_shell.lexer import KNOWN, REDIRECTION, LineLexer, Vocabulary, highlighted

FOR = [(KEYWORD, "for"), (EXPRESSION, "x"), (KEYWORD, "in")]
LISTED = {
    ("vms", "", "web-1"),
    ("vms", "", "web 2"),
    ("vms", "other", "db-1"),
    ("projects", "other", "other"),
}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(
        nouns=frozenset({*known_words(), "dc"}),
        words=frozenset({"history", "exit"}),
        parser_of=cache(dispatch.parser_for),
        knows=lambda *name: name in LISTED,
    )


def styles(line: str, vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """The styled words, without the blanks between them."""
    return [(style, text) for style, text in highlighted(line, vocabulary) if text.strip()]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("vm", [(COMMAND, "vm")]),
        ("v", [(PLAIN, "v")]),
        ("vmm", [(WRONG, "vmm")]),
        ("v ", [(WRONG, "v")]),
        ("nosuch web-1", [(WRONG, "nosuch"), (PLAIN, "web-1")]),
        ("vm li", [(COMMAND, "vm"), (PLAIN, "li")]),
        ("vm lit", [(COMMAND, "vm"), (WRONG, "lit")]),
        ("vm li ", [(COMMAND, "vm"), (WRONG, "li")]),
        ("dc ls", [(COMMAND, "dc"), (COMMAND, "ls")]),
        ("vm lit --any", [(COMMAND, "vm"), (WRONG, "lit"), (PLAIN, "--any")]),
        ("vm get web-1", [(COMMAND, "vm"), (COMMAND, "get"), (KNOWN, "web-1")]),
        ("vm get web-9", [(COMMAND, "vm"), (COMMAND, "get"), (PLAIN, "web-9")]),
        ('vm get "web 2"', [(COMMAND, "vm"), (COMMAND, "get"), (KNOWN, '"web 2"')]),
        ('vm get "web 3"', [(COMMAND, "vm"), (COMMAND, "get"), (STRING, '"web 3"')]),
        ('vm get "web', [(COMMAND, "vm"), (COMMAND, "get"), (STRING, '"web')]),
        ("vm get a b", [(COMMAND, "vm"), (COMMAND, "get"), (PLAIN, "a"), (WRONG, "b")]),
        (
            "vm get db-1 -p other",
            [(COMMAND, "vm"), (COMMAND, "get"), (KNOWN, "db-1"), (OPTION, "-p"), (KNOWN, "other")],
        ),
        (
            "vm get web-1 --project=other",
            [(COMMAND, "vm"), (COMMAND, "get"), (PLAIN, "web-1"), (OPTION, "--project="), (KNOWN, "other")],
        ),
        ("vm list --sor", [(COMMAND, "vm"), (COMMAND, "list"), (PLAIN, "--sor")]),
        ("vm list --srot", [(COMMAND, "vm"), (COMMAND, "list"), (WRONG, "--srot")]),
        ("vm list -o js", [(COMMAND, "vm"), (COMMAND, "list"), (OPTION, "-o"), (PLAIN, "js")]),
        ("vm list -ojson", [(COMMAND, "vm"), (COMMAND, "list"), (OPTION, "-o"), (PLAIN, "json")]),
        ("vm list -o jsn", [(COMMAND, "vm"), (COMMAND, "list"), (OPTION, "-o"), (WRONG, "jsn")]),
        ("vm list --output=x", [(COMMAND, "vm"), (COMMAND, "list"), (OPTION, "--output="), (WRONG, "x")]),
        (
            "vm list --columns='a b'",
            [(COMMAND, "vm"), (COMMAND, "list"), (OPTION, "--columns="), (STRING, "'a b'")],
        ),
        (
            "vm list | jq .",
            [(COMMAND, "vm"), (COMMAND, "list"), (REDIRECTION, "|"), (PLAIN, "jq .")],
        ),
        ("vm list>f", [(COMMAND, "vm"), (COMMAND, "list"), (REDIRECTION, ">"), (STRING, "f")]),
        ("vm list # all", [(COMMAND, "vm"), (COMMAND, "list"), (COMMENT, "# all")]),
        ("history 'a b' -x", [(COMMAND, "history"), (STRING, "'a b'"), (PLAIN, "-x")]),
        ("help vm get", [(COMMAND, "help"), (COMMAND, "vm"), (COMMAND, "get")]),
        ("help vmm ", [(COMMAND, "help"), (WRONG, "vmm")]),
        ("? vm lit", [(COMMAND, "?"), (COMMAND, "vm"), (WRONG, "lit")]),
        ("?vm", [(COMMAND, "?"), (COMMAND, "vm")]),
        ("", []),
        ("try", [(KEYWORD, "try")]),
        ("tr", [(PLAIN, "tr")]),
        ("try vmm list", [(KEYWORD, "try"), (WRONG, "vmm"), (PLAIN, "list")]),
        ("try vm get web-1", [(KEYWORD, "try"), (COMMAND, "vm"), (COMMAND, "get"), (KNOWN, "web-1")]),
        (
            "retry 3 every 5s let x = vm lit ",
            [
                (KEYWORD, "retry"),
                (PLAIN, "3"),
                (KEYWORD, "every"),
                (PLAIN, "5s"),
                (KEYWORD, "let"),
                (EXPRESSION, "x"),
                (PLAIN, "="),
                (COMMAND, "vm"),
                (WRONG, "lit"),
            ],
        ),
        ("let x = 'web-1'", [(KEYWORD, "let"), (EXPRESSION, "x"), (PLAIN, "="), (STRING, "'web-1'")]),
        (
            "for x in web-1 vmm",
            [(KEYWORD, "for"), (EXPRESSION, "x"), (KEYWORD, "in"), (PLAIN, "web-1"), (PLAIN, "vmm")],
        ),
        ("for x in web-1 | cat", [*FOR, (PLAIN, "web-1"), (WRONG, "|"), (PLAIN, "cat")]),
        (
            "vm get ${x} web-9 --srot",
            [
                (COMMAND, "vm"),
                (COMMAND, "get"),
                (MARK, "${"),
                (EXPRESSION, "x"),
                (MARK, "}"),
                (PLAIN, "web-9"),
                (WRONG, "--srot"),
            ],
        ),
        (
            "vm list -o ${x} more",
            [
                (COMMAND, "vm"),
                (COMMAND, "list"),
                (OPTION, "-o"),
                (MARK, "${"),
                (EXPRESSION, "x"),
                (MARK, "}"),
                (PLAIN, "more"),
            ],
        ),
        ("vm get 'web-1;${x}'", [(COMMAND, "vm"), (COMMAND, "get"), (STRING, "'web-1;${x}'")]),
        ("vm get web-1;", [(COMMAND, "vm"), (COMMAND, "get"), (PLAIN, "web-1"), (WRONG, ";")]),
        ("vm get web-1 &", [(COMMAND, "vm"), (COMMAND, "get"), (KNOWN, "web-1"), (WRONG, "&")]),
        ("vm list; exit", [(COMMAND, "vm"), (PLAIN, "list"), (WRONG, ";"), (PLAIN, "exit")]),
    ],
)
def test_each_word_has_the_color_of_what_it_is(vocabulary, line, expected):
    assert styles(line, vocabulary) == expected


@given(some.text(alphabet="vm get-=o\"'\\|>#? \n${};", max_size=40))
def test_fragments_are_the_line_to_the_character(vocabulary, line):
    assert "".join(text for _, text in highlighted(line, vocabulary)) == line


def commands() -> list[str]:
    parsers = [dispatch.parser_for(noun) for noun in NOUNS]
    verbs = [verb for parser in parsers for verb in (verbs_of(parser).values() or [parser])]
    return sorted({example for verb in verbs for example in verb.examples})  # type: ignore[attr-defined]  # a tag


@pytest.mark.parametrize("example", commands())
def test_no_example_of_any_command_is_red(vocabulary, example):
    assert [text for style, text in highlighted(example, vocabulary) if style == WRONG] == []


COMMANDS = [["vm", "list"], ["vm", "get"], ["vm", "wait"], ["disk", "delete"], ["vm"], ["whoami"]]
WORDS = [
    "x",
    "5",
    "-5",
    "-",
    "--",
    "json",
    "-ojson",
    "-qojson",
    "--output=json",
    "--output=",
    "-p=x",
    "-vq",
    "-p",
    "--project",
    "-o",
    "--output",
    "--columns",
    "--columns=id",
    "-q",
    "--quiet",
    "-v",
    "--sort",
    "--sort=-id",
    "--no-headers",
    "--network",
    "--state",
    "ACTIVE",
    "--timeout",
    "5m",
    "--yes",
]


@given(
    some.sampled_from(COMMANDS),
    some.lists(some.sampled_from([*WORDS, "a b", "-a b", ""]), max_size=5),
)
def test_what_argparse_takes_is_never_red(vocabulary, command, words):
    try:
        dispatch.parser_for(command[0]).parse_args([*command[1:], *words])
    except (UsageError, HelpWanted):
        return
    line = " ".join(map(quote, [*command, *words]))

    assert [text for style, text in highlighted(line, vocabulary) if style == WRONG] == []


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_every_option_of_every_verb_has_the_color_of_options(vocabulary, noun):
    for verb, parser in verbs_of(dispatch.parser_for(noun)).items():
        names = [name for action in actions_of(parser) for name in action.option_strings]
        for name in names:
            assert highlighted(f"{noun} {verb} {name}", vocabulary)[-1] == (OPTION, name)


def test_noun_that_is_not_complete_loads_nothing():
    def refuse(*asked: str) -> Any:
        raise AssertionError(asked)

    vocabulary = Vocabulary(frozenset({"vm"}), frozenset(), refuse, refuse)

    assert styles("vm", vocabulary) == [(COMMAND, "vm")]


TEXTS = some.lists(
    some.sampled_from(["for x in a", "vm get web-1 \\", "  web-1 | cat", "end", "# no \\", ""]), max_size=6
)


@given(TEXTS)
def test_colored_lines_of_a_text_are_its_lines(vocabulary, lines):
    colored = LineLexer(vocabulary, has_color=True).lex_document(Document("\n".join(lines)))

    for number, line in enumerate(lines):
        assert "".join(fragment[1] for fragment in colored(number)) == line


def test_line_that_goes_on_is_colored_as_one(vocabulary):
    colored = LineLexer(vocabulary, has_color=True).lex_document(Document("try vm \\\n  get \\\n  web-1"))

    assert [colored(1)[1], colored(2)[-1]] == [(COMMAND, "get"), (KNOWN, "web-1")]


def test_redirection_inside_of_a_block_is_red(vocabulary):
    text = "for x in a\n  vm list > f\nend\nvm list > f"
    colored = LineLexer(vocabulary, has_color=True).lex_document(Document(text))

    assert ((WRONG, ">") in colored(1), (REDIRECTION, ">") in colored(3)) == (True, True)


def test_terminal_without_colors_gets_none(vocabulary):
    lexer = LineLexer(vocabulary, has_color=False)

    assert lexer.lex_document(Document("vmm list"))(0) == [(PLAIN, "vmm list")]


def test_colors_are_asked_for_again_once_they_are_outdated(vocabulary):
    lexer = LineLexer(vocabulary, has_color=True)
    before = lexer.invalidation_hash()
    lexer.outdated()

    assert lexer.invalidation_hash() != before
