"""Tables: for a terminal by rich, within its width; for a pipe as plain columns that are never cut."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cudo_shell.output.fields import Fields, FieldSpec, fields_of
from cudo_shell.output.handlers import BaseOutputHandler
from cudo_shell.output.values import COUNT, ID, STATE
from cudo_shell.streams import Streams

if TYPE_CHECKING:
    from rich.console import RenderableType

GAP = 2  # spaces between columns
FOLD = 12  # columns of text that are left when a cell is folded

NUMBER = FieldSpec("#", COUNT, priority=0)  # of a row, by which it may be named
STATE_STYLES = {
    "ACTIVE": "green",
    "READY": "green",
    "ATTACHED": "green",
    "FAILED": "red",
    "STOPPED": "yellow",
    "SUSPENDED": "yellow",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of a table, and its style in words of rich."""

    text: str
    style: str = ""


class ConsoleOutputHandler(BaseOutputHandler):
    """A table for many things, names and values for one."""

    is_for_people = True

    def __init__(
        self,
        streams: Streams,
        *,
        headers: bool = True,
        keeps_columns: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`keeps_columns`: somebody asked for them, so that a narrow terminal leaves none out."""
        super().__init__(streams)
        self.headers = headers
        self.keeps_columns = keeps_columns
        self.now = now

    def print_item(self, item: Any, fields: Fields) -> None:
        """Show what is known of one thing, a line for each value."""
        now = self._relative_now()
        pairs = [(field, field.people(item, now)) for field in fields]
        pairs = [(field, text) for field, text in pairs if text]
        if self.streams.out_is_terminal:
            sheet = _sheet([(field.title.lower(), Cell(text, _style(field, text))) for field, text in pairs])
            self.streams.out.write(self._drawn(sheet))
        else:
            self._print_plain([[field.title.lower(), text] for field, text in pairs])

    def print_list(self, items: Iterable[Any], fields: Fields) -> None:
        """Show a table; on a narrow terminal the columns of least priority are left out, and that is said."""
        now = self._relative_now()
        rows = [[cell_of(field, item, now) for field in fields] for item in items]
        if not rows:
            self.streams.err.write("Nothing found.\n")
            return
        if not self.streams.out_is_terminal:
            head = [[field.title for field in fields]] if self.headers else []
            texts = [[cell.text for cell in row] for row in rows]
            self._print_plain(head + texts, [field.kind.is_number for field in fields])
            return
        if self.is_numbered:
            fields, rows = numbered(fields, rows)
        table, missing = self.drawn(fields, rows)
        if missing:
            self.streams.err.write(f"Not shown, the terminal is narrow: {', '.join(missing)}\n")
        self.streams.out.write(table)

    def drawn(self, fields: Fields, rows: Sequence[Sequence[Cell]]) -> tuple[str, list[str]]:
        """Return a table for this terminal, and the names of the columns for which there was no room."""
        needs = widths(fields, rows)
        kept = fitting(fields, needs, None if self.keeps_columns else self.streams.width)
        missing = [field.name for index, field in enumerate(fields) if index not in kept]
        return self._drawn(
            _table(fields, rows, kept, headers=self.headers), self._room(fields, needs, kept)
        ), missing

    def print_data(self, value: Any) -> None:
        """Show a list of flat objects as a table, anything else as JSON."""
        fields = fields_of(value)
        if fields is not None:
            self.print_list(value, fields)
            return
        from cudo_shell.output.structured import JSONOutputHandler

        JSONOutputHandler(self.streams).print_data(value)

    def _room(self, fields: Fields, needs: Sequence[int], kept: Sequence[int]) -> int:
        """Return the width to draw in: beyond the terminal where columns must stay, or an id would break."""
        least = sum(least_width(fields[index], needs[index], whole=self.keeps_columns) for index in kept)
        return max(self.streams.width or 0, least + GAP * len(kept))

    def _relative_now(self) -> datetime | None:
        # Ages are for somebody who looks now; a file keeps the moment itself.
        return self.now() if self.streams.out_is_terminal else None

    def _print_plain(self, rows: list[list[str]], numbers: Sequence[bool] = ()) -> None:
        for line in aligned(rows, numbers):
            self.streams.out.write(line + "\n")

    def _drawn(self, renderable: "RenderableType", width: int | None = None) -> str:
        from rich.console import Console

        # Rich writes into a string: a failing stream is then our own error, at one place.
        console = Console(
            width=width or self.streams.width,
            height=25,  # without one, rich takes a dumb terminal for 80 columns wide, whatever the width
            force_terminal=True,
            color_system="standard" if self.streams.out_has_color else None,
            no_color=not self.streams.out_has_color,
            markup=False,
            highlight=False,
            emoji=False,
            legacy_windows=False,
        )
        with console.capture() as capture:
            console.print(renderable)
        return "".join(line.rstrip(" ") + "\n" for line in capture.get().splitlines())


def cell_of(field: FieldSpec, item: Any, now: datetime | None) -> Cell:
    """Return the value of a thing as a table shows it."""
    text = field.people(item, now)
    return Cell(text, _style(field, text))


def numbered(fields: Fields, rows: Sequence[Sequence[Cell]]) -> tuple[Fields, list[list[Cell]]]:
    """Put the numbers of the rows before the other columns."""
    return (NUMBER, *fields), [[Cell(str(number), "dim"), *row] for number, row in enumerate(rows, 1)]


def cell_width(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def widths(fields: Fields, rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return the width that each column needs."""
    return [
        max(len(field.title), *(cell_width(row[index].text) for row in rows))
        for index, field in enumerate(fields)
    ]


def least_width(field: FieldSpec, need: int, *, whole: bool) -> int:
    """Return the width below which a column is not drawn: an id stays in one piece, text may be folded."""
    return need if whole or field.kind is ID else min(need, FOLD)


def fitting(fields: Fields, needs: Sequence[int], width: int | None) -> list[int]:
    """Return the places of the columns that fit; the last one of the highest priority goes first."""
    kept = list(range(len(fields)))
    while width is not None and sum(needs[index] + GAP for index in kept) - GAP > width:
        droppable = [index for index in kept if fields[index].priority > 0]
        if not droppable:
            break
        kept.remove(max(droppable, key=lambda index: (fields[index].priority, index)))
    return kept


def aligned(rows: Sequence[Sequence[str]], numbers: Sequence[bool] = ()) -> Iterable[str]:
    """Pad the cells to columns; numbers to the right."""
    needs = [max(cell_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    right = list(numbers) or [False] * len(needs)
    for row in rows:
        cells = []
        for cell, need, is_number in zip(row, needs, right, strict=True):
            padding = " " * (need - cell_width(cell))
            cells.append(padding + cell if is_number else cell + padding)
        yield (" " * GAP).join(cells).rstrip()


def _table(
    fields: Fields, rows: Sequence[Sequence[Cell]], kept: Sequence[int], *, headers: bool
) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=headers, header_style="bold")
    for index in kept:
        field = fields[index]
        # Text is folded where even the last columns are too wide; the terminal itself wraps what is wider.
        table.add_column(
            field.title,
            justify="right" if field.kind.is_number else "left",
            overflow="fold",
            no_wrap=field.kind is ID,
        )
    for row in rows:
        table.add_row(*(Text(row[index].text, style=row[index].style) for index in kept))
    return table


def _sheet(lines: Sequence[tuple[str, Cell]]) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    sheet = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=False)
    sheet.add_column(style="bold", no_wrap=True)
    sheet.add_column(overflow="fold")
    for name, cell in lines:
        sheet.add_row(name, Text(cell.text, style=cell.style))
    return sheet


def _style(field: Any, text: str) -> str:
    if field.kind is ID:
        return "cyan"
    return STATE_STYLES.get(text, "") if field.kind is STATE else ""
