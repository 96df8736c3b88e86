"""Who is calling: where the credential comes from, and where it may go. The only part that touches files.

    from cudo_sdk import Session
    from cudo_sdk.auth import Provider, Settings, TokenSource, open_vault

    settings = Settings(context="dev", api_url=..., issuer=..., client_id=...)
    source = TokenSource(open_vault(settings, state_dir), Provider(settings))
    with Session(credential=source) as session: ...

Names are loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cudo_sdk._lazy import loader

if TYPE_CHECKING:
    from cudo_sdk.auth.credentials import APIKey, Credential
    from cudo_sdk.auth.device import DeviceCode
    from cudo_sdk.auth.grant import InvalidGrant
    from cudo_sdk.auth.login import LoggedOut, keep_key, log_in, log_out
    from cudo_sdk.auth.provider import Provider
    from cudo_sdk.auth.refresh import TokenSource
    from cudo_sdk.auth.settings import Settings
    from cudo_sdk.auth.store import CredentialStore
    from cudo_sdk.auth.tokens import Persona, StoredKey, TokenSet
    from cudo_sdk.auth.vault import Vault, open_vault

__all__ = [
    "APIKey",
    "Credential",
    "CredentialStore",
    "DeviceCode",
    "InvalidGrant",
    "LoggedOut",
    "Persona",
    "Provider",
    "Settings",
    "StoredKey",
    "TokenSet",
    "TokenSource",
    "Vault",
    "keep_key",
    "log_in",
    "log_out",
    "open_vault",
]

_HOMES = {
    "APIKey": "credentials",
    "Credential": "credentials",
    "CredentialStore": "store",
    "DeviceCode": "device",
    "InvalidGrant": "grant",
    "LoggedOut": "login",
    "Persona": "tokens",
    "Provider": "provider",
    "Settings": "settings",
    "StoredKey": "tokens",
    "TokenSet": "tokens",
    "TokenSource": "refresh",
    "Vault": "vault",
    "keep_key": "login",
    "log_in": "login",
    "log_out": "login",
    "open_vault": "vault",
}

__getattr__ = loader(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
