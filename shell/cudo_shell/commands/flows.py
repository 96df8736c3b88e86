"""How common verbs go, whatever the noun: destroy after a question, wait after a change."""

import time
from argparse import Namespace
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from cudo_shell.exits import NotFoundError, one_of
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from cudo_shell.workspace import OnLook, Workspace


class Named(Protocol):
    """A thing with an id."""

    @property
    def id(self) -> str | None:
        """Its id."""


T = TypeVar("T")
X = TypeVar("X", bound=Named)
Call = Callable[[], Coroutine[Any, Any, T]]
Waiting = Callable[["OnLook"], Coroutine[Any, Any, Any]]

APPEARS = 10.0  # seconds in which a new thing is shown
DELETED = "DELETED"  # the state that stands for a thing that is gone
_DELETING = "DELETING"

GONE = (FieldSpec("id", ID),)  # all that can be shown of what was deleted


def is_passing(state: str) -> bool:
    """Whether a thing leaves a state by itself: STARTING, CLONING, PENDING ..."""
    return state.endswith("ING")


def destroy(
    work: "Workspace",
    args: Namespace,
    what: str,
    *,
    get: Call[Any],
    delete: Call[None],
    kinds: tuple[str, ...],
    act: str = "Delete",
    wait: Waiting | None = None,
    settle: Waiting | None = None,
    loss: str = "",
    price: "Callable[[Any], Decimal | None]" = lambda _thing: None,
    is_in_project: bool = True,
    is_slow: bool = False,
) -> None:
    """Delete a thing after a question that names it, its project and its price.

    `what` is "VM 'web-1'", `act` the verb of the question, `loss` what goes with the thing. `is_slow`
    says that the API only begins to delete, though there is nothing to wait with. `settle` waits until a
    thing that is on its way from state to state has arrived, for the API may refuse to delete it before.
    With `--if-exists` an absent thing is fine.
    """
    from dataclasses import replace

    from cudo_sdk.errors import NotFound
    from cudo_shell.losses import Loss

    try:
        thing = work.call(get())
    except (NotFound, NotFoundError):
        if not args.if_exists:
            raise
        thing = _appeared(work, get) if (kinds[0], args.id) in work.doubtful else None
        if thing is None:
            work.say(f"{_capital(what)} is not there.")
            return
    where = f" in project '{work.project}'" if is_in_project else ""
    asked = Loss(f"{act} {what}{loss}", where, price(thing), _made(thing))
    work.confirm_loss(asked, args)
    if work.may_ask and not work.plan:  # a person has taken a while to answer
        asked.demand_same(replace(asked, since=_made(work.call(get()))))
    _delete(work, what, get, delete, settle if settle and args.wait else None)
    work.wrote(*kinds)
    is_over = wait is None and not is_slow  # else the API only begins to delete
    started = (kinds[0], args.id, DELETED)
    if wait is not None and args.wait:
        work.wait(_capital(what), wait, started=started)
        is_over = True
    if not is_over:
        work.started(*started)
    end = "deleted" if is_over else "is being deleted"
    work.done(f"{_capital(what)} {end}.", {"id": args.id}, GONE, args)


def _made(thing: Any) -> "datetime | None":
    return getattr(thing, "create_time", None)


def _delete(work: "Workspace", what: str, get: Call[Any], delete: Call[None], settle: Waiting | None) -> None:
    """Delete a thing; where the API refuses because it is on its way to a state, once more from there."""
    from cudo_sdk.errors import FailedPrecondition

    try:
        work.call(delete())
    except FailedPrecondition:
        state = str(work.call(get()).state) if settle is not None else ""
        if settle is None or not is_passing(state):
            raise
        if state != _DELETING:
            work.wait(_capital(what), settle)
            work.call(delete())


def _appeared(work: "Workspace", get: Call[Any]) -> Any:
    """Look for a thing whose creation was cut off: the API may show it seconds later. None if it does not."""
    from cudo_sdk.errors import NotFound

    until = time.monotonic() + APPEARS
    while time.monotonic() < until:
        time.sleep(1)
        with suppress(NotFound, NotFoundError):
            return work.call(get())
    return None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def found(wanted: str, things: Sequence[X], what: str, look: str) -> X:
    """Return the thing with an id, from a listing; `what` is "API key 'ci'", `look` lists what there is.

    Raises: NotFoundError with the ids that are near.
    """
    from cudo_completions.ranking import near

    by_id = {str(thing.id): thing for thing in things}
    if wanted not in by_id:
        ids = near(wanted, by_id)
        hint = f"Near it: {', '.join(ids)}" if ids else f"See what there is: {look}"
        raise NotFoundError(f"{what} not found.", hint, instead=one_of(wanted, ids))
    return by_id[wanted]
