"""The line that was meant: as it was typed, with the one wrong word replaced by the one that is near."""

import re
from collections.abc import Sequence

from cudo_shell.blocks import commands_of
from cudo_shell.exits import Failure, Instead
from cudo_shell.quoting import Kind, Piece, pieces, quoted

_DESTROYING = re.compile(
    r"\S+ (?:\S+-)?(?:delete|remove|rm|terminate)|\S+ (?:commit|credit-buy|deploy)|cluster (?:scale|update)"
)


def corrected(line: str, instead: Instead | None) -> str:
    """Return a line with its wrong word replaced and all else as it was typed.

    Empty where it is not certain which word is meant, or the line cannot be read.
    """
    if instead is None or not instead.right.isprintable():
        return ""
    found = [(piece, text) for piece in pieces(line) if (text := _replaced(piece, instead))]
    if len(found) != 1:
        return ""
    piece, text = found[0]
    return line[: piece.start] + text + line[piece.end :]


def _replaced(piece: Piece, instead: Instead) -> str:
    """Return a piece with its wrong word replaced; empty for one that has nothing wrong."""
    if piece.kind is not Kind.WORD:
        return ""
    word, (name, equals, value) = piece.word, piece.word.partition("=")
    if _same(word, instead.wrong):
        return quoted(instead.right)
    if not equals or not name.startswith("-"):
        return ""
    if _same(name, instead.wrong):
        return quoted(f"{instead.right}={value}")
    return quoted(f"{name}={instead.right}") if _same(value, instead.wrong) else ""


def _same(typed: str, wrong: str) -> bool:
    return typed.casefold() == wrong.casefold()  # some values are read in any case


def destroys(line: str) -> bool:
    """Whether a line, or one of a block, ends something or pays for it: what must not be one Enter away."""
    commands = (" ".join(piece.word for piece in words[:2]) for words in commands_of(line))
    return any(_DESTROYING.fullmatch(command) for command in commands)


def with_line(failure: Failure, line: str) -> Failure:
    """Return what is told, with the corrected line, if there is a single one, as what to do next."""
    if not line or "\n" in line:
        return failure
    return failure._replace(hint=f"{failure.hint}\nTry: {line}".lstrip("\n"))


def line_of(words: Sequence[str]) -> str:
    """Write words as the line that falls into them."""
    return " ".join(map(quoted, words))
