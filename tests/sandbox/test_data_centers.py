"""Data centers: which there are, and what everything costs in them."""

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
