"""Which verbs take several things."""

from __future__ import annotations

from argparse import ArgumentParser

from tests.shell.commands.test_examples import verb_parsers

from cudo_shell.commands.parser import actions_of

# Verbs that ask before they act on a thing with an id, but act on one only, and why.
ONE_AT_A_TIME = {
    "billing permission-remove": "it is about a user, of one account",
    "project permission-remove": "it is about a user, of one project",
    "billing payment-method-remove": "it is about a payment method, of one account",
    "cluster update": "its sizes are for one cluster",
    "machine deploy": "it wipes a machine that stays rented, and its options are for one",
    "security-group rule-delete": "it is about a rule, of one group",
    "storage-user key-delete": "it is about a key, of one user",
    "context delete": "it is about a file on this computer",
}
ALSO = {
    "cluster-machine restart",
    "disk detach",
    "network start",
    "network stop",
    "vm restart",
    "vm start",
    "vm stop",
}


def has(parser: ArgumentParser, name: str) -> bool:
    return any(name in action.option_strings or action.dest == name for action in actions_of(parser))


def takes_several(parser: ArgumentParser) -> bool:
    return parser.get_default("several") is not None


def test_every_verb_that_destroys_takes_several_or_says_why_not():
    destroying = {parser.prog for parser in verb_parsers() if has(parser, "--yes") and has(parser, "id")}
    several = {parser.prog for parser in verb_parsers() if takes_several(parser)}
    assert destroying - several == set(ONE_AT_A_TIME)
    assert several >= ALSO


def test_verbs_that_ask_have_the_number_to_repeat_and_the_others_a_yes():
    for parser in verb_parsers():
        several = parser.get_default("several")
        if several is not None:
            assert has(parser, "--confirm") == several.asks, parser.prog
            assert has(parser, "--yes"), parser.prog


def test_several_are_selected_by_the_columns_of_their_listing(run):
    for parser in verb_parsers():
        if takes_several(parser):
            outcome = run(f"{parser.prog} --filter id=no-such")
            assert (outcome.code, outcome.err) == (0, "Nothing was selected.\n"), parser.prog
