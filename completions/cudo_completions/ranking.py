"""Which candidates come first: by prefix, then inside the word, then similar ones. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import overload

from cudo_completions.candidates import Candidate

LIMIT = 200  # rows of a menu; each costs the terminal time, and nobody reads more
_SIMILAR = 0.7  # of 1; below it the matches look like chance


class Index(Sequence[Candidate]):
    """Candidates in the order of their text, upper and lower case alike, ready for bisection."""

    __slots__ = ("_candidates", "keys")

    def __init__(self, candidates: Iterable[Candidate] = ()) -> None:
        pairs = sorted(((each.text.casefold(), each) for each in candidates), key=itemgetter(0))
        self.keys = [key for key, _ in pairs]
        self._candidates = [each for _, each in pairs]

    @overload
    def __getitem__(self, at: int) -> Candidate: ...
    @overload
    def __getitem__(self, at: slice) -> list[Candidate]: ...
    def __getitem__(self, at: int | slice) -> Candidate | list[Candidate]:
        return self._candidates[at]

    def __len__(self) -> int:
        return len(self._candidates)

    def span(self, prefix: str) -> tuple[int, int]:
        """The first and the last position (exclusive) of the candidates that begin with a prefix."""
        length = len(prefix)
        return bisect_left(self.keys, prefix), bisect_right(self.keys, prefix, key=lambda key: key[:length])

    def named(self, text: str) -> list[Candidate]:
        """The candidates with exactly this text; several when a listing repeats an id."""
        start, end = self.span(text.casefold())
        return [each for each in self._candidates[start:end] if each.text == text]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The candidates to show, best first, and how many more match just as well."""

    candidates: tuple[Candidate, ...]
    more: int = 0


def ranked(prefix: str, candidates: Iterable[Candidate], limit: int = LIMIT) -> Ranked:
    """Match what was typed: words that begin with it, then words that contain it.

    Only when there is neither, the words that are similar to it: beside exact matches they are noise.
    """
    index = candidates if isinstance(candidates, Index) else Index(candidates)
    typed = prefix.casefold()
    start, end = index.span(typed)
    if end - start >= limit:  # and so the words that merely contain it need not be looked for
        return Ranked(tuple(index[start : start + limit]), end - start - limit)
    matches = index[start:end] + _containing(typed, index, range(start, end))
    matches = matches or _similar(typed, index, limit)
    return Ranked(tuple(matches[:limit]), max(0, len(matches) - limit))


def _containing(typed: str, index: Index, begin_with_it: range) -> list[Candidate]:
    return [index[at] for at, key in enumerate(index.keys) if typed in key and at not in begin_with_it]


def _similar(typed: str, index: Index, limit: int) -> list[Candidate]:
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import extract

    similarity = JaroWinkler.normalized_similarity
    found = extract(typed, index.keys, scorer=similarity, limit=limit, score_cutoff=_SIMILAR)
    return [index[at] for _, _, at in found]


def near(word: str, words: Iterable[str], limit: int = 3) -> list[str]:
    """The words that may have been meant, nearest first; for "unknown command" and "not found"."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    known = list(dict.fromkeys(words))
    typed, keys = word.casefold(), [each.casefold() for each in known]
    found = extract(typed, keys, scorer=OSA.normalized_similarity, limit=limit, score_cutoff=0.5)
    begun = [each for each, key in zip(known, keys, strict=True) if typed and key.startswith(typed)]
    return list(dict.fromkeys([*sorted(begun, key=len), *(known[at] for _, _, at in found)]))[:limit]
