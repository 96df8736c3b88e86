"""Networks."""

import pytest
from tests.sandbox.conftest import World

NETWORKS = "/v1/projects/demo/networks"
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


def test_stopped_or_foreign_network_takes_no_vm(world, vm_body):
    nics = {"nics": [{"networkId": "frontend"}]}
    world.ok("POST", f"{NETWORKS}/frontend/stop")
    status, code, message = world.refused("POST", "/v1/projects/demo/vm", json=vm_body | nics)
    assert (status, code, message) == (400, 9, "network 'frontend' is STOPPING; it must be ACTIVE")


@pytest.mark.parametrize(
    ("change", "code"), [({"id": "backend"}, 6), ({"dataCenterId": "mars-1"}, 3), ({"id": "Net"}, 3)], ids=str
)
def test_impossible_network_is_refused(world, change, code):
    assert world.refused("POST", NETWORKS, json=NEW | change)[1] == code


def test_act_on_an_unknown_network_is_not_found(world):
    for method, path in (("GET", ""), ("POST", "/start"), ("POST", "/stop"), ("DELETE", "")):
        assert world.refused(method, f"{NETWORKS}/none{path}") == (404, 5, "network 'none' not found")


def test_quota_of_networks_is_a_quota_failure(world):
    for number in range(20):
        world.ok("POST", NETWORKS, json=NEW | {"id": f"n-{number}"})
    response = world.call("POST", NETWORKS, json=NEW)
    assert (response.status_code, response.json()["code"]) == (429, 8)
    assert response.json()["details"][0]["violations"] == [
        {"subject": "project:demo", "description": "project 'demo' may create 20 networks"}
    ]
