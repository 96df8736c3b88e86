"""The parser of all commands: it raises instead of ending the program, and says what may be meant."""

import argparse
import os
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from cudo_shell.commands.meant import option_for, verb_for
from cudo_shell.exits import Instead, UsageError, one_of
from cudo_shell.terminal_size import columns_of

MANY = 20  # words that would be too many for a hint
OF_THE_PROGRAM = frozenset(
    {"--sandbox", "--context", "--api-key", "--confirm-context", "--color", "--no-input", "--version"}
)
_DOWNWARDS = re.compile(r"-[a-z]\w+")


class HelpWanted(Exception):  # noqa: N818  # not an error
    """Somebody asked for the help of a parser."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help as it is written, in the width of the terminal.

    argparse makes one for each argument, to check its metavar, and would load `shutil` for the width.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns_of(os.environ) - 2)


class CommandParser(ArgumentParser):
    """A parser that raises instead of ending the program, and knows what may have been meant."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", _Help)
        super().__init__(**{**kwargs, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageError(f"{self.prog}: {message}", f"See: {self.prog} --help")

    def print_help(self, file: Any = None) -> None:  # noqa: ARG002  # the signature of argparse
        """Hand the help to whoever can print it."""
        raise HelpWanted(self.format_help())

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; unknown options are answered with the ones that are near."""
        parsed, rest = self.parse_known_args(_joined(args), namespace)
        parser = verb_parser(self, getattr(parsed, "verb", None))
        if hasattr(parsed, "several"):
            rest = _take_ids(parser, parsed, rest)
        if rest:
            raise _unknown(rest, parser)
        return parsed

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse what is known. An unknown option is said before what is wrong, or missing, because of it."""
        try:
            return super().parse_known_args(args, namespace)
        except UsageError:
            if not verbs_of(self) and (unknown := _unknown_options(self, args or [])):
                raise _unknown(unknown, self) from None
            raise

    def parse_among(
        self, words: Sequence[str], namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """Parse the options among words; return also the words that are none.

        Raises: UsageError for unknown options, with the ones that are near.
        """
        parsed, rest = self.parse_known_args(list(words), namespace)
        if unknown := [word for word in rest if word.startswith("-")]:
            self.parse_args(unknown)
        return parsed, rest

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = list(action.choices)
        if action.dest == "verb":
            raise _unknown_verb(str(value), verbs_of(self), self)
        name = action.option_strings[-1]
        raise UsageError(
            f"{self.prog}: unknown {name} '{value}'",
            _values(str(value), known),
            instead=one_of(str(value), _near(str(value), known)),
        )


def _joined(words: Sequence[str] | None) -> list[str] | None:
    """Join `--sort -COLUMN`, of which argparse takes the second word for an option."""
    joined: list[str] = []
    for word in words or []:
        if joined and joined[-1] == "--sort" and _DOWNWARDS.fullmatch(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined if words is not None else None


def _take_ids(parser: ArgumentParser, parsed: Namespace, rest: list[str]) -> list[str]:
    """Take the ids that stand behind options, where argparse expects none; return what is left."""
    if not any(word.startswith("-") for word in rest):
        parsed.id, rest = [*parsed.id, *rest], []
    if bool(parsed.id) == bool(parsed.conditions) and not rest:
        problem = "ids and --filter exclude each other" if parsed.id else "give an id, several, or --filter"
        raise UsageError(f"{parser.prog}: {problem}", f"See: {parser.prog} --help")
    return rest


def _unknown_options(parser: ArgumentParser, words: Sequence[str]) -> list[str]:
    from cudo_completions.position import Role, read  # only a mistake needs it

    readings = zip(words, read(parser, words), strict=True)
    return [word for word, each in readings if each.role is Role.UNKNOWN and word.startswith("-")]


def _unknown(words: Sequence[str], parser: ArgumentParser) -> UsageError:
    """Make the error that words are unknown, with what may be meant by the first of them."""
    problem, known = f"{parser.prog}: unknown: {' '.join(words)}", option_names(parser)
    wrong = words[0].partition("=")[0]
    if wrong in OF_THE_PROGRAM:
        hint = f"{words[0]} stands before the command: cudo {words[0]} {parser.prog} ..."
        return UsageError(problem, hint)
    if surely := option_for(wrong, known):
        return _surely(problem, wrong, surely)
    # Dashes and values would make all options look alike.
    names = {name.lstrip("-"): name for name in known}
    found = [names[name] for name in _near(wrong.lstrip("-"), names)]
    return UsageError(problem, _meant(found) or _all_of(known, parser), instead=one_of(wrong, found))


def _unknown_verb(word: str, verbs: Mapping[str, ArgumentParser], parser: ArgumentParser) -> UsageError:
    problem = f"{parser.prog}: unknown verb '{word}'"
    if surely := verb_for(word, verbs):
        return _surely(problem, word, surely)
    found = _verbs_near(word, verbs)
    return UsageError(problem, _meant(found) or _all_of(list(verbs), parser), instead=one_of(word, found))


def _surely(problem: str, wrong: str, right: str) -> UsageError:
    return UsageError(problem, _meant([right]), instead=Instead(wrong, right))


def _meant(found: Sequence[str]) -> str:
    return f"Did you mean: {', '.join(found)}?" if found else ""


def _near(word: str, known: Iterable[str]) -> list[str]:
    from cudo_completions.ranking import near  # only a mistake needs it

    return near(word, known)


def _all_of(known: Sequence[str], parser: ArgumentParser) -> str:
    return f"One of: {', '.join(known)}" if len(known) < MANY else f"See: {parser.prog} --help"


def _verbs_near(word: str, verbs: Mapping[str, ArgumentParser]) -> list[str]:
    """Return the verbs that may be meant; of one that has several names, the nearest."""
    found: dict[ArgumentParser, str] = {}
    for name in _near(word, list(verbs)):
        found.setdefault(verbs[name], name)
    return list(found.values())


def _values(word: str, known: Sequence[str]) -> str:
    """Name the near values and, since one may be far off, all of them."""
    found = _near(word, known)
    return f"{_meant(found)} One of: {', '.join(filter(None, known))}".lstrip()


def option_names(parser: ArgumentParser) -> list[str]:
    """Return the long options of a parser."""
    return [name for action in actions_of(parser) for name in action.option_strings if name.startswith("--")]


def verb_parser(parser: ArgumentParser, verb: str | None) -> ArgumentParser:
    """Return the parser of a verb, or the noun's own where it has none."""
    return verbs_of(parser)[verb] if verb is not None else parser


def actions_of(parser: ArgumentParser) -> Sequence[argparse.Action]:
    """Return the arguments and options of a parser; argparse has no public way."""
    return parser._actions  # noqa: SLF001  # guarded by a test


def verbs_of(parser: ArgumentParser) -> Mapping[str, ArgumentParser]:
    """Return the parsers of a noun's verbs, aliases included."""
    for action in actions_of(parser):
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # as above
            return action.choices
    return {}
