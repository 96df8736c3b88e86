"""Keeps a login where a program of the user's choice keeps it: asked in JSON, and never trusted to end."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.stores.program import Outcome, run
from cudo_sdk.auth.tokens import VERSION, Record, lifetime_of, record_from
from cudo_sdk.errors import AuthConfigError, LoginRequired, TransientAuth

_LATEST = 1e12  # seconds since 1970; beyond lie NaN, infinity, and numbers that no float holds
_LINE = 200  # characters of a complaint


class CommandStore:
    """A program that reads one JSON object from its input, and writes one to its output.

    In: `version` (1), `op` (get, put, erase), `issuer`, `client_id`, `context`, `interactive` (whether a
    person is there; the program has no terminal), and for put the `record`. Out, for get: that record as it
    was put, or only `access_token`, `expires_at` (seconds since 1970) and perhaps `refresh_token`, or
    `kind` "api_key" and `api_key`; nothing if there is none. It exits with 0, or tells why not in the last
    line of its error output. `store_options` has `command`: the absolute path and its arguments, as a list.
    """

    name = "command"
    persistent = True
    notes: tuple[str, ...] = ()

    def __init__(self, settings: Settings, directory: Path) -> None:  # noqa: ARG002  # as every store is made
        self._settings = settings
        self._argv = _checked(settings.store_options.get("command"))

    def get(self) -> Record | None:
        """The record; None if there is none. Raises LoginRequired, TransientAuth, AuthConfigError."""
        output = self._call("get")
        if not output.strip():
            return None
        values = _decoded(output)
        if values is None:
            raise AuthConfigError(f"{self._argv[0]} did not answer with a JSON object")
        if not values:
            return None
        try:
            return record_from(self._completed(values))
        except LoginRequired:
            raise LoginRequired(f"the login that {self._argv[0]} keeps cannot be read") from None

    def put(self, record: Record) -> None:
        """Have a record kept in place of any other. Raises TransientAuth, AuthConfigError."""
        self._call("put", record=record.to_store())

    def delete(self) -> bool:
        """Have the record forgotten; True, for the program does not say whether it had one."""
        self._call("erase")
        return True

    def stamp(self) -> object:
        """None: the program is not asked for each command."""
        return None

    def describe(self) -> str:
        """Where it keeps the record."""
        return f"the program {self._argv[0]}"

    def _call(self, op: str, **more: Any) -> bytes:
        settings = self._settings
        request = {
            "version": VERSION,
            "op": op,
            "issuer": settings.issuer,
            "client_id": settings.client_id,
            "context": settings.context,
            "interactive": _is_interactive(),
            **more,
        }
        outcome = run(self._argv, json.dumps(request).encode())
        if outcome.status != 0:
            raise TransientAuth(f"{self._argv[0]} failed: {_reason(outcome)}")
        return outcome.output

    def _completed(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add what a program need not know to an answer that holds no more than a key or tokens."""
        settings = self._settings
        known = {"version": VERSION, "api_origin": settings.api_origin}
        if "lifetime" in values or values.get("kind") == "api_key":
            return {**known, **values}
        now = time.time()
        expires_at = _instant(values.get("expires_at"))
        lifetime = lifetime_of(expires_at - now)
        known |= {
            "issuer": settings.issuer,
            "client_id": settings.client_id,
            "scope": settings.scope,
            "token_host": "",
            "persona": {"sub": ""},
        }
        times = {"obtained_at": now, "lifetime": lifetime, "expires_at": min(expires_at, now + lifetime)}
        return {**known, **values, **times}


def _checked(command: object) -> list[str]:
    words = [word for word in command if isinstance(word, str)] if isinstance(command, list | tuple) else []
    if not words or words != list(cast("Sequence[object]", command)) or not Path(words[0]).is_absolute():
        raise AuthConfigError(
            "the credential store 'command' needs store_options.command: a list of the program's absolute "
            "path and its arguments"
        )
    return words


def _decoded(output: bytes) -> dict[str, Any] | None:
    # The error of a JSON reader carries the whole text; it must not leave this function.
    try:
        values = json.loads(output)
    except (ValueError, RecursionError):
        return None
    return {} if values is None else values if isinstance(values, dict) else None


def _instant(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LATEST:
        raise LoginRequired
    return float(value)


def _reason(outcome: Outcome) -> str:
    """The last line of what the program complained, without anything that could steer a terminal."""
    lines = outcome.complaint.decode(errors="replace").split("\n")
    shown = ("".join(filter(str.isprintable, line)).strip() for line in reversed(lines))
    return next(filter(None, shown), f"it ended with {outcome.status}")[:_LINE]


def _is_interactive() -> bool:
    """Whether a person is there who can answer what the program shows in a window of its own."""
    if os.environ.get("CI") or os.environ.get("CUDO_NO_INPUT"):
        return False
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
