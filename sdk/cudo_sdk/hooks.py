"""What an observer of the traffic is told: frozen values without secrets or bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cudo_sdk.logs import logger

_LONGEST_ID = 128  # characters


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """An attempt is about to be sent."""

    operation: str
    method: str
    path: str
    attempt: int
    request_bytes: int


@dataclass(frozen=True, slots=True)
class Change:
    """A request that would change something, before it is sent; secrets in its body are stars."""

    operation: str
    method: str
    path: str  # with its ids
    query: Mapping[str, str]
    body: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ReplySeen:
    """An attempt was answered, with whatever status. Sizes are bytes of the bodies.

    `request_id` is what the server calls the request in its own logs, as support may ask for it: empty where
    it sent no `x-request-id`. That header is what is usual; the API documents none.
    """

    operation: str
    method: str
    path: str
    attempt: int
    request_bytes: int
    status: int
    seconds: float
    reply_bytes: int
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class RetrySeen:
    """Another attempt follows after `delay` seconds, because of `reason`."""

    operation: str
    attempt: int
    delay: float
    reason: str


@dataclass(frozen=True, slots=True)
class RawReply:
    """One attempt's answer as it came; `headers` are those of the reply."""

    operation: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class Hooks:
    """Observers, called in order of events. What one of them raises is logged and goes no further."""

    on_request: Callable[[RequestSeen], None] | None = None
    on_response: Callable[[ReplySeen], None] | None = None
    on_retry: Callable[[RetrySeen], None] | None = None


def request_id_of(headers: Mapping[str, str]) -> str:
    """What a server calls a request: of its text the printable ASCII, at most 128 characters."""
    text = headers.get("x-request-id", "")
    return "".join(each for each in text if " " <= each <= "~").strip()[:_LONGEST_ID]


def notify(hook: Callable[[Any], None] | None, event: object) -> None:
    """Tell an observer; its own errors must not change the call that it watches."""
    if hook is None:
        return
    try:
        hook(event)
    except Exception:  # noqa: BLE001  # an observer may raise anything
        logger.exception("a hook failed on %s", type(event).__name__)
