"""What a person writes to compare a value with: numbers, sizes, ages and moments. Pure."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

Mark = Decimal | timedelta | datetime
"""A number, how far from now, or a moment."""

Read = Callable[[str], Mark]
"""Reads a mark. Raises: ValueError with a text that says how such a value is written."""

_SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BINARY = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}  # powers of 1024
_SIZE = re.compile(r"([0-9.]+)\s*(?:([kmgtp]?)(?:i?b)?)", re.IGNORECASE)
_AGE = re.compile(rf"([0-9.]+)\s*({'|'.join(_SECONDS)})", re.IGNORECASE)
_GIB = 3


def number(text: str) -> Decimal:
    """Read a number, also as tables show it: `1.5`, `$0.52/h`, `1,000`, `80 %`."""
    plain = text.strip().lower().removeprefix("$").removesuffix("/h").removesuffix("%")
    return _decimal(plain.replace(",", ""), f"'{text}' is no number such as 8 or 1.5")


def gib(text: str) -> Decimal:
    """Read a size in GiB, with or without a unit: `8`, `8 GiB`, `512M`, `2T`."""
    return _size(text, default=_GIB) / Decimal(1024**_GIB)


def byte_count(text: str) -> Decimal:
    """Read a number of bytes, with or without a unit: `4096`, `1.5 MiB`, `2G`."""
    return _size(text, default=0)


def when(text: str) -> timedelta | datetime:
    """Read how far from now (`90s`, `36h`, `2d`) or a moment (`2026-01-31`, `2026-01-31T12:00:00Z`)."""
    problem = f"'{text}' is no time such as 90s, 36h, 2d or 2026-01-31"
    try:
        if match := _AGE.fullmatch(text.strip()):
            return timedelta(seconds=float(match[1]) * _SECONDS[match[2].lower()])
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise ValueError(problem) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _size(text: str, *, default: int) -> Decimal:
    problem = f"'{text}' is no size such as 8, 512MiB or 2T"
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(problem)
    has_unit = not text.strip()[-1].isdigit()
    power = _BINARY[match[2].lower()] if has_unit else default
    return _decimal(match[1], problem) * Decimal(1024**power)


def _decimal(text: str, problem: str) -> Decimal:
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(problem) from None
    if not amount.is_finite():
        raise ValueError(problem)
    return amount
