"""Errors hand back the line that was meant: exactly one word of it differs from what was typed."""

from __future__ import annotations

import io
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shell.terminal import Terminal, line_of

from cudo_sandbox import Sandbox
from cudo_sdk._http import httpx
from cudo_sdk.errors import error_for
from cudo_shell.commands import NOUNS
from cudo_shell.commands.parser import CommandParser, option_names, verbs_of
from cudo_shell.corrections import corrected, destroys
from cudo_shell.exits import ExitCode, Instead
from cudo_shell.failures import Subject, explain
from cudo_shell.main import main
from cudo_shell.quoting import quoted, words_of

TYPE = "type.googleapis.com/google.rpc."


@pytest.mark.parametrize(
    ("line", "instead", "meant"),
    [
        ("vn list", Instead("vn", "vm"), "vm list"),
        ("  vm  gett 'web-1'  -o json", Instead("gett", "get"), "  vm  get 'web-1'  -o json"),
        ("vm get web-1 --outptu=json", Instead("--outptu", "--output"), "vm get web-1 --output=json"),
        ("vm get web-1 --output=jsno", Instead("jsno", "json"), "vm get web-1 --output=json"),
        ("vm wait web-1 --state actve", Instead("ACTVE", "ACTIVE"), "vm wait web-1 --state ACTIVE"),
        ("vm get wbe-1 | jq .id", Instead("wbe-1", "web-1"), "vm get web-1 | jq .id"),
        ("vm get wbe-1 # wbe-1", Instead("wbe-1", "web-1"), "vm get web-1 # wbe-1"),
        ("try let x = vm gett ${y | [0]}", Instead("gett", "get"), "try let x = vm get ${y | [0]}"),
        (
            "for x in a # gett\n  vm gett ${x}\nend",
            Instead("gett", "get"),
            "for x in a # gett\n  vm get ${x}\nend",
        ),
        ("for x in wbe-1\n  vm get wbe-1\nend", Instead("wbe-1", "web-1"), ""),
        ('vm get "wbe"-1', Instead("wbe-1", "a b|c"), "vm get 'a b|c'"),
        ("disk attach a --vm a", Instead("a", "b"), ""),
        ("vm get 'wbe-1", Instead("wbe-1", "web-1"), ""),
        ("vm get wbe-1", Instead("wbe-1", "web\x1b[2J"), ""),
        ("vm get other", Instead("wbe-1", "web-1"), ""),
        ("vm get wbe-1", None, ""),
    ],
)
def test_one_word_is_replaced_and_the_rest_is_as_it_was_typed(line, instead, meant):
    assert corrected(line, instead) == meant


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1), max_size=5), st.data())
def test_any_words_stay_the_words_they_were(others: list[str], data: st.DataObject):
    at = data.draw(st.integers(0, len(others)))
    right = data.draw(st.text(min_size=1).filter(str.isprintable))
    words = [f"k{word}" for word in others]  # none is the wrong one, and none an option
    line = " ".join(map(quoted, [*words[:at], "WRONG-1", *words[at:]]))
    if meant := corrected(line, Instead("WRONG-1", right)):
        assert words_of(meant) == [*words[:at], right, *words[at:]]


def asking_verbs() -> Iterator[Any]:
    for name, noun in NOUNS.items():
        parser: ArgumentParser = import_module(noun.module).build_parser(CommandParser)
        for word, verb in verbs_of(parser).items():
            several = verb.get_default("several")
            asks = "--yes" in option_names(verb) and (several is None or several.asks)
            if asks:
                yield pytest.param(f"{name} {word} x", id=f"{name} {word}")


@pytest.mark.parametrize("line", list(asking_verbs()))
def test_verb_that_asks_before_it_acts_is_one_that_destroys(line: str):
    assert destroys(line)
    assert destroys(f"try retry 3 every 5s {line}")
    assert destroys(f"for x in a\n  vm list\n  defer {line}\nend")


@pytest.mark.parametrize(
    "line",
    [
        "vm list",
        "vm create x",
        "vm",
        "",
        "vm start x",
        "volume update x",
        "echo vm delete x",
        "let x = vm list # vm delete x",
        "for vm in delete\n  echo ${vm}\nend",
    ],
)
def test_other_lines_destroy_nothing(line: str):
    assert not destroys(line)


# The API's own advice


