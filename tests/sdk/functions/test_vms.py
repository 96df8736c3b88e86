"""VMs: what their operations do beyond sending and parsing."""

from datetime import datetime
from decimal import Decimal

import pytest

from cudo_sdk import ConfigError, FailedPrecondition, RequestTimeout, Unavailable
from cudo_sdk.functions.vms import NIC, VM, VMPrice
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}/vms/{}"
CREATE = "POST /v1/projects/{}/vm"
STOP = "POST /v1/projects/{}/vms/{}/stop"
ARGUMENTS = ("demo", "web-1", "no-luster-1", "epyc-rome", "debian-12", 2, 4)
CREATED = {
    "id": "web-1",
    "datacenterId": "no-luster-1",
    "machineType": "epyc-rome",
    "vcpus": 2,
    "memory": 4,
    "publicImageId": "debian-12",
    "createTime": "2026-01-01T00:00:00Z",  # when the clock of a fake begins
}


def test_price_beside_the_vm_becomes_its_own():
    reply = {"VM": {"id": "web-1"}, "totalPriceHr": {"value": "0.5"}, "ipv4PriceHr": {"value": "0.0035"}}

    vm = FakeTransport({GET: reply}).session().vms.get_vm("demo", "web-1")

    assert vm.price == VMPrice(total_price_hr=Decimal("0.5"), ipv4_address_price_hr=Decimal("0.0035"))


def test_price_of_the_vm_itself_is_kept():
    reply = {"VM": {"id": "web-1", "price": {"totalPriceHr": {"value": "1"}}}, "totalPriceHr": {"value": "2"}}

    vm = FakeTransport({GET: reply}).session().vms.get_vm("demo", "web-1")

    assert vm.price is not None
    assert vm.price.total_price_hr == Decimal(1)


def test_create_reads_the_vm_under_the_small_key():
    fake = FakeTransport({CREATE: {"id": "web-1", "vm": {"id": "web-1", "state": "PENDING"}}})

    vm = fake.session().vms.create_vm(*ARGUMENTS, nics=[NIC(network_id="lan")], ttl="60s")

    assert vm == VM(id="web-1", state="PENDING")
    assert fake.bodies() == [
        {
            "vmId": "web-1",
            "dataCenterId": "no-luster-1",
            "machineType": "epyc-rome",
            "bootDiskImageId": "debian-12",
            "vcpus": 2,
            "memoryGib": 4,
            "gpus": 0,
            "nics": [{"networkId": "lan", "securityGroupIds": []}],
            "ttl": "60s",
        }
    ]


def test_create_whose_answer_is_lost_finds_the_vm_that_it_made():
    fake = FakeTransport({CREATE: drop_after_send(), GET: [api_error("NOT_FOUND"), {"VM": CREATED}]})

    vm = fake.session().vms.create_vm(*ARGUMENTS)

    assert vm.machine_type == "epyc-rome"
    assert [request.method for request in fake.requests] == ["POST", "GET", "GET"]


def test_validation_whose_answer_is_lost_looks_for_nothing():
    fake = FakeTransport({CREATE: drop_after_send()})

    with pytest.raises(Exception, match="broke"):
        fake.session().vms.create_vm(*ARGUMENTS, validate_only=True)

    assert len(fake.requests) == 1


def test_stop_refused_on_the_second_try_is_settled_by_the_state():
    fake = FakeTransport(
        {
            STOP: [drop_after_send(), api_error("FAILED_PRECONDITION")],
            GET: {"VM": {"id": "web-1", "state": "STOPPING"}},
        }
    )

    fake.session().vms.stop_vm("demo", "web-1")

    assert len(fake.requests) == 3


def test_stop_of_a_vm_that_does_not_run_is_refused_without_a_look():
    fake = FakeTransport({STOP: api_error("FAILED_PRECONDITION")})

    with pytest.raises(FailedPrecondition):
        fake.session().vms.stop_vm("demo", "web-1")


def test_console_token_is_asked_for_once():
    fake = FakeTransport({"GET /v1/projects/{}/vms/{}/connect": api_error("UNAVAILABLE")})

    with pytest.raises(Unavailable):
        fake.session().vms.connect_vm("demo", "web-1")

    assert len(fake.requests) == 1


def test_resize_is_not_repeated_once_it_may_have_run():
    fake = FakeTransport({"POST /v1/projects/{}/vms/{}/resize": api_error("DEADLINE_EXCEEDED")})

    with pytest.raises(Exception, match="DEADLINE_EXCEEDED") as caught:
        fake.session().vms.resize_vm("demo", "web-1", vcpus=4)

    assert not isinstance(caught.value, RequestTimeout)
    assert str(fake.requests[0].url.query, "ascii") == "vcpus=4"


def test_time_without_a_zone_is_refused_before_anything_is_sent():
    fake = FakeTransport()

    with pytest.raises(ConfigError, match="no time zone"):
        fake.session().vms.update_vm_expire_time("demo", "web-1", expire_time=datetime(2026, 1, 1))  # noqa: DTZ001  # the case

    assert fake.requests == []


def test_empty_metadata_is_an_empty_mapping():
    fake = FakeTransport({"POST /v1/projects/{}/vm/{}/metadata": {}})

    assert fake.session().vms.update_vm_metadata("demo", "web-1", {}, merge=False) == {}
    assert fake.bodies() == [{"metadata": {}, "merge": False}]


def test_vms_can_be_narrowed_to_a_network_by_the_server():
    fake = FakeTransport({"GET /v1/projects/{}/vms": {"VMs": [{"id": "a"}, {"id": "b"}]}})

    assert [vm.id for vm in fake.session().vms.search_vms("demo", network_id="lan")] == ["a", "b"]
    assert dict(fake.requests[0].url.params) == {"networkId": "lan"}
