"""What changed between two looks at a listing: pure, and the stream that is made of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from cudo_sdk.errors import ConfigError
from cudo_sdk.models import Model

M = TypeVar("M", bound=Model)
_SHORTEST = 1.0  # seconds; the API has no events, so that watching is asking again and again


@dataclass(frozen=True)
class Change(Generic[M]):
    """One thing that came, changed or went.

    `item` is the thing as it is now (as it was last, for "removed"), `before` as it was, and `fields` the
    names of the attributes that differ.
    """

    kind: Literal["added", "changed", "removed"]
    item: M
    before: M | None = None
    fields: tuple[str, ...] = ()


def changes(before: Mapping[str, M], after: Mapping[str, M]) -> list[Change[M]]:
    """What differs between two listings by id: removed things first, then the others in their order."""
    found = [Change("removed", item, item) for name, item in before.items() if name not in after]
    for name, item in after.items():
        old = before.get(name)
        if old is None:
            found.append(Change("added", item))
        elif fields := _differing(old, item):
            found.append(Change("changed", item, old, fields))
    return found


def _differing(old: Model, new: Model) -> tuple[str, ...]:
    before, after = _values(old), _values(new)
    return tuple(name for name in {**before, **after} if before.get(name) != after.get(name))


def _values(item: Model) -> dict[str, Any]:
    return {**item.__dict__, **(item.model_extra or {})}


async def watched(
    look: Callable[[], Awaitable[list[M]]], interval: float, sleep: Callable[[float], Awaitable[None]]
) -> AsyncGenerator[Change[M], None]:
    """Look every `interval` seconds, and yield what changed; at first everything is "added".

    Raises ConfigError for an interval under a second, and what a look raises.
    """
    if not interval >= _SHORTEST:
        msg = f"the interval must be {_SHORTEST:g} s or more, not {interval!r}"
        raise ConfigError(msg)
    known: dict[str, M] = {}
    while True:
        seen = {str(getattr(item, "id", "")): item for item in await look()}
        for change in changes(known, seen):
            yield change
        known = seen
        await sleep(interval)
