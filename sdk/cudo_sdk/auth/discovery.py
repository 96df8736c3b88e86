"""What a provider says of itself, and which addresses are fit to be used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cudo_sdk.auth.login_server import host_of
from cudo_sdk.auth.origin import Origin
from cudo_sdk.auth.settings import Settings
from cudo_sdk.errors import AuthConfigError, ConfigError

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LARGEST = 256 * 1024  # bytes of a discovery document
_LONGEST = 2048  # characters of a URL
# Of the raw text: parsers drop control characters, and disagree about backslashes. No userinfo, no fragment.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?P<port>:[0-9]{1,5})?"
    r"(?:[/?][A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]*)?"
)


@dataclass(frozen=True, slots=True)
class Document:
    """The endpoints of a provider, each fit to be used. `revocation_endpoint` is empty if it has none."""

    token_endpoint: str
    device_authorization_endpoint: str
    jwks_uri: str
    revocation_endpoint: str
    id_token_algorithms: tuple[str, ...]

    @property
    def token_host(self) -> str:
        """Host and port that refresh tokens are sent to, and to no other."""
        return host_of(self.token_endpoint)


def is_fit(url: object) -> bool:
    """Whether a URL may be fetched or shown: https, or http on this machine, and nothing odd in it."""
    if not isinstance(url, str) or len(url) > _LONGEST:
        return False
    found = _URL.fullmatch(url)
    if found is None or int((found["port"] or ":443")[1:]) > 65535:  # noqa: PLR2004  # the last port
        return False
    return found["scheme"] == "https" or _is_loopback(url)


def document_url(settings: Settings) -> str:
    """Where the provider of a login describes itself. Raises AuthConfigError for an unfit issuer."""
    if not settings.uses_issuer:
        raise AuthConfigError(f"the context {settings.context} has no issuer and client_id to log in with")
    if not is_fit(settings.issuer) or "?" in settings.issuer:
        raise AuthConfigError(f"the issuer of context {settings.context} must look like https://host")
    return settings.issuer.rstrip("/") + "/.well-known/openid-configuration"


def document_from(values: Mapping[str, Any], settings: Settings) -> Document:
    """Check what a provider says of itself. Raises AuthConfigError."""
    host = host_of(settings.issuer)
    if values.get("issuer") != settings.issuer:
        raise AuthConfigError(
            f"the login server {host} goes by another name than the issuer of context {settings.context}:"
            " they must be equal to the last character"
        )
    _check_lists(values, host)
    return Document(
        token_endpoint=_endpoint(values, "token_endpoint", settings),
        device_authorization_endpoint=_endpoint(values, "device_authorization_endpoint", settings),
        jwks_uri=_endpoint(values, "jwks_uri", settings),
        revocation_endpoint=_endpoint(values, "revocation_endpoint", settings)
        if values.get("revocation_endpoint")
        else "",
        id_token_algorithms=_names(values.get("id_token_signing_alg_values_supported", ["RS256"])),
    )


def _check_lists(values: Mapping[str, Any], host: str) -> None:
    needed = (
        ("grant_types_supported", DEVICE_GRANT, "the device login"),
        ("token_endpoint_auth_methods_supported", "none", "clients without a secret"),
    )
    for field, name, what in needed:
        if field in values and name not in _names(values[field]):
            raise AuthConfigError(f"the login server {host} does not offer {what} ({field})")


def _endpoint(values: Mapping[str, Any], field: str, settings: Settings) -> str:
    url, host = values.get(field), host_of(settings.issuer)
    if not url:
        raise AuthConfigError(f"the login server {host} has no {field}")
    is_ours = _is_loopback(settings.issuer)
    if not isinstance(url, str) or not is_fit(url) or (_is_loopback(url) and not is_ours):
        raise AuthConfigError(f"the login server {host} names a {field} that is not safe to use")
    return url


def _is_loopback(url: str) -> bool:
    try:
        return Origin.of(url.partition("?")[0]).is_loopback
    except ConfigError:
        return False


def _names(values: object) -> tuple[str, ...]:
    return tuple(each for each in values if isinstance(each, str)) if isinstance(values, list) else ()
