"""Bare-metal machines, clusters, volumes, object storage."""

from decimal import Decimal

import pytest
from tests.sandbox.conftest import World

MACHINES = "/v1/projects/research/machines"
CLUSTERS = "/v1/projects/research/clusters"
CLUSTER = f"{CLUSTERS}/cluster-1"
NODES = "/v1/projects/research/cluster-machines"
VOLUMES = "/v1/projects/research/volumes"
STORAGE = "/v1/projects/research/object-storage"
METAL = {"dataCenterId": "fr-paris-1", "machineTypeId": "sapphire-rapids-h100"}
NEW_MACHINE = {"id": "new-metal", "os": "ubuntu/jammy", **METAL}


def free(world: World, listing: str = "machines-types") -> int:
    types = world.ok("GET", f"/v1/{listing}")["machineTypes"]
    return int(next(each["machinesFree"] for each in types if each["dataCenterId"] == "fr-paris-1"))


def test_machine_lives_from_creation_to_deletion(world):
    before = free(world)
    machine = world.ok("POST", MACHINES, json=NEW_MACHINE)
    assert (machine["state"], machine["powerState"], machine["gpus"]) == ("CREATING", "POWERING_ON", 8)
    assert machine["priceHr"] == {"value": "18.000000"}
    assert free(world) == before - 1
    world.wait(5)
    machine = world.ok("GET", f"{MACHINES}/new-metal")
    assert (machine["state"], machine["powerState"]) == ("ACTIVE", "ON")
    world.ok("DELETE", f"{MACHINES}/new-metal")
    assert world.ok("GET", f"{MACHINES}/new-metal")["state"] == "DELETING"
    world.wait(2)
    assert world.refused("GET", f"{MACHINES}/new-metal")[1] == 5
    assert free(world) == before


def test_deploy_changes_the_system(world):
    world.ok("POST", f"{MACHINES}/metal-1/deploy", json={"os": "ubuntu/jammy"})
    assert world.refused("POST", f"{MACHINES}/metal-1/deploy", json={"os": "ubuntu/jammy"})[1] == 9
    assert world.ok("GET", f"{MACHINES}/metal-1")["state"] == "DEPLOYING"
    world.wait(5)
    machine = world.ok("GET", f"{MACHINES}/metal-1")
    assert (machine["state"], machine["os"], machine["powerState"]) == ("ACTIVE", "ubuntu/jammy", "ON")


def test_committed_machine_is_cheaper_and_stays(world):
    term = {"commitmentTerm": "COMMITMENT_TERM_12_MONTHS"}
    machine = world.ok("POST", MACHINES, json=NEW_MACHINE | term)
    assert machine["priceHr"] == {"value": "15.600000"}
    world.wait(5)
    assert world.refused("DELETE", f"{MACHINES}/new-metal")[1] == 9
    world.wait(366 * 86400)
    world.ok("DELETE", f"{MACHINES}/new-metal")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "metal-1"}, 6),
        ({"os": "windows"}, 3),
        ({"machineTypeId": "abacus"}, 3),
        ({"dataCenterId": "gb-london-1"}, 3),
        ({"commitmentTerm": "COMMITMENT_TERM_60_MONTHS"}, 3),
        ({"priceHr": {"value": 1}}, 3),
    ],
)
def test_bad_machine_is_refused(world, change, code):
    assert world.refused("POST", MACHINES, json=NEW_MACHINE | change)[1] == code


def test_what_is_fixed_cannot_be_updated(world):
    body = {"os": "ubuntu/noble", **METAL}
    assert world.ok("PATCH", f"{MACHINES}/metal-1", json=body | {"startScript": "x"})["startScript"] == "x"
    response = world.call("PATCH", f"{MACHINES}/metal-1", json=body | {"os": "ubuntu/jammy"})
    assert response.json()["details"][0]["fieldViolations"][0]["field"] == "os"


def test_cluster_grows_and_shrinks(world):
    before = free(world, "clusters/machine-types")
    grown = world.ok("PATCH", CLUSTER, json={"machineCount": 4, **METAL})
    assert (grown["state"], len(grown["machines"]), grown["totalGpus"]) == ("UPDATING", 4, 32)
    assert grown["totalPriceHr"] == {"value": "72.000000"}
    assert free(world, "clusters/machine-types") == before - 2
    world.wait(5)
    world.ok("PATCH", CLUSTER, json={"machineCount": 1, **METAL})
    world.wait(3)
    cluster = world.ok("GET", CLUSTER)
    assert (cluster["state"], cluster["machineCount"]) == ("ACTIVE", 1)
    assert [each["id"] for each in cluster["machines"]] == ["cluster-1-1"]
    assert free(world, "clusters/machine-types") == before + 1


