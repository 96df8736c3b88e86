"""The HTTP client of a session: built when first needed, and replaced when it is broken."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from cudo_sdk._http import httpx
from cudo_sdk.errors import ConfigError

C = TypeVar("C", httpx.Client, httpx.AsyncClient)


CA_BUNDLE = "CUDO_CA_BUNDLE"


def ssl_context(ca_bundle: str = "") -> ssl.SSLContext:
    """How the clients of a session check the certificates of servers.

    `ca_bundle`, and the environment's CUDO_CA_BUNDLE, are PEM files whose certificates are trusted besides
    those that are trusted anyway. Raises ConfigError for a file that cannot be used.
    """
    return _context(ca_bundle, os.environ.get(CA_BUNDLE, ""))


@cache
def _context(*bundles: str) -> ssl.SSLContext:
    # One for all clients: reading the certificates takes longer than all else in making a client.
    context = httpx.create_ssl_context()
    for bundle in filter(None, bundles):
        _trust(context, bundle)
    return context


def _trust(context: ssl.SSLContext, bundle: str) -> None:
    try:
        context.load_verify_locations(cafile=Path(bundle).expanduser())
    except ssl.SSLError:
        msg = f"the CA bundle {bundle} cannot be used: it holds no certificate in PEM form"
        raise ConfigError(msg) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        msg = f"the CA bundle {bundle} cannot be read: {reason}"
        raise ConfigError(msg) from None


class Lease(Generic[C]):
    """A client with the number of requests that run on it."""

    def __init__(self, client: C, *, is_ours: bool) -> None:
        self.client: C = client
        self.is_ours = is_ours
        self.in_flight = 0


class ClientSlot(Generic[C]):
    """Holds the present client, and those that wait to be closed after their last request."""

    def __init__(self, given: C | Callable[[], C] | None, make: Callable[[], C]) -> None:
        self._make: Callable[[], C] = given if callable(given) else make
        self._lease: Lease[C] | None = None
        self._retired: list[Lease[C]] = []
        self._lock = Lock()
        self._pid = os.getpid()
        self.can_heal = True
        self._is_closed = False
        if given is not None and not callable(given):
            self.put(given)

    def put(self, client: C) -> None:
        """Use the caller's client from now on, never closed or replaced by us; ours is retired."""
        self.retire_present()
        self._is_closed = False
        self._lease = Lease(client, is_ours=False)
        self.can_heal = False

    @property
    def client(self) -> C:
        """The present client."""
        return self._current().client

    @contextmanager
    def use(self) -> Iterator[Lease[C]]:
        """The present client for one request."""
        with self._lock:
            lease = self._current()
            lease.in_flight += 1
        try:
            yield lease
        finally:
            with self._lock:
                lease.in_flight -= 1

    def retire(self, lease: Lease[C]) -> None:
        """Stop using a client; it can be closed when nothing runs on it any more."""
        if self._lease is lease:
            self._lease = None
            if lease.is_ours:
                self._retired.append(lease)

    def retire_present(self) -> None:
        """Stop using the present client: its pool has leaked."""
        if self._lease is not None:
            self.retire(self._lease)

    def drop(self, lease: Lease[C]) -> None:
        """Forget a client unclosed: after an interrupt its pool's lock may be held for ever."""
        if self._lease is lease and lease.is_ours:
            self._lease = None

    def take_idle(self) -> list[C]:
        """The retired clients on which nothing runs any more; the caller closes them."""
        with self._lock:
            idle = [lease for lease in self._retired if lease.in_flight == 0]
            self._retired = [lease for lease in self._retired if lease.in_flight]
        return [lease.client for lease in idle]

    def take_all(self) -> list[C]:
        """Every client that we made, for closing the session; there will not be another."""
        self.retire_present()
        self._is_closed = True
        with self._lock:
            everything, self._retired = self._retired, []
        return [lease.client for lease in everything]

    def _current(self) -> Lease[C]:
        if os.getpid() != self._pid:  # after a fork two processes would share one connection
            self._pid, self._retired = os.getpid(), []
            if self._lease is not None and self._lease.is_ours:
                self._lease = None
        if self._is_closed:
            msg = "this session is closed; open another one"
            raise ConfigError(msg)
        if self._lease is None:
            self._lease = Lease(self._make(), is_ours=True)
        return self._lease
