"""`--watch`: a listing looked at again and again, in place, as lines, or as a stream of JSON."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from cudo_shell.exits import UsageError
from cudo_shell.output.clean import notice
from cudo_shell.output.comparison import Listing, Row, compared, marked, sentences
from cudo_shell.output.console import ConsoleOutputHandler
from cudo_shell.output.fields import Fields, to_data
from cudo_shell.output.handlers import BaseOutputHandler
from cudo_shell.output.pager import height_of, rows_of
from cudo_shell.output.structured import json_text
from cudo_shell.output.values import duration, rfc3339
from cudo_shell.streams import Streams

HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"  # the cursor


class CollectedOutput(BaseOutputHandler):
    """Holds a listing as it would be printed."""

    def __init__(self, streams: Streams) -> None:
        super().__init__(streams)
        self.listing = Listing()

    def print_list(self, items: Iterable[Any], fields: Fields) -> None:
        self.listing = Listing(fields, list(items))

    def print_item(self, item: Any, fields: Fields) -> None:
        self.print_list([item], fields)

    def print_data(self, value: Any) -> None:  # noqa: ARG002  # as every output
        raise UsageError("--watch shows rows; --query may not make any.", "Leave one of them out.")


class Display(Protocol):
    """Where the looks are shown."""

    def show(self, rows: list[Row], fields: Fields, *, is_first: bool) -> None:
        """Show one look, compared with the one before."""

    def excuse(self, problem: str) -> None:
        """Say that a look failed, and that there will be another."""


def watch(
    look: Callable[[], Listing],
    display: Display,
    pause: Callable[[], None],
    passing: Callable[[Exception], str | None],
) -> None:
    """Look and show for ever; the first look must succeed, later ones may fail for a `passing` reason.

    Ends with what is raised: a KeyboardInterrupt of the person, or an error that will not pass.
    """
    before = look()
    display.show([Row("added", item) for item in before.items], before.fields, is_first=True)
    while True:
        pause()
        try:
            after = look()
        except Exception as error:
            problem = passing(error)
            if problem is None:
                raise
            display.excuse(problem)
            continue
        display.show(compared(before, after), after.fields or before.fields, is_first=False)
        before = after


class Repainted:
    """A table that is drawn over the one before, and a line under it that says when that was."""

    def __init__(
        self, streams: Streams, interval: float, width: Callable[[], int], *, keeps_columns: bool
    ) -> None:
        """`interval` is in seconds; `width` is asked at each look, for windows change their size."""
        self._streams = streams
        self._interval = interval
        self._width = width
        self._keeps_columns = keeps_columns
        self._table = ""
        self._drawn_in = width()
        self._height = 0  # rows of what is on the screen

    def show(self, rows: list[Row], fields: Fields, *, is_first: bool) -> None:
        """Draw a look."""
        now = datetime.now(UTC)
        shown = [Row("same", row.item) for row in rows] if is_first else rows
        cells = [marked(row, fields, now) for row in shown]
        streams = replace(self._streams, width=self._width())
        handler = ConsoleOutputHandler(streams, keeps_columns=self._keeps_columns)
        table, missing = handler.drawn(fields, cells) if cells else ("Nothing found.\n", [])
        self._table = self._cut(table)
        note = f"   not shown: {', '.join(missing)}" if missing else ""
        self._paint(f"{now:%H:%M:%S} UTC, every {duration(self._interval)}, Ctrl-C ends{note}")

    def excuse(self, problem: str) -> None:
        """Keep the last table, and say why it is not newer."""
        self._paint(f"{notice(problem)} Trying again.")

    def _cut(self, table: str) -> str:
        lines = table.splitlines()
        room = height_of(self._streams.out) - 3  # the line below, a hint of the rest, and the cursor
        if len(lines) <= room:
            return table
        return "".join(f"{line}\n" for line in [*lines[:room], f"... {len(lines) - room} more"])

    def _paint(self, line: str) -> None:
        width = self._width()
        frame = f"{self._table}{line[: width - 1]}\n"
        back = f"\x1b[{self._height}F\x1b[J" if self._height else ""
        if width != self._drawn_in:  # the terminal has wrapped the old lines anew: nobody knows where
            back = "\x1b[H\x1b[2J"
        self._streams.out.write(back + frame)
        self._streams.out.flush()
        self._height, self._drawn_in = rows_of(frame, width), width


class Told:
    """A table once, then a line for each change: for terminals that must not be repainted."""

    def __init__(self, streams: Streams, *, keeps_columns: bool) -> None:
        self._streams = streams
        self._handler = ConsoleOutputHandler(streams, keeps_columns=keeps_columns)

    def show(self, rows: list[Row], fields: Fields, *, is_first: bool) -> None:
        """Print a look."""
        if is_first:
            self._handler.print_list([row.item for row in rows], fields)
        for line in () if is_first else sentences(rows, fields):
            self._streams.out.write(f"{datetime.now(UTC):%H:%M:%S} UTC  {line}\n")
        self._streams.out.flush()

    def excuse(self, problem: str) -> None:
        """Say that a look failed."""
        self._streams.err.write(f"{notice(problem)} Trying again.\n")


class Streamed:
    """One JSON object on a line for each change; at first, everything is added."""

    def __init__(
        self, streams: Streams, data: Callable[[Any, Fields], Any] = lambda item, _: to_data(item)
    ) -> None:
        self._streams = streams
        self._data = data

    def show(self, rows: list[Row], fields: Fields, *, is_first: bool) -> None:  # noqa: ARG002  # all are lines
        """Print what changed."""
        time = rfc3339(datetime.now(UTC))
        for row in rows:
            if row.kind != "same":
                names = [fields[index].name for index in sorted(row.changed)]
                line = {
                    "time": time,
                    "change": row.kind,
                    "fields": names,
                    "item": self._data(row.item, fields),
                }
                self._streams.out.write(json_text(line, indent=None) + "\n")
        self._streams.out.flush()

    def excuse(self, problem: str) -> None:
        """Say that a look failed."""
        self._streams.err.write(f"{notice(problem)} Trying again.\n")


@contextmanager
def hidden_cursor(streams: Streams) -> Iterator[None]:
    """Keep the cursor out of a table that is repainted; it comes back however that ends."""
    streams.out.write(HIDE)
    try:
        yield
    finally:
        streams.out.write(SHOW)
        streams.out.flush()


@contextmanager
def ended_by_ctrl_c(streams: Streams) -> Iterator[None]:
    """Take Ctrl-C for the end that was asked for; the terminal shows it as ^C, which is a line of its own."""
    try:
        yield
    except KeyboardInterrupt as error:
        is_key = type(error) is KeyboardInterrupt  # the others are signals, and ends of a limit
        if is_key and streams.in_is_terminal and streams.err_is_terminal:
            streams.err.write("\n")
            streams.err.flush()
