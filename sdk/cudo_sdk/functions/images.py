"""Images: what boot disks are made from, the platform's and the project's own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from typing import TYPE_CHECKING

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.functions.disks import DiskState
from cudo_sdk.models import Items, Model
from cudo_sdk.request import Request, path
from cudo_sdk.waiting import OnLook
from cudo_sdk.watching import Change

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


class Package(Model):
    """Software that an image brings along."""

    name: str | None = None
    version: str | None = None
    description: str | None = None


class Image(Model):
    """An image of the platform; a boot disk needs at least `size_gib` GiB."""

    id: str | None = None
    name: str | None = None
    display_name: str | None = None
    description: str | None = None
    platform: str | None = None
    size_gib: int | None = None
    installed_packages: Items[Package] = []


class PrivateImage(Model):
    """An image of the project, taken from a VM's boot disk; its size is GiB."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    description: str | None = None
    platform: str | None = None
    size_gib: int | None = None
    state: DiskState | None = None


class Images(BaseFunction[S]):
    """Images: `session.images`."""

    @api_iterator
    async def search_public_images(self: Images[AsyncSession]) -> AsyncGenerator[Image, None]:
        """Iterate over the images of the platform.

        API: ListPublicVMImages
        Raises: Unauthenticated.
        """
        request = Request("ListPublicVMImages", "GET", path("/v1/vms/public-images"))
        async for image in self._each(request, Image, "images"):
            yield image

    @api_function
    async def list_public_images(self: Images[AsyncSession]) -> list[Image]:
        """All images of the platform.

        API: ListPublicVMImages
        Raises: Unauthenticated.
        """
        return [image async for image in self.search_public_images()]

    @api_iterator
    async def search_private_images(
        self: Images[AsyncSession], project_id: str
    ) -> AsyncGenerator[PrivateImage, None]:
        """Iterate over the images of a project, page by page.

        API: ListPrivateVMImages
        Raises: NotFound if there is no such project.
        """
        request = Request("ListPrivateVMImages", "GET", path("/v1/projects/{}/images", project_id))
        async for image in self._pages(request, PrivateImage, "images", "page"):
            yield image

    @api_function
    async def list_private_images(self: Images[AsyncSession], project_id: str) -> list[PrivateImage]:
        """All images of a project.

        API: ListPrivateVMImages
        Raises: NotFound if there is no such project.
        """
        return [image async for image in self.search_private_images(project_id)]

    @api_iterator
    async def watch_private_images(
        self: Images[AsyncSession], project_id: str, *, interval: float = 10.0
    ) -> AsyncGenerator[Change[PrivateImage], None]:
        """What changes among the private images of a project, looked at every `interval` seconds.

        It has no end of its own; a break ends it. At first every one of them is "added".

        API: ListPrivateVMImages
        Raises: NotFound if there is no such project; ConfigError for an interval under a second.
        """
        async for change in self._watch(lambda: self.list_private_images(project_id), interval):
            yield change

    @api_function
    async def get_private_image(
        self: Images[AsyncSession], project_id: str, private_image_id: str
    ) -> PrivateImage:
        """One image of a project.

        API: GetPrivateVMImage
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/images/{}", project_id, private_image_id)
        return await self._model(Request("GetPrivateVMImage", "GET", where), PrivateImage, "image")

    @api_function
    async def create_private_image(
        self: Images[AsyncSession],
        project_id: str,
        private_image_id: str,
        vm_id: str,
        *,
        description: str | None = None,
    ) -> PrivateImage:
        """Take an image of a VM's boot disk; it is CREATING, then READY, see wait_for_private_image.

        If the answer is lost, the image is looked up by its id, and the request is never sent twice.

        API: CreatePrivateVMImage
        Raises: AlreadyExists; NotFound if there is no such VM; FailedPrecondition in a wrong state.
        """
        query = {"vmId": vm_id, "id": private_image_id, "description": description}
        where = path("/v1/projects/{}/images", project_id)

        def is_same(image: PrivateImage) -> bool:
            return same(image, description=description)

        return await self._create(
            Request("CreatePrivateVMImage", "POST", where, query),
            PrivateImage,
            lambda: self.get_private_image(project_id, private_image_id),
            is_same,
            "image",
        )

    @api_function
    async def update_private_image(
        self: Images[AsyncSession], project_id: str, private_image_id: str, description: str
    ) -> None:
        """Give an image another description.

        API: UpdatePrivateVMImage
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/images/{}", project_id, private_image_id)
        query = {"description": description}
        await self._transport.send(Request("UpdatePrivateVMImage", "POST", where, query, repeat="absolute"))

    @api_function
    async def delete_private_image(
        self: Images[AsyncSession], project_id: str, private_image_id: str
    ) -> None:
        """Delete an image for good.

        API: DeletePrivateVMImage
        Raises: NotFound; FailedPrecondition while a disk is made from it.
        """
        where = path("/v1/projects/{}/images/{}", project_id, private_image_id)
        await self._transport.send(Request("DeletePrivateVMImage", "DELETE", where))

    @api_function
    async def wait_for_private_image(
        self: Images[AsyncSession],
        project_id: str,
        private_image_id: str,
        *,
        states: Collection[DiskState] = ("READY",),
        timeout: float = 1200,
        just_created: bool = False,
        on_look: OnLook[PrivateImage] | None = None,
    ) -> PrivateImage:
        """Wait until an image is in one of `states`, at most `timeout` seconds, and return it.

        API: GetPrivateVMImage
        Raises: WaitFailed if it is FAILED; WaitTimeout; NotFound (not in the first minute if `just_created`).
        """
        return await self._wait_for(
            "image",
            private_image_id,
            lambda: self.get_private_image(project_id, private_image_id),
            states,
            timeout=timeout,
            just_created=just_created,
            on_look=on_look,
        )

    @api_function
    async def wait_for_private_image_deleted(
        self: Images[AsyncSession],
        project_id: str,
        private_image_id: str,
        *,
        timeout: float = 1200,
        on_look: OnLook[PrivateImage] | None = None,
    ) -> None:
        """Wait until an image is no more, at most `timeout` seconds.

        API: GetPrivateVMImage
        Raises: WaitTimeout.
        """
        await self._wait_until_gone(
            "image",
            private_image_id,
            lambda: self.get_private_image(project_id, private_image_id),
            timeout=timeout,
            on_look=on_look,
        )
