"""Tells when something that was started here has come to its end, while the person does something else."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cudo_completions.reasons import retry_after
from cudo_completions.sources import SOURCES, Source
from cudo_shell.output.values import duration

if TYPE_CHECKING:
    from cudo_sdk import AsyncSession

GONE = "DELETED"  # the state that a deletion leads to
_FAILED = "FAILED"
_SHORT, _LONG = 1.0, 10.0  # seconds between looks
_SHARE, _LATER = 10, 60  # of its age: a change of 30 s is looked at every 3 s, one of an hour every minute
_YOUNG = 60.0  # seconds in which a thing may be missing in a listing and still come
_LIMIT = 7200.0  # seconds after which nothing more is expected
PATIENCE = 60.0  # seconds a look may take, and the longest pause after failures


@dataclass(frozen=True, slots=True)
class Started:
    """A change that goes on after its command: of what, by the `kind` of its listing, and to which state."""

    kind: str
    project: str
    id: str
    state: str


@dataclass(frozen=True, slots=True)
class News:
    """How a change has ended, such as "is ACTIVE after 41 s"."""

    change: Started
    text: str
    is_bad: bool = False


def news_of(change: Started, state: str | None, seconds: float) -> News | None:
    """Say how a change has ended, from the state now (None: not there) and the time since it was started."""
    after = f"after {duration(seconds)}"
    if state is None or state == GONE:
        if change.state == GONE:
            return News(change, f"is gone {after}")
        is_late = seconds >= _YOUNG or state == GONE
        return News(change, f"is gone, and was not {change.state}", is_bad=True) if is_late else None
    if state == change.state:
        return News(change, f"is {state} {after}")
    if state == _FAILED:
        return News(change, f"{state} {after}", is_bad=True)
    return News(change, f"is still {state} {after}", is_bad=True) if seconds >= _LIMIT else None


def pause_of(seconds: float) -> float:
    """How long to wait before the next look at a change that was started `seconds` ago."""
    return max(_SHORT, min(_LONG, seconds / _SHARE), seconds / _LATER)


@dataclass(frozen=True, slots=True)
class _Followed:
    change: Started
    since: float
    place: object


class Alerts:
    """Follows changes until they end, with one listing for all of a kind in a project.

    `submit` hands a coroutine to the loop; `session` yields the session, in a thread of its own. `place`
    names where commands go now: what was started in another place is followed no more. `tell` is called on
    the loop's thread.
    """

    def __init__(
        self,
        *,
        submit: Callable[[Coroutine[Any, Any, Any]], Future[Any]],
        session: Callable[[], "AsyncSession"],
        place: Callable[[], object],
        tell: Callable[[News], None],
        sources: Mapping[str, Source] = SOURCES,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._submit = submit
        self._session = session
        self._place = place
        self._tell = tell
        self._sources = sources
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._followed: dict[tuple[str, str, str], _Followed] = {}
        self._busy: set[tuple[str, str]] = set()  # kinds and projects that are looked at

    def __len__(self) -> int:
        """How many changes go on."""
        return len(self._followed)

    def follow(self, change: Started) -> None:
        """Tell when this change has ended; it takes the place of an earlier one of the same thing."""
        group = (change.kind, change.project)
        with self._lock:
            self._followed[(*group, change.id)] = _Followed(change, self._clock(), self._place())
            if group in self._busy:
                return
            self._busy.add(group)
        work = self._follow(group)
        try:
            self._submit(work)
        except RuntimeError:  # the loop is closed: the shell is leaving
            work.close()

    async def _follow(self, group: tuple[str, str]) -> None:
        """Look again and again, as long as there is something to follow."""
        failures, rest, looked = 0, 0.0, self._clock()
        while True:
            await self._sleep(_SHORT)
            followed = self._of(group)
            if not followed:
                return
            now = self._clock()
            pause = min(pause_of(now - each.since) for each in followed)
            if now - looked < max(pause, rest):
                continue
            looked = now
            try:
                # Work of its own each time: what it may spend on a login is spent once.
                states = await asyncio.wrap_future(self._submit(self._look(group)))
            except Exception as error:  # noqa: BLE001  # whatever it is, the next look may go better
                failures += 1
                rest = max(min(PATIENCE, 2.0**failures), retry_after(error))
                states = None
            else:
                failures, rest = 0, 0.0
            for each in followed:
                self._judge(each, states)

    def _of(self, group: tuple[str, str]) -> list[_Followed]:
        """The changes of a group; nothing is looked at once there are none, or the place was left."""
        with self._lock:
            place = self._place()
            self._followed = {key: each for key, each in self._followed.items() if each.place == place}
            found = [each for key, each in self._followed.items() if key[:2] == group]
            if not found:
                self._busy.discard(group)
            return found

    async def _look(self, group: tuple[str, str]) -> dict[str, str]:
        kind, project = group
        async with asyncio.timeout(PATIENCE):
            session = await asyncio.to_thread(self._session)
            found = await self._sources[kind](session, project)
        return {each.text: each.facts.get("state", "") for each in found}

    def _judge(self, followed: _Followed, states: Mapping[str, str] | None) -> None:
        """Tell how a change has ended; without states, only that nothing more is expected."""
        change, seconds = followed.change, self._clock() - followed.since
        if states is None:
            news = News(change, "is not followed any more", is_bad=True) if seconds >= _LIMIT else None
        else:
            news = news_of(change, states.get(change.id), seconds)
        if news is None:
            return
        with self._lock:
            key = (change.kind, change.project, change.id)
            if followed.place != self._place() or self._followed.get(key) is not followed:
                return  # it is about another place, or was followed by another change
            del self._followed[key]
        self._tell(news)
