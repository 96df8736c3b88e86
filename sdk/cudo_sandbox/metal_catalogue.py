"""What the cloud offers in bare metal and volumes, with its prices."""

from decimal import Decimal
from typing import Any

from cudo_sandbox.catalogue import DISCOUNTS, IPV4_PRICE, MONTHS, SHORT_TERMS, discounted
from cudo_sandbox.money import money
from cudo_sandbox.problems import Json

VOLUME_GIB_PRICE = Decimal("0.000150")

_H100 = ("sapphire-rapids-h100", "Intel Xeon-Platinum 8452Y", "nvidia-h100")
_A40 = ("ice-lake-a40", "Intel Xeon-Gold 6342", "nvidia-a40")
# data center, (type, CPU, GPU), cores, MHz, GiB of memory, (disks, GiB), GPUs, free, hourly prices by months
_METAL: list[tuple[Any, ...]] = [
    ("fr-paris-1", _H100, 72, 2000, 1024, (10, 33377), 8, 25,
     {0: "18.00", 1: "17.20", 3: "16.80", 6: "16.40", 12: "15.60", 24: "14.40"}),
    ("no-kristiansand-1", _H100, 112, 2000, 2048, (10, 33377), 8, 12, {0: "14.32", 6: "12.888", 36: "10.74"}),
    ("se-stockholm-1", _A40, 48, 2800, 512, (4, 7680), 10, 6, {0: "3.50"}),
]  # fmt: skip
_INFINIBAND = ("fr-paris-1", "no-kristiansand-1")


def metal_types(network_type: str) -> list[Json]:
    """The bare-metal machine types; those for clusters are the ones with InfiniBand."""
    rows = [row for row in _METAL if network_type == "ETHERNET" or row[0] in _INFINIBAND]
    return [_metal_type(*row, network_type=network_type) for row in rows]


def _metal_type(
    data_center: str,
    model: tuple[str, str, str],
    cores: int,
    mhz: int,
    memory: int,
    disks: tuple[int, int],
    gpus: int,
    free: int,
    prices: dict[int, str],
    *,
    network_type: str,
) -> Json:
    name, cpu, gpu = model
    return {
        "id": name,
        "dataCenterId": data_center,
        "architecture": "x86_64",
        "cpuModel": cpu,
        "cpuCores": cores,
        "cpuSpeedMhz": mhz,
        "memoryGib": memory,
        "disks": disks[0],
        "diskSizeGib": disks[1],
        "gpuModelId": gpu,
        "gpus": gpus,
        "networkType": network_type,
        "machinesFree": free,
        "prices": [
            {
                "commitmentTerm": _TERM_BY_MONTHS[months],
                "dataCenterId": data_center,
                "machineTypeId": name,
                "priceHr": money(Decimal(price)),
                "ipv4PriceHr": money(IPV4_PRICE),
            }
            for months, price in prices.items()
        ],
    }


_TERM_BY_MONTHS = {MONTHS.get(name, 0): name for name in DISCOUNTS}
MACHINE_OS = {"ubuntu/jammy": "Ubuntu 22.04 LTS", "ubuntu/noble": "Ubuntu 24.04 LTS"}
VOLUME_DATA_CENTERS = ("fr-paris-1", "no-kristiansand-1", "se-stockholm-1")
VOLUME_PRICES: list[Json] = [
    {
        "dataCenterId": data_center,
        "commitmentTerm": term,
        "gibPriceHr": money(discounted(VOLUME_GIB_PRICE, term)),
    }
    for data_center in VOLUME_DATA_CENTERS
    for term in SHORT_TERMS
]
