"""How a value looks: for people in a table, exact in data."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from cudo_shell.output.marks import Read, byte_count, gib, number, when

CURRENCY = "$"  # the API names a currency on invoices only
HOURS_PER_MONTH = 730

People = Callable[[Any, datetime | None], str]


class Kind(NamedTuple):
    """A kind of value. `people(value, now)` shows it; without `now` nothing relative is shown.

    `read` reads what such values are compared with; without it they have no order.
    """

    people: People
    is_number: bool = False
    read: Read | None = None


def exact(value: Any) -> str:  # noqa: PLR0911  # a line for each type
    """Write a value for programs: decimal strings, RFC 3339 in UTC, true and false, empty for nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            return rfc3339(value)
        case list() | tuple() if not any(isinstance(item, dict) for item in value):
            return ",".join(exact(item) for item in value)
        case list() | tuple() | dict():
            import json

            return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=exact)
        case _:
            return str(value)


def rfc3339(moment: datetime) -> str:
    """Write a moment in UTC, with a Z, without empty fractions of a second."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """Round a span to its largest unit: `41 s`, `5 min`, `3 h`, `12 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def age(moment: datetime, now: datetime | None) -> str:
    """Say how long ago, or in how long; the exact moment where nobody said what time it is."""
    if now is None:
        return rfc3339(moment)
    seconds = (now - moment).total_seconds()
    return duration(seconds) if seconds >= 0 else f"in {duration(-seconds)}"


def money(amount: Decimal) -> str:
    """Write an amount with cents, and with four places or more where cents would hide it."""
    if amount == amount.quantize(Decimal("0.01")):
        return f"{CURRENCY}{amount:,.2f}"
    places = max(4, -int(amount.normalize().as_tuple().exponent)) if abs(amount) < Decimal("0.001") else 4
    return f"{CURRENCY}{amount:,.{places}f}"


def hourly(price_hr: Decimal) -> str:
    """Write a price per hour."""
    return f"{money(price_hr)}/h"


def monthly(price_hr: Decimal) -> str:
    """Write what a price per hour makes in a month of 730 hours."""
    return f"{CURRENCY}{price_hr * HOURS_PER_MONTH:,.2f}/month"


def _plain(value: Any, _now: datetime | None) -> str:
    return exact(value)


def _listed(value: Any, _now: datetime | None) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={exact(part)}" for name, part in value.items())
    return ", ".join(exact(part) for part in value)


TEXT = Kind(_plain)
ID = Kind(_plain)
STATE = Kind(_plain)
LIST = Kind(_listed)
COUNT = Kind(_plain, is_number=True, read=number)
FLAG = Kind(lambda value, _now: "yes" if value else "no")
GIB = Kind(lambda value, _now: f"{exact(value)} GiB", is_number=True, read=gib)
PRICE_HR = Kind(lambda value, _now: hourly(value), is_number=True, read=number)
MONEY = Kind(lambda value, _now: money(value), is_number=True, read=number)
TIME = Kind(age, is_number=True, read=when)
EPOCH = Kind(lambda value, _now: rfc3339(datetime.fromtimestamp(value, UTC)), read=when)
PERCENT = Kind(lambda value, _now: f"{value:.1f} %", is_number=True, read=number)
BYTES = Kind(lambda value, _now: byte_size(value), is_number=True, read=byte_count)


def byte_size(count: int) -> str:
    """Round a number of bytes to binary units: `512 B`, `1.5 MiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:  # noqa: PLR2004  # the step between binary units
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
