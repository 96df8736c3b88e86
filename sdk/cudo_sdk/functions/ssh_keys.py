"""SSH keys: those of the user, and those of everybody in a project."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator
from cudo_sdk.models import Model, Time
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


class SSHKey(Model):
    """A public SSH key; `type`, `comment` and `fingerprint` are read from it by the API."""

    id: str | None = None
    type: str | None = None
    public_key: str | None = None
    fingerprint: str | None = None
    comment: str | None = None
    create_time: Time = None


class SSHKeys(BaseFunction[S]):
    """SSH keys: `session.ssh_keys`."""

    @api_iterator
    async def search_ssh_keys(self: SSHKeys[AsyncSession]) -> AsyncGenerator[SSHKey, None]:
        """Iterate over the user's own SSH keys, page by page.

        API: ListSshKeys
        Raises: Unauthenticated.
        """
        request = Request("ListSshKeys", "GET", path("/v1/ssh-keys"))
        async for key in self._pages(request, SSHKey, "sshKeys", "page"):
            yield key

    @api_function
    async def list_ssh_keys(self: SSHKeys[AsyncSession]) -> list[SSHKey]:
        """All SSH keys of the user.

        API: ListSshKeys
        Raises: Unauthenticated.
        """
        return [key async for key in self.search_ssh_keys()]

    @api_function
    async def get_ssh_key(self: SSHKeys[AsyncSession], ssh_key_id: str) -> SSHKey:
        """One SSH key of the user.

        API: GetSshKey
        Raises: NotFound.
        """
        return await self._model(Request("GetSshKey", "GET", path("/v1/ssh-keys/{}", ssh_key_id)), SSHKey)

    @api_function
    async def create_ssh_key(self: SSHKeys[AsyncSession], public_key: str) -> SSHKey:
        """Add an SSH key: one line as in `id_ed25519.pub`. The API chooses the id.

        If the answer is lost, the key is looked for among the user's keys, and the request is never sent
        twice.

        API: CreateSshKey
        Raises: AlreadyExists if the user has that key; InvalidArgument.
        """

        async def look() -> SSHKey | None:
            async for key in self.search_ssh_keys():
                if _material(key.public_key) == _material(public_key):
                    return key
            return None

        request = Request("CreateSshKey", "POST", path("/v1/ssh-keys"), body={"publicKey": public_key})
        return await self._create(request, SSHKey, look, lambda _: True)

    @api_function
    async def delete_ssh_key(self: SSHKeys[AsyncSession], ssh_key_id: str) -> None:
        """Delete an SSH key of the user. Machines that have it keep it.

        API: DeleteSshKey
        Raises: NotFound.
        """
        await self._transport.send(Request("DeleteSshKey", "DELETE", path("/v1/ssh-keys/{}", ssh_key_id)))

    @api_iterator
    async def search_project_ssh_keys(
        self: SSHKeys[AsyncSession], project_id: str
    ) -> AsyncGenerator[SSHKey, None]:
        """Iterate over the SSH keys of everybody in a project.

        API: ListProjectSshKeys
        Raises: NotFound if there is no such project.
        """
        request = Request("ListProjectSshKeys", "GET", path("/v1/project/{}/ssh-keys", project_id))
        async for key in self._each(request, SSHKey, "sshKeys"):
            yield key

    @api_function
    async def list_project_ssh_keys(self: SSHKeys[AsyncSession], project_id: str) -> list[SSHKey]:
        """All SSH keys of everybody in a project.

        API: ListProjectSshKeys
        Raises: NotFound if there is no such project.
        """
        return [key async for key in self.search_project_ssh_keys(project_id)]


def _material(public_key: str | None) -> list[str]:
    """Type and key without the comment, which does not make another key."""
    return (public_key or "").split()[:2]
