"""Time and chance, as a value that a test can replace."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class Clock:
    """The real time; `cudo_sdk.testing` has one on which waiting takes none."""

    def time(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def now(self) -> datetime:
        """The time of day."""
        return datetime.now(UTC)

    def random(self) -> float:
        """A number from 0 to 1, for jitter."""
        return random.random()  # noqa: S311  # spreads retries, guards nothing

    def sleep(self, seconds: float) -> None:
        """Block this thread."""
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Let other tasks run."""
        import asyncio

        await asyncio.sleep(seconds)


def http_date(text: str) -> datetime | None:
    """The moment that a header such as Date tells; None where it tells none."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return date if date.tzinfo else None  # without a zone it cannot be compared
