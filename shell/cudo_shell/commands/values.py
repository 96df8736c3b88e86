"""Kinds of values: each reads the text of an argument, or says what is wrong with it."""

import argparse
import re
from collections.abc import Callable
from datetime import datetime, timedelta

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"([0-9]+)\s*(gib|tib|gb?|tb?|)", re.IGNORECASE)
_GIB = {"": 1, "gib": 1, "tib": 1024}
_DECIMAL = {"g": "GiB", "gb": "GiB", "t": "TiB", "tb": "TiB"}  # what is meant by those that have no size here
_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


def duration(text: str) -> float:
    """Read a span such as 90, 90s, 10m, 8h or 2d, in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is no time such as 90s, 10m, 8h or 2d")
    try:
        seconds = float(match[1]) * _UNITS[match[2]]
        timedelta(seconds=seconds)
    except OverflowError:
        raise argparse.ArgumentTypeError(f"'{text}' is too long a time") from None
    return seconds


def interval(text: str) -> float:
    """Read how often to ask the API, in seconds: once in a second at most."""
    return _second_or_more(text)


def lifetime(text: str) -> float:
    """Read how long a thing is to live, in seconds: for the API, 0 means for ever."""
    return _second_or_more(text)


def _second_or_more(text: str) -> float:
    seconds = duration(text)
    if seconds < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is less than a second")
    return seconds


def moment(text: str) -> datetime:
    """Read a point in time with its zone, such as 2026-01-31T12:00:00Z."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no time such as 2026-01-31T12:00:00Z") from None
    if time.tzinfo is None:
        raise argparse.ArgumentTypeError(f"'{text}' has no time zone: write 2026-01-31T12:00:00Z")
    return time


def new_id(text: str) -> str:
    """Check an id before anything is made: lower-case letters, digits and hyphens."""
    if not _ID.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"'{text}' cannot be an id: use a-z, 0-9 and -, begin with a letter, end without -, at most 63"
        )
    return text


def count(text: str) -> int:
    """Read a whole number from 0."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004  # the API's numbers have 32 bits
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number")
    return int(text)


def amount(text: str) -> int:
    """Read a whole number from 1."""
    number = count(text)
    if not number:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def gib(text: str) -> int:
    """Read a size in GiB from 1: 16, 16GiB, 16 GiB or 1TiB."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is no size in whole GiB such as 16, 16GiB or 1TiB")
    number, unit = match[1], match[2].lower()
    if unit in _DECIMAL:
        meant = _DECIMAL[unit]
        lesser = meant.replace("i", "")
        raise argparse.ArgumentTypeError(
            f"'{text}': a {lesser} is less than a {meant}; write {number}{meant}"
        )
    return amount(str(amount(number) * _GIB[unit]))


def pair(text: str) -> tuple[str, str]:
    """Read NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value


def choice(prefix: str, *names: str) -> Callable[[str], str]:
    """Read one of the API's names without its prefix, in any case: `tcp` for PROTOCOL_TCP."""
    wire = {name.lower().replace("_", "-"): f"{prefix}{name}" for name in names}

    def read(text: str) -> str:
        found = wire.get(text.lower().removeprefix(prefix.lower()).replace("_", "-"))
        if found is None:
            raise argparse.ArgumentTypeError(f"'{text}' is none of: {', '.join(wire)}")
        return found

    read.names = tuple(wire)  # type: ignore[attr-defined]  # a tag that completion reads
    return read
