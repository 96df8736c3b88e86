"""The file of a login: private, whole, and never somebody else's."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
import time
from errno import EFBIG
from pathlib import Path

import pytest

from cudo_sdk.auth.stores.file import FileStore
from cudo_sdk.auth.tokens import Persona, record_text
from cudo_sdk.errors import AuthConfigError, LoginRequired

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state" / "credentials"


@pytest.fixture
def store(directory: Path, settings) -> FileStore:
    return FileStore(settings, directory)


@pytest.fixture
def file(directory: Path, store: FileStore, tokens, settings) -> Path:
    """A record that was put, whole."""
    store.put(tokens())
    return directory / f"{settings.record_name}.json"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_record_that_was_put_is_got_with_all_its_fields(store, tokens):
    record = tokens(gen=3, scope="openid", persona=Persona(sub="alice", name="Alice", email="a@example.test"))

    store.put(record)

    assert store.get() == record


def test_new_record_replaces_the_old_one_wholly(store, file, directory, tokens):
    store.put(tokens(gen=4, refresh_token=None))

    assert store.get() == tokens(gen=4, refresh_token=None)
    assert names(directory) == [file.name]


def test_no_record_is_none_and_makes_no_directory(store, directory):
    assert store.get() is None
    assert not directory.parent.exists()


def test_record_of_another_scope_client_or_api_is_another_record(store, file, directory, settings):
    for other in ({"scopes": ("openid",)}, {"client_id": "x"}, {"api_url": "https://b.example"}):
        assert FileStore(settings.model_copy(update=other), directory).get() is None


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "", ".", "a.b", "a*", "x" * 65, "a\n", "a-0123456789abcdef/x"]
)
def test_context_that_is_no_file_name_is_refused(name: str, directory: Path, settings):
    with pytest.raises(AuthConfigError, match="use letters, digits, - and _ in its name"):
        FileStore(settings.model_copy(update={"context": name}), directory)


def test_description_names_the_file(store, file):
    assert store.describe() == f"the file {file}"


# Modes and owners


def test_umask_zero_leaves_file_directory_and_its_parents_private(store, directory, monkeypatch, tokens):
    seen: list[int] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append(mode(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    before = os.umask(0)
    try:
        store.put(tokens())
    finally:
        os.umask(before)

    assert seen == [0o600]
    assert [mode(path) for path in (*directory.iterdir(), directory, directory.parent)] == [
        0o600,
        0o700,
        0o700,
    ]


def test_file_that_others_could_read_is_mended_and_told(store, file, caplog, tokens):
    file.chmod(0o644)

    assert store.get() == tokens()

    told = f"{file} could be read by other users; that is mended, but log in again"
    assert mode(file) == 0o600
    assert store.notes == (told,)
    assert caplog.messages == [told]


def test_file_that_was_private_is_not_told(store, file, caplog):
    store.get()

    assert (store.notes, caplog.messages) == ((), [])


def test_directory_that_others_could_enter_is_closed(store, file, directory, tokens):
    directory.chmod(0o777)

    assert store.get() == tokens()
    assert mode(directory) == 0o700


@as_root
def test_file_of_another_user_is_not_used(store, file):
    os.chown(file, NOBODY, NOBODY)

    with pytest.raises(AuthConfigError) as caught:
        store.get()

    assert str(caught.value) == f"{file} belongs to another user; it is not used"


@as_root
def test_directory_of_another_user_is_neither_read_nor_written(store, file, directory, tokens):
    os.chown(directory, NOBODY, NOBODY)

    for use in (store.get, lambda: store.put(tokens(gen=1))):
        with pytest.raises(AuthConfigError, match="belongs to another user; logins are not kept there"):
            use()

    assert json.loads(file.read_text())["gen"] == 0


# What is no plain file


def test_link_in_place_of_the_file_is_not_followed(store, file, tmp_path):
    target = tmp_path / "elsewhere.json"
    file.rename(target)
    file.symlink_to(target)

    with pytest.raises(AuthConfigError) as caught:
        store.get()

    assert str(caught.value) == f"{file} cannot be read: it is a symbolic link"


def test_link_in_place_of_the_file_is_replaced_and_its_target_left_alone(store, file, tmp_path, tokens):
    target = tmp_path / "elsewhere"
    target.write_text("precious")
    file.unlink()
    file.symlink_to(target)

    store.put(tokens())

    assert store.get() == tokens()
    assert target.read_text() == "precious"


def test_link_in_place_of_the_directory_is_neither_read_nor_written(store, file, directory, tmp_path, tokens):
    elsewhere = tmp_path / "elsewhere"
    directory.rename(elsewhere)
    directory.symlink_to(elsewhere)

    for use in (store.get, lambda: store.put(tokens(gen=1))):
        with pytest.raises(AuthConfigError, match="must be a directory and no link; remove it"):
            use()

    assert json.loads((elsewhere / file.name).read_text())["gen"] == 0


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "directory"])
def test_pipe_or_directory_in_place_of_the_file_is_refused_at_once(make, store, file):
    file.unlink()
    make(file)
    begun = time.monotonic()

    with pytest.raises(AuthConfigError) as caught:
        store.get()

    assert str(caught.value) == f"{file} is no plain file; remove it and log in again"
    assert time.monotonic() - begun < 1.0


def test_refused_file_leaves_no_descriptor_open(store, file):
    file.unlink()
    file.mkdir()
    before = os.listdir("/proc/self/fd") if sys.platform == "linux" else []  # noqa: PTH208  # numbers, not paths  # numbers, not paths

    for _ in range(5):
        with pytest.raises(AuthConfigError):
            store.get()

    assert sys.platform != "linux" or len(os.listdir("/proc/self/fd")) == len(before)  # noqa: PTH208  # numbers, not paths


# What is no record

CORRUPT = {
    "empty": b"",
    "brace": b"{",
    "null": b"null",
    "list": b"[]",
    "not UTF-8": b'{"version": 1, "kind": "\xff\xfe"}',
    "200 kB": b'{"version": 1, "secret-canary": "' + b"x" * 200_000 + b'"}',
    "nested": b"[" * 60_000,
    "no version": b"{}",
    "version of another type": b'{"version": "2"}',
    "missing fields": b'{"version": 1, "kind": "tokens", "access_token": "secret-canary"}',
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT.keys())
def test_corrupt_record_is_set_aside_and_asks_for_a_login(content: bytes, store, file, directory):
    file.write_bytes(content)

    with pytest.raises(LoginRequired) as caught:
        store.get()

    (kept,) = directory.iterdir()
    assert kept.name.startswith(f"{file.name}.corrupt-")
    assert kept.read_bytes() == content
    assert mode(kept) == 0o600
    assert str(caught.value) == f"the stored login cannot be read; it was renamed to {kept}"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert store.get() is None


def test_valid_record_too_long_to_be_one_is_not_read(store, file, tokens):
    file.write_bytes(record_text(tokens()) + b" " * 64 * 1024)

    with pytest.raises(LoginRequired):
        store.get()


def test_corrupt_record_is_not_set_aside_when_a_login_replaced_it_meanwhile(store, file, monkeypatch, tokens):
    file.write_bytes(b"{")
    fstat = os.fstat

    def replaced_meanwhile(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        if os.path.samestat(status, file.stat()):
            monkeypatch.undo()
            store.put(tokens())
        return status

    monkeypatch.setattr(os, "fstat", replaced_meanwhile)

    with pytest.raises(LoginRequired, match=r"^the stored login cannot be read$"):
        store.get()

    assert store.get() == tokens()


def test_record_of_a_newer_version_stays_untouched(store, file, directory):
    newer = b'{"version": 2, "kind": "passkey"}'
    file.write_bytes(newer)

    with pytest.raises(AuthConfigError) as caught:
        store.get()

    assert str(caught.value) == f"{file}: the stored login was written by a newer version of cudo"
    assert names(directory) == [file.name]
    assert file.read_bytes() == newer


# Deleting, and what writers leave behind


def test_delete_removes_the_record_and_what_was_set_aside_or_left_half_written(store, file, directory):
    other = directory / "other-0123456789abcdef.json"
    for path in (other, directory / f"{file.name}.corrupt-1", directory / f"{file.name}.7-ab.tmp"):
        path.write_text("refresh-canary")

    assert store.delete() is True

    assert names(directory) == [other.name]
    assert store.delete() is False


def test_temporary_file_of_a_dead_writer_goes_after_an_hour_and_others_stay(store, file, directory, tokens):
    old, young = directory / f"{file.name}.7-ab.tmp", directory / f"{file.name}.8-cd.tmp"
    others = directory / "other-0123456789abcdef.json.7-ab.tmp"
    now = time.time()
    for path, age in ((old, 3700), (young, 3500), (others, 3700)):
        path.write_text("half")
        os.utime(path, (now - age, now - age))

    store.put(tokens(gen=1))

    assert names(directory) == sorted([file.name, young.name, others.name])


FULL = """
import resource, signal, sys
from pathlib import Path
from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.stores.file import FileStore

