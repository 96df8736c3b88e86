"""Words of other tools, and slips of the finger: what is meant, and what is put into the prompt."""

import pytest

from cudo_shell.commands import NOUNS, find_noun, meant
from cudo_shell.commands.parser import option_names, verbs_of
from cudo_shell.dispatch import parser_for
from cudo_shell.exits import Instead, UsageError


def advice(line: str) -> tuple[str, Instead | None]:
    """The hint of a line that cannot be parsed, and the correction of one of its words."""
    noun, *words = line.split()
    with pytest.raises(UsageError) as caught:
        parser_for(noun).parse_args(words)
    return caught.value.hint, caught.value.instead


@pytest.mark.parametrize(
    ("line", "hint", "instead"),
    [
        ("vm describe web-2", "get", Instead("describe", "get")),
        ("vm INFO web-2", "get", Instead("INFO", "get")),
        ("auth info", "status", Instead("info", "status")),
        ("vm remove web-2", "terminate", Instead("remove", "terminate")),
        ("network destroy n", "delete", Instead("destroy", "delete")),
        ("vm list --format json", "--output", Instead("--format", "--output")),
        ("vm list --format=json", "--output", Instead("--format", "--output")),
        ("vm list --json", "--output=json", Instead("--json", "--output=json")),
        ("vm create x --ram 4", "--memory", Instead("--ram", "--memory")),
        ("vm lst", "list", Instead("lst", "list")),
        ("vm lsit", "list, wait", Instead("lsit", "list")),
        ("vm cnt", "count", None),
        ("vm list --sot id", "--sort", Instead("--sot", "--sort")),
    ],
)
def test_word_of_another_tool_comes_before_the_nearest_and_only_a_slip_is_corrected(line, hint, instead):
    assert advice(line) == (f"Did you mean: {hint}?", instead)


def test_word_that_a_noun_lacks_is_not_meant():
    assert advice("network reboot n") == (
        "One of: list, ls, get, show, create, start, stop, wait, delete, rm",
        None,
    )
    assert "--memory" not in advice("disk create x --ram 4")[0]


def test_every_word_of_ours_exists():
    parsers = [parser_for(noun) for noun in NOUNS]
    verbs = {verb for parser in parsers for verb in verbs_of(parser)}
    options = {
        name for parser in parsers for each in verbs_of(parser).values() for name in option_names(each)
    }

    assert {verb for ours in meant._VERBS.values() for verb in ours} <= verbs
    assert {option.partition("=")[0] for option in meant._OPTIONS.values()} <= options
    assert all(find_noun(noun) for noun in meant._NOUNS.values())
    assert not any(find_noun(theirs) for theirs in meant._NOUNS)


@pytest.mark.parametrize(
    ("word", "noun"), [("instances", "vm"), ("Server", "vm"), ("invoices", None), ("list", None)]
)
def test_noun_of_another_tool_has_one_of_ours(word, noun):
    assert meant.noun_for(word) == noun


def test_verbs_that_lead_elsewhere_are_known():
    assert meant.is_leading_verb("list")
    assert not meant.is_leading_verb("volume")
