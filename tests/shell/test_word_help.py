"""Help for the word under the cursor, from a line and a position."""

import pytest

from cudo_shell.commands.help import help_text
from cudo_shell.dispatch import parser_for
from cudo_shell.word_help import help_at, is_at_new_word, words_until

OWN = {"history": "The lines typed before.\n"}


def helped(marked: str) -> str:
    """The help where `^` stands in a line."""
    return help_at(marked.replace("^", ""), marked.index("^"), parser_for, OWN)


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("^", []),
        ("  ^", []),
        ("^vm list", ["vm"]),
        ("v^m list", ["vm"]),
        ("vm^ list", ["vm"]),
        ("vm ^list", ["vm", "list"]),
        ("vm ^", ["vm"]),
        ("vm ge^", ["vm"]),
        ("vm ^ get", ["vm"]),
        ("vm get^ web-1", ["vm", "get"]),
        ("vm get ^", ["vm", "get"]),
        ("vm get web-1^", ["vm", "get"]),
        ("vm get 'web 1^", ["vm", "get"]),
        ("vm list -q ^", ["vm", "list"]),
        ("vm list --output json ^", ["vm", "list"]),
        ("vm list --nosuch^", ["vm", "list"]),
        ("help vm ge^t", ["vm", "get"]),
        ("help ^", []),
        ("?vm^", ["vm"]),
        ("? vm get^", ["vm", "get"]),
        ("?^", []),
        ("try vm get ^", ["vm", "get"]),
        ("retry 3 every 5s let x = vm get ${y | z}^", ["vm", "get"]),
        ("let x = ^", []),
    ],
)
def test_command_at_the_cursor_is_explained(marked, words):
    assert helped(marked) == help_text(words)


@pytest.mark.parametrize(
    "marked", ["vm list --out^put json", "vm list -o^", "vm list -o js^", "vm list --output ^"]
)
def test_option_is_explained_alone_also_at_its_value(marked):
    shown = " ".join(helped(marked).split())

    assert shown.startswith("-o")  # from Python 3.13 on, without a second FORMAT behind it
    assert shown.endswith(", --output FORMAT table, json, jsonl, yaml, csv, tsv, ids")


def test_word_of_the_prompt_has_its_own_help():
    assert helped("history^ x") == OWN["history"]


def test_unknown_word_says_what_may_have_been_meant():
    assert helped("vmm^") == "There is no command 'vmm'.\nDid you mean: vm?\n"


@pytest.mark.parametrize(
    ("line", "cursor", "words"),
    [
        ("vm get x", 2, ["vm"]),
        ("vm get x", 3, ["vm", "get"]),
        ("vm  x", 3, ["vm", ""]),
        ("vm 'a b", 7, ["vm", "a b"]),
    ],
)
def test_words_end_with_the_one_that_the_cursor_touches(line, cursor, words):
    assert words_until(line, cursor) == words


@pytest.mark.parametrize(
    ("before", "is_new"),
    [
        ("", False),
        ("  ", False),
        ("vm", False),
        ("vm ", True),
        ("vm get ", True),
        ("vm get web-", False),
        ("vm list --query '", False),
        ("vm list --query '[", False),
        ("vm list --query 'a ", False),
        ("vm list | grep ", False),
        ("vm list > ", False),
        ("vm list # why ", False),
        ("vm get ${vms[ ", False),
        ("try vm get ", True),
    ],
)
def test_question_mark_asks_only_where_an_argument_begins(before, is_new):
    assert is_at_new_word(before) is is_new
