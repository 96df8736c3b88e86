"""API keys: what programs prove themselves with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator
from cudo_sdk.models import Model, Secret, Time
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


class APIKey(Model):
    """An API key. `key` is the secret itself, which only create_api_key returns."""

    id: str | None = None
    key: Secret = None
    create_time: Time = None


class APIKeys(BaseFunction[S]):
    """API keys: `session.api_keys`."""

    @api_iterator
    async def search_api_keys(self: APIKeys[AsyncSession]) -> AsyncGenerator[APIKey, None]:
        """Iterate over the user's API keys, page by page.

        API: ListApiKeys
        Raises: Unauthenticated.
        """
        request = Request("ListApiKeys", "GET", path("/v1/api-keys"))
        async for key in self._pages(request, APIKey, "apiKeys", "page"):
            yield key

    @api_function
    async def list_api_keys(self: APIKeys[AsyncSession]) -> list[APIKey]:
        """All API keys of the user.

        API: ListApiKeys
        Raises: Unauthenticated.
        """
        return [key async for key in self.search_api_keys()]

    @api_function
    async def create_api_key(self: APIKeys[AsyncSession], api_key_id: str) -> APIKey:
        """Make an API key with an id of 4 to 63 small letters, digits and hyphens.

        The secret is shown only here; never repeated, so a lost answer means a key to delete.

        API: GenerateApiKey
        Raises: AlreadyExists; InvalidArgument.
        """
        body = {"apikeyId": api_key_id}
        return await self._model(Request("GenerateApiKey", "POST", path("/v1/api-keys"), body=body), APIKey)

    @api_function
    async def delete_api_key(self: APIKeys[AsyncSession], api_key_id: str) -> None:
        """Delete an API key; what uses it is refused from then on.

        API: DeleteApiKey
        Raises: NotFound.
        """
        await self._transport.send(Request("DeleteApiKey", "DELETE", path("/v1/api-keys/{}", api_key_id)))
