"""Who logged in: the provider's ID token, verified."""

from __future__ import annotations

import json
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeGuard

from cudo_sdk.auth.login_server import host_of
from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.tokens import Persona
from cudo_sdk.errors import AuthConfigError

if TYPE_CHECKING:
    from joserfc.jwk import Key, KeySet

# Signatures by a key pair alone: with HS256 the public key could be used as the secret.
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_LEEWAY = 60.0  # seconds that two clocks may differ
_LONGEST = 200  # characters of a claim
_YEAR_5138 = 1e11  # seconds since 1970; keeps NaN, infinity and numbers without end out


class UnknownKey(Exception):  # noqa: N818  # not an error yet: the keys are fetched again
    """The token was signed by a key that is not among the known ones."""


def verified(
    token: object, jwks: Mapping[str, Any], algorithms: tuple[str, ...], settings: Settings, now: datetime
) -> Persona:
    """The person of an ID token after a login.

    Raises UnknownKey where the provider may have new keys, and AuthConfigError for a token that is not to be
    trusted. `algorithms` are those that the provider advertises.
    """
    claims = _signed_claims(token, jwks, [name for name in _ALGORITHMS if name in algorithms])
    problem = claims if isinstance(claims, str) else claims_problem(claims, settings, now.timestamp())
    if problem or isinstance(claims, str):
        raise AuthConfigError(f"the ID token of {host_of(settings.issuer)} cannot be trusted: {problem}")
    return Persona(sub=claims["sub"], name=_text(claims, "name"), email=_text(claims, "email"))


def claims_problem(claims: Mapping[str, Any], settings: Settings, now: float) -> str:
    """Why the claims of an ID token are not acceptable; empty if they are. `now`: seconds since 1970."""
    if problem := _audience_problem(claims, settings):
        return problem
    if not _text(claims, "sub"):
        return "it does not say who logged in (sub)"
    expires, issued = claims.get("exp"), claims.get("iat")
    if not _is_time(expires) or not _is_time(issued):
        return "it has no valid times (exp, iat)"
    if now > expires + _LEEWAY:
        return "it has expired (exp)"
    return "it is from the future (iat)" if issued > now + _LEEWAY else ""


def _audience_problem(claims: Mapping[str, Any], settings: Settings) -> str:
    if claims.get("iss") != settings.issuer:
        return "it is from another issuer (iss)"
    audience = claims.get("aud")
    names = audience if isinstance(audience, list) else [audience]
    if settings.client_id not in names:
        return "it is for another client (aud)"
    if (len(names) > 1 or "azp" in claims) and claims.get("azp") != settings.client_id:
        return "it was given to another client (azp)"
    return ""


def is_same_person(token: object, sub: str, settings: Settings) -> bool:
    """Whether the ID token of a renewal is for the person who logged in.

    `sub` is empty where nobody knows who that was. The signature is not checked: the token came from the
    provider itself, over TLS.
    """
    claims = _claims(token)
    return not _audience_problem(claims, settings) and sub in {"", claims.get("sub")}


def clock_hint(date: datetime | None, now: datetime) -> str:
    """By how much the clock here differs from the provider's, if that is what may be wrong."""
    off = abs((now - date).total_seconds()) if date else 0.0
    return f"; your clock is off by about {off:.0f} s" if off > _LEEWAY / 2 else ""


def _signed_claims(token: object, jwks: Mapping[str, Any], algorithms: list[str]) -> Mapping[str, Any] | str:
    """The claims of a token with a good signature, else what is wrong."""
    from joserfc import jws
    from joserfc.errors import InvalidKeyIdError, JoseError

    if not isinstance(token, str):
        return "there is none (is 'openid' among the scopes?)"
    if not algorithms:  # an empty list would mean any to the library
        return "the provider offers no algorithm that is safe"
    registry = jws.JWSRegistry(algorithms=algorithms, strict_check_header=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # EdDSA has a new name since RFC 9864
            jws.deserialize_compact(token, _keys(jwks), registry=registry)
    except InvalidKeyIdError:
        raise UnknownKey from None
    except (JoseError, ValueError, TypeError, RecursionError):
        return "its signature is not valid"
    return _claims(token)


def _keys(jwks: Mapping[str, Any]) -> KeySet:
    """The usable public keys; one that is odd does not spoil the others."""
    from joserfc.jwk import KeySet

    offered = jwks.get("keys")
    found = [_key(each) for each in offered] if isinstance(offered, list) else []
    return KeySet([key for key in found if key is not None])


def _key(values: object) -> Key | None:
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    try:
        return import_key(values) if isinstance(values, dict) else None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _claims(token: object) -> Mapping[str, Any]:
    """What a token says, unverified; empty if it cannot be read."""
    parts = token.split(".") if isinstance(token, str) else []
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=="))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST else ""


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _YEAR_5138
