"""Where the record of a login is kept: the protocol of stores, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.tokens import Record
from cudo_sdk.errors import AuthConfigError

GROUP = "cudo_shell.credential_stores"  # of the entry points


class CredentialStore(Protocol):
    """Keeps the record of one login. Whoever changes it holds the lock of that record.

    A plug-in is a callable `(Settings, directory) -> CredentialStore` behind an entry point of the group
    `cudo_shell.credential_stores`. It is named in the user's own configuration only. The directory is the
    user's own for credentials; a store that keeps them elsewhere leaves it alone.
    """

    @property
    def name(self) -> str:
        """What the configuration calls it."""

    @property
    def persistent(self) -> bool:
        """Whether a record outlives this process."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how the record was found, such as that others could read it."""

    def get(self) -> Record | None:
        """The record; None if there is none. Raises LoginRequired, TransientAuth, AuthConfigError."""

    def put(self, record: Record) -> None:
        """Keep a record in place of any other, wholly or not at all. Raises AuthError, OSError."""

    def delete(self) -> bool:
        """Forget the record; whether there was one. Raises AuthError, OSError."""

    def stamp(self) -> object:
        """Differs once somebody may have changed the record past this program; cheap, None if unknown."""

    def describe(self) -> str:
        """Where it keeps the record, for a person."""


def store_for(settings: Settings, directory: Path) -> CredentialStore:
    """The store that the settings name. Raises AuthConfigError."""
    store: CredentialStore = _factory(settings.store)(settings, directory)
    return store


def _factory(name: str) -> Callable[[Settings, Path], CredentialStore]:
    from importlib.metadata import entry_points

    known = entry_points(group=GROUP)
    if name not in known.names:
        names = ", ".join(sorted(known.names))
        raise AuthConfigError(f"there is no credential store {name!r}; use one of: {names}")
    try:
        factory: Callable[[Settings, Path], CredentialStore] = known[name].load()
    except (ImportError, AttributeError) as error:
        raise AuthConfigError(f"the credential store {name!r} cannot be loaded: {error}") from None
    return factory
