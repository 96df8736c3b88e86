"""Data centers: which there are, and what everything costs in them."""

import pytest
from tests.sandbox.conftest import World

from cudo_sandbox.addresses import take_public

VM = "/v1/projects/demo/vm"
TYPE = {"machineTypeId": "sapphire-rapids-h100"}

PLACES = {
    "gb-bournemouth-1", "gb-london-1", "no-luster-1", "no-kristiansand-1", "se-smedjebacken-1",
    "se-stockholm-1", "ca-montreal-1", "ca-montreal-2", "ca-montreal-3", "us-santaclara-1", "us-newyork-1",
    "fr-paris-1", "br-saopaulo-1", "in-hyderabad-1",
}  # fmt: skip


def test_published_data_centers_are_listed(world):
    listed = world.ok("GET", "/v1/vms/data-centers")["dataCenters"]
    assert {each["id"] for each in listed} == PLACES
    assert len(listed) == len(PLACES)


def test_data_center_shows_its_place_and_prices(world):
    listed = world.ok("GET", "/v1/vms/data-centers")["dataCenters"]
    luster = next(each for each in listed if each["id"] == "no-luster-1")
    assert luster["renewableEnergy"] is True
    assert luster["location"] == {"latitude": 61.4333, "longitude": 7.4333}
    assert luster["ipv4PriceHr"] == {"value": "0.003500"}
    assert luster["networkPricing"] == [{"priceHr": luster["networkPriceHr"]}]
    assert luster["diskPoolPricing"] == [{"diskGibPriceHr": {"value": "0.000107"}}]
    assert luster["s3Endpoint"] == "https://s3.no-luster-1.sandbox.invalid"


def test_every_machine_type_is_in_a_data_center(world):
    listings = ("/v1/vms/machine-types", "/v1/machines-types", "/v1/clusters/machine-types")
    used = {each["dataCenterId"] for path in listings for each in world.ok("GET", path)["machineTypes"]}
    assert used < PLACES


def free(world: World, name: str) -> int:
    listed = world.ok("GET", "/v1/vms/data-centers")["dataCenters"]
    return int(next(each["ipv4Free"] for each in listed if each["id"] == name))


@pytest.mark.parametrize(
    ("path", "shown", "body", "count"),
    [
        ("networks", "networks/n", {"id": "n", "ipRange": "10.0.0.0/24"}, 1),
        ("machines", "machines/m", {"id": "m", "os": "ubuntu/noble", **TYPE}, 1),
        ("clusters", "clusters/c", {"id": "c", "machineCount": 3, **TYPE}, 3),
    ],
    ids=["network", "machine", "cluster"],
)
def test_public_addresses_are_taken_and_given_back(world, path, shown, body, count):
    before = free(world, "fr-paris-1")
    world.ok("POST", f"/v1/projects/demo/{path}", json=body | {"dataCenterId": "fr-paris-1"})
    assert free(world, "fr-paris-1") == before - count
    world.wait(5)
    world.ok("DELETE", f"/v1/projects/demo/{shown}")
    world.wait(2)
    assert free(world, "fr-paris-1") == before


def test_only_vms_with_a_public_address_take_one(world, vm_body):
    before = free(world, "gb-bournemouth-1")
    world.ok("POST", VM, json=vm_body)
    world.ok("POST", VM, json=vm_body | {"vmId": "inside", "nics": [{"networkId": "frontend"}]})
    world.ok("POST", VM, json=vm_body | {"vmId": "dry", "validateOnly": True})
    assert free(world, "gb-bournemouth-1") == before - 1
    world.ok("POST", "/v1/projects/demo/vms/new-1/terminate")
    world.wait(2)
    assert free(world, "gb-bournemouth-1") == before


def test_without_a_public_address_vms_fail_and_networks_are_refused(world, vm_body):
    with world.app.store.transaction(write=True) as tx:
        while take_public(tx, "gb-bournemouth-1", 1):
            pass
    assert free(world, "gb-bournemouth-1") == 0
    vm = world.ok("POST", VM, json=vm_body)["vm"]
    assert (vm["state"], vm["externalIpAddress"]) == ("PENDING", "")
    world.wait(5)
    vm = world.ok("GET", "/v1/projects/demo/vms/new-1")["VM"]
    assert (vm["state"], vm["shortState"]) == ("FAILED", "fail")
    body = {"id": "n", "ipRange": "10.0.0.0/24", "dataCenterId": "gb-bournemouth-1"}
    expected = (400, 9, "no public address left in data center 'gb-bournemouth-1'")
    assert world.refused("POST", "/v1/projects/demo/networks", json=body) == expected
