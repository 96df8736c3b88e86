"""From a parser and words to what each of them is, and to what is wanted at the cursor. Pure."""

import re
from argparse import REMAINDER, SUPPRESS, Action, ArgumentParser, BooleanOptionalAction, _SubParsersAction
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, NamedTuple

from cudo_completions.candidates import Candidate

_ENDLESS = 1_000_000
_NUMBER = re.compile(r"-\d+|-\d*\.\d+")  # argparse takes these for values


class Reference(NamedTuple):
    """A value that was typed before, as the name of a candidate of another listing."""

    kind: str
    text: str


class Wanted(NamedTuple):
    """What may stand at the cursor.

    `prefix` was typed already; `lead` comes before it and stays (`--output=`). Candidates are the
    fixed `choices`, or the listing `source` (and those of `also`), narrowed to those with certain facts;
    those with the facts of `prefer` come first. `about` says in words what is wanted, also where nothing
    can be listed.
    """

    prefix: str
    lead: str = ""
    choices: tuple[Candidate, ...] = ()
    source: str | None = None
    also: tuple[str, ...] = ()
    narrow: Mapping[str, str | Reference] = MappingProxyType({})
    prefer: Mapping[str, str] = MappingProxyType({})
    taken: frozenset[str] = frozenset()
    project: str | None = None
    about: str = ""


class Part(NamedTuple):
    """What may stand in one word: behind what `lead` says was typed, one of the choices."""

    lead: str = ""
    choices: tuple[Candidate, ...] = ()


class Role(Enum):
    """What a word does on a line."""

    VERB = auto()
    OPTION = auto()
    VALUE = auto()
    UNKNOWN = auto()


class Reading(NamedTuple):
    """What a word is to a parser: its role, its argument, and the value in it, if there is one.

    A value of no argument stands behind a verb that does not exist. Where it is unknown, `known` are the
    names that could stand there.
    """

    role: Role
    action: Action | None = None
    value: str | None = None
    known: tuple[str, ...] = ()


def read(parser: ArgumentParser, words: Iterable[str]) -> list[Reading]:
    """Say of each word what it is to the parser."""
    line = _Line(parser)
    return [line.take(word) for word in words]


Inside = Callable[[str], Part]
"""Says what may stand in a word that is so far."""


def wanted(
    parser: ArgumentParser, words: Sequence[str], kinds: Mapping[str, Inside] = MappingProxyType({})
) -> Wanted:
    """What the last word may become, after the others; an empty last word is one not begun.

    `parser` is the one that reads the words. Its actions may carry `source`, the kind of listing their
    values come from (`otherwise`: flag -> another one, if it was given), and `narrow`: fact -> "=LITERAL",
    which comes first, or the `dest` of the argument to agree with; the fixed `values`, or `values_by`, the
    `dest` of another argument and the values for each of its own; or `inside`. `kinds` are those for values
    that have none, by their metavar.
    """
    *before, last = words
    line = _Line(parser, kinds)
    for word in before:
        line.take(word)
    return line.at_cursor(last)


