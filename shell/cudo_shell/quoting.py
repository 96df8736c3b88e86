r"""How a line at the prompt falls into words: as in scripts, and | > >> outside quotes redirect the output.

'...' is taken as it is; in "..." and bare words `\` takes the character after it as it is; `#` at the start
of a word begins a comment.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from cmd2.exceptions import Cmd2ShlexError
from cmd2.parsing import StatementParser

_REDIRECTION = re.compile(r"\||>>?")
_WORD = re.compile(r"""(?: [^\s"'|>\\] | \\(?:.|$) | "(?:[^"\\]|\\.)*" | '[^']*' )+""", re.VERBOSE)
_PART = re.compile(r"""'([^']*)' | "((?:[^"\\]|\\.)*)" | ((?:[^"'\\]|\\.)+)""", re.VERBOSE)
_ESCAPED = re.compile(r"\\(.)")
_PLAIN = re.compile(r"[\w.:/@%+=,\[\]*?^~-]+")


def words_of(text: str) -> list[str]:
    """The words of a command, each without its quotes.

    Raises: Cmd2ShlexError for a quote that is not closed.
    """
    return [_bare(token) for token in _tokens(text)]


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
        return _bare(self.text) if self.kind is Kind.WORD else _closed(self.text)


def pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of a line, also of one that is half typed; between them are blanks."""
    at = 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        kind, taken = _first(rest)
        yield Piece(kind, taken, at)
        at += len(taken)
        if taken == "|" and (command := text[at:].strip()):
            yield Piece(Kind.FOREIGN, command, text.index(command, at))
            return


def last_word(text: str) -> str:
    """Return the last word of a text without its quotes, also where they are not closed."""
    found = list(pieces(text))
    return found[-1].word if found else ""


def _first(rest: str) -> tuple[Kind, str]:
    if rest.startswith("#"):
        return Kind.COMMENT, rest
    if found := _REDIRECTION.match(rest):
        return Kind.REDIRECTION, found[0]
    found = _WORD.match(rest)
    if found is None or rest[found.end() :].startswith(('"', "'")):  # a part of the word that never ends
        return Kind.OPEN, rest
    return Kind.WORD, found[0]


def _tokens(text: str) -> list[str]:
    """Raw words and redirections. After a pipe, all the rest is one token: it is for another shell."""
    found = list(pieces(text))
    if any(piece.kind is Kind.OPEN for piece in found):
        raise Cmd2ShlexError("a quote is not closed")
    return [piece.text for piece in found if piece.kind is not Kind.COMMENT]


def _bare(token: str) -> str:
    def unquoted(part: re.Match[str]) -> str:
        return (
            part[1]
            if part[1] is not None
            else _ESCAPED.sub(r"\1", part[2] if part[2] is not None else part[3])
        )

    return _PART.sub(unquoted, token)


def _closed(token: str) -> str:
    """The bare word that it becomes when its quote is closed right here."""
    return next((_bare(token + quote) for quote in "\"'" if _WORD.fullmatch(token + quote)), token)


class LineParser(StatementParser):
    """cmd2's parser, with our idea of a word.

    Its own takes a quote inside a word for a letter: `--note="a b"` would be two words, and
    `--query='a>b'` would write a file.
    """

    def tokenize(self, line: str) -> list[str]:
        """Tokens as cmd2 wants them: in quotes, so that nothing in a word can steer."""
        tokens: list[str] = []
        for token in _tokens(self._expand(line)):
            before = tokens[-1] if tokens else ""
            if _REDIRECTION.fullmatch(token) or before == "|":
                tokens.append(token)
            elif before.startswith(">"):
                tokens.append(f'"{_bare(token)}"')  # cmd2 takes one pair of quotes off a file name
            else:
                tokens.append(shlex.quote(_bare(token)))
        _check_redirection(tokens)
        return tokens


def _check_redirection(tokens: list[str]) -> None:
    """Refuse what cmd2 would drop without a word."""
    for at, each in enumerate(tokens):
        if _REDIRECTION.fullmatch(each):
            target = tokens[at + 1 :]
            if len(target) != 1 or _REDIRECTION.fullmatch(target[0]):
                wanted = "a command" if each == "|" else "one file name"
                raise Cmd2ShlexError(f"{each} needs {wanted} after it, at the end of the line")
            return
