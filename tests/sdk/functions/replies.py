"""Replies made from the schemas of the document, and what the SDK must make of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import SecretStr
from tests.sandbox.document import PATH, operations
from tests.sdk.functions.calls import Call, number_for, time_for

from cudo_sdk.models import Model

PAGING = frozenset({"pageNumber", "pageSize", "totalCount", "pageToken", "hasMore"})
# The document says no more of it than that it is a string.
_TEXT_AMOUNTS = frozenset({"monthlySpend"})
_UNIX_TIMES = frozenset({"created", "dueDate", "paidDate", "periodStart", "periodEnd"})
_SECRETS = frozenset({"key", "secretKey", "sessionToken", "clientSecret", "token"})

# Where the reply has more than what is returned, or a wrapper around it.
UNWRAPPED = {
    "CreateBillingAccountCreditPayment": "paymentIntent",
    "CreatePrivateVMImage": "image",
    "CreateVM": "vm",
    "GetClusterMachineType": "machineType",
    "GetDisk": "disk",
    "GetPrivateVMImage": "image",
    "GetVM": "VM",
    "ResizeVM": "vm",
}
IDENTIFYING = frozenset({"id", *UNWRAPPED.values()})  # a reply for one thing must say which one it is
ABSENT = {"array": [], "object": {}, "integer": 0}


class Recipe(NamedTuple):
    """How a reply is made."""

    only_required: bool = False
    mark: str = ""  # told apart from other replies by this
    enum: str | None = None
    null_lists: bool = False


def schema_of(operation: str) -> dict[str, Any]:
    """The schema of the operation's reply."""
    reply = operations()[operation][2]["responses"]["200"]["content"]["application/json"]["schema"]
    return resolved(reply)


@cache
def _schemas() -> Any:
    return json.loads(PATH.read_text())["components"]["schemas"]


