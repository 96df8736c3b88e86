"""Virtual machines."""

import secrets

from cudo_sandbox import stock, vm_creation
from cudo_sandbox.access import Access
from cudo_sandbox.addresses import ON_NETWORK, give_back
from cudo_sandbox.catalogue import NO_TERM
from cudo_sandbox.clock import Clock, moment_of, rfc3339
from cudo_sandbox.fields import (
    INT32,
    Fields,
    boolean,
    duration,
    filled,
    list_of,
    moment,
    query_integer,
    text,
    text_map,
)
from cudo_sandbox.lifecycles import Hooks, demand_state, enter
from cudo_sandbox.monitoring import samples
from cudo_sandbox.paging import listing
from cudo_sandbox.pricing import offers_term
from cudo_sandbox.problems import invalid, wrong_state
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.ssh import authorized_keys
from cudo_sandbox.store import GONE, Resource, Transaction, Where
from cudo_sandbox.vm_shape import SETTLED, refresh

_UINT32 = 2 * INT32 + 1


def get(call: Call) -> Resource:
    """The VM of the path; raises NOT_FOUND."""
    return call.tx.get("vm", call.project, call.id)


def create_vm(call: Call) -> Reply:
    """With `validateOnly` everything is checked and answered, and nothing is kept."""
    vm = vm_creation.create(call)
    call.tx.keep = not call.body.get("validateOnly", False)
    return {"id": vm.id, "vm": vm.body}


def get_vm(call: Call) -> Reply:
    """The prices of the VM stand beside it once more, IPv4 under another name."""
    vm = get(call).body
    prices = dict(vm["price"])
    prices["ipv4PriceHr"] = prices.pop("ipv4AddressPriceHr")
    return {"VM": vm, **prices}


def list_vms(call: Call) -> Reply:
    if network := call.query.get("networkId"):
        found = call.tx.bodies("vm", call.project, Where(ON_NETWORK, network))
    else:
        found = call.tx.bodies("vm", call.project)
    return listing("VMs", found)


def count_vms(call: Call) -> Reply:
    return {"count": call.tx.count("vm", call.project)}


def start_vm(call: Call) -> Reply:
    return _move(call, "start", ("STOPPED",), "STARTING", "ACTIVE")


def stop_vm(call: Call) -> Reply:
    return _move(call, "stop", ("ACTIVE",), "STOPPING", "STOPPED")


def restart_vm(call: Call) -> Reply:
    return _move(call, "reboot", ("ACTIVE",), "STARTING", "ACTIVE")


def terminate_vm(call: Call) -> Reply:
    vm = get(call)
    demand_state(vm, "PENDING", *SETTLED, act="terminate")
    if is_committed(vm, call.clock):
        raise wrong_state(f"VM '{vm.id}' is committed until {vm.body['commitmentEndTime']}")
    begin_deletion(call.tx, vm, call.clock)
    return {}


def _move(call: Call, act: str, allowed: tuple[str, ...], *states: str) -> Reply:
    vm = get(call)
    demand_state(vm, *allowed, act=act)
    enter(vm, call.clock, *states)
    refresh(call.tx, vm)
    return {}


def is_committed(resource: Resource, clock: Clock) -> bool:
    """Whether a commitment has not ended yet."""
    end = resource.body.get("commitmentEndTime")
    return end is not None and moment_of(end) > clock.now()


def begin_deletion(tx: Transaction, vm: Resource, clock: Clock) -> None:
    enter(vm, clock, "DELETING", GONE)
    vm.expires = None
    refresh(tx, vm)


def _free_parts(tx: Transaction, vm: Resource) -> None:
    """A VM that goes takes its boot disk along; its storage disks stay, and the stock grows again."""
    tx.remove(tx.get("disk", vm.scope, vm.body["bootDisk"]["id"]))
    for each in vm.body["storageDisks"]:
        disk = tx.get("disk", vm.scope, each["id"])
        disk.state = "READY"
        disk.body.pop("vmId")
        tx.save(disk)
    give_back(tx, vm.body["datacenterId"], *(nic["externalIpAddress"] for nic in vm.body["nics"]))
    amounts = stock.amounts_of(vm.body)
    stock.give_back(tx, vm.body["datacenterId"], vm.body["machineType"], amounts)


def resize_vm(call: Call) -> Reply:
    vm, wanted = get(call), call.query
    if not wanted:
        raise invalid(("vcpus", "is missing; give vcpus or memoryGib"))
    demand_state(vm, "STOPPED", act="resize")
    before = stock.amounts_of(vm.body)
    new = {
        "vcpus": wanted.get("vcpus", vm.body["vcpus"]),
        "memory": wanted.get("memoryGib", vm.body["memory"]),
    }
    is_smaller = any(size < vm.body[key] for key, size in new.items())
    if is_smaller and is_committed(vm, call.clock):
        raise wrong_state(f"VM '{vm.id}' is committed; it can only grow")
    vm.body.update(new)
    _change_stock(call, vm, before)
    enter(vm, call.clock, "RESIZING", "STOPPED")
    refresh(call.tx, vm)
    return {"vm": vm.body}


def _change_stock(call: Call, vm: Resource, before: dict[str, int]) -> None:
    kind = stock.machine_type(call.tx, vm.body["datacenterId"], vm.body["machineType"])
    stock.check_shape(kind.body, vm.body)
    after = stock.amounts_of(vm.body)
    stock.take(call.tx, kind, {key: after[key] - before[key] for key in after})


