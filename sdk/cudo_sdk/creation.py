"""Whether what stands under an id was made by the create whose answer was lost. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cudo_sdk.clock import Clock
    from cudo_sdk.models import Model

Age = Literal["new", "old", "unclear"]

# Dates of HTTP and many create times have whole seconds, and the servers behind one name differ by a little.
_SAME_CLOCK = timedelta(seconds=2)
# A clock that is set by the network is right within a second, and one that is not loses about a second a day.
_OTHER_CLOCK = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ServerTime:
    """The time of day that a reply told, and when it came by a clock that never goes back."""

    date: datetime
    seen_at: float


@dataclass(frozen=True, slots=True)
class FirstSent:
    """When a create was sent for the first time, by the server's clock or by ours."""

    time: datetime
    is_by_server: bool


def first_sent(began: float, told: ServerTime | None, clock: Clock) -> FirstSent:
    """The time of day of a moment of `clock.time()`: by what the server told last, else by our own clock."""
    if told is not None:
        return FirstSent(told.date - timedelta(seconds=told.seen_at - began), is_by_server=True)
    return FirstSent(clock.now() - timedelta(seconds=clock.time() - began), is_by_server=False)


def age(found: Model, sent: FirstSent, *, was_absent: bool) -> Age:
    """Whether a thing that was found came after a create was sent, or was there before.

    `was_absent`: it was looked for since then, and was not there. By our own clock, which may be wrong,
    nothing is old for certain.
    """
    time = getattr(found, "create_time", None)
    if time is None or time.tzinfo is None:
        return "new" if was_absent else "unclear"
    if time >= sent.time - (_SAME_CLOCK if sent.is_by_server else _OTHER_CLOCK):
        return "new"
    if sent.is_by_server:
        return "old"
    return "new" if was_absent else "unclear"
