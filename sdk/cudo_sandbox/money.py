"""Prices in dollars per hour, computed with Decimal and written as the API writes them."""

from decimal import Decimal

from cudo_sandbox.problems import Json

HOURS_PER_MONTH = 730
_SMALLEST = Decimal("0.000001")


def money(value: Decimal) -> Json:
    """The wire form, with six decimals."""
    return {"value": f"{value.quantize(_SMALLEST):f}"}


def amount_of(wire: Json) -> Decimal:
    """The number in the wire form."""
    return Decimal(wire["value"])


def micro(value: Decimal) -> Decimal:
    """Round to the smallest unit that prices have."""
    return value.quantize(_SMALLEST)
