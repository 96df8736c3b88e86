"""The parameters of a script: from `name=value` words to typed values, and the help that lists them."""

import argparse
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cudo_shell.commands import find_noun
from cudo_shell.commands.kinds import IN_PROJECT, LABELS
from cudo_shell.commands.values import duration
from cudo_shell.exits import NotFoundError, UsageError
from cudo_shell.output.clean import clean
from cudo_shell.scripts.options import options_help
from cudo_shell.scripts.variables import check_name

if TYPE_CHECKING:
    from cudo_shell.scripts.files import Script
    from cudo_shell.scripts.syntax import Param
    from cudo_shell.workspace import Workspace

_BOOLS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_CHOICE = re.compile(r"choice\s*\((.*)\)", re.DOTALL)
# Listings that a noun has of other things than those it names.
_PARTS = frozenset({"security_group_rules", "payment_methods", "machine_operating_systems"})


def _int(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError("no whole number")
    return int(text)


def _number(text: str) -> int | float:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", text):
        raise ValueError("no number")
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("too large a number")
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else number


def _bool(text: str) -> bool:
    try:
        return _BOOLS[text.lower()]
    except KeyError:
        raise ValueError("neither true nor false") from None


def _duration(text: str) -> str:
    """Check a time; it stays the text that options such as --timeout read."""
    try:
        duration(text)
    except argparse.ArgumentTypeError as error:
        raise ValueError(str(error).removeprefix(f"'{text}' is ")) from None
    return text


Reader = Callable[[str], Any]
_READERS: Mapping[str, Reader] = {
    "text": str,
    "int": _int,
    "number": _number,
    "bool": _bool,
    "duration": _duration,
}


def choices_of(kind: str) -> list[str]:
    """Return what a type such as `choice(a, b)` lets one choose from, and of a bool true and false."""
    if kind == "bool":
        return ["true", "false"]
    found = _CHOICE.fullmatch(kind)
    return [name for each in found[1].split(",") if (name := each.strip())] if found else []


def kinds_of(kind: str) -> list[str]:
    """Return the kinds of listings that values of a type such as `vm` or `data-center` stand in."""
    noun = find_noun(kind)
    if noun is None:
        return []
    return [each for each, (_, name) in LABELS.items() if name == noun[0] and each not in _PARTS]


def check_type(param: "Param") -> None:
    """Check that the type of a parameter is one, and that its default is a value of it.

    Raises: UsageError.
    """
    reader = _reader(param.kind)
    if param.default:
        problem = _problem(param.name, param.default, reader)
        if problem:
            raise UsageError(f"The default of {problem}")


def _reader(kind: str) -> Reader:
    """Return what reads a value of a type.

    Raises: UsageError for an unknown type, with the near ones.
    """
    if choices := choices_of(kind):
        return _READERS["bool"] if kind == "bool" else _choice(choices)
    if kind in _READERS:
        return _READERS[kind]
    if kinds_of(kind):
        return _id
    from cudo_completions.ranking import near

    known = [*_READERS, "choice(a, b)", *dict.fromkeys(noun for _, noun in LABELS.values())]
    meant = near(kind, known)
    hint = f"Did you mean: {', '.join(meant)}?" if meant else f"Types: {', '.join(known)}"
    raise UsageError(f"There is no type '{kind}'.", hint)


def _choice(choices: Sequence[str]) -> Reader:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"none of: {', '.join(choices)}")
        return text

    return read


def _id(text: str) -> str:
    if not text:
        raise ValueError("no id")
    return text


def _problem(name: str, text: str, reader: Reader) -> str:
    """Say what is wrong with a value; nothing if it is right."""
    try:
        reader(text)
    except ValueError as error:
        return f"{name}: '{text}' is {error}."
    return ""


