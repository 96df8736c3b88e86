r"""How a line at the prompt falls into words: as in scripts, and | > >> outside quotes redirect the output.

'...' is taken as it is; in "..." and bare words `\` takes the character after it as it is, and ${...} is a
part of the word, whatever stands in it; `#` at the start of a word begins a comment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from cudo_shell.exits import UsageError
from cudo_shell.scripts.lines import closing_brace

REDIRECTION = re.compile(r"\||>>?")
_BLANKS = re.compile(r"(?:\s|\\\n)*")
_BARE = re.compile(r"""[^\s"'|>\\$]+ | \\(?:.|$) | \$""", re.VERBOSE)
_IN_QUOTES = re.compile(r"""[^"\\$]+ | \\. | \$""", re.VERBOSE | re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PLAIN = re.compile(r"[\w.:/@%+=,\[\]*?^~-]+")


def words_of(text: str) -> list[str]:
    """The words of a command, each without its quotes.

    Raises: UsageError for a quote that is not closed.
    """
    return [bare(token) for token in tokens_of(text)]


def without_redirection(line: str) -> str:
    """Return the text of a command that redirects its output, up to there; `?vm` is short for `help vm`."""
    end = next((piece.start for piece in pieces(line) if piece.kind is Kind.REDIRECTION), None)
    text = line[:end].strip()
    return f"help {text[1:].lstrip()}" if text.startswith("?") else text


def quoted(word: str, mark: str = "", *, is_open: bool = False) -> str:
    """Write a word so that it is read as it is, here and in scripts: bare where that is safe, else in quotes.

    `mark` is the quote that was begun, if any. A word that `is_open` goes on: its quote is not closed.
    """
    if not mark and _PLAIN.fullmatch(word):
        return word
    mark = '"' if "'" in word else mark or "'"
    inner = re.sub(r'([\\"$`])', r"\\\1", word) if mark == '"' else word
    return f"{mark}{inner}{'' if is_open else mark}"


class Kind(Enum):
    """What a piece of a line is."""

    WORD = auto()
    OPEN = auto()  # a word with a quote that is not closed: all the rest of the line
    REDIRECTION = auto()
    FOREIGN = auto()  # for another shell: all that stands behind a pipe
    COMMENT = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line as it was typed, and where it begins."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        """The position behind it."""
        return self.start + len(self.text)

    @property
    def word(self) -> str:
        """The text without its quotes; of one that is not closed, what there is of it so far."""
        if self.kind is Kind.OPEN:
            return _closed(self.text)
        return bare(self.text) if self.kind is Kind.WORD else self.text


def pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of a text, also of one that is half typed; between them are blanks."""
    at = _after_blanks(text, 0)
    while at < len(text):
        piece = _piece(text, at)
        yield piece
        at = _after_blanks(text, piece.end)
        if piece.text == "|" and (command := text[at:].rstrip()):
            yield Piece(Kind.FOREIGN, command, at)
            return


def last_word(text: str) -> str:
    """Return the last word of a text without its quotes, also where they are not closed."""
    found = list(pieces(text))
    return found[-1].word if found else ""


def open_expression(text: str) -> str | None:
    """Return what was typed behind a ${ that is open at the end of a text; None where there is none."""
    found = list(pieces(text))
    if not found or found[-1].kind is not Kind.OPEN:
        return None
    *_, (start, end) = _parts(text, found[-1].start)
    return text[start + 2 :] if end is None and text.startswith("${", start) else None


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _piece(text: str, at: int) -> Piece:
    if text[at] == "#":
        return Piece(Kind.COMMENT, text[at:].partition("\n")[0], at)
    if found := REDIRECTION.match(text, at):
        return Piece(Kind.REDIRECTION, found[0], at)
    *_, (_, end) = _parts(text, at)
    return Piece(Kind.WORD, text[at:end], at) if end is not None else Piece(Kind.OPEN, text[at:], at)


def _parts(text: str, at: int) -> Iterator[tuple[int, int | None]]:
    """Yield where the parts of a word begin and end: '...', "..." and what is bare; None for no end.

    An open ${ inside of "..." is told as a part of its own.
    """
    while at < len(text):
        if text[at] == "'":
            end = _end_of_literal(text, at)
        elif text[at] == '"':
            end, begun = _end_of_quotes(text, at + 1)
            at = at if begun is None else begun
        elif text.startswith("${", at):
            end = _end_of_expression(text, at)
        elif found := _BARE.match(text, at):
            end = found.end()
        else:
            return
        yield at, end
        if end is None:
            return
        at = end


def _end_of_literal(text: str, at: int) -> int | None:
    end = text.find("'", at + 1)
    return None if end < 0 else end + 1


def _end_of_quotes(text: str, at: int) -> tuple[int | None, int | None]:
    """Find the end of "...", or else where a ${ in it begins that has none."""
    while at < len(text):
        if text[at] == '"':
            return at + 1, None
        if text.startswith("${", at):
            end = _end_of_expression(text, at)
            if end is None:
                return None, at
            at = end
        elif found := _IN_QUOTES.match(text, at):
            at = found.end()
        else:
            break
    return None, None


def _end_of_expression(text: str, at: int) -> int | None:
    try:
        return closing_brace(text, at) + 1
    except UsageError:
        return None


def tokens_of(text: str) -> list[str]:
    """Raw words and redirections. After a pipe, all the rest is one token: it is for another shell.

    Raises: UsageError for a quote that is not closed.
    """
    found = list(pieces(text))
    if any(piece.kind is Kind.OPEN for piece in found):
        raise UsageError("a quote is not closed" if open_expression(text) is None else "${ is not closed")
    return [piece.text for piece in found if piece.kind is not Kind.COMMENT]


def bare(token: str) -> str:
    """Return a raw word without its quotes."""
    return "".join(_without_quotes(token[start:end]) for start, end in _parts(token, 0))


def bare_parts(token: str) -> list[str]:
    """The parts of a raw word that stand neither in quotes nor in a ${...}."""
    parts = (token[start:end] for start, end in _parts(token, 0))
    return [part for part in parts if not part.startswith(("'", '"', "${"))]


def _without_quotes(part: str) -> str:
    if part.startswith("'"):
        return part[1:-1]
    if part.startswith("${"):
        return part
    return _unescaped(part[1:-1] if part.startswith('"') else part)


def _unescaped(text: str) -> str:
    found, at = "", 0
    while at < len(text):
        end = _end_of_expression(text, at) if text.startswith("${", at) else None
        if end is not None:
            found, at = found + text[at:end], end
            continue
        part = _IN_QUOTES.match(text, at)
        stretch = part[0] if part else text[at]
        found, at = found + _ESCAPED.sub(r"\1", stretch), at + len(stretch)
    return found


def _closed(token: str) -> str:
    """The bare word that it becomes when its quote is closed right here."""
    for quote in "\"'":
        *_, (_, end) = _parts(token + quote, 0)
        if end is not None:
            return bare(token + quote)
    return token
