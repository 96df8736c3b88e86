"""Disks: what their operations do beyond sending and parsing."""

import pytest

from cudo_sdk import FailedPrecondition, NotFound
from cudo_sdk.testing import Answer, FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}/disks/{}"
CREATE = "POST /v1/projects/{}/disks"
ATTACH = "PATCH /v1/projects/{}/disk/{}/attach"
DETACH = "PUT /v1/projects/{}/disk/{}/detach"
RESIZE = "PATCH /v1/projects/{}/vms/{}/disks"
REFUSED_ON_REPEAT: list[Answer] = [drop_after_send(), api_error("FAILED_PRECONDITION")]


def disk(**fields: object) -> dict[str, object]:
    return {"disk": {"id": "data", **fields}}


def test_create_makes_no_disk_from_the_empty_reply():
    fake = FakeTransport({CREATE: {}})

    assert fake.session().disks.create_disk("demo", "data", "no-luster-1", 10) is None
    assert fake.bodies() == [{"id": "data", "dataCenterId": "no-luster-1", "sizeGib": 10}]


def test_new_disk_may_be_absent_at_first():
    fake = FakeTransport({GET: [api_error("NOT_FOUND"), disk(diskState="CREATING"), disk(diskState="READY")]})

    found = fake.session().disks.wait_for_disk("demo", "data", just_created=True)

    assert (found.id, found.state) == ("data", "READY")


def test_disk_that_is_not_there_is_not_waited_for():
    with pytest.raises(NotFound):
        FakeTransport({GET: api_error("NOT_FOUND")}).session().disks.wait_for_disk("demo", "data")


def test_deleted_disk_is_waited_for_until_it_is_not_found():
    fake = FakeTransport({GET: [disk(diskState="DELETING"), api_error("NOT_FOUND")]})

    fake.session().disks.wait_for_disk_deleted("demo", "data")

    assert len(fake.requests) == 2


@pytest.mark.parametrize(("vm_id", "is_done"), [("web-1", True), ("web-2", False), (None, False)])
def test_attach_refused_on_the_second_try_is_settled_by_where_the_disk_is(vm_id: str | None, is_done: bool):
    fake = FakeTransport({ATTACH: REFUSED_ON_REPEAT, GET: disk(vmId=vm_id)})
    disks = fake.session().disks

    if is_done:
        disks.attach_disk_to_vm("demo", "data", "web-1")
    else:
        with pytest.raises(FailedPrecondition):
            disks.attach_disk_to_vm("demo", "data", "web-1")

    fake.check_used()


def test_detach_refused_on_the_second_try_is_done_when_the_disk_is_free():
    fake = FakeTransport({DETACH: REFUSED_ON_REPEAT, GET: disk(vmId="")})

    fake.session().disks.detach_disk_from_vm("demo", "data")

    fake.check_used()


def test_resize_refused_on_the_second_try_is_done_when_the_size_is_right():
    fake = FakeTransport({RESIZE: REFUSED_ON_REPEAT, GET: disk(sizeGib=20)})

    fake.session().disks.resize_disk("demo", "web-1", "data", 20)

    assert dict(fake.requests[0].url.params) == {"diskId": "data", "sizeGib": "20"}


def test_second_delete_that_finds_nothing_is_the_success_of_the_first():
    fake = FakeTransport({"DELETE /v1/projects/{}/disks/{}": [drop_after_send(), api_error("NOT_FOUND")]})

    fake.session().disks.delete_disk("demo", "data")

    assert len(fake.requests) == 2
