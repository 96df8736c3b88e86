"""One call of the API as a value: which operation, where to, with what, and whether it may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from pydantic import SecretStr

from cudo_sdk.errors import ConfigError
from cudo_sdk.models import Model

Repeat = Literal["read", "absolute", "delete", "create", "never"]
"""What a second sending would do: nothing, the same, find it gone, make a second one, something else."""

_REPEAT_BY_METHOD: Mapping[str, Repeat] = {
    "GET": "read",
    "PUT": "absolute",
    "PATCH": "absolute",
    "DELETE": "delete",
}


class Path(NamedTuple):
    """A path with its ids filled in, and the template it came from (for logs, which never show ids)."""

    filled: str
    template: str


def path(template: str, *ids: str) -> Path:
    """Fill ids into a path; each arrives as one segment, whatever is in it.

    Raises ConfigError for an empty id, ``.`` and ``..``: these would reach another resource.
    """
    for value in ids:
        if value in {"", ".", ".."}:
            msg = f"{value!r} cannot be an id"
            raise ConfigError(msg)
    return Path(template.format(*(quote(value, safe="") for value in ids)), template)


@dataclass(frozen=True, slots=True)
class Request:
    """What an operation asks of its transport. Values of None in query and body are not sent."""

    operation: str
    method: str
    path: Path
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    repeat: Repeat | None = None
    is_public: bool = False  # served without a key, too

    @property
    def repeats(self) -> Repeat:
        """How a repetition would act: as stated, else by the method."""
        return self.repeat or _REPEAT_BY_METHOD.get(self.method, "never")

    def wire_query(self) -> dict[str, str]:
        """The query as the API spells it."""
        return {name: _query_text(value) for name, value in self.query.items() if value is not None}

    def wire_body(self) -> dict[str, Any] | None:
        """The body as JSON values, or None where the operation has none."""
        if self.body is None:
            return None
        return {name: _json_value(value) for name, value in self.body.items() if value is not None}

    def shown_body(self) -> dict[str, Any] | None:
        """The body with stars for its secrets: for a person, before it is sent."""
        if self.body is None:
            return None
        return {
            name: "***" if isinstance(value, SecretStr) or "password" in name.lower() else _json_value(value)
            for name, value in self.body.items()
            if value is not None
        }


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _time_text(value) if isinstance(value, datetime) else str(value)


def _time_text(time: datetime) -> str:
    """RFC 3339 in UTC; a naive time would mean another moment on each machine."""
    if time.tzinfo is None:
        msg = f"the time {time.isoformat()} has no time zone; give one, such as datetime.UTC"
        raise ConfigError(msg)
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json_value(value: Any) -> Any:  # noqa: PLR0911  # one line for each kind of value
    match value:
        case Model():
            return value.model_dump(mode="json", by_alias=True, exclude_none=True)
        case SecretStr():
            return value.get_secret_value()
        case Decimal():
            return {"value": f"{value:f}"}
        case datetime():
            return _time_text(value)
        case Mapping():
            return {key: _json_value(item) for key, item in value.items()}
        case list() | tuple():
            return [_json_value(item) for item in value]
        case _:
            return value
