"""The machines of a cluster: renamed, rebooted, given volumes, removed."""

from typing import Any

import pytest
from tests.sandbox.conftest import World

CLUSTER = "/v1/projects/research/clusters/cluster-1"
NODES = "/v1/projects/research/cluster-machines"
VOLUMES = "/v1/projects/research/volumes"
TYPE = {"machineTypeId": "sapphire-rapids-h100"}


def test_machine_of_a_cluster_is_renamed_mounted_and_removed(world):
    world.ok("POST", f"{NODES}/cluster-1-1:rename", params={"newId": "head"})
    assert world.refused("POST", f"{NODES}/cluster-1-2:rename", params={"newId": "head"})[1] == 6
    node = world.ok("PATCH", f"{NODES}/head", json={"volumeIds": ["shared-1"]})
    assert (node["id"], node["volumeIds"]) == ("head", ["shared-1"])
    assert world.refused("DELETE", f"{VOLUMES}/shared-1")[1] == 9
    assert world.refused("PATCH", f"{NODES}/head", json={"volumeIds": ["none"]})[1] == 5
    world.ok("DELETE", f"{NODES}/head")
    world.wait(2)
    cluster = world.ok("GET", CLUSTER)
    assert (cluster["machineCount"], [each["id"] for each in cluster["machines"]]) == (1, ["cluster-1-2"])
    assert world.refused("DELETE", f"{NODES}/cluster-1-2")[1] == 9
    assert world.ok("DELETE", f"{VOLUMES}/shared-1") == {}


def node(world: World, name: str) -> Any:
    machines = world.ok("GET", CLUSTER)["machines"]
    return next(each for each in machines if each["id"] == name)


def test_volumes_that_are_not_named_are_unmounted(world):
    world.ok("PATCH", f"{NODES}/cluster-1-1", json={"volumeIds": ["shared-1", "shared-1"]})
    assert node(world, "cluster-1-1")["volumeIds"] == ["shared-1"]
    world.ok("PATCH", f"{NODES}/cluster-1-1", json={})
    assert node(world, "cluster-1-1")["volumeIds"] == ["shared-1"]
    world.ok("PATCH", f"{NODES}/cluster-1-1", json={"volumeIds": []})
    assert node(world, "cluster-1-1")["volumeIds"] == []


def test_volume_of_another_place_or_in_passing_cannot_be_mounted(world):
    body = {"id": "far", "dataCenterId": "se-stockholm-1", "sizeGib": 1}
    world.ok("POST", VOLUMES, json=body)
    status, code, message = world.refused("PATCH", f"{NODES}/cluster-1-1", json={"volumeIds": ["far"]})
    assert (status, code) == (400, 9)
    assert message == "cannot mount volume 'far' in state CREATING; it must be ACTIVE"
    world.wait(2)
    assert world.refused_fields("PATCH", f"{NODES}/cluster-1-1", json={"volumeIds": ["far"]}) == ["volumeIds"]


def test_rebooted_machine_stays_active(world):
    assert world.ok("POST", f"{NODES}/cluster-1-1:reboot") == {}
    assert node(world, "cluster-1-1")["state"] == "ACTIVE"


def test_machine_that_is_being_created_is_left_alone(world):
    world.ok("PATCH", CLUSTER, json={"machineCount": 3, "dataCenterId": "fr-paris-1", **TYPE})
    for method, path, arguments in (
        ("POST", ":reboot", {}),
        ("POST", ":rename", {"params": {"newId": "head"}}),
        ("PATCH", "", {"json": {"volumeIds": []}}),
        ("DELETE", "", {}),
    ):
        assert world.refused(method, f"{NODES}/cluster-1-3{path}", **arguments)[1] == 9


def test_machine_of_a_changing_cluster_cannot_be_removed(world):
    world.ok("PATCH", CLUSTER, json={"machineCount": 3, "dataCenterId": "fr-paris-1", **TYPE})
    error = world.call("DELETE", f"{NODES}/cluster-1-1").json()
    assert (error["code"], error["details"][0]["reason"]) == (9, "CLUSTER_STATE_INVALID")


@pytest.mark.parametrize("name", ["", "Head", "head-", "a" * 64])
def test_bad_new_name_is_refused(world, name):
    fields = world.refused_fields("POST", f"{NODES}/cluster-1-1:rename", params={"newId": name})
    assert fields == ["newId"]


def test_unknown_machine_and_unknown_verb_are_not_found(world):
    assert world.refused("POST", f"{NODES}/none:reboot") == (404, 5, "cluster machine 'none' not found")
    assert world.refused("POST", f"{NODES}/cluster-1-1:explode") == (404, 5, "Not Found")
