"""The one origin (scheme, host, port) that a credential may be sent to."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from cudo_sdk._http import httpx
from cudo_sdk.errors import ConfigError

_PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of the API, and the path that its own paths are appended to."""

    scheme: str
    host: str
    port: int | None
    prefix: str = ""

    @classmethod
    def of(cls, api_url: str) -> Origin:
        """Read an API URL. Raises ConfigError: https is required, and http only to this machine."""
        try:
            url = httpx.URL(api_url)
        except httpx.InvalidURL as error:
            msg = f"the API URL cannot be read: {error}"
            raise ConfigError(msg) from None
        if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
            bare = url.copy_with(userinfo=b"", query=None, fragment=None)  # those may be secrets
            msg = f"the API URL {bare!s} must look like https://host, without user, query or fragment"
            raise ConfigError(msg)
        if url.port is not None and url.port not in _PORTS:
            msg = f"the API URL {url!s} names port {url.port}, and there is no such port (1 to 65535)"
            raise ConfigError(msg)
        origin = cls(url.scheme, url.host, url.port, url.path.rstrip("/"))
        if url.scheme == "http" and not origin.is_loopback:
            msg = f"the API URL {api_url} would send the key in clear: use https, http is for this machine"
            raise ConfigError(msg)
        return origin

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, by a literal name or address (a lookup could be steered)."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port else "")

    def url(self, path: str) -> str:
        """The absolute URL of a path of the API."""
        return f"{self}{self.prefix}{path}"

    def authorize(self, request: httpx.Request, authorization: str) -> None:
        """Put the credential's header on a request to this origin. Raises ConfigError for any other."""
        url = request.url
        if (url.scheme, url.host, url.port) != (self.scheme, self.host, self.port):
            msg = f"the credential is for {self} and is not sent to {url.scheme}://{url.host}"
            raise ConfigError(msg)
        request.headers["Authorization"] = authorization
