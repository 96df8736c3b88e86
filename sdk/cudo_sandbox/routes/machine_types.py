"""Machine types and their prices."""

from cudo_sandbox.fields import filled
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.stock import KIND

# `projectId` chooses whose prices are shown; the sandbox has the same prices for all.
_PROJECT = {"projectId": filled}


def list_vm_machine_types(call: Call) -> Reply:
    return {"machineTypes": [kind.body for kind in call.tx.all(KIND)]}


def get_vm_machine_type(call: Call) -> Reply:
    return call.tx.get(KIND, call.path["dataCenterId"], call.path["machineTypeId"]).body


ROUTES = (
    Route("GET", "/v1/vms/machine-types", list_vm_machine_types, query=_PROJECT),
    Route("GET", "/v1/vms/machine-types-2", list_vm_machine_types, query=_PROJECT),
    Route(
        "GET",
        "/v1/vms/data-centers/{dataCenterId}/machine_types/{machineTypeId}",
        get_vm_machine_type,
        query=_PROJECT,
    ),
)
