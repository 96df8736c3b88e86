"""Two looks at a listing."""

from datetime import UTC, datetime, timedelta

import pytest

from cudo_shell.output.comparison import Listing, compared, marked, sentences
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, STATE, TIME

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIELDS = (FieldSpec("id", ID), FieldSpec("state", STATE), FieldSpec("created", TIME))


def vm(name: str, state: str = "ACTIVE", days: int = 1) -> dict[str, object]:
    return {"id": name, "state": state, "created": NOW - timedelta(days=days)}


def listing(*items: object) -> Listing:
    return Listing(FIELDS, items)


@pytest.fixture
def rows():
    before = listing(vm("old"), vm("same"), vm("web-1"))
    return compared(before, listing(vm("same"), vm("web-1", "STOPPED"), vm("new")))


def test_rows_are_in_the_new_order_and_what_is_gone_comes_last(rows):
    assert [(row.item["id"], row.kind) for row in rows] == [
        ("same", "same"),
        ("web-1", "changed"),
        ("new", "added"),
        ("old", "removed"),
    ]


def test_marks_tell_without_any_color(rows):
    assert [[cell.text for cell in marked(row, FIELDS, NOW)][:2] for row in rows] == [
        ["  same ", "ACTIVE "],
        ["* web-1 ", "STOPPED*"],
        ["+ new ", "ACTIVE "],
        ["- old ", "ACTIVE "],
    ]


def test_changed_cell_stands_out_in_color_and_its_neighbours_do_not(rows):
    assert [cell.style for cell in marked(rows[1], FIELDS, NOW)] == ["cyan", "yellow bold reverse", ""]


def test_age_that_grows_is_no_change():
    [row] = compared(listing(vm("web-1")), listing(vm("web-1")))
    before, after = (marked(row, FIELDS, NOW + timedelta(hours=hours))[2].text for hours in (0, 24))

    assert (row.kind, before, after) == ("same", "1 d ", "2 d ")


def test_sentences_name_the_thing_and_both_values(rows):
    assert list(sentences(rows, FIELDS)) == [
        "changed web-1: state ACTIVE -> STOPPED",
        "added new",
        "removed old",
    ]


def test_rows_of_the_same_name_are_told_apart_by_their_place():
    before = listing(vm("a100", "here"), vm("a100", "there"))
    after = listing(vm("a100", "here"), vm("a100", "gone"))

    assert [row.kind for row in compared(before, after)] == ["same", "changed"]


def test_things_are_known_by_their_id_where_it_is_not_shown():
    before, after = (Listing(FIELDS[1:], [vm("web-1", state)]) for state in ("ACTIVE", "STOPPED"))

    assert [row.kind for row in compared(before, after)] == ["changed"]


def test_hostile_name_does_not_reach_the_terminal():
    [row] = compared(listing(), listing(vm("a\x1b[2Jb")))

    assert marked(row, FIELDS, NOW)[0].text == "+ ab "
    assert list(sentences([row], FIELDS)) == ["added ab"]
