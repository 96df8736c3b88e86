"""What changed between two looks, and the stream of it in both sessions."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import Any

import pytest

from cudo_sdk import ConfigError, Unavailable
from cudo_sdk.functions.vms import VM
from cudo_sdk.testing import FakeTransport, api_error
from cudo_sdk.watching import Change, changes

LIST = "GET /v1/projects/{}/vms"


def listing(**states: str) -> dict[str, Any]:
    return {"VMs": [{"id": name, "state": state} for name, state in states.items()]}


def summary(change: Change[VM]) -> tuple[str, str | None, tuple[str, ...]]:
    return change.kind, change.item.id, change.fields


def test_same_listing_twice_has_no_changes():
    vms = {"a": VM(id="a", state="ACTIVE", vcpus=1)}

    assert changes(vms, {"a": VM(id="a", state="ACTIVE", vcpus=1)}) == []


def test_change_names_the_attributes_that_differ_known_or_not():
    before = {"a": VM.model_validate({"id": "a", "state": "ACTIVE", "machinesUsed": 1})}
    after = {"a": VM.model_validate({"id": "a", "state": "STOPPED", "machinesUsed": 2})}

    (change,) = changes(before, after)

    assert change.fields == ("state", "machinesUsed")
    assert (change.before, change.item) == (before["a"], after["a"])


def test_stream_tells_what_came_changed_and_went_on_the_sessions_clock():
    fake = FakeTransport(
        {LIST: [listing(a="PENDING"), listing(a="ACTIVE", b="PENDING"), listing(b="PENDING")]}
    )

    found = list(islice(fake.session().vms.watch_vms("demo", interval=5), 4))

    assert [summary(change) for change in found] == [
        ("added", "a", ()),
        ("changed", "a", ("state",)),
        ("added", "b", ()),
        ("removed", "a", ()),
    ]
    assert fake.clock.naps == [5, 5]


def test_async_stream_is_the_same_and_ends_with_a_break():
    fake = FakeTransport({LIST: [listing(a="PENDING"), listing(a="ACTIVE")]})

    async def check() -> list[str]:
        kinds: list[str] = []
        async for change in fake.async_session().vms.watch_vms("demo"):
            kinds.append(change.kind)
            if change.kind == "changed":
                break
        return kinds

    assert asyncio.run(check()) == ["added", "changed"]


def test_look_that_fails_after_its_retries_ends_the_stream():
    fake = FakeTransport({LIST: [listing(), *[api_error("UNAVAILABLE")] * 4]})

    with pytest.raises(Unavailable):
        next(fake.session().vms.watch_vms("demo"))


@pytest.mark.parametrize("interval", [0, -1, 0.5, float("nan")])
def test_interval_that_would_flood_the_api_is_refused(interval: float):
    with pytest.raises(ConfigError, match="1 s or more"):
        next(FakeTransport().session().vms.watch_vms("demo", interval=interval))
