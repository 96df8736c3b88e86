"""Clusters: growth, shrinkage, refusals."""

import pytest
from tests.sandbox.conftest import World

CLUSTERS = "/v1/projects/research/clusters"
CLUSTER = f"{CLUSTERS}/cluster-1"
NODES = "/v1/projects/research/cluster-machines"
METAL = {"dataCenterId": "fr-paris-1", "machineTypeId": "sapphire-rapids-h100"}
NEW = {"id": "new-cluster", "machineCount": 2, **METAL}


def free(world: World) -> int:
    types = world.ok("GET", "/v1/clusters/machine-types")["machineTypes"]
    return int(next(each["machinesFree"] for each in types if each["dataCenterId"] == "fr-paris-1"))


def test_cluster_lives_from_creation_to_deletion(world):
    before = free(world)
    cluster = world.ok("POST", CLUSTERS, json=NEW)
    assert (cluster["state"], cluster["networkType"]) == ("CREATING", "INFINIBAND")
    assert [(each["id"], each["state"]) for each in cluster["machines"]] == [
        ("new-cluster-1", "CREATING"),
        ("new-cluster-2", "CREATING"),
    ]
    assert (cluster["totalGpus"], cluster["totalPriceHr"]) == (16, {"value": "36.000000"})
    world.wait(5)
    cluster = world.ok("GET", f"{CLUSTERS}/new-cluster")
    assert [cluster["state"], *(each["state"] for each in cluster["machines"])] == ["ACTIVE"] * 3
    assert free(world) == before - 2
    world.ok("DELETE", f"{CLUSTERS}/new-cluster")
    assert world.ok("GET", f"{CLUSTERS}/new-cluster")["state"] == "DELETING"
    world.wait(2)
    assert world.refused("GET", f"{CLUSTERS}/new-cluster") == (404, 5, "cluster 'new-cluster' not found")
    assert free(world) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "cluster-1"}, 6),
        ({"machineCount": 0}, 3),
        ({"machineCount": 26}, 3),
        ({"machineCount": 129}, 11),
        ({"dataCenterId": "se-stockholm-1"}, 3),
        ({"machineTypeId": "abacus"}, 3),
        ({"commitmentTerm": "COMMITMENT_TERM_60_MONTHS"}, 3),
        ({"networkType": "TOKEN_RING"}, 3),
    ],
    ids=str,
)
def test_impossible_cluster_is_refused_and_takes_nothing(world, change, code):
    before = free(world)
    assert world.refused("POST", CLUSTERS, json=NEW | change)[1] == code
    assert free(world) == before


def test_committed_cluster_grows_and_neither_shrinks_nor_goes(world):
    cluster = world.ok("POST", CLUSTERS, json=NEW | {"commitmentTerm": "COMMITMENT_TERM_1_MONTH"})
    assert cluster["totalPriceHr"] == {"value": "34.400000"}
    assert cluster["commitmentEndTime"] == "2027-02-15T08:00:00Z"
    world.wait(5)
    path = f"{CLUSTERS}/new-cluster"
    expected = (400, 9, "cannot shrink cluster 'new-cluster': it is committed until 2027-02-15T08:00:00Z")
    assert world.refused("PATCH", path, json={"machineCount": 1, **METAL}) == expected
    assert world.refused("DELETE", path)[1] == 9
    assert world.refused("DELETE", f"{NODES}/new-cluster-1")[1] == 9
    assert world.ok("PATCH", path, json={"machineCount": 3, **METAL})["machineCount"] == 3
    world.wait(31 * 86400)
    assert world.ok("DELETE", path) == {}


def test_place_and_type_of_a_cluster_are_fixed(world):
    for name in METAL:
        changed = {"machineCount": 2, **METAL, name: "other"}
        assert world.refused_fields("PATCH", CLUSTER, json=changed) == [name]


def test_clusters_are_listed_page_by_page(world):
    world.ok("POST", CLUSTERS, json=NEW)
    pages = [world.ok("GET", CLUSTERS, params={"pageSize": 1, "pageNumber": number}) for number in (1, 2, 3)]
    assert [[each["id"] for each in page["clusters"]] for page in pages] == [
        ["cluster-1"],
        ["new-cluster"],
        [],
    ]
    assert {page["totalCount"] for page in pages} == {2}


def test_cluster_grows_and_shrinks(world):
    before = free(world)
    grown = world.ok("PATCH", CLUSTER, json={"machineCount": 4, **METAL})
    assert (grown["state"], len(grown["machines"]), grown["totalGpus"]) == ("UPDATING", 4, 32)
    assert grown["totalPriceHr"] == {"value": "72.000000"}
    assert free(world) == before - 2
    world.wait(5)
    world.ok("PATCH", CLUSTER, json={"machineCount": 1, **METAL})
    world.wait(3)
    cluster = world.ok("GET", CLUSTER)
    assert (cluster["state"], cluster["machineCount"]) == ("ACTIVE", 1)
    assert [each["id"] for each in cluster["machines"]] == ["cluster-1-1"]
    assert free(world) == before + 1


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
