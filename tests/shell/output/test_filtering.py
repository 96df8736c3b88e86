"""Conditions on columns."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cudo_shell.exits import Instead, UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.filtering import condition, found, holding
from cudo_shell.output.values import BYTES, EPOCH, FLAG, LIST, PERCENT, STATE, TEXT

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state=ACTIVE", ["web-1"]),
        ("state=act*", ["web-1"]),
        ("state == failed", ["train-1"]),
        ("state!=*ed", ["web-1"]),
        ("id=web-?", ["web-1"]),
        ("memory_gib>4", ["train-1"]),
        ("memory>=4GiB", ["web-1", "train-1"]),
        ("memory<0.125T", ["web-1"]),
        ("memory=4", ["web-1"]),
        ("memory=4.0", ["web-1"]),
        ("memory=1?8*", ["train-1"]),
        ("gpus!=0", ["train-1"]),
        ("price<1.5", ["web-1"]),
        ("price>0.0191", []),
        ("price=$0.0191/h", ["web-1"]),
        ("price=", ["train-1"]),
        ("price!=", ["web-1"]),
        ("created>2d", ["web-1"]),
        ("age<2d", []),
        ("created<2026-03-01", ["web-1"]),
        ("created=2026-02-*", ["web-1"]),
        ("disks=a", ["web-1"]),
        ("disks=a,b", ["web-1"]),
        ("disks!=a", ["train-1"]),
    ],
)
def test_condition_holds_for_values_of_the_columns_own_kind(text, expected, fields, things):
    found = holding(things, [condition(text, fields)], NOW)

    assert [thing.id for thing in found] == expected


@pytest.mark.parametrize(
    ("field", "value", "text", "holds"),
    [
        (FieldSpec("cpu", PERCENT), 80.5, "cpu>80%", True),
        (FieldSpec("cpu", PERCENT), float("nan"), "cpu<80", False),
        (FieldSpec("memory", BYTES), 2 * 1024**3, "memory>1.9GiB", True),
        (FieldSpec("at", EPOCH), int(NOW.timestamp()) - 60, "at<2min", True),
        (FieldSpec("at", EPOCH), 10**30, "at<2min", False),
        (FieldSpec("green", FLAG), True, "green=yes", True),
        (FieldSpec("green", FLAG), False, "green=true", False),
        (FieldSpec("metadata", LIST), {"env": "prod", "a": "b"}, "metadata=env=prod", True),
        (FieldSpec("expires"), None, "expires=", True),
    ],
)
def test_condition_knows_every_kind_of_value(field, value, text, holds):
    found = list(holding([{field.name: value}], [condition(text, [field])], NOW))

    assert bool(found) is holds


def test_age_counts_from_now_into_the_future_too():
    from cudo_shell.output.values import TIME

    soon, late = ({"expires": NOW + timedelta(hours=hours)} for hours in (1, 50))
    within = condition("expires<2h", [FieldSpec("expires", TIME)])

    assert list(holding([soon, late], [within], NOW)) == [soon]


def test_all_conditions_must_hold(fields, things):
    both = [condition(text, fields) for text in ("gpus>=0", "state=FAILED")]

    assert [thing.id for thing in holding(things, both, NOW)] == ["train-1"]


def test_things_are_filtered_as_they_come(fields, things):
    def endless():
        while True:
            yield from things

    assert next(iter(holding(endless(), [condition("state=FAILED", fields)]))).id == "train-1"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "state",
            "--filter 'state' is no condition.",
            "Write COLUMN=GLOB or COLUMN<NUMBER; there are = != < <= > >=, and quotes keep < and > for it.",
        ),
        (
            "pric<1",
            "There is no column 'pric'.",
            "Did you mean: price_hr? Columns: id, state, memory_gib, gpus, price_hr, created, disks",
        ),
        ("state<1", "--filter: 'state' has no order.", "Use state= or state!="),
        ("price<cheap", "--filter: 'cheap' is no number such as 8 or 1.5.", ""),
        ("memory>8x", "--filter: '8x' is no size such as 8, 512MiB or 2T.", ""),
        ("age>soon", "--filter: 'soon' is no time such as 90s, 36h, 2d or 2026-01-31.", ""),
    ],
)
def test_what_makes_no_sense_is_refused_with_advice(text, message, hint, fields):
    with pytest.raises(UsageError) as caught:
        condition(text, fields)

    assert (str(caught.value), caught.value.hint) == (message, hint)


KINDS = [FieldSpec("text", TEXT), FieldSpec("state", STATE), FieldSpec("size", BYTES), FieldSpec("at", EPOCH)]


@given(
    st.sampled_from(["text", "state", "size", "at"]),
    st.sampled_from(["=", "!=", "<", ">=", "==", "", "=<"]),
    st.text(max_size=20),
    st.one_of(
        st.none(),
        st.text(max_size=5),
        st.integers(),
        st.floats(),
        st.decimals(),
        st.lists(st.text(max_size=3)),
    ),
)
def test_any_condition_is_read_or_refused_and_tells_for_any_value(name, sign, text, value):
    try:
        read = condition(f"{name}{sign}{text}", KINDS)
    except UsageError:
        return
    item = {"text": value, "state": value, "size": Decimal(3), "at": 12}

    assert read.holds(item, NOW) in {True, False}


STATES = ("ACTIVE", "STOPPED", "FAILED")


def searched(things, texts, fields, states=STATES):
    """What a filter finds, and what it tells when that is nothing."""
    told: list[str] = []
    found_ = found(things, [condition(text, fields) for text in texts], states, told.append)
    return [thing.id for thing in found_], told


@pytest.mark.parametrize(
    ("texts", "ids"),
    [
        (["state=stopped"], []),  # a state that no thing has now
        (["state=active", "gpus>0"], []),
        (["state=RUN*"], []),
        (["state!=FAILED"], ["web-1"]),
        (["state="], []),
        (["gpus=7"], []),
    ],
)
def test_state_that_may_be_is_no_mistake(texts, ids, fields, things):
    assert searched(things, texts, fields) == (ids, [])


def test_state_that_is_new_to_us_matches_the_thing_that_has_it(fields, things):
    things[0].state = "HIBERNATED"

    assert searched(things, ["state=hibernated"], fields) == (["web-1"], [])
    assert searched(things, ["state=hibernated", "gpus=7"], fields) == ([], [])


@pytest.mark.parametrize("sign", ["=", "!="])
@pytest.mark.parametrize("there", [True, False])
def test_state_that_there_is_not_is_refused_with_the_near_and_the_known_ones(there, sign, fields, things):
    with pytest.raises(UsageError) as caught:
        searched(things if there else [], ["gpus>=0", f"state{sign}stoped"], fields)

    assert str(caught.value) == "--filter: there is no state 'stoped'."
    assert caught.value.hint == "Did you mean: STOPPED? States: ACTIVE, STOPPED, FAILED"
    assert caught.value.instead == Instead(f"state{sign}stoped", f"state{sign}STOPPED")


def test_any_state_may_be_asked_for_where_none_are_known(fields, things):
    assert searched(things, ["state=runing"], fields, states=()) == ([], [])


def test_part_of_a_value_that_finds_nothing_is_told_with_the_whole_ones(fields, things):
    assert searched(things, ["id=TRAIN", "gpus>=0"], fields) == (
        [],
        ["No id is 'TRAIN'. There is: train-1. Part of a value: --filter 'id=*TRAIN*'"],
    )


def test_hint_names_a_few_of_many_values(fields, things):
    many = [type(things[0])(id=f"a-{number}") for number in range(9)]

    assert searched(many, ["id=a"], fields)[1] == [
        "No id is 'a'. There is: a-0, a-1, a-2, a-3, a-4, ... Part of a value: --filter 'id=*a*'"
    ]


def test_nothing_is_told_of_a_condition_that_holds_for_something(fields, things):
    assert searched(things, ["id=web-1", "disks=c"], fields) == ([], [])
