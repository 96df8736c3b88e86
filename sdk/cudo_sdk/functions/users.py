"""The user whose credential is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cudo_sdk.functions.base import BaseFunction, S, api_function
from cudo_sdk.models import Model
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


class Profile(Model):
    """Who a user is; `picture` is an address."""

    email_address: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    picture: str | None = None


class Users(BaseFunction[S]):
    """The current user: `session.users`."""

    @api_function
    async def get_current_user(self: Users[AsyncSession]) -> Profile:
        """Who the credential belongs to.

        API: Get
        Raises: Unauthenticated.
        """
        return await self._model(Request("Get", "GET", path("/v1/auth")), Profile)

    @api_function
    async def delete_current_user(self: Users[AsyncSession]) -> None:
        """Delete the account of the user that the credential belongs to, for good.

        API: DeleteUser
        Raises: FailedPrecondition while there are resources or open invoices.
        """
        await self._transport.send(Request("DeleteUser", "DELETE", path("/v1/auth")))
