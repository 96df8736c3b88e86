"""Every operation of the SDK against the published document, through both sessions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, get_args, get_origin
from urllib.parse import quote, unquote

import httpx
import pytest
from pydantic.alias_generators import to_snake
from tests.sandbox.document import body_validator, needs_document, operations
from tests.sdk.functions.calls import Call, calls, number_for, parameters, time_for
from tests.sdk.functions.replies import (
    PAGING,
    Recipe,
    back,
    is_a,
    misfits,
    reply_for,
    resolved,
    returned_part,
)

from cudo_sdk import BadReply, ConfigError, Hooks
from cudo_sdk.hooks import Change, RequestSeen
from cudo_sdk.testing import FakeTransport

NOT_OFFERED: frozenset[str] = frozenset()
"""Operations that the SDK does not offer; the list only shrinks."""

# Writable in the document, but the server's own or deprecated: never sent.
NOT_SENT = frozenset(
    {
        "bootDisk",
        "commitmentEndTime",
        "diskState",
        "diskType",
        "gibPriceHr",
        "keys",
        "machinePriceHr",
        "powerState",
        "priceHr",
        "state",
        "totalMachinePriceHr",
        "totalPriceHr",
        "userData",
        "vmState",
    }
)
HOSTILE = ("../x", "a/b", "a:b", "a?b=c#d", "%2e%2e", "ü b", "a\r\nX-Header: y", "{}", "x:terminate", "\x00")

both_sessions = pytest.mark.parametrize("kind", ["sync", "async"])
# A GET that makes a secret.
MAKING = {"ConnectVM", "GetBillingAccountSetupIntent", "GetObjectStorageSessionKey"}

each_call = pytest.mark.parametrize("call", calls(), ids=str)


def fake_for(call: Call, reply: Any = None) -> FakeTransport:
    """A server that has this one operation."""
    method, path, _ = operations()[call.operation]
    return FakeTransport({f"{method} {path}": reply_for(call.operation) if reply is None else reply})


def sent(call: Call, arguments: Mapping[str, Any]) -> httpx.Request:
    """What both sessions send, which is the same."""
    fake, later = fake_for(call), fake_for(call)
    call.run(fake, "sync", arguments)
    call.run(later, "async", arguments)
    (request,), (other,) = fake.requests, later.requests
    assert (request.method, request.url, request.content) == (other.method, other.url, other.content)
    assert request.headers == other.headers
    return request


def ids_of(call: Call) -> list[str]:
    """The names of the arguments that go into the path: the first ones."""
    return [each.name for each in call.parameters][: len(parameters(call.operation, "path"))]


each_id = pytest.mark.parametrize(
    ("call", "name"),
    [pytest.param(call, name, id=f"{call}-{name}") for call in calls() for name in ids_of(call)],
)


def body_properties(operation: str) -> dict[str, Any]:
    """The fields of a request body; none where the operation has no body."""
    described = operations()[operation][2].get("requestBody")
    if not described:
        return {}
    properties: dict[str, Any] = resolved(described["content"]["application/json"]["schema"])["properties"]
    return properties


@needs_document
def test_every_operation_of_the_document_is_offered_or_stands_in_the_list():
    offered = {call.operation for call in calls()}

    assert offered - set(operations()) == set()
    assert set(operations()) - offered == NOT_OFFERED


@needs_document
@each_call
def test_request_has_the_method_and_the_path_of_the_document(call):
    method, path, _ = operations()[call.operation]
    arguments = call.arguments()

    request = sent(call, arguments)

    for name in ids_of(call):
        path = re.sub(r"\{\w+\}", arguments[name], path, count=1)
    assert (request.method, request.url.path) == (method, path)


@needs_document
@each_call
def test_hooks_are_told_the_name_that_the_document_has(call):
    seen: list[RequestSeen] = []

    call.run(fake_for(call), "sync", call.arguments(), Hooks(on_request=seen.append))

    assert [each.operation for each in seen] == [call.operation]


@needs_document
@each_call
def test_whatever_is_no_read_is_approved_before_it_is_sent(call):
    fake = fake_for(call)
    asked: list[Change] = []
    session = fake.session()
    session._shared.approve = asked.append

    call.on(session, call.arguments())

    method = operations()[call.operation][0]
    is_change = method != "GET" or call.operation in MAKING
    assert [each.operation for each in asked] == [call.operation] * is_change


@needs_document
@each_call
def test_ids_of_the_path_come_first_under_the_names_of_their_nouns(call):
    named = [re.sub(r"^(id|name)$", "", to_snake(name)) for name in parameters(call.operation, "path")]

    assert [name for name, given in zip(ids_of(call), named, strict=True) if given and name != given] == []
    assert all(name.endswith(("_id", "access_key")) for name in ids_of(call))


@needs_document
@each_call
def test_query_has_the_names_and_types_of_the_document_and_every_value_in_its_place(call):
    described = parameters(call.operation, "query")

    query = dict(sent(call, call.arguments()).url.params)

    assert set(query) | PAGING | {"startingAfter"} == set(described) | PAGING | {"startingAfter"}
    assert [line for name in query for line in query_faults(call, name, query[name], described)] == []


def query_faults(call: Call, name: str, text: str, described: Mapping[str, Any]) -> list[str]:
    if name in PAGING:
        return [] if text.isdigit() else [f"{name}: {text}"]
    argument = to_snake(name)
    match resolved(described[name]["schema"]):
        case {"type": "integer"}:
            expected = str(number_for(argument))
        case {"format": "date-time"}:
            expected = time_for(argument).isoformat().replace("+00:00", "Z")
        case _:
            expected = {"amount.value": "12.50", "id": own_id(call)}.get(name, argument)
    return [] if text == expected else [f"{name}: {text}, not {expected}"]


def own_id(call: Call) -> str:
    """The argument that is called `id` in query or body: the first id that the path has not."""
    return next(each.name for each in call.parameters if each.name not in ids_of(call))


@needs_document
@each_call
def test_request_with_required_arguments_only_has_what_the_document_requires(call):
    request = sent(call, call.arguments(everything=False))

    described = parameters(call.operation, "query").items()
    required = {name for name, each in described if each.get("required") and name not in PAGING}
    assert required - set(request.url.params) == set()
    assert_body_fits(call, request)


@needs_document
@each_call
def test_body_fits_the_closed_schema_has_every_field_and_none_that_is_the_servers(call):
    request = sent(call, call.arguments())

    assert_body_fits(call, request)
    properties = body_properties(call.operation)
    body = json.loads(request.content or b"{}")
    writable = {name for name, each in properties.items() if not each.get("readOnly")}
    assert set(body) == writable - NOT_SENT
    assert read_only({"properties": properties}, body) == []
    assert [line for name in body for line in body_faults(call, name, body[name])] == []


def assert_body_fits(call: Call, request: httpx.Request) -> None:
    validator = body_validator(call.operation)
    if validator is None:
        assert request.content == b""
        assert "Content-Type" not in request.headers
    else:
        assert request.headers["Content-Type"] == "application/json"
        validator.validate(json.loads(request.content))


def read_only(schema: Mapping[str, Any], value: Any) -> list[str]:
    """The names of read-only fields in a request."""
    schema = resolved(schema)
    if isinstance(value, list):
        return [name for item in value for name in read_only(schema["items"], item)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    ours = [name for name in value if known[name].get("readOnly")]
    return ours + [name for key in value for name in read_only(known[key], value[key])]


def body_faults(call: Call, name: str, value: Any) -> list[str]:
    """A text or number that belongs to another field."""
    argument = {"id": own_id(call), "apikeyId": "api_key_id"}.get(name, to_snake(name))
    enum = resolved(body_properties(call.operation)[name]).get("enum")
    match value:
        case bool():
            expected: Any = True
        case int():
            expected = number_for(argument)
        case str() if enum:
            expected = enum[-1]
        case str() if name.endswith("Time"):
            expected = time_for(argument).isoformat().replace("+00:00", "Z")
        case str():
            expected = argument
        case _:
            return []
    return [] if value == expected else [f"{name}: {value!r}, not {expected!r}"]


@needs_document
@both_sessions
@each_call
@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(Recipe(), id="every-field"),
        pytest.param(Recipe(only_required=True), id="required-fields"),
        pytest.param(Recipe(enum="NEW_IN_2027"), id="unknown-enum-values"),
    ],
)
def test_reply_lands_field_by_field_and_goes_back_as_it_came(call, kind, recipe):
    reply = reply_for(call.operation, recipe)

    result = call.run(fake_for(call, reply), kind, call.arguments())

    key, schema, came = returned_part(call, reply)
    assert misfits(result, schema, came, key) == []
    assert back(result) == came
    assert is_a(result, call.returns)


def is_one_thing(call: Call) -> bool:
    """Whether it returns one thing that has an id, which every reply must have that brings it."""
    return call.name.startswith(("get_", "create_")) and "id" in getattr(call.returns, "model_fields", ())


# A create with such an answer is looked for; see test_transport.
MADE_WITH_A_LOOK = frozenset(
    call for call in calls() if is_one_thing(call) and "is never sent" in " ".join(call.body.__doc__.split())
)


@needs_document
@both_sessions
@pytest.mark.parametrize("call", [call for call in calls() if call not in MADE_WITH_A_LOOK], ids=str)
def test_empty_object_is_empty_and_of_the_annotated_type_and_no_thing(call, kind):
    fake = fake_for(call, {})

    if is_one_thing(call) and call.name.startswith("get_"):
        with pytest.raises(BadReply, match=rf"^the reply of {call.operation} does not fit: \S+ is missing$"):
            call.run(fake, kind, call.arguments())
    else:
        result = call.run(fake, kind, call.arguments())
        assert is_a(result, call.returns)
        assert back(result) in (None, [], {}, 0)


@needs_document
@each_call
def test_null_for_a_list_is_an_empty_list(call):
    reply = reply_for(call.operation, Recipe(null_lists=True))

    result = call.run(fake_for(call, reply), "sync", call.arguments())

    key, schema, came = returned_part(call, reply)
    assert misfits(result, schema, came, key) == []


def bases_of(returns: Any) -> set[str]:
    """The names of the classes that a returned thing, or each of a returned list, has."""
    kind = get_args(returns)[0] if get_origin(returns) is list else returns
    return {base.__name__ for base in getattr(kind, "__mro__", ())}


@needs_document
@pytest.mark.parametrize("call", [call for call in calls() if "Model" in bases_of(call.returns)], ids=str)
def test_field_that_the_document_lacks_is_kept(call):
    reply = reply_for(call.operation)
    part = reply["VM"] if call.operation == "GetVM" else returned_part(call, reply)[2]
    thing = part[0] if isinstance(part, list) else part
    thing["machinesUsed"] = {"of": ["late"]}

    result = call.run(fake_for(call, reply), "sync", call.arguments())

    assert back(result) == returned_part(call, reply)[2]


@needs_document
@each_id
def test_hostile_id_stays_in_its_segment(call, name):
    depth = operations()[call.operation][1].count("/")
    for hostile in HOSTILE:
        fake = fake_for(call)

        call.run(fake, "sync", {**call.arguments(), name: hostile})

        path = fake.requests[0].url.raw_path.decode().partition("?")[0]
        assert path.count("/") == depth
        segment = next(part for part in path.split("/") if part.startswith(quote(hostile, safe="")))
        assert unquote(segment.partition(":")[0]) == hostile


@needs_document
@each_id
def test_id_that_would_reach_another_resource_is_refused_before_anything_is_sent(call, name):
    for nothing in ("", ".", ".."):
        fake = fake_for(call)

        with pytest.raises(ConfigError):
            call.run(fake, "sync", {**call.arguments(), name: nothing})

        assert fake.requests == []
