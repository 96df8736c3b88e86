"""The typed details that an error of the API may carry (google.rpc)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """A field of the request, by the API's name, and what is wrong with it."""

    field: str
    description: str


@dataclass(frozen=True, slots=True)
class BadRequest:
    """Which fields of the request were refused."""

    field_violations: tuple[FieldViolation, ...]


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """A machine-readable reason; the metadata may offer alternatives (text or lists of text)."""

    reason: str
    domain: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RetryInfo:
    """How long the server asks to wait, in seconds."""

    retry_delay: float


@dataclass(frozen=True, slots=True)
class QuotaViolation:
    """What a quota is about, and how it was exceeded."""

    subject: str
    description: str


@dataclass(frozen=True, slots=True)
class QuotaFailure:
    """Which quotas are used up; waiting does not help."""

    violations: tuple[QuotaViolation, ...]


@dataclass(frozen=True, slots=True)
class DebugInfo:
    """What the server says about its own failure."""

    detail: str
    stack_entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownDetail:
    """A detail of a type that this SDK does not know, as it came."""

    value: Any


Detail = BadRequest | ErrorInfo | RetryInfo | QuotaFailure | DebugInfo | UnknownDetail


def details_from(values: object) -> tuple[Detail, ...]:
    """Type the details of an error body; whatever does not fit is kept as UnknownDetail."""
    return tuple(_detail(value) for value in values) if isinstance(values, list) else ()


def _detail(value: Any) -> Detail:
    try:
        return _known_detail(value)
    except (AttributeError, TypeError, ValueError, KeyError):
        return UnknownDetail(value)


def _known_detail(value: Any) -> Detail:
    match value["@type"].rpartition("google.rpc.")[2]:
        case "BadRequest":
            return BadRequest(tuple(map(_field_violation, value["fieldViolations"])))
        case "ErrorInfo":
            return ErrorInfo(
                _text(value, "reason"), _text(value, "domain"), dict(value.get("metadata") or {})
            )
        case "RetryInfo":
            return RetryInfo(seconds_of(value["retryDelay"]))
        case "QuotaFailure":
            return QuotaFailure(tuple(map(_quota_violation, value["violations"])))
        case "DebugInfo":
            return DebugInfo(_text(value, "detail"), tuple(map(str, value.get("stackEntries") or ())))
        case _:
            return UnknownDetail(value)


def seconds_of(duration: str) -> float:
    """Read a duration such as "30s"; raises ValueError for any other text."""
    if not (found := _DURATION.fullmatch(duration)):
        msg = "not a duration in seconds"
        raise ValueError(msg)
    return float(found[1])


def _field_violation(value: Any) -> FieldViolation:
    return FieldViolation(_text(value, "field"), _text(value, "description"))


def _quota_violation(value: Any) -> QuotaViolation:
    return QuotaViolation(_text(value, "subject"), _text(value, "description"))


def _text(value: Mapping[str, Any], key: str) -> str:
    return str(value.get(key) or "")
