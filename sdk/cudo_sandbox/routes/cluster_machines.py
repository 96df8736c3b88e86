"""The machines in clusters."""

from cudo_sandbox.access import Access
from cudo_sandbox.fields import Fields, filled, list_of, resource_id
from cudo_sandbox.lifecycles import demand_state
from cudo_sandbox.metal import check_not_committed
from cudo_sandbox.problems import already_exists, invalid, wrong_state
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.routes.clusters import MACHINE, MACHINE_IGNORED, begin_removal, check_active
from cudo_sandbox.store import Resource

_UPDATE = Fields(optional={"volumeIds": list_of(filled)}, ignored=MACHINE_IGNORED)


def update_cluster_machine(call: Call) -> Reply:
    """The volumes named are mounted, all others are not."""
    machine = _get(call)
    demand_state(machine, "ACTIVE", act="update")
    for name in call.body.get("volumeIds", []):
        volume = call.tx.get("volume", call.project, name)
        demand_state(volume, "ACTIVE", act="mount")
        if volume.body["dataCenterId"] != machine.body["dataCenterId"]:
            raise invalid(("volumeIds", f"volume '{name}' is in data center '{volume.body['dataCenterId']}'"))
    if "volumeIds" in call.body:
        machine.body["volumeIds"] = list(dict.fromkeys(call.body["volumeIds"]))
    call.tx.save(machine)
    return machine.body


def restart_cluster_machine(call: Call) -> Reply:
    """The machine has no state for a restart; only that it is ACTIVE is asked for."""
    demand_state(_get(call), "ACTIVE", act="reboot")
    return {}


def rename_cluster_machine(call: Call) -> Reply:
    machine, name = _get(call), call.query["newId"]
    demand_state(machine, "ACTIVE", act="rename")
    if call.tx.find(MACHINE, call.project, name):
        raise already_exists("cluster machine", name)
    call.tx.rename(machine, name)
    return {}


def delete_cluster_machine(call: Call) -> Reply:
    """The cluster has one machine less; its last one stays."""
    machine = _get(call)
    demand_state(machine, "ACTIVE", "FAILED", act="delete")
    cluster = call.tx.get("cluster", call.project, machine.hidden["cluster"])
    check_active(cluster)
    check_not_committed(call, cluster, "remove a machine of")
    if cluster.body["machineCount"] == 1:
        raise wrong_state(f"cluster machine '{machine.id}' is the last of cluster '{cluster.id}'")
    cluster.body["machineCount"] -= 1
    call.tx.save(cluster)
    begin_removal(call, machine)
    return {}


def _get(call: Call) -> Resource:
    return call.tx.get(MACHINE, call.project, call.id)


_WRITE = Access.PROJECT_WRITE
_MACHINE = "/v1/projects/{projectId}/cluster-machines/{id}"

ROUTES = (
    Route("POST", f"{_MACHINE}:reboot", restart_cluster_machine, _WRITE),
    Route(
        "POST",
        f"{_MACHINE}:rename",
        rename_cluster_machine,
        _WRITE,
        query=Fields(required={"newId": resource_id}),
    ),
    Route("PATCH", _MACHINE, update_cluster_machine, _WRITE, body=_UPDATE),
    Route("DELETE", _MACHINE, delete_cluster_machine, _WRITE),
)
