"""Object storage: buckets, and the users and keys that open them through S3."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator
from cudo_sdk.models import IntText, Items, Model, Money, Secret, Time
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


class ObjectStorageBucket(Model):
    """A bucket; sizes are bytes, the price is per GiB and hour. Buckets are created through S3."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    endpoint: str | None = None
    object_count: IntText = None
    size_bytes: IntText = None
    billable_bytes: IntText = None
    storage_gib_price_hr: Money = None


class ObjectStorageKey(Model):
    """A pair of S3 keys."""

    access_key: str | None = None
    secret_key: Secret = None


class ObjectStorageUser(Model):
    """A user of the buckets in one data center."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    keys: Items[ObjectStorageKey] = []
    create_by: str | None = None
    create_time: Time = None


class GetObjectStorageSessionKeyResponse(Model):
    """S3 credentials that are valid for a while."""

    access_key: str | None = None
    secret_key: Secret = None
    session_token: Secret = None
    session_name: str | None = None
    endpoint: str | None = None


def _place(thing: ObjectStorageBucket | ObjectStorageUser) -> tuple[str | None, str | None]:
    """Ids are unique in one data center only."""
    return thing.data_center_id, thing.id


class ObjectStorage(BaseFunction[S]):
    """Object storage: `session.object_storage`."""

    @api_iterator
    async def search_object_storage_buckets(
        self: ObjectStorage[AsyncSession], project_id: str
    ) -> AsyncGenerator[ObjectStorageBucket, None]:
        """Iterate over the buckets of a project, page by page.

        API: ListObjectStorageBuckets
        Raises: NotFound if there is no such project.
        """
        where = path("/v1/projects/{}/object-storage/buckets", project_id)
        request = Request("ListObjectStorageBuckets", "GET", where)
        async for bucket in self._pages(request, ObjectStorageBucket, "buckets", "page", _place):
            yield bucket

    @api_function
    async def list_object_storage_buckets(
        self: ObjectStorage[AsyncSession], project_id: str
    ) -> list[ObjectStorageBucket]:
        """All buckets of a project.

        API: ListObjectStorageBuckets
        Raises: NotFound if there is no such project.
        """
        return [bucket async for bucket in self.search_object_storage_buckets(project_id)]

    @api_function
    async def get_object_storage_bucket(
        self: ObjectStorage[AsyncSession], project_id: str, data_center_id: str, bucket_id: str
    ) -> ObjectStorageBucket:
        """One bucket.

        API: GetObjectStorageBucket
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/object-storage/buckets/{}/{}", project_id, data_center_id, bucket_id)
        return await self._model(Request("GetObjectStorageBucket", "GET", where), ObjectStorageBucket)

    @api_function
    async def get_object_storage_session_key(
        self: ObjectStorage[AsyncSession], project_id: str, data_center_id: str
    ) -> GetObjectStorageSessionKeyResponse:
        """Hand out fresh S3 credentials for a while. Keep them secret.

        API: GetObjectStorageSessionKey
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/object-storage/session-key/{}", project_id, data_center_id)
        # A GET that makes credentials each time: never repeated, never cached.
        request = Request("GetObjectStorageSessionKey", "GET", where, repeat="never")
        return await self._model(request, GetObjectStorageSessionKeyResponse)

    @api_iterator
    async def search_object_storage_users(
        self: ObjectStorage[AsyncSession], project_id: str
    ) -> AsyncGenerator[ObjectStorageUser, None]:
        """Iterate over the users of a project's buckets, page by page.

        API: ListObjectStorageUsers
        Raises: NotFound if there is no such project.
        """
        where = path("/v1/projects/{}/object-storage/users", project_id)
        request = Request("ListObjectStorageUsers", "GET", where)
        async for user in self._pages(request, ObjectStorageUser, "users", "page", _place):
            yield user

    @api_function
    async def list_object_storage_users(
        self: ObjectStorage[AsyncSession], project_id: str
    ) -> list[ObjectStorageUser]:
        """All users of a project's buckets.

        API: ListObjectStorageUsers
        Raises: NotFound if there is no such project.
        """
        return [user async for user in self.search_object_storage_users(project_id)]

    @api_function
    async def get_object_storage_user(
        self: ObjectStorage[AsyncSession], project_id: str, data_center_id: str, user_id: str
    ) -> ObjectStorageUser:
        """One user of the buckets in a data center.

        API: GetObjectStorageUser
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/object-storage/users/{}/{}", project_id, data_center_id, user_id)
        return await self._model(Request("GetObjectStorageUser", "GET", where), ObjectStorageUser)

    @api_function
    async def create_object_storage_user(
        self: ObjectStorage[AsyncSession], project_id: str, data_center_id: str, user_id: str
    ) -> ObjectStorageUser:
        """Create a user for the buckets in a data center.

        If the answer is lost, the user is looked up by its id, and the request is never sent twice.

        API: CreateObjectStorageUser
        Raises: AlreadyExists; InvalidArgument; NotFound for the data center.
        """
        where = path("/v1/projects/{}/object-storage/users/{}", project_id, data_center_id)
        return await self._create(
            Request("CreateObjectStorageUser", "POST", where, body={"id": user_id}),
            ObjectStorageUser,
            lambda: self.get_object_storage_user(project_id, data_center_id, user_id),
            lambda _: True,
        )

    @api_function
    async def delete_object_storage_user(
        self: ObjectStorage[AsyncSession], project_id: str, data_center_id: str, user_id: str
    ) -> None:
        """Delete a user of the buckets in a data center, with its keys.

        API: DeleteObjectStorageUser
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/object-storage/users/{}/{}", project_id, data_center_id, user_id)
        await self._transport.send(Request("DeleteObjectStorageUser", "DELETE", where))

    @api_function
    async def create_object_storage_key(
        self: ObjectStorage[AsyncSession], project_id: str, data_center_id: str, user_id: str
    ) -> ObjectStorageKey:
        """Give a user one more pair of S3 keys. The secret one is shown only here; never repeated.

        API: GenerateObjectStorageKey
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/object-storage/users/{}/{}", project_id, data_center_id, user_id)
        return await self._model(Request("GenerateObjectStorageKey", "POST", where), ObjectStorageKey)

    @api_function
    async def delete_object_storage_key(
        self: ObjectStorage[AsyncSession],
        project_id: str,
        data_center_id: str,
        user_id: str,
        access_key: str,
    ) -> None:
        """Delete a pair of S3 keys, named by its access key.

        API: DeleteObjectStorageKey
        Raises: NotFound.
        """
        where = path(
            "/v1/projects/{}/object-storage/users/{}/{}/keys/{}",
            project_id,
            data_center_id,
            user_id,
            access_key,
        )
        await self._transport.send(Request("DeleteObjectStorageKey", "DELETE", where))
