"""Logging in and out: what changes the stored login, under its lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cudo_sdk.auth.credentials import APIKey
from cudo_sdk.auth.device import DeviceCode
from cudo_sdk.auth.login_server import host_of
from cudo_sdk.auth.provider import Provider
from cudo_sdk.auth.tokens import Record, StoredKey, TokenSet
from cudo_sdk.clock import Clock
from cudo_sdk.errors import LoginRequired

if TYPE_CHECKING:
    from cudo_sdk.auth.vault import Vault


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """What a logout did. `host` is who gave out the credential.

    `failure` is empty if the tokens were revoked there, else why they could not be. An API key is never
    revoked: it is only forgotten here.
    """

    was_logged_in: bool
    host: str
    failure: str = ""
    is_key: bool = False


def log_in(vault: Vault, provider: Provider, show: Callable[[DeviceCode], None]) -> TokenSet:
    """Run the device flow, store its tokens, and revoke those of another person that they replace.

    `show` tells a person where to go. Raises LoginRequired (refused, too late), TransientAuth,
    AuthConfigError, and what the store raises.
    """
    _stored(vault)  # a store that cannot be used is found before anybody approves
    code = provider.begin_device()
    show(code)
    tokens = provider.await_approval(code)
    with vault.lock():
        old = _stored(vault)
        vault.write(tokens)
    # Of the same person they may be one grant: providers revoke it as a whole, the new tokens included.
    if isinstance(old, TokenSet) and old.persona.sub != tokens.persona.sub:
        provider.revoke(old)
    return tokens


def keep_key(vault: Vault, api_key: str, clock: Clock) -> None:
    """Store an API key. Raises ConfigError for what cannot be one, and what the store raises."""
    key = APIKey(api_key, "the login").value
    record = StoredKey(
        api_key=SecretStr(key), api_origin=vault.settings.api_origin, obtained_at=clock.now().timestamp()
    )
    with vault.lock():
        vault.write(record)


def log_out(vault: Vault, provider: Provider | None) -> LoggedOut:
    """Revoke the stored tokens, if that can be done, and forget them in any case.

    Raises TransientAuth if the lock is not to be had, AuthConfigError for a record of a newer version.
    """
    with vault.lock():
        record = _stored(vault)
        try:
            return _revoked(record, vault, provider)
        finally:
            vault.delete()


def _revoked(record: Record | None, vault: Vault, provider: Provider | None) -> LoggedOut:
    if isinstance(record, StoredKey):
        return LoggedOut(was_logged_in=True, host=host_of(record.api_origin), is_key=True)
    host = host_of(vault.settings.issuer or vault.settings.api_origin)
    if record is None:
        return LoggedOut(was_logged_in=False, host=host)
    failure = provider.revoke(record) if provider else "no login server is configured"
    return LoggedOut(was_logged_in=True, host=host, failure=failure)


def _stored(vault: Vault) -> Record | None:
    """The record; None also for one that cannot be read: it is going to be replaced or deleted."""
    try:
        return vault.read()
    except LoginRequired:
        return None
