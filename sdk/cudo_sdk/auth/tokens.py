"""What a login yields, how long it lasts, and the only way it is written down."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from cudo_sdk.auth.settings import Settings
from cudo_sdk.errors import AuthConfigError, LoginRequired

VERSION = 1  # of a stored record
_LONGEST, _UNKNOWN = 86_400.0, 300.0  # seconds
_CLOCK_JUMP = 10.0  # seconds that a clock may go back before a token is not trusted


class Secretive(BaseModel):
    """A model whose secrets leave it through `to_store` alone: not by repr, str, errors or pickle."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds secrets and is not pickled or copied")

    def to_store(self) -> dict[str, Any]:
        """The record with its secrets in clear, for a credential store and nobody else."""
        plain = self.model_dump(mode="python")
        return {
            "version": VERSION,
            **{k: v.get_secret_value() if isinstance(v, SecretStr) else v for k, v in plain.items()},
        }


class Persona(BaseModel):
    """Who logged in, as the provider's verified ID token said."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    sub: str
    name: str = ""
    email: str = ""

    def __str__(self) -> str:
        return self.email or self.name or self.sub


class StoredKey(Secretive):
    """An API key that `auth login` has kept. Times are seconds since 1970."""

    kind: Literal["api_key"] = "api_key"
    api_key: SecretStr = Field(repr=False)
    api_origin: str
    obtained_at: float = 0.0


class TokenSet(Secretive):
    """The tokens of one login, and what they are good for.

    `expires_at`, `obtained_at`: seconds since 1970. `lifetime`: seconds. `gen` counts the renewals.
    """

    kind: Literal["tokens"] = "tokens"
    access_token: SecretStr = Field(repr=False)
    refresh_token: SecretStr | None = Field(default=None, repr=False)
    expires_at: float
    obtained_at: float
    lifetime: float
    scope: str = ""
    issuer: str
    client_id: str
    api_origin: str
    token_host: str
    persona: Persona
    gen: int = 0

    @property
    def bearer(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self.access_token.get_secret_value()}"

    @property
    def refresh_hash(self) -> str:
        """Tells one refresh token from another without telling what it is; empty without one."""
        token = self.refresh_token
        return sha256(token.get_secret_value().encode()).hexdigest() if token else ""

    def belongs_to(self, settings: Settings) -> bool:
        """Whether these tokens were made for this issuer, client and API, and for no other."""
        ours = (settings.issuer, settings.client_id, settings.api_origin)
        return (self.issuer, self.client_id, self.api_origin) == ours

    def is_stale(self, now: float, age: float) -> bool:
        """Whether it should be renewed: soon over, or the clock was set back.

        `now`: seconds since 1970. `age`: seconds that this process has had it, by a clock that never jumps.
        """
        margin = _between(0.2 * self.lifetime, 1.0, 60.0)
        clock_went_back = self.expires_at - now > self.lifetime + _CLOCK_JUMP
        return now >= self.expires_at - margin or clock_went_back or age >= self.lifetime

    def is_usable(self, now: float) -> bool:
        """Whether the API still takes it, with some time for the way there."""
        return now < self.expires_at - min(5.0, 0.1 * self.lifetime)


Record = TokenSet | StoredKey


def record_from(values: object) -> Record:
    """Read a stored record.

    Raises LoginRequired for what is no record, AuthConfigError for one of a newer version.
    """
    if isinstance(values, dict) and type(values.get("version")) is int and values["version"] > VERSION:
        raise AuthConfigError("the stored login was written by a newer version of cudo")
    try:
        if not isinstance(values, dict) or values.get("version") != VERSION:
            raise ValueError  # noqa: TRY301  # the same end as a record that does not fit
        kind = StoredKey if values.get("kind") == "api_key" else TokenSet
        return kind.model_validate(values)
    except (ValidationError, ValueError):
        raise LoginRequired("the stored login cannot be read") from None


def record_text(record: Record) -> bytes:
    """The JSON of a record, with its secrets in clear."""
    return json.dumps(record.to_store()).encode()


def lifetime_of(expires_in: object) -> float:
    """Seconds that a token lives, from what a provider says; its word is not trusted to be a number."""
    if isinstance(expires_in, str) and expires_in.isascii() and expires_in.isdecimal():
        expires_in = int(expires_in[:12])
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or expires_in != expires_in:  # noqa: PLR0124  # NaN
        return _UNKNOWN
    return _between(float(min(expires_in, _LONGEST)), 1.0, _LONGEST)


def _between(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))