def test_cluster_that_is_not_active_gives_the_reason(world):
    world.ok("PATCH", CLUSTER, json={"machineCount": 3, **METAL})
    for method, arguments in (("PATCH", {"json": {"machineCount": 4, **METAL}}), ("DELETE", {})):
        error = world.call(method, CLUSTER, **arguments).json()
        assert (error["code"], error["details"][0]["reason"]) == (9, "CLUSTER_STATE_INVALID")
    assert world.call("GET", f"{CLUSTERS}/none").json()["details"][0]["reason"] == "CLUSTER_NOT_FOUND"


def test_cluster_has_at_most_128_machines(world):
    assert world.refused("PATCH", CLUSTER, json={"machineCount": 129, **METAL})[:2] == (400, 11)
    error = world.call("PATCH", CLUSTER, json={"machineCount": 128, **METAL}).json()
    assert (error["code"], error["details"][0]["reason"]) == (3, "MACHINE_TYPE_UNAVAILABLE")


def test_deleted_cluster_takes_its_machines_along(world):
    world.ok("DELETE", CLUSTER)
    world.wait(2)
    assert world.refused("GET", CLUSTER)[1] == 5
    assert world.refused("POST", f"{NODES}/cluster-1-1:reboot")[1] == 5
    assert world.ok("GET", "/v1/projects/research:list-permissions")["permissions"]


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


def test_volume_only_grows(world):
    place = {"dataCenterId": "fr-paris-1"}
    assert world.refused("PATCH", f"{VOLUMES}/shared-1", json={**place, "sizeGib": 1999})[1] == 3
    volume = world.ok("PATCH", f"{VOLUMES}/shared-1", json={**place, "sizeGib": 4000})
    assert (volume["state"], volume["sizeGib"], volume["totalPriceHr"]) == (
        "UPDATING",
        4000,
        {"value": "0.600000"},
    )
    world.wait(3)
    assert world.ok("GET", f"{VOLUMES}/shared-1")["state"] == "ACTIVE"


def test_committed_volume_shows_its_end(world):
    body = {
        "id": "v",
        "dataCenterId": "fr-paris-1",
        "sizeGib": 10,
        "commitmentTerm": "COMMITMENT_TERM_1_MONTH",
    }
    volume = world.ok("POST", VOLUMES, json=body)
    assert volume["commitmentEndTime"] == "2027-02-15T08:00:00Z"
    assert (volume["nfsServer"], volume["nfsPath"]) == ("nfs.fr-paris-1.sandbox.invalid", "/research/v")
    world.wait(2)
    assert world.refused("DELETE", f"{VOLUMES}/v")[1] == 9


def test_object_storage_user_has_several_keys(world):
    user = world.ok("POST", f"{STORAGE}/users/no-luster-1", json={"id": "writer"})
    path = f"{STORAGE}/users/no-luster-1/writer"
    second = world.ok("POST", path)
    assert world.ok("GET", path)["keys"] == [user["keys"][0], second]
    world.ok("DELETE", f"{path}/keys/{user['keys'][0]['accessKey']}")
    assert world.ok("GET", path)["keys"] == [second]
    assert world.refused("DELETE", f"{path}/keys/none")[1] == 5
    assert world.refused("POST", f"{STORAGE}/users/no-luster-1", json={"id": "writer"})[1] == 6
    assert world.refused("POST", f"{STORAGE}/users/mars-1", json={"id": "writer"})[1] == 5
    world.ok("DELETE", path)
    assert world.refused("GET", path)[1] == 5


def test_viewer_sees_no_storage_secrets(world):
    assert world.refused("GET", f"{STORAGE}/users", key="viewer-key")[1] == 7
    assert world.refused("GET", f"{STORAGE}/session-key/no-luster-1", key="viewer-key")[1] == 7


def test_prices_of_bare_metal_are_the_published_ones(world):
    types = world.ok("GET", "/v1/machines-types")["machineTypes"]
    paris = next(each for each in types if each["dataCenterId"] == "fr-paris-1")
    prices = {each["commitmentTerm"]: Decimal(each["priceHr"]["value"]) for each in paris["prices"]}
    assert prices["COMMITMENT_TERM_NONE"] == 18
    assert prices["COMMITMENT_TERM_24_MONTHS"] == Decimal("14.4")
    assert "COMMITMENT_TERM_36_MONTHS" not in prices
