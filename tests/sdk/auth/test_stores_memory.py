"""A login that lasts as long as the process."""

from __future__ import annotations

from cudo_sdk.auth.stores.memory import MemoryStore


def test_record_is_shared_by_all_stores_of_a_login_and_by_no_other(server, tmp_path):
    settings = server.settings()
    store, same = MemoryStore(settings, tmp_path), MemoryStore(settings, tmp_path)
    others = [MemoryStore(server.settings(context="b"), tmp_path), MemoryStore(settings, tmp_path / "b")]
    record = server.login()

    store.put(record)

    assert same.get() is record
    assert [other.get() for other in others] == [None, None]
    assert list(tmp_path.iterdir()) == []


def test_deleted_record_is_gone_in_all_stores_of_the_login(server, tmp_path):
    store, same = (MemoryStore(server.settings(), tmp_path) for _ in range(2))
    store.put(server.login())

    assert (same.delete(), same.delete()) == (True, False)
    assert store.get() is None


def test_description_says_that_it_does_not_last(server, tmp_path):
    store = MemoryStore(server.settings(), tmp_path)

    assert (store.describe(), store.persistent) == ("the memory of this process", False)
