"""Scripts as they come: from a file, from stdin, from the words of a command line."""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cudo_shell.directories import expanded
from cudo_shell.exits import UsageError
from cudo_shell.locked import OPEN, Lock, whole


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script, and its name in messages."""

    name: str
    text: str

    def beside(self, name: str) -> str:
        """Return the path of a file that this script names: relative to its own folder.

        Raises: UsageError for one in the home of somebody who is not there.
        """
        try:
            return str(Path(self.name).parent / expanded(name))
        except OSError as error:
            raise _unreadable(name, error) from None


def load(path: str, lock: Lock = OPEN) -> Script:
    """Read a script from a file.

    Raises: UsageError for a file that is not there, cannot be read, or is no text; RefusedError for one that
    the lock keeps out of reach.
    """
    try:
        return decoded(path, lock.read(path))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EISDIR:
            raise UsageError(f"'{path}' is a directory, not a script.") from None
        raise _unreadable(path, error) from None


def read(file: BinaryIO, name: str) -> Script:
    """Read a script from a file that is open.

    Raises: UsageError for one that cannot be read, or is no text.
    """
    try:
        return decoded(name, whole(file, name))
    except OSError as error:
        raise _unreadable(name, error) from None


def _unreadable(path: str, error: OSError | ValueError) -> UsageError:
    return UsageError(f"Cannot read '{path}': {getattr(error, 'strerror', None) or error}.")


def decoded(name: str, content: bytes) -> Script:
    """Make a script of bytes: UTF-8, with or without BOM, with any line ends.

    Raises: UsageError for anything that is no text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: this is not UTF-8 text.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UsageError(f"{name}:{line}: a NUL byte: this is no script.")
    return Script(name, text.replace("\r\n", "\n").replace("\r", "\n"))
