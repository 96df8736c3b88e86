"""The private history: appended line by line, readable by its owner alone, without secrets."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cmd2.pt_utils import Cmd2History

from cudo_shell.blocks import commands_in
from cudo_shell.secrets_in_lines import holds_secret

LINES = 10_000  # kept in the file
SIZE = 1024 * 1024  # bytes, at most
PATIENCE = 2.0  # seconds for another shell that writes

_BREAK = "\x1f"  # between the lines of a block: no key types it, and Python takes it for no end of a line
SECRET_LINE = "That line has a secret in it, and is not in the history."  # noqa: S105  # a sentence


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far a file was read: which file it was, and how many bytes."""

    inode: int = 0
    size: int = 0


class PrivateHistory(Cmd2History):
    """Lines for arrow-up and Ctrl-R, kept in a file that all shells share.

    Each line is one write to the end of the file, so that two shells at once and a kill lose nothing; and
    each shell reads on, so that it has the lines of the others. A line that begins with a space is not kept,
    and one that has a secret neither: not in the file and not for arrow-up. A file of more than 10,000 lines
    or 1 MiB loses the oldest. Without a path, nothing is written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._read = _Mark()
        self.problem = ""  # why the last line was not kept
        super().__init__()
        if path is not None:
            with suppress(OSError):  # where nothing can be written, the old lines can be used all the same
                _shorten_if_long(path)
            self.catch_up()

    def catch_up(self) -> None:
        """Take in what other shells have written since; where that is nothing, it costs two system calls."""
        if self._path is None:
            return
        try:
            content, mark, goes_on = _read_on(self._path, self._read)
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"The history is not read: {self._path}: {error.strerror or error}."
            return
        if not goes_on:
            self.clear()
        self._read = mark
        self._remember(map(_entry, content.decode(errors="replace").splitlines()))

    def append_string(self, string: str) -> None:
        """Keep a command, unless it begins with a space, repeats the last one, or has a secret.

        Of a text of several commands, each is kept when it runs.
        """
        if string.startswith(" ") or len(commands_in(string)) > 1:
            return
        string = string.strip("\n")
        self.problem = ""
        if holds_secret(string):
            self.problem = SECRET_LINE
        elif string and self.newest_first[:1] != [string]:
            self.store_string(string)

    def store_string(self, string: str) -> None:
        """Append one line to the file; a full or read-only disk costs the line there, not the shell."""
        if self._path is None:
            self._remember([string])
            return
        try:
            _append(self._path, string)
        except OSError as error:
            self.problem = f"The history is not written: {self._path}: {error.strerror or error}."
            self._remember([string])
        else:
            self.catch_up()  # which brings the line itself, behind those of others

    def remember_unrun(self, text: str) -> None:
        """Keep what was not run for arrow-up in this shell; the file holds what was."""
        if not holds_secret(text):
            self._remember([text])

    def _remember(self, lines: Iterable[str]) -> None:
        news = self._loaded_strings[:1]
        for line in lines:
            if line and news[-1:] != [line]:
                news.append(line)
        self._loaded_strings[:1] = reversed(news)

    @property
    def newest_first(self) -> list[str]:
        """All lines, not to be changed."""
        return self._loaded_strings

    def matching(self, text: str) -> list[tuple[int, str]]:
        """The lines that contain a text, oldest first, each with its number."""
        return [(number, line) for number, line in enumerate(self.get_strings(), 1) if text in line]

    def line(self, number: int) -> str | None:
        """The line of a number; None when there is none."""
        return self._loaded_strings[-number] if 0 < number <= len(self._loaded_strings) else None


def _written(command: str) -> str:
    """Write a command as one line, which it stays for every reader of lines; other line breaks are blanks."""
    return _BREAK.join(" ".join(line.splitlines()) for line in command.replace(_BREAK, " ").split("\n"))


def _entry(line: str) -> str:
    return line.replace(_BREAK, "\n")


def _append(path: Path, line: str) -> None:
    from filelock import FileLock

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Held while the file is shortened: a line must not go to the end of a file that is being replaced.
    with FileLock(_lock_file(path), PATIENCE, mode=0o600):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(file, 0o600)  # a file that an older program or a backup left open to others
            os.write(file, _written(line).encode(errors="replace") + b"\n")
        finally:
            os.close(file)


def _read_on(path: Path, before: _Mark) -> tuple[bytes, _Mark, bool]:
    """Read the whole lines behind a mark; all there are, and False, where it is another file by now."""
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        goes_on = state.st_ino == before.inode and state.st_size >= before.size
        start = before.size if goes_on else 0
        file.seek(start)
        content = file.read()
    content = content[: content.rfind(b"\n") + 1]  # another shell may be writing the rest
    mark = _Mark(state.st_ino, start + len(content))
    return content if goes_on else _end_of(content), mark, goes_on


def _shorten_if_long(path: Path) -> None:
    if _is_long(path.read_bytes()):
        _shorten(path)


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
