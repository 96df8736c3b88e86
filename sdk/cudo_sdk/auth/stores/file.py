"""Keeps a login in a file of the user's own: private, replaced whole, and never followed elsewhere."""

from __future__ import annotations

import json
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EFBIG, ELOOP
from pathlib import Path

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.stores.folder import check_private, file_of, is_loose, is_ours, make_private, mark_of
from cudo_sdk.auth.tokens import Record, record_from, record_text
from cudo_sdk.errors import AuthConfigError, LoginRequired
from cudo_sdk.logs import logger

LIMIT = 64 * 1024  # bytes of a record
_ABANDONED = 3600.0  # seconds after which a temporary file has no writer any more
_RETRY = 0.5  # seconds that a reader may keep the file from being replaced (Windows)
# What a system lacks (Windows: all but O_BINARY) is left out.
_READ = os.O_RDONLY
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
for _flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_BINARY"):
    _READ |= getattr(os, _flag, 0)
    _CREATE |= getattr(os, _flag, 0)


class FileStore:
    """The record as JSON, mode 0600, in a directory of mode 0700."""

    name = "file"
    persistent = True

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._directory = directory
        self._file = file_of(settings, directory, ".json")
        self.notes: tuple[str, ...] = ()

    def get(self) -> Record | None:
        """The record; None if there is none.

        Raises LoginRequired for a file that is no record: it is set aside. Raises AuthConfigError for what
        is not ours, no plain file, or of a newer version: it stays as it is.
        """
        try:
            check_private(self._directory)
            data, inode = self._read()
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = "it is a symbolic link" if error.errno == ELOOP else error.strerror
            raise AuthConfigError(f"{self._file} cannot be read: {reason}") from None
        try:
            return record_from(_decoded(data))
        except LoginRequired:
            raise LoginRequired(f"the stored login cannot be read{self._set_aside(inode)}") from None
        except AuthConfigError as error:
            raise AuthConfigError(f"{self._file}: {error}") from None

    def put(self, record: Record) -> None:
        """Replace the file by a whole new one. Raises OSError: then the old one is still there."""
        data = record_text(record)
        if len(data) > LIMIT:
            raise OSError(EFBIG, os.strerror(EFBIG), str(self._file))
        make_private(self._directory)
        self._sweep()
        with self._temporary(data) as temporary:
            _replace(temporary, self._file)
        self._sync_directory()

    def delete(self) -> bool:
        """Remove the file, and what was set aside; whether there was a record. Raises OSError."""
        existed = os.path.lexists(self._file)
        for file in (self._file, *self._beside("corrupt-*"), *self._beside("*.tmp")):
            file.unlink(missing_ok=True)
        if existed:
            self._sync_directory()
        return existed

    def stamp(self) -> object:
        """What the file system says of the file."""
        return mark_of(self._file)

    def describe(self) -> str:
        """Where it keeps the record."""
        return f"the file {self._file}"

    def _read(self) -> tuple[bytes, int]:
        # O_NONBLOCK: a pipe of that name would otherwise wait for a writer.
        descriptor = os.open(self._file, _READ)
        try:
            status = self._checked(descriptor)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(LIMIT + 1), status.st_ino
        finally:
            os.close(descriptor)

    def _checked(self, descriptor: int) -> os.stat_result:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise AuthConfigError(f"{self._file} is no plain file; remove it and log in again")
        if not is_ours(status):
            raise AuthConfigError(f"{self._file} belongs to another user; it is not used")
        if is_loose(status):
            os.fchmod(descriptor, 0o600)
            self._note(f"{self._file} could be read by other users; that is mended, but log in again")
        return status

    def _note(self, text: str) -> None:
        self.notes = (*self.notes, text)
        logger.warning("%s", text)

    def _set_aside(self, inode: int) -> str:
        kept = self._file.with_name(f"{self._file.name}.corrupt-{int(time.time())}")
        with suppress(OSError):
            if self._file.lstat().st_ino == inode:  # else somebody has logged in meanwhile
                self._file.replace(kept)
                return f"; it was renamed to {kept}"
        return ""

    @contextmanager
    def _temporary(self, data: bytes) -> Iterator[Path]:
        """A private file with this content, safely on the disk; gone at the end if it still has its name."""
        path = self._file.with_name(f"{self._file.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
        try:
            with os.fdopen(os.open(path, _CREATE, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _beside(self, pattern: str) -> Iterator[Path]:
        return self._directory.glob(f"{self._file.name}.{pattern}")

    def _sweep(self) -> None:
        for file in self._beside("*.tmp"):
            with suppress(OSError):
                if time.time() - file.lstat().st_mtime > _ABANDONED:
                    file.unlink()

    def _sync_directory(self) -> None:
        with suppress(OSError):  # the change is made; some file systems only cannot be told to hurry
            descriptor = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _decoded(data: bytes) -> object:
    # The error of a JSON reader carries the whole text; it must not leave this function.
    try:
        return json.loads(data) if len(data) <= LIMIT else None
    except (ValueError, RecursionError):
        return None


def _replace(temporary: Path, file: Path) -> None:
    deadline = time.monotonic() + _RETRY
    while True:
        try:
            temporary.replace(file)
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return