def resolved(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema that a reference stands for."""
    while "$ref" in schema:
        schema = _schemas()[schema["$ref"].rsplit("/", 1)[1]]
    return dict(schema)


def reply_for(operation: str, recipe: Recipe | None = None) -> dict[str, Any]:
    """The operation's reply, as the last page where it pages."""
    reply: dict[str, Any] = filled("reply", schema_of(operation), recipe or Recipe())
    last_page = {"pageToken": "", "hasMore": False, "totalCount": 1}
    return reply | {name: value for name, value in last_page.items() if name in reply}


def filled(name: str, schema: Mapping[str, Any], recipe: Recipe) -> Any:  # noqa: PLR0911  # one for each type
    """A value of a schema that tells by itself which field it belongs to."""
    schema = resolved(schema)
    match schema.get("type"), schema.get("format"):
        case "object", _:
            return _object(schema, recipe)
        case "array", _:
            return None if recipe.null_lists else [filled(name, schema["items"], recipe)]
        case "string", "date-time":
            return time_for(name).isoformat().replace("+00:00", "Z")
        case "string", "int64":
            return str(number_for(name))
        case "string", _:
            return _text(name, schema, recipe)
        case "integer", _:
            return number_for(name)
        case "number", _:
            return number_for(name) + 0.5
        case "boolean", _:
            return True
    raise AssertionError(schema)


def _object(schema: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    if "properties" not in schema:
        return {f"key{recipe.mark}": "value"} if "additionalProperties" in schema else {}
    if set(schema["properties"]) == {"value"}:
        return {"value": "0.002500"}
    required = schema.get("required", ())
    return {
        name: filled(name, each, recipe)
        for name, each in schema["properties"].items()
        if not recipe.only_required or name in required or name in IDENTIFYING
    }


def _text(name: str, schema: Mapping[str, Any], recipe: Recipe) -> str:
    if "enum" in schema:
        return recipe.enum or str(schema["enum"][-1])
    return "12.50" if name in _TEXT_AMOUNTS else name + recipe.mark


def misfits(found: Any, schema: Mapping[str, Any], came: Any, where: str) -> list[str]:
    """Where a parsed value differs from the JSON that it came from; a name that was not known, too."""
    schema = resolved(schema)
    if isinstance(came, Mapping) and isinstance(found, Model):
        return _model_misfits(found, schema["properties"], came, where)
    if isinstance(came, list) and isinstance(found, list) and len(came) == len(found):
        pairs = zip(found, came, strict=True)
        return [line for one, other in pairs for line in misfits(one, schema["items"], other, where)]
    expected = _expected(schema, came, where.rpartition(".")[2])
    return (
        [] if found == expected and type(found) is type(expected) else [f"{where}: {found!r} from {came!r}"]
    )


def _model_misfits(
    found: Model, properties: Mapping[str, Any], came: Mapping[str, Any], where: str
) -> list[str]:
    names = {field.alias: name for name, field in type(found).model_fields.items()}
    unknown = [f"{where}.{key}: {type(found).__name__} has no such field" for key in came if key not in names]
    wrong = [
        line
        for key, value in came.items()
        if key in names
        for line in misfits(getattr(found, names[key]), properties[key], value, f"{where}.{key}")
    ]
    absent = [
        f"{where}.{key}: {getattr(found, name)!r} though nothing came"
        for key, name in names.items()
        if key not in came and getattr(found, name) not in (None, [])
    ]
    return unknown + wrong + absent


def _expected(schema: Mapping[str, Any], came: Any, name: str) -> Any:  # noqa: PLR0911  # one for each type
    """The Python value that a JSON value stands for, by the rules of the wire and not by our models."""
    if came is None:
        return [] if schema.get("type") == "array" else None
    match schema.get("type"), schema.get("format"):
        case "object", _ if "properties" in schema:
            return Decimal(came["value"])
        case "string", "date-time":
            return datetime.fromisoformat(came)
        case "string", "int64" if name in _UNIX_TIMES:
            return datetime.fromtimestamp(int(came), UTC)
        case "string", "int64":
            return int(came)
        case "string", _ if name in _TEXT_AMOUNTS:
            return Decimal(came)
        case "string", _ if name in _SECRETS:
            return SecretStr(came)
    return came


def returned_part(call: Call, reply: dict[str, Any]) -> tuple[str, dict[str, Any], Any]:
    """Which part of a reply is returned: the name of it, its schema, and its value."""
    schema = schema_of(call.operation)
    returns = call.returns
    if returns is None:
        return call.operation, {}, None
    if isinstance(returns, type) and issubclass(returns, Model) and call.operation not in UNWRAPPED:
        return call.operation, schema, reply
    key = UNWRAPPED.get(call.operation)
    if key is None:
        (key,) = set(schema["properties"]) - PAGING
    part = resolved(schema["properties"][key])
    return key, part, with_price(reply) if key == "VM" else reply.get(key, ABSENT.get(part["type"]))


def with_price(reply: dict[str, Any]) -> dict[str, Any]:
    """The VM of GetVM: the prices beside it are its own where it has none."""
    vm: dict[str, Any] = reply["VM"]
    beside = {name: amount for name, amount in reply.items() if name != "VM"}
    beside["ipv4AddressPriceHr"] = beside.pop("ipv4PriceHr")
    return {"price": beside, **vm}


def back(result: Any) -> Any:
    """The JSON that a result stands for."""
    match result:
        case Model():
            return result.to_api(show_secrets=True)
        case list():
            return [back(item) for item in result]
        case datetime():
            return result.isoformat().replace("+00:00", "Z")
    return result


def is_a(value: Any, kind: Any) -> bool:
    """Whether a value is of an annotated type, exactly."""
    origin, members = get_origin(kind), get_args(kind)
    if origin is list:
        return type(value) is list and all(is_a(item, members[0]) for item in value)
    if origin is dict:
        return type(value) is dict
    if members:
        return any(is_a(value, member) for member in members)
    return value is None if kind in {None, type(None)} else type(value) is kind
