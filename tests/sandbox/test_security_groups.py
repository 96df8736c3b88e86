"""Security groups: rules, and the VMs that they hold for."""

import pytest

GROUPS = "/v1/projects/demo/security-groups"


def test_changed_group_shows_in_its_vms(world):
    rules = [{"protocol": "PROTOCOL_TCP", "ports": "22", "ruleType": "RULE_TYPE_INBOUND"}]
    group = world.ok("PATCH", f"{GROUPS}/web", json={"dataCenterId": "gb-bournemouth-1", "rules": rules})
    assert group["description"] == "Web servers: HTTP, HTTPS and SSH from anywhere"
    assert group["rules"][0]["id"]
    vm = world.ok("GET", "/v1/projects/demo/vms/web-1")["VM"]
    assert (vm["securityGroups"], vm["rules"]) == ([group], group["rules"])


def test_rules_keep_their_ids(world):
    group = world.ok("GET", f"{GROUPS}/web")
    again = world.ok(
        "PATCH", f"{GROUPS}/web", json={"dataCenterId": group["dataCenterId"], "rules": group["rules"]}
    )
    assert again == group


def test_deleted_group_leaves_its_vms(world):
    world.ok("DELETE", f"{GROUPS}/web")
    vm = world.ok("GET", "/v1/projects/demo/vms/web-1")["VM"]
    assert (vm["securityGroupIds"], vm["securityGroups"], vm["rules"]) == ([], [], [])
    assert vm["nics"][0]["securityGroupIds"] == []


def test_group_is_attached_and_detached(world):
    path = "/v1/projects/demo/vm/train-1/security-group"
    internal = {"securityGroupId": "internal"}
    for _twice in range(2):
        world.ok("PATCH", f"{path}/attach", params=internal)
        vm = world.ok("GET", "/v1/projects/demo/vms/train-1")["VM"]
        assert vm["securityGroupIds"] == ["internal"]
    world.ok("PATCH", f"{path}/detach", params=internal)
    assert world.refused("PATCH", f"{path}/detach", params=internal)[1] == 5
    assert world.refused("PATCH", f"{path}/attach", params={"securityGroupId": "web"})[1] == 9


def test_group_stays_in_its_data_center(world):
    assert world.refused("PATCH", f"{GROUPS}/web", json={"dataCenterId": "gb-london-1"})[1] == 3


@pytest.mark.parametrize(
    "rule",
    [
        {"protocol": "PROTOCOL_TCP", "ports": "80;443"},
        {"protocol": "PROTOCOL_TCP", "ports": "0"},
        {"protocol": "PROTOCOL_TCP", "ports": "70000"},
        {"protocol": "PROTOCOL_TCP", "ports": "200:100"},
        {"protocol": "PROTOCOL_ICMP", "ports": "80"},
        {"protocol": "PROTOCOL_ICMP", "icmpType": "7"},
        {"protocol": "PROTOCOL_TCP", "icmpType": "8"},
        {"protocol": "PROTOCOL_ICMPV6"},
        {"ipRangeCidr": "everywhere"},
        {"ruleType": "RULE_TYPE_UNKNOWN"},
    ],
    ids=str,
)
def test_bad_rule_is_refused(world, rule):
    body = {"id": "g", "dataCenterId": "gb-london-1", "rules": [{"ruleType": "RULE_TYPE_INBOUND", **rule}]}
    response = world.call("POST", GROUPS, json=body)
    assert response.status_code == 400
    violation = response.json()["details"][0]["fieldViolations"][0]
    assert (violation["field"], violation["description"][:3]) == ("rules", "[0]")


@pytest.mark.parametrize("ports", ["80,443", "1024:2048", "", "22,8000:8100"])
def test_good_ports_are_taken(world, ports):
    rule = {"protocol": "PROTOCOL_UDP", "ports": ports, "ruleType": "RULE_TYPE_OUTBOUND"}
    group = world.ok("POST", GROUPS, json={"id": "g", "dataCenterId": "gb-london-1", "rules": [rule]})
    assert group["rules"][0]["ports"] == ports


def test_group_lives_from_creation_to_deletion(world):
    group = world.ok("POST", GROUPS, json={"id": "new-group", "dataCenterId": "gb-london-1"})
    assert group == {
        "id": "new-group",
        "projectId": "demo",
        "dataCenterId": "gb-london-1",
        "description": "",
        "rules": [],
    }
    assert world.ok("GET", f"{GROUPS}/new-group") == group
    assert world.ok("DELETE", f"{GROUPS}/new-group") == {}
    assert world.refused("GET", f"{GROUPS}/new-group") == (404, 5, "security group 'new-group' not found")


@pytest.mark.parametrize(
    ("change", "code"), [({"id": "web"}, 6), ({"dataCenterId": "mars-1"}, 3), ({"id": "-x"}, 3)], ids=str
)
def test_impossible_group_is_refused(world, change, code):
    body = {"id": "new-group", "dataCenterId": "gb-london-1"} | change
    assert world.refused("POST", GROUPS, json=body)[1] == code


def test_listing_by_data_center_shows_its_groups(world):
    def ids(**query: str) -> list[str]:
        return [each["id"] for each in world.ok("GET", GROUPS, params=query)["securityGroups"]]

    assert ids() == ["web", "internal"]
    assert ids(dataCenterId="no-luster-1") == ["internal"]
    assert ids(dataCenterId="mars-1") == []


def test_rule_without_protocol_lets_all_through(world):
    rules = [{"ruleType": "RULE_TYPE_INBOUND"}]
    body = {"id": "g", "dataCenterId": "gb-london-1", "rules": rules}
    (rule,) = world.ok("POST", GROUPS, json=body)["rules"]
    assert (rule["protocol"], rule["ruleType"]) == ("PROTOCOL_ALL", "RULE_TYPE_INBOUND")


@pytest.mark.parametrize("number", ["0", "3", "4", "5", "8", "9", "10", "11", "12", "13", "14", "17", "18"])
def test_published_icmp_types_are_taken(world, number):
    rule = {"protocol": "PROTOCOL_ICMP", "icmpType": number, "ruleType": "RULE_TYPE_INBOUND"}
    group = world.ok("POST", GROUPS, json={"id": "g", "dataCenterId": "gb-london-1", "rules": [rule]})
    assert group["rules"][0]["icmpType"] == number


def test_unknown_group_or_vm_is_not_found(world):
    attach = "/v1/projects/demo/vm/{}/security-group/attach"
    none, web = {"securityGroupId": "none"}, {"securityGroupId": "web"}
    assert world.refused("PATCH", attach.format("web-1"), params=none)[1] == 5
    assert world.refused("PATCH", attach.format("none"), params=web)[1] == 5
