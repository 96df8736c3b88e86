"""Clusters of bare-metal machines."""

from decimal import Decimal
from typing import Any

from cudo_sandbox.access import Access
from cudo_sandbox.addresses import demand_public, give_back, next_number, private_address
from cudo_sandbox.catalogue import NO_TERM
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import (
    DECIMAL,
    Check,
    Fields,
    filled,
    integer,
    list_of,
    moment,
    one_of,
    record,
    resource_id,
    text,
)
from cudo_sandbox.lifecycles import Hooks, enter
from cudo_sandbox.metal import (
    CLUSTER_TYPE,
    HARDWARE,
    change_commitment,
    check_fixed,
    check_not_committed,
    end_of,
    hardware_of,
    metal_type,
    price_of,
    take,
)
from cudo_sandbox.money import money
from cudo_sandbox.paging import PAGE, paged_items
from cudo_sandbox.problems import Code, Json, Problem, error_info, wrong_state
from cudo_sandbox.projects import check_new
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.routes.machines import POWER_STATE
from cudo_sandbox.store import GONE, Resource, Transaction, Where
from cudo_sandbox.vm_creation import COMMITMENT_TERM, SSH_KEY_SOURCE

MAX_CLUSTERS = 10  # created in a project since the seeding; not evidenced
MAX_MACHINES = 128
MACHINE = "cluster_machine"

MACHINE_STATE = one_of("STATE_UNSPECIFIED", "CREATING", "ACTIVE", "DELETING", "FAILED")
MACHINE_IGNORED: dict[str, Check] = {
    **HARDWARE,
    "cpuCores": integer(),
    "createBy": text,
    "createTime": moment,
    "dataCenterId": text,
    "diskSizeGib": integer(),
    "disks": integer(),
    "externalIpAddress": text,
    "gpus": integer(),
    "internalIpAddress": text,
    "machineTypeId": text,
    "memoryGib": integer(),
    "powerState": POWER_STATE,
    "priceHr": DECIMAL,
    "state": MACHINE_STATE,
}
_IGNORED: dict[str, Check] = {
    **HARDWARE,
    "commitmentEndTime": moment,
    "createBy": text,
    "createTime": moment,
    "machinePriceHr": DECIMAL,
    "machines": list_of(record(id=text, projectId=text, volumeIds=list_of(text), **MACHINE_IGNORED)),
    "state": one_of("STATE_UNSPECIFIED", "CREATING", "ACTIVE", "UPDATING", "DELETING", "FAILED"),
    "totalCpuCores": integer(),
    "totalDiskSizeGib": integer(),
    "totalGpus": integer(),
    "totalMachinePriceHr": DECIMAL,
    "totalMemoryGib": integer(),
    "totalPriceHr": DECIMAL,
}
_FIXED = {"dataCenterId": filled, "machineTypeId": filled}
_REQUIRED = {**_FIXED, "machineCount": integer(1)}
_OPTIONAL: dict[str, Check] = {
    "commitmentTerm": COMMITMENT_TERM,
    "customSshKeys": list_of(text),
    "ipoibConfig": record(hostBits=integer(), networkPrefix=text, portBits=integer()),
    "networkType": one_of("NETWORK_TYPE_UNSPECIFIED", "ETHERNET", "INFINIBAND"),
    "sshKeySource": SSH_KEY_SOURCE,
    "startScript": text,
}
_CREATE = Fields(required={"id": resource_id, **_REQUIRED}, optional=_OPTIONAL, ignored=_IGNORED)
_UPDATE = Fields(required=_REQUIRED, optional=_OPTIONAL, ignored=_IGNORED)
_IN_CLUSTER = "json_extract(hidden, '$.cluster') = ?"


def list_clusters(call: Call) -> Reply:
    shown = [cluster_json(call.tx, each) for each in call.tx.all("cluster", call.project)]
    return paged_items(shown, call.query, "clusters")


def get_cluster(call: Call) -> Reply:
    return cluster_json(call.tx, _get(call))


def cluster_json(tx: Transaction, cluster: Resource) -> Json:
    """The cluster with its machines and their sums."""
    machines = machines_of(tx, cluster)
    price = sum((each.price for each in machines), Decimal(0))
    return {
        **cluster.body,
        "machines": [each.body for each in machines],
        "totalCpuCores": sum(each.body["cpuCores"] for each in machines),
        "totalDiskSizeGib": sum(each.body["diskSizeGib"] for each in machines),
        "totalGpus": sum(each.body["gpus"] for each in machines),
        "totalMemoryGib": sum(each.body["memoryGib"] for each in machines),
        "totalMachinePriceHr": money(price),
        "totalPriceHr": money(price),
    }


def machines_of(tx: Transaction, cluster: Resource) -> list[Resource]:
    return tx.matching(MACHINE, cluster.scope, Where(_IN_CLUSTER, cluster.id))


def create_cluster(call: Call) -> Reply:
    name, wanted = call.body["id"], call.body
    check_new(call, "cluster", name, MAX_CLUSTERS)
    kind = metal_type(call.tx, CLUSTER_TYPE, wanted["dataCenterId"], wanted["machineTypeId"])
    _check_count(wanted["machineCount"])
    term = wanted.get("commitmentTerm", NO_TERM)
    body = {
        "projectId": call.project,
        "commitmentTerm": term,
        "networkType": kind.body["networkType"],
        "sshKeySource": "SSH_KEY_SOURCE_PROJECT",
        **wanted,
        **{field: kind.body[field] for field in HARDWARE},
        "machinePriceHr": money(price_of(kind.body, term)),
        "createBy": call.user,
        "createTime": rfc3339(call.clock.now()),
    }
    cluster = Resource("cluster", call.project, name, body, {"committed_until": end_of(call, term)})
    _show_end(cluster)
    enter(cluster, call.clock, "CREATING", "ACTIVE")
    take(call.tx, kind, wanted["machineCount"])
    _add_machines(call, cluster, kind, wanted["machineCount"])
    call.tx.save(cluster)
    return cluster_json(call.tx, cluster)


