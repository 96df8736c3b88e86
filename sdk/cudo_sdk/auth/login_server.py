"""One request to a login server: no redirect is followed, and time and size are limited."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cudo_sdk._http import httpx
from cudo_sdk.auth.origin import Origin
from cudo_sdk.auth.settings import Settings
from cudo_sdk.client import ClientSlot, ssl_context
from cudo_sdk.clock import Clock, http_date
from cudo_sdk.errors import AuthConfigError, ConfigError, TransientAuth

PATIENCE = 20.0  # seconds for a request and its answer
_CONNECT = 5.0  # seconds of these for the connection
_LARGEST = 1024 * 1024  # bytes of an answer
# Without compression the size of an answer is what arrives; 1 MiB could unpack to 1 GiB.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "cudo-sdk"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a login server answered. `values` is None where that is no JSON object of a decent size."""

    status: int
    values: Mapping[str, Any] | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def error(self) -> str:
        """The error code of OAuth; empty without one."""
        error = self.values.get("error") if self.values else None
        return error if isinstance(error, str) else ""

    @property
    def is_outage(self) -> bool:
        """Whether the server is unwell or busy, so that the same request may work later."""
        return self.status >= 500 or self.status == 429  # noqa: PLR2004  # Too Many Requests

    @property
    def date(self) -> datetime | None:
        """The server's time of day, if it tells."""
        return http_date(self.headers.get("date", ""))

    def retry_after(self, now: datetime) -> float:
        """Seconds that the server asks to wait; 0 if it does not ask."""
        text = self.headers.get("retry-after", "")
        if text.isascii() and text.isdigit():
            return float(text[:9])
        date = http_date(text)
        return max(0.0, (date - now).total_seconds()) if date else 0.0


class LoginServer:
    """The provider over HTTP, with a client of our own that carries no credential of anything else."""

    def __init__(self, settings: Settings, clock: Clock, http_client: httpx.Client | None) -> None:
        self.host = host_of(settings.issuer)
        self._clock = clock
        self._slot = ClientSlot(http_client, lambda: _new_client(settings))

    def get(self, url: str, *, largest: int = _LARGEST, patience: float = PATIENCE) -> Reply:
        """Read a document. Raises TransientAuth if there is no answer."""
        return self._send("GET", url, None, largest, patience)

    def post(self, url: str, form: Mapping[str, str], *, patience: float = PATIENCE) -> Reply:
        """Send a form, once. Raises TransientAuth if there is no answer."""
        return self._send("POST", url, form, _LARGEST, patience)

    def close(self) -> None:
        """Close the client, if it is ours."""
        for client in self._slot.take_all():
            client.close()

    def _send(
        self, method: str, url: str, form: Mapping[str, str] | None, largest: int, patience: float
    ) -> Reply:
        limits = httpx.Timeout(patience, connect=min(_CONNECT, patience))
        end = self._clock.time() + patience
        reason = ""
        with self._slot.use() as lease:
            request = lease.client.build_request(method, url, data=form, headers=_HEADERS, timeout=limits)
            try:
                response = lease.client.send(request, auth=None, follow_redirects=False, stream=True)
                try:
                    values = _object(self._body(response, largest, end))
                finally:
                    response.close()
            except httpx.HTTPError as error:
                reason = _reason(error)
            except KeyboardInterrupt:
                self._slot.drop(lease)  # its pool may be locked for ever
                raise
        if reason:  # raised out here, where the error below is not its context: that holds the form
            raise TransientAuth(f"the login server {self.host} cannot be reached: {reason}")
        return Reply(response.status_code, values, response.headers)

    def _body(self, response: httpx.Response, largest: int, end: float) -> bytes:
        """Read the answer; what is too long, too slow, cut off or compressed counts as empty."""
        if response.headers.get("content-encoding", "identity") != "identity":
            return b""
        body = bytearray()
        try:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > largest or self._clock.time() > end:
                    return b""
        except httpx.HTTPError:  # the status has arrived: whether to send again is decided by it alone
            return b""
        return bytes(body)


def host_of(url: str) -> str:
    """Host and port of a URL, for messages and to compare."""
    return re.split("[/?]", url.partition("://")[2], maxsplit=1)[0].lower()


def _new_client(settings: Settings) -> httpx.Client:
    # A proxy from the environment would catch calls to this machine, too.
    return httpx.Client(verify=_trust(settings), trust_env=not Origin.of(settings.issuer).is_loopback)


def _trust(settings: Settings) -> ssl.SSLContext:
    try:
        return ssl_context(settings.ca_bundle)
    except ConfigError as error:
        raise AuthConfigError(str(error)) from None


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    text = " ".join(str(error).split())
    if "certificate verify failed" in text.lower():
        return "its certificate is not trusted (ca_bundle of the context names the authority to trust)"
    return text[:120] if isinstance(error, httpx.ConnectError) and text else "the connection broke"