def refused(*details: dict[str, Any]) -> Exception:
    request = httpx.Request("POST", "http://api")
    body = {"code": 3, "message": "bad", "details": list(details)}
    return error_for(httpx.Response(400, json=body, request=request), "CreateVM")


def violation(*fields: str) -> dict[str, Any]:
    listed = [{"field": field, "description": "is wrong"} for field in fields]
    return {"@type": TYPE + "BadRequest", "fieldViolations": listed}


OPTIONS = {
    "memoryGib": "--memory",
    "rules": "--rule",
    "displayName": "--name",
    "machineType": "--machine-type",
}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("memoryGib",), "--memory: is wrong."),
        (("billingAccount.displayName",), "--name: is wrong."),
        (("rules[1].portRange",), "--rule: is wrong."),
        (("rules[0].a", "rules[1].a"), "--rule: is wrong."),
        (("unheardOf.b",), "UnheardOf.b: is wrong."),
    ],
)
def test_violated_field_is_told_by_our_option(fields, message):
    assert explain(refused(violation(*fields)), Subject(options=OPTIONS)).message == message


@pytest.mark.parametrize(
    ("offers", "hint", "instead"),
    [
        (["b"], "--machine-type: b", Instead("a", "b")),
        ("b", "--machine-type: b", Instead("a", "b")),
        (["b", "c"], "--machine-type: b, c", None),
        ([], "", None),
        ({"b": 1}, "--machine-type: {'b': 1}", None),
    ],
)
def test_alternatives_of_the_metadata_are_candidates_of_our_option(offers, hint, instead):
    detail = {"@type": TYPE + "ErrorInfo", "reason": "X", "metadata": {"availableMachineTypes": offers}}
    failure = explain(refused(detail), Subject(options=OPTIONS, given={"machineType": "a"}))
    assert (failure.hint, failure.instead) == (hint, instead)


# At the prompt


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def prompt(sandbox: Sandbox, shell_at) -> Terminal:
    terminal: Terminal = shell_at(sandbox.url)
    return terminal


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("volum  list -o ids", "volume  list -o ids"),
        ("vm cuont", "vm count"),
        ("vm list --colums id", "vm list --columns id"),
        ("vm get train-11 -o yaml", "vm get train-1 -o yaml"),
    ],
)
def test_corrected_line_waits_in_the_next_prompt(typed: str, meant: str, prompt: Terminal):
    prompt.type(f"{typed}\r")
    prompt.wait(lambda it: line_of(it) == meant)
    prompt.settle()
    assert line_of(prompt) == meant  # it was not run


def test_corrected_line_runs_only_after_enter(prompt: Terminal):
    prompt.type("vm cuont\r")
    prompt.wait(lambda it: line_of(it) == "vm count")
    prompt.type("\r")
    prompt.wait(lambda it: line_of(it) == "")
    assert [line for line in prompt.lines if line.startswith("count ")] == ["count  5"]  # it ran once


@pytest.mark.parametrize("typed", ["vm terminate train-11 --yes", "vm terminat train-1 --yes"])
def test_line_that_destroys_is_told_and_never_one_enter_away(typed: str, prompt: Terminal):
    prompt.type(f"{typed}\r")
    prompt.wait("Try: vm terminate train-1 --yes")
    prompt.wait(lambda it: line_of(it) == "")
    prompt.settle()
    assert line_of(prompt) == ""


def test_line_with_a_secret_is_not_repeated(prompt: Terminal):
    prompt.type("vm cuont --password hunter2\r")
    prompt.wait("Did you mean: count?")
    prompt.settle()
    assert prompt.text.count("hunter2") == 1


# Elsewhere


def test_script_and_command_line_are_told_the_line(tmp_path):
    environ = {"CUDO_STATE_DIR": str(tmp_path), "CUDO_CONFIG_DIR": str(tmp_path), "HOME": str(tmp_path)}
    err = io.StringIO()
    assert main(["--sandbox", "vm", "cuont"], None, io.StringIO(), err, environ) == ExitCode.USAGE
    assert err.getvalue().splitlines()[-1] == "Try: cudo vm count"
    script = tmp_path / "x.cudo"
    script.write_text("vm   cuont\n")
    err = io.StringIO()
    assert main(["--sandbox", str(script)], None, io.StringIO(), err, environ) == ExitCode.USAGE
    assert "Try: vm   count" in err.getvalue().splitlines()
