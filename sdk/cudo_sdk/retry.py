"""What to try again, and how long to wait before it. Pure: time and chance are passed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cudo_sdk.errors import APIError, BadReply, ConnectionFailed, CudoError, has_quota_failure

if TYPE_CHECKING:
    from cudo_sdk.request import Repeat

FIRST_DELAY, FACTOR, LONGEST_DELAY = 0.5, 1.6, 30.0  # seconds, as the API's own advice
_PASSING = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED"})
_BROKEN = frozenset({"INTERNAL", "UNKNOWN", "DATA_LOSS", "CANCELLED"})  # it may have failed after the deed


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed, as far as it matters for another one."""

    kind: Literal["not sent", "no answer", "refused", "passing", "broken", "final"]
    server_delay: float | None = None


def failure_of(error: CudoError) -> Failure:
    """Classify an error by what is known of the request: not sent, sent, or refused before it ran."""
    if isinstance(error, APIError):
        if error.status == "RESOURCE_EXHAUSTED" and not has_quota_failure(error):
            return Failure("refused", error.retry_after)
        if error.status in _PASSING:
            return Failure("passing", error.retry_after)
        return Failure("broken" if error.status in _BROKEN else "final")
    if isinstance(error, ConnectionFailed):
        return Failure("no answer" if error.was_sent else "not sent")
    return Failure("broken" if isinstance(error, BadReply) else "final")


def may_repeat(failure: Failure, repeat: Repeat) -> bool:
    """Whether the same request may go out again without doing something twice."""
    if failure.kind in {"not sent", "refused"}:
        return True
    return failure.kind in {"no answer", "passing"} and repeat in {"read", "absolute", "delete"}


def may_have_run(failure: Failure, repeat: Repeat) -> bool:
    """Whether the failed attempt may have changed something all the same."""
    if failure.kind == "refused":  # a limit refuses before anything runs; a create is looked for to be sure
        return repeat == "create"
    return failure.kind in {"no answer", "passing", "broken"} and repeat != "read"


def delay_before(retry: int, failure: Failure, chance: float) -> float:
    """Seconds to wait before retry 1, 2, ...: full jitter, and never less than the server asks."""
    backoff = min(LONGEST_DELAY, FIRST_DELAY * FACTOR ** (retry - 1)) * chance
    return max(backoff, failure.server_delay or 0.0)
