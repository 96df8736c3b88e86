"""The time of the sandbox: real or set by a test, and how long things take."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

LAST_MOMENT = 253_402_300_799.0  # the end of the year 9999, after which times cannot be written
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_DURATION = re.compile(r"(-?\d{1,12})(\.\d{1,9})?s")


class Clock:
    """Tells the time in seconds since 1970 and when a lifecycle step is due.

    `speed` makes lifecycles run so many times faster; the time of day is not touched by it. With
    `is_doomed` the lifecycles that begin end in FAILED.
    """

    def __init__(
        self, now: Callable[[], float] = time.time, speed: float = 1.0, *, is_doomed: bool = False
    ) -> None:
        self.now = now
        self.speed = speed
        self.is_doomed = is_doomed

    def doomed(self) -> Clock:
        """The same time, in which whatever begins ends in FAILED."""
        return Clock(self.now, self.speed, is_doomed=True)

    def after(self, seconds: float) -> float:
        """The moment when something that takes `seconds` at speed 1 is done."""
        return self.now() + seconds / self.speed


def rfc3339(moment: float) -> str:
    """Seconds since 1970 as the API writes a time."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 time; raises ValueError."""
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    whole = re.sub(r"(\.\d{6})\d+", r"\1", text)
    return datetime.fromisoformat(whole.upper()).timestamp()


def seconds_of(text: str) -> float:
    """Seconds of a duration such as "3600s"; raises ValueError."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError(text)
    return float(text[:-1])


def months_later(moment: float, months: int) -> float:
    """The same moment `months` later, on the last day of the month where that day is missing."""
    start = datetime.fromtimestamp(moment, UTC)
    index = start.month - 1 + months
    first = start.replace(year=start.year + index // 12, month=index % 12 + 1, day=1)
    next_month = (first + timedelta(days=31)).replace(day=1)
    last_day = (next_month - timedelta(days=1)).day
    return first.replace(day=min(start.day, last_day)).timestamp()
