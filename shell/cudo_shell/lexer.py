"""Colors of the line while it is typed: what would be refused is red, what is known to be there is green.

What is of the language itself is colored as everywhere: by its tokens.
"""

import re
from argparse import Action, ArgumentParser
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby, takewhile
from operator import itemgetter

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer
from pygments.lexer import Lexer as Tokens

from cudo_completions.position import Reading, Role, read
from cudo_shell.blocks import logical_line, modifiers, texts
from cudo_shell.colors import COMMAND, COMMENT, KEYWORD, MARK, OPTION, PLAIN, STRING, WRONG, style_of
from cudo_shell.commands import KEYWORDS
from cudo_shell.quoting import Kind, Piece, pieces
from cudo_shell.scripts.syntax import OPENING, is_open

Fragment = tuple[str, str]  # a style of prompt_toolkit, and the text that has it

KNOWN = "ansigreen"
REDIRECTION = KEYWORD

_HELP = "help"
_MARKS = re.compile(r"""['"$\\;&<]""")
_OF_KINDS = {Kind.REDIRECTION: REDIRECTION, Kind.COMMENT: COMMENT, Kind.FOREIGN: PLAIN}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words there are.

    `nouns` begin a line and are read by the parser that `parser_of` gives; `words` begin a line, too, and
    take any text. `knows` says whether a listing in memory (kind, project or "" for the present one, name)
    has a name.
    """

    nouns: frozenset[str]
    words: frozenset[str]
    parser_of: Callable[[str], ArgumentParser]
    knows: Callable[[str, str, str], bool]


def highlighted(line: str, vocabulary: Vocabulary, *, in_block: bool = False) -> list[Fragment]:
    """Color a line, also one that is half typed. The texts of the fragments together are the line."""
    rest = line.lstrip()
    start = len(line) - len(rest) + 1 if rest.startswith("?") else 0  # the short form of help
    colored = _Line(line[start:], vocabulary, in_block=in_block).fragments()
    return [each for each in [(COMMAND, line[:start]), *colored] if each[1]]


class _Line:
    """A line that is being colored."""

    def __init__(self, text: str, vocabulary: Vocabulary, *, in_block: bool) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.in_block = in_block

    def fragments(self) -> list[Fragment]:
        fragments: list[Fragment] = []
        at = 0
        for piece, styled in self._styled(list(pieces(self.text))):
            fragments += [(PLAIN, self.text[at : piece.start]), *styled]
            at = piece.end
        return [*fragments, (PLAIN, self.text[at:])]

    def _styled(self, found: Sequence[Piece]) -> Iterator[tuple[Piece, list[Fragment]]]:
        words = list(takewhile(lambda piece: piece.kind in {Kind.WORD, Kind.OPEN}, found))
        yield from zip(words, self._of_statement(words), strict=True)
        is_refused = self.in_block or (bool(words) and words[0].text in OPENING)
        for piece in found[len(words) :]:
            is_wrong = is_refused and piece.kind is Kind.REDIRECTION
            yield piece, [(WRONG if is_wrong else _OF_KINDS.get(piece.kind, STRING), piece.text)]

    def _of_statement(self, words: Sequence[Piece]) -> Iterator[list[Fragment]]:
        before = modifiers(texts(words))
        yield from map(self._tokens, words[:before])
        command = words[before:]
        if command and (command[0].text in KEYWORDS or (before and not _is_bare(command[0]))):
            yield from map(self._tokens, command)
        else:
            yield from self._of_command(command)

    def _of_command(self, words: Sequence[Piece]) -> Iterator[list[Fragment]]:
        if not words:
            return
        first, *rest = words
        yield self._of_first(first)
        if first.word == _HELP:
            yield from self._of_command(rest)
        elif first.word in self.vocabulary.nouns and first.end != len(self.text):
            yield from self._of_noun(self.vocabulary.parser_of(first.word), rest)
        else:
            yield from map(self._of_text, rest)

    def _of_first(self, piece: Piece) -> list[Fragment]:
        known = self.vocabulary.nouns | self.vocabulary.words
        if piece.word in known:
            return [(COMMAND, piece.text)]
        return self._missed(piece, piece.word, known.union(KEYWORDS))

    def _of_noun(self, parser: ArgumentParser, words: Sequence[Piece]) -> Iterator[list[Fragment]]:
        readings = read(parser, (piece.word for piece in words))
        project = next((each.value for each in reversed(readings) if _is_project(each)), None) or ""
        is_certain = True  # a ${...} may be any number of words
        for piece, reading in zip(words, readings, strict=True):
            if self._has_value(piece):
                is_certain = is_certain and piece.text.startswith("-")
                yield self._tokens(piece)
            elif reading.role is Role.VERB:
                yield [(COMMAND, piece.text)]
            elif reading.role is Role.UNKNOWN and (is_certain or piece.text.startswith("-")):
                yield self._missed(piece, piece.word, reading.known)
            elif reading.role is Role.UNKNOWN:
                yield self._of_text(piece)
            else:
                yield self._of_argument(piece, reading, project)

    def _of_argument(self, piece: Piece, reading: Reading, project: str) -> list[Fragment]:
        if reading.role is Role.OPTION:
            at = _where_value_begins(piece.text, reading.value)
            option, value = _cut(piece, 0, at), _cut(piece, at)
            return [(OPTION, option.text), *self._of_value(value, reading, project)]
        return self._of_value(piece, reading, project)

    def _of_value(self, piece: Piece, reading: Reading, project: str) -> list[Fragment]:
        action, value = reading.action, reading.value
        if action is None or value is None:
            return self._of_text(piece)
        source = getattr(action, "source", None)
        if source is not None and self.vocabulary.knows(source, project, value):
            return [(KNOWN, piece.text)]
        choices = _choices(action)
        if not choices or value in choices:
            return self._of_text(piece)
        return self._missed(piece, value, choices)

    def _missed(self, piece: Piece, word: str, known: Iterable[str]) -> list[Fragment]:
        """Color a word that is none of the known ones: not wrong while it may still become one."""
        if piece.end == len(self.text) and any(each.startswith(word) for each in known):
            return self._of_text(piece)
        return [(WRONG, piece.text)]

    # The language

    def _tokens(self, piece: Piece) -> list[Fragment]:
        """The colors that a piece has by its tokens."""
        found = (
            (style, self.text[max(start, piece.start) : min(start + length, piece.end)])
            for style, start, length in _styled_tokens(self.text)
            if start < piece.end and start + length > piece.start
        )
        return [(style, "".join(text for _, text in same)) for style, same in groupby(found, itemgetter(0))]

    def _of_text(self, piece: Piece) -> list[Fragment]:
        """The colors of text of which nothing is known: those of quotes and operators."""
        return [(PLAIN, piece.text)] if _is_bare(piece) else self._tokens(piece)

    def _has_value(self, piece: Piece) -> bool:
        """Whether a piece holds a ${...}, whose value nobody knows yet, or what is refused in any place."""
        return not _is_bare(piece) and any(
            (style, text[:2]) == (MARK, "${") or style == WRONG for style, text in self._tokens(piece)
        )


@cache
def _lexer() -> "Tokens":
    from cudo_shell.pygments_lexer import CudoLexer  # Pygments is slow to load; the first prompt needs none

    return CudoLexer()


@lru_cache(maxsize=64)
def _styled_tokens(line: str) -> list[tuple[str, int, int]]:
    """The tokens of a line: the style of each, where it begins, how long it is."""
    tokens = _lexer().get_tokens_unprocessed(line)
    return [(style_of(token), start, len(text)) for start, token, text in tokens]


def _is_bare(piece: Piece) -> bool:
    return not _MARKS.search(piece.text)


def _cut(piece: Piece, start: int, end: int | None = None) -> Piece:
    return Piece(piece.kind, piece.text[start:end], piece.start + start)


def _where_value_begins(option: str, value: str | None) -> int:
    """Find the value in `--output=json`, `--output="json"` and `-ojson`."""
    if value is None:
        return len(option)
    return len(option) - len(value) if option.endswith(value) else option.find("=") + 1


def _choices(action: Action) -> tuple[str, ...]:
    """The only values that an argument takes, as they are typed."""
    return () if action.choices is None or action.type is not None else tuple(map(str, action.choices))


def _is_project(reading: Reading) -> bool:
    return reading.action is not None and reading.action.dest == "project" and reading.value is not None


def _line_of(lines: Sequence[str], number: int, vocabulary: Vocabulary) -> StyleAndTextTuples:
    """Color one line of a text, as a part of the line that it goes on with."""
    same = logical_line(lines, number)
    whole = "\n".join(lines[same.start : same.stop])
    in_block = is_open("\n".join(lines[: same.start]))
    fragments = highlighted(whole, vocabulary, in_block=in_block)
    start = sum(len(line) + 1 for line in lines[same.start : number])
    return list(_between(fragments, whole, start, start + len(lines[number])))


def _between(fragments: Iterable[Fragment], text: str, start: int, end: int) -> Iterator[Fragment]:
    """Yield the styles of a stretch of a text."""
    at = 0
    for style, fragment in fragments:
        if part := text[max(at, start) : min(at + len(fragment), end)]:
            yield style, part
        at += len(fragment)


class LineLexer(Lexer):
    """Colors what stands in the prompt; without colors where the terminal has none."""

    def __init__(self, vocabulary: Vocabulary, *, has_color: bool) -> None:
        self._vocabulary = vocabulary
        self._has_color = has_color
        self._age = 0

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Color each line of a text."""

        def line(number: int) -> StyleAndTextTuples:
            if not self._has_color:
                return [(PLAIN, document.lines[number])]
            return _line_of(document.lines, number, self._vocabulary)

        return line

    def outdated(self) -> None:
        """Forget what was colored: a listing has come, or the project is another one."""
        self._age += 1

    def invalidation_hash(self) -> Hashable:
        """Tell when the same text may have other colors."""
        return id(self), self._age
