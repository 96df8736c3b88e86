"""A pager for what is taller than the screen; what is not goes straight to the terminal."""

import contextlib
import io
import os
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TextIO

from cudo_shell.streams import Streams

LESS = "less -FRX"
_STYLES = re.compile(r"\x1b\[[0-9;]*m")


def pager_for(streams: Streams, environ: Mapping[str, str], *, is_wanted: bool) -> Sequence[str]:
    """Return the words of CUDO_PAGER, PAGER or less; none where nobody pages, for an empty one, for `cat`."""
    is_seen = streams.out_is_terminal and streams.in_is_terminal and environ.get("TERM") != "dumb"
    if not is_wanted or not is_seen:
        return ()
    command = environ.get("CUDO_PAGER", environ.get("PAGER", LESS))
    try:
        words = shlex.split(command)
    except ValueError:  # an open quote
        return ()
    return () if words == ["cat"] else words


@contextlib.contextmanager
def paged(streams: Streams, words: Sequence[str]) -> Iterator[Streams]:
    """Yield streams whose stdout goes through a pager once it is taller than the screen."""
    if not words:
        yield streams
        return
    out = PagedStream(streams.out, words, height=height_of(streams.out), width=streams.width or 80)
    try:
        yield replace(streams, out=out)
    except BrokenPipeError:  # the person has seen enough
        if not out.is_paging:
            raise
    finally:
        out.finish()


class PagedStream(io.StringIO):
    """Keeps what is written until it is too tall, then hands it and all the rest to a pager."""

    def __init__(self, out: TextIO, words: Sequence[str], *, height: int, width: int) -> None:
        super().__init__()
        self._out = out
        self._words = words
        self._height, self._width = height, width
        self._rows = 0
        self._process: subprocess.Popen[str] | None = None
        self._failed = False

    @property
    def is_paging(self) -> bool:
        """Whether the pager runs."""
        return self._process is not None

    def write(self, text: str) -> int:
        """Keep a text, or pass it on. Raises: BrokenPipeError when the person has left the pager."""
        if self._process and self._process.stdin:
            return self._process.stdin.write(text)
        self._rows += rows_of(text, self._width)
        super().write(text)
        if self._rows >= self._height and not self._failed:
            self._start()
        return len(text)

    def finish(self) -> None:
        """Write what was kept, or wait until the person has left the pager."""
        if self._process is None:
            self._out.write(self._taken())
            return
        # Ctrl-C is the pager's while it has the screen.
        with _no_interrupt(), contextlib.suppress(BrokenPipeError):
            self._process.communicate()

    def _start(self) -> None:
        environ = {"LESS": LESS.partition(" ")[2].removeprefix("-"), **os.environ}
        self._out.flush()
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the person's own choice
                self._words,
                stdin=subprocess.PIPE,
                stdout=_descriptor(self._out),
                text=True,
                encoding="utf-8",
                env=environ,
            )
        except OSError:  # it is not installed: the text alone will do
            self._failed = True
            return
        self.write(self._taken())

    def _taken(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


def rows_of(text: str, width: int) -> int:
    """Return how many rows of a terminal a text takes, long lines wrapped."""
    lines = _STYLES.sub("", text).split("\n")
    return sum(max(0, len(line) - 1) // width + 1 for line in lines) - (1 if lines[-1] == "" else 0)


def height_of(out: TextIO) -> int:
    """Return the rows of the terminal behind a stream; 24 where nobody knows."""
    try:
        return os.get_terminal_size(out.fileno()).lines or 24
    except (OSError, ValueError):
        return 24


def _descriptor(out: TextIO) -> int | None:
    try:
        return out.fileno()
    except (OSError, ValueError):
        return None


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
