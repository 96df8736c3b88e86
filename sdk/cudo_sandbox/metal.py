"""What bare-metal machines and clusters share: types, their stock, their commitments."""

from decimal import Decimal

from cudo_sandbox.catalogue import MONTHS, NO_TERM, check_data_center, terms_of
from cudo_sandbox.clock import months_later, rfc3339
from cudo_sandbox.fields import integer, text
from cudo_sandbox.money import amount_of
from cudo_sandbox.problems import Code, Json, Problem, error_info, invalid, noun_of, wrong_state
from cudo_sandbox.router import Call
from cudo_sandbox.store import Resource, Transaction

MACHINE_TYPE, CLUSTER_TYPE = "machine_type", "cluster_machine_type"

# Fields of the hardware: a client may send them, the type decides them.
HARDWARE = {
    "architecture": text,
    "cpuModel": text,
    "cpuSpeedMhz": integer(),
    "gpuModelId": text,
}
_OF_MACHINE = (
    "architecture", "cpuModel", "cpuCores", "cpuSpeedMhz", "memoryGib",
    "disks", "diskSizeGib", "gpuModelId", "gpus",
)  # fmt: skip


def hardware_of(kind: Json) -> Json:
    """The fields that a machine has from its type."""
    return {name: kind[name] for name in _OF_MACHINE}


def metal_type(tx: Transaction, kind: str, data_center: str, name: str) -> Resource:
    """The type in the data center; raises INVALID_ARGUMENT."""
    check_data_center(data_center)
    found = tx.find(kind, data_center, name)
    if found is None:
        raise invalid(("machineTypeId", f"data center '{data_center}' has no machine type '{name}'"))
    return found


def price_of(kind: Json, term: str) -> Decimal:
    """Dollars per hour; raises INVALID_ARGUMENT for a term that the type lacks."""
    terms = terms_of(kind["prices"])
    if term not in terms:
        raise invalid(("commitmentTerm", f"machine type '{kind['id']}' does not offer {term}"))
    return amount_of(terms[term]["priceHr"])


def take(tx: Transaction, kind: Resource, count: int) -> None:
    """Take machines from the stock, or give back with a negative count."""
    if kind.body["machinesFree"] < count:
        here = [each for each in tx.all(kind.kind) if each.scope == kind.scope]
        offers = sorted(each.id for each in here if each.body["machinesFree"] >= count)
        raise Problem(
            Code.INVALID_ARGUMENT,
            f"no {count} machines of type '{kind.id}' are free in data center '{kind.scope}'",
            error_info("MACHINE_TYPE_UNAVAILABLE", availableMachineTypes=offers),
        )
    kind.body["machinesFree"] -= count
    tx.save(kind)


def end_of(call: Call, term: str) -> float | None:
    """When a commitment that begins now ends."""
    return None if term == NO_TERM else months_later(call.clock.now(), MONTHS[term])


def check_not_committed(call: Call, resource: Resource, act: str) -> None:
    """Raise FAILED_PRECONDITION inside a commitment."""
    end = resource.hidden.get("committed_until")
    if end is not None and end > call.clock.now():
        noun = noun_of(resource.kind)
        raise wrong_state(f"cannot {act} {noun} '{resource.id}': it is committed until {rfc3339(end)}")


def check_fixed(resource: Resource, body: Json, *names: str) -> None:
    """Raise INVALID_ARGUMENT for a field that was fixed at creation and would change."""
    changed = [name for name in names if body[name] != resource.body[name]]
    if changed:
        raise invalid(*((name, f"cannot change; it is '{resource.body[name]}'") for name in changed))


def change_commitment(call: Call, resource: Resource) -> str:
    """Begin the commitment that the body of the call asks for; return the term that holds.

    A running commitment is not changed. Raises FAILED_PRECONDITION.
    """
    now = str(resource.body["commitmentTerm"])
    term = str(call.body.get("commitmentTerm", now))
    if term != now:
        check_not_committed(call, resource, "change the commitment of")
        resource.body["commitmentTerm"] = term
        resource.hidden["committed_until"] = end_of(call, term)
    return term
