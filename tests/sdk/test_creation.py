"""A create whose answer says nothing: what it made is taken for its own, and what was there before never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from cudo_sdk import (
    AlreadyExists,
    BadReply,
    CudoError,
    InvalidArgument,
    ResourceExhausted,
    Session,
    Unavailable,
)
from cudo_sdk.creation import ServerTime, age, first_sent
from cudo_sdk.functions.disks import Disk
from cudo_sdk.functions.security_groups import Rule
from cudo_sdk.functions.vms import NIC
from cudo_sdk.testing import Answer, FakeTransport, VirtualClock, api_error, drop_after_send

CREATE = "POST /v1/projects/{}/disks"
GET = "GET /v1/projects/{}/disks/{}"
START = datetime(2026, 1, 1, tzinfo=UTC)  # when the clock of a fake begins


def disk(seconds: float | None = 0, **fields: Any) -> dict[str, Any]:
    """A disk that was created so many seconds after the clock of a fake began."""
    made = {} if seconds is None else {"createTime": (START + timedelta(seconds=seconds)).isoformat()}
    return {"disk": {"id": "data", "dataCenterId": "no-luster-1", "sizeGib": 10, **made, **fields}}


def dated(values: dict[str, Any], seconds: float) -> httpx.Response:
    """A reply whose Date is so many seconds after the clock of a fake began."""
    date = (START + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return httpx.Response(200, json=values, headers={"Date": date})


def create_disk(post: Answer, *looks: Answer) -> FakeTransport:
    """Create a disk against a server that answers so, and return the server."""
    fake = FakeTransport({CREATE: [post], GET: looks})
    fake.session().disks.create_disk("demo", "data", "no-luster-1", 10)
    return fake


@pytest.mark.parametrize("by_server", [0, -7200, 7200])
def test_what_was_there_before_by_the_clock_of_the_server_is_not_taken_for_ours(by_server: int):
    there = dated(disk(by_server - 3), by_server)

    with pytest.raises(Unavailable) as caught:
        create_disk(api_error("UNAVAILABLE"), there)

    assert not caught.value.outcome_unknown  # the id is taken, so nothing was created


@pytest.mark.parametrize("by_server", [0, -7200, 7200])
def test_what_is_new_by_the_clock_of_the_server_is_ours_whatever_our_clock_says(by_server: int):
    fake = create_disk(api_error("UNAVAILABLE"), dated(disk(by_server - 1), by_server))

    assert [request.method for request in fake.requests] == ["POST", "GET"]


def test_without_a_date_our_own_clock_says_what_is_new_but_not_what_is_old():
    create_disk(api_error("UNAVAILABLE"), disk(-59))

    with pytest.raises(Unavailable) as caught:
        create_disk(api_error("UNAVAILABLE"), disk(-61))
    assert caught.value.outcome_unknown


def test_what_has_no_create_time_is_ours_only_if_it_was_absent_before():
    create_disk(api_error("UNAVAILABLE"), api_error("NOT_FOUND"), disk(None))

    with pytest.raises(Unavailable) as caught:
        create_disk(api_error("UNAVAILABLE"), disk(None))
    assert caught.value.outcome_unknown


def test_new_thing_that_is_not_as_asked_leaves_the_outcome_open():
    with pytest.raises(Unavailable) as caught:
        create_disk(api_error("UNAVAILABLE"), disk(sizeGib=11))

    assert caught.value.outcome_unknown


def test_image_that_existed_is_not_taken_for_the_backup_that_was_asked_for():
    there = {"image": {"id": "golden-1", "state": "READY"}}
    routes: dict[str, Answer] = {
        "POST /v1/projects/{}/images": api_error("UNAVAILABLE"),
        "GET /v1/projects/{}/images/{}": there,
    }

    with pytest.raises(Unavailable) as caught:
        FakeTransport(routes).session().images.create_private_image("demo", "golden-1", "web-2")

    assert caught.value.outcome_unknown


def test_security_group_is_ours_only_with_the_rules_that_were_asked_for():
    rule = {"ruleType": "RULE_TYPE_INBOUND", "protocol": "PROTOCOL_ALL", "ipRangeCidr": "10.0.0.0/8"}
    there = {"id": "web", "dataCenterId": "dc", "rules": [{"id": "r-1", **rule}]}
    looks: list[Answer] = [api_error("NOT_FOUND"), there]

    def create(*rules: Rule) -> None:
        post, get = "POST /v1/projects/{}/security-groups", "GET /v1/projects/{}/security-groups/{}"
        session = FakeTransport({post: api_error("UNAVAILABLE"), get: list(looks)}).session()
        session.security_groups.create_security_group("demo", "web", "dc", rules=rules)

    create(Rule(rule_type="RULE_TYPE_INBOUND", ip_range_cidr="10.0.0.0/8"))
    with pytest.raises(Unavailable):
        create(Rule(rule_type="RULE_TYPE_INBOUND"))


VM = {
    "id": "web-1",
    "datacenterId": "no-luster-1",
    "machineType": "epyc-rome",
    "vcpus": 2,
    "memory": 4,
    "publicImageId": "debian-12",
    "nics": [{"networkId": "lan"}],
    "createTime": START.isoformat(),
}


def create_vm(there: dict[str, Any], **asked: Any) -> None:
    """Create a VM whose answer is lost, and find another one or itself."""
    fake = FakeTransport(
        {"POST /v1/projects/{}/vm": drop_after_send(), "GET /v1/projects/{}/vms/{}": {"VM": there}}
    )
    values = {"memory_gib": 4, "nics": (NIC(network_id="lan"),), **asked}
    fake.session().vms.create_vm("demo", "web-1", "no-luster-1", "epyc-rome", "debian-12", 2, **values)


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"gpuQuantity": 1}, {"gpus": 1}),
        ({"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}),
        ({"bootDiskSizeGib": 20}, {"boot_disk_size_gib": 20}),
        ({"storageDisks": [{"id": "data"}]}, {"storage_disk_ids": ["data"]}),
        ({"securityGroupIds": ["a", "b"]}, {"security_group_ids": ["b", "a"], "nics": None}),
        ({"expireTime": "2026-02-01T00:00:00Z"}, {"ttl": "3600s"}),
        ({"sshKeySource": "SSH_KEY_SOURCE_USER"}, {"ssh_key_source": "SSH_KEY_SOURCE_USER"}),
        ({"commitmentTerm": "COMMITMENT_TERM_1_MONTH"}, {"commitment_term": "COMMITMENT_TERM_1_MONTH"}),
    ],
)
def test_vm_is_ours_only_with_all_that_was_asked_for(fields: dict[str, Any], asked: dict[str, Any]):
    create_vm({**VM, **fields}, **asked)

    with pytest.raises(CudoError, match="broke"):
        create_vm(VM, **asked)


@pytest.mark.parametrize(
    "other",
    [{"memory": 8}, {"gpuQuantity": 1}, {"publicImageId": "fedora-37"}, {"nics": [{"networkId": "wan"}]}],
)
def test_vm_of_another_shape_is_not_ours(other: dict[str, Any]):
    with pytest.raises(CudoError, match="broke"):
        create_vm({**VM, **other})


UNUSABLE: dict[str, httpx.Response] = {
    "a page": httpx.Response(200, html="<html>log in</html>"),
    "half of the JSON": httpx.Response(200, content=b'{"disk": '),
    "nothing": httpx.Response(200),
    "no content": httpx.Response(204),
    "no object": httpx.Response(200, json=[]),
    "408": httpx.Response(408),
    "425": httpx.Response(425),
    "500": httpx.Response(500, html="<html>"),
    "redirect": httpx.Response(307, headers={"Location": "https://portal.example"}),
}


@pytest.mark.parametrize("answer", UNUSABLE.values(), ids=UNUSABLE)
def test_create_whose_answer_cannot_be_used_is_settled_by_a_look(answer: httpx.Response):
    fake = create_disk(answer, api_error("NOT_FOUND"), disk())

    assert [request.method for request in fake.requests] == ["POST", "GET", "GET"]


@pytest.mark.parametrize("answer", UNUSABLE.values(), ids=UNUSABLE)
def test_create_whose_answer_cannot_be_used_and_that_made_nothing_visible_is_unknown(answer: httpx.Response):
    with pytest.raises(CudoError) as caught:
        create_disk(answer, *[api_error("NOT_FOUND")] * 20)

    assert caught.value.outcome_unknown


@pytest.mark.parametrize("answer", [{}, {"vm": {}}, {"vm": {"state": "PENDING"}}, {"vm": 5}])
def test_create_whose_answer_names_nothing_is_settled_by_a_look(answer: dict[str, Any]):
    fake = FakeTransport({"POST /v1/projects/{}/vm": answer, "GET /v1/projects/{}/vms/{}": {"VM": VM}})

    vm = fake.session().vms.create_vm("demo", "web-1", "no-luster-1", "epyc-rome", "debian-12", 2, 4)

    assert vm.id == "web-1"


@pytest.mark.parametrize("answer", [UNUSABLE["a page"], UNUSABLE["half of the JSON"]], ids=["page", "half"])
def test_change_that_is_answered_with_a_page_may_have_happened(answer: httpx.Response):
    with pytest.raises(BadReply) as caught:
        FakeTransport({"POST /v1/projects/{}/vms/{}/start": answer}).session().vms.start_vm("demo", "web-1")

    assert caught.value.outcome_unknown


def test_read_that_is_answered_with_a_page_changed_nothing():
    with pytest.raises(BadReply) as caught:
        FakeTransport({GET: UNUSABLE["a page"]}).session().disks.get_disk("demo", "data")

    assert not caught.value.outcome_unknown


def refused_session(*looks: Answer) -> tuple[FakeTransport, Session]:
    fake = FakeTransport({CREATE: [api_error("RESOURCE_EXHAUSTED")] * 4, GET: looks})
    return fake, fake.session()


def test_create_that_ran_although_a_limit_refused_it_is_found():
    fake, session = refused_session(disk())

    session.disks.create_disk("demo", "data", "no-luster-1", 10)

    assert [request.method for request in fake.requests] == ["POST"] * 4 + ["GET"]


def test_create_that_a_limit_refused_and_that_is_not_there_did_not_happen():
    fake, session = refused_session(api_error("NOT_FOUND"))

    with pytest.raises(ResourceExhausted) as caught:
        session.disks.create_disk("demo", "data", "no-luster-1", 10)

    assert not caught.value.outcome_unknown
    assert len(fake.requests) == 5  # one look, and no wait for what a refusal has not begun


def test_create_whose_first_attempt_ran_in_spite_of_a_429_is_no_conflict_with_itself():
    fake = FakeTransport(
        {CREATE: [api_error("RESOURCE_EXHAUSTED"), api_error("ALREADY_EXISTS")], GET: [dated(disk(), 1)]}
    )
    fake.session().disks.create_disk("demo", "data", "no-luster-1", 10)

    older = FakeTransport(
        {CREATE: [api_error("RESOURCE_EXHAUSTED"), api_error("ALREADY_EXISTS")], GET: [dated(disk(-60), 1)]}
    )
    with pytest.raises(AlreadyExists) as caught:
        older.session().disks.create_disk("demo", "data", "no-luster-1", 10)
    assert not caught.value.outcome_unknown


def test_refused_create_is_not_looked_for():
    with pytest.raises(InvalidArgument):
        create_disk(api_error("INVALID_ARGUMENT"))


def test_time_that_a_person_takes_to_approve_is_not_part_of_the_attempt():
    fake = FakeTransport({CREATE: [api_error("UNAVAILABLE")], GET: [lambda _: dated(disk(30), 60)]})
    session = Session(
        api_key="k",
        base_url="http://127.0.0.1",
        http_client=httpx.Client(transport=fake),
        clock=fake.clock,
        approve=lambda _: fake.clock.sleep(60),
    )

    with pytest.raises(Unavailable) as caught:
        session.disks.create_disk("demo", "data", "no-luster-1", 10)

    assert not caught.value.outcome_unknown


def test_date_of_an_earlier_reply_tells_the_time_of_the_server_later_on():
    clock = VirtualClock()
    clock.sleep(100)

    sent = first_sent(90, ServerTime(START, seen_at=40), clock)

    assert sent.time == START + timedelta(seconds=50)


def test_create_time_without_a_zone_tells_nothing():
    clock = VirtualClock()
    made = Disk(create_time=datetime(2026, 1, 1))  # noqa: DTZ001  # as a server might write it

    assert age(made, first_sent(0, None, clock), was_absent=False) == "unclear"
