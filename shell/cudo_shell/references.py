"""Row references in the arguments of a command: ids in their place, and a look whether they are the same."""

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cudo_completions.candidates import Candidate
from cudo_shell.commands import find_noun
from cudo_shell.commands.dry_run import is_change
from cudo_shell.commands.kinds import IN_PROJECT, LABELS
from cudo_shell.commands.parser import CommandParser, actions_of
from cudo_shell.exits import NotFoundError, UsageError
from cudo_shell.rows import MARK, Place, Row, Rows, preview

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


AT_ONCE = 8  # rows that are looked up


def refer(verb: ArgumentParser, args: Namespace, work: "Workspace") -> list[Row]:
    """Put ids in the place of references and return their rows; the options of things without a kind stay.

    Raises: UsageError for a row that is not there, not of that kind, or of another place.
    """
    found: list[Row] = []
    # The project first: whether a row is of this place depends on it.
    for action in sorted(actions_of(verb), key=lambda each: each.dest != "project"):
        kind: str | None = getattr(action, "source", None)
        value: Any = getattr(args, action.dest, None)
        words = value if isinstance(value, list) else [value]
        if kind and any(_is_reference(word, work) for word in words):
            place = work.for_command(args).place
            rows = [
                _rows(word, kind, place, work.rows, verb)
                if _is_reference(word, work)
                else [Row(kind, word, place)]  # a plain id is a row without a name
                for word in words
            ]
            ids = [row.id for each in rows for row in each]
            setattr(
                args, action.dest, list(dict.fromkeys(ids)) if value is words else _only(ids, value, action)
            )
            found += [row for each in rows for row in each if row.name]
    return found


def _is_reference(word: Any, work: "Workspace") -> bool:
    return isinstance(word, str) and word.startswith(MARK) and word not in work.values


def _rows(word: str, kind: str, place: Place, rows: Rows | None, verb: ArgumentParser) -> list[Row]:
    """Return the rows that a reference stands for."""
    if rows is None:
        raise UsageError(f"There is no row {word}: rows are numbered at the prompt only.")
    found = rows.named(word)
    for row in found:
        _check_kind(row, kind, verb)
        _check_place(row, place)
    return found


def _only(ids: Sequence[str], text: str, action: Action) -> str:
    if len(ids) > 1:
        raise UsageError(
            f"{text} is {len(ids)} things; {action.metavar} is one.", "Write one row, such as @1."
        )
    return ids[0]


def _check_kind(row: Row, kind: str, verb: ArgumentParser) -> None:
    noun, wanted = LABELS[row.kind][1], LABELS[kind][1]
    is_shown_alike = noun == wanted and verb.prog == f"{noun} get"  # public and private images, say
    if row.kind != kind and not is_shown_alike:
        raise UsageError(f"{row.name} is {_title(row)}, not {_a(LABELS[kind][0])}.", f"See: {wanted} list")
    if not row.id:
        raise UsageError(f"{row.name} has no id.")


def _check_place(row: Row, place: Place) -> None:
    if row.place.context != place.context:
        raise UsageError(
            f"{row.name} is {_title(row)} of context '{row.place.context}'; this is '{place.context}'.",
            f"See: {LABELS[row.kind][1]} list",
        )
    if row.place.login != place.login:
        raise UsageError(
            f"{row.name} was listed before the login changed.", f"See: {LABELS[row.kind][1]} list"
        )
    if row.kind in IN_PROJECT and row.place.project != place.project:
        raise UsageError(
            f"{row.name} is {_title(row)} of project '{row.place.project}'; this is '{place.project}'.",
            f"Add -p {row.place.project}, or see: {LABELS[row.kind][1]} list",
        )


def _title(row: Row) -> str:
    return f"{_lower(LABELS[row.kind][0])} '{row.id}'"


def _lower(label: str) -> str:
    """Write a label inside a sentence: `disk`, but `VM` and `SSH key`."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _a(label: str) -> str:
    is_spoken_open = label[0] in "AEIO" or label.startswith("SSH")
    return f"{'an' if is_spoken_open else 'a'} {_lower(label)}"


def check(rows: Sequence[Row], verb: ArgumentParser, work: "Workspace") -> None:
    """Look, before something is changed, whether what rows name is still what was listed.

    Raises: NotFoundError.
    """
    known = [row for row in rows if row.made is not None]
    if not known or not is_change(*verb.prog.split(" ")[:2]):
        return
    errors: dict[int, Exception] = {}

    def look(place: int) -> None:
        try:
            _check_same(known[place], work)
        except Exception as error:  # noqa: BLE001  # raised below, the first of all
            errors[place] = error

    jobs = [partial(look, place) for place in range(len(known))]
    work.connection.loop.together(jobs, AT_ONCE, lambda _place: None)
    if errors:
        raise errors[min(errors)]


def _check_same(row: Row, work: "Workspace") -> None:
    """Look whether the thing of a row is still the one that was listed; where nothing tells, it is.

    Raises: NotFoundError if it is gone, or another has its id.
    """
    from cudo_sdk.errors import NotFound

    look = f"See: {LABELS[row.kind][1]} list"
    try:
        made = _looked_up(row, work)
    except (NotFound, NotFoundError):
        raise NotFoundError(f"{row.name} was {_title(row)}, which is gone.", look) from None
    if made is not None and made != row.made:
        raise NotFoundError(f"{row.name} was {_title(row)}, which is gone; another has its id.", look)


def _looked_up(row: Row, work: "Workspace") -> Any:
    """Return when the thing that has this id now was made, as the verb `get` of its noun sees it."""
    from cudo_shell.output.watching import CollectedOutput

    found = find_noun(LABELS[row.kind][1])
    if found is None:
        raise KeyError(row.kind)
    parser = import_module(found[1].module).build_parser(CommandParser)
    args = parser.parse_args(["get", "--", row.id])
    collected = CollectedOutput(work.streams)
    args.run(work.collecting(collected), args)
    return getattr(collected.listing.items[0], "create_time", None)


def offered_rows(typed: str, kind: str, place: Place, rows: Rows) -> list[Candidate]:
    """Return the references that may stand where a thing of this kind is wanted, each with its preview."""
    return [
        Candidate(text, preview(found))
        for text, found in rows.previews(typed)
        if all(_fits(row, kind, place) for row in found)
    ]


def _fits(row: Row, kind: str, place: Place) -> bool:
    is_here = (row.place.context, row.place.login) == (place.context, place.login)
    return row.kind == kind and is_here and (kind not in IN_PROJECT or row.place.project == place.project)
