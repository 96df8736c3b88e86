"""A login in the keyring: no more than fits, nowhere in clear, and never waited for long."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator

import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringLocked, PasswordSetError

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.stores import keyring as module
from cudo_sdk.auth.stores.keyring import KeyringStore
from cudo_sdk.auth.tokens import StoredKey, TokenSet
from cudo_sdk.errors import AuthConfigError, AuthError, LoginRequired, TransientAuth


class Desk(KeyringBackend):
    """A keyring in memory. `failure` is raised by each call; `gate` is waited for."""

    priority = 0  # so that it is never found by itself

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def get_password(self, service: str, username: str) -> str | None:
        self._pass()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._pass()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._pass()
        del self.entries[service, username]

    def _pass(self) -> None:
        self.gate.wait(30)
        if self.failure is not None:
            raise self.failure


class PlaintextKeyring(Desk):
    __module__ = "keyrings.alt.file"  # as the package of that name has it


class Child(null.Keyring):
    pass


@pytest.fixture
def use() -> Iterator[Callable[[KeyringBackend], None]]:
    """Make a backend the one of this system."""
    before = keyring.core._keyring_backend
    yield keyring.set_keyring
    keyring.core._keyring_backend = before


@pytest.fixture
def desk(use) -> Iterator[Desk]:
    desk = Desk()
    use(desk)
    yield desk
    desk.gate.set()


@pytest.fixture
def settings(server) -> Settings:
    settings: Settings = server.settings(store="keyring")
    return settings


@pytest.fixture
def store(settings, tmp_path) -> Iterator[KeyringStore]:
    store = KeyringStore(settings, tmp_path)
    yield store
    store._memory.delete()


def entry(desk: Desk) -> str:
    (text,) = desk.entries.values()
    return text


def restart(store: KeyringStore) -> None:
    """Forget what another process would not know."""
    store._memory.delete()


def calls(store: KeyringStore, record: TokenSet) -> list[Callable[[], object]]:
    return [store.get, lambda: store.put(record), store.delete]


def test_access_token_is_never_given_to_the_keyring(store, desk, server):
    store.put(server.login())

    assert "access" not in entry(desk)
    assert "refresh-canary-0" in entry(desk)
    assert list(desk.entries) == [("cudo-shell", store._settings.record_name)]


def test_long_refresh_token_still_fits_where_windows_keeps_1280_characters(store, desk, server):
    record = server.login(refresh_token="r" * 1000, access_token="a" * 4000, scope=server.settings().scope)

    store.put(record)

    assert len(entry(desk)) <= 1280


def test_record_is_whole_in_the_process_that_put_it(store, desk, server):
    record = server.login(gen=2)
    store.put(record)

    assert store.get() == record


def test_record_in_another_process_is_the_same_but_for_an_access_token_that_is_over(store, desk, server):
    record = server.login(gen=2)
    store.put(record)
    restart(store)

    found = store.get()

    over = {"access_token": "", "expires_at": 0.0, "obtained_at": 0.0, "lifetime": 1.0}
    assert found.to_store() == record.to_store() | over
    assert found.belongs_to(store._settings)
    assert found.is_stale(server.clock.now().timestamp(), 0.0)
    assert not found.is_usable(server.clock.now().timestamp())


def test_record_that_another_process_renewed_is_not_mixed_with_ours(store, desk, server):
    ours = server.login()
    store.put(server.login(refresh_token="refresh-canary-1", gen=1))
    theirs = entry(desk)
    store.put(ours)

    desk.entries["cudo-shell", store._settings.record_name] = theirs
    found = store.get()

    assert found.refresh_token.get_secret_value() == "refresh-canary-1"
    assert found.access_token.get_secret_value() == ""


def test_record_that_another_process_removed_is_gone_here_too(store, desk, server):
    store.put(server.login())
    text = entry(desk)
    desk.entries.clear()

    assert store.get() is None

    desk.entries["cudo-shell", store._settings.record_name] = text
    assert store.get().access_token.get_secret_value() == ""


def test_api_key_is_kept_whole(store, desk, settings):
    key = StoredKey(api_key="zq-key-canary", api_origin=settings.api_origin, obtained_at=5.0)
    store.put(key)
    restart(store)

    assert store.get() == key


def test_delete_tells_whether_there_was_a_record(store, desk, server):
    store.put(server.login())

    assert (store.delete(), store.delete()) == (True, False)
    assert desk.entries == {}
    assert store.get() is None


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"version":1}', "[" * 9000])
def test_entry_that_is_no_record_asks_for_a_login(text: str, store, desk):
    desk.entries["cudo-shell", store._settings.record_name] = text

    with pytest.raises(LoginRequired, match=r"^the stored login cannot be read$"):
        store.get()


def test_entry_of_a_newer_version_stays_untouched(store, desk):
    newer = json.dumps({"version": 2})
    desk.entries["cudo-shell", store._settings.record_name] = newer

    with pytest.raises(AuthConfigError, match="was written by a newer version of cudo"):
        store.get()

    assert entry(desk) == newer


# Keyrings that are none


@pytest.mark.parametrize(
    ("backend", "name"),
    [
        (fail.Keyring, "keyring.backends.fail.Keyring"),
        (null.Keyring, "keyring.backends.null.Keyring"),
        (PlaintextKeyring, "keyrings.alt.file.PlaintextKeyring"),
        (Child, f"{__name__}.Child"),
    ],
    ids=["fail", "null", "plaintext", "child of null"],
)
def test_keyring_that_keeps_nothing_safe_is_refused(backend, name: str, store, use, server, tmp_path):
    chosen = backend()
    use(chosen)

    for call in calls(store, server.login()):
        with pytest.raises(AuthConfigError) as caught:
            call()
        assert str(caught.value) == (
            f"the keyring {name} keeps nothing safe; set one up, or use the store 'file'"
        )

    assert getattr(chosen, "entries", {}) == {}
    assert list(tmp_path.iterdir()) == []


def chain(*links: KeyringBackend) -> KeyringBackend:
    class Chain(chainer.ChainerBackend):
        priority = 0
        backends = links

    return Chain()


def test_chain_of_keyrings_does_not_fall_back_to_one_in_clear(store, use, server):
    desk, clear = Desk(), PlaintextKeyring()
    use(chain(desk, clear))
    desk.failure = PasswordSetError("no")

    with pytest.raises(TransientAuth):
        store.put(server.login())

    assert clear.entries == {}


def test_chain_of_keyrings_that_starts_with_one_in_clear_is_refused(store, use, server):
    use(chain(PlaintextKeyring(), Desk()))

    with pytest.raises(AuthConfigError, match="PlaintextKeyring keeps nothing safe"):
        store.put(server.login())


def test_missing_package_is_named_with_the_extra(store, server, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)

    for call in calls(store, server.login()):
        with pytest.raises(AuthConfigError) as caught:
            call()
        assert str(caught.value) == (
            "the credential store 'keyring' needs a package: pip install 'cudo-shell[keyring]'"
        )


# Keyrings that do not answer


def test_keyring_that_hangs_is_left_after_a_while(store, desk, server, monkeypatch):
    assert module.PATIENCE == 3.0
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    desk.gate.clear()

    for call in calls(store, server.login()):
        begun = time.monotonic()
        with pytest.raises(TransientAuth, match=r"^the keyring does not answer"):
            call()
        assert time.monotonic() - begun < 2.0

    waiting = [thread for thread in threading.enumerate() if thread.name == "cudo-store"]
    assert [thread.daemon for thread in waiting] == [True] * 3
    desk.gate.set()
    for thread in waiting:
        thread.join(10)


@pytest.mark.parametrize(
    ("failure", "kind", "message"),
    [
        (KeyringLocked("Failed to unlock"), TransientAuth, "the keyring is locked; unlock it and try again"),
        (
            InitError("canary"),
            TransientAuth,
            "the keyring failed (InitError); see 'keyring diagnose', or use another store",
        ),
        (
            RuntimeError("canary"),
            AuthConfigError,
            "the keyring failed (RuntimeError); see 'keyring diagnose', or use another store",
        ),
    ],
    ids=["locked", "broken", "odd"],
)
def test_keyring_that_fails_is_told_without_its_own_words(
    failure: Exception, kind: type[AuthError], message: str, store, desk, server
):
    desk.failure = failure

    for call in calls(store, server.login()):
        with pytest.raises(AuthError) as caught:
            call()
        assert (type(caught.value), str(caught.value)) == (kind, message)
        assert caught.value.__suppress_context__


def test_record_that_the_keyring_did_not_take_is_not_in_memory_either(store, desk, server):
    store.put(server.login())
    desk.failure = PasswordSetError("full")
    with pytest.raises(TransientAuth):
        store.put(server.login(gen=1))
    desk.failure = None

    assert store.get() == server.login()


def test_description_names_the_entry(store, settings):
    assert store.describe() == f"the keyring, as {settings.record_name} of cudo-shell"
