"""Poll until a thing is in the state that is waited for; the clock and the look are passed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cudo_sdk.clock import Clock
from cudo_sdk.errors import NotFound, WaitFailed, WaitTimeout

_FIRST, _SHORT, _LONG = 1.0, 3.0, 10.0  # seconds between looks, as the API's own client does
_YOUNG = 60.0  # seconds after a create during which NOT_FOUND proves nothing


class Stateful(Protocol):
    """A thing with a life-cycle."""

    @property
    def id(self) -> str | None:
        """Its id."""

    @property
    def state(self) -> str | None:
        """The API's name of its state; None where the reply has none, which means unknown."""


X = TypeVar("X", bound=Stateful)
Look = Callable[[], Awaitable[dict[str, X]]]
"""Gets what is waited for, by id; what is not there is absent."""
OnLook = Callable[[dict[str, X]], None]
"""Is told what each look saw."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What is waited for: `states`, or with `is_gone` that it is no more. `noun` is for messages."""

    noun: str
    ids: tuple[str, ...]
    states: frozenset[str] = frozenset()
    is_gone: bool = False
    failed: frozenset[str] = frozenset({"FAILED"})


def reached(goal: Goal, thing: Stateful | None) -> bool:
    """Whether one thing is where it should be. Raises WaitFailed when it never will be."""
    if goal.is_gone:
        return thing is None or thing.state == "DELETED"
    if thing is None:
        return False
    if thing.state in goal.states:
        return True
    if thing.state in goal.failed:
        msg = f"{goal.noun} '{thing.id}' is {thing.state}"
        raise WaitFailed(msg, resource=thing)
    return False


async def wait_until(
    goal: Goal,
    look: Look[X],
    *,
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]],
    timeout: float,
    just_created: bool = False,
    on_look: OnLook[X] | None = None,
) -> dict[str, X]:
    """Look until every thing has reached the goal; return what was seen last, by id.

    With `just_created`, things may be absent for the first minute; else absence raises NotFound from `look`
    or, where the look is a listing, WaitFailed. Raises WaitTimeout after `timeout` seconds.
    """
    started, pause = clock.time(), _SHORT
    if just_created:
        await sleep(_FIRST)
    while True:
        seen = await _seen(look, tolerate=goal.is_gone or (just_created and clock.time() - started < _YOUNG))
        if on_look is not None:
            on_look(seen)
        there = [reached(goal, seen.get(name)) for name in goal.ids]  # each, so that a failed one is found
        if all(there):
            return seen
        _check_presence(goal, seen, may_be_absent=just_created and clock.time() - started < _YOUNG)
        left = timeout - (clock.time() - started)
        if left <= 0:
            raise _too_late(goal, seen, timeout)
        await sleep(min(left, pause * (0.75 + clock.random() / 2)))
        pause = min(_LONG, pause * 2)


async def _seen(look: Look[X], *, tolerate: bool) -> dict[str, X]:
    try:
        return await look()
    except NotFound:
        if tolerate:
            return {}
        raise


def _check_presence(goal: Goal, seen: dict[str, X], *, may_be_absent: bool) -> None:
    absent = [name for name in goal.ids if name not in seen]
    if absent and not may_be_absent and not goal.is_gone:
        msg = f"{goal.noun} '{absent[0]}' is not there"
        raise WaitFailed(msg)


def _too_late(goal: Goal, seen: dict[str, X], timeout: float) -> WaitTimeout:
    late = next(name for name in goal.ids if not _is_there(goal, seen.get(name)))
    thing = seen.get(late)
    state = "not to be found" if thing is None else thing.state or "in an unknown state"
    wanted = "gone" if goal.is_gone else " or ".join(sorted(goal.states))
    msg = f"{goal.noun} '{late}' is {state} after {timeout:g} s, and not yet {wanted}"
    return WaitTimeout(msg, resource=thing)


def _is_there(goal: Goal, thing: Stateful | None) -> bool:
    return (
        (thing is None or thing.state == "DELETED")
        if goal.is_gone
        else bool(thing is not None and thing.state in goal.states)
    )
