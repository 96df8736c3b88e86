"""Choosing, sorting and reading columns."""

import pytest

from cudo_shell.exits import UsageError
from cudo_shell.output.fields import chosen, narrowed, sorted_by


def test_columns_come_in_the_order_that_was_asked_for(fields):
    assert [field.name for field in chosen(fields, ["created", "id"])] == ["created", "id"]


def test_unknown_column_lists_the_known_ones(fields):
    with pytest.raises(UsageError) as caught:
        chosen(fields, ["id", "colour"])
    assert str(caught.value) == "There is no column 'colour'."
    assert caught.value.hint == "Columns: id, state, memory_gib, gpus, price_hr, created, disks"


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("memory_gib", ["web-1", "train-1"]),
        ("-memory_gib", ["train-1", "web-1"]),
        ("price_hr", ["web-1", "train-1"]),
        ("-created", ["web-1", "train-1"]),
        ("disks", ["train-1", "web-1"]),
    ],
)
def test_sort_goes_by_value_and_puts_the_absent_last(column, expected, fields, things):
    assert [thing.id for thing in sorted_by(things, fields, column)] == expected


def test_path_over_a_list_gives_a_list(fields, things):
    assert fields[-1].value(things[0]) == ["a", "b"]
    assert fields[-1].exact(things[0]) == "a,b"


def test_narrowed_thing_keeps_the_names_of_the_api(fields, things):
    assert narrowed(things[0], [fields[0]]) == {"id": "web-1"}
