"""From options to what is shown."""

from argparse import Namespace
from itertools import count

from cudo_shell.output.selection import Selection, selection_from


def names(fields):
    return [field.name for field in fields]


def test_options_that_a_command_lacks_ask_for_nothing():
    assert selection_from(Namespace()).is_everything
    assert not selection_from(Namespace(limit=1)).is_everything


def test_filter_comes_before_sort_and_sort_before_limit(fields, things):
    selection = selection_from(Namespace(filters=["gpus>=0"], sort="-memory", limit=1))

    assert [thing.id for thing in selection.rows(things, fields)] == ["train-1"]


def test_limit_takes_no_more_than_it_shows():
    numbers = count()

    assert list(Selection(limit=3).rows(numbers, [])) == [0, 1, 2]
    assert next(numbers) == 3


def test_wide_has_the_columns_of_one_thing_too(fields):
    assert names(Selection().fields(fields))[-1] == "created"
    assert names(Selection(is_wide=True).fields(fields))[-1] == "disks"
    assert names(Selection(is_wide=True, columns=["price", "id"]).fields(fields)) == ["price_hr", "id"]
