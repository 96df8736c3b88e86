"""Listings kept in memory and refreshed in the background: reading one never blocks, never raises."""

import math
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cudo_completions.listing import Listing, Scope, safe, scope_of
from cudo_completions.ranking import Index
from cudo_completions.reasons import asks_for_rest, reason_for, retry_after
from cudo_completions.sources import SOURCES, Source

if TYPE_CHECKING:
    from concurrent.futures import Future

    from cudo_sdk import AsyncSession

FRESH = 3.0  # seconds for which a listing is shown without asking again
STALE = 20.0  # seconds after which a listing in use is asked for again while nobody types
LATELY = 600.0  # seconds for which a listing that was looked at is one in use
SHARE = 5  # a listing that took a second rests for five: large projects are asked less often
PATIENCE = 60.0  # seconds a refresh may take, and the longest pause after failures
OFF = "completion_live is off"


@dataclass(slots=True)
class _Entry:
    candidates: Index = field(default_factory=Index)
    withheld: int = 0
    landed: float | None = None
    due: float = -math.inf
    looked: float = -math.inf
    refreshing: bool = False
    waiting: bool = False  # for another listing of the kind, which is on its way
    failures: int = 0
    reason: str = ""
    writes: int = 0  # our own, which make an answer that is on its way an old one


class Listings:
    """All listings of a shell, by kind and scope.

    `submit` hands a coroutine to the loop on which the session lives. `session` yields it, in a thread of
    its own, and may raise when there are no credentials. Both are called for a refresh only. `on_change`
    is called on the loop's thread with the kind whenever an answer, or its failure, has come. Of each kind,
    one listing at a time is on its way. Where nothing `is_live`, nobody is asked.
    """

    def __init__(
        self,
        *,
        submit: "Callable[[Coroutine[Any, Any, None]], Future[None]]",
        session: Callable[[], "AsyncSession"],
        sources: Mapping[str, Source] = SOURCES,
        clock: Callable[[], float] = time.monotonic,
        is_live: Callable[[], bool] = lambda: True,
    ) -> None:
        self.on_change: Callable[[str], None] | None = None
        self._submit = submit
        self._session = session
        self._sources = sources
        self._clock = clock
        self._is_live = is_live
        self._rests_until = -math.inf  # the server asked to be left alone, which goes for all kinds
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._entries: dict[tuple[str, Scope], _Entry] = {}

    def look(self, kind: str, scope: Scope) -> Listing:
        """What is in memory; begins a refresh in the background when that is missing or old."""
        key = (kind, scope_of(kind, scope))
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            entry.looked = self._clock()
            begins = self._may_begin(kind, entry)
        if begins:
            self._begin(key, entry)
        with self._lock:
            return self._listing(entry)

    def freshen(self) -> None:
        """Ask again for what was looked at lately and has become old; for a prompt that waits for keys."""
        with self._lock:
            now = self._clock()
            old = [
                (key, entry)
                for key, entry in self._entries.items()
                if now - entry.looked < LATELY
                and entry.landed is not None
                and now - entry.landed >= STALE
                and now >= self._rests_until
                and self._may_begin(key[0], entry)
            ]
        for key, entry in old:
            self._begin(key, entry)

    def _may_begin(self, kind: str, entry: _Entry) -> bool:
        """Take the turn of a listing, if it is due; while another one of its kind has it, wait."""
        if entry.refreshing or self._clock() < entry.due or not self._is_live():
            return False
        entry.waiting = any(other.refreshing for (its, _), other in self._entries.items() if its == kind)
        entry.refreshing = not entry.waiting
        return entry.refreshing

    def knows(self, kind: str, scope: Scope, text: str) -> bool:
        """Whether the last listing has this name; never begins a refresh."""
        entry = self._entries.get((kind, scope_of(kind, scope)))
        return entry is not None and bool(entry.candidates.named(text))

    def oldest(self, scope: Scope) -> float | None:
        """Seconds since the oldest listing of this scope was taken; None before the first."""
        with self._lock:
            landed = [
                entry.landed
                for (kind, whose), entry in self._entries.items()
                if entry.landed is not None and whose == scope_of(kind, scope)
            ]
        return self._clock() - min(landed) if landed else None

    def invalidate(self, kinds: Iterable[str], scope: Scope) -> None:
        """Take these kinds as changed in every project: the next look asks again."""
        kinds = set(kinds)
        with self._lock:
            for (kind, whose), entry in self._entries.items():
                if kind in kinds and (whose.origin, whose.credential) == (scope.origin, scope.credential):
                    entry.writes += 1
                    entry.due = -math.inf

    def _listing(self, entry: _Entry) -> Listing:
        age = None if entry.landed is None else self._clock() - entry.landed
        reason = entry.reason if self._is_live() else OFF
        return Listing(entry.candidates, age, entry.refreshing or entry.waiting, reason, entry.withheld)

    def _begin(self, key: tuple[str, Scope], entry: _Entry) -> None:
        work = self._refresh(key, entry)
        try:
            self._submit(work)
        except RuntimeError:  # the loop is closed: the shell is leaving
            work.close()
            entry.refreshing = False

    async def _refresh(self, key: tuple[str, Scope], entry: _Entry) -> None:
        import asyncio  # to name a scope or a listing must not wait for it

        kind, scope = key
        writes = entry.writes
        try:
            async with asyncio.timeout(PATIENCE):
                session = await asyncio.to_thread(self._open)
                began = self._clock()
                found = await self._sources[kind](session, scope.project)
            index, withheld = safe(found)
        except Exception as error:  # noqa: BLE001  # whatever a source does, Tab only wants to know why
            self._failed(key, entry, error)
        else:
            self._landed(entry, index, withheld, began=began, current=writes == entry.writes)
        finally:
            entry.refreshing = False
            self._begin_next(kind)
        if self.on_change is not None:
            self.on_change(kind)

    def _begin_next(self, kind: str) -> None:
        """Begin what has waited for the end of another listing of the kind."""
        with self._lock:
            waiting = [
                (key, entry) for key, entry in self._entries.items() if key[0] == kind and entry.waiting
            ]
            begins = waiting and self._may_begin(kind, waiting[0][1])
        if begins:
            self._begin(*waiting[0])

    def _open(self) -> "AsyncSession":
        with self._opening:  # several kinds come at once, and the first call may load and start much
            return self._session()

    def _landed(self, entry: _Entry, index: Index, withheld: int, *, began: float, current: bool) -> None:
        now = self._clock()
        with self._lock:
            entry.candidates, entry.withheld, entry.landed = index, withheld, now
            entry.failures, entry.reason = 0, ""
            entry.due = now + max(FRESH, SHARE * (now - began)) if current else -math.inf

    def _failed(self, key: tuple[str, Scope], entry: _Entry, error: Exception) -> None:
        kind, scope = key
        with self._lock:
            entry.failures += 1
            pause = min(PATIENCE, 2.0**entry.failures)
            entry.due = self._clock() + max(pause, retry_after(error))
            entry.reason = reason_for(error, kind, scope.project)
            if asks_for_rest(error):
                self._rests_until = max(self._rests_until, entry.due)
