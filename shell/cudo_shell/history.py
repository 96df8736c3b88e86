"""The private history: appended line by line, readable by its owner alone, without secrets."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from cmd2.pt_utils import Cmd2History

TAIL = 1024 * 1024  # bytes read at the start; older lines stay in the file

_SECRET = r"[\w-]*(?:password|passwd|passphrase|secret|token|api[-_]?key|private[-_]?key)[\w-]*"  # noqa: S105  # the names of options
_VALUE = r"""(?:"[^"]*"?|'[^']*'?|\S+)"""
_SECRETS = re.compile(rf"(?i)(--{_SECRET}(?:=|\s+)|\b{_SECRET}=|\bbearer\s+){_VALUE}")


def redacted(line: str) -> str:
    """Put stars where the value of a secret stands."""
    return _SECRETS.sub(r"\1***", line)


class PrivateHistory(Cmd2History):
    """Lines for arrow-up and Ctrl-R, kept in a file.

    Each line is one write to the end of the file, so that two shells at once and a kill lose nothing.
    A line that begins with a space is not kept. Without a path, nothing is written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path: Path | None = None  # while the base class is fed with the old lines
        self.problem = ""  # why the last line could not be written
        super().__init__(_read_tail(path) if path else ())
        self._path = path

    def append_string(self, string: str) -> None:
        """Keep a line, unless it begins with a space or repeats the last one."""
        if not string.startswith(" "):
            super().append_string(redacted(string))

    def store_string(self, string: str) -> None:
        """Append one line to the file; a full or read-only disk costs the line, not the shell."""
        if self._path is None:
            return
        try:
            _append(self._path, string)
            self.problem = ""
        except OSError as error:
            self.problem = f"The history is not written: {self._path}: {error.strerror}."

    def matching(self, text: str) -> list[str]:
        """The lines that contain a text, oldest first."""
        return [line for line in self.get_strings() if text in line]


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(file, 0o600)  # a file that an older program or a backup left open to others
        os.write(file, " ".join(line.splitlines()).encode() + b"\n")
    finally:
        os.close(file)


def _read_tail(path: Path) -> Iterable[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return lines[1:] if size > TAIL else lines
