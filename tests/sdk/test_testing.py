"""The public test double, which must fail where a test would otherwise pass by accident."""

from __future__ import annotations

import pytest

from cudo_sdk import CudoError
from cudo_sdk.testing import FakeTransport, api_error

VMS = "GET /v1/projects/{}/vms"


def test_request_without_a_route_fails():
    with pytest.raises(AssertionError, match="no route for GET /v1/projects/demo/vms"):
        FakeTransport({"GET /v1/projects/{}/disks": {}}).session().vms.list_vms("demo")


def test_one_request_more_than_answers_fails():
    session = FakeTransport({VMS: [{}]}).session()
    session.vms.list_vms("demo")

    with pytest.raises(AssertionError, match="request 2"):
        session.vms.list_vms("demo")


def test_route_that_nothing_used_is_reported():
    fake = FakeTransport({VMS: {}})

    with pytest.raises(AssertionError, match="never asked for: GET"):
        fake.check_used()


def test_error_comes_as_the_api_sends_it():
    response = api_error("ABORTED", "twice")

    assert (response.status_code, response.json()) == (409, {"code": 10, "message": "twice", "details": []})


def test_virtual_clock_lets_retries_take_no_time():
    fake = FakeTransport({VMS: [api_error("UNAVAILABLE")] * 4})

    with pytest.raises(CudoError):
        fake.session().vms.list_vms("demo")

    assert fake.clock.time() > 2
