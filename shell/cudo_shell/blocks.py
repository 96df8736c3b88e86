"""Where a command begins and ends in what is typed: modifiers before it, blocks of several lines. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from cudo_shell.commands import KEYWORDS
from cudo_shell.quoting import Kind, Piece, pieces
from cudo_shell.scripts.lines import is_continued, joined
from cudo_shell.scripts.syntax import is_open


def commands_in(text: str) -> list[str]:
    r"""Return the commands of a text: lines that hold one, and whole blocks from `for`, `if` ... to `end`.

    `\` at the end of a line goes on with the next. The last block, or line, may have no end.
    """
    found: list[list[str]] = []
    depth = 0
    for line in _logical_lines(text):
        if depth:
            found[-1].append(line)
        elif line.strip() and not line.lstrip().startswith("#"):
            found.append([line])
        depth = max(0, depth + is_open(line) - _is_end(line))
    return ["\n".join(lines).rstrip("\n") for lines in found]


def goes_on(text: str) -> bool:
    r"""Whether more lines are to come: a block has no end yet, or the last line ends in `\`."""
    return is_open(text) or is_continued(text)


def _logical_lines(text: str) -> list[str]:
    lines = [line for _, line in joined(text)]
    return [*lines[:-1], f"{lines[-1]}\\"] if is_continued(text) else lines


def _is_end(line: str) -> bool:
    return next((piece.text for piece in pieces(line)), "") == "end"


def logical_line(lines: Sequence[str], number: int) -> range:
    r"""Return the numbers of the lines that a line is one with, from 0: all but the last end in `\`."""
    starts = [start - 1 for start, _ in joined("\n".join(lines))]
    at = bisect_right(starts, number)
    return range(starts[at - 1], starts[at] if at < len(starts) else len(lines))


def modifiers(words: Sequence[str]) -> int:
    """Count the words before the command of a line: `try`, `!`, `defer`, `let x =`, `retry 3 every 5s`."""
    at = 0
    while taken := _taken(words[at:]):
        at += taken
    return at


def _taken(words: Sequence[str]) -> int:
    match words:
        case ["try" | "!" | "defer", _, *_]:
            return 1
        case ["let", _, "=", _, *_]:
            return 3
        case ["retry", _, "every", _, _, *_]:
            return 4
        case _:
            return 0


def commands_of(text: str) -> Iterator[list[Piece]]:
    """Yield the words of each command in a text, without its modifiers and redirection.

    A statement of the language itself, such as `echo` or `for`, is none.
    """
    for line in _logical_lines(text):
        words = list(takewhile(lambda piece: piece.kind is Kind.WORD, pieces(line)))
        command = words[modifiers(texts(words)) :]
        if command and command[0].text not in KEYWORDS:
            yield command


def texts(words: Iterable[Piece]) -> list[str]:
    """The words as they were typed: a keyword in quotes is none."""
    return [piece.text for piece in words]
