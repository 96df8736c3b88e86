"""What the last word of a line may become: from its parser, the listings in memory, the lines before."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cudo_completions.cache import Listings
from cudo_completions.candidates import Candidate
from cudo_completions.listing import Scope
from cudo_completions.offers import Offer, offered
from cudo_completions.position import Inside, Wanted, wanted
from cudo_shell import dispatch
from cudo_shell.blocks import commands_of, modifiers
from cudo_shell.commands import KEYWORDS, NOUNS
from cudo_shell.exits import UsageError
from cudo_shell.grammars import KINDS
from cudo_shell.language import keywords_behind, particle
from cudo_shell.rows import MARK
from cudo_shell.scripts.syntax import Param
from cudo_shell.scripts.words import params_of, wanted_of

LINES = 200  # of the history, the latest, in which names count as used lately
NAMES = 200

RowCandidates = Callable[[str, str], Iterable[Candidate]]


class Offering:
    """Offers for the words of a line.

    `listings` says where names come from now, `commands` which words begin a line, `lines` what was typed
    before, the last line first; `rows` the references to rows of a kind that begin with a text; `kinds` what
    may stand in a value; `params` what a script takes.
    """

    def __init__(
        self,
        *,
        listings: Callable[[], tuple[Listings, Scope]],
        commands: Callable[[], Iterable[Candidate]],
        lines: Callable[[], Sequence[str]],
        rows: RowCandidates,
        kinds: Mapping[str, Inside] = KINDS,
        params: Callable[[str], Sequence[Param]] = params_of,
    ) -> None:
        self._listings = listings
        self._commands = commands
        self._lines = lines
        self._rows = rows
        self._kinds = kinds
        self._params = params
        self._recent: tuple[list[str], list[str]] = ([], [])  # lines, and the words in them

    def __call__(self, words: Sequence[str]) -> Offer:
        """Return what the last word may become; an empty one was not begun."""
        found = self._wanted(words)
        listings, scope = self._listings()
        if found.source is not None and found.prefix.startswith(MARK):
            return Offer(tuple(self._rows(found.source, found.prefix)), found.lead, found.about)
        return offered(found, listings, scope, self.recent() if found.source else ())

    def _wanted(self, words: Sequence[str]) -> Wanted:
        before = modifiers(words)
        noun, *rest = words[before:]
        if not rest:
            return Wanted(noun, choices=(*self._commands_behind(words[:before]),))
        if noun == "help":
            return Wanted(rest[0], choices=tuple(self._commands())) if len(rest) == 1 else self._wanted(rest)
        if noun in KEYWORDS:
            return self._wanted_by_language(words)
        try:
            return wanted(dispatch.parser_for(noun), rest, self._kinds)
        except UsageError:
            return Wanted(rest[-1])

    def _commands_behind(self, words: Sequence[str]) -> Iterator[Candidate]:
        yield from (each for each in self._commands() if not words or each.text in NOUNS)
        yield from (each for each in keywords_behind(words) if words or each.text not in self._names())

    def _wanted_by_language(self, words: Sequence[str]) -> Wanted:
        if word := particle(words):
            return Wanted(words[-1], choices=(Candidate(word),))
        match words[modifiers(words) :]:
            case ["source", typed]:
                part = self._kinds["FILE"](typed)
                return Wanted(typed.removeprefix(part.lead), part.lead, part.choices)
            case ["source", file, *given]:
                return wanted_of(self._params(file), given)
            case _:
                return Wanted(words[-1])

    def _names(self) -> set[str]:
        return {each.text for each in self._commands()}

    def recent(self) -> list[str]:
        """Return the words of the last lines, the last one first; a name among them was used lately."""
        lines = list(self._lines()[:LINES])
        if lines != self._recent[0]:
            words = (word for line in lines for word in _words(line))
            self._recent = lines, list(dict.fromkeys(filter(None, words)))[:NAMES]
        return self._recent[1]


def _words(line: str) -> list[str]:
    """Return the values in a line; its noun, verb and options name nothing."""
    words = [piece.word for command in commands_of(line) for piece in command[2:] if "${" not in piece.text]
    return [word.partition("=")[2] if word.startswith("-") else word for word in words]
