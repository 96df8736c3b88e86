"""Machine types: what they offer, what they cost, how they are listed."""

from decimal import Decimal

import pytest

VM_TYPES, CLUSTER_TYPES = "/v1/vms/data-centers", "/v1/clusters/data-centers"


def test_prices_of_bare_metal_are_the_published_ones(world):
    types = world.ok("GET", "/v1/machines-types")["machineTypes"]
    paris = next(each for each in types if each["dataCenterId"] == "fr-paris-1")
    prices = {each["commitmentTerm"]: Decimal(each["priceHr"]["value"]) for each in paris["prices"]}
    assert prices["COMMITMENT_TERM_NONE"] == 18
    assert prices["COMMITMENT_TERM_24_MONTHS"] == Decimal("14.4")
    assert "COMMITMENT_TERM_36_MONTHS" not in prices


def test_vm_machine_type_shows_the_published_row(world):
    """Nothing of this type has been taken yet but by the seeded VMs of the project demo."""
    kind = world.ok("GET", f"{VM_TYPES}/no-luster-1/machine_types/epyc-rome-rtx-a5000")
    prices = {name: value["value"] for name, value in kind.items() if name.endswith("PriceHr")}
    assert prices == {
        "vcpuPriceHr": "0.002100",
        "memoryGibPriceHr": "0.003400",
        "gpuPriceHr": "0.520000",
        "minStorageGibPriceHr": "0.000107",
        "ipv4PriceHr": "0.003500",
    }
    names = ("cpuModel", "gpuModel", "gpuModelId", "minVcpuPerGpu", "maxVcpuPerGpu", "totalGpuFree")
    assert [kind[name] for name in names] == ["EPYC-Rome", "RTX A5000", "nvidia-rtx-a5000", 1, 16, 5]
    assert (kind["minVcpuPerMemoryGib"], kind["maxVcpuPerMemoryGib"]) == (0.259109, 1.036437)


def test_vm_machine_types_are_all_listed_in_both_ways(world):
    listed = world.ok("GET", "/v1/vms/machine-types")["machineTypes"]
    assert listed == world.ok("GET", "/v1/vms/machine-types-2")["machineTypes"]
    assert len(listed) == len({(each["dataCenterId"], each["machineType"]) for each in listed}) == 12
    for each in listed:
        path = f"{VM_TYPES}/{each['dataCenterId']}/machine_types/{each['machineType']}"
        assert world.ok("GET", path) == each


def test_type_without_gpus_has_no_limit_for_each_of_them(world):
    kind = world.ok("GET", f"{VM_TYPES}/gb-bournemouth-1/machine_types/intel-broadwell")
    assert (kind["minVcpuPerGpu"], kind["maxVcpuPerGpu"], kind["gpuModelId"]) == (0, "Infinity", "")


def test_longer_commitments_of_a_vm_are_cheaper(world):
    kind = world.ok("GET", f"{VM_TYPES}/no-luster-1/machine_types/epyc-rome-rtx-a5000")
    prices = [Decimal(each["gpuPriceHr"]["value"]) for each in kind["prices"]]
    assert kind["prices"][0]["commitmentTerm"] == "COMMITMENT_TERM_NONE"
    assert prices == sorted(prices, reverse=True)
    assert prices[0] == Decimal("0.52")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (f"{VM_TYPES}/no-luster-1/machine_types/abacus", "abacus"),
        (f"{VM_TYPES}/gb-london-1/machine_types/epyc-rome-rtx-a5000", "epyc-rome-rtx-a5000"),
        (f"{CLUSTER_TYPES}/se-stockholm-1/machine-types/ice-lake-a40", "ice-lake-a40"),
    ],
)
def test_type_that_is_not_there_is_not_found(world, path, name):
    status, code, message = world.refused("GET", path)
    assert (status, code) == (404, 5)
    assert message.endswith(f"machine type '{name}' not found")


def test_bare_metal_is_listed_page_by_page(world):
    pages = [
        world.ok("GET", "/v1/machines-types", params={"pageSize": 2, "pageNumber": number})
        for number in (1, 2)
    ]
    shown = [
        [(each["dataCenterId"], each["machinesFree"]) for each in page["machineTypes"]] for page in pages
    ]
    assert shown == [[("fr-paris-1", 24), ("no-kristiansand-1", 12)], [("se-stockholm-1", 6)]]
    assert {page["totalCount"] for page in pages} == {3}


def test_clusters_take_only_types_with_infiniband(world):
    listed = world.ok("GET", "/v1/clusters/machine-types")["machineTypes"]
    assert [(each["dataCenterId"], each["networkType"]) for each in listed] == [
        ("fr-paris-1", "INFINIBAND"),
        ("no-kristiansand-1", "INFINIBAND"),
    ]
    one = world.ok("GET", f"{CLUSTER_TYPES}/fr-paris-1/machine-types/sapphire-rapids-h100")
    assert one == {"machineType": listed[0]}
