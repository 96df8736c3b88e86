"""What `--dry-run` shows in place of a change: the request, its price, and what it would ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cudo_shell.output.clean import clean
from cudo_shell.output.fields import Fields, FieldSpec
from cudo_shell.output.values import ID

if TYPE_CHECKING:
    from cudo_sdk.hooks import Change
    from cudo_shell.output.handlers import BaseOutputHandler
    from cudo_shell.workspace import Workspace

FIELDS: Fields = (
    FieldSpec("operation", ID),
    FieldSpec("method"),
    FieldSpec("path"),
    FieldSpec("query"),
    FieldSpec("body"),
)


class NotSent(Exception):  # noqa: N818  # what was asked for, not an error
    """A change came as far as the point where it would have been sent."""


@dataclass(slots=True)
class Plan:
    """What a command would have done: `notes` for a person, and the changes that were not sent.

    `price_hr` is what they would cost per hour; `is_least` says that a part of that is not known.
    """

    notes: list[str] = field(default_factory=list)
    changes: list["Change"] = field(default_factory=list)
    price_hr: Decimal = Decimal()
    is_least: bool = False

    def hold(self, change: "Change") -> None:
        """Keep a change and stop the command there; a request that only validates may go on.

        Raises: NotSent.
        """
        if (change.body or {}).get("validateOnly"):
            return
        self.changes.append(change)
        raise NotSent(change.operation)

    def show(self, work: "Workspace", output: "BaseOutputHandler") -> None:
        """Show it: as text to a person, one record for each change to a program."""
        if output.is_for_people:
            work.streams.out.write("".join(f"{line}\n" for line in self.lines()))
        else:
            for note in self.notes:
                work.say(note)
            _print_records([_record(change) for change in self.changes], output)

    def lines(self) -> list[str]:
        """Write it for a person."""
        requests = [line for change in self.changes for line in _request_lines(change)]
        return [*requests, *map(clean, self.notes)]


def _print_records(records: list[dict[str, Any]], output: "BaseOutputHandler") -> None:
    if len(records) == 1:
        output.print_item(records[0], FIELDS)
    else:
        output.print_list(records, FIELDS)


def _record(change: "Change") -> dict[str, Any]:
    return {
        "operation": change.operation,
        "method": change.method,
        "path": change.path,
        "query": dict(change.query),
        "body": None if change.body is None else dict(change.body),
    }


def _request_lines(change: "Change") -> list[str]:
    query = f"?{urlencode(change.query)}" if change.query else ""
    return [clean(f"{change.method} {change.path}{query}"), *_body_lines(change.body)]


def _body_lines(body: Mapping[str, Any] | None) -> list[str]:
    if not body:
        return []
    from cudo_shell.output.structured import yaml_text

    return [f"  {line}" for line in yaml_text(dict(body)).splitlines()]
