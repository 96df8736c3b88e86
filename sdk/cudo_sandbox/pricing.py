"""What a VM costs per hour: vCPU + memory + GPU + boot disk + IPv4."""

from decimal import Decimal

from cudo_sandbox.catalogue import NO_TERM, terms_of
from cudo_sandbox.money import amount_of, money
from cudo_sandbox.problems import Json, invalid


def vm_price(machine_type: Json, vm: Json) -> tuple[Json, Decimal]:
    """The VMPrice of a VM and its total; raises INVALID_ARGUMENT for a term that the type lacks.

    Storage disks have a price of their own, so a VM counts its boot disk alone.
    """
    terms = terms_of(machine_type["prices"])
    term = vm["commitmentTerm"]
    if term not in terms:
        raise invalid(
            ("commitmentTerm", f"machine type '{machine_type['machineType']}' does not offer {term}")
        )
    has_ipv4 = any(nic.get("externalIpAddress") for nic in vm["nics"])
    unit = {
        "vcpu": amount_of(terms[term]["vcpuPriceHr"]),
        "memoryGib": amount_of(terms[term]["memoryGibPriceHr"]),
        "gpu": amount_of(terms[term]["gpuPriceHr"]),
        "storageGib": amount_of(machine_type["minStorageGibPriceHr"]),
        "ipv4Address": amount_of(machine_type["ipv4PriceHr"]) if has_ipv4 else Decimal(0),
    }
    totals = {
        "totalVcpu": unit["vcpu"] * vm["vcpus"],
        "totalMemory": unit["memoryGib"] * vm["memory"],
        "totalGpu": unit["gpu"] * vm["gpuQuantity"],
        "totalStorage": unit["storageGib"] * vm["bootDiskSizeGib"],
    }
    total = sum(totals.values(), unit["ipv4Address"])
    prices = {**unit, **totals, "total": total}
    return {f"{name}PriceHr": money(value) for name, value in prices.items()}, total


def offers_term(machine_type: Json, term: str) -> bool:
    """Whether the type can be committed for that long; no commitment is not an offer."""
    return term != NO_TERM and term in terms_of(machine_type["prices"])
