"""Bare-metal machines."""

from cudo_sandbox.access import Access
from cudo_sandbox.addresses import demand_public, give_back, next_number
from cudo_sandbox.catalogue import NO_TERM
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import DECIMAL, Fields, filled, integer, list_of, moment, one_of, resource_id, text
from cudo_sandbox.lifecycles import Hooks, demand_state, enter
from cudo_sandbox.metal import (
    HARDWARE,
    MACHINE_TYPE,
    change_commitment,
    check_fixed,
    check_not_committed,
    end_of,
    hardware_of,
    metal_type,
    price_of,
    take,
)
from cudo_sandbox.metal_catalogue import MACHINE_OS
from cudo_sandbox.money import money
from cudo_sandbox.paging import PAGE, paged
from cudo_sandbox.projects import check_new
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import GONE, Resource, Transaction
from cudo_sandbox.vm_creation import COMMITMENT_TERM, SSH_KEY_SOURCE

MAX_MACHINES = 20  # created in a project since the seeding; not evidenced

POWER_STATE = one_of(
    "MACHINE_POWER_STATE_UNSPECIFIED", "ON", "OFF", "POWERING_ON", "POWERING_OFF", "REBOOTING"
)
STATE = one_of("STATE_UNSPECIFIED", "CREATING", "ACTIVE", "DEPLOYING", "DELETING", "FAILED", "UPDATING")
_KEYS = {"customSshKeys": list_of(text), "sshKeySource": SSH_KEY_SOURCE, "startScript": text}
_IGNORED = {
    **HARDWARE,
    "cpuCores": integer(),
    "createBy": text,
    "createTime": moment,
    "diskSizeGib": integer(),
    "disks": integer(),
    "externalIpAddresses": list_of(text),
    "gpus": integer(),
    "hostname": text,
    "memoryGib": integer(),
    "powerState": POWER_STATE,
    "priceHr": DECIMAL,
    "state": STATE,
    "userData": text,
}
_FIXED = {"dataCenterId": filled, "machineTypeId": filled, "os": one_of(*MACHINE_OS)}
_OPTIONAL = {"commitmentTerm": COMMITMENT_TERM, **_KEYS}
_CREATE = Fields(required={"id": resource_id, **_FIXED}, optional=_OPTIONAL, ignored=_IGNORED)
_UPDATE = Fields(required=_FIXED, optional=_OPTIONAL, ignored=_IGNORED)
_DEPLOY = Fields(required={"os": one_of(*MACHINE_OS)}, optional=_KEYS, ignored={"userData": text})


def list_machines(call: Call) -> Reply:
    return paged(call.tx, "machine", call.project, call.query, "machines")


def get_machine(call: Call) -> Reply:
    return _get(call).body


def create_machine(call: Call) -> Reply:
    name, wanted = call.body["id"], call.body
    check_new(call, "machine", name, MAX_MACHINES)
    kind = metal_type(call.tx, MACHINE_TYPE, wanted["dataCenterId"], wanted["machineTypeId"])
    term = wanted.get("commitmentTerm", NO_TERM)
    price = price_of(kind.body, term)
    take(call.tx, kind, 1)
    body = {
        "projectId": call.project,
        "commitmentTerm": term,
        "sshKeySource": "SSH_KEY_SOURCE_PROJECT",
        **wanted,
        **hardware_of(kind.body),
        "hostname": name,
        "externalIpAddresses": [demand_public(call.tx, kind.scope, next_number(call.tx))],
        "powerState": "POWERING_ON",
        "priceHr": money(price),
        "createBy": call.user,
        "createTime": rfc3339(call.clock.now()),
    }
    machine = Resource("machine", call.project, name, body, {"committed_until": end_of(call, term)}, price)
    enter(machine, call.clock, "CREATING", "ACTIVE")
    call.tx.save(machine)
    return body


def update_machine(call: Call) -> Reply:
    """What was fixed at creation has to come along unchanged."""
    machine = _get(call)
    check_fixed(machine, call.body, *_FIXED)
    demand_state(machine, "ACTIVE", act="update")
    kind = metal_type(call.tx, MACHINE_TYPE, call.body["dataCenterId"], call.body["machineTypeId"])
    machine.price = price_of(kind.body, change_commitment(call, machine))
    machine.body.update(call.body, priceHr=money(machine.price))
    call.tx.save(machine)
    return machine.body


def delete_machine(call: Call) -> Reply:
    machine = _get(call)
    demand_state(machine, "ACTIVE", "FAILED", act="delete")
    check_not_committed(call, machine, "delete")
    machine.body["powerState"] = "POWERING_OFF"
    enter(machine, call.clock, "DELETING", GONE)
    call.tx.save(machine)
    return {}


def deploy_machine_os(call: Call) -> Reply:
    """The machine is wiped and comes up with the new system."""
    machine = _get(call)
    demand_state(machine, "ACTIVE", "FAILED", act="deploy")
    machine.body.update(call.body, powerState="REBOOTING")
    enter(machine, call.clock, "DEPLOYING", "ACTIVE")
    call.tx.save(machine)
    return {}


def list_machine_operating_systems(_call: Call) -> Reply:
    return {"images": [_system(name, shown) for name, shown in MACHINE_OS.items()]}


def _system(name: str, shown: str) -> dict[str, object]:
    return {
        "id": name,
        "name": name,
        "displayName": shown,
        "description": f"{shown} for bare metal",
        "platform": "linux",
        "sizeGib": 10,
        "installedPackages": [],
    }


def _entered(_tx: Transaction, machine: Resource) -> None:
    machine.body["powerState"] = "OFF" if machine.state == "FAILED" else "ON"


def _left(tx: Transaction, machine: Resource) -> None:
    kind = tx.get(MACHINE_TYPE, machine.body["dataCenterId"], machine.body["machineTypeId"])
    take(tx, kind, -1)
    give_back(tx, kind.scope, *machine.body["externalIpAddresses"])


def _get(call: Call) -> Resource:
    return call.tx.get("machine", call.project, call.id)


HOOKS = Hooks(entered=_entered, left=_left)

_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_MACHINES = "/v1/projects/{projectId}/machines"

ROUTES = (
    Route("GET", _MACHINES, list_machines, _READ, query=PAGE),
    Route("POST", _MACHINES, create_machine, _WRITE, body=_CREATE),
    Route("GET", f"{_MACHINES}/{{id}}", get_machine, _READ),
    Route("PATCH", f"{_MACHINES}/{{id}}", update_machine, _WRITE, body=_UPDATE),
    Route("DELETE", f"{_MACHINES}/{{id}}", delete_machine, _WRITE),
    Route("POST", f"{_MACHINES}/{{id}}/deploy", deploy_machine_os, _WRITE, body=_DEPLOY),
    Route("GET", "/v1/machines/operating-systems", list_machine_operating_systems),
)
