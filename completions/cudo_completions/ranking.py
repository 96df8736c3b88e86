"""Which candidates come first: by prefix, then inside the word, then similar ones. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple, overload

from cudo_completions.candidates import Candidate

LIMIT = 200  # rows of a menu; each costs the terminal time, and nobody reads more
_SIMILAR = 0.7  # of 1; below it the matches look like chance


class Index(Sequence[Candidate]):
    """Candidates in the order of their text, upper and lower case alike, ready for bisection."""

    __slots__ = ("_candidates", "_parts", "keys")

    def __init__(self, candidates: Iterable[Candidate] = ()) -> None:
        pairs = sorted(((each.text.casefold(), each) for each in candidates), key=itemgetter(0))
        self.keys = [key for key, _ in pairs]
        self._candidates = [each for _, each in pairs]
        self._parts: dict[frozenset[tuple[str, str]], Index] = {}

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

    def having(self, facts: Mapping[str, str]) -> "Index":
        """The candidates with these facts; found once, and kept for the next key."""
        demanded = frozenset(facts.items())
        if demanded not in self._parts:
            self._parts[demanded] = Index(each for each in self._candidates if demanded <= each.facts.items())
        return self._parts[demanded] if demanded else self


class Ranked(NamedTuple):
    """The candidates to show, best first, and how many more match just as well."""

    candidates: tuple[Candidate, ...]
    more: int = 0


def ranked(
    prefix: str,
    candidates: Iterable[Candidate],
    limit: int = LIMIT,
    *,
    preferred: Mapping[str, str] | None = None,
    recent: Sequence[str] = (),
    without: frozenset[str] = frozenset(),
) -> Ranked:
    """Match what was typed: words that begin with it, then words that contain it.

    Only when there is neither, the words that are similar to it: beside exact matches they are noise. Among
    equals, those with the `preferred` facts come first, and before others the `recent` words, in their
    order. `without` are words to leave out.
    """
    index = candidates if isinstance(candidates, Index) else Index(candidates)
    parts = [index.having(preferred), index] if preferred else [index]
    typed, room = prefix.casefold(), limit + len(without)
    start, end = index.span(typed)
    count = end - start
    found = [each for part in parts for each in _beginning(typed, part, recent, room)]
    if count < room:  # else the words that merely contain it need not be looked for
        inside = [_containing(typed, part, recent) for part in parts]
        found = [*found, *chain(*inside)] or _similar(typed, index, limit)
        count = len({id(each) for each in found})
    count -= sum(typed in each.text.casefold() for name in without for each in index.named(name))
    shown = tuple(islice(_once(found, without), limit))
    return Ranked(shown, max(0, count - len(shown)))


def begun(
    prefix: str,
    candidates: Iterable[Candidate],
    *,
    preferred: Mapping[str, str] | None = None,
    recent: Sequence[str] = (),
    without: frozenset[str] = frozenset(),
) -> Ranked:
    """Match the words that begin with just what was typed, all of them.

    For a shell, which puts what they have in common into the line: another word, or one that there was no
    room for, would take away what was typed or shut out the rest. The order is that of `ranked`.
    """
    index = candidates if isinstance(candidates, Index) else Index(candidates)
    parts = [index.having(preferred), index] if preferred else [index]
    found = chain(*(_beginning(prefix.casefold(), part, recent, len(part)) for part in parts))
    return Ranked(tuple(each for each in _once(found, without) if each.text.startswith(prefix)))


def _beginning(typed: str, index: Index, recent: Iterable[str], room: int) -> list[Candidate]:
    """The first candidates that begin with it, behind the recent ones."""
    start, end = index.span(typed)
    used = _recent(recent, index, lambda key: key.startswith(typed)) if end > start else []
    return [*used, *index[start : min(end, start + room)]]


def _containing(typed: str, index: Index, recent: Iterable[str]) -> list[Candidate]:
    """All that contain it but do not begin with it, behind the recent ones."""
    begin_with_it = range(*index.span(typed))
    inside = [index[at] for at, key in enumerate(index.keys) if typed in key and at not in begin_with_it]
    used = _recent(recent, index, lambda key: typed in key and not key.startswith(typed)) if inside else []
    return [*used, *inside]


def _recent(names: Iterable[str], index: Index, fits: Callable[[str], bool]) -> list[Candidate]:
    return [each for name in names if fits(name.casefold()) for each in index.named(name)]


def _once(candidates: Iterable[Candidate], without: frozenset[str]) -> Iterator[Candidate]:
    seen: set[int] = set()
    for each in candidates:
        if id(each) not in seen and each.text not in without:
            seen.add(id(each))
            yield each


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
