"""The three standard streams as values, with what is known about the terminal behind them."""

import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO

from cudo_shell.terminal_size import STDOUT, columns_of


class Enduring(io.StringIO):
    """A stream whose reader may leave, or whose disk may be full: what cannot be written is dropped."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Bring it to where it goes, if that can be."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return is_terminal(self._stream)


@dataclass(frozen=True, slots=True)
class Streams:
    """Where a command reads and writes. `width` is None where nothing limits a line."""

    stdin: TextIO | None
    out: TextIO
    err: TextIO
    in_is_terminal: bool = False
    out_is_terminal: bool = False
    err_is_terminal: bool = False
    out_has_color: bool = False
    err_has_color: bool = False
    width: int | None = None
    is_animated: bool = False  # progress may repaint a line of stderr

    @property
    def can_ask(self) -> bool:
        """Whether a person is there to answer: both ends of the talk are a terminal."""
        return self.in_is_terminal and self.err_is_terminal


def open_streams(
    stdin: TextIO | None, out: TextIO, err: TextIO, environ: Mapping[str, str], color: str = "auto"
) -> Streams:
    """Look once at the terminal; `color` is auto, always or never."""
    out_is_terminal, err_is_terminal = is_terminal(out), is_terminal(err)
    dumb = environ.get("TERM") == "dumb"
    return Streams(
        stdin=stdin,
        out=out,
        err=err,
        in_is_terminal=is_terminal(stdin),
        out_is_terminal=out_is_terminal,
        err_is_terminal=err_is_terminal,
        out_has_color=has_color(color, environ, is_terminal=out_is_terminal),
        err_has_color=has_color(color, environ, is_terminal=err_is_terminal),
        width=terminal_width(out, environ) if out_is_terminal else None,
        is_animated=err_is_terminal and not dumb and not environ.get("ACCESSIBLE"),
    )


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; a closed or absent one is none."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def has_color(choice: str, environ: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Decide on colour: the flag, then NO_COLOR, FORCE_COLOR and TERM, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return is_terminal and environ.get("TERM") != "dumb"


def terminal_width(out: TextIO, environ: Mapping[str, str]) -> int:
    """Columns of the terminal behind a stream, or behind stdout where it has none of its own."""
    try:
        descriptor = out.fileno()
    except (OSError, ValueError):
        descriptor = STDOUT
    return columns_of(environ, descriptor)
