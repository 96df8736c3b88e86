"""What is wanted at the cursor, for every place that a cursor can be in."""

from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

import pytest

from cudo_completions.candidates import Candidate
from cudo_completions.position import Part, Reference, Role, Wanted, read, wanted


def tag(action: Any, source: str, **narrow: str) -> None:
    action.source, action.narrow = source, narrow


@pytest.fixture
def parser() -> ArgumentParser:
    """A noun as the shell builds them: verbs, aliases, options, tagged values."""
    noun = ArgumentParser(prog="disk")
    verbs = noun.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", aliases=["ls"], help="list the disks")
    listing.add_argument("-o", "--output", choices=("table", "json"), help="how to print")
    listing.add_argument("--wait", action=BooleanOptionalAction, help="wait or not")
    listing.add_argument("-q", action="store_true", help="ids only")
    listing.add_argument("--tag", action="append", help="repeatable")
    listing.add_argument("--limit", type=int, default=7, help="rows, else %(default)s")
    listing.add_argument("--internal", help="==SUPPRESS==")
    attach = verbs.add_parser("attach", help="attach a disk")
    attach.add_argument("--project", help="the project")
    tag(
        attach.add_argument("disk", metavar="<disk-id>", help="the disk"),
        "disks",
        state="=READY",
        data_center="vm",
    )
    tag(attach.add_argument("--vm", help="the VM"), "vms", data_center="disk", size="size")
    attach.add_argument("--size", type=int)
    delete = verbs.add_parser("delete", help="delete disks")
    tag(delete.add_argument("disks", nargs="+"), "disks")
    delete.add_argument("--label", nargs=2)
    return noun


def choices(found: Wanted) -> list[str]:
    return [each.text for each in found.choices]


def test_first_word_is_a_verb_with_its_help(parser):
    found = wanted(parser, [""])

    assert [(each.text, each.hint) for each in found.choices] == [
        ("list", "list the disks"),
        ("attach", "attach a disk"),
        ("delete", "delete disks"),
    ]


def test_alias_of_a_verb_is_offered_once_it_was_begun(parser):
    found = wanted(parser, ["l"])

    assert [(each.text, each.hint) for each in found.choices][-1] == ("ls", "the same as list")


def test_unknown_verb_leaves_nothing_to_offer(parser):
    assert wanted(parser, ["lsit", ""]) == Wanted("")


@pytest.mark.parametrize("typed", ["", "-", "--", "--o"])
def test_options_are_offered_by_their_long_names(parser, typed):
    found = wanted(parser, ["list", typed])

    assert choices(found) == ["--help", "--output", "--wait", "--no-wait", "-q", "--tag", "--limit"]
    assert found.prefix == typed


def test_help_of_an_option_has_its_default_filled_in(parser):
    hints = {each.text: each.hint for each in wanted(parser, ["list", ""]).choices}

    assert hints["--limit"] == "rows, else 7"


def test_negative_form_of_an_option_says_the_opposite():
    parser = ArgumentParser(prog="x")
    parser.add_argument("--wait", action=BooleanOptionalAction, help="wait until it is done (the default)")
    parser.add_argument("--no-headers", action="store_true", help="no line of column names")
    hints = {each.text: each.hint for each in wanted(parser, ["-"]).choices}

    assert hints["--wait"] == "wait until it is done (the default)"
    assert hints["--no-wait"] == "do not wait until it is done"
    assert hints["--no-headers"] == "no line of column names"


def test_used_option_is_not_offered_again_unless_it_repeats(parser):
    found = wanted(parser, ["list", "--output", "json", "--tag", "a", "--no-wait", "-q", ""])

    assert choices(found) == ["--help", "--tag", "--limit"]


def test_value_of_an_option_is_one_of_its_choices(parser):
    assert choices(wanted(parser, ["ls", "--output", ""])) == ["table", "json"]
    assert choices(wanted(parser, ["ls", "-o", "j"])) == ["table", "json"]


def test_value_of_an_option_may_be_named_by_the_function_that_reads_it():
    def term(text: str) -> str:
        return text

    term.names = ("1-month", "3-months")  # type: ignore[attr-defined]  # a tag, as on the actions
    parser = ArgumentParser(prog="x")
    parser.add_argument("--term", type=term)

    assert choices(wanted(parser, ["--term", ""])) == ["1-month", "3-months"]


def test_part_of_a_word_is_offered_behind_what_leads_to_it():
    parser = ArgumentParser(prog="x")
    action: Any = parser.add_argument("--columns")
    action.inside = lambda typed: Part(typed[: typed.rfind(",") + 1], (Candidate("state"),))

    first, third = wanted(parser, ["--columns", "i"]), wanted(parser, ["--columns=vm,id,s"])
    assert (choices(first), first.prefix, first.lead) == (["state"], "i", "")
    assert (choices(third), third.prefix, third.lead) == (["state"], "s", "--columns=vm,id,")


def test_value_after_an_equals_sign_keeps_the_option_before_it(parser):
    found = wanted(parser, ["list", "--output=j"])

    assert (choices(found), found.prefix, found.lead) == (["table", "json"], "j", "--output=")


def test_value_of_an_option_without_choices_says_what_it_is(parser):
    found = wanted(parser, ["list", "--limit", ""])

    assert (found.choices, found.source, found.about) == ((), None, "limit: rows, else 7")


