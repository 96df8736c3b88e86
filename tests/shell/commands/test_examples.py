"""The examples in the help of every verb run as they stand, on a fresh sandbox."""

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from cudo_shell.commands import NOUNS, WORDS
from cudo_shell.commands.parser import CommandParser, actions_of, verbs_of
from cudo_shell.exits import ExitCode

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWmEO0vUYWs2R8uGMPzUnWCwxyXNPxPnvS5lOBLqGPx ada@example"

# Of these the last example cannot work on a fresh sandbox, and the reason.
REFUSED = {
    "user delete": ExitCode.CONFLICT,  # kim still has resources
    "storage-user key-delete": ExitCode.NOT_FOUND,  # keys are made by chance
    "record start": ExitCode.USAGE,  # there is no prompt here
    "record stop": ExitCode.USAGE,  # as above
}

# What they show has other columns with other options.
OF_SEVERAL_KINDS = {"image list", "image get", "machine-type list", "machine-type get"}


def verb_parsers() -> Iterator[ArgumentParser]:
    """The parsers of all verbs, and of the words that have none; an alias is not another verb."""
    for noun in {**NOUNS, **WORDS}.values():
        parser = import_module(noun.module).build_parser(CommandParser)
        yield from dict.fromkeys(verbs_of(parser).values()) or [parser]


def examples() -> Iterator[object]:
    for parser in verb_parsers():
        ends = REFUSED.get(parser.prog, ExitCode.OK)
        yield pytest.param(parser.examples, ends, id=parser.prog)  # type: ignore[attr-defined]  # a tag of ours


@pytest.mark.parametrize(("lines", "ends"), list(examples()))
def test_examples_run(lines, ends, run, tmp_path: Path):
    (tmp_path / "id_ed25519.pub").write_text(KEY + "\n")
    (tmp_path / "password.txt").write_text("correct-horse-9\n")
    for line in lines:
        outcome = run(line)
        assert outcome.code == (ends if line == lines[-1] else 0), (line, outcome)


@pytest.mark.parametrize("parser", list(verb_parsers()), ids=lambda parser: parser.prog)
def test_verb_has_help_and_an_example(parser):
    assert parser.description
    assert parser.description.endswith(".")
    assert parser.examples
    assert all(example.split()[0] in {**NOUNS, **WORDS} for example in parser.examples)


def column_cases() -> Iterator[object]:
    for parser in verb_parsers():
        tags = {action.dest: action.inside for action in actions_of(parser) if hasattr(action, "inside")}
        if "columns" in tags and parser.prog not in REFUSED:
            offered = [candidate.text for candidate in tags["columns"]("").choices]
            yield pytest.param(parser, offered, id=parser.prog)


@pytest.mark.parametrize(("parser", "columns"), list(column_cases()))
def test_columns_that_are_offered_are_those_that_there_are(parser, columns, run, tmp_path: Path):
    (tmp_path / "id_ed25519.pub").write_text(KEY + "\n")
    *before, last = parser.examples
    for line in before:
        run(line)
    known = run(f"{last} --output csv --columns no-such").err.splitlines()[-1]
    there = set(known.removeprefix("Columns: ").split(", "))
    assert there <= set(columns) if parser.prog in OF_SEVERAL_KINDS else there == set(columns)


@pytest.mark.parametrize("parser", list(verb_parsers()), ids=lambda parser: parser.prog)
def test_every_option_of_a_verb_has_a_help(parser):
    options = [action for action in actions_of(parser) if action.option_strings]
    assert [action.option_strings for action in options if not action.help] == []


@pytest.mark.parametrize("parser", list(verb_parsers()), ids=lambda parser: parser.prog)
def test_help_of_an_option_tells_its_unit_and_its_default(parser):
    for action in actions_of(parser):
        told = f"{action.help}"
        if action.metavar == "SIZE":
            assert "GiB" in told, action.option_strings
        if action.option_strings and action.type and action.default is not None:
            assert re.search(r"if not given|^up to now; ", told), action.option_strings
