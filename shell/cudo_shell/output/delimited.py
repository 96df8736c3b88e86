"""CSV, TSV and bare ids: the columns of the table with exact values."""

import csv
import re
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from cudo_shell.exits import UsageError
from cudo_shell.output.clean import escaped
from cudo_shell.output.fields import Fields, FieldSpec, fields_of
from cudo_shell.output.handlers import BaseOutputHandler
from cudo_shell.output.values import exact
from cudo_shell.streams import Streams

_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


class _Delimited(BaseOutputHandler):
    """Rows under a header of column names."""

    takes_a_stream = True

    def __init__(self, streams: Streams, *, headers: bool = True) -> None:
        super().__init__(streams)
        self.headers = headers

    def print_item(self, item: Any, fields: Fields) -> None:
        self.print_list([item], fields)

    def print_list(self, items: Iterable[Any], fields: Fields) -> None:
        if self.headers:
            self.print_row([field.name for field in fields])
        for item in items:
            self.print_row([field.exact(item) for field in fields])

    def print_data(self, value: Any) -> None:
        rows = value if isinstance(value, list) else [] if value is None else [value]
        fields = fields_of(rows)
        if fields is not None:
            self.print_list(rows, fields)
        elif any(isinstance(each, dict | list) for each in rows):
            raise _no_rows("values, or a list of objects without objects in them")
        else:
            for each in rows:
                self.print_row([exact(each)])

    @abstractmethod
    def print_row(self, cells: list[str]) -> None:
        """Print one row."""


class CSVOutputHandler(_Delimited):
    """RFC 4180, with Unix line ends."""

    def print_row(self, cells: list[str]) -> None:
        """Print one row, quoted where it must be."""
        lines = [escaped(cell, keep="\t\n") for cell in cells]
        csv.writer(self.streams.out, lineterminator="\n").writerow(lines)


class TSVOutputHandler(_Delimited):
    r"""Tabs between the cells; a tab or a line break inside one is written `\t` or `\n`."""

    def print_row(self, cells: list[str]) -> None:
        """Print one row."""
        cells = [re.sub(r"[\\\t\n\r]", lambda match: _ESCAPED[match[0]], cell) for cell in cells]
        self.streams.out.write("\t".join(map(escaped, cells)) + "\n")


class IDsOutputHandler(BaseOutputHandler):
    """One id a line."""

    takes_a_stream = True

    def print_item(self, item: Any, fields: Fields) -> None:
        self.streams.out.write(escaped(id_field(fields).exact(item)) + "\n")

    def print_list(self, items: Iterable[Any], fields: Fields) -> None:
        for item in items:
            self.print_item(item, fields)

    def print_data(self, value: Any) -> None:
        found = value if isinstance(value, list) else [value]
        if any(isinstance(each, dict | list) for each in found):
            raise _no_rows("ids: add .id to the expression")
        for each in found:
            self.streams.out.write(escaped(exact(each)) + "\n")


def _no_rows(what: str) -> UsageError:
    return UsageError("--query: this format needs another result.", f"It prints {what}; -o json prints any.")


def id_field(fields: Fields) -> FieldSpec:
    """Return the column that names a thing: `id`, else the first."""
    return next((field for field in fields if field.name == "id"), fields[0])
