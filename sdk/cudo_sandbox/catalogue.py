"""What the cloud offers: data centers, GPU models, images and machine types with their prices."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cudo_sandbox.money import micro, money
from cudo_sandbox.problems import Json, invalid

# id: latitude, longitude, supplier, renewable energy, free IPv4 addresses
_PLACES = {
    "gb-bournemouth-1": (50.7192, -1.8808, "Bournemouth Cloud", True, 412),
    "gb-london-1": (51.5072, -0.1276, "London Compute", True, 187),
    "no-luster-1": (61.4333, 7.4333, "Luster Data Hall", True, 960),
    "no-kristiansand-1": (58.1599, 8.0182, "Kristiansand Metal", True, 350),
    "se-smedjebacken-1": (60.1417, 15.4128, "Smedjebacken Hosting", True, 728),
    "se-stockholm-1": (59.3293, 18.0686, "Stockholm Compute", True, 540),
    "ca-montreal-1": (45.5019, -73.5674, "Montreal Hydro Cloud", True, 233),
    "ca-montreal-2": (45.5088, -73.5540, "Montreal Hydro Cloud", True, 120),
    "ca-montreal-3": (45.4950, -73.5800, "Montreal Hydro Cloud", True, 96),
    "us-santaclara-1": (37.3541, -121.9552, "Santa Clara Hosting", False, 301),
    "us-newyork-1": (40.7128, -74.0060, "New York Hosting", False, 254),
    "fr-paris-1": (48.8566, 2.3522, "Paris Metal", True, 190),
    "br-saopaulo-1": (-23.5505, -46.6333, "Sao Paulo Cloud", True, 310),
    "in-hyderabad-1": (17.3850, 78.4867, "Hyderabad Compute", False, 140),
}
STORAGE_GIB_PRICE = Decimal("0.000107")
IPV4_PRICE = Decimal("0.003500")
NETWORK_PRICE = Decimal("0.005000")
OBJECT_STORAGE_GIB_PRICE = Decimal("0.000020")


def _data_center(name: str) -> Json:
    latitude, longitude, supplier, renewable, free = _PLACES[name]
    return {
        "id": name,
        "supplierName": supplier,
        "location": {"latitude": latitude, "longitude": longitude},
        "renewableEnergy": renewable,
        "ipv4Free": free,
        "ipv4PriceHr": money(IPV4_PRICE),
        "networkPriceHr": money(NETWORK_PRICE),
        "networkPricing": [{"priceHr": money(NETWORK_PRICE)}],
        "diskPoolPricing": [{"diskGibPriceHr": money(STORAGE_GIB_PRICE)}],
        "objectStorageGibPriceHr": money(OBJECT_STORAGE_GIB_PRICE),
        "s3Endpoint": f"https://s3.{name}.sandbox.invalid",
    }


DATA_CENTERS = {name: _data_center(name) for name in _PLACES}

# id: name, GiB
_GPUS = {
    "nvidia-h100": ("H100 SXM", 80),
    "nvidia-h100-nvl": ("H100 NVL", 94),
    "nvidia-a100-80gb-pcie": ("A100 80GB PCIe", 80),
    "nvidia-l40s": ("L40S", 48),
    "nvidia-a40": ("A40", 48),
    "nvidia-rtx-a6000": ("RTX A6000", 48),
    "nvidia-rtx-a5000": ("RTX A5000", 24),
    "nvidia-rtx-a4500": ("RTX A4500", 20),
    "nvidia-rtx-a4000": ("RTX A4000", 16),
    "nvidia-v100": ("V100", 16),
    "nvidia-rtx-3080": ("RTX 3080", 10),
}
GPU_MODELS: list[Json] = [
    {"id": name, "modelName": model, "vendorName": "NVIDIA", "memoryGib": memory}
    for name, (model, memory) in _GPUS.items()
]

# id: shown name, GiB
_IMAGES = {
    "alpine-linux-319": ("Alpine Linux 3.19", 1),
    "debian-12": ("Debian 12", 2),
    "fedora-37": ("Fedora 37", 20),
    "freebsd-13": ("FreeBSD 13", 4),
    "rocky-linux-9": ("Rocky Linux 9", 10),
    "ubuntu-2204": ("Ubuntu 22.04", 4),
    "ubuntu-2404": ("Ubuntu 24.04", 4),
    "ubuntu-2204-nvidia-550-docker-v20250303": ("Ubuntu 22.04, NVIDIA 550, Docker", 10),
    "windows-11-pro": ("Windows 11 Pro", 50),
}
_PACKAGES = {
    "ubuntu-2204-nvidia-550-docker-v20250303": [
        {"name": "nvidia-driver", "version": "550", "description": "NVIDIA driver"},
        {"name": "docker", "version": "27", "description": "Docker engine with the NVIDIA toolkit"},
    ]
}


def _image(name: str) -> Json:
    shown, size = _IMAGES[name]
    return {
        "id": name,
        "name": name,
        "displayName": shown,
        "description": f"{shown}, 64 bit",
        "platform": "windows" if name.startswith("windows") else "linux",
        "sizeGib": size,
        "installedPackages": _PACKAGES.get(name, []),
    }


PUBLIC_IMAGES = {name: _image(name) for name in _IMAGES}

# Discount of each commitment term in per cent.
DISCOUNTS = {
    "COMMITMENT_TERM_NONE": 0,
    "COMMITMENT_TERM_1_MONTH": 4,
    "COMMITMENT_TERM_3_MONTHS": 7,
    "COMMITMENT_TERM_6_MONTHS": 9,
    "COMMITMENT_TERM_12_MONTHS": 13,
    "COMMITMENT_TERM_24_MONTHS": 20,
    "COMMITMENT_TERM_36_MONTHS": 25,
    "COMMITMENT_TERM_60_MONTHS": 30,
}
MONTHS = {name: int(name.split("_")[2]) for name in DISCOUNTS if name != "COMMITMENT_TERM_NONE"}
NO_TERM = "COMMITMENT_TERM_NONE"
_USUAL_TERMS = [name for name in DISCOUNTS if MONTHS.get(name, 0) <= 36]  # noqa: PLR2004  # months
SHORT_TERMS = [name for name in DISCOUNTS if MONTHS.get(name, 0) <= 6]  # noqa: PLR2004  # months


def discounted(price: Decimal, term: str) -> Decimal:
    """The price per hour under a commitment."""
    return micro(price * (100 - DISCOUNTS[term]) / 100)


# data center, id, CPU, GPU, (min, max) vCPU for each GiB, (min, max) vCPU for each GPU,
# prices per hour of vCPU, GiB and GPU, free on the largest host (vCPU, GiB, GPU, GiB of storage) and in all
_VM_TYPES: list[tuple[Any, ...]] = [
    ("no-luster-1", "epyc-rome-rtx-a4000", "EPYC-Rome", "nvidia-rtx-a4000", (0.25, 1.0), (1, 12),
     (".002100", ".003400", ".250000"), (96, 180, 6, 900), (192, 360, 12, 900)),
    ("no-luster-1", "epyc-rome-rtx-a5000", "EPYC-Rome", "nvidia-rtx-a5000", (0.259109, 1.036437), (1, 16),
     (".002100", ".003400", ".520000"), (116, 219, 4, 1170), (208, 390, 7, 1170)),
    ("no-luster-1", "epyc-rome-rtx-a6000", "EPYC-Rome", "nvidia-rtx-a6000", (0.25, 1.0), (1, 16),
     (".002100", ".003400", ".790000"), (64, 240, 4, 1400), (128, 480, 8, 1400)),
    ("se-smedjebacken-1", "epyc-milan-rtx-a4000", "EPYC-Milan", "nvidia-rtx-a4000", (0.25, 1.0), (1, 12),
     (".002500", ".003800", ".260000"), (80, 160, 5, 1200), (240, 480, 15, 3600)),
    ("se-smedjebacken-1", "epyc-milan-rtx-a5000", "EPYC-Milan", "nvidia-rtx-a5000", (0.25, 1.0), (1, 16),
     (".002500", ".003800", ".510000"), (112, 224, 4, 1200), (224, 448, 8, 2400)),
    ("gb-london-1", "sky-lake-a4500", "Skylake-Server", "nvidia-rtx-a4500", (0.25, 1.0), (1, 14),
     (".002600", ".004000", ".330000"), (56, 120, 2, 800), (112, 240, 4, 1600)),
    ("se-stockholm-1", "ice-lake-a40", "Icelake-Server", "nvidia-a40", (0.25, 1.0), (1, 24),
     (".002400", ".003600", ".390000"), (96, 384, 4, 2000), (288, 1152, 12, 6000)),
    ("us-santaclara-1", "intel-broadwell-v100", "Broadwell", "nvidia-v100", (0.25, 1.0), (1, 10),
     (".002200", ".003500", ".370000"), (40, 160, 4, 1000), (80, 320, 8, 2000)),
    ("us-newyork-1", "intel-broadwell-v100", "Broadwell", "nvidia-v100", (0.25, 1.0), (1, 10),
     (".002300", ".003600", ".390000"), (40, 160, 4, 1000), (40, 160, 4, 1000)),
    ("ca-montreal-1", "intel-broadwell-rtx-3080", "Broadwell", "nvidia-rtx-3080", (0.25, 1.0), (1, 8),
     (".001900", ".003000", ".160000"), (32, 96, 4, 700), (96, 288, 12, 2100)),
    ("gb-bournemouth-1", "intel-broadwell", "Broadwell", "", (0.25, 2.0), None,
     (".001800", ".002900", "0"), (72, 256, 0, 4000), (360, 1280, 0, 20000)),
    ("br-saopaulo-1", "cascade-lake", "Cascadelake-Server", "", (0.25, 2.0), None,
     (".002000", ".003200", "0"), (48, 192, 0, 3000), (144, 576, 0, 9000)),
]  # fmt: skip
_FREE_KEYS = ("VcpuFree", "MemoryGibFree", "GpuFree", "StorageGibFree")


def vm_machine_types() -> list[Json]:
    """The VM machine types as they are when nothing has been created yet."""
    return [_vm_machine_type(*row) for row in _VM_TYPES]


def _vm_machine_type(
    data_center: str,
    name: str,
    cpu: str,
    gpu: str,
    per_gib: tuple[float, float],
    per_gpu: tuple[int, int] | None,
    prices: tuple[str, str, str],
    largest: tuple[int, ...],
    total: tuple[int, ...],
) -> Json:
    vcpu, memory, gpu_price = map(Decimal, prices)
    low, high = per_gpu or (0, "Infinity")
    return {
        "dataCenterId": data_center,
        "machineType": name,
        "cpuModel": cpu,
        "gpuModel": _GPUS[gpu][0] if gpu else "",
        "gpuModelId": gpu,
        "minVcpu": 1,
        "minMemoryGib": 1,
        "minVcpuPerMemoryGib": per_gib[0],
        "maxVcpuPerMemoryGib": per_gib[1],
        "minVcpuPerGpu": low,
        "maxVcpuPerGpu": high,
        "vcpuPriceHr": money(vcpu),
        "memoryGibPriceHr": money(memory),
        "gpuPriceHr": money(gpu_price),
        "minStorageGibPriceHr": money(STORAGE_GIB_PRICE),
        "ipv4PriceHr": money(IPV4_PRICE),
        "prices": [
            _term_price(term, vcpu, memory, gpu_price) for term in (_USUAL_TERMS if gpu else SHORT_TERMS)
        ],
        **{f"max{key}": value for key, value in zip(_FREE_KEYS, largest, strict=True)},
        **{f"total{key}": value for key, value in zip(_FREE_KEYS, total, strict=True)},
        "renewableEnergy": DATA_CENTERS[data_center]["renewableEnergy"],
    }


def _term_price(term: str, vcpu: Decimal, memory: Decimal, gpu: Decimal) -> Json:
    return {
        "commitmentTerm": term,
        "vcpuPriceHr": money(discounted(vcpu, term)),
        "memoryGibPriceHr": money(discounted(memory, term)),
        "gpuPriceHr": money(discounted(gpu, term)),
    }


def check_data_center(name: str) -> None:
    """Raise INVALID_ARGUMENT unless the data center exists."""
    if name not in DATA_CENTERS:
        raise invalid(("dataCenterId", f"there is no data center '{name}'"))


def terms_of(prices: list[Json]) -> Mapping[str, Json]:
    """The prices by their commitment term."""
    return {price["commitmentTerm"]: price for price in prices}
