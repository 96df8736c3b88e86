"""A login's record among threads and processes: one changes it, all see it, and none tears it."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from errno import ENOSYS
from pathlib import Path
from typing import Any

import filelock
import pytest

from cudo_sdk.auth.stores.memory import MemoryStore
from cudo_sdk.auth.tokens import StoredKey
from cudo_sdk.auth.vault import Vault, open_vault
from cudo_sdk.errors import AuthConfigError, TransientAuth
from cudo_sdk.redaction import redacted

PRELUDE = """
import sys
from pathlib import Path
from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.vault import open_vault

vault = open_vault(Settings.model_validate_json(sys.argv[1]), Path(sys.argv[2]))

def grow():
    record = vault.read()
    gen = record.gen + 1
    vault.write(record.model_copy(update={"gen": gen, "scope": "x" * (gen * 37 % 20_000)}))
"""
HOLDS = "with vault.lock(): print('held', flush=True); sys.stdin.read()"
COUNTS = "for _ in range(25):\n    with vault.lock(): grow()"
# A writer for each line of input, until it is killed.
WRITERS = """
import os
with vault.lock(): grow()  # what is loaded late is loaded
while True:
    writer = os.fork()
    while not writer:
        with vault.lock(): grow()
    print(writer, flush=True)
    os.waitpid(writer, 0)
    print("dead", flush=True)
    sys.stdin.readline() or sys.exit()
