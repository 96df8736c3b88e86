"""What `cudo --locked` refuses, and the one place that opens files which a person has named."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cudo_shell.directories import expanded
from cudo_shell.exits import RefusedError, UsageError

VARIABLE, FOLDER_VARIABLE = "CUDO_LOCKED", "CUDO_LOCKED_FOLDER"
_NO = frozenset({"", "0", "no", "false"})  # any other value locks: a slip must not open what was meant closed
_CLOSED_IN_CHILDREN = getattr(os, "O_CLOEXEC", 0)
_ONLY_READ = os.O_RDONLY | _CLOSED_IN_CHILDREN | getattr(os, "O_NONBLOCK", 0)
_TO_ADD = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _CLOSED_IN_CHILDREN
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


LARGEST = 16 * 2**20  # bytes: no script, key or start script is as large, and /dev/zero has no end


def whole(file: BinaryIO, name: str) -> bytes:
    """Read a file to its end.

    Raises: OSError for one that is larger than any file should be.
    """
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), name)
    return content


class Lock(NamedTuple):
    """What the person in front may reach besides the API; `folder`, a real path, has all their files."""

    is_on: bool = False
    folder: Path | None = None

    def refuse(self, what: str) -> None:
        """Refuse something if locked; `what` is such as "no output goes into a program".

        Raises: RefusedError.
        """
        if self.is_on:
            raise RefusedError(f"This shell is locked: {what}.", "Nothing was done.")

    def notes(self, environ: Mapping[str, str]) -> list[str]:
        """Say which settings of the environment are not followed."""
        pagers = [name for name in ("CUDO_PAGER", "PAGER") if self.is_on and environ.get(name)]
        return [f"This shell is locked: {name} is not used." for name in pagers]

    def read(self, name: str) -> bytes:
        """Return the content of a file that a person named.

        Raises: RefusedError for one that is out of reach, OSError, ValueError.
        """
        if not self.is_on:
            with expanded(name).open("rb") as file:
                return whole(file, name)
        with os.fdopen(self._opened(self.reached(name)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                self.refuse(f"'{name}' is no plain file")
            return whole(file, name)

    def opened_to_add(self, name: str) -> int:
        """Open a file that a person named, to write at its end; one that is new is its owner's alone.

        Returns the descriptor. Raises: RefusedError for one that is out of reach, OSError, ValueError.
        """
        path = self.reached(name)
        return self._opened(path, _TO_ADD) if self.is_on else os.open(path, _TO_ADD, 0o600)

    def reached(self, name: str) -> Path:
        """Return the real path behind a name, links followed.

        Raises: RefusedError for one outside of the folder, whether there is such a file or not; OSError for
        the home of somebody who is not there.
        """
        path = expanded(name)
        if not self.is_on:
            return path
        if self.folder is None:
            self.refuse("it reads no files")
        try:
            real = path.resolve()
        except (OSError, RuntimeError):  # links that lead round in a circle
            real = Path(os.sep)
        if self.folder not in (real, *real.parents):
            self.refuse(f"'{name}' is outside of {self.folder}")
        return real

    def scan(self, name: str) -> "AbstractContextManager[Iterator[os.DirEntry[str]]]":
        """Return what is in a directory that a person named.

        Raises: RefusedError for one that is out of reach, OSError, ValueError.
        """
        return os.scandir(self.reached(name))

    def _opened(self, real: Path, flags: int = _ONLY_READ) -> int:
        """Open a real path from folder to folder, so that none of them can become a link meanwhile."""
        if self.folder in (None, real) or os.open not in os.supports_dir_fd:
            return os.open(real, flags | _NO_LINK, 0o600)
        *folders, last = real.relative_to(self.folder).parts
        at = os.open(self.folder, _ONLY_READ | _NO_LINK)
        for part, how in (*((folder, _ONLY_READ) for folder in folders), (last, flags)):
            try:
                inner = os.open(part, how | _NO_LINK, 0o600, dir_fd=at)
            finally:
                os.close(at)
            at = inner
        return at


OPEN = Lock()


def lock_from(*, is_wanted: bool, folder: str | None, environ: Mapping[str, str]) -> Lock:
    """Return the lock of `--locked` and `--folder`, or of the environment, which the words cannot widen.

    Raises: UsageError, RefusedError.
    """
    if environ.get(VARIABLE, "").lower() not in _NO:
        if folder is not None:
            raise RefusedError(
                f"This shell is locked by {VARIABLE}: --folder cannot change that.",
                f"The folder is the one of {FOLDER_VARIABLE}.",
            )
        return Lock(is_on=True, folder=_real_folder(environ.get(FOLDER_VARIABLE), FOLDER_VARIABLE))
    if not is_wanted:
        if folder is not None:
            raise UsageError("--folder is the one of a locked shell.", "Give --locked, too.")
        return OPEN
    return Lock(is_on=True, folder=_real_folder(folder, "--folder"))


def _real_folder(name: str | None, origin: str) -> Path | None:
    if not name:
        return None
    with suppress(OSError):
        path = expanded(name)
        if path.is_dir():
            return path.resolve()
    raise UsageError(f"{origin}: there is no folder '{name}'.")
