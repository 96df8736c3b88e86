"""Every argument of every verb: its values are completed, or it is written down why they cannot be."""

from argparse import Action, ArgumentParser
from collections.abc import Iterator, Mapping
from importlib import import_module

import pytest

from cudo_completions.position import choices_of, inside_of
from cudo_completions.sources import SOURCES
from cudo_shell.commands import NOUNS, WORDS
from cudo_shell.commands.kinds import IN_PROJECT, LABELS
from cudo_shell.commands.parser import CommandParser, actions_of, verbs_of
from cudo_shell.grammars import KINDS

NUMBER, TIME, NEW = "a number", "a time or a span", "a new name"
TYPED = "repeated by hand, to show that it is meant"
PERSON = "known to the person alone"
SERVER = "known to the server, which lists no values"

FREE_TEXT: Mapping[str, str] = {
    "--amount": NUMBER,
    "--boot-disk": NUMBER,
    "--gpus": NUMBER,
    "--ipoib-host-bits": NUMBER,
    "--ipoib-port-bits": NUMBER,
    "--limit": NUMBER,
    "--machines": NUMBER,
    "--memory": NUMBER,
    "--size": NUMBER,
    "--vcpus": NUMBER,
    "--expire-time": TIME,
    "--from": TIME,
    "--last": TIME,
    "--timeout": TIME,
    "--to": TIME,
    "--ttl": TIME,
    "--watch": TIME,
    "--confirm": TYPED,
    "--api-url": PERSON,
    "--audience": PERSON,
    "--client-id": PERSON,
    "--description": PERSON,
    "--email": PERSON,
    "--invoice-name": PERSON,
    "--ip-range": PERSON,
    "--ipoib-prefix": PERSON,
    "--issuer": PERSON,
    "--metadata": PERSON,
    "--name": PERSON,
    "--ports": PERSON,
    "--referral": PERSON,
    "--return-url": PERSON,
    "--scopes": PERSON,
    "--store-command": PERSON,
    "--user": PERSON,
    "metadata": PERSON,
    "name": PERSON,
    "text": PERSON,
    "--icmp-type": SERVER,
    "--radar-session": SERVER,
    "--tax-id": SERVER,
    "--status": SERVER,
    "access_key": "a key is in no listing that is kept in memory",
    "words": "completed where `help` is: the words of a command",
    "new_id": NEW,
}


def verbs() -> Iterator[tuple[str, ArgumentParser]]:
    for name, noun in {**NOUNS, **WORDS}.items():
        parser = import_module(noun.module).build_parser(CommandParser)
        for verb, of_verb in (verbs_of(parser) or {"": parser}).items():
            yield f"{name} {verb}".strip(), of_verb


VERBS = dict(verbs())


def name_of(action: Action) -> str:
    return action.option_strings[-1] if action.option_strings else action.dest


def is_completed(action: Action) -> bool:
    has_source = getattr(action, "source", None) is not None
    has_values = hasattr(action, "values") and not isinstance(action.values, tuple)  # read when it is asked
    by_another = getattr(action, "values_by", None) is not None
    has_choices = has_values or by_another or bool(choices_of(action))
    return has_source or has_choices or inside_of(action, KINDS) is not None


def is_free(action: Action) -> bool:
    return name_of(action) in FREE_TEXT or bool(getattr(action, "creates", None)) or action.metavar == "NAME"


@pytest.mark.parametrize("verb", VERBS)
def test_every_value_is_completed_or_free_for_a_reason(verb):
    lost = [
        name_of(action)
        for action in actions_of(VERBS[verb])
        if action.nargs != 0 and not is_completed(action) and not is_free(action)
    ]
    assert lost == []


def test_no_reason_is_left_over():
    free = {
        name_of(action)
        for parser in VERBS.values()
        for action in actions_of(parser)
        if not is_completed(action)
    }

    assert FREE_TEXT.keys() - free == set()


def test_every_listing_that_a_value_comes_from_is_there_and_has_a_name():
    kinds = {
        kind
        for parser in VERBS.values()
        for action in actions_of(parser)
        for kind in (getattr(action, "source", None), *(getattr(action, "otherwise", None) or {}).values())
        if kind
    }

    assert kinds <= SOURCES.keys()
    assert kinds <= LABELS.keys()
    assert SOURCES.keys() >= IN_PROJECT


def test_what_a_value_is_narrowed_by_is_an_argument_of_the_verb():
    wrong = [
        (verb, name_of(action), rule)
        for verb, parser in VERBS.items()
        for action in actions_of(parser)
        for rule in (getattr(action, "narrow", None) or {}).values()
        if not rule.startswith("=") and rule not in {other.dest for other in actions_of(parser)}
    ]
    assert wrong == []
