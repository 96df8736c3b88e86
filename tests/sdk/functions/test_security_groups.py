"""Security groups: rules are changed one at a time, though the API takes whole lists."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from cudo_sdk import InvalidArgument, NotFound
from cudo_sdk.functions.security_groups import Rule
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}/security-groups/{}"
UPDATE = "PATCH /v1/projects/{}/security-groups/{}"
CREATE = "POST /v1/projects/{}/security-groups"
SSH = {"id": "r-1", "ruleType": "RULE_TYPE_INBOUND", "protocol": "PROTOCOL_TCP", "ports": "22"}
WEB = {"id": "r-2", "ruleType": "RULE_TYPE_INBOUND", "protocol": "PROTOCOL_TCP", "ports": "80,443"}
GROUP = {"id": "web", "dataCenterId": "no-luster-1", "description": "front", "rules": [SSH]}


class BusyTransport(FakeTransport):
    """Lets other threads and tasks run while a request is on its way."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        time.sleep(0.001)
        return super().handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.001)
        return await super().handle_async_request(request)


class Store:
    """A group that is read and written, and gives ids to new rules."""

    def __init__(self, *rules: dict[str, Any], gives_ids: bool = True) -> None:
        self.group: dict[str, Any] = {**GROUP, "rules": list(rules)}
        self.gives_ids = gives_ids
        self.fake = BusyTransport({GET: lambda _: self.group, UPDATE: self.write})

    def write(self, request: httpx.Request) -> dict[str, Any]:
        self.group = {"id": "web", **json.loads(request.content)}
        if self.gives_ids:
            self.group["rules"] = [
                {"id": f"new-{number}", **rule} for number, rule in enumerate(self.group["rules"])
            ]
        return self.group


def test_new_rule_is_written_with_the_others_and_what_is_fixed():
    store = Store(SSH)

    rule = store.fake.session().security_groups.create_security_group_rule(
        "demo", "web", "RULE_TYPE_INBOUND", "PROTOCOL_TCP", ports="80,443", ip_range_cidr="10.0.0.0/8"
    )

    new = {
        "ruleType": "RULE_TYPE_INBOUND",
        "protocol": "PROTOCOL_TCP",
        "ports": "80,443",
        "ipRangeCidr": "10.0.0.0/8",
    }
    assert store.fake.bodies() == [
        None,
        {"dataCenterId": "no-luster-1", "description": "front", "rules": [SSH, new]},
    ]
    assert rule.to_api() == {"id": "new-1", **new}


def test_new_rule_is_returned_as_asked_where_the_api_gives_no_ids():
    store = Store(gives_ids=False)

    rule = store.fake.session().security_groups.create_security_group_rule(
        "demo", "web", "RULE_TYPE_OUTBOUND", "PROTOCOL_ALL"
    )

    assert rule == Rule(rule_type="RULE_TYPE_OUTBOUND", protocol="PROTOCOL_ALL")


def test_rule_with_fields_that_are_not_documented_goes_back_without_them():
    store = Store({**SSH, "hits": 3})

    store.fake.session().security_groups.create_security_group_rule(
        "demo", "web", "RULE_TYPE_OUTBOUND", "PROTOCOL_ALL"
    )

    assert store.fake.bodies()[1]["rules"][0] == SSH


def test_deleted_rule_is_left_out_and_the_others_stay():
    store = Store(SSH, WEB)

    store.fake.session().security_groups.delete_security_group_rule("demo", "web", "r-1")

    assert store.fake.bodies()[1]["rules"] == [WEB]


def test_last_rule_can_be_deleted():
    store = Store(SSH)

    store.fake.session().security_groups.delete_security_group_rule("demo", "web", "r-1")

    assert store.fake.bodies()[1]["rules"] == []


def test_rule_without_an_id_is_deleted_by_its_content():
    bare = {"ruleType": "RULE_TYPE_INBOUND", "protocol": "PROTOCOL_ALL", "ports": ""}
    store = Store(SSH, bare)
    meant = Rule(rule_type="RULE_TYPE_INBOUND", protocol="PROTOCOL_ALL")

    store.fake.session().security_groups.delete_security_group_rule("demo", "web", meant)

    assert store.fake.bodies()[1]["rules"] == [SSH]


def test_unknown_rule_and_unknown_group_are_the_same_kind_of_error():
    groups = Store(SSH).fake.session().security_groups
    elsewhere = FakeTransport({GET: api_error("NOT_FOUND")}).session().security_groups

    with pytest.raises(NotFound, match="security group 'web' has no such rule"):
        groups.delete_security_group_rule("demo", "web", "r-9")
    with pytest.raises(NotFound):
        elsewhere.delete_security_group_rule("demo", "web", "r-1")


def test_rules_added_by_threads_at_once_are_all_kept():
    store = Store()
    sessions = [store.fake.session(), store.fake.session()]

    def add(number: int) -> Rule:
        groups = sessions[number % 2].security_groups
        return groups.create_security_group_rule(
            "demo", "web", "RULE_TYPE_INBOUND", "PROTOCOL_TCP", ports=str(number)
        )

    with ThreadPoolExecutor(4) as threads:
        added = list(threads.map(add, range(1, 9)))

    assert [rule.ports for rule in added] == [str(number) for number in range(1, 9)]
    assert {rule["ports"] for rule in store.group["rules"]} == {str(number) for number in range(1, 9)}


def test_rules_added_by_tasks_at_once_are_all_kept():
    store = Store()
    session = store.fake.async_session()

    async def check() -> None:
        add = session.security_groups.create_security_group_rule
        await asyncio.gather(
            *(
                add("demo", "web", "RULE_TYPE_INBOUND", "PROTOCOL_UDP", ports=str(number))
                for number in range(1, 13)
            )
        )

    asyncio.run(check())

    assert {rule["ports"] for rule in store.group["rules"]} == {str(number) for number in range(1, 13)}


def test_change_that_fails_lets_the_next_one_in():
    fake = FakeTransport({GET: GROUP, UPDATE: [api_error("INVALID_ARGUMENT"), GROUP]})
    groups = fake.session().security_groups

    with pytest.raises(InvalidArgument):
        groups.create_security_group_rule("demo", "web", "RULE_TYPE_INBOUND", "PROTOCOL_TCP", ports="x")
    groups.delete_security_group_rule("demo", "web", "r-1")

    assert fake.clock.naps == []


def test_create_whose_answer_is_lost_finds_the_group_that_it_made():
    fake = FakeTransport({CREATE: drop_after_send(), GET: [api_error("NOT_FOUND"), GROUP]})

    group = fake.session().security_groups.create_security_group("demo", "web", "no-luster-1")

    assert group.to_api() == GROUP


def test_update_without_rules_sends_none():
    fake = FakeTransport({UPDATE: GROUP})

    fake.session().security_groups.update_security_group("demo", "web", "no-luster-1", description="back")

    assert fake.bodies() == [{"dataCenterId": "no-luster-1", "description": "back"}]


def test_groups_can_be_narrowed_to_a_data_center_by_the_server():
    fake = FakeTransport(
        {"GET /v1/projects/{}/security-groups": {"securityGroups": [GROUP], "pageSize": 100}}
    )

    groups = fake.session().security_groups.list_security_groups("demo", data_center_id="no-luster-1")

    assert [group.id for group in groups] == ["web"]
    sent = {"dataCenterId": "no-luster-1", "pageNumber": "1", "pageSize": "100"}
    assert dict(fake.requests[0].url.params) == sent
