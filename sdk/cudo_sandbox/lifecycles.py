"""How resources change by themselves: steps that are due are taken before each request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from cudo_sandbox.clock import Clock
from cudo_sandbox.problems import noun_of, wrong_state
from cudo_sandbox.store import GONE, Resource, Store, Transaction

SECONDS = {
    "PENDING": 1.0,
    "STARTING": 3.0,
    "STOPPING": 2.0,
    "DELETING": 2.0,
    "RESIZING": 2.0,
    "RESIZING_DISK": 1.0,
    "DEPLOYING": 5.0,
    "UPDATING": 3.0,
    "SUSPENDING": 2.0,
}
CREATING_SECONDS = {
    "disk": 1.0,
    "network": 2.0,
    "image": 3.0,
    "machine": 5.0,
    "cluster": 5.0,
    "cluster_machine": 5.0,
    "volume": 2.0,
}


@dataclass(frozen=True)
class Hooks:
    """What a noun does when one of its resources moves by itself.

    `entered` runs after each step, `left` before the resource is removed, `expired` at its expiry.
    """

    entered: Callable[[Transaction, Resource], None] | None = None
    left: Callable[[Transaction, Resource], None] | None = None
    expired: Callable[[Transaction, Resource, Clock], None] | None = None


def enter(resource: Resource, clock: Clock, *states: str) -> None:
    """Put the resource into the first state and plan the others; each lasts its usual time."""
    if clock.is_doomed:
        states = (*states[:-1], "FAILED")
    resource.state = states[0]
    resource.steps = []
    moment = clock.now()
    for state, following in pairwise(states):
        moment += duration_of(resource.kind, state) / clock.speed
        resource.steps.append((moment, following))


def duration_of(kind: str, state: str) -> float:
    """Seconds that a passing state lasts at speed 1."""
    return CREATING_SECONDS[kind] if state == "CREATING" else SECONDS[state]


def demand_state(resource: Resource, *allowed: str, act: str) -> None:
    """Raise FAILED_PRECONDITION unless the resource is in one of the states."""
    if resource.state not in allowed:
        noun = noun_of(resource.kind)
        needed = " or ".join(allowed)
        raise wrong_state(
            f"cannot {act} {noun} '{resource.id}' in state {resource.state}; it must be {needed}"
        )


def advance(store: Store, clock: Clock, hooks: Mapping[str, Hooks]) -> None:
    """Take every step that is due, oldest first."""
    now = clock.now()
    with store.transaction(write=False) as tx:
        if tx.next_due(now) is None:
            return
    with store.transaction(write=True) as tx:
        while resource := tx.next_due(now):
            _advance_one(tx, resource, clock, hooks.get(resource.kind, Hooks()), now)


def _advance_one(tx: Transaction, resource: Resource, clock: Clock, hooks: Hooks, now: float) -> None:
    if resource.steps and resource.steps[0][0] <= now:
        _take_step(tx, resource, hooks)
    else:
        resource.expires = None
        if hooks.expired:
            hooks.expired(tx, resource, clock)
        tx.save(resource)


def _take_step(tx: Transaction, resource: Resource, hooks: Hooks) -> None:
    _moment, state = resource.steps.pop(0)
    if state == GONE:
        if hooks.left:
            hooks.left(tx, resource)
        tx.remove(resource)
        return
    resource.state = state
    if hooks.entered:
        hooks.entered(tx, resource)
    tx.save(resource)
