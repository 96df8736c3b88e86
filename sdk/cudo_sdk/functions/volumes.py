"""Volumes: storage over NFS for the machines of a cluster."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from typing import TYPE_CHECKING, Literal

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.models import CommitmentTerm, Model, Money, Time
from cudo_sdk.request import Request, path
from cudo_sdk.waiting import OnLook
from cudo_sdk.watching import Change

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

VolumeState = (
    Literal["VOLUME_STATE_UNSPECIFIED", "CREATING", "ACTIVE", "UPDATING", "DELETING", "FAILED"] | str
)


class Volume(Model):
    """A volume. Sizes are GiB; prices are per hour, of one GiB and of the whole."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    state: VolumeState | None = None
    size_gib: int | None = None
    size_gib_used: int | None = None
    nfs_server: str | None = None
    nfs_path: str | None = None
    commitment_term: CommitmentTerm | None = None
    commitment_end_time: Time = None
    gib_price_hr: Money = None
    total_price_hr: Money = None


class VolumePrice(Model):
    """The price per hour of one GiB in one data center, for a commitment."""

    data_center_id: str | None = None
    commitment_term: CommitmentTerm | None = None
    gib_price_hr: Money = None


class Volumes(BaseFunction[S]):
    """Volumes: `session.volumes`."""

    @api_iterator
    async def search_volumes(self: Volumes[AsyncSession], project_id: str) -> AsyncGenerator[Volume, None]:
        """Iterate over the volumes of a project, page by page.

        API: ListVolumes
        Raises: NotFound if there is no such project.
        """
        request = Request("ListVolumes", "GET", path("/v1/projects/{}/volumes", project_id))
        async for volume in self._pages(request, Volume, "volumes", "page"):
            yield volume

    @api_function
    async def list_volumes(self: Volumes[AsyncSession], project_id: str) -> list[Volume]:
        """All volumes of a project.

        API: ListVolumes
        Raises: NotFound if there is no such project.
        """
        return [volume async for volume in self.search_volumes(project_id)]

    @api_iterator
    async def watch_volumes(
        self: Volumes[AsyncSession], project_id: str, *, interval: float = 10.0
    ) -> AsyncGenerator[Change[Volume], None]:
        """What changes among the volumes of a project, looked at every `interval` seconds.

        It has no end of its own; a break ends it. At first every one of them is "added".

        API: ListVolumes
        Raises: NotFound if there is no such project; ConfigError for an interval under a second.
        """
        async for change in self._watch(lambda: self.list_volumes(project_id), interval):
            yield change

    @api_function
    async def get_volume(self: Volumes[AsyncSession], project_id: str, volume_id: str) -> Volume:
        """One volume.

        API: GetVolume
        Raises: NotFound.
        """
        request = Request("GetVolume", "GET", path("/v1/projects/{}/volumes/{}", project_id, volume_id))
        return await self._model(request, Volume)

    @api_function
    async def create_volume(
        self: Volumes[AsyncSession],
        project_id: str,
        volume_id: str,
        data_center_id: str,
        size_gib: int,
        *,
        commitment_term: CommitmentTerm | None = None,
    ) -> Volume:
        """Create a volume of `size_gib` GiB; it is CREATING, then ACTIVE, see wait_for_volume.

        If the answer is lost, the volume is looked up by its id, and the request is never sent twice.

        API: CreateVolume
        Raises: AlreadyExists; InvalidArgument; ResourceExhausted for a quota.
        """
        body = {
            "id": volume_id,
            "dataCenterId": data_center_id,
            "sizeGib": size_gib,
            "commitmentTerm": commitment_term,
        }
        request = Request("CreateVolume", "POST", path("/v1/projects/{}/volumes", project_id), body=body)

        def is_same(volume: Volume) -> bool:
            return same(
                volume,
                data_center_id=data_center_id,
                size_gib=size_gib,
                commitment_term=commitment_term,
            )

        return await self._create(request, Volume, lambda: self.get_volume(project_id, volume_id), is_same)

    @api_function
    async def update_volume(
        self: Volumes[AsyncSession],
        project_id: str,
        volume_id: str,
        data_center_id: str,
        size_gib: int,
        *,
        commitment_term: CommitmentTerm | None = None,
    ) -> Volume:
        """Grow a volume to `size_gib` GiB, or take it for a term; it never shrinks.

        The API asks for `data_center_id`, which cannot change: give the one that the volume has.

        API: UpdateVolume
        Raises: NotFound; InvalidArgument if the size is smaller than now.
        """
        body = {"dataCenterId": data_center_id, "sizeGib": size_gib, "commitmentTerm": commitment_term}
        where = path("/v1/projects/{}/volumes/{}", project_id, volume_id)
        return await self._model(Request("UpdateVolume", "PATCH", where, body=body), Volume)

    @api_function
    async def delete_volume(self: Volumes[AsyncSession], project_id: str, volume_id: str) -> None:
        """Delete a volume and what is on it, for good.

        API: DeleteVolume
        Raises: NotFound; FailedPrecondition while machines use it, and inside a commitment.
        """
        where = path("/v1/projects/{}/volumes/{}", project_id, volume_id)
        await self._transport.send(Request("DeleteVolume", "DELETE", where))

    @api_iterator
    async def search_volume_prices(self: Volumes[AsyncSession]) -> AsyncGenerator[VolumePrice, None]:
        """Iterate over what volumes cost in each data center and for each term, page by page.

        API: ListVolumePrices
        Raises: Unauthenticated.
        """
        request = Request("ListVolumePrices", "GET", path("/v1/volumes/prices"))
        async for price in self._pages(request, VolumePrice, "prices", "page", _offer):
            yield price

    @api_function
    async def list_volume_prices(self: Volumes[AsyncSession]) -> list[VolumePrice]:
        """What volumes cost in each data center and for each term.

        API: ListVolumePrices
        Raises: Unauthenticated.
        """
        return [price async for price in self.search_volume_prices()]

    @api_function
    async def wait_for_volume(
        self: Volumes[AsyncSession],
        project_id: str,
        volume_id: str,
        *,
        states: Collection[VolumeState] = ("ACTIVE",),
        timeout: float = 1200,
        just_created: bool = False,
        on_look: OnLook[Volume] | None = None,
    ) -> Volume:
        """Wait until a volume is in one of `states`, at most `timeout` seconds, and return it.

        API: GetVolume
        Raises: WaitFailed if it is FAILED; WaitTimeout; NotFound (not in the first minute if `just_created`).
        """
        return await self._wait_for(
            "volume",
            volume_id,
            lambda: self.get_volume(project_id, volume_id),
            states,
            timeout=timeout,
            just_created=just_created,
            on_look=on_look,
        )

    @api_function
    async def wait_for_volume_deleted(
        self: Volumes[AsyncSession],
        project_id: str,
        volume_id: str,
        *,
        timeout: float = 1200,
        on_look: OnLook[Volume] | None = None,
    ) -> None:
        """Wait until a volume is no more, at most `timeout` seconds.

        API: GetVolume
        Raises: WaitTimeout.
        """
        await self._wait_until_gone(
            "volume",
            volume_id,
            lambda: self.get_volume(project_id, volume_id),
            timeout=timeout,
            on_look=on_look,
        )


def _offer(price: VolumePrice) -> tuple[str | None, str | None]:
    return price.data_center_id, price.commitment_term
