"""Rows of a listing, and how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cudo_shell.exits import UsageError
from cudo_shell.rows import Place, Row, Rows, numbers, preview

HERE = Place("prod", 0, "demo")


def rows_of(*ids: str) -> Rows:
    rows = Rows()
    rows.keep(Row("vms", each, HERE, hint="ACTIVE") for each in ids)
    return rows


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@1", [1]),
        ("@2-4", [2, 3, 4]),
        ("@1,4", [1, 4]),
        ("@4,1", [4, 1]),
        ("@1,3-5", [1, 3, 4, 5]),
        ("@2,1-3,2", [2, 1, 3]),
        ("@3-3", [3]),
        ("@*", [1, 2, 3, 4, 5]),
    ],
)
def test_reference_names_rows_each_once_in_the_order_given(text, meant):
    assert numbers(text, 5) == meant


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("@6", "There is no row @6.", "The last listing has 5 rows."),
        ("@0", "There is no row @0.", "The last listing has 5 rows."),
        ("@1-999999999", "There is no row @1-999999999.", "The last listing has 5 rows."),
        ("@4-2", "'@4-2' names no row.", "The smaller number comes first: @2-4"),
        ("@", "'@' names no row.", "Write @1, @2-5, @1,4, @* or @last."),
        ("@x", "'@x' names no row.", "Write @1, @2-5, @1,4, @* or @last."),
        ("@1,", "'@1,' names no row.", "Write @1, @2-5, @1,4, @* or @last."),
        ("@-1", "'@-1' names no row.", "Write @1, @2-5, @1,4, @* or @last."),
        ("@1-2-3", "'@1-2-3' names no row.", "Write @1, @2-5, @1,4, @* or @last."),
        ("@1 2", "'@1 2' names no row.", "Write @1, @2-5, @1,4, @* or @last."),
        ("@\u0661", "'@\u0661' names no row.", "Write @1, @2-5, @1,4, @* or @last."),
        ("@@1", "'@@1' names no row.", "Write @1, @2-5, @1,4, @* or @last."),
    ],
)
def test_what_is_no_row_is_refused(text, message, hint):
    with pytest.raises(UsageError) as caught:
        numbers(text, 5)
    assert (str(caught.value), caught.value.hint) == (message, hint)


@pytest.mark.parametrize("text", ["@1", "@*", "@1-2"])
def test_without_a_listing_there_is_no_row(text):
    with pytest.raises(UsageError, match="no listing here has numbers yet"):
        numbers(text, 0)


spans = st.tuples(st.integers(1, 30), st.integers(0, 10)).map(lambda each: (each[0], each[0] + each[1]))


@given(spans=st.lists(spans, min_size=1, max_size=6), count=st.integers(1, 40))
def test_spans_name_what_they_cover_or_nothing_at_all(spans, count):
    text = "@" + ",".join(f"{first}-{last}" if last > first else str(first) for first, last in spans)
    covered = [number for first, last in spans for number in range(first, last + 1)]
    if max(covered) > count:
        with pytest.raises(UsageError):
            numbers(text, count)
    else:
        found = numbers(text, count)
        assert set(found) == set(covered)
        assert len(found) == len(set(found))
        assert found[0] == covered[0]


@given(text=st.text(st.sampled_from("@0123456789,-*last \u0661"), max_size=12), count=st.integers(0, 20))
def test_any_text_is_rows_of_the_listing_or_refused(text, count):
    try:
        found = numbers(text, count)
    except UsageError:
        return
    assert text.startswith("@")
    assert all(1 <= number <= count for number in found)


def test_last_is_what_was_made_or_named_last_whatever_is_listed():
    rows = rows_of("web-1")
    rows.note(Row("disks", "data-1", HERE))
    rows.keep([Row("vms", "db-1", HERE)])
    assert [(row.id, row.name) for row in rows.named("@last")] == [("data-1", "@last")]


def test_last_before_anything_was_named_is_refused():
    with pytest.raises(UsageError, match="nothing was made or named yet"):
        rows_of("web-1").named("@last")


def test_listing_replaces_the_one_before():
    rows = rows_of("web-1", "web-2")
    rows.keep([Row("vms", "db-1", HERE)])
    assert [row.id for row in rows.named("@*")] == ["db-1"]
    with pytest.raises(UsageError, match="no row @2"):
        rows.named("@2")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("@", ["@1", "@2", "@3", "@*", "@last"]),
        ("@2", ["@2"]),
        ("@1,", ["@1,1", "@1,2", "@1,3"]),
        ("@2-", ["@2-2", "@2-3"]),
        ("@l", ["@last"]),
        ("@*", ["@*"]),
        ("@9", []),
        ("web", []),
        ("x@", []),
    ],
)
def test_what_may_become_of_a_reference_is_offered(typed, offered):
    rows = rows_of("web-1", "web-2", "db-1")
    rows.note(Row("vms", "db-1", HERE))
    assert [text for text, _ in rows.previews(typed)] == offered


def test_of_a_long_listing_only_the_first_rows_are_offered():
    rows = rows_of(*(f"vm-{number}" for number in range(100_000)))
    assert len(list(rows.previews("@"))) == 201
    assert [text for text, _ in rows.previews("@9999")][:2] == ["@9999", "@99990"]


def test_preview_is_the_row_or_the_first_names_of_several():
    rows = rows_of("web-1", "web-2", "db-1", "db-2", "db-3")
    assert preview(rows.named("@2")) == "web-2\tACTIVE"
    assert preview(rows.named("@1-3")) == "web-1, web-2, db-1"
    assert preview(rows.named("@*")) == "web-1, web-2, db-1 and 2 more"