store = FileStore(Settings.model_validate_json(sys.argv[1]), Path(sys.argv[2]))
record = store.get()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    store.put(record.model_copy(update={"gen": 1}))
except OSError as error:
    print(error.errno, error.strerror)
"""


def test_full_disk_raises_and_leaves_the_old_record_whole_and_alone(store, file, directory, tokens, settings):
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert limit == resource.RLIM_INFINITY

    ended = subprocess.run(
        [sys.executable, "-c", FULL, settings.model_dump_json(), str(directory)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.stdout, ended.stderr) == (f"{EFBIG} {os.strerror(EFBIG)}\n", "")
    assert names(directory) == [file.name]
    assert store.get() == tokens()


def test_record_that_could_not_be_read_again_is_not_written(store, file, directory, tokens):
    with pytest.raises(OSError, match=os.strerror(EFBIG)):
        store.put(tokens(access_token="x" * 70_000))

    assert store.get() == tokens()
    assert names(directory) == [file.name]


@pytest.mark.parametrize(("failures", "outcome"), [(3, "written"), (10**9, "raised")])
def test_replacing_is_tried_for_half_a_second_where_a_reader_keeps_it(
    failures: int, outcome: str, store, file, directory, monkeypatch, tokens
):
    """As on Windows: the system refuses to replace a file that another process has open."""
    replace = Path.replace
    refused: list[Path] = []

    def busy(self: Path, target: Path) -> Path:
        if len(refused) < failures:
            refused.append(target)
            raise PermissionError(13, "in use")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    begun = time.monotonic()
    if outcome == "written":
        store.put(tokens(gen=1))
        assert store.get() == tokens(gen=1)
    else:
        with pytest.raises(PermissionError, match="in use"):
            store.put(tokens(gen=1))
        assert 0.5 <= time.monotonic() - begun < 2.0
        assert store.get() == tokens()
    assert names(directory) == [file.name]
