"""Colors of the line while it is typed: what would be refused is red, what is known to be there is green."""

from argparse import Action, ArgumentParser
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from cudo_completions.position import Reading, Role, read
from cudo_shell.quoting import Kind, Piece, pieces

Fragment = tuple[str, str]  # a style of prompt_toolkit, and the text that has it

# Of the 16 colors that every theme sets, those that can be read on light and on dark.
PLAIN = ""
COMMAND = "bold"
OPTION = "ansicyan"
STRING = "ansimagenta"
KNOWN = "ansigreen"
WRONG = "ansired"
REDIRECTION = "bold ansimagenta"
COMMENT = "ansibrightblack"

_HELP = "help"
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


def highlighted(line: str, vocabulary: Vocabulary) -> list[Fragment]:
    """Color a line, also one that is half typed. The texts of the fragments together are the line."""
    rest = line.lstrip()
    start = len(line) - len(rest) + 1 if rest.startswith("?") else 0  # the short form of help
    return [each for each in [(COMMAND, line[:start]), *_colored(line[start:], vocabulary)] if each[1]]


def _colored(line: str, vocabulary: Vocabulary) -> list[Fragment]:
    fragments: list[Fragment] = []
    at = 0
    for piece, styled in _styled(list(pieces(line)), len(line), vocabulary):
        fragments += [(PLAIN, line[at : piece.start]), *styled]
        at = piece.end
    return [*fragments, (PLAIN, line[at:])]


def _styled(
    found: Sequence[Piece], end: int, vocabulary: Vocabulary
) -> Iterator[tuple[Piece, list[Fragment]]]:
    words = [piece for piece in _until_redirection(found) if piece.kind is not Kind.COMMENT]
    yield from zip(words, _of_command(words, end, vocabulary), strict=True)
    for piece in found[len(words) :]:
        yield piece, [(_OF_KINDS.get(piece.kind, STRING), piece.text)]


def _until_redirection(found: Iterable[Piece]) -> Iterator[Piece]:
    for piece in found:
        if piece.kind is Kind.REDIRECTION:
            return
        yield piece


def _of_command(words: Sequence[Piece], end: int, vocabulary: Vocabulary) -> Iterator[list[Fragment]]:
    if not words:
        return
    first, *rest = words
    is_typed = first.end == end
    is_noun = first.word in vocabulary.nouns
    known = vocabulary.nouns | vocabulary.words
    yield [(COMMAND if first.word in known else _missed(first.word, known, is_typed=is_typed), first.text)]
    if first.word == _HELP:
        yield from _of_command(rest, end, vocabulary)
    elif is_noun and not is_typed:
        yield from _of_noun(vocabulary.parser_of(first.word), rest, end, vocabulary)
    else:
        yield from ([(_style_of_text(piece.text), piece.text)] for piece in rest)


def _of_noun(
    parser: ArgumentParser, words: Sequence[Piece], end: int, vocabulary: Vocabulary
) -> Iterator[list[Fragment]]:
    readings = read(parser, (piece.word for piece in words))
    project = next((each.value for each in reversed(readings) if _is_project(each)), None) or ""
    for piece, reading in zip(words, readings, strict=True):
        is_typed = piece.end == end
        if reading.role is Role.VERB:
            yield [(COMMAND, piece.text)]
        elif reading.role is Role.UNKNOWN:
            yield [(_missed(piece.word, reading.known, is_typed=is_typed), piece.text)]
        else:
            yield _of_argument(piece, reading, project, vocabulary, is_typed=is_typed)


def _of_argument(
    piece: Piece, reading: Reading, project: str, vocabulary: Vocabulary, *, is_typed: bool
) -> list[Fragment]:
    if reading.role is Role.OPTION:
        at = _where_value_begins(piece.text, reading.value)
        option, text = piece.text[:at], piece.text[at:]
    else:
        option, text = "", piece.text
    style = _style_of_value(reading, project, vocabulary, is_typed=is_typed)
    return [(OPTION, option), (style or _style_of_text(text), text)]


def _where_value_begins(option: str, value: str | None) -> int:
    """Find the value in `--output=json`, `--output="json"` and `-ojson`."""
    if value is None:
        return len(option)
    return len(option) - len(value) if option.endswith(value) else option.find("=") + 1


def _style_of_value(reading: Reading, project: str, vocabulary: Vocabulary, *, is_typed: bool) -> str:
    action, value = reading.action, reading.value
    if action is None or value is None:
        return PLAIN
    source = getattr(action, "source", None)
    if source is not None and vocabulary.knows(source, project, value):
        return KNOWN
    choices = _choices(action)
    return PLAIN if not choices or value in choices else _missed(value, choices, is_typed=is_typed)


def _missed(word: str, known: Iterable[str], *, is_typed: bool) -> str:
    """The style of a word that is none of the known ones: not wrong while it may still become one."""
    return PLAIN if is_typed and any(each.startswith(word) for each in known) else WRONG


def _choices(action: Action) -> tuple[str, ...]:
    """The only values that an argument takes, as they are typed."""
    return () if action.choices is None or action.type is not None else tuple(map(str, action.choices))


def _is_project(reading: Reading) -> bool:
    return reading.action is not None and reading.action.dest == "project" and reading.value is not None


def _style_of_text(text: str) -> str:
    return STRING if text.startswith(('"', "'")) else PLAIN


class LineLexer(Lexer):
    """Colors what stands in the prompt; without colors where the terminal has none."""

    def __init__(self, vocabulary: Vocabulary, *, has_color: bool) -> None:
        self._vocabulary = vocabulary
        self._has_color = has_color
        self._age = 0

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Color each line of a text."""

        def line(number: int) -> StyleAndTextTuples:
            text = document.lines[number]
            return [*highlighted(text, self._vocabulary)] if self._has_color else [(PLAIN, text)]

        return line

    def outdated(self) -> None:
        """Forget what was colored: a listing has come, or the project is another one."""
        self._age += 1

    def invalidation_hash(self) -> Hashable:
        """Tell when the same text may have other colors."""
        return id(self), self._age
