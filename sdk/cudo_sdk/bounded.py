"""One limit of time for all steps of a blocking exchange together; httpx has one for each step alone.

A server that sends a byte a second never lets a single read run out of time. Async code is cut off from
outside; here each read is given no more than what is left.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cudo_sdk._http import httpx

_LEAST = 0.001  # seconds; none at all would mean a socket that does not block
_exchange = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let the steps of this thread's exchange take so long in all, on a client that is `bounded`."""
    _exchange.end = time.monotonic() + seconds
    try:
        yield
    finally:
        del _exchange.end


def is_over() -> bool:
    """Whether this thread's exchange has taken all of its time."""
    end: float = _exchange.end
    return time.monotonic() > end


def bounded(client: httpx.Client) -> httpx.Client:
    """The client, with connections that keep to `within`."""
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # httpx offers no way
        pool: Any = getattr(transport, "_pool", None)
        if hasattr(pool, "_network_backend"):
            pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001  # as above
    return client


def _left(timeout: float | None) -> float | None:
    end: float | None = getattr(_exchange, "end", None)
    if end is None:
        return timeout
    left = max(_LEAST, end - time.monotonic())
    return left if timeout is None else min(timeout, left)


class _Backend:
    """Makes connections as another does, and wraps them."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(self, *args: Any, **named: Any) -> _Stream:
        return _Stream(self._backend.connect_tcp(*args, **named))

    def connect_unix_socket(self, *args: Any, **named: Any) -> _Stream:
        return _Stream(self._backend.connect_unix_socket(*args, **named))

    def sleep(self, seconds: float) -> None:
        self._backend.sleep(seconds)


class _Stream:
    """A connection whose reads and writes take no longer than the exchange may."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        content: bytes = self._stream.read(max_bytes, _left(timeout))
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, *args: Any, **named: Any) -> _Stream:
        return _Stream(self._stream.start_tls(*args, **named))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
