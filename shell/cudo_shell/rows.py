"""The rows of the last listing at the prompt, and how they are named: @1, @2-5, @1,4, @*, @last. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from cudo_shell.exits import UsageError

MARK = "@"
OFFERED = 200  # rows of a menu; nobody reads more
_SPAN = r"[0-9]{1,9}(?:-[0-9]{1,9})?"
_NUMBERS = re.compile(rf"{MARK}({_SPAN}(?:,{_SPAN})*)")
_BEGUN = re.compile(r"@(?:[0-9,-]*[,-])?[0-9]*")
_NAMED = 3  # things that a preview of several names


@dataclass(frozen=True, slots=True)
class Place:
    """Where and as whom something was listed; `login` grows with each switch to another target or login."""

    context: str
    login: int
    project: str


@dataclass(frozen=True, slots=True)
class Row:
    """A thing that was listed, made or named: the kind of its listing, and when it was made, if known."""

    kind: str
    id: str
    place: Place
    made: datetime | None = None
    hint: str = ""  # what else its row says, with tabs between
    name: str = ""  # "@2"


class Rows:
    """What was listed last, and what was made or named last."""

    def __init__(self) -> None:
        self.listed: Sequence[Row] = ()
        self.last: Row | None = None

    def keep(self, rows: Iterable[Row]) -> None:
        """Number the rows of a listing, in place of the one before."""
        self.listed = [replace(row, name=f"{MARK}{number}") for number, row in enumerate(rows, 1)]

    def note(self, row: Row) -> None:
        """Remember what was made or named."""
        self.last = replace(row, name=f"{MARK}last")

    def named(self, text: str) -> list[Row]:
        """Return the rows of a reference, each once.

        Raises: UsageError for what is no reference, and for a row that is not there.
        """
        if text == f"{MARK}last":
            if self.last is None:
                raise UsageError("There is no @last: nothing was made or named yet.")
            return [self.last]
        return [self.listed[number - 1] for number in numbers(text, len(self.listed))]

    def previews(self, typed: str) -> Iterator[tuple[str, list[Row]]]:
        """Yield the references that may become of what was typed, with the rows that they stand for."""
        before = typed.rstrip("0123456789")
        numbered = range(1, len(self.listed) + 1) if _BEGUN.fullmatch(typed) else ()
        begun = (text for number in numbered if (text := f"{before}{number}").startswith(typed))
        for text in [*islice(begun, OFFERED), f"{MARK}*", f"{MARK}last"]:
            if text.startswith(typed) and (rows := self._there(text)):
                yield text, rows

    def _there(self, text: str) -> list[Row]:
        try:
            return self.named(text)
        except UsageError:
            return []


def numbers(text: str, count: int) -> list[int]:
    """Read @1, @2-5, @1,4 or @* as the numbers of rows, each once, in the order given.

    Raises: UsageError for anything else, and for a number that is not from 1 to `count`.
    """
    if text == f"{MARK}*":
        spans = [(1, count)]
    elif match := _NUMBERS.fullmatch(text):
        spans = [_span(part) for part in match[1].split(",")]
    else:
        raise UsageError(f"'{text}' names no row.", "Write @1, @2-5, @1,4, @* or @last.")
    if not count:
        raise UsageError(
            f"There is no row {text}: no listing here has numbers yet.", "List something first, as a table."
        )
    for first, last in spans:
        if first > last:
            raise UsageError(f"'{text}' names no row.", f"The smaller number comes first: @{last}-{first}")
        if first < 1 or last > count:
            raise UsageError(f"There is no row {text}.", f"The last listing has {count_of(count, 'row')}.")
    return list(dict.fromkeys(number for first, last in spans for number in range(first, last + 1)))


def _span(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    return int(first), int(last if dash else first)


def preview(rows: Sequence[Row]) -> str:
    """Say what a reference stands for: a row as it was listed, of several the first names."""
    if len(rows) == 1:
        return "\t".join(filter(None, (rows[0].id, rows[0].hint)))
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return ", ".join(row.id for row in rows[:_NAMED]) + more


def count_of(number: int, thing: str) -> str:
    """Write a number of things: `1 row`, `2 rows`."""
    return f"{number} {thing}{'s' * (number != 1)}"
