"""What a script has made and not ended: asked of the API when it is over, with what it costs per hour."""

import asyncio
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from cudo_shell.commands.dry_run import ENDS
from cudo_shell.commands.kinds import IN_PROJECT, LABELS
from cudo_shell.dispatch import command_of, subjects_of
from cudo_shell.exits import ExitCode
from cudo_shell.failures import Subject
from cudo_shell.output.values import hourly
from cudo_shell.scripts.inventory import LISTINGS, Found
from cudo_shell.scripts.steps import Step

if TYPE_CHECKING:
    from cudo_sdk import AsyncSession
    from cudo_shell.workspace import Workspace

PATIENCE = 5.0  # seconds for all questions together
_ENDING = frozenset({"DELETING", "DELETED"})
_NOTHING_MADE = frozenset({ExitCode.USAGE, ExitCode.AUTH, ExitCode.REFUSED})
_NAMED_BY_THE_API = {("ssh-key", "create"): "ssh_keys"}


@dataclass(frozen=True, slots=True)
class Leftover:
    """A thing that is left behind, and the command that ends it.

    `price_hr` is None where nobody knows it. `is_sure` is False if nobody could say whether it is there.
    """

    label: str  # "VM"
    id: str
    project: str
    price_hr: Decimal | None
    command: str
    is_free: bool = False
    is_sure: bool = True

    @property
    def line(self) -> str:
        """Name it, its price, and how to end it."""
        where = f" in project '{self.project}'" if self.project else ""
        return f"{self.label} '{self.id}'{where}{self._state}. To end it: {self.command}"

    @property
    def _state(self) -> str:
        if not self.is_sure:
            return " may still be there"
        if self.is_free:
            return ""
        return ": price unknown" if self.price_hr is None else f": {hourly(self.price_hr)}"


def lines(leftovers: Sequence[Leftover]) -> list[str]:
    """Say what is left behind, and what it costs together; nothing if nothing is."""
    if not leftovers:
        return []
    prices = [each.price_hr for each in leftovers if each.price_hr is not None]
    is_least = any(each.price_hr is None and not each.is_free for each in leftovers)
    together = f"Together: {'at least ' * is_least}{hourly(sum(prices, Decimal()))}"
    told = ["Left behind:", *(f"  {each.line}" for each in leftovers)]
    return [*told, together] if prices and len(leftovers) > 1 else told


@dataclass(frozen=True, slots=True)
class _Place:
    context: str
    kind: str  # of the listing
    project: str


_Thing = tuple[_Place, str]  # with its id


class Ledger:
    """What a script has made, or could not clean up, in that order."""

    def __init__(self) -> None:
        self._things: dict[_Thing, None] = {}
        self._latest: list[_Thing] = []  # what the command that runs is the first to make
        self._context = ""  # of that command

    def note(self, words: Sequence[str], work: "Workspace") -> None:
        """Remember what a command creates, before it runs: it may be cut off."""
        # A machine of a cluster is not made, but called by a new name.
        made = (each for each in _subjects(words, work) if each.is_new and each.kind != "cluster_machines")
        self._latest, self._context = self._add(made, work), work.context

    def observe(self, step: Step) -> None:
        """Forget what a command has not made, for it was there before; remember what the API has named."""
        status = step.failure.status if step.failure else ""
        if step.code in _NOTHING_MADE or status == "ALREADY_EXISTS":
            for thing in self._latest:
                self._things.pop(thing, None)
        kind = _NAMED_BY_THE_API.get(command_of(step.words)) if step.code is ExitCode.OK else None
        if kind and isinstance(step.result, dict):
            self._things[_Place(self._context, kind, ""), str(step.result["id"])] = None

    def note_failed_cleanup(self, words: Sequence[str], work: "Workspace") -> None:
        """Remember what a command was to end, and failed: not what it was to start, or only to look at."""
        noun, verb = command_of(words) if words else ("", "")
        if verb in ENDS:
            self._add((each for each in _subjects(words, work) if each.noun == noun), work)

    def _add(self, subjects: Iterable[Subject], work: "Workspace") -> list[_Thing]:
        """Remember things, and return those that are new."""
        named = [each for each in subjects if each.kind in LISTINGS]
        things = [(_Place(work.context, each.kind, each.project), each.id) for each in named]
        added = [thing for thing in things if thing not in self._things]
        self._things.update(dict.fromkeys(added))
        return added

    def left(self, work: "Workspace") -> list[Leftover]:
        """Ask which of them are still there, for a few seconds at most; Ctrl-C ends that, too.

        Where that could not be asked, the things may be there. Raises nothing.
        """
        places = {place for place, _ in self._things if place.context == work.context}
        answers = _answers(places, work) if places else {}
        found = (_leftover(*thing, answers, work) for thing in self._things)
        return [each for each in found if each is not None]


def _subjects(words: Sequence[str], work: "Workspace") -> Sequence[Subject]:
    return subjects_of(words, work) if words else []


_Answers = Mapping[_Place, Sequence[Found] | None]


def _answers(places: Iterable[_Place], work: "Workspace") -> _Answers:
    try:
        work.connection.begin()
        return work.call(_asked(work.session, sorted(places, key=repr)))
    except (Exception, KeyboardInterrupt):  # noqa: BLE001  # the script has ended: this is only to tell about it
        return {}


async def _asked(session: "AsyncSession", places: Sequence[_Place]) -> _Answers:
    found = await asyncio.gather(*(_things_in(session, place) for place in places))
    return dict(zip(places, found, strict=True))


async def _things_in(session: "AsyncSession", place: _Place) -> Sequence[Found] | None:
    from cudo_sdk.errors import NotFound

    try:
        async with asyncio.timeout(PATIENCE):
            return await LISTINGS[place.kind](session, place.project)
    except NotFound:  # the project is gone, and all that was in it
        return []
    except Exception:  # noqa: BLE001  # as above
        return None


def _leftover(place: _Place, id_: str, answers: _Answers, work: "Workspace") -> Leftover | None:
    label, _ = LABELS[place.kind]
    command = _command(place, id_, work)
    found = answers.get(place)
    if found is None:
        return Leftover(label, id_, place.project, None, command, is_sure=False)
    for thing in found:
        if thing.id == id_ and thing.state not in _ENDING:
            return Leftover(label, id_, place.project, thing.price_hr, command, is_free=thing.is_free)
    return None


def _command(place: _Place, id_: str, work: "Workspace") -> str:
    """Write the command that ends a thing, so that the Unix shell takes its words as they are, too."""
    noun, verb = LABELS[place.kind][1], "terminate" if place.kind == "vms" else "delete"
    # A thing of another context must not be ended in this one, where its name may be that of another.
    named = work.target.choice.context if place.context == work.context else place.context
    context = ["--context", named] if named else []
    project = ["-p", place.project] if place.kind in IN_PROJECT else []
    return shlex.join([*context, noun, verb, id_, *project, "--yes"])
