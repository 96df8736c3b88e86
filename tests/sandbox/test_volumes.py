"""Volumes: growth, mounts, commitments, prices."""

import pytest

VOLUMES = "/v1/projects/research/volumes"
NODES = "/v1/projects/research/cluster-machines"
NEW = {"id": "new-volume", "dataCenterId": "fr-paris-1", "sizeGib": 100}


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


def test_volume_lives_from_creation_to_deletion(world):
    volume = world.ok("POST", VOLUMES, json=NEW)
    assert volume == {
        **NEW,
        "projectId": "research",
        "commitmentTerm": "COMMITMENT_TERM_NONE",
        "sizeGibUsed": 0,
        "nfsServer": "nfs.fr-paris-1.sandbox.invalid",
        "nfsPath": "/research/new-volume",
        "gibPriceHr": {"value": "0.000150"},
        "totalPriceHr": {"value": "0.015000"},
        "state": "CREATING",
    }
    assert world.refused("DELETE", f"{VOLUMES}/new-volume")[1] == 9
    world.wait(2)
    assert world.ok("GET", f"{VOLUMES}/new-volume") == volume | {"state": "ACTIVE"}
    world.ok("DELETE", f"{VOLUMES}/new-volume")
    assert world.ok("GET", f"{VOLUMES}/new-volume")["state"] == "DELETING"
    world.wait(2)
    assert world.refused("GET", f"{VOLUMES}/new-volume") == (404, 5, "volume 'new-volume' not found")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "shared-1"}, 6),
        ({"dataCenterId": "gb-london-1"}, 3),
        ({"dataCenterId": "mars-1"}, 3),
        ({"sizeGib": 0}, 3),
        ({"commitmentTerm": "COMMITMENT_TERM_36_MONTHS"}, 3),
    ],
    ids=str,
)
def test_impossible_volume_is_refused(world, change, code):
    assert world.refused("POST", VOLUMES, json=NEW | change)[1] == code


def test_volume_is_refused_shrinkage_and_another_place(world):
    place = {"dataCenterId": "fr-paris-1"}
    status, code, message = world.refused("PATCH", f"{VOLUMES}/shared-1", json={**place, "sizeGib": 1})
    assert (status, code, message) == (400, 3, "sizeGib: volume 'shared-1' has 2000 GiB and can only grow")
    moved = {"dataCenterId": "se-stockholm-1", "sizeGib": 3000}
    assert world.refused_fields("PATCH", f"{VOLUMES}/shared-1", json=moved) == ["dataCenterId"]


def test_mounted_volume_cannot_be_deleted(world):
    world.ok("PATCH", f"{NODES}/cluster-1-1", json={"volumeIds": ["shared-1"]})
    status, code, message = world.refused("DELETE", f"{VOLUMES}/shared-1")
    assert (status, code) == (400, 9)
    assert message == "volume 'shared-1' is used by cluster machine 'cluster-1-1'"


def test_prices_of_volumes_fall_with_the_commitment(world):
    listing = world.ok("GET", "/v1/volumes/prices", params={"pageSize": 100})
    here = [
        (each["commitmentTerm"], each["gibPriceHr"]["value"])
        for each in listing["prices"]
        if each["dataCenterId"] == "fr-paris-1"
    ]
    assert here == [
        ("COMMITMENT_TERM_NONE", "0.000150"),
        ("COMMITMENT_TERM_1_MONTH", "0.000144"),
        ("COMMITMENT_TERM_3_MONTHS", "0.000140"),
        ("COMMITMENT_TERM_6_MONTHS", "0.000136"),
    ]
    assert listing["totalCount"] == 12
