"""Keeps a login in the keyring of the desktop, as far as it fits: the refresh token, or the API key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.stores.background import in_background
from cudo_sdk.auth.stores.memory import MemoryStore
from cudo_sdk.auth.tokens import Record, TokenSet, record_from
from cudo_sdk.errors import AuthConfigError, AuthError, TransientAuth

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_T = TypeVar("_T")

SERVICE = "cudo-shell"
PATIENCE = 3.0  # seconds; a keyring that wants to be unlocked may wait for ever
# By module: none at all, one that forgets, and those that write files in clear or ask on a terminal.
_REFUSED = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
# Windows keeps 1,280 characters. What the name of the entry is made from needs not be in it again.
_IN_NAME = ("issuer", "client_id", "api_origin")
# An access token is not kept: in another process the first use renews.
_OVER = {"access_token": "", "expires_at": 0.0, "obtained_at": 0.0, "lifetime": 1.0}


class KeyringStore:
    """One entry of the service `cudo-shell`; the access token stays in the memory of this process."""

    name = "keyring"
    persistent = True
    notes: tuple[str, ...] = ()

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._settings = settings
        self._memory = MemoryStore(settings, directory / self.name)

    def get(self) -> Record | None:
        """The record, with an access token that is over unless this process has put it; None without one.

        Raises TransientAuth for a keyring that is locked or does not answer, AuthConfigError for none that
        can be trusted, LoginRequired for an entry that is no record.
        """
        text = _ask(lambda keyring: keyring.get_password(SERVICE, self._entry))
        if text is None:
            self._memory.delete()
            return None
        ours = self._memory.get()
        return ours if ours is not None and _entry_text(ours) == text else self._record(text)

    def put(self, record: Record) -> None:
        """Keep a record in place of any other. Raises TransientAuth, AuthConfigError."""
        text = _entry_text(record)
        _ask(lambda keyring: keyring.set_password(SERVICE, self._entry, text))
        self._memory.put(record)

    def delete(self) -> bool:
        """Forget the record; whether there was one. Raises TransientAuth, AuthConfigError."""
        self._memory.delete()
        return _ask(self._delete)

    def stamp(self) -> object:
        """None: a keyring is not asked for each command."""
        return None

    def describe(self) -> str:
        """Where it keeps the record."""
        return f"the keyring, as {self._entry} of {SERVICE}"

    @property
    def _entry(self) -> str:
        return self._settings.record_name

    def _delete(self, keyring: KeyringBackend) -> bool:
        if keyring.get_password(SERVICE, self._entry) is None:
            return False
        keyring.delete_password(SERVICE, self._entry)
        return True

    def _record(self, text: str) -> Record:
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            named = {name: getattr(self._settings, name) for name in _IN_NAME}
            values = {**_OVER, **named, **values}
        return record_from(values)


def _entry_text(record: Record) -> str:
    values: dict[str, Any] = record.to_store()
    if isinstance(record, TokenSet):
        values = {name: value for name, value in values.items() if name not in {*_OVER, *_IN_NAME}}
    return json.dumps(values, separators=(",", ":"))


def _ask(question: Callable[[KeyringBackend], _T]) -> _T:
    """Ask the keyring for something, for 3 seconds at most."""
    asked = in_background(lambda: question(_backend()))
    try:
        return asked.result(PATIENCE)
    except TimeoutError:
        raise TransientAuth(
            f"the keyring does not answer; unlock it, or wait more than {PATIENCE:g} s"
        ) from None
    except AuthError:
        raise
    except Exception as error:  # noqa: BLE001  # a backend raises what its system does
        raise _failure(error) from None


def _failure(error: Exception) -> AuthError:
    from keyring.errors import KeyringError, KeyringLocked

    if isinstance(error, KeyringLocked):
        return TransientAuth("the keyring is locked; unlock it and try again")
    # Not its text: a backend may repeat what it was to keep.
    kind = TransientAuth if isinstance(error, KeyringError) else AuthConfigError
    return kind(f"the keyring failed ({type(error).__name__}); see 'keyring diagnose', or use another store")


def _backend() -> KeyringBackend:
    try:
        import keyring
    except ImportError:
        raise AuthConfigError(
            "the credential store 'keyring' needs a package: pip install 'cudo-shell[keyring]'"
        ) from None
    chosen = keyring.get_keyring()
    # A chain tries the next one where the first fails; only the first is what the user chose.
    backend: KeyringBackend = next(iter(getattr(chosen, "backends", ())), chosen)
    if any(_is_refused(base.__module__) for base in type(backend).__mro__):
        kind = f"{type(backend).__module__}.{type(backend).__name__}"
        raise AuthConfigError(f"the keyring {kind} keeps nothing safe; set one up, or use the store 'file'")
    return backend


def _is_refused(module: str) -> bool:
    return any(module == refused or module.startswith(f"{refused}.") for refused in _REFUSED)
