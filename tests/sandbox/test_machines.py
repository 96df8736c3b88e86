"""Bare-metal machines."""

import pytest
from tests.sandbox.conftest import World

MACHINES = "/v1/projects/research/machines"
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


def test_machine_that_is_not_active_is_left_alone(world):
    world.ok("POST", MACHINES, json=NEW_MACHINE)
    for method, path, body in (
        ("PATCH", "", {"os": "ubuntu/jammy", **METAL}),
        ("POST", "/deploy", {"os": "ubuntu/noble"}),
        ("DELETE", "", None),
    ):
        arguments = {} if body is None else {"json": body}
        assert world.refused(method, f"{MACHINES}/new-metal{path}", **arguments)[1] == 9


def test_operating_systems_are_the_published_ones(world):
    images = world.ok("GET", "/v1/machines/operating-systems")["images"]
    assert [each["id"] for each in images] == ["ubuntu/jammy", "ubuntu/noble"]


def test_stock_of_machines_ends(world):
    body = NEW_MACHINE | {"dataCenterId": "se-stockholm-1", "machineTypeId": "ice-lake-a40"}
    for number in range(6):
        world.ok("POST", MACHINES, json=body | {"id": f"m-{number}"})
    error = world.call("POST", MACHINES, json=body | {"id": "one-more"}).json()
    assert (error["code"], error["details"][0]["reason"]) == (3, "MACHINE_TYPE_UNAVAILABLE")
    assert error["details"][0]["metadata"] == {"availableMachineTypes": []}
