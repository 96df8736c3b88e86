"""What there is in a project, kind by kind, with what each thing costs per hour."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.disk import gib_price

if TYPE_CHECKING:
    from cudo_sdk import AsyncSession


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that there is; `price_hr` is None where the API does not say what it costs, or `is_free`."""

    id: str
    state: str
    price_hr: Decimal | None
    is_free: bool = False


Listing = Callable[["AsyncSession", str], Awaitable[list[Found]]]


def _costing(things: Iterable[Any], price: Callable[[Any], Decimal | None]) -> list[Found]:
    return [Found(str(thing.id), str(thing.state), price(thing)) for thing in things]


def _free(things: Iterable[Any]) -> list[Found]:
    return [Found(str(thing.id), "", None, is_free=True) for thing in things]


async def _vms(session: "AsyncSession", project: str) -> list[Found]:
    vms = await session.vms.list_vms(project)
    return _costing(vms, lambda vm: vm.price.total_price_hr if vm.price else None)


async def _disks(session: "AsyncSession", project: str) -> list[Found]:
    disks = await session.disks.list_disks(project)
    gib_hr = {center.id: gib_price(center) for center in await session.data_centers.list_data_centers()}

    def price(disk: Any) -> Decimal | None:
        of_a_gib = gib_hr.get(disk.data_center_id)
        return None if of_a_gib is None or disk.size_gib is None else of_a_gib * disk.size_gib

    return _costing(disks, price)


async def _networks(session: "AsyncSession", project: str) -> list[Found]:
    return _costing(await session.networks.list_networks(project), lambda network: network.price_hr)


async def _private_images(session: "AsyncSession", project: str) -> list[Found]:
    return _costing(await session.images.list_private_images(project), lambda _image: None)


async def _machines(session: "AsyncSession", project: str) -> list[Found]:
    return _costing(await session.machines.list_machines(project), lambda machine: machine.price_hr)


async def _clusters(session: "AsyncSession", project: str) -> list[Found]:
    return _costing(await session.clusters.list_clusters(project), lambda cluster: cluster.total_price_hr)


async def _cluster_machines(session: "AsyncSession", project: str) -> list[Found]:
    clusters = await session.clusters.list_clusters(project)
    machines = (machine for cluster in clusters for machine in cluster.machines)
    return _costing(machines, lambda machine: machine.price_hr)


async def _volumes(session: "AsyncSession", project: str) -> list[Found]:
    return _costing(await session.volumes.list_volumes(project), lambda volume: volume.total_price_hr)


async def _security_groups(session: "AsyncSession", project: str) -> list[Found]:
    return _free(await session.security_groups.list_security_groups(project))


async def _storage_users(session: "AsyncSession", project: str) -> list[Found]:
    return _free(await session.object_storage.list_object_storage_users(project))


async def _ssh_keys(session: "AsyncSession", _: str) -> list[Found]:
    return _free(await session.ssh_keys.list_ssh_keys())


async def _api_keys(session: "AsyncSession", _: str) -> list[Found]:
    return _free(await session.api_keys.list_api_keys())


async def _projects(session: "AsyncSession", _: str) -> list[Found]:
    return _free(await session.projects.list_projects())


LISTINGS: Mapping[str, Listing] = {
    listing.__name__.removeprefix("_"): listing
    for listing in (
        _vms,
        _disks,
        _networks,
        _private_images,
        _machines,
        _clusters,
        _cluster_machines,
        _volumes,
        _security_groups,
        _storage_users,
        _ssh_keys,
        _api_keys,
        _projects,
    )
}
