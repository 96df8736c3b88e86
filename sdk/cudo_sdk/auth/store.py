"""Where the record of a login is kept: the protocol of stores, and how one is found by its name."""

from __future__ import annotations

from typing import Protocol

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.tokens import Record

GROUP = "cudo_shell.credential_stores"  # of the entry points


class CredentialStore(Protocol):
    """Keeps one record for each login. Whoever calls holds the lock of that record.

    A plug-in is a callable `Settings -> CredentialStore` behind an entry point of this group:
    `cudo_shell.credential_stores`. It is named in the user's own configuration only.
    """

    @property
    def name(self) -> str:
        """What the configuration calls it."""

    @property
    def persistent(self) -> bool:
        """Whether a record outlives this process."""

    def get(self, settings: Settings) -> Record | None:
        """The record; None if there is none. Raises LoginRequired, TransientAuth, AuthConfigError."""

    def put(self, settings: Settings, record: Record) -> None:
        """Keep a record in place of any other. Raises AuthError, OSError."""

    def delete(self, settings: Settings) -> bool:
        """Forget the record; whether there was one. Raises AuthError, OSError."""

    def describe(self) -> str:
        """Where it keeps records, for a person."""
