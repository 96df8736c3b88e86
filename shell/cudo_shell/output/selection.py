"""What of a result is shown: columns, conditions, order, number and query, as the options ask. Pure."""

from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cudo_shell.output.fields import Fields, chosen, listed, names_in, sorted_by
from cudo_shell.output.filtering import condition, found
from cudo_shell.output.query import Query


def _nobody_listens(_hint: str) -> None:
    """Drop a hint."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the options of a command ask to see."""

    columns: Sequence[str] = ()
    is_wide: bool = False
    filters: Sequence[str] = ()
    sort: str = ""
    limit: int | None = None
    query: Query | None = None
    states: Sequence[str] = field(default=(), compare=False)  # the known ones of the things
    has_hints: bool = field(default=True, compare=False)

    @property
    def is_everything(self) -> bool:
        """Whether nothing was asked for, so that a command may choose how to show its result."""
        return self == Selection()

    def fields(self, known: Fields) -> Fields:
        """Return the columns of a list.

        Raises: UsageError for an unknown one.
        """
        if self.columns:
            return chosen(known, self.columns)
        return known if self.is_wide else listed(known)

    def rows(
        self, items: Iterable[Any], known: Fields, tell: Callable[[str], None] = _nobody_listens
    ) -> Iterable[Any]:
        """Filter, sort, limit, in this order; only sorting needs all the things at once.

        `tell` is told why a filter may have found nothing.
        Raises: UsageError for an unknown column, and for a value that a column cannot have.
        """
        if self.filters:
            conditions = [condition(text, known) for text in self.filters]
            items = found(items, conditions, self.states, tell if self.has_hints else _nobody_listens)
        if self.sort:
            items = sorted_by(items, known, self.sort)
        return items if self.limit is None else islice(items, self.limit)


def selection_from(args: Namespace) -> Selection:
    """Read the options; a command that lacks some has what they are without being given."""
    return Selection(
        columns=tuple(names_in(getattr(args, "columns", None) or "")),
        is_wide=getattr(args, "wide", False),
        filters=tuple(getattr(args, "filters", None) or ()),
        sort=getattr(args, "sort", None) or "",
        limit=getattr(args, "limit", None),
        query=getattr(args, "query", None),
        states=getattr(args, "known_states", ()),
        has_hints=getattr(args, "watch", None) is None,  # at each look, they would paint over the table
    )