"""


@pytest.fixture
def vault(settings, tmp_path) -> Vault:
    return open_vault(settings, tmp_path)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "credentials"


@pytest.fixture
def start(settings, tmp_path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Run a program with the same vault, in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def begin(program: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-c", PRELUDE + program, settings.model_dump_json(), str(tmp_path)]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.fixture
def alive(monkeypatch) -> list[filelock.BaseFileLock]:
    """Holds on to each lock, so that it is released by what we do and not by the end of its object."""
    make = filelock.FileLock
    made: list[filelock.BaseFileLock] = []

    def kept(*args: Any, **options: Any) -> filelock.BaseFileLock:
        made.append(make(*args, **options))
        return made[-1]

    monkeypatch.setattr(filelock, "FileLock", kept)
    return made


def is_free(vault: Vault) -> bool:
    try:
        with vault.lock(0):
            return True
    except TransientAuth:
        return False


# The lock


def test_lock_of_another_process_is_waited_for_so_long_and_no_longer(vault, start):
    assert line_of(start(HOLDS)) == "held\n"
    begun = time.monotonic()

    with pytest.raises(TransientAuth) as caught, vault.lock(0.2):
        pytest.fail("two have the lock")

    assert str(caught.value) == "another cudo is busy with this login; try again in a moment"
    assert 0.2 <= time.monotonic() - begun < 2.0


def test_lock_of_another_process_is_taken_once_it_is_free(vault, start):
    holder = start(HOLDS)
    line_of(holder)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: is_entered(vault))
        holder.communicate("", timeout=10)  # the end of its input: it goes on and leaves

        assert waiting.result(10)


def is_entered(vault: Vault) -> bool:
    with vault.lock(10):
        return True


def test_lock_of_a_killed_process_is_free_at_once(vault, start):
    holder = start(HOLDS)
    line_of(holder)
    holder.kill()
    holder.wait()

    assert is_free(vault)


def test_lock_released_in_another_thread_is_free(vault, alive):
    with ThreadPoolExecutor(1) as pool:
        lock = vault.lock(0)
        lock.__enter__()
        pool.submit(lock.__exit__, None, None, None).result()

        assert pool.submit(is_free, vault).result()
        assert is_free(vault)


def test_lock_excludes_other_threads_and_other_vaults_of_this_process(vault, settings, tmp_path):
    with vault.lock(), ThreadPoolExecutor(1) as pool:
        assert not pool.submit(is_free, vault).result()
        assert not pool.submit(is_free, open_vault(settings, tmp_path)).result()
    assert is_free(vault)


def test_lock_is_free_after_an_error_in_it(vault, alive):
    with pytest.raises(ZeroDivisionError), vault.lock():
        raise ZeroDivisionError

    assert is_free(vault)


def test_lock_of_one_login_leaves_others_free(vault, settings, tmp_path):
    with vault.lock():
        assert is_free(open_vault(settings.model_copy(update={"context": "other"}), tmp_path))


def test_lock_file_is_private_whatever_the_umask(vault, directory):
    before = os.umask(0)
    try:
        with vault.lock():
            pass
    finally:
        os.umask(before)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (directory, *directory.iterdir())}
    assert modes == {"credentials": 0o700, f"{vault.settings.record_name}.lock": 0o600}


def test_lock_that_the_file_system_does_not_have_is_an_error_and_no_lock_at_all(
    vault, directory, monkeypatch
):
    def missing(descriptor: int, operation: int) -> None:
        raise OSError(ENOSYS, os.strerror(ENOSYS))

    monkeypatch.setattr(fcntl, "flock", missing)

    with pytest.raises(AuthConfigError) as caught, vault.lock():
        pytest.fail("there is no lock")

    file = directory / f"{vault.settings.record_name}.lock"
    assert str(caught.value) == f"{file} cannot be locked: {os.strerror(ENOSYS)}"


def test_lock_where_the_directory_cannot_be_made_names_the_reason(settings, tmp_path):
    (tmp_path / "file").touch()

    lock = open_vault(settings, tmp_path / "file").lock()
    with pytest.raises(AuthConfigError, match=r"cannot be locked: Not a directory$"), lock:
        pytest.fail("there is no lock")


def test_lock_serves_stores_that_are_no_files(server, tmp_path):
    vault = open_vault(server.settings(store="memory"), tmp_path)

    with vault.lock(), ThreadPoolExecutor(1) as pool:
        assert not pool.submit(is_free, vault).result()


# The record among processes


def test_two_processes_lose_no_change_of_each_other(vault, tokens, start):
    with vault.lock():
        vault.write(tokens())
    for process in [start(COUNTS), start(COUNTS)]:
        assert process.wait(30) == 0

    assert vault.read().gen == 50


def test_killed_writers_tear_no_record_keep_no_lock_and_are_cleaned_up_after(vault, tokens, start, directory):
    with vault.lock():
        vault.write(tokens())
    writers = start(WRITERS)
    kills, end = 0, time.monotonic() + 2.0
    while vault.read().gen < 10 or time.monotonic() < end:
        assert time.monotonic() < end + 20, "the writers write nothing"
        writer = int(line_of(writers))
        until = time.monotonic() + 0.002 * (kills % 19)
        while time.monotonic() < until:
            record = vault.read()
            assert record.scope == "x" * (record.gen * 37 % 20_000)
        os.kill(writer, signal.SIGKILL)
        assert line_of(writers) == "dead\n"
        assert is_free(vault)
        kills += 1
        writers.stdin.write("\n")
        writers.stdin.flush()
    os.kill(int(line_of(writers)), signal.SIGKILL)
    assert line_of(writers) == "dead\n"
    assert kills > 3

    for path in directory.glob("*.tmp"):
        os.utime(path, (1, 1))
    with vault.lock():
        vault.write(vault.read())
    name = vault.settings.record_name
    assert sorted(path.name for path in directory.iterdir()) == [f"{name}.json", f"{name}.lock"]


# The stamp


@pytest.mark.parametrize("store", ["file", "memory"])
def test_stamp_tells_another_vault_of_each_change(store, server, tmp_path):
    ours, theirs = (open_vault(server.settings(store=store), tmp_path) for _ in range(2))
    stamps = [ours.stamp()]
    for change in (
        lambda: theirs.write(server.login()),
        lambda: theirs.write(server.login()),
        lambda: theirs.write(server.login(gen=2)),
        theirs.delete,
    ):
        with theirs.lock():
            change()
        stamps.append(ours.stamp())

    assert len(set(stamps)) == 5


@pytest.mark.parametrize("store", ["file", "memory"])
def test_stamp_stays_while_nobody_changes_anything(store, server, tmp_path):
    vault = open_vault(server.settings(store=store), tmp_path)
    with vault.lock():
        vault.write(server.login())
    before = vault.stamp()

    vault.read()
    with vault.lock():
        vault.read()

    assert vault.stamp() == before


def test_stamp_tells_of_a_record_that_somebody_removed_by_hand(vault, tokens, directory):
    with vault.lock():
        vault.write(tokens())
    before = vault.stamp()

    (directory / f"{vault.settings.record_name}.json").unlink()

    assert vault.stamp() != before
    assert vault.read() is None


# Secrets


def test_secrets_of_what_is_read_or_written_are_hidden_from_then_on(vault, start, tokens):
    first = {"access_token": "zq-written-access", "refresh_token": "zq-written-refresh"}
    with vault.lock():
        vault.write(tokens(**first))
    program = """
