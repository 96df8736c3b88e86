"""`--filter`: conditions on the columns of a listing, read from text and tested on values. Pure."""

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import chain
from typing import Any

from cudo_shell.exits import UsageError
from cudo_shell.output.fields import Fields, FieldSpec, column
from cudo_shell.output.marks import Mark
from cudo_shell.output.values import exact

_CONDITION = re.compile(r"\s*([A-Za-z][A-Za-z0-9_-]*)\s*(!=|<=|>=|==?|<|>)\s*(.*?)\s*", re.DOTALL)
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_A_GLOB = "*?["
_AGE = "age"  # of what has a moment of creation
_CREATED = "created"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: a column, `=` or `!=` with a glob, or an order with a mark of the column's kind."""

    field: FieldSpec
    operator: str
    glob: str
    mark: Mark | None

    def holds(self, item: Any, now: datetime) -> bool:
        """Whether it is so for a thing; what is absent is neither less nor more than anything."""
        value = self.field.value(item)
        if order := _ORDERS.get(self.operator):
            place = None if self.mark is None else _place(value, self.mark, now)
            return place is not None and order(place, self.mark)
        return self._matches(value) == (self.operator == "=")

    @property
    def is_one_text(self) -> bool:
        """Whether it is about one text as a whole: no part, no number, no order."""
        is_whole = self.glob and not any(sign in self.glob for sign in _OF_A_GLOB)
        return bool(self.operator in {"=", "!="} and self.field.kind.read is None and is_whole)

    def names_none_of(self, states: Sequence[str]) -> bool:
        """Whether it is about a state that is none of these."""
        is_unknown = self.glob.casefold() not in {state.casefold() for state in states}
        return bool(states and self.field.name == "state" and self.is_one_text and is_unknown)

    def matches(self, item: Any) -> bool:
        """Whether the value of a thing is like the glob."""
        return self._matches(self.field.value(item))

    def _matches(self, value: Any) -> bool:
        if isinstance(self.mark, Decimal) and _place(value, self.mark, datetime.now(UTC)) == self.mark:
            return True
        pattern = self.glob.casefold()
        return any(fnmatchcase(text.casefold(), pattern) for text in _texts(value, self.field))


def condition(text: str, fields: Fields) -> Condition:
    """Read a condition such as `state=STOP*`, `price<1.5`, `memory>=64GiB` or `created>2d`.

    Raises: UsageError for what is none, for an unknown column, for a value that the column cannot have.
    """
    match = _CONDITION.fullmatch(text)
    if not match:
        raise UsageError(
            f"--filter '{text}' is no condition.",
            "Write COLUMN=GLOB or COLUMN<NUMBER; there are = != < <= > >=, and quotes keep < and > for it.",
        )
    field = _column(fields, match[1].replace("-", "_").lower())
    sign = "=" if match[2] == "==" else match[2]
    return Condition(field, sign, match[3], _mark(field, sign, match[3]))


def holding(
    items: Iterable[Any], conditions: Sequence[Condition], now: datetime | None = None
) -> Iterator[Any]:
    """Yield the things for which all conditions hold, as they come."""
    moment = now or datetime.now(UTC)
    return (item for item in items if all(each.holds(item, moment) for each in conditions))


def found(
    items: Iterable[Any], conditions: Sequence[Condition], states: Sequence[str], tell: Callable[[str], None]
) -> Iterator[Any]:
    """Return the things for which all conditions hold, as they come; if there are none, tell why that may be.

    `states` are the known ones, if the things have any. Raises: UsageError for a state that there is not.
    """
    if any(each.names_none_of(states) for each in conditions):  # without it, `!=` would find all there is
        from cudo_shell.output.filtering_nothing import check_state

        items = list(items)
        check_state(conditions, items, states)
    moment, rest = datetime.now(UTC), iter(items)
    others: list[Any] = []
    for item in rest:
        if all(each.holds(item, moment) for each in conditions):
            return chain([item], holding(rest, conditions, moment))
        others.append(item)
    from cudo_shell.output.filtering_nothing import hints  # mostly there is something

    for hint in hints(conditions, others):
        tell(hint)
    return iter(())


def _column(fields: Fields, name: str) -> FieldSpec:
    names = {field.name for field in fields}
    return column(fields, _CREATED if name == _AGE and _AGE not in names and _CREATED in names else name)


def _mark(field: FieldSpec, sign: str, text: str) -> Mark | None:
    """Read what to compare with. A glob need not be a value; an order needs one."""
    is_order = sign in _ORDERS
    if field.kind.read is None:
        if is_order:
            raise UsageError(
                f"--filter: '{field.name}' has no order.", f"Use {field.name}= or {field.name}!="
            )
        return None
    try:
        return field.kind.read(text)
    except ValueError as error:
        if is_order:
            raise UsageError(f"--filter: {error}.") from None
        return None


def _place(value: Any, mark: Mark, now: datetime) -> Mark | None:
    """Return a value as what the mark is; None where it has no place in that order."""
    try:
        if isinstance(mark, Decimal):
            amount = Decimal(str(value))
            return None if amount.is_nan() else amount
        moment = value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
    except (ArithmeticError, TypeError, ValueError, OSError):
        return None
    return abs(now - moment) if isinstance(mark, timedelta) else moment


def _texts(value: Any, field: FieldSpec) -> Iterator[str]:
    """Yield the texts that a glob may match: the exact one, the one of the table, those of the parts."""
    yield exact(value)
    if value is not None:
        yield field.kind.people(value, None)
    if isinstance(value, Mapping):
        yield from (f"{name}={exact(part)}" for name, part in value.items())
    elif isinstance(value, list | tuple):
        yield from map(exact, value)
