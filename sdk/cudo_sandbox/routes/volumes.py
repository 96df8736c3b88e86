"""Volumes: NFS storage for the machines of clusters."""

from cudo_sandbox.access import Access
from cudo_sandbox.catalogue import NO_TERM
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import DECIMAL, Fields, filled, integer, moment, one_of, resource_id, text
from cudo_sandbox.lifecycles import demand_state, enter
from cudo_sandbox.metal import change_commitment, check_fixed, check_not_committed, end_of
from cudo_sandbox.metal_catalogue import VOLUME_DATA_CENTERS, VOLUME_PRICES
from cudo_sandbox.money import amount_of, money
from cudo_sandbox.paging import PAGE, paged, paged_items
from cudo_sandbox.problems import Json, invalid, wrong_state
from cudo_sandbox.projects import check_new
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.routes.clusters import MACHINE
from cudo_sandbox.store import GONE, Resource, Where
from cudo_sandbox.vm_creation import COMMITMENT_TERM

MAX_VOLUMES = 20  # created in a project since the seeding; not evidenced
_MOUNTS = "EXISTS (SELECT 1 FROM json_each(body, '$.volumeIds') WHERE value = ?)"

_REQUIRED = {"dataCenterId": filled, "sizeGib": integer(1)}
_OPTIONAL = {"commitmentTerm": COMMITMENT_TERM}
_IGNORED = {
    "commitmentEndTime": moment,
    "gibPriceHr": DECIMAL,
    "nfsPath": text,
    "nfsServer": text,
    "sizeGibUsed": integer(),
    "state": one_of("VOLUME_STATE_UNSPECIFIED", "CREATING", "ACTIVE", "UPDATING", "DELETING", "FAILED"),
    "totalPriceHr": DECIMAL,
}
_CREATE = Fields(required={"id": resource_id, **_REQUIRED}, optional=_OPTIONAL, ignored=_IGNORED)
_UPDATE = Fields(required=_REQUIRED, optional=_OPTIONAL, ignored=_IGNORED)


def list_volumes(call: Call) -> Reply:
    return paged(call.tx, "volume", call.project, call.query, "volumes")


def get_volume(call: Call) -> Reply:
    return _get(call).body


def create_volume(call: Call) -> Reply:
    name, data_center = call.body["id"], call.body["dataCenterId"]
    check_new(call, "volume", name, MAX_VOLUMES)
    if data_center not in VOLUME_DATA_CENTERS:
        raise invalid(("dataCenterId", f"data center '{data_center}' has no volumes"))
    term = call.body.get("commitmentTerm", NO_TERM)
    body = {
        **call.body,
        "projectId": call.project,
        "commitmentTerm": term,
        "sizeGibUsed": 0,
        "nfsServer": f"nfs.{data_center}.sandbox.invalid",
        "nfsPath": f"/{call.project}/{name}",
    }
    volume = Resource("volume", call.project, name, body, {"committed_until": end_of(call, term)})
    _price(volume)
    _show_end(volume)
    enter(volume, call.clock, "CREATING", "ACTIVE")
    call.tx.save(volume)
    return volume.body


def update_volume(call: Call) -> Reply:
    """A volume only grows."""
    volume, wanted = _get(call), call.body
    check_fixed(volume, wanted, "dataCenterId")
    demand_state(volume, "ACTIVE", act="update")
    if wanted["sizeGib"] < volume.body["sizeGib"]:
        raise invalid(("sizeGib", f"volume '{volume.id}' has {volume.body['sizeGib']} GiB and can only grow"))
    change_commitment(call, volume)
    volume.body["sizeGib"] = wanted["sizeGib"]
    _price(volume)
    _show_end(volume)
    enter(volume, call.clock, "UPDATING", "ACTIVE")
    call.tx.save(volume)
    return volume.body


def _price(volume: Resource) -> None:
    """Raises INVALID_ARGUMENT for a term that is not offered."""
    data_center, term = volume.body["dataCenterId"], volume.body["commitmentTerm"]
    for price in VOLUME_PRICES:
        if (price["dataCenterId"], price["commitmentTerm"]) == (data_center, term):
            volume.price = amount_of(price["gibPriceHr"]) * volume.body["sizeGib"]
            volume.body.update(gibPriceHr=price["gibPriceHr"], totalPriceHr=money(volume.price))
            return
    raise invalid(("commitmentTerm", f"volumes in '{data_center}' do not offer {term}"))


def _show_end(volume: Resource) -> None:
    if (end := volume.hidden["committed_until"]) is not None:
        volume.body["commitmentEndTime"] = rfc3339(end)


def delete_volume(call: Call) -> Reply:
    volume = _get(call)
    demand_state(volume, "ACTIVE", "FAILED", act="delete")
    check_not_committed(call, volume, "delete")
    if users := call.tx.matching(MACHINE, call.project, Where(_MOUNTS, volume.id)):
        raise wrong_state(f"volume '{volume.id}' is used by cluster machine '{users[0].id}'")
    enter(volume, call.clock, "DELETING", GONE)
    call.tx.save(volume)
    return {}


def list_volume_prices(call: Call) -> Reply:
    prices: list[Json] = VOLUME_PRICES
    return paged_items(prices, call.query, "prices")


def _get(call: Call) -> Resource:
    return call.tx.get("volume", call.project, call.id)


_READ, _WRITE = Access.PROJECT_READ, Access.PROJECT_WRITE
_VOLUMES = "/v1/projects/{projectId}/volumes"

ROUTES = (
    Route("GET", _VOLUMES, list_volumes, _READ, query=PAGE),
    Route("POST", _VOLUMES, create_volume, _WRITE, body=_CREATE),
    Route("GET", f"{_VOLUMES}/{{id}}", get_volume, _READ),
    Route("PATCH", f"{_VOLUMES}/{{id}}", update_volume, _WRITE, body=_UPDATE),
    Route("DELETE", f"{_VOLUMES}/{{id}}", delete_volume, _WRITE),
    Route("GET", "/v1/volumes/prices", list_volume_prices, query=PAGE),
)
