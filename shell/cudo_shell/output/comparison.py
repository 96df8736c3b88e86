"""What is different between two looks at a listing, and how that is told. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from cudo_shell.output.clean import clean
from cudo_shell.output.console import Cell, cell_of
from cudo_shell.output.delimited import id_field
from cudo_shell.output.fields import Fields, value_at
from cudo_shell.output.values import exact

Kind = Literal["same", "added", "changed", "removed"]
_SIGNS: Mapping[Kind, str] = {"same": " ", "added": "+", "changed": "*", "removed": "-"}


@dataclass(frozen=True, slots=True)
class Listing:
    """What one look has found: things and the columns to show of them."""

    fields: Fields = ()
    items: Sequence[Any] = ()

    def by_key(self) -> dict[tuple[str, int], Any]:
        """Return the things by what tells them apart: the name, and which one it is where names repeat."""
        seen, found = Counter[str](), {}
        for item in self.items:
            name = name_of(item, self.fields)
            found[name, seen[name]] = item
            seen[name] += 1
        return found


def name_of(item: Any, fields: Fields) -> str:
    """Return the id of a thing, shown or not; what the first column says where there is none."""
    return exact(value_at(item, ["id"])) or id_field(fields).exact(item)


@dataclass(frozen=True, slots=True)
class Row:
    """A thing, and what became of it since the look before: `changed` are the places of the columns."""

    kind: Kind
    item: Any
    before: Any = None
    changed: frozenset[int] = frozenset()


def compared(before: Listing, after: Listing) -> list[Row]:
    """Return the rows of a listing in its order, and after them what is gone."""
    old, new = before.by_key(), after.by_key()
    rows = [_row(old, key, item, after.fields) for key, item in new.items()]
    return rows + [Row("removed", item, item) for key, item in old.items() if key not in new]


def _row(old: Mapping[Any, Any], key: Any, item: Any, fields: Fields) -> Row:
    if key not in old:
        return Row("added", item)
    changed = frozenset(
        index for index, field in enumerate(fields) if field.exact(old[key]) != field.exact(item)
    )
    return Row("changed" if changed else "same", item, old[key], changed)


def marked(row: Row, fields: Fields, now: datetime) -> list[Cell]:
    """Return the cells of a row: a sign before the first says what became of the row, a star what changed."""
    cells = [cell_of(field, row.item, now) for field in fields]
    style = "" if row.kind in {"same", "changed"} else "bold reverse"
    starred = [_starred(cell, is_new=index in row.changed) for index, cell in enumerate(cells)]
    first = starred[0]
    return [Cell(f"{_SIGNS[row.kind]} {first.text}", f"{first.style} {style}".strip()), *starred[1:]]


def _starred(cell: Cell, *, is_new: bool) -> Cell:
    # The blank keeps the columns where they are when a star comes or goes.
    return (
        Cell(f"{cell.text}*", f"{cell.style} bold reverse".strip())
        if is_new
        else Cell(f"{cell.text} ", cell.style)
    )


def sentences(rows: Sequence[Row], fields: Fields) -> Iterator[str]:
    """Yield a line for each row that is not the same: `changed web-1: state STOPPED -> ACTIVE`."""
    for row in rows:
        name = clean(name_of(row.item, fields))
        if row.kind == "changed":
            parts = (_difference(row, fields, index) for index in sorted(row.changed))
            yield f"changed {name}: {', '.join(parts)}"
        elif row.kind != "same":
            yield f"{row.kind} {name}"


def _difference(row: Row, fields: Fields, index: int) -> str:
    old, new = (fields[index].people(item, None) or "nothing" for item in (row.before, row.item))
    return f"{fields[index].name} {old} -> {new}"
