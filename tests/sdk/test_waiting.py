"""Waiting on a virtual clock: when it looks, when it ends, and what it tells."""

from __future__ import annotations

import pytest

from cudo_sdk import NotFound, WaitFailed, WaitTimeout
from cudo_sdk.functions.vms import VM
from cudo_sdk.testing import FakeTransport, api_error

GET = "GET /v1/projects/{}/vms/{}"
LIST = "GET /v1/projects/{}/vms"


def vm(state: str | None, name: str = "web-1") -> dict[str, object]:
    return {"id": name} if state is None else {"id": name, "state": state}


def looks(*states: str | None) -> FakeTransport:
    return FakeTransport({GET: [{"VM": vm(state)} for state in states]})


def test_wait_looks_at_once_and_then_after_3_6_and_10_seconds():
    fake = looks("PENDING", "PENDING", "STARTING", "STARTING", "STARTING", "ACTIVE")

    found = fake.session().vms.wait_for_vm("demo", "web-1")

    assert found.state == "ACTIVE"
    assert fake.clock.naps == pytest.approx([3.75, 7.5, 12.5, 12.5, 12.5])  # the longest jitter is a quarter


def test_first_look_after_a_create_comes_after_a_second_and_may_find_nothing():
    fake = FakeTransport({GET: [api_error("NOT_FOUND"), {"VM": vm("ACTIVE")}]})

    fake.session().vms.wait_for_vm("demo", "web-1", just_created=True)

    assert fake.clock.naps[0] == 1


def test_nothing_found_a_minute_after_a_create_is_not_found():
    fake = FakeTransport({GET: lambda _: api_error("NOT_FOUND")})

    with pytest.raises(NotFound):
        fake.session().vms.wait_for_vm("demo", "web-1", just_created=True)

    assert 60 <= fake.clock.time() < 75


def test_wrong_id_is_not_found_at_once():
    fake = FakeTransport({GET: [api_error("NOT_FOUND")]})

    with pytest.raises(NotFound):
        fake.session().vms.wait_for_vm("demo", "wbe-1")


def test_failed_thing_ends_the_wait_with_what_was_seen():
    with pytest.raises(WaitFailed, match="VM 'web-1' is FAILED") as caught:
        looks("PENDING", "FAILED").session().vms.wait_for_vm("demo", "web-1")

    assert isinstance(caught.value.resource, VM)


def test_failed_can_be_what_is_waited_for():
    assert looks("FAILED").session().vms.wait_for_vm("demo", "web-1", states={"FAILED"}).state == "FAILED"


@pytest.mark.parametrize("state", [None, "CLONING", "SOMETHING_NEW"])
def test_missing_or_unknown_state_waits_on(state: str | None):
    assert looks(state, "ACTIVE").session().vms.wait_for_vm("demo", "web-1").state == "ACTIVE"


def test_wait_that_takes_too_long_says_what_was_seen_last():
    fake = FakeTransport({GET: {"VM": vm("STARTING")}})

    with pytest.raises(WaitTimeout) as caught:
        fake.session().vms.wait_for_vm("demo", "web-1", timeout=60)

    assert str(caught.value) == "VM 'web-1' is STARTING after 60 s, and not yet ACTIVE"
    assert caught.value.resource.state == "STARTING"
    assert fake.clock.time() == pytest.approx(60)


def test_deleted_vm_is_gone_when_it_is_not_found_or_says_so():
    gone = FakeTransport({GET: [{"VM": vm("DELETING")}, api_error("NOT_FOUND")]})
    gone.session().vms.wait_for_vm_deleted("demo", "web-1")

    looks("DELETING", "DELETED").session().vms.wait_for_vm_deleted("demo", "web-1")


def test_many_vms_are_waited_for_with_one_listing_a_look():
    fake = FakeTransport(
        {
            LIST: [
                {"VMs": [vm("ACTIVE", "web-1"), vm("PENDING", "web-2"), vm("FAILED", "other")]},
                {"VMs": [vm("ACTIVE", "web-2"), vm("ACTIVE", "web-1")]},
            ]
        }
    )

    found = fake.session().vms.wait_for_vms("demo", ["web-1", "web-2"])

    assert [each.id for each in found] == ["web-1", "web-2"]
    assert len(fake.requests) == 2


def test_vm_that_vanished_while_many_are_waited_for_ends_the_wait():
    fake = FakeTransport({LIST: {"VMs": [vm("ACTIVE", "web-1")]}})

    with pytest.raises(WaitFailed, match="VM 'web-2' is not there"):
        fake.session().vms.wait_for_vms("demo", ["web-1", "web-2"])


def test_each_look_is_told():
    seen: list[str | None] = []

    looks("PENDING", "ACTIVE").session().vms.wait_for_vm(
        "demo", "web-1", on_look=lambda found: seen.append(found["web-1"].state)
    )

    assert seen == ["PENDING", "ACTIVE"]
