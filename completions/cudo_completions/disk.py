"""Listings kept on the disk from one command to the next: read in a moment, and asked for by others.

Below its folder, a shelf has a directory for each place and credential, and in it files for each kind and
project. All are named by hashes, so that a name tells nothing of what is in the file.
"""

import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from cudo_completions.candidates import Candidate
from cudo_completions.listing import Listing, Scope, safe, scope_of

VERSION = 1  # of the files
FRESH = 10.0  # seconds after an answer for which nobody asks again
SHARE = 5  # an answer that took a second is one for five: large projects are asked less often
PATIENCE = 30.0  # seconds that somebody may take to ask; until then, nobody else begins
PAUSE, LONGEST = 5.0, 300.0  # seconds after a failure, doubled with each, and at most
KEPT = 86_400.0  # seconds after which a listing is offered no more
MANY = 10_000  # names; of more, none is kept, for a part would look like all there is
LARGEST = 8 * 1024 * 1024  # bytes of a file
_ENDLESS = 1e12
_ROW = [str, str, dict]  # text, hint, facts
_PRIVATE = 0o600
_OTHERS = 0o022  # the mode bits by which others could write
_FLAGS = 0
for _flag in ("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):  # what a system lacks is left out
    _FLAGS |= getattr(os, _flag, 0)


class Shelf:
    """Listings in a folder. Whatever is wrong with a file, it is as if it were not there.

    `clock` gives seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def look(self, kind: str, scope: Scope) -> Listing:
        """Return what is there; nothing that is older than a day, or newer than now."""
        document = _read(self._file(kind, scope, "json"))
        age = self._clock() - _number(document.get("taken"))
        if document.get("version") != VERSION or not 0 <= age <= KEPT:
            return Listing()
        index, withheld = safe(list(_candidates(document.get("rows"))))
        return Listing(index, age, withheld=withheld + int(_number(document.get("withheld"))))

    def is_due(self, kind: str, scope: Scope) -> bool:
        """Whether somebody should ask now: the answer is old, and nobody asks or has failed lately."""
        wait = _number(_read(self._file(kind, scope, "next")).get("next")) - self._clock()
        return not 0 < wait <= LONGEST

    def claim(self, kind: str, scope: Scope) -> bool:
        """Say that somebody is about to ask; False where nothing could be kept."""
        try:
            self._put_off(kind, scope, PATIENCE, self._failures(kind, scope))
        except OSError:
            return False
        return True

    @contextmanager
    def turn(self, kind: str, scope: Scope) -> Iterator[bool]:
        """Take the turn to ask; False while another has it. Raises: OSError."""
        from filelock import FileLock, Timeout

        path = self._file(kind, scope, "lock")
        _make_private(path.parent)
        lock = FileLock(path, timeout=0, mode=_PRIVATE, thread_local=False, fallback_to_soft=False)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def put(self, kind: str, scope: Scope, found: Iterable[Candidate], *, began: float) -> bool:
        """Keep an answer that was asked for at `began`; False if something was changed since.

        Raises: OSError.
        """
        index, withheld = safe(list(found))
        now = self._clock()
        if began <= self._changed(kind, scope) <= now:
            return False
        rows = [[each.text, each.hint, dict(each.facts)] for each in index]
        document = {
            "version": VERSION,
            "taken": now,
            "withheld": withheld,
            "rows": rows if len(rows) <= MANY else [],
        }
        _write(self._file(kind, scope, "json"), document)
        self._put_off(kind, scope, max(FRESH, min(LONGEST, SHARE * (now - began))), 0)
        self._sweep()
        return True

    def failed(self, kind: str, scope: Scope, *, rest: float = 0) -> None:
        """Take note that nobody answered, who wants to be left alone for `rest` seconds. Raises: OSError."""
        failures = min(self._failures(kind, scope) + 1, 16)
        self._put_off(kind, scope, min(LONGEST, max(rest, PAUSE * 2**failures)), failures)

    def forget(self, kinds: Iterable[str], scope: Scope) -> None:
        """Drop what is kept of these kinds, in every project, and what is on its way. Raises: OSError."""
        place = self._place(scope)
        if not place.is_dir():
            return
        for kind in kinds:
            mark = place / f"{_hash(kind)}.changed"
            os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | _FLAGS, _PRIVATE))
            os.utime(mark, (self._clock(), self._clock()))
            for file in place.glob(f"{_hash(kind)}-*"):
                if file.suffix != ".lock":
                    file.unlink(missing_ok=True)

    def clear(self) -> None:
        """Drop all that is kept. Raises: OSError."""
        import shutil

        with suppress(FileNotFoundError):
            shutil.rmtree(self._folder)

    def _sweep(self) -> None:
        """Drop what nobody uses any more: of other credentials, and of writers that were killed."""
        for file in self._folder.glob("*/*"):
            with suppress(OSError):
                if self._clock() - file.stat().st_mtime > KEPT:
                    file.unlink()

    def _failures(self, kind: str, scope: Scope) -> int:
        return int(_number(_read(self._file(kind, scope, "next")).get("failures")))

    def _put_off(self, kind: str, scope: Scope, seconds: float, failures: int) -> None:
        document = {"next": self._clock() + seconds, "failures": failures}
        _write(self._file(kind, scope, "next"), document)

    def _changed(self, kind: str, scope: Scope) -> float:
        """Return when something of the kind was changed by us; seconds since 1970."""
        try:
            return (self._place(scope) / f"{_hash(kind)}.changed").stat().st_mtime
        except OSError:
            return 0.0

    def _file(self, kind: str, scope: Scope, suffix: str) -> Path:
        project = scope_of(kind, scope).project
        return self._place(scope) / f"{_hash(kind)}-{_hash(project)}.{suffix}"

    def _place(self, scope: Scope) -> Path:
        return self._folder / _hash(json.dumps([scope.origin, scope.credential]))


def _hash(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def _candidates(rows: Any) -> Iterator[Candidate]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, list) and [type(each) for each in row] == _ROW:
            yield Candidate(*row)


def _number(value: Any) -> float:
    """Return a number such as a time or a count; 0 for anything that is none."""
    return float(value) if isinstance(value, int | float) and 0 <= value < _ENDLESS else 0.0


def _read(path: Path) -> dict[str, Any]:
    """Return the document of a file that is ours alone to write; an empty one for any other."""
    try:
        file = os.open(path, os.O_RDONLY | _FLAGS)
    except OSError:
        return {}
    try:
        document = json.loads(os.read(file, LARGEST)) if _is_ours(os.fstat(file)) else {}
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        os.close(file)
    return document if isinstance(document, dict) else {}


def _is_ours(status: os.stat_result) -> bool:
    is_plain = stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST
    return is_plain and status.st_uid == os.geteuid() and not status.st_mode & _OTHERS


def _write(path: Path, document: dict[str, Any]) -> None:
    """Put a document in place of a file: whole or not at all, readable by its owner alone."""
    _make_private(path.parent)
    temporary = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, _PRIVATE), "w"
        ) as file:
            json.dump(document, file, separators=(",", ":"))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _make_private(folder: Path) -> None:
    """Make a folder and those above it, for us alone."""
    missing = [each for each in (folder, *folder.parents) if not os.path.lexists(each)]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
