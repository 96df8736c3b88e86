"""What is typed at the prompt as if it were a Unix shell, and what stands for it here. Pure."""

import re
from itertools import takewhile
from typing import NamedTuple

from cudo_shell.blocks import modifiers, texts
from cudo_shell.exits import UsageError
from cudo_shell.quoting import Kind, Piece, bare_parts, pieces, quoted

_OPERATOR = re.compile(r"(?<!\\)(?:&&|[;&<])")
_NEXT = "Write one command a line"
_HINTS = {
    ";": f"{_NEXT}.",
    "&": f"{_NEXT}; none runs in the background.",
    "&&": f"{_NEXT}: in a script or a paste, what follows runs only if it succeeds.",
    "||": f"{_NEXT}; in a script or a paste, 'try' before one lets the next run all the same.",
}


class Habit(NamedTuple):
    """What is told about a line, and the line that is meant, if that is certain."""

    error: UsageError
    meant: str = ""


def habit_in(line: str) -> Habit | None:
    """Find what another shell would take: its operators between commands, or the name of this program."""
    return _operator(line) or _program(line)


def _operator(line: str) -> Habit | None:
    before = ""
    for piece in pieces(line):
        if piece.kind is Kind.FOREIGN and piece.text.startswith("|"):
            return _refused("||", _HINTS["||"])
        if piece.kind is Kind.WORD and (found := _operator_of(piece)):
            return _refused(found, _advice(found, before, piece))
        before = piece.text
    return None


def _operator_of(word: Piece) -> str:
    return next((found[0] for part in bare_parts(word.text) if (found := _OPERATOR.search(part))), "")


def _refused(operator: str, hint: str) -> Habit:
    return Habit(UsageError(f"'{operator}' has no meaning here.", hint))


def _advice(operator: str, before: str, word: Piece) -> str:
    """Say how to quote a word that is text, as the value of an option is; else what to do without it."""
    option, equals, value = word.text.partition("=")
    is_text = not word.text.endswith(operator) and word.text != operator
    if is_text and equals and option.startswith("--"):
        return f"Quote it: {option}={quoted(value)}"
    if is_text and before.startswith("-"):
        return f"Quote it: {before} {quoted(word.text)}"
    if is_text and operator in {"<", "&"}:
        return f"Quote it: {quoted(word.text)}"
    return _HINTS.get(operator, f"Quote it: '{operator}'")


def _program(line: str) -> Habit | None:
    """Find `cudo` in front of a command, or of a script, at its own prompt."""
    words = list(takewhile(lambda piece: piece.kind is Kind.WORD, pieces(line)))
    at = modifiers(texts(words))
    if [word.word for word in words[at : at + 1]] != ["cudo"]:
        return None
    error = UsageError("This is the prompt of cudo: its commands stand here without that word.", "See: help")
    rest = words[at + 1 :]
    if not rest or rest[0].text.startswith("-"):
        return Habit(error)
    is_script = rest[0].word.endswith(".cudo")
    meant = f"{line[: words[at].start]}{'source ' if is_script else ''}{line[rest[0].start :]}"
    return Habit(UsageError(str(error)), meant)
