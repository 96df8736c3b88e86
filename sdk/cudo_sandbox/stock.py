"""What is left of a VM machine type: creating takes from it, terminating gives it back."""

from cudo_sandbox.problems import Code, Json, Problem, error_info, invalid
from cudo_sandbox.store import Resource, Transaction

KIND = "vm_machine_type"
_KEYS = ("VcpuFree", "MemoryGibFree", "GpuFree", "StorageGibFree")


def machine_type(tx: Transaction, data_center: str, name: str) -> Resource:
    """The machine type in the data center; raises INVALID_ARGUMENT."""
    found = tx.find(KIND, data_center, name)
    if found is None:
        raise invalid(("machineType", f"data center '{data_center}' has no machine type '{name}'"))
    return found


def amounts_of(vm: Json) -> dict[str, int]:
    """What a VM takes from the stock."""
    values = (vm["vcpus"], vm["memory"], vm["gpuQuantity"], vm["bootDiskSizeGib"])
    return dict(zip(_KEYS, values, strict=True))


def check_shape(kind: Json, vm: Json) -> None:
    """Raise INVALID_ARGUMENT unless the type allows so many vCPUs for the memory and the GPUs."""
    ratios = [("memoryGib", vm["vcpus"] / vm["memory"], "MemoryGib", "GiB of memory")]
    if vm["gpuQuantity"]:
        ratios.append(("gpus", vm["vcpus"] / vm["gpuQuantity"], "Gpu", "GPU"))
    for field, ratio, unit, words in ratios:
        low, high = (float(kind[f"{bound}VcpuPer{unit}"]) for bound in ("min", "max"))
        if not low <= ratio <= high:
            text = f"machine type '{kind['machineType']}' allows {low:g} to {high:g} vCPUs for each {words}"
            raise invalid((field, text))


def take(tx: Transaction, kind: Resource, amounts: dict[str, int]) -> None:
    """Take from the stock; raises MACHINE_TYPE_UNAVAILABLE, naming types that would do.

    Capacity comes as INVALID_ARGUMENT, as it has been seen in practice.
    """
    if not fits(kind.body, amounts):
        offers = [each.id for each in _alternatives(tx, kind, amounts)]
        raise Problem(
            Code.INVALID_ARGUMENT,
            f"no host available for machine type '{kind.id}' in data center '{kind.scope}'",
            error_info("MACHINE_TYPE_UNAVAILABLE", availableMachineTypes=offers),
        )
    _change(tx, kind, {key: -amount for key, amount in amounts.items()})


def give_back(tx: Transaction, data_center: str, name: str, amounts: dict[str, int]) -> None:
    """Return to the stock what `take` took."""
    _change(tx, tx.get(KIND, data_center, name), amounts)


def fits(kind: Json, amounts: dict[str, int]) -> bool:
    """Whether the largest host has room."""
    return all(amount <= kind[f"max{key}"] for key, amount in amounts.items())


def _change(tx: Transaction, kind: Resource, amounts: dict[str, int]) -> None:
    for key, amount in amounts.items():
        kind.body[f"total{key}"] += amount
        # The largest host is never larger than at the beginning, nor than all that is left.
        kind.body[f"max{key}"] = max(0, min(kind.hidden[key], kind.body[f"total{key}"]))
    tx.save(kind)


def _alternatives(tx: Transaction, wanted: Resource, amounts: dict[str, int]) -> list[Resource]:
    """Types of the same data center that have room, with a GPU if one is wanted."""
    here = [kind for kind in tx.all(KIND) if kind.scope == wanted.scope]
    return [kind for kind in here if kind is not wanted and fits(kind.body, amounts)]


def largest_host(body: Json) -> dict[str, int]:
    """What is remembered of a type: the free amounts of its largest host at the beginning."""
    return {key: body[f"max{key}"] for key in _KEYS}
