"""From the bytes of a reply to JSON values and models; whatever does not fit is a BadReply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from cudo_sdk.errors import BadReply
from cudo_sdk.models import Model

if TYPE_CHECKING:
    from cudo_sdk._http import httpx

M = TypeVar("M", bound=Model)
_PLACES = 5  # a bad listing of 10,000 items would make a message of megabytes


@dataclass(frozen=True)
class Reply:
    """The answer to an operation. `response` is the real one that it came in."""

    operation: str
    content: bytes
    response: httpx.Response

    @cached_property
    def document(self) -> dict[str, Any]:
        """The JSON object; nothing at all counts as `{}`. Raises BadReply."""
        if not self.content.strip():
            return {}
        try:
            value = from_json(self.content)
        except ValueError:
            raise _unreadable(self) from None
        if not isinstance(value, dict):
            raise BadReply(_sentence(self.operation, "a JSON object was expected"), operation=self.operation)
        return value


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
    """The list under a key; missing or null is empty. Raises BadReply for anything else."""
    items = values.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise BadReply(_sentence(operation, f"'{key}' is no list"), operation=operation)
    return items


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
