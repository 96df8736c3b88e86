"""JSON, JSON Lines, YAML."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import yaml

from cudo_shell.exits import ExitCode, Failure
from cudo_shell.output.clean import clean
from cudo_shell.output.structured import JSONLinesOutputHandler, JSONOutputHandler, YAMLOutputHandler

HOSTILE = "a\x1b[31m\u202e\x9b1mb\n\x00\ud800"


def test_json_has_the_names_of_the_api(fields, things, pipe):
    JSONOutputHandler(pipe).print_item(things[0], fields)
    assert pipe.out.getvalue() == (
        '{\n  "id": "web-1",\n  "memory": 4,\n  "price": {\n    "value": "0.52"\n  }\n}\n'
    )


def test_json_list_is_one_document(fields, things, pipe):
    JSONOutputHandler(pipe).print_list(things, fields)
    assert [each["id"] for each in json.loads(pipe.out.getvalue())] == ["web-1", "train-1"]


def test_jsonl_prints_each_thing_when_it_comes(fields, things, pipe):
    handler = JSONLinesOutputHandler(pipe)
    seen = []

    def arriving() -> Iterator[object]:
        for thing in things:
            seen.append(pipe.out.getvalue())
            yield thing

    handler.print_list(arriving(), fields)
    first = '{"id": "web-1", "memory": 4, "price": {"value": "0.52"}}\n'
    assert seen == ["", first]
    assert pipe.out.getvalue() == first + '{"id": "train-1", "memory": 128, "price": {"value": "0.52"}}\n'


def test_yaml_is_read_back_as_it_was(fields, things, pipe):
    YAMLOutputHandler(pipe).print_list(things, fields)
    assert pipe.out.getvalue().startswith("- id: web-1\n  memory: 4\n")
    assert yaml.safe_load(pipe.out.getvalue())[1]["id"] == "train-1"


@pytest.mark.parametrize(
    ("handler", "load"),
    [
        (JSONOutputHandler, json.loads),
        (JSONLinesOutputHandler, json.loads),
        (YAMLOutputHandler, yaml.safe_load),
    ],
)
def test_hostile_text_is_escaped_and_keeps_its_value(handler, load, fields, pipe):
    value = HOSTILE.replace("\ud800", "") if handler is YAMLOutputHandler else HOSTILE
    handler(pipe).print_item({"text": value}, fields)
    text = pipe.out.getvalue()
    assert not set(text) & set("\x1b\u202e\x9b\x00\ud800")
    assert load(text) == {"text": value}


def test_colour_changes_nothing_but_the_looks(fields, things, terminal):
    coloured = replace(terminal, out_has_color=True)
    JSONOutputHandler(terminal).print_item(things[0], fields)
    plain = terminal.out.getvalue()
    JSONOutputHandler(coloured).print_item(things[0], fields)
    colours = coloured.out.getvalue().removeprefix(plain)
    assert "\x1b[" not in plain
    assert "\x1b[" in colours
    assert clean(colours) == clean(plain)


def test_error_is_one_json_object_on_stderr(pipe):
    JSONOutputHandler(pipe).print_error(
        Failure("VM 'x' not found.", ExitCode.NOT_FOUND, "Near it: y", "NOT_FOUND", [{"reason": "GONE"}])
    )
    assert pipe.out.getvalue() == ""
    assert pipe.err.getvalue().count("\n") == 1
    assert json.loads(pipe.err.getvalue()) == {
        "status": "NOT_FOUND",
        "message": "VM 'x' not found.",
        "details": [{"reason": "GONE"}],
        "hint": "Near it: y",
    }
