"""Machine types and their prices."""

from cudo_sandbox.fields import filled
from cudo_sandbox.metal import CLUSTER_TYPE, MACHINE_TYPE
from cudo_sandbox.paging import PAGE, paged_items
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.stock import KIND

# `projectId` chooses whose prices are shown; the sandbox has the same prices for all.
_PROJECT = {"projectId": filled}


def list_vm_machine_types(call: Call) -> Reply:
    return {"machineTypes": [kind.body for kind in call.tx.all(KIND)]}


def get_vm_machine_type(call: Call) -> Reply:
    return call.tx.get(KIND, call.path["dataCenterId"], call.path["machineTypeId"]).body


def list_machine_types(call: Call) -> Reply:
    return _listed(call, MACHINE_TYPE)


def list_cluster_machine_types(call: Call) -> Reply:
    return _listed(call, CLUSTER_TYPE)


def get_cluster_machine_type(call: Call) -> Reply:
    return {
        "machineType": call.tx.get(CLUSTER_TYPE, call.path["dataCenterId"], call.path["machineTypeId"]).body
    }


def _listed(call: Call, kind: str) -> Reply:
    return paged_items([each.body for each in call.tx.all(kind)], call.query, "machineTypes")


ROUTES = (
    Route("GET", "/v1/machines-types", list_machine_types, query={**PAGE, **_PROJECT}),
    Route("GET", "/v1/clusters/machine-types", list_cluster_machine_types, query={**PAGE, **_PROJECT}),
    Route(
        "GET",
        "/v1/clusters/data-centers/{dataCenterId}/machine-types/{machineTypeId}",
        get_cluster_machine_type,
        query=_PROJECT,
    ),
    Route("GET", "/v1/vms/machine-types", list_vm_machine_types, query=_PROJECT),
    Route("GET", "/v1/vms/machine-types-2", list_vm_machine_types, query=_PROJECT),
    Route(
        "GET",
        "/v1/vms/data-centers/{dataCenterId}/machine_types/{machineTypeId}",
        get_vm_machine_type,
        query=_PROJECT,
    ),
)
