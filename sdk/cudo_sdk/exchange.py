"""One request to the wire and one response from it, in the SDK's own terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cudo_sdk._http import httpx
from cudo_sdk.auth.credentials import Credential
from cudo_sdk.auth.origin import Origin
from cudo_sdk.clock import Clock
from cudo_sdk.errors import (
    BadReply,
    ConfigError,
    ConnectionFailed,
    LoginRequired,
    RequestTimeout,
    Unauthenticated,
    error_for,
)

# Bytes of a reply, unpacked. ListVMs has no pages: 100,000 VMs of the sandbox are 153 MB.
LARGEST = 256 * 1024 * 1024
ACCEPTED = "gzip, deflate"
_CODINGS = frozenset({"", "identity", "gzip", "deflate"})
_PACKED = b"content-encoding"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request that is ready but for the client it goes through and the credential it carries."""

    operation: str
    method: str
    url: str
    params: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    timeout: httpx.Timeout  # for each step
    seconds: float  # for all steps together
    origin: Origin
    authorization: str = field(repr=False)  # empty for a public request of nobody

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.content or b"")

    def on(self, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """The request with the client's own headers below ours, and the credential on top."""
        request = client.build_request(
            self.method,
            self.url,
            params=self.params or None,
            headers=self.headers,
            content=self.content,
            timeout=self.timeout,
        )
        if self.authorization:
            self.origin.authorize(request, self.authorization)
        return request


def forget_credential(request: httpx.Request) -> None:
    """Take the key off a request that was sent: httpx hides it in repr() only."""
    request.headers.pop("Authorization", None)


class Body:
    """The body of a response as it arrives, unpacked, and at most LARGEST bytes of it.

    httpx unpacks a chunk (64 KiB) as a whole. What may come of one is limited by taking gzip and deflate
    alone, and once: they pack a thousandfold at most, others without a limit.
    """

    def __init__(self, response: httpx.Response, operation: str) -> None:
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in _CODINGS:
            raise _unfit(operation, "it is packed in a way that was not asked for")
        self._response = response
        self._operation = operation
        self._content = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take what has arrived. Raises BadReply if that is too much."""
        self._content += chunk
        if len(self._content) > LARGEST:
            raise _unfit(self._operation, f"it is larger than {LARGEST >> 20} MiB")

    def whole(self) -> httpx.Response:
        """The response with its body: httpx offers no limit for the body that it reads by itself."""
        response = self._response
        headers = httpx.Headers([pair for pair in response.headers.raw if pair[0].lower() != _PACKED])
        return httpx.Response(
            response.status_code,
            headers=headers,
            content=bytes(self._content),
            request=response.request,
            extensions=response.extensions,
        )


def _unfit(operation: str, what: str) -> BadReply:
    return BadReply(f"the reply of {operation} does not fit: {what}", operation=operation)


@contextmanager
def translated(operation: str, origin: Origin) -> Iterator[None]:
    """Let only errors of ours out. What was raised below may hold the request, so it is cut off."""
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout):
        msg = f"{operation}: no connection to {origin} in time"
        raise RequestTimeout(msg) from None
    except (httpx.ConnectError, httpx.ProxyError) as error:
        msg = f"{operation}: cannot connect to {origin} ({error})"
        raise ConnectionFailed(msg) from None
    except httpx.TimeoutException:
        msg = f"{operation}: {origin} did not answer in time"
        raise RequestTimeout(msg, was_sent=True) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        msg = f"{operation}: {origin} cannot be used ({error})"
        raise ConfigError(msg) from None
    except httpx.RequestError as error:
        msg = f"{operation}: the connection to {origin} broke ({error})"
        raise ConnectionFailed(msg, was_sent=True) from None


def check(response: httpx.Response, operation: str, credential: Credential | None, clock: Clock) -> None:
    """Raise what a response that is no success means."""
    if response.is_success:
        return
    if response.is_redirect:  # following one could carry the key elsewhere
        msg = f"the reply of {operation} is a redirect (HTTP {response.status_code}), which is never followed"
        raise BadReply(msg, operation=operation)
    kind, source = (credential.kind, credential.source) if credential else ("", "")
    error = error_for(response, operation, credential_kind=kind, credential_source=source, now=clock.now())
    if isinstance(error, Unauthenticated) and credential is None:
        raise no_credential() from error
    raise error


def no_credential() -> LoginRequired:
    """What to say where there is no key."""
    return LoginRequired("no API key: give api_key=, or set CUDO_API_KEY")


def body_text(value: Any) -> bytes | None:
    """The bytes of a JSON body."""
    from pydantic_core import to_json

    return None if value is None else to_json(value)
