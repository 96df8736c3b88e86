"""The names for `--query` are those that the API's replies have."""

import json
from importlib import import_module
from typing import Any

import pytest

from cudo_shell.commands import NOUNS
from cudo_shell.commands.parser import CommandParser, actions_of, verbs_of
from cudo_shell.output.api_names import names_at
from cudo_shell.output.fields import FieldSpec

LISTS = ("vm", "disk", "network", "security-group", "image", "data-center", "machine-type", "project", "gpu")


@pytest.mark.parametrize("line", [*(f"{noun} list" for noun in LISTS), "machine-type list --metal"])
def test_names_that_are_offered_are_those_in_the_output(run, line):
    noun, verb = line.split()[:2]
    of_verb = verbs_of(import_module(NOUNS[noun].module).build_parser(CommandParser))[verb]
    query: Any = next(each for each in actions_of(of_verb) if each.dest == "query")
    offered = {each.text.removeprefix("[].") for each in query.inside("").choices}

    shown = json.loads(run(f"{line} -o json").out)

    assert {name for thing in (shown if isinstance(shown, list) else [shown]) for name in thing} <= offered


def test_names_of_things_of_which_many_have_the_columns_are_those_that_all_have():
    assert names_at([FieldSpec("id"), FieldSpec("created", path="create_time")]) == ["createTime", "id"]


def test_names_below_a_name_are_those_of_its_own_kind():
    rules = [FieldSpec("id"), FieldSpec("rules"), FieldSpec("description")]

    assert {"protocol", "ipRangeCidr"} <= set(names_at(rules, ["rules"]))
    assert names_at(rules, ["id"]) == names_at(rules, ["nothing"]) == []
