"""What is wrong with the words of a command, though values are not known and nothing is run. Pure."""

import re
from argparse import Action, ArgumentParser
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from itertools import chain, product
from typing import Any

from cudo_shell.commands import find_noun, no_command
from cudo_shell.commands.parser import CommandParser, HelpWanted, verbs_of
from cudo_shell.exits import UsageError
from cudo_shell.scripts.lines import Expression, Literal, Word, is_expression

UNKNOWN = "\0"  # in place of a value: no text of a script holds it
_HIDDEN_OPTION = re.compile(rf"-[^=]*{UNKNOWN}")  # ${...} is part of the option's name, or may be
_ITEMS = (1, 0, 2, 3, 4)  # how many arguments a list may become; no verb takes more in a row that differ
_LISTS = 3  # in one command, that are tried in every number


class _Resolver(CommandParser):
    """The parser of a command, to which an unknown value is always a right one."""

    def _get_value(self, action: Action, arg_string: str) -> Any:
        return arg_string if UNKNOWN in arg_string else super()._get_value(action, arg_string)

    def _check_value(self, action: Action, value: Any) -> None:
        if not (isinstance(value, str) and UNKNOWN in value):
            super()._check_value(action, value)


def check_command(words: Sequence[Word]) -> None:
    """Check that there is such a command, with such options, and that all it needs is given.

    Raises: UsageError.
    """
    texts = [known_text(word) for word in words]
    if UNKNOWN in texts[0]:
        return
    parser = _parser(texts[0])
    if any(map(_HIDDEN_OPTION.match, texts)) or (verbs_of(parser) and UNKNOWN in "".join(texts[1:2])):
        return
    errors = []
    for arguments in _expansions(words[1:], texts[1:]):
        try:
            parser.parse_args(arguments)
        except HelpWanted:
            return
        except UsageError as error:
            errors.append(error)
        else:
            return
    if errors:
        raise _shown(errors[0])


def _shown(error: UsageError) -> UsageError:
    """Return an error in which unknown values can be seen."""
    message, hint = (text.replace(UNKNOWN, "${...}") for text in (str(error), error.hint))
    return UsageError(message, hint, instead=error.instead)


def known_text(word: Word) -> str:
    """Return the text of a word, with UNKNOWN for each ${...}."""
    return "".join(
        part.text
        if isinstance(part, Literal)
        else UNKNOWN
        if isinstance(part, Expression)
        else f"${part.name}"
        for part in word
    )


@cache
def _parser(word: str) -> ArgumentParser:
    found = find_noun(word)
    if found is None:
        raise no_command(word)
    parser: ArgumentParser = import_module(found[1].module).build_parser(_Resolver)
    return parser


def _expansions(words: Sequence[Word], texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the arguments that words may become, for lists of any length; nothing where that is too much.

    A list may not stand behind an option.
    """
    before = ["", *texts]
    lists = [at for at, word in enumerate(words) if is_expression(word) and not before[at].startswith("-")]
    if len(lists) > _LISTS:
        return
    for counts in product(_ITEMS, repeat=len(lists)):
        times = dict(zip(lists, counts, strict=True))
        yield list(chain.from_iterable([text] * times.get(at, 1) for at, text in enumerate(texts)))
