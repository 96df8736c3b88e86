"""The private history: appended line by line, readable by its owner alone, without secrets."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cmd2.pt_utils import Cmd2History

from cudo_sdk.redaction import redacted

LINES = 10_000  # kept in the file
SIZE = 1024 * 1024  # bytes, at most
PATIENCE = 2.0  # seconds for another shell that writes

SECRET_LINE = "That line has a secret in it, and is not in the history."  # noqa: S105  # a sentence

_SECRET = r"(?:password|passwd|passphrase|secret|token|api[-_]?key|private[-_]?key)"  # noqa: S105  # names
_IS_SECRET = re.compile(rf"(?i)--[\w-]{{0,40}}?{_SECRET}\s+[^-\s]|{_SECRET}=\S|\bbearer\s+\S")
# A file, standard input, a variable of a script, or stars in place of the secret itself.
_ELSEWHERE = re.compile(r"[=\s](?:@\S+|-|\$\{\w+\}|\*\*\*)(?=\s|$)")


def holds_secret(line: str) -> bool:
    """Whether a line has a secret in it: one that this program uses now, or what looks like one."""
    line = _ELSEWHERE.sub(" -", line)
    return _IS_SECRET.search(line) is not None or redacted(line) != line


class PrivateHistory(Cmd2History):
    """Lines for arrow-up and Ctrl-R, kept in a file.

    Each line is one write to the end of the file, so that two shells at once and a kill lose nothing.
    A line that begins with a space is not kept, and one that has a secret neither: not in the file and not
    for arrow-up. A file of more than 10,000 lines or 1 MiB loses the oldest. Without a path, nothing is
    written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path: Path | None = None  # while the base class is fed with the old lines
        self.problem = ""  # why the last line was not kept
        super().__init__()
        for line in self._old_lines(path) if path else ():
            super().append_string(line)
        self._path = path

    def _old_lines(self, path: Path) -> Sequence[str]:
        try:
            return _kept_lines(path)
        except OSError as error:
            self.problem = f"The history is not read: {path}: {error.strerror or error}."
            return ()

    def append_string(self, string: str) -> None:
        """Keep a line, unless it begins with a space, repeats the last one, or has a secret."""
        if string.startswith(" "):
            return
        self.problem = ""
        if holds_secret(string):
            self.problem = SECRET_LINE
        else:
            super().append_string(string)

    def store_string(self, string: str) -> None:
        """Append one line to the file; a full or read-only disk costs the line, not the shell."""
        if self._path is None:
            return
        try:
            _append(self._path, string)
        except OSError as error:
            self.problem = f"The history is not written: {self._path}: {error.strerror or error}."

    def matching(self, text: str) -> list[str]:
        """The lines that contain a text, oldest first."""
        return [line for line in self.get_strings() if text in line]


def _append(path: Path, line: str) -> None:
    from filelock import FileLock

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Held while the file is shortened: a line must not go to the end of a file that is being replaced.
    with FileLock(_lock_file(path), PATIENCE, mode=0o600):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(file, 0o600)  # a file that an older program or a backup left open to others
            os.write(file, " ".join(line.splitlines()).encode(errors="replace") + b"\n")
        finally:
            os.close(file)


def _kept_lines(path: Path) -> Sequence[str]:
    """Read the lines, and shorten a file that has become too long."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    if _is_long(content):
        with suppress(OSError):  # where nothing can be written, the old lines can be used all the same
            _shorten(path)
        content = _end_of(content)
    return content.decode(errors="replace").splitlines()


def _is_long(content: bytes) -> bool:
    return len(content) > SIZE or content.count(b"\n") > LINES


def _shorten(path: Path) -> None:
    """Keep the end of the file, in a new one that takes its place."""
    from filelock import FileLock

    with FileLock(_lock_file(path), PATIENCE, mode=0o600):
        end = _end_of(path.read_bytes())  # again: another shell may have added to it, or done the same
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        new.unlink(missing_ok=True)
        try:
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(file, "wb") as stream:
                stream.write(end)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)


def _end_of(content: bytes) -> bytes:
    lines = content[-SIZE:].splitlines(keepends=True)
    if len(content) > SIZE:
        del lines[0]  # it may have been cut
    return b"".join(lines[-LINES:])


def _lock_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")
