"""How a result comes to its output: what was selected of it, as rows or a chart, behind a pager."""

import contextlib
from argparse import Namespace
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cudo_shell.output.charts import Canvas, canvas_of
from cudo_shell.output.fields import Fields, chosen, listed, narrowed, to_data, value_at
from cudo_shell.output.formats import handler_for
from cudo_shell.output.handlers import BaseOutputHandler
from cudo_shell.output.pager import paged, pager_for
from cudo_shell.output.query import Query
from cudo_shell.output.selection import selection_from
from cudo_shell.output.values import exact
from cudo_shell.rows import Row, Rows
from cudo_shell.streams import Streams

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


class Showing:
    """Shows the result of one command, as its options ask."""

    def __init__(self, work: "Workspace", args: Namespace) -> None:
        self._work = work
        self._selection = selection_from(args)

    def item(self, item: Any, fields: Fields) -> None:
        """Show one thing."""
        selection = self._selection
        with self._handler() as handler:
            if selection.columns:
                fields = chosen(fields, selection.columns)
                item = narrowed(item, fields) if handler.is_whole or selection.query else item
            elif not handler.is_for_people:
                fields = listed(fields)
            if selection.query:
                self._found(selection.query, to_data(item), handler)
            else:
                handler.print_item(item, fields)

    def items(self, items: Iterable[Any] | AsyncIterable[Any], fields: Fields, kind: str = "") -> None:
        """Show many things; those of a kind of listing are numbered where a person reads them."""
        selection = self._selection
        wanted = selection.fields(fields)
        rows = self._told(selection.rows(self._iterated(items), fields, self._work.say))
        with self._handler() as handler:
            if selection.columns and (handler.is_whole or selection.query):
                rows = (narrowed(row, wanted) for row in rows)
            if selection.query:
                self._found(selection.query, [to_data(row) for row in rows], handler)
            elif kind and (numbered := self._numbered_rows(handler)) is not None:
                things = list(rows)
                numbered.keep(self._row(kind, thing, fields) for thing in things)
                handler.is_numbered = True
                handler.print_list(things, wanted)
            else:
                handler.print_list(rows if handler.takes_a_stream else list(rows), wanted)

    def chart(
        self,
        items: Iterable[Any] | AsyncIterable[Any],
        fields: Fields,
        draw: Callable[[Sequence[Any], Canvas], str],
    ) -> None:
        """Draw a chart for a person at a terminal who asked for nothing else; otherwise list the things."""
        canvas = self._canvas()
        rows = self._iterated(items)
        found = list(rows) if canvas else []
        if canvas is None or not found:
            self.items(rows, fields)
            return
        self._work.tell_result(found)
        with self._pager() as streams:
            streams.out.write(draw(found, canvas))

    def _iterated(self, items: Iterable[Any] | AsyncIterable[Any]) -> Iterable[Any]:
        return items if isinstance(items, Iterable) else self._work.connection.iterate(items)

    def _told(self, rows: Iterable[Any]) -> Iterable[Any]:
        """Pass rows on, and tell of them all when the last one was taken: they may be arriving still."""
        return rows if self._work.on_result is None else self._telling(rows)

    def _telling(self, rows: Iterable[Any]) -> Iterator[Any]:
        seen = []
        for row in rows:
            seen.append(row)
            yield row
        self._work.tell_result(seen)

    def _numbered_rows(self, handler: BaseOutputHandler) -> Rows | None:
        """Return where the rows of a table are kept under their numbers: only for a person at the prompt."""
        is_read = handler.is_for_people and handler.streams.out_is_terminal
        return self._work.rows if is_read else None

    def _row(self, kind: str, thing: Any, fields: Fields) -> Row:
        """Remember of a thing what tells it from others, and what the columns after its id say."""
        hints = (field.people(thing, None) for field in listed(fields)[1:3])
        id_ = exact(value_at(thing, ["id"]))
        return Row(kind, id_, self._work.place, value_at(thing, ["create_time"]), "\t".join(hints))

    def _found(self, query: Query, data: Any, handler: BaseOutputHandler) -> None:
        handler.print_data(query.of(data))
        for name, meant in query.unknown_names(data).items() if data else ():
            self._work.say(
                f"--query: nothing here has '{name}'." + (f" Did you mean: {meant}?" if meant else "")
            )

    # Where it goes

    def _canvas(self) -> Canvas | None:
        """Return what a chart can be drawn on; None where the numbers themselves are wanted."""
        work = self._work
        is_plain = work.environ.get("ACCESSIBLE") or work.environ.get("TERM") == "dumb"
        if work.captured or is_plain or not (self._is_table_unasked and self._selection.is_everything):
            return None
        return canvas_of(work.streams)

    def _pager(self) -> contextlib.AbstractContextManager[Streams]:
        """Yield streams with a pager behind them where a person reads."""
        work, settings = self._work, self._work.settings
        is_wanted = not settings["no_input"] and settings["pager"] != "never" and not work.lock.is_on
        return paged(work.streams, pager_for(work.streams, work.environ, is_wanted=is_wanted))

    @contextlib.contextmanager
    def _handler(self) -> Iterator[BaseOutputHandler]:
        """Yield the output for what was selected; with a pager behind it where a person reads."""
        if self._work.captured is not None:
            yield self._work.captured
            return
        with self._pager() as streams:
            keeps = self._selection.is_wide or bool(self._selection.columns)
            yield handler_for(self._format, streams, headers=self._work.headers, keeps_columns=keeps)

    @property
    def _format(self) -> str:
        """What a query finds is JSON, unless somebody says otherwise."""
        is_json = self._selection.query and self._is_table_unasked
        return "json" if is_json else self._work.settings["output"]

    @property
    def _is_table_unasked(self) -> bool:
        settings = self._work.settings
        return settings["output"] == "table" and settings.origin("output") != "--output"
