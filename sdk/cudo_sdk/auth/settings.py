"""What a login needs to know: where the API is, who vouches for people, and where tokens are kept."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from cudo_sdk.auth.origin import Origin
from cudo_sdk.errors import AuthConfigError

# `offline_access` is what a provider gives a refresh token for.
DEFAULT_SCOPES = ("openid", "offline_access", "profile", "email")


class Settings(BaseModel):
    """Endpoints and client configuration of one login, as a context holds them.

    `issuer` is compared character by character with what the provider says of itself. Without an issuer the
    login is an API key. `store` names where the credential is kept (file, memory, keyring, command ...), and
    `store_options` is what that store wants to know. `ca_bundle` is a PEM file that is trusted besides the
    system's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    context: str
    api_url: str
    issuer: str = ""
    client_id: str = ""
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    audience: str = ""
    ca_bundle: str = ""
    store: str = "file"
    store_options: dict[str, Any] = {}

    @field_validator("scopes", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @property
    def uses_issuer(self) -> bool:
        """Whether people log in at an OpenID provider; else by an API key."""
        return bool(self.issuer and self.client_id)

    @property
    def api_origin(self) -> str:
        """Scheme, host and port of the API: the only place that the credential may be sent to."""
        return str(Origin.of(self.api_url))

    @property
    def scope(self) -> str:
        """The scopes as OAuth writes them."""
        return " ".join(self.scopes)

    @property
    def record_name(self) -> str:
        """What the record of this login is called: another client, scope or API has another record."""
        parts = (self.issuer, self.client_id, self.audience, self.scope, self.api_origin)
        digest = sha256("|".join(parts).encode()).hexdigest()[:16]
        return f"{self.context}-{digest}"


def settings_from(values: dict[str, Any]) -> Settings:
    """Check what somebody wrote into a configuration. Raises AuthConfigError without repeating values."""
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
        raise AuthConfigError(f"the context cannot be used; look at: {wrong}") from None