changes = {"access_token": "zq-read-access", "refresh_token": "zq-read-refresh"}
record = vault.read()
vault.write(type(record).model_validate(record.to_store() | changes))
"""
    assert start(program).wait(30) == 0
    said = "zq-written-access zq-written-refresh zq-read-access zq-read-refresh"
    assert redacted(said) == "*** *** zq-read-access zq-read-refresh"

    vault.read()

    assert redacted(said) == "*** *** *** ***"


def test_api_key_that_is_read_is_hidden_from_then_on(server, tmp_path):
    settings = server.settings(store="memory", issuer="", client_id="")
    vault = open_vault(settings, tmp_path)
    key = StoredKey(api_key="zq-key-canary", api_origin=settings.api_origin)
    vault.store.put(key)

    assert vault.read() == key
    assert redacted("zq-key-canary") == "***"


# Which store


def test_store_is_found_by_its_name(server, tmp_path):
    options = {"command": ["/bin/true"]}
    names = ["command", "file", "keyring", "memory"]

    made = [open_vault(server.settings(store=name, store_options=options), tmp_path).store for name in names]

    assert [store.name for store in made] == names
    assert [store.persistent for store in made] == [True, True, True, False]


def test_unknown_store_is_refused_with_the_known_names(server, tmp_path):
    with pytest.raises(AuthConfigError) as caught:
        open_vault(server.settings(store="safe"), tmp_path)

    assert str(caught.value) == (
        "there is no credential store 'safe'; use one of: command, file, keyring, memory"
    )


PLUGIN = """
from cudo_sdk.auth.stores.memory import MemoryStore

class Safe(MemoryStore):
    name = "safe"
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch) -> Path:
    """A package that somebody else installed."""
    site = tmp_path / "site"
    info = site / "somebody_safe-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: somebody-safe\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[cudo_shell.credential_stores]\nsafe = somebody_safe:Safe\nlost = somebody_safe:Lost\n"
    )
    (site / "somebody_safe.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(site)
    return site


def test_store_of_another_package_is_found(plugin, server, tmp_path):
    store = open_vault(server.settings(store="safe"), tmp_path).store

    assert (store.name, isinstance(store, MemoryStore)) == ("safe", True)


def test_store_that_cannot_be_loaded_is_refused(plugin, server, tmp_path):
    with pytest.raises(AuthConfigError, match=r"the credential store 'lost' cannot be loaded: .*Lost"):
        open_vault(server.settings(store="lost"), tmp_path)


def test_context_that_is_no_file_name_has_no_lock_either(server, tmp_path):
    settings = server.settings(context="../x")

    with pytest.raises(AuthConfigError, match="use letters, digits, - and _ in its name"):
        Vault(settings, MemoryStore(server.settings(), tmp_path), tmp_path)


def test_vault_loads_no_lock_and_no_keyring_before_they_are_needed():
    late = {"filelock", "keyring", "subprocess"}
    program = f"import sys, cudo_sdk.auth.vault; print(sorted({late} & set(sys.modules)))"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ended.stdout == "[]\n"