class _Line:
    """Reads words as argparse would, and keeps what each argument got."""

    def __init__(self, parser: ArgumentParser, kinds: Mapping[str, Inside] = MappingProxyType({})) -> None:
        self._kinds = kinds
        self._values: dict[str, list[str]] = {}
        self._sources: dict[str, str] = {}
        self._option: Action | None = None  # the option whose values may follow
        self._only_values = False  # after "--", and inside "all the rest"
        self._lost = False  # after a verb that does not exist
        self._enter(parser)

    def _enter(self, parser: ArgumentParser) -> None:
        actions = parser._actions  # noqa: SLF001  # argparse shows its arguments nowhere else
        self._parser = parser
        self._options = {name: each for each in actions for name in each.option_strings}
        self._positionals = deque(each for each in actions if not each.option_strings)
        self._counts: dict[Action, int] = {}

    def take(self, word: str) -> Reading:
        if word == "--" and not self._only_values:
            self._only_values, self._option = True, None
            return Reading(Role.OPTION)
        if self._lost:
            return Reading(Role.VALUE)
        if self._is_option(word):
            return self._take_option(word)
        if self._option is not None:
            option = self._option
            self._take_value(option, word)
            if self._counts[option] >= _most(option):
                self._option = None
            return Reading(Role.VALUE, option, word)
        if self._positionals:
            return self._take_positional(self._positionals[0], word)
        return Reading(Role.UNKNOWN)

    def _is_option(self, word: str) -> bool:
        if self._only_values or not word.startswith("-") or word == "-" or _NUMBER.fullmatch(word):
            return False
        return " " not in word or self._option_in(word)[0] is not None

    def _option_in(self, word: str) -> tuple[Action | None, str | None]:
        """The option that a word names, and the value that it brings: `--output=json`, `-ojson`, `-qo`."""
        name, has_value, value = word.partition("=")
        if name in self._options:
            return self._options[name], value if has_value else None
        option, flags = None, "" if word.startswith("--") else word[1:]
        while flags:
            option, flags = self._options.get(f"-{flags[0]}"), flags[1:]
            if option is None or (flags and _most(option)):
                return option, flags or None
        return option, None

    def _take_option(self, word: str) -> Reading:
        option, value = self._option_in(word)
        self._option = None
        if option is None or (value is not None and not _most(option)):
            return Reading(Role.UNKNOWN, known=tuple(self._options))
        self._counts[option] = 0
        if value is not None:
            self._take_value(option, value)
        elif _most(option):
            self._option = option
        return Reading(Role.OPTION, option, value)

    def _take_positional(self, action: Action, word: str) -> Reading:
        if isinstance(action, _SubParsersAction):
            verbs: Mapping[str, ArgumentParser] = action.choices
            self._lost = word not in verbs
            if self._lost:
                return Reading(Role.UNKNOWN, known=tuple(verbs))
            self._enter(verbs[word])
            return Reading(Role.VERB, action, word)
        self._take_value(action, word)
        self._only_values |= action.nargs == REMAINDER
        if self._counts[action] >= _most(action):
            self._positionals.popleft()
        return Reading(Role.VALUE, action, word)

    def _take_value(self, action: Action, word: str) -> None:
        self._counts[action] = self._counts.get(action, 0) + 1
        self._values.setdefault(action.dest, []).append(word)
        source = self._source(action)
        if source is not None:
            self._sources[action.dest] = source

    def at_cursor(self, typed: str) -> Wanted:
        if self._lost:
            return Wanted(typed)
        if self._option is not None and self._counts[self._option] < _least(self._option):
            return self._value(self._option, typed)
        if self._is_option(typed) or (typed == "-" and not self._only_values):
            return self._option_or_its_value(typed)
        if self._option is not None:
            return self._value(self._option, typed)
        if self._positionals:
            return self._positional(self._positionals[0], typed)
        return Wanted(typed, choices=() if self._only_values else self._option_names())

    def _option_or_its_value(self, typed: str) -> Wanted:
        name, has_value, value = typed.partition("=")
        option = self._options.get(name)
        if has_value and option is not None and _most(option):
            return self._value(option, value, lead=f"{name}=")
        return Wanted(typed, choices=self._option_names())

    def _option_names(self) -> tuple[Candidate, ...]:
        """The long names of the options that were not used yet, or may be repeated."""
        return tuple(
            Candidate(name, _help_of_form(self._parser, each, name))
            for name, each in self._options.items()
            if each.help != SUPPRESS
            and (each not in self._counts or _repeats(each))
            and (name.startswith("--") or not any(other.startswith("--") for other in each.option_strings))
        )

    def _positional(self, action: Action, typed: str) -> Wanted:
        if isinstance(action, _SubParsersAction):
            return Wanted(typed, choices=_verbs(action, typed))
        return self._value(action, typed)

    def _value(self, action: Action, typed: str, lead: str = "") -> Wanted:
        project = self._values.get("project", [None])[-1]
        part = self._part(action, typed)
        narrow: Mapping[str, str] = getattr(action, "narrow", None) or {}
        return Wanted(
            prefix=typed.removeprefix(part.lead),
            lead=lead + part.lead,
            choices=part.choices,
            source=self._source(action),
            narrow=self._narrowing(narrow),
            prefer={fact: rule[1:] for fact, rule in narrow.items() if rule.startswith("=")},
            taken=frozenset(self._values.get(action.dest, ())) if _most(action) > 1 else frozenset(),
            project=project,
            about=f"{_name_of(action)}: {_help_of(self._parser, action)}".removesuffix(": "),
        )

    def _part(self, action: Action, typed: str) -> Part:
        """What may stand in a word that is a value, where that is known without asking."""
        inside = inside_of(action, self._kinds)
        if inside is not None:
            return inside(typed)
        by: tuple[str, Mapping[str, Iterable[str]]] = getattr(action, "values_by", None) or ("", {})
        other, values = by
        given = self._values.get(other)
        choices = values.get(given[-1], ()) if given else choices_of(action)
        return Part(choices=tuple(map(Candidate, map(str, choices))))

    def _source(self, action: Action) -> str | None:
        """The kind of listing that its values come from, which a flag may have changed."""
        given = {each.dest for each in self._counts}
        otherwise: Mapping[str, str] = getattr(action, "otherwise", None) or {}
        return next(
            (kind for dest, kind in otherwise.items() if dest in given), getattr(action, "source", None)
        )

    def _narrowing(self, narrow: Mapping[str, str]) -> dict[str, str | Reference]:
        facts: dict[str, str | Reference] = {}
        for fact, rule in narrow.items():
            if rule in self._values:
                text = self._values[rule][-1]
                facts[fact] = Reference(self._sources[rule], text) if rule in self._sources else text
        return facts


