"""A thing to show, and streams to show it on."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, GIB, ID, LIST, PRICE_HR, STATE, TIME
from cudo_shell.streams import Streams

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Thing:
    """As a model of the SDK: attributes of ours, `to_api` with the API's names."""

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)

    def to_api(self) -> dict[str, object]:
        return {"id": self.__dict__["id"], "memory": self.__dict__["memory_gib"], "price": {"value": "0.52"}}


@pytest.fixture
def fields():
    return [
        FieldSpec("id", ID, priority=0),
        FieldSpec("state", STATE),
        FieldSpec("memory_gib", GIB, priority=2),
        FieldSpec("gpus", COUNT, priority=2),
        FieldSpec("price_hr", PRICE_HR, path="price.total", priority=2),
        FieldSpec("created", TIME, priority=4),
        FieldSpec("disks", LIST, path="disks.id", listed=False),
    ]


@pytest.fixture
def things():
    return [
        Thing(
            id="web-1",
            state="ACTIVE",
            memory_gib=4,
            gpus=0,
            price={"total": Decimal("0.0191")},
            created=datetime(2026, 2, 1, 12, tzinfo=UTC),
            disks=[{"id": "a"}, {"id": "b"}],
        ),
        Thing(id="train-1", state="FAILED", memory_gib=128, gpus=8, price=None, created=None, disks=[]),
    ]


@pytest.fixture
def pipe():
    return Streams(stdin=None, out=io.StringIO(), err=io.StringIO())


@pytest.fixture
def terminal():
    """A colourless terminal of 80 columns."""
    return Streams(
        stdin=None, out=io.StringIO(), err=io.StringIO(), out_is_terminal=True, err_is_terminal=True, width=80
    )


@pytest.fixture
def now():
    return lambda: NOW
