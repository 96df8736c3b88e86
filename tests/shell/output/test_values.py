"""How single values look."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from cudo_shell.output.values import age, byte_size, exact, hourly, money, monthly

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("0.52", "$0.52"),
        ("18.00", "$18.00"),
        ("1234.5", "$1,234.50"),
        ("0.0191", "$0.0191"),
        ("0.019177", "$0.0192"),
        ("0.000107", "$0.000107"),
        ("1E-7", "$0.0000001"),
        ("-3.5", "$-3.50"),
    ],
)
def test_money_shows_what_is_there(amount, text):
    assert money(Decimal(amount)) == text


def test_prices_say_their_unit():
    assert hourly(Decimal("0.52")) == "$0.52/h"
    assert monthly(Decimal("0.52")) == "$379.60/month"


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=41), "41 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=3, minutes=59), "3 h"),
        (timedelta(days=40), "40 d"),
        (-timedelta(hours=8), "in 8 h"),
    ],
)
def test_age_is_rounded_to_its_largest_unit(before, text):
    assert age(NOW - before, NOW) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (Decimal("1E-7"), "0.0000001"),
        (datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1))), "2026-03-01T12:00:00Z"),
        (["a", 1], "a,1"),
        ({"a": "b"}, '{"a":"b"}'),
        (2.5, "2.5"),
    ],
)
def test_exact_value_is_for_programs(value, text):
    assert exact(value) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (512, "512 B"), (1536, "1.5 KiB"), (2**41, "2.0 TiB")]
)
def test_byte_size_has_binary_units(count, text):
    assert byte_size(count) == text
