"""Private networks and their routers."""

import ipaddress
from typing import Any

from cudo_sandbox.access import Access
from cudo_sandbox.addresses import ON_NETWORK, demand_public, give_back, next_number
from cudo_sandbox.catalogue import NETWORK_PRICE, check_data_center
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import DECIMAL, Fields, filled, moment, one_of, resource_id, text
from cudo_sandbox.lifecycles import Hooks, demand_state, enter
from cudo_sandbox.money import money
from cudo_sandbox.paging import PAGE, paged
from cudo_sandbox.problems import wrong_state
from cudo_sandbox.projects import check_new
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import GONE, Resource, Transaction, Where
from cudo_sandbox.vm_shape import VM_STATE

MAX_NETWORKS = 20  # created in a project since the seeding; not evidenced

STATE = one_of(
    "STATE_UNKNOWN", "ACTIVE", "CREATING", "DELETED", "DELETING", "FAILED", "STARTING", "STOPPED", "STOPPING",
    "UPDATING",
)  # fmt: skip
_RFC_1918 = [ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
_SMALLEST_PREFIX = 29  # room for gateway and router, and some VMs


def ip_range(value: Any) -> str:
    """A private CIDR with room for VMs."""
    try:
        network = ipaddress.IPv4Network(text(value))
    except ValueError:
        raise ValueError("must be a CIDR such as 10.0.0.0/24") from None
    if not any(network.subnet_of(private) for private in _RFC_1918):
        raise ValueError("must lie in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    if network.prefixlen > _SMALLEST_PREFIX:
        raise ValueError(f"must have a prefix of at most /{_SMALLEST_PREFIX}")
    return str(network)


_CREATE = Fields(
    required={"dataCenterId": filled, "id": resource_id, "ipRange": ip_range},
    ignored={
        "createTime": moment,
        "externalIpAddress": text,
        "gateway": text,
        "internalIpAddress": text,
        "priceHr": DECIMAL,
        "state": STATE,
        "vmState": VM_STATE,
    },
)


def list_networks(call: Call) -> Reply:
    return paged(call.tx, "network", call.project, call.query, "networks")


def get_network(call: Call) -> Reply:
    return _get(call).body


def create_network(call: Call) -> Reply:
    name, data_center = call.body["id"], call.body["dataCenterId"]
    check_new(call, "network", name, MAX_NETWORKS)
    check_data_center(data_center)
    hosts = ipaddress.IPv4Network(call.body["ipRange"]).hosts()
    body = {
        "id": name,
        "projectId": call.project,
        "dataCenterId": data_center,
        "ipRange": call.body["ipRange"],
        "gateway": str(next(hosts)),
        "internalIpAddress": str(next(hosts)),
        "externalIpAddress": demand_public(call.tx, data_center, next_number(call.tx)),
        "priceHr": money(NETWORK_PRICE),
        "createTime": rfc3339(call.clock.now()),
    }
    network = Resource("network", call.project, name, body, price=NETWORK_PRICE)
    _enter(call, network, "CREATING", "ACTIVE")
    return body


def delete_network(call: Call) -> Reply:
    network = _get(call)
    demand_state(network, "ACTIVE", "STOPPED", "FAILED", act="delete")
    if users := call.tx.matching("vm", call.project, Where(ON_NETWORK, network.id)):
        raise wrong_state(f"network '{network.id}' is used by VM '{users[0].id}'")
    _enter(call, network, "DELETING", GONE)
    return {}


def start_network(call: Call) -> Reply:
    network = _get(call)
    demand_state(network, "STOPPED", act="start")
    _enter(call, network, "STARTING", "ACTIVE")
    return {}


def stop_network(call: Call) -> Reply:
    network = _get(call)
    demand_state(network, "ACTIVE", act="stop")
    _enter(call, network, "STOPPING", "STOPPED")
    return {}


def entered(_tx: Transaction, network: Resource) -> None:
    """`vmState` is the state of the router's VM."""
    network.body["vmState"] = {"CREATING": "PENDING"}.get(network.state, network.state)


def _enter(call: Call, network: Resource, *states: str) -> None:
    enter(network, call.clock, *states)
    entered(call.tx, network)
    call.tx.save(network)


def _get(call: Call) -> Resource:
    return call.tx.get("network", call.project, call.id)


def _left(tx: Transaction, network: Resource) -> None:
    give_back(tx, network.body["dataCenterId"], network.body["externalIpAddress"])


HOOKS = Hooks(entered=entered, left=_left)

_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_NETWORKS = "/v1/projects/{projectId}/networks"

ROUTES = (
    Route("GET", _NETWORKS, list_networks, _READ, query=PAGE),
    Route("POST", _NETWORKS, create_network, _WRITE, body=_CREATE),
    Route("GET", f"{_NETWORKS}/{{id}}", get_network, _READ),
    Route("DELETE", f"{_NETWORKS}/{{id}}", delete_network, _WRITE),
    Route("POST", f"{_NETWORKS}/{{id}}/start", start_network, _WRITE),
    Route("POST", f"{_NETWORKS}/{{id}}/stop", stop_network, _WRITE),
)