def _verbs(action: "_SubParsersAction[Any]", typed: str) -> tuple[Candidate, ...]:
    """The verbs; their aliases only once one was begun, for a menu with both is twice as long."""
    listed = action._choices_actions  # noqa: SLF001  # where argparse keeps the help of a subcommand
    helps = {each.dest: each.help or "" for each in listed}
    parsers = {id(action.choices[name]): name for name in helps}
    verbs = [Candidate(name, summary) for name, summary in helps.items()]
    for alias, parser in action.choices.items():
        if alias not in helps and typed and alias.startswith(typed):
            verbs.append(Candidate(alias, f"the same as {parsers.get(id(parser), alias)}"))
    return tuple(verbs)


def inside_of(action: Action, kinds: Mapping[str, Inside]) -> Inside | None:
    """What says what may stand in a value of an argument: its tag, or its kind."""
    inside: Inside | None = getattr(action, "inside", None)
    return inside or kinds.get(str(action.metavar))


def choices_of(action: Action) -> Iterable[Any]:
    """The values that are possible; a function that reads them may know them, too, as its `names`."""
    names: Iterable[Any] = getattr(action, "values", ()) or getattr(action.type, "names", ())
    return names if action.choices is None else action.choices


def _most(action: Action) -> int:
    """How many values an argument takes at most."""
    if action.nargs is None:
        return 1
    if isinstance(action.nargs, int):
        return action.nargs
    return 1 if action.nargs == "?" else _ENDLESS


def _least(action: Action) -> int:
    if isinstance(action.nargs, int):
        return action.nargs
    return 1 if action.nargs in (None, "+") else 0


def _repeats(action: Action) -> bool:
    return type(action).__name__ in {"_AppendAction", "_ExtendAction", "_CountAction"}


def _name_of(action: Action) -> str:
    return action.metavar if isinstance(action.metavar, str) else action.dest


def _help_of_form(parser: ArgumentParser, action: Action, name: str) -> str:
    """The help of an option under one of its names: `--no-wait` does the opposite of `--wait`."""
    text = _help_of(parser, action)
    is_opposite = isinstance(action, BooleanOptionalAction) and name.startswith("--no-")
    return f"do not {text.removesuffix(' (the default)')}" if is_opposite and text else text


def _help_of(parser: ArgumentParser, action: Action) -> str:
    if not action.help:
        return ""
    formatter = parser._get_formatter()  # noqa: SLF001  # it alone fills in "%(default)s"
    return formatter._expand_help(action)  # noqa: SLF001  # as above
