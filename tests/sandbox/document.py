"""The published document, made strict: closed schemas, and doubles that may be infinite."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

PATH = Path(__file__).parents[3] / "shared" / "api" / "openapi.json"
needs_document = pytest.mark.skipif(not PATH.exists(), reason="../shared/api/openapi.json is not there")

DOUBLES = (
    "minVcpu",
    "minMemoryGib",
    "minVcpuPerGpu",
    "maxVcpuPerGpu",
    "minVcpuPerMemoryGib",
    "maxVcpuPerMemoryGib",
)


@cache
def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation by its id; none without the document."""
    if not PATH.exists():
        return {}
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in _document()["paths"].items()
        for method, operation in methods.items()
    }


@cache
def reply_validator(operation_id: str, status: str = "200") -> jsonschema_rs.Draft4Validator:
    """Checks a reply of the operation; `status` "default" is the error."""
    _method, _path, operation = operations()[operation_id]
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    return _validator(schema)


@cache
def body_validator(operation_id: str) -> jsonschema_rs.Draft4Validator | None:
    """Checks a request body, if the operation has one."""
    _method, _path, operation = operations()[operation_id]
    if "requestBody" not in operation:
        return None
    return _validator(operation["requestBody"]["content"]["application/json"]["schema"])


def is_empty_reply(operation_id: str) -> bool:
    _method, _path, operation = operations()[operation_id]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return "$ref" not in schema and not schema.get("properties")


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft4Validator:
    whole = {**_closed(schema), "components": _components()}
    return jsonschema_rs.Draft4Validator(whole, validate_formats=True)


@cache
def _document() -> Any:
    return json.loads(PATH.read_text())


@cache
def relaxed_document() -> Any:
    """The document as it was published, except that some doubles may be infinite."""
    document = deepcopy(_document())
    for name in ("VMMachineType", "GetVMMachineTypeResponse"):
        properties = document["components"]["schemas"][name]["properties"]
        for double in DOUBLES:
            special = {"type": "string", "enum": ["Infinity", "-Infinity", "NaN"]}
            properties[double] = {"anyOf": [properties[double], special]}
    return document


@cache
def _components() -> Any:
    schemas = dict(relaxed_document()["components"]["schemas"])
    # A detail of an error carries more than its type.
    details = schemas.pop("Any")
    return {"schemas": {**_closed(schemas), "Any": details}}


def _closed(schema: Any) -> Any:
    """The schema, in which no object has properties that are not named."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed
