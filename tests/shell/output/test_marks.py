"""What people write to compare with."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cudo_shell.output.marks import byte_count, gib, number, when


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.5", "1.5"), ("-2", "-2"), ("$0.52/h", "0.52"), ("1,000", "1000"), ("80 %", "80"), (" 7 ", "7")],
)
def test_number_may_look_as_in_a_table(text, expected):
    assert number(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"), [("8", "8"), ("8GiB", "8"), ("8 gb", "8"), ("512M", "0.5"), ("2T", "2048")]
)
def test_size_without_a_unit_is_in_gib(text, expected):
    assert gib(text) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "expected"), [("4096", 4096), ("1.5 MiB", 1572864), ("2k", 2048), ("7B", 7)]
)
def test_number_of_bytes_may_have_a_unit(text, expected):
    assert byte_count(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("5 min", timedelta(minutes=5)),
        ("36h", timedelta(hours=36)),
        ("2d", timedelta(days=2)),
        ("1W", timedelta(weeks=1)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
    ],
)
def test_time_is_an_age_or_a_moment_in_utc(text, expected):
    assert when(text) == expected


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (number, "cheap"),
        (number, "NaN"),
        (number, "inf"),
        (gib, "8x"),
        (gib, "1.2.3"),
        (when, "2 eggs"),
        (when, "9e9d"),
    ],
)
def test_what_cannot_be_read_is_named_with_an_example(read, text):
    with pytest.raises(ValueError, match=rf"'{text}' is no \w+ such as"):
        read(text)


@given(st.text(max_size=30), st.sampled_from([number, gib, byte_count, when]))
def test_any_text_is_read_or_refused(text, read):
    problem = ""
    try:
        read(text)
    except ValueError as error:
        problem = str(error)

    assert problem == "" or problem.startswith(f"'{text}' is no ")
