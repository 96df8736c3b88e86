r"""Reading `.cudo` text: logical lines, and the words in them.

Words are split by blanks. '...' is taken as it is; "..." and bare words may hold ${...} and `\` before a
character to take it as it is. `#` begins a comment at the start of a word; `\` at the end of a line goes on.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby

from cudo_shell.exits import UsageError

OPERATORS = "|<>;&"
_PLAIN = re.compile(r"[^\s'\"\\$" + re.escape(OPERATORS) + r"]+")
_BARE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_PLAIN_IN_QUOTES = re.compile(r"[^\"\\$]+")


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself; `is_quoted` where quotes say that it is nothing else."""

    text: str
    is_quoted: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Expression:
    """What stood inside ${...}."""

    text: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A name behind a `$` without braces: it stands for itself, unless there is such a variable."""

    name: str


Part = Literal | Expression | Bare
Word = tuple[Part, ...]


def is_expression(word: Word) -> bool:
    """Whether a word is one ${...} and nothing else, so that its value keeps its type."""
    return len(word) == 1 and isinstance(word[0], Expression)


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line: where it begins, its text without continuations, its words."""

    number: int
    text: str
    words: tuple[Word, ...]


class LineError(UsageError):
    """A line cannot be read."""

    def __init__(self, number: int, text: str, error: UsageError) -> None:
        super().__init__(str(error), error.hint)
        self.number = number
        self.text = text


def read_lines(text: str) -> Iterator[Line | LineError]:
    """Yield the logical lines that hold words, and an error in the place of each that cannot be read."""
    for number, logical in joined(text):
        try:
            words = tuple(split(logical))
        except UsageError as error:
            yield LineError(number, logical.strip(), error)
            continue
        if words:
            yield Line(number, logical.strip(), words)


def joined(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a text, joined where they end in a backslash, each with the number of its first."""
    number = 1
    for lines in _runs(text.split("\n")):
        yield from _cut(lines, number)
        number += len(lines)


def is_continued(text: str) -> bool:
    """Whether the last line of a text ends in a backslash, so that more belongs to it."""
    *_, (start, _) = joined(f"{text}\n")
    return start <= text.count("\n") + 1


def _runs(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield lines with those behind them that belong to them if no backslash is in a comment."""
    run: list[str] = []
    for line in lines:
        run.append(line)
        if not _goes_on(line):
            yield run
            run = []
    if run:
        yield run


def _goes_on(line: str) -> bool:
    """Whether a line ends in a backslash that is itself not taken by another one."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _cut(lines: Sequence[str], number: int) -> Iterator[tuple[int, str]]:
    """Yield lines as one, with the number of the first; cut behind each that ends in a comment.

    They are joined once, and each word is read once: a line that is looked at again for each that is added
    to it takes minutes for some thousands.
    """
    texts = [line[:-1] if _goes_on(line) else line for line in lines]
    whole, starts = "".join(texts), [0, *accumulate(map(len, texts))]
    first = 0
    while first < len(lines):
        comment = _comment_in(whole, starts[first])
        last = len(lines) - 1 if comment is None else bisect_right(starts, comment) - 1
        ending = "" if comment is None else lines[last][len(texts[last]) :]
        yield number + first, whole[starts[first] : starts[last + 1]] + ending
        first = last + 1


def _comment_in(text: str, at: int) -> int | None:
    """Find where a comment begins in the words from a position; None also where they cannot be read."""
    try:
        while at < len(text):
            if text[at] == "#":
                return at
            at = at + 1 if text[at].isspace() else _word(text, at)[1]
    except UsageError:  # a quote without an end, which no comment can follow
        pass
    return None


def split(line: str) -> Iterator[Word]:
    """Yield the words of a line.

    Raises: UsageError for a quote or ${ without end, and for an unquoted operator of the Unix shell.
    """
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif line[at] == "#":
            return
        else:
            parts, at = _word(line, at)
            yield _merged(parts)


def _word(line: str, at: int) -> tuple[list[Part], int]:
    parts: list[Part] = []
    while at < len(line) and not line[at].isspace():
        if line[at] == "'":
            end = _end(line, at, "'")
            parts.append(Literal(line[at + 1 : end], is_quoted=True))
            at = end + 1
        elif line[at] == '"':
            inside, at = _quoted(line, at + 1)
            parts += [Literal("", is_quoted=True), *inside]
        else:
            part, at = _part(line, at, _PLAIN)
            parts.append(part)
    return parts, at


def _quoted(line: str, at: int) -> tuple[list[Part], int]:
    parts: list[Part] = []
    while at < len(line):
        if line[at] == '"':
            return parts, at + 1
        part, at = _part(line, at, _PLAIN_IN_QUOTES)
        parts.append(part)
    raise _endless('"')


def _part(line: str, at: int, plain: re.Pattern[str]) -> tuple[Part, int]:
    if match := plain.match(line, at):
        return Literal(match[0]), match.end()
    if line.startswith("${", at):
        end = closing_brace(line, at)
        return Expression(line[at + 2 : end].strip()), end + 1
    if match := _BARE.match(line, at):
        return Bare(match[1]), match.end()
    if line[at] == "\\":
        return Literal(line[at + 1 : at + 2] or "\\"), at + 2
    if line[at] in OPERATORS and plain is _PLAIN:
        raise UsageError(f"'{line[at]}' has no meaning here.", f"Quote it: '{line[at]}'")
    return Literal(line[at]), at + 1


def closing_brace(line: str, start: int) -> int:
    """Find the end of the ${...} that begins at a position: braces nest, and those in quotes do not count.

    Raises: UsageError where it has no end.
    """
    depth, at = 0, start + 1
    while at < len(line):
        if line[at] in "'\"`":
            at = _end(line, at, line[at])
        depth += {"{": 1, "}": -1}.get(line[at], 0)
        if not depth:
            return at
        at += 1
    raise _endless("${")


def _end(line: str, at: int, quote: str) -> int:
    end = line.find(quote, at + 1)
    if end < 0:
        raise _endless(quote)
    return end


def _endless(opening: str) -> UsageError:
    return UsageError(f"{opening} has no end.")  # without the text behind it, which may be a secret


def _merged(parts: list[Part]) -> Word:
    """Join neighbouring literals, so that a word without ${...} is one literal."""
    merged: list[Part] = []
    for kind, run in groupby(parts, type):
        if kind is Literal:
            literals = [part for part in run if isinstance(part, Literal)]
            text = "".join(part.text for part in literals)
            merged.append(Literal(text, any(part.is_quoted for part in literals)))
        else:
            merged += run
    return tuple(merged)