def test_positional_names_its_listing_and_what_it_must_be(parser):
    found = wanted(parser, ["attach", "da"])

    assert (found.source, found.prefix, found.about) == ("disks", "da", "<disk-id>: the disk")
    assert (found.narrow, found.prefer) == ({}, {"state": "READY"})


def test_value_typed_before_narrows_by_reference(parser):
    found = wanted(parser, ["attach", "--vm", "web-1", ""])

    assert found.narrow == {"data_center": Reference("vms", "web-1")}


def test_value_typed_before_without_a_listing_narrows_by_itself(parser):
    found = wanted(parser, ["attach", "data-1", "--size", "10", "--vm", ""])

    assert found.narrow == {"data_center": Reference("disks", "data-1"), "size": "10"}


def test_flag_changes_the_listing_that_a_value_comes_from():
    parser = ArgumentParser(prog="x")
    parser.add_argument("--metal", action="store_true")
    action: Any = parser.add_argument("id")
    action.source, action.otherwise = "machine_types", {"metal": "metal_machine_types"}

    assert wanted(parser, [""]).source == "machine_types"
    assert wanted(parser, ["--metal", ""]).source == "metal_machine_types"


def test_value_without_a_tag_is_of_the_kind_that_its_metavar_names():
    parser = ArgumentParser(prog="x")
    parser.add_argument("--key", metavar="@FILE")
    kinds = {"@FILE": lambda typed: Part(typed[:1], (Candidate("a.txt"),))}

    found = wanted(parser, ["--key=@a"], kinds)

    assert (choices(found), found.lead, found.prefix) == (["a.txt"], "--key=@", "a")
    assert choices(wanted(parser, ["--key=@a"])) == []


def test_project_to_the_left_counts(parser):
    assert wanted(parser, ["attach", "--project", "p2", ""]).project == "p2"
    assert wanted(parser, ["attach", "--project=p2", ""]).project == "p2"
    assert wanted(parser, ["attach", ""]).project is None


def test_repeated_positional_does_not_offer_what_was_taken(parser):
    found = wanted(parser, ["delete", "data-1", "data-2", ""])

    assert (found.source, found.taken) == ("disks", frozenset({"data-1", "data-2"}))


def test_option_with_two_values_wants_both(parser):
    assert wanted(parser, ["delete", "--label", "a", ""]).about == "label"
    assert wanted(parser, ["delete", "--label", "a", "b", ""]).source == "disks"


def test_after_a_double_dash_words_are_values(parser):
    found = wanted(parser, ["delete", "--", "-x"])

    assert (found.source, found.prefix) == ("disks", "-x")


def test_unknown_option_is_passed_over(parser):
    assert wanted(parser, ["attach", "--unknown", "--also=this", ""]).source == "disks"


def test_all_positionals_given_leaves_the_options(parser):
    assert choices(wanted(parser, ["attach", "data-1", ""])) == ["--help", "--project", "--vm", "--size"]


def test_remainder_takes_every_word():
    parser = ArgumentParser(prog="x")
    parser.add_argument("rest", nargs="...")
    parser.add_argument("--flag", action="store_true")

    assert wanted(parser, ["a", "--flag", "--", "-"]).choices == ()


# What a word is


VALUE, OPTION, VERB, UNKNOWN = Role.VALUE, Role.OPTION, Role.VERB, Role.UNKNOWN


@pytest.mark.parametrize(
    ("words", "readings"),
    [
        ("list --wait", [(VERB, "verb", "list"), (OPTION, "wait", None)]),
        ("list -o json", [(VERB, "verb", "list"), (OPTION, "output", None), (VALUE, "output", "json")]),
        ("list -ojson", [(VERB, "verb", "list"), (OPTION, "output", "json")]),
        ("list -qo json", [(VERB, "verb", "list"), (OPTION, "output", None), (VALUE, "output", "json")]),
        ("list --limit -5", [(VERB, "verb", "list"), (OPTION, "limit", None), (VALUE, "limit", "-5")]),
        ("list --output=json", [(VERB, "verb", "list"), (OPTION, "output", "json")]),
        ("list --wait=no", [(VERB, "verb", "list"), (UNKNOWN, None, None)]),
        ("list -qx", [(VERB, "verb", "list"), (UNKNOWN, None, None)]),
        ("list extra", [(VERB, "verb", "list"), (UNKNOWN, None, None)]),
        ("attach -- -x", [(VERB, "verb", "attach"), (OPTION, None, None), (VALUE, "disk", "-x")]),
        ("delete a b", [(VERB, "verb", "delete"), (VALUE, "disks", "a"), (VALUE, "disks", "b")]),
        ("lsit --any x", [(UNKNOWN, None, None), (VALUE, None, None), (VALUE, None, None)]),
    ],
)
def test_each_word_is_read_as_argparse_reads_it(parser, words, readings):
    found = read(parser, words.split())

    assert [(each.role, each.action and each.action.dest, each.value) for each in found] == readings


def test_word_with_a_blank_is_no_option_unless_it_begins_with_one(parser):
    found = read(parser, ["attach", "-a disk", "--vm=a b"])

    assert [(each.role, each.value) for each in found] == [
        (VERB, "attach"),
        (VALUE, "-a disk"),
        (OPTION, "a b"),
    ]


def test_unknown_word_says_what_could_stand_there(parser):
    verb, option = read(parser, ["lit"])[0], read(parser, ["delete", "a", "--lable"])[-1]

    assert verb.known == ("list", "ls", "attach", "delete")
    assert option.known == ("-h", "--help", "--label")
