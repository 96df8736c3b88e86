"""One login's record in its store, read and changed under a lock that all processes share."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.store import CredentialStore, store_for
from cudo_sdk.auth.stores.folder import file_of, make_private, mark_of
from cudo_sdk.auth.tokens import Record, StoredKey
from cudo_sdk.errors import AuthConfigError, TransientAuth
from cudo_sdk.redaction import guard

_PATIENCE = 30.0  # seconds: a renewal takes 20 at most
_POLL = 0.02  # seconds


class Vault:
    """The record of one login, whatever the store, and the lock file that guards it."""

    def __init__(self, settings: Settings, store: CredentialStore, directory: Path) -> None:
        self.settings = settings
        self.store = store
        self._directory = directory
        self._lock_file = file_of(settings, directory, ".lock")

    @contextmanager
    def lock(self, patience: float = _PATIENCE) -> Iterator[None]:
        """Be the only one, in all threads and processes, who changes the record; not reentrant.

        `patience`: seconds. Raises TransientAuth if another has it for longer, AuthConfigError where no
        lock can be made.
        """
        from filelock import FileLock, Timeout

        try:
            make_private(self._directory)
            # A new object each time: one that is shared counts its holders and lets them all in. Kept on
            # release, because `stamp` looks at it.
            lock = FileLock(
                self._lock_file,
                mode=0o600,
                thread_local=False,
                fallback_to_soft=False,
                preserve_lock_file=True,
            )
            lock.acquire(timeout=max(0.0, patience), poll_interval=_POLL)
        except Timeout:
            raise TransientAuth("another cudo is busy with this login; try again in a moment") from None
        except OSError as error:
            raise AuthConfigError(f"{self._lock_file} cannot be locked: {error.strerror}") from None
        try:
            yield
        finally:
            lock.release()

    def read(self) -> Record | None:
        """The record, None if there is none.

        Raises LoginRequired for one that cannot be read, AuthConfigError for one of a newer version or a
        store that is set up wrongly, TransientAuth for a store that does not answer.
        """
        record = self.store.get()
        if record is not None:
            _guard(record)
        return record

    def write(self, record: Record) -> None:
        """Keep a record in place of any other; the caller holds the lock. Raises AuthError, OSError."""
        _guard(record)
        self.store.put(record)
        self._tell()

    def delete(self) -> bool:
        """Forget the record; whether there was one. The caller holds the lock. Raises AuthError, OSError."""
        try:
            return self.store.delete()
        finally:
            self._tell()

    def stamp(self) -> object:
        """Differs once the record may have changed or gone; costs a look at two files."""
        return self.store.stamp(), mark_of(self._lock_file)

    def _tell(self) -> None:
        now = time.time_ns()  # the kernel's own "now" may be the same for two changes
        with suppress(OSError):
            os.utime(self._lock_file, ns=(now, now))


def open_vault(settings: Settings, state_dir: Path) -> Vault:
    """The vault of a login below the state directory. Raises AuthConfigError for unknown stores."""
    directory = state_dir / "credentials"
    return Vault(settings, store_for(settings, directory), directory)


def _guard(record: Record) -> None:
    secrets = (
        (record.api_key,) if isinstance(record, StoredKey) else (record.access_token, record.refresh_token)
    )
    for secret in secrets:
        if secret is not None:
            guard(secret.get_secret_value())
