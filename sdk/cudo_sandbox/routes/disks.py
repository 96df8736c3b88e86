"""Storage disks, and the boot disks that are listed beside them."""

from cudo_sandbox import stock
from cudo_sandbox.access import Access
from cudo_sandbox.catalogue import STORAGE_GIB_PRICE, check_data_center
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import Fields, filled, integer, moment, one_of, query_integer, resource_id, text
from cudo_sandbox.lifecycles import demand_state, enter
from cudo_sandbox.paging import PAGE, paged
from cudo_sandbox.problems import invalid, wrong_state
from cudo_sandbox.projects import check_new
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import GONE, IN_DATA_CENTER, Resource, Where
from cudo_sandbox.vm_shape import refresh

MAX_DISKS = 200  # created in a project since the seeding, boot disks included; not evidenced

DISK_STATE = one_of(
    "UNKNOWN", "ATTACHED", "CLONING", "CREATING", "DELETING", "DISABLED", "FAILED", "READY", "UPDATING"
)
_CREATE = Fields(
    required={"dataCenterId": filled, "id": resource_id, "sizeGib": integer(1)},
    ignored={
        "createTime": moment,
        "diskState": DISK_STATE,
        "diskType": one_of("DISK_TYPE_UNKNOWN", "DISK_TYPE_BOOT", "DISK_TYPE_STORAGE"),
        "privateImageId": text,
        "publicImageId": text,
        "vmId": text,
    },
)


def get(call: Call) -> Resource:
    """The disk of the path; raises NOT_FOUND."""
    return call.tx.get("disk", call.project, call.id)


def list_disks(call: Call) -> Reply:
    if data_center := call.query.get("dataCenterId"):
        here = Where(IN_DATA_CENTER, data_center)
        return paged(call.tx, "disk", call.project, call.query, "disks", here)
    return paged(call.tx, "disk", call.project, call.query, "disks")


def get_disk(call: Call) -> Reply:
    return {"disk": get(call).body}


def create_disk(call: Call) -> Reply:
    name, data_center = call.body["id"], call.body["dataCenterId"]
    check_new(call, "disk", name, MAX_DISKS)
    check_data_center(data_center)
    disk = storage_disk(call.project, name, data_center, call.body["sizeGib"])
    disk.body["createTime"] = rfc3339(call.clock.now())
    enter(disk, call.clock, "CREATING", "READY")
    call.tx.save(disk)
    return {}


def storage_disk(project: str, name: str, data_center: str, size: int) -> Resource:
    """A storage disk that is READY, with its price."""
    body = {
        "id": name,
        "projectId": project,
        "dataCenterId": data_center,
        "diskType": "DISK_TYPE_STORAGE",
        "diskState": "READY",
        "sizeGib": size,
    }
    return Resource("disk", project, name, body, price=STORAGE_GIB_PRICE * size)


def delete_disk(call: Call) -> Reply:
    disk = get(call)
    if "vmId" in disk.body:
        raise wrong_state(f"disk '{disk.id}' is attached to VM '{disk.body['vmId']}'; detach it first")
    demand_state(disk, "READY", "FAILED", act="delete")
    enter(disk, call.clock, "DELETING", GONE)
    call.tx.save(disk)
    return {}


def attach_disk_to_vm(call: Call) -> Reply:
    disk = get(call)
    vm = call.tx.get("vm", call.project, call.query["vmId"])
    demand_state(disk, "READY", act="attach")
    demand_state(vm, "ACTIVE", "STOPPED", act="attach a disk to")
    if disk.body["dataCenterId"] != vm.body["datacenterId"]:
        raise wrong_state(
            f"disk '{disk.id}' is in data center '{disk.body['dataCenterId']}', "
            f"VM '{vm.id}' in '{vm.body['datacenterId']}'"
        )
    disk.state, disk.body["vmId"] = "ATTACHED", vm.id
    call.tx.save(disk)
    vm.body["storageDisks"].append(disk.body)
    refresh(call.tx, vm)
    return {}


def detach_disk_from_vm(call: Call) -> Reply:
    disk = get(call)
    if disk.body["diskType"] == "DISK_TYPE_BOOT":
        raise wrong_state(f"disk '{disk.id}' is the boot disk of VM '{disk.body['vmId']}'")
    demand_state(disk, "ATTACHED", act="detach")
    vm = call.tx.get("vm", call.project, disk.body.pop("vmId"))
    demand_state(vm, "ACTIVE", "STOPPED", "FAILED", act="detach a disk from")
    disk.state = "READY"
    call.tx.save(disk)
    vm.body["storageDisks"] = [each for each in vm.body["storageDisks"] if each["id"] != disk.id]
    refresh(call.tx, vm)
    return {}


def resize_disk(call: Call) -> Reply:
    """Only an attached disk grows; meanwhile its VM is RESIZING_DISK."""
    vm = call.tx.get("vm", call.project, call.id)
    disk = call.tx.get("disk", call.project, call.query["diskId"])
    size = call.query["sizeGib"]
    if disk.body.get("vmId") != vm.id:
        raise wrong_state(f"disk '{disk.id}' is not attached to VM '{vm.id}'")
    demand_state(vm, "ACTIVE", "STOPPED", act="resize a disk of")
    if size <= disk.body["sizeGib"]:
        raise invalid(("sizeGib", f"disk '{disk.id}' has {disk.body['sizeGib']} GiB and can only grow"))
    _grow(call, vm, disk, size)
    enter(vm, call.clock, "RESIZING_DISK", vm.state)
    refresh(call.tx, vm)
    return {}


def _grow(call: Call, vm: Resource, disk: Resource, size: int) -> None:
    """A boot disk is paid with its VM and taken from the stock of its machine type."""
    if disk.body["diskType"] == "DISK_TYPE_BOOT":
        kind = stock.machine_type(call.tx, vm.body["datacenterId"], vm.body["machineType"])
        stock.take(call.tx, kind, {"StorageGibFree": size - disk.body["sizeGib"]})
    else:
        disk.price = STORAGE_GIB_PRICE * size
    disk.body["sizeGib"] = size
    call.tx.save(disk)


_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_DISKS, _DISK = "/v1/projects/{projectId}/disks", "/v1/projects/{projectId}/disk/{id}"

ROUTES = (
    Route("GET", _DISKS, list_disks, _READ, query={**PAGE, "dataCenterId": filled}),
    Route("POST", _DISKS, create_disk, _WRITE, body=_CREATE),
    Route("GET", f"{_DISKS}/{{id}}", get_disk, _READ),
    Route("DELETE", f"{_DISKS}/{{id}}", delete_disk, _WRITE),
    Route("PATCH", f"{_DISK}/attach", attach_disk_to_vm, _WRITE, query=Fields(required={"vmId": filled})),
    Route("PUT", f"{_DISK}/detach", detach_disk_from_vm, _WRITE),
    Route(
        "PATCH",
        "/v1/projects/{projectId}/vms/{id}/disks",
        resize_disk,
        _WRITE,
        query=Fields(required={"diskId": filled, "sizeGib": query_integer(1)}),
    ),
)
