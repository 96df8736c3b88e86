"""What the answer of a token endpoint means: tokens, or which error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from cudo_sdk.auth.discovery import Document
from cudo_sdk.auth.login_server import Reply, host_of
from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.tokens import Persona, TokenSet, lifetime_of
from cudo_sdk.errors import AuthConfigError, AuthError, LoginRequired, TransientAuth
from cudo_sdk.redaction import guard

_LONGEST = 8192  # characters of a token, and of a list of scopes
# Codes by which a server says that the client is set up wrongly; trying again does not help.
_SETUP = {
    "invalid_client": "client_id",
    "unauthorized_client": "client_id",
    "invalid_scope": "scopes",
    "invalid_target": "audience",
    "unsupported_grant_type": "client_id",
    "invalid_request": "client_id, scopes and audience",
}


class InvalidGrant(LoginRequired):
    """The provider says that the refresh token is worth nothing any more: the only end of a login."""


def refusal(reply: Reply, settings: Settings) -> AuthError:
    """The error that an answer without tokens means. No text of the server is repeated."""
    host = host_of(settings.issuer)
    if reply.is_outage:
        return TransientAuth(f"the login server {host} is out of order (HTTP {reply.status})")
    if reply.values is None:
        return TransientAuth(f"the login server {host} did not answer in JSON (HTTP {reply.status})")
    if reply.error == "invalid_grant":
        return InvalidGrant("the login has expired")
    if reply.error in _SETUP:
        return AuthConfigError(
            f"the login server {host} refuses this client ({reply.error}):"
            f" look at {_SETUP[reply.error]} of context {settings.context}"
        )
    return TransientAuth(f"the login server {host} refused without a known reason (HTTP {reply.status})")


def tokens_from(
    reply: Reply, settings: Settings, document: Document, persona: Persona, sent_at: float
) -> TokenSet:
    """The tokens of an answer. `sent_at`: seconds since 1970. Raises TransientAuth for what is none."""
    values = reply.values or {}
    access, refresh = values.get("access_token"), values.get("refresh_token")
    kind = values.get("token_type", "Bearer")
    if not is_token(access) or not (refresh is None or is_token(refresh)) or not _is_bearer(kind):
        raise TransientAuth(f"the login server {host_of(settings.issuer)} answered without a usable token")
    lifetime = lifetime_of(values.get("expires_in"))
    return TokenSet(
        access_token=_secret(access),
        refresh_token=_secret(refresh) if refresh else None,
        expires_at=sent_at + lifetime,
        obtained_at=sent_at,
        lifetime=lifetime,
        scope=_scope(values) or settings.scope,
        issuer=settings.issuer,
        client_id=settings.client_id,
        api_origin=settings.api_origin,
        token_host=document.token_host,
        persona=persona,
    )


def is_token(value: object) -> bool:
    """Whether this can be a secret of OAuth: visible ASCII, and not endless."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )


def _is_bearer(kind: object) -> bool:
    return isinstance(kind, str) and kind.lower() == "bearer"


def _secret(token: Any) -> SecretStr:
    guard(token)
    return SecretStr(token)


def _scope(values: Mapping[str, Any]) -> str:
    scope = values.get("scope")
    return scope[:_LONGEST] if isinstance(scope, str) else ""