def commit_vm(call: Call) -> Reply:
    vm = get(call)
    if "commitmentTerm" not in call.body:
        raise invalid(("commitmentTerm", "is missing"))
    kind = stock.machine_type(call.tx, vm.body["datacenterId"], vm.body["machineType"])
    term = call.body["commitmentTerm"]
    if not offers_term(kind.body, term):
        raise invalid(("commitmentTerm", f"machine type '{kind.id}' does not offer {term}"))
    if vm.body["commitmentTerm"] != NO_TERM:
        raise wrong_state(f"VM '{vm.id}' is already committed")
    vm.body.update(vm_creation.commitment(call, term))
    refresh(call.tx, vm)
    return {}


def connect_vm(call: Call) -> Reply:
    """A link that leads nowhere, with a new token each time."""
    vm = get(call)
    demand_state(vm, "ACTIVE", act="connect to")
    connection = call.query.get("connectionId", secrets.token_hex(8))
    url = f"wss://console.{vm.body['datacenterId']}.sandbox.invalid/{call.project}/{vm.id}/{connection}"
    return {"connectUrl": url, "token": secrets.token_urlsafe(24)}


def monitor_vm(call: Call) -> Reply:
    vm = get(call)
    is_active = vm.state == "ACTIVE"
    return {"items": samples(vm, call.seed, call.clock.now()) if is_active else []}


def update_vm_authorized_ssh_keys(call: Call) -> Reply:
    vm = get(call)
    vm.body["sshKeySource"] = call.body.get("sshKeySource", vm.body["sshKeySource"])
    source = {"sshKeySource": vm.body["sshKeySource"]}
    vm.body["authorizedSshKeys"] = authorized_keys(call, {**call.body, **source})
    call.tx.save(vm)
    return {}


def update_vm_expire_time(call: Call) -> Reply:
    """Without either field the VM no longer expires."""
    vm = get(call)
    if not call.body:
        vm.expires = None
        vm.body.pop("expireTime", None)
        call.tx.save(vm)
        return {}
    vm.expires = vm_creation.expiry_of(call, call.body)
    vm.body["expireTime"] = rfc3339(vm.expires)
    call.tx.save(vm)
    return {"expireTime": vm.body["expireTime"]}


def update_vm_metadata(call: Call) -> Reply:
    vm = get(call)
    if "metadata" not in call.body:
        raise invalid(("metadata", "is missing"))
    kept = vm.body["metadata"] if call.body.get("merge") else {}
    vm.body["metadata"] = {**kept, **call.body["metadata"]}
    call.tx.save(vm)
    return {"metadata": vm.body["metadata"]}


def update_vm_password(call: Call) -> Reply:
    """The password is checked and forgotten: nothing in the sandbox can be logged in to."""
    get(call)
    vm_creation.check_password(call.body["password"])
    return {}


HOOKS = Hooks(entered=refresh, left=_free_parts, expired=begin_deletion)

_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_VM, _VMS = "/v1/projects/{projectId}/vm", "/v1/projects/{projectId}/vms"
_KEYS = Fields(optional={"customSshKeys": list_of(text), "sshKeySource": vm_creation.SSH_KEY_SOURCE})
_SIZES = {"vcpus": query_integer(1, _UINT32), "memoryGib": query_integer(1, _UINT32)}

ROUTES = (
    Route("POST", _VM, create_vm, _WRITE, body=vm_creation.BODY),
    Route("GET", _VMS, list_vms, _READ, query={"networkId": filled}),
    Route("GET", f"{_VMS}/{{id}}", get_vm, _READ),
    Route("GET", "/v1/projects/{projectId}/count-vms", count_vms, _READ),
    Route("POST", f"{_VMS}/{{id}}/start", start_vm, _WRITE),
    Route("POST", f"{_VMS}/{{id}}/stop", stop_vm, _WRITE),
    Route("POST", f"{_VMS}/{{id}}/reboot", restart_vm, _WRITE),
    Route("POST", f"{_VMS}/{{id}}/terminate", terminate_vm, _WRITE),
    Route("POST", f"{_VMS}/{{id}}/resize", resize_vm, _WRITE, query=_SIZES),
    Route(
        "POST",
        f"{_VM}/{{id}}/commit",
        commit_vm,
        _WRITE,
        body=Fields(optional={"commitmentTerm": vm_creation.COMMITMENT_TERM}),
    ),
    Route("GET", f"{_VMS}/{{id}}/connect", connect_vm, _WRITE, query={"connectionId": filled}),
    Route("GET", f"{_VMS}/{{id}}/monitor", monitor_vm, _READ),
    Route("POST", f"{_VM}/{{id}}/authorized-ssh-keys", update_vm_authorized_ssh_keys, _WRITE, body=_KEYS),
    Route(
        "POST",
        f"{_VM}/{{id}}/expire-time",
        update_vm_expire_time,
        _WRITE,
        body=Fields(optional={"expireTime": moment, "ttl": duration}),
    ),
    Route(
        "POST",
        f"{_VM}/{{id}}/metadata",
        update_vm_metadata,
        _WRITE,
        body=Fields(optional={"merge": boolean, "metadata": text_map}),
    ),
    Route(
        "POST",
        f"{_VM}/{{id}}/password",
        update_vm_password,
        _WRITE,
        body=Fields(required={"password": text}),
    ),
)