def _show_end(cluster: Resource) -> None:
    if (end := cluster.hidden["committed_until"]) is not None:
        cluster.body["commitmentEndTime"] = rfc3339(end)


def _add_machines(call: Call, cluster: Resource, kind: Resource, count: int) -> None:
    price = price_of(kind.body, cluster.body["commitmentTerm"])
    for _ in range(count):
        number = next_number(call.tx)
        place = next_number(call.tx, f"machine of {cluster.scope}/{cluster.id}")
        body: dict[str, Any] = {
            "id": f"{cluster.id}-{place}",
            "projectId": cluster.scope,
            "dataCenterId": kind.scope,
            "machineTypeId": kind.id,
            **hardware_of(kind.body),
            "externalIpAddress": demand_public(call.tx, kind.scope, number),
            "internalIpAddress": private_address(number),
            "powerState": "ON",
            "priceHr": money(price),
            "volumeIds": [],
            "createBy": call.user,
            "createTime": rfc3339(call.clock.now()),
        }
        machine = Resource(MACHINE, cluster.scope, body["id"], body, {"cluster": cluster.id}, price)
        enter(machine, call.clock, "CREATING", "ACTIVE")
        call.tx.save(machine)


def update_cluster(call: Call) -> Reply:
    """A new machineCount adds machines, or removes the youngest."""
    cluster, wanted = _get(call), call.body
    check_fixed(cluster, wanted, *_FIXED)
    check_active(cluster)
    _check_count(wanted["machineCount"])
    machines = machines_of(call.tx, cluster)
    missing = wanted["machineCount"] - len(machines)
    if missing < 0:
        check_not_committed(call, cluster, "shrink")
    kind = metal_type(call.tx, CLUSTER_TYPE, wanted["dataCenterId"], wanted["machineTypeId"])
    _change_term(call, cluster, kind)
    if missing > 0:
        take(call.tx, kind, missing)
        _add_machines(call, cluster, kind, missing)
    for machine in machines[wanted["machineCount"] :]:
        begin_removal(call, machine)
    cluster.body.update(wanted)
    enter(cluster, call.clock, "UPDATING", "ACTIVE")
    call.tx.save(cluster)
    return cluster_json(call.tx, cluster)


def _change_term(call: Call, cluster: Resource, kind: Resource) -> None:
    price = price_of(kind.body, change_commitment(call, cluster))
    _show_end(cluster)
    cluster.body["machinePriceHr"] = money(price)
    for machine in machines_of(call.tx, cluster):
        machine.price = price
        machine.body["priceHr"] = money(price)
        call.tx.save(machine)


def check_active(cluster: Resource) -> None:
    """Raise FAILED_PRECONDITION with the reason CLUSTER_STATE_INVALID."""
    if cluster.state != "ACTIVE":
        detail = error_info("CLUSTER_STATE_INVALID", clusterId=cluster.id, state=cluster.state)
        raise wrong_state(f"cluster '{cluster.id}' is {cluster.state}; it must be ACTIVE", detail)


def _check_count(count: int) -> None:
    if count > MAX_MACHINES:
        raise Problem(Code.OUT_OF_RANGE, f"machineCount: a cluster has at most {MAX_MACHINES} machines")


def delete_cluster(call: Call) -> Reply:
    cluster = _get(call)
    if cluster.state != "FAILED":
        check_active(cluster)
    check_not_committed(call, cluster, "delete")
    for machine in machines_of(call.tx, cluster):
        begin_removal(call, machine)
    enter(cluster, call.clock, "DELETING", GONE)
    call.tx.save(cluster)
    return {}


def begin_removal(call: Call, machine: Resource) -> None:
    """The machine leaves its cluster and goes back to the stock."""
    machine.body["volumeIds"] = []
    enter(machine, call.clock, "DELETING", GONE)
    call.tx.save(machine)


def _machine_left(tx: Transaction, machine: Resource) -> None:
    take(tx, tx.get(CLUSTER_TYPE, machine.body["dataCenterId"], machine.body["machineTypeId"]), -1)
    give_back(tx, machine.body["dataCenterId"], machine.body["externalIpAddress"])


def _get(call: Call) -> Resource:
    """The cluster of the path; raises NOT_FOUND with the reason CLUSTER_NOT_FOUND."""
    found = call.tx.find("cluster", call.project, call.id)
    if found is None:
        detail = error_info("CLUSTER_NOT_FOUND", clusterId=call.id)
        raise Problem(Code.NOT_FOUND, f"cluster '{call.id}' not found", detail)
    return found


MACHINE_HOOKS = Hooks(left=_machine_left)

_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_CLUSTERS = "/v1/projects/{projectId}/clusters"

ROUTES = (
    Route("GET", _CLUSTERS, list_clusters, _READ, query=PAGE),
    Route("POST", _CLUSTERS, create_cluster, _WRITE, body=_CREATE),
    Route("GET", f"{_CLUSTERS}/{{id}}", get_cluster, _READ),
    Route("PATCH", f"{_CLUSTERS}/{{id}}", update_cluster, _WRITE, body=_UPDATE),
    Route("DELETE", f"{_CLUSTERS}/{{id}}", delete_cluster, _WRITE),
)
