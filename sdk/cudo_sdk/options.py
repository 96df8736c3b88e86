"""Per-call options: how long to wait, how often to try, which headers to add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cudo_sdk.errors import ConfigError

_OURS = frozenset({"authorization", "host", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Options:
    """Limits of a call.

    `timeout`: seconds for one attempt; `max_retries`: attempts after the first; `deadline`: seconds for all
    attempts and the waits between them; `headers`: sent along.
    """

    timeout: float = 30.0
    max_retries: int = 3
    deadline: float = 120.0
    headers: Mapping[str, str] = field(default_factory=dict)

    def changed(self, **given: Any) -> Options:
        """These options with the given ones replaced; headers are added. Raises ConfigError."""
        values = {name: value for name, value in given.items() if value is not None}
        for name, value in values.get("headers", {}).items():
            _check_header(name, value)
        if "headers" in values:
            values["headers"] = {**self.headers, **values["headers"]}
        for name in values.keys() & {"timeout", "deadline"}:
            if not values[name] > 0:
                msg = f"{name} must be a number of seconds above 0, not {values[name]!r}"
                raise ConfigError(msg)
        return replace(self, **values)


def _check_header(name: str, value: str) -> None:
    if name.lower() in _OURS:
        msg = f"the header {name} is set by the SDK and cannot be given"
        raise ConfigError(msg)
    if not name.isascii() or any(mark in name + value for mark in "\r\n\0"):
        msg = f"the header {name!r} has a line break in it, or a name that is not ASCII"
        raise ConfigError(msg)
