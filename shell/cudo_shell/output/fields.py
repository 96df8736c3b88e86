"""What of a thing is shown: the columns of a noun, chosen, sorted and read from models."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from cudo_shell.exits import UsageError
from cudo_shell.output.clean import clean
from cudo_shell.output.values import ID, TEXT, Kind, exact


class FieldSpec(NamedTuple):
    """One column: its name in data, where its value lies in the model, and how it looks.

    `path` names attributes, with dots; over a list it gives a list (`storage_disks.id`).
    `priority` says what goes first when a terminal is narrow: the highest; 0 never goes.
    """

    name: str
    kind: Kind = TEXT
    path: str = ""
    priority: int = 1
    listed: bool = True  # False: in the view of one thing only

    @property
    def title(self) -> str:
        """The header for people."""
        return self.name.removesuffix("_gib").removesuffix("_hr").replace("_", " ").upper()

    def value(self, item: Any) -> Any:
        """Read the value from a model or a mapping; None where it is absent."""
        return value_at(item, (self.path or self.name).split("."))

    def people(self, item: Any, now: datetime | None) -> str:
        """Write the value for a person; empty where it is absent."""
        value = self.value(item)
        return "" if value is None else clean(self.kind.people(value, now))

    def exact(self, item: Any) -> str:
        """Write the value for a program."""
        return exact(self.value(item))


Fields = Sequence[FieldSpec]


def value_at(item: Any, path: Sequence[str]) -> Any:
    """Follow a path of attributes or keys; a list on the way is followed in each of its items."""
    if not path or item is None:
        return item
    if isinstance(item, list | tuple):
        return [value_at(part, path) for part in item]
    step = item.get(path[0]) if isinstance(item, Mapping) else getattr(item, path[0], None)
    return value_at(step, path[1:])


def to_data(item: Any) -> Any:
    """Return a thing as the API names it, ready for JSON."""
    return item.to_api() if hasattr(item, "to_api") else dict(item)


def narrowed(item: Any, fields: Fields) -> dict[str, Any]:
    """Return of a thing only what these columns show, under the API's names."""
    known = getattr(type(item), "model_fields", {})
    names = [(field.path or field.name).split(".")[0] for field in fields]
    keys = [getattr(known.get(name), "alias", None) or name for name in names]
    data = to_data(item)
    return {key: data[key] for key in dict.fromkeys(keys) if key in data}


def listed(fields: Fields) -> Fields:
    """Return the columns of a list."""
    return [field for field in fields if field.listed]


def chosen(fields: Fields, names: Sequence[str]) -> Fields:
    """Return the columns that were asked for, in that order.

    Raises: UsageError for an unknown name.
    """
    return [column(fields, name) for name in names]


def column(fields: Fields, name: str) -> FieldSpec:
    """Return a column by its name, or by its header where that is shorter: `price` for `price_hr`.

    Raises: UsageError for an unknown name, with the ones that are near.
    """
    by_title = {field.title.lower().replace(" ", "_"): field for field in reversed(fields)}
    known = by_title | {field.name: field for field in fields}
    if name in known:
        return known[name]
    from cudo_completions.ranking import near

    names = [field.name for field in fields]
    meant = near(name, names)
    advice = f"Did you mean: {', '.join(meant)}? " if meant else ""
    raise UsageError(f"There is no column '{name}'.", f"{advice}Columns: {', '.join(names)}")


def names_in(text: str) -> list[str]:
    """Split a list of columns."""
    return [name.strip() for name in text.split(",") if name.strip()]


def sorted_by(items: Iterable[Any], fields: Fields, name: str) -> list[Any]:
    """Sort by a column, downwards if it is written `-column`; things without a value come last.

    Raises: UsageError for an unknown column.
    """
    field = column(fields, name.removeprefix("-"))
    present: list[Any] = []
    absent: list[Any] = []
    for item in items:
        (absent if field.value(item) is None else present).append(item)
    return sorted(present, key=lambda item: _order(field.value(item)), reverse=name.startswith("-")) + absent


def _order(value: Any) -> Any:
    return [exact(part) for part in value] if isinstance(value, list | dict) else value


def fields_of(rows: Any) -> Fields | None:
    """Return the columns of a list of flat objects, such as a query makes; None for anything else."""
    if not isinstance(rows, list) or not rows or not all(_is_flat(row) for row in rows):
        return None
    names = dict.fromkeys(name for row in rows for name in row)
    return [
        FieldSpec(name, ID if name == "id" else TEXT, priority=0 if name == "id" else 1) for name in names
    ]


def _is_flat(row: Any) -> bool:
    # A dot in a name would be taken for a path.
    return isinstance(row, dict) and all(
        "." not in name and not isinstance(value, dict | list) for name, value in row.items()
    )
