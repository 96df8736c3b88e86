"""What may stand inside one word of a command: columns, conditions, queries, names of files. From memory."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from cudo_completions.candidates import Candidate
from cudo_completions.position import Inside, Part
from cudo_shell.exits import RefusedError
from cudo_shell.locked import OPEN, Lock
from cudo_shell.output.fields import Fields

_SAME, _ORDER = ("=", "!="), ("<", "<=", ">", ">=")
_OPERATOR = re.compile(r"[!=<>]")
_STATE = re.compile(r"state!?=")
_PATH = re.compile(r"((?:[A-Za-z_]\w*(?:\[[^\[\]]*\])*\.)*)([A-Za-z_]\w*)?$")
_MANY = 10_000  # names in a directory that are looked at


def columns(names: Sequence[str]) -> Inside:
    """Columns with commas between them, each once."""

    def inside(typed: str) -> Part:
        lead = typed[: typed.rfind(",") + 1]
        given = lead.split(",")
        return Part(lead, tuple(Candidate(name) for name in names if name not in given))

    return inside


def sort_column(names: Sequence[str]) -> Inside:
    """One column, `-` before it for downwards."""
    return lambda typed: Part("-" * typed.startswith("-"), tuple(map(Candidate, names)))


def condition(fields: Fields, states: Sequence[str] = ()) -> Inside:
    """A column, and then an operator that it has an order for; the value is free, but for a state."""
    has_order = {field.name: field.kind.read is not None for field in fields}

    def inside(typed: str) -> Part:
        if behind_state := _STATE.match(typed):
            return Part(behind_state[0], tuple(map(Candidate, states)))
        if _OPERATOR.search(typed):
            return Part(typed)
        if typed in has_order:
            operators = _SAME + _ORDER * has_order[typed]
            return Part(typed, tuple(Candidate(each, goes_on=True) for each in operators))
        return Part(choices=tuple(Candidate(name, goes_on=True) for name in has_order))

    return inside


def pairs(names: Iterable[str]) -> Inside:
    """NAME=VALUE, of which the names are known."""
    known = tuple(Candidate(f"{name}=", goes_on=True) for name in names)
    return lambda typed: Part(typed) if "=" in typed else Part(choices=known)


def query(fields: Fields, *, rows: bool) -> Inside:
    """A JMESPath expression over things with these columns; `rows`: over a list of them."""

    def inside(typed: str) -> Part:
        from cudo_shell.output.api_names import names_at

        if typed.count("'") % 2 or typed.count("`") % 2 or typed.count('"') % 2:
            return Part(typed)  # in a text
        found = _PATH.search(typed)
        path, begun = (found[1], found[2] or "") if found else ("", "")
        before = typed[: len(typed) - len(begun)]
        steps = [re.sub(r"\[.*", "", step) for step in path.split(".")[:-1]]
        start = "[]." if rows and not before else ""
        names = names_at(fields, steps)
        return Part(before, tuple(Candidate(f"{start}{name}", goes_on=True) for name in names))

    return inside


def file_names(mark: str = "", others: Sequence[str] = (), lock: Lock = OPEN) -> Inside:
    """The name of a file within reach behind a mark such as `@`, or one of other words."""

    def inside(typed: str) -> Part:
        if not typed.startswith(mark) or (mark and not typed):
            words = tuple(Candidate(word) for word in others)
            return Part(choices=(*words, Candidate(mark, "a file", goes_on=True)))
        folder = typed[len(mark) : typed.rfind("/") + 1]
        found = sorted(_entries(folder, lock), key=lambda each: each.text.startswith("."))
        is_hidden = typed[len(mark) + len(folder) :].startswith(".")
        shown = [each for each in found if is_hidden or not each.text.startswith(".")]
        if not mark and not folder:
            shown = [each for each in shown if not each.text.startswith("-")]  # it would be an option
        words = () if mark or folder else tuple(Candidate(word) for word in others)
        return Part(f"{mark}{folder}", (*words, *shown))

    return inside


def _entries(folder: str, lock: Lock) -> Iterator[Candidate]:
    """Yield what is in a directory that can be typed and seen; nothing where it cannot be read."""
    try:
        with lock.scan(folder or ".") as entries:
            for entry in islice(entries, _MANY):
                if entry.name.isprintable():
                    yield _entry(entry)
    except (OSError, ValueError, RefusedError):
        return


def _entry(entry: "os.DirEntry[str]") -> Candidate:
    try:
        is_folder = entry.is_dir()
    except OSError:
        is_folder = False
    return Candidate(f"{entry.name}/", "directory", goes_on=True) if is_folder else Candidate(entry.name)


def kinds_for(lock: Lock) -> Mapping[str, Inside]:
    """What may stand in a value, by its metavar."""
    return {
        "FILE": file_names(lock=lock),
        "@FILE": file_names("@", lock=lock),
        "KEY|@FILE": file_names("@", lock=lock),
        "-|@FILE": file_names("@", ("-",), lock),
        "@FILE|-": file_names("@", ("-",), lock),
    }


KINDS = kinds_for(OPEN)
