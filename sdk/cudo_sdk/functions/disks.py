"""Disks: storage that outlives the VM it is attached to, and the boot disks of VMs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.models import Model, Nothing, Time
from cudo_sdk.request import Request, path
from cudo_sdk.waiting import OnLook
from cudo_sdk.watching import Change

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

DiskState = (
    Literal[
        "UNKNOWN",
        "ATTACHED",
        "CLONING",
        "CREATING",
        "DELETING",
        "DISABLED",
        "FAILED",
        "READY",
        "UPDATING",
    ]
    | str
)
DiskType = Literal["DISK_TYPE_UNKNOWN", "DISK_TYPE_BOOT", "DISK_TYPE_STORAGE"] | str


class Disk(Model):
    """A disk; sizes are GiB. `vm_id` is the VM that it is attached to."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    size_gib: int | None = None
    state: DiskState | None = Field(None, alias="diskState")
    disk_type: DiskType | None = None
    vm_id: str | None = None
    public_image_id: str | None = None
    private_image_id: str | None = None
    create_time: Time = None


class Disks(BaseFunction[S]):
    """Disks: `session.disks`."""

    @api_iterator
    async def search_disks(
        self: Disks[AsyncSession], project_id: str, *, data_center_id: str | None = None
    ) -> AsyncGenerator[Disk, None]:
        """Iterate over the disks of a project, boot disks included, page by page.

        API: ListDisks
        Raises: NotFound if there is no such project.
        """
        where = path("/v1/projects/{}/disks", project_id)
        request = Request("ListDisks", "GET", where, {"dataCenterId": data_center_id})
        async for disk in self._pages(request, Disk, "disks", "page"):
            yield disk

    @api_function
    async def list_disks(
        self: Disks[AsyncSession], project_id: str, *, data_center_id: str | None = None
    ) -> list[Disk]:
        """All disks of a project; see search_disks.

        API: ListDisks
        Raises: NotFound if there is no such project.
        """
        return [disk async for disk in self.search_disks(project_id, data_center_id=data_center_id)]

    @api_iterator
    async def watch_disks(
        self: Disks[AsyncSession], project_id: str, *, interval: float = 10.0
    ) -> AsyncGenerator[Change[Disk], None]:
        """What changes among the disks of a project, looked at every `interval` seconds.

        It has no end of its own; a break ends it. At first every one of them is "added".

        API: ListDisks
        Raises: NotFound if there is no such project; ConfigError for an interval under a second.
        """
        async for change in self._watch(lambda: self.list_disks(project_id), interval):
            yield change

    @api_function
    async def get_disk(self: Disks[AsyncSession], project_id: str, disk_id: str) -> Disk:
        """One disk. For a moment after its creation it may be NotFound.

        API: GetDisk
        Raises: NotFound.
        """
        request = Request("GetDisk", "GET", path("/v1/projects/{}/disks/{}", project_id, disk_id))
        return await self._model(request, Disk, "disk")

    @api_function
    async def create_disk(
        self: Disks[AsyncSession], project_id: str, disk_id: str, data_center_id: str, size_gib: int
    ) -> None:
        """Create a storage disk of `size_gib` GiB; it is CREATING, then READY, see wait_for_disk.

        The API replies with nothing. If the answer is lost, the disk is looked up by its id, and the request
        is never sent twice.

        API: CreateStorageDisk
        Raises: AlreadyExists; InvalidArgument; ResourceExhausted for a quota.
        """
        body = {"id": disk_id, "dataCenterId": data_center_id, "sizeGib": size_gib}
        request = Request("CreateStorageDisk", "POST", path("/v1/projects/{}/disks", project_id), body=body)

        def is_same(disk: Disk) -> bool:
            return same(disk, data_center_id=data_center_id, size_gib=size_gib)

        await self._create(request, Nothing, lambda: self.get_disk(project_id, disk_id), is_same)

    @api_function
    async def delete_disk(self: Disks[AsyncSession], project_id: str, disk_id: str) -> None:
        """Delete a detached disk and what is on it, for good.

        API: DeleteStorageDisk
        Raises: NotFound; FailedPrecondition if it is attached.
        """
        where = path("/v1/projects/{}/disks/{}", project_id, disk_id)
        await self._transport.send(Request("DeleteStorageDisk", "DELETE", where))

    @api_function
    async def attach_disk_to_vm(self: Disks[AsyncSession], project_id: str, disk_id: str, vm_id: str) -> None:
        """Attach a READY disk to a VM of the same data center.

        API: AttachStorageDisk
        Raises: NotFound; FailedPrecondition if the disk is not READY or is elsewhere.
        """

        async def is_done() -> bool:
            return (await self.get_disk(project_id, disk_id)).vm_id == vm_id

        where = path("/v1/projects/{}/disk/{}/attach", project_id, disk_id)
        await self._change(Request("AttachStorageDisk", "PATCH", where, {"vmId": vm_id}), is_done)

    @api_function
    async def detach_disk_from_vm(self: Disks[AsyncSession], project_id: str, disk_id: str) -> None:
        """Detach a storage disk from its VM; it keeps its data.

        API: DetachStorageDisk
        Raises: NotFound; FailedPrecondition if it is not attached.
        """

        async def is_done() -> bool:
            return not (await self.get_disk(project_id, disk_id)).vm_id

        where = path("/v1/projects/{}/disk/{}/detach", project_id, disk_id)
        await self._change(Request("DetachStorageDisk", "PUT", where), is_done)

    @api_function
    async def resize_disk(
        self: Disks[AsyncSession], project_id: str, vm_id: str, disk_id: str, size_gib: int
    ) -> None:
        """Grow a disk that is attached to a VM.

        `size_gib` is the new total in GiB; a disk never shrinks.

        API: ResizeVMDisk
        Raises: NotFound; InvalidArgument if the size is not larger than now.
        """
        where = path("/v1/projects/{}/vms/{}/disks", project_id, vm_id)
        query = {"diskId": disk_id, "sizeGib": size_gib}

        async def is_done() -> bool:
            return (await self.get_disk(project_id, disk_id)).size_gib == size_gib

        await self._change(Request("ResizeVMDisk", "PATCH", where, query), is_done)

    @api_function
    async def wait_for_disk(
        self: Disks[AsyncSession],
        project_id: str,
        disk_id: str,
        *,
        states: Collection[DiskState] = ("READY",),
        timeout: float = 1200,
        just_created: bool = False,
        on_look: OnLook[Disk] | None = None,
    ) -> Disk:
        """Wait until a disk is in one of `states`, at most `timeout` seconds, and return it.

        API: GetDisk
        Raises: WaitFailed if it is FAILED; WaitTimeout; NotFound (not in the first minute if `just_created`).
        """
        return await self._wait_for(
            "disk",
            disk_id,
            lambda: self.get_disk(project_id, disk_id),
            states,
            timeout=timeout,
            just_created=just_created,
            on_look=on_look,
        )

    @api_function
    async def wait_for_disk_deleted(
        self: Disks[AsyncSession],
        project_id: str,
        disk_id: str,
        *,
        timeout: float = 1200,
        on_look: OnLook[Disk] | None = None,
    ) -> None:
        """Wait until a disk is no more, at most `timeout` seconds.

        API: GetDisk
        Raises: WaitTimeout.
        """
        await self._wait_until_gone(
            "disk", disk_id, lambda: self.get_disk(project_id, disk_id), timeout=timeout, on_look=on_look
        )
