"""Networks and security groups."""

import pytest
from tests.sandbox.conftest import World

NETWORKS, GROUPS = "/v1/projects/demo/networks", "/v1/projects/demo/security-groups"
NEW = {"id": "new-net", "dataCenterId": "gb-bournemouth-1", "ipRange": "10.9.0.0/29"}


def states(world: World, name: str) -> tuple[str, str]:
    network = world.ok("GET", f"{NETWORKS}/{name}")
    return network["state"], network["vmState"]


def test_created_network_becomes_active(world):
    network = world.ok("POST", NETWORKS, json=NEW)
    assert (network["gateway"], network["internalIpAddress"]) == ("10.9.0.1", "10.9.0.2")
    assert states(world, "new-net") == ("CREATING", "PENDING")
    world.wait(2)
    assert states(world, "new-net") == ("ACTIVE", "ACTIVE")


def test_network_stops_and_starts(world):
    world.ok("POST", f"{NETWORKS}/backend/stop")
    assert states(world, "backend") == ("STOPPING", "STOPPING")
    world.wait(2)
    assert states(world, "backend") == ("STOPPED", "STOPPED")
    assert world.refused("POST", f"{NETWORKS}/backend/stop")[1] == 9
    world.ok("POST", f"{NETWORKS}/backend/start")
    world.wait(3)
    assert states(world, "backend") == ("ACTIVE", "ACTIVE")


def test_network_with_vms_cannot_be_deleted(world):
    status, code, message = world.refused("DELETE", f"{NETWORKS}/backend")
    assert (status, code, message) == (400, 9, "network 'backend' is used by VM 'db-1'")
    world.ok("POST", "/v1/projects/demo/vms/db-1/terminate")
    world.wait(2)
    world.ok("DELETE", f"{NETWORKS}/backend")
    world.wait(2)
    assert world.refused("GET", f"{NETWORKS}/backend")[1] == 5


@pytest.mark.parametrize("ip_range", ["8.8.8.0/24", "10.0.0.1/24", "10.0.0.0/30", "fd00::/8", "ten", ""])
def test_range_that_is_not_private_is_refused(world, ip_range):
    assert world.refused("POST", NETWORKS, json=NEW | {"ipRange": ip_range})[:2] == (400, 3)


def test_full_network_has_no_address_left(world, vm_body):
    world.ok("POST", NETWORKS, json=NEW)
    world.wait(2)
    nics = {"nics": [{"networkId": "new-net"}]}
    given = [
        world.ok("POST", "/v1/projects/demo/vm", json=vm_body | nics | {"vmId": f"n-{number}"})["vm"][
            "internalIpAddress"
        ]
        for number in range(4)
    ]
    assert given == ["10.9.0.3", "10.9.0.4", "10.9.0.5", "10.9.0.6"]
    status, code, message = world.refused(
        "POST", "/v1/projects/demo/vm", json=vm_body | nics | {"vmId": "n-9"}
    )
    assert (status, code, message) == (400, 9, "no address left in network 'new-net'")


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
