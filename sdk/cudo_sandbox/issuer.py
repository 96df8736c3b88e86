"""The signing keys of an OpenID provider, fetched from where it publishes them and kept for a while."""

import json
import threading
from collections.abc import Callable
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, NoReturn
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from cudo_sandbox.problems import Code, Json, Problem

SigningKey = RSAKey | ECKey | OKPKey

_KINDS = ("RSA", "EC", "OKP")  # a symmetric key in the document would let anybody sign
_PAUSE = 5.0  # seconds between two visits, so that made-up tokens cannot make the sandbox hammer
_KEPT = 3600.0  # seconds after which keys are fetched again
_PATIENCE = 5.0  # seconds to wait for each reply
_LARGEST = 256 * 1024  # bytes of a document
_LONGEST = 2048  # characters of a URL


class Issuer:
    """A provider by its issuer URL. Methods block while they fetch; threads may share it.

    `now` tells the time in seconds. Raises ValueError for a URL that tokens cannot be trusted over.
    """

    def __init__(self, url: str, now: Callable[[], float]) -> None:
        self.url = checked_url(url)
        self.host = urlsplit(url).hostname or ""
        self._now = now
        self._lock = threading.Lock()
        self._keys: list[SigningKey] = []
        self._fetched = self._tried = float("-inf")
        self._failure = ""

    def key(self, kid: str | None) -> SigningKey | None:
        """The key of this id; without an id, the only one there is. Raises UNAVAILABLE.

        A key that is not known is looked for once more, but not more often than every few seconds.
        """
        with self._lock:
            if not self._is_recent(self._fetched, _KEPT):
                self._keys = []
            found = _chosen(self._keys, kid)
            if found is None and not self._is_recent(self._tried, _PAUSE):
                self._fetch()
                found = _chosen(self._keys, kid)
            if found is None and self._failure:
                raise Problem(Code.UNAVAILABLE, f"the keys of {self.url} cannot be had: {self._failure}")
            return found

    def _is_recent(self, moment: float, seconds: float) -> bool:
        return 0 <= self._now() - moment < seconds

    def _fetch(self) -> None:
        self._tried = self._now()
        try:
            self._keys = _published(self.url)
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            self._failure = _reason(error)
        else:
            self._failure, self._fetched = "", self._tried


def checked_url(url: str) -> str:
    """The URL itself, if what it answers can be trusted. Raises ValueError.

    It must be https, or http to this machine by a literal address: a name could be steered elsewhere.
    """
    parts = urlsplit(url)
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > _LONGEST:
        raise ValueError("a URL has only printable ASCII characters, and not too many of them")
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError("it must look like https://host, without user or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("it must be https; http is for this machine")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _chosen(keys: list[SigningKey], kid: str | None) -> SigningKey | None:
    fitting = [key for key in keys if kid in {None, key.kid}]
    return fitting[0] if len(fitting) == 1 else None


def _published(issuer: str) -> list[SigningKey]:
    """Ask the provider for its keys. Raises OSError, HTTPException, ValueError."""
    document = _document(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if document.get("issuer") != issuer:
        raise ValueError("it calls itself by another name")
    address = document.get("jwks_uri")
    listed = _document(checked_url(address)).get("keys") if isinstance(address, str) else None
    if not isinstance(listed, list):
        raise ValueError("it publishes no keys")  # noqa: TRY004  # a wrong document, not a wrong argument
    return [key for each in listed if (key := _imported(each)) is not None]


def _imported(values: object) -> SigningKey | None:
    """A key that can verify; None for other kinds, which a provider may well publish beside."""
    if not isinstance(values, dict) or values.get("kty") not in _KINDS or values.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(values)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an error: it would let a reply choose whom to trust."""

    def redirect_request(self, *_: Any) -> NoReturn:
        raise ValueError("it answers with a redirect")


def _document(url: str) -> Json:
    """The JSON object at a checked URL. Raises OSError, HTTPException, ValueError."""
    direct = [ProxyHandler({})] if _is_loopback(urlsplit(url).hostname or "") else []
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310  # the URL was checked
    with build_opener(_NoRedirect, *direct).open(request, timeout=_PATIENCE) as reply:
        text = reply.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise ValueError("its document is too long")
    try:
        document = json.loads(text)
    except ValueError:
        raise ValueError("its document is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("its document is no JSON object")  # noqa: TRY004  # as above
    return document


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        error.close()  # it holds the connection
        return f"it answers with status {error.code}"
    if isinstance(error, ValueError):
        return str(error)
    return "it cannot be reached"
