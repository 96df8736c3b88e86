"""From the bytes of a reply to JSON values and models; whatever does not fit is a BadReply."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from json import JSONDecoder
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from cudo_sdk.errors import BadReply
from cudo_sdk.models import Model

if TYPE_CHECKING:
    from cudo_sdk._http import httpx

M = TypeVar("M", bound=Model)
BIG = 1_000_000  # bytes, from which decoding lets others run
_decoded = JSONDecoder().raw_decode
_SPACE = re.compile(r"[ \t\n\r]*")
_NOTHING = object()
_PLACES = 5  # a bad listing of 10,000 items would make a message of megabytes


@dataclass(frozen=True)
class Reply:
    """The answer to an operation. `response` is the real one that it came in."""

    operation: str
    content: bytes
    response: httpx.Response

    @cached_property
    def document(self) -> dict[str, Any]:
        """The JSON object; nothing at all counts as `{}`, as a change may be answered. Raises BadReply."""
        if not self.content.strip():
            return {}
        read = from_json if len(self.content) < BIG else from_json_in_slices
        value: Any = _NOTHING
        with suppress(ValueError, RecursionError):  # the error may hold the whole text, and is not passed on
            value = read(self.content)
        if value is _NOTHING:
            raise _unreadable(self)
        if not isinstance(value, dict):
            raise BadReply(_sentence(self.operation, "a JSON object was expected"), operation=self.operation)
        return value

    def expect_document(self) -> dict[str, Any]:
        """The JSON object of an operation that answers with one; `{}` has defaults only. Raises BadReply.

        The API leaves out what is empty or zero, as JSON of protocol buffers does, but never the object:
        nothing at all (or HTTP 204) comes from something in between, and says nothing about what was asked.
        """
        if not self.content.strip():
            raise BadReply(_sentence(self.operation, "it is empty"), operation=self.operation)
        return self.document


def from_json_in_slices(content: bytes) -> Any:
    """The value of a JSON text, each element of its lists by a call of its own.

    One call holds the interpreter: at 100,000 VMs the prompt would take no key for seconds.

    Raises ValueError, RecursionError.
    """
    text = content.decode()
    at = _skip(text, 0)
    value, at = _object(text, at) if text[at : at + 1] == "{" else _decoded(text, at)
    if _skip(text, at) != len(text):
        raise ValueError
    return value


def _object(text: str, at: int) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        name, at = _decoded(text, at)
        at = _skip(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise ValueError
        at = _skip(text, at + 1)
        values[name], at = _list(text, at) if text[at : at + 1] == "[" else _decoded(text, at)
        at = _next(text, at, "}")
    return values, at + 1


def _list(text: str, at: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        item, at = _decoded(text, at)
        items.append(item)
        at = _next(text, at, "]")
    return items, at + 1


def _next(text: str, at: int, end: str) -> int:
    """Where the next element or the end stands, after the element before. Raises ValueError."""
    at = _skip(text, at)
    if text[at : at + 1] == end:
        return at
    if text[at : at + 1] != ",":
        raise ValueError
    at = _skip(text, at + 1)
    if text[at : at + 1] == end:  # a comma too many
        raise ValueError
    return at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def model_from(kind: type[M], values: object, operation: str, place: str = "") -> M:
    """Validate one thing; raises BadReply that names the fields."""
    try:
        return kind.model_validate({} if values is None else values)
    except ValidationError as error:
        raise _misfit(operation, [(place, error)]) from None


def models_from(
    kind: type[M], values: Sequence[object], operation: str, place: str, start: int = 0
) -> list[M]:
    """Validate many things; `start` is the index of the first in the whole list."""
    found: list[M] = []
    misfits: list[tuple[str, ValidationError]] = []
    for index, value in enumerate(values, start):
        try:
            found.append(kind.model_validate(value))
        except ValidationError as error:
            misfits.append((f"{place}[{index}]", error))
    if misfits:
        raise _misfit(operation, misfits)
    return found


def items_of(values: Mapping[str, Any], key: str, operation: str) -> list[Any]:
    """The list under a key; an empty one is left out, or null. Raises BadReply for anything else."""
    items = values.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise BadReply(_sentence(operation, f"'{key}' is no list"), operation=operation)
    return items


def expect_id(found: Model, operation: str, place: str = "", *, is_new: bool = False) -> None:
    """Raise BadReply for a thing of which nothing is known; for one that `is_new`, also without its id."""
    field = type(found).model_fields.get("id")
    is_unknown = not getattr(found, "id", None) and (is_new or not found.model_fields_set)
    if field is not None and is_unknown:
        where = f"{place}.{field.alias}".strip(".")
        raise BadReply(_sentence(operation, f"{where} is missing"), operation=operation)


def _unreadable(reply: Reply) -> BadReply:
    kind = reply.response.headers.get("Content-Type", "no content type")
    what = f"no JSON: {len(reply.content)} bytes of {kind}"
    return BadReply(_sentence(reply.operation, what), operation=reply.operation)


def _misfit(operation: str, misfits: list[tuple[str, ValidationError]]) -> BadReply:
    """Name the first fields and count the rest; never the values, which may be secret."""
    places = [
        f"{'.'.join([place, *map(str, fault['loc'])]).strip('.')} ({fault['msg']})"
        for place, error in misfits[:_PLACES]
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    count = sum(error.error_count() for _, error in misfits)
    more = f" and {count - _PLACES} more" if count > _PLACES else ""
    return BadReply(_sentence(operation, "; ".join(places[:_PLACES]) + more), operation=operation)


def _sentence(operation: str, what: str) -> str:
    return f"the reply of {operation} does not fit: {what}"