def given_from(words: Iterable[str]) -> dict[str, str]:
    """Read `name=value` words.

    Raises: UsageError.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"'{word}' is not name=value.", "A script takes its parameters as name=value.")
        if check_name(name) in found:
            raise UsageError(f"The parameter '{name}' is given twice.", "Give it once.")
        found[name] = value
    return found


def values(params: Sequence["Param"], given: Mapping[str, str]) -> dict[str, Any]:
    """Return a typed value for each parameter: the given one, or its default.

    Raises: UsageError that names all that is wrong.
    """
    missing = [param.name for param in params if param.default is None and param.name not in given]
    _demand_none([*_problems(params, given), *map(_missing, missing)], params)
    return {param.name: _value(param, given) for param in params}


def check_given(params: Sequence["Param"], given: Mapping[str, str]) -> None:
    """Check the names and values that are given, though others may be missing, or declared wrongly.

    Raises: UsageError that names all that is wrong.
    """
    readable = [replace(param, default=None) if _is_type(param.kind) else _free(param) for param in params]
    _demand_none(_problems(readable, given), params)


def _is_type(kind: str) -> bool:
    return bool(kind in _READERS or choices_of(kind) or kinds_of(kind))


def _free(param: "Param") -> "Param":
    return replace(param, kind="text", default=None)


def _problems(params: Sequence["Param"], given: Mapping[str, str]) -> list[str]:
    """Say what is wrong with what is given, and with the defaults of the rest."""
    known = [param.name for param in params]
    found = [_unknown(name, known) for name in given if name not in known]
    for param in params:
        if param.name in given or param.default:
            text = given.get(param.name, param.default or "")
            found.append(_problem(param.name, text, _reader(param.kind)))
    return list(filter(None, found))


def _unknown(name: str, known: Iterable[str]) -> str:
    from cudo_completions.ranking import near

    meant = near(name, known)
    return f"There is no parameter '{name}'" + (f" (did you mean {', '.join(meant)}?)." if meant else ".")


def _missing(name: str) -> str:
    return f"{name} is required."


def _demand_none(problems: Sequence[str], params: Sequence["Param"]) -> None:
    if problems:
        listed = ", ".join(f"{param.name}={_title(param.kind)}" for param in params)
        hint = f"Parameters: {listed}" if params else "The script takes none."
        raise UsageError(" ".join(problems), hint)


def _title(kind: str) -> str:
    choices = choices_of(kind)
    return "|".join(choices) if choices else f"<{kind}>"


def _value(param: "Param", given: Mapping[str, str]) -> Any:
    text = given.get(param.name, param.default)
    # An empty default is the way to leave a thing away; it need not be the id of one.
    return text if not text and param.name not in given else _reader(param.kind)(text or "")


def look_up(params: Sequence["Param"], found: Mapping[str, Any], work: "Workspace") -> None:
    """Look for the things that parameters name, where they are listed without a project.

    What cannot be listed is not looked for.
    Raises: NotFoundError that names all that are not there, with the near ones.
    """
    problems, hints = [], []
    for param in params:
        kinds = kinds_of(param.kind)
        if not kinds or not found.get(param.name) or not IN_PROJECT.isdisjoint(kinds):
            continue
        known = _listed(kinds, work)
        if known and found[param.name] not in known:
            problems.append(f"{param.name}: {LABELS[kinds[0]][0]} '{found[param.name]}' not found.")
            hints.append(_near_ids(found[param.name], known, LABELS[kinds[0]][1]))
    if problems:
        raise NotFoundError(" ".join(problems), "\n".join(hints))


def _listed(kinds: Sequence[str], work: "Workspace") -> list[str]:
    """Return the ids in all these listings; none if one of them has none, or cannot be had."""
    listings = [work.ids_of(kind) for kind in kinds]
    return [each for listing in listings for each in listing] if all(listings) else []


def _near_ids(text: str, known: Sequence[str], noun: str) -> str:
    from cudo_completions.ranking import near

    meant = near(text, known)
    return f"Near it: {', '.join(meant)}" if meant else f"See what there is: {noun} list"


def help_text(script: "Script", params: Sequence["Param"]) -> str:
    """Write the help of a script: its first comment, its parameters, the options."""
    blocks = (
        f"usage: cudo [options] {script.name} [options]{' [name=value ...]' if params else ''}\n",
        description(script.text),
        "".join(_parameter_lines(params)),
        options_help(),
    )
    return "".join(f"{clean(line)}\n" for line in "\n".join(filter(None, blocks)).splitlines())


def description(text: str) -> str:
    """Return the comment that a script begins with."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith("#!") and not lines:
            continue
        if not line.startswith("#"):
            if line.strip() or lines:
                break
            continue
        lines.append(line[1:].removeprefix(" ").rstrip())
    comment = "\n".join(lines).strip("\n")
    return f"{comment}\n" if comment else ""


def _parameter_lines(params: Sequence["Param"]) -> Iterator[str]:
    if not params:
        return
    yield "parameters:\n"
    heads = [f"{param.name}={_title(param.kind)}" for param in params]
    width = max(map(len, heads))
    for head, param in zip(heads, params, strict=True):
        state = "required" if param.default is None else f"default: {param.default or 'none'}"
        text = f"{param.help} ({state})" if param.help else f"({state})"
        yield f"  {head:<{width}}  {text}\n"
