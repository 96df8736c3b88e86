"""From what is wanted at the cursor to what is offered there: listings, narrowed and ranked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from cudo_completions.candidates import Candidate
from cudo_completions.listing import Listing, Scope
from cudo_completions.position import Reference, Wanted
from cudo_completions.ranking import Index, Ranked, ranked


class Offer(NamedTuple):
    """What may stand at the cursor, best first.

    `more` match as well but are not listed; `withheld` cannot be typed safely. `source` names the live
    listing, if there is one, `age` is its age in seconds; `loading` and `reason` are those of all
    listings that had a say.
    """

    candidates: tuple[Candidate, ...] = ()
    lead: str = ""
    about: str = ""
    source: str | None = None
    more: int = 0
    withheld: int = 0
    age: float | None = None
    loading: bool = False
    reason: str = ""


class Known(Protocol):
    """Where listings are looked up, at once: in memory, or on the disk."""

    def look(self, kind: str, scope: Scope) -> Listing:
        """What is known now."""


Rank = Callable[..., Ranked]
"""Which candidates match what was typed, best first: `ranked`, or `begun`."""


def offered(
    wanted: Wanted, listings: Known, scope: Scope, recent: Sequence[str] = (), rank: Rank = ranked
) -> Offer:
    """Answer from what is known. What is missing there is on its way when the offer says `loading`.

    `recent` are names that were used lately, the last one first.
    """
    if wanted.source is None:
        found = rank(wanted.prefix, wanted.choices)
        return Offer(found.candidates, wanted.lead, wanted.about, more=found.more)
    scope = scope._replace(project=wanted.project or scope.project)
    others = _referred(wanted.narrow, listings, scope)
    listing = _joined([listings.look(kind, scope) for kind in (wanted.source, *wanted.also)])
    found = rank(
        wanted.prefix,
        listing.candidates.having(_facts(wanted.narrow, others)),
        preferred=wanted.prefer,
        recent=recent,
        without=wanted.taken,
    )
    concerned = (listing, *others.values())
    return Offer(
        candidates=tuple(_once(found.candidates)),
        lead=wanted.lead,
        about=wanted.about,
        source=wanted.source,
        more=found.more,
        withheld=listing.withheld,
        age=listing.age,
        loading=any(each.loading for each in concerned),
        reason=next((each.reason for each in concerned if each.reason), ""),
    )


def _joined(listings: Sequence[Listing]) -> Listing:
    """All listings as one: as old as the oldest, and loading while one of them is."""
    if len(listings) == 1:
        return listings[0]
    ages = [each.age for each in listings]
    return Listing(
        Index(candidate for each in listings for candidate in each.candidates),
        age=None if None in ages else max(filter(None, ages), default=0.0),
        loading=any(each.loading for each in listings),
        reason=next((each.reason for each in listings if each.reason), ""),
        withheld=sum(each.withheld for each in listings),
    )


def _referred(narrow: Mapping[str, str | Reference], listings: Known, scope: Scope) -> dict[str, Listing]:
    return {
        rule.kind: listings.look(rule.kind, scope) for rule in narrow.values() if isinstance(rule, Reference)
    }


def _facts(narrow: Mapping[str, str | Reference], others: Mapping[str, Listing]) -> dict[str, str]:
    """The facts to demand. What was typed before and is in no listing demands nothing."""
    facts: dict[str, str] = {}
    for fact, rule in narrow.items():
        if isinstance(rule, str):
            facts[fact] = rule
            continue
        for named in others[rule.kind].candidates.named(rule.text)[:1]:
            if fact in named.facts:
                facts[fact] = named.facts[fact]
    return facts


def _once(candidates: Sequence[Candidate]) -> Iterable[Candidate]:
    """One row for an id that is listed several times, as a machine type is for each data center."""
    rows: dict[str, list[Candidate]] = {}
    for each in candidates:
        rows.setdefault(each.text, []).append(each)
    for first, *rest in rows.values():
        yield first._replace(hint=f"{first.hint}\tand {len(rest)} more") if rest else first
