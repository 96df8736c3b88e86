"""Networks: what their operations do beyond sending and parsing."""

import pytest

from cudo_sdk import ConnectionFailed, FailedPrecondition, WaitTimeout
from cudo_sdk.testing import Answer, FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}/networks/{}"
CREATE = "POST /v1/projects/{}/networks"
ARGUMENTS = ("demo", "lan", "no-luster-1", "10.0.0.0/24")
NEW = {"createTime": "2026-01-01T00:00:00Z"}  # when the clock of a fake begins
LAN = {"id": "lan", "dataCenterId": "no-luster-1", "ipRange": "10.0.0.0/24", "state": "CREATING", **NEW}


def test_create_whose_answer_is_lost_finds_the_network_that_it_made():
    fake = FakeTransport({CREATE: drop_after_send(), GET: LAN})

    assert fake.session().networks.create_network(*ARGUMENTS).to_api() == LAN
    assert [request.method for request in fake.requests] == ["POST", "GET"]


def test_create_that_finds_another_range_under_the_id_raises():
    fake = FakeTransport({CREATE: drop_after_send(), GET: {**LAN, "ipRange": "10.9.0.0/24"}})

    with pytest.raises(ConnectionFailed) as caught:
        fake.session().networks.create_network(*ARGUMENTS)

    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("verb", "state", "is_done"),
    [
        ("start", "STARTING", True),
        ("start", "STOPPED", False),
        ("stop", "STOPPED", True),
        ("stop", "ACTIVE", False),
    ],
)
def test_switch_refused_on_the_second_try_is_settled_by_the_state(verb: str, state: str, is_done: bool):
    refused: list[Answer] = [drop_after_send(), api_error("FAILED_PRECONDITION")]
    fake = FakeTransport(
        {f"POST /v1/projects/{{}}/networks/{{}}/{verb}": refused, GET: {"id": "lan", "state": state}}
    )
    switch = getattr(fake.session().networks, f"{verb}_network")

    if is_done:
        switch("demo", "lan")
    else:
        with pytest.raises(FailedPrecondition):
            switch("demo", "lan")

    fake.check_used()


def test_new_network_may_be_absent_at_first():
    fake = FakeTransport({GET: [api_error("NOT_FOUND"), LAN, {**LAN, "state": "ACTIVE"}]})

    assert fake.session().networks.wait_for_network("demo", "lan", just_created=True).state == "ACTIVE"


def test_network_that_never_gets_ready_is_told_with_its_state():
    with pytest.raises(WaitTimeout, match="network 'lan' is CREATING after 60 s, and not yet ACTIVE"):
        FakeTransport({GET: LAN}).session().networks.wait_for_network("demo", "lan", timeout=60)


def test_deleted_network_is_waited_for_until_it_is_not_found():
    fake = FakeTransport({GET: [{**LAN, "state": "DELETING"}, api_error("NOT_FOUND")]})

    fake.session().networks.wait_for_network_deleted("demo", "lan")

    assert len(fake.requests) == 2
