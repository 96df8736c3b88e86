"""Help for the word under the cursor. Pure: it reads parsers, and asks nobody."""

from argparse import Action, ArgumentParser
from collections.abc import Callable, Mapping, Sequence

from cudo_completions.position import Role, read
from cudo_shell.blocks import modifiers
from cudo_shell.commands.help import help_text, overview
from cudo_shell.exits import UsageError
from cudo_shell.quoting import Kind, pieces


def help_at(
    line: str, cursor: int, parser_of: Callable[[str], ArgumentParser], own: Mapping[str, str]
) -> str:
    """Explain the word that the cursor is in or behind; between words, the command before it.

    A noun and its verbs, a verb with its arguments, or one option. `own` are the words of the prompt, with
    their help.
    """
    words = words_until(line, cursor)
    words = words[modifiers(words) :]
    if words[0].startswith("?"):
        words = ["help", *filter(None, [words[0][1:]]), *words[1:]]
    if words[0] == "help":
        words = words[1:] or [""]
    if words[0] in own:
        return own[words[0]]
    try:
        return _help_of(words, parser_of) if words[0] else overview()
    except UsageError as error:
        return f"{error}\n{error.hint}\n"


def words_until(line: str, cursor: int) -> list[str]:
    """Return the words up to and with the one that the cursor touches; an empty one where it touches none."""
    before = [
        piece for piece in pieces(line) if piece.start <= cursor and piece.kind in {Kind.WORD, Kind.OPEN}
    ]
    words = [piece.word for piece in before]
    return words if before and cursor <= before[-1].end else [*words, ""]


def is_at_new_word(before: str) -> bool:
    """Whether what is typed next begins an argument of a command, after its first word."""
    found = list(pieces(before))
    return before[-1:].isspace() and bool(found) and all(piece.kind is Kind.WORD for piece in found)


def _help_of(words: Sequence[str], parser_of: Callable[[str], ArgumentParser]) -> str:
    noun, *rest = words
    parser = parser_of(noun)
    given = [word for word in rest if word]
    readings = read(parser, given)
    if not readings or readings[0].role is not Role.VERB:
        return parser.format_help()
    last = readings[-1]
    is_meant = bool(rest[-1]) or _wants_value(last.action, last.value)
    if last.action is not None and last.action.option_strings and is_meant:
        return _help_of_option(parser, last.action)
    return help_text([noun, given[0]])


def _wants_value(action: Action | None, value: str | None) -> bool:
    """Whether an option was named, and its value not yet."""
    return action is not None and value is None and action.nargs != 0


def _help_of_option(parser: ArgumentParser, action: Action) -> str:
    formatter = parser._get_formatter()  # noqa: SLF001  # argparse has no other way to write one argument
    formatter.add_argument(action)
    return formatter.format_help()
