"""One verb on several things: chosen, confirmed once, eight at a time, each told on a line of its own."""

import asyncio
import contextlib
import io
import re
import shlex
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from cudo_shell.exits import ExitCode, Failure
from cudo_shell.failures import interrupted
from cudo_shell.losses import Loss
from cudo_shell.output.fields import FieldSpec, value_at
from cudo_shell.output.selection import selection_from
from cudo_shell.output.values import FLAG, ID, exact, hourly
from cudo_shell.plan import NotSent
from cudo_shell.progress import Tell, paused, progress
from cudo_shell.rows import count_of
from cudo_shell.streams import Streams

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

    Explained = Callable[[BaseException, Namespace], Failure]

AT_ONCE = 8
_THINGS = {"id", "conditions", "confirm"}  # arguments that are about the things, or their number
FIELDS = (FieldSpec("id", ID, priority=0), FieldSpec("ok", FLAG), FieldSpec("error"))
_CUT_OFF = Failure("interrupted: it may have happened", ExitCode.INTERRUPTED, status="CANCELLED")
_NOT_BEGUN = Failure("not begun", ExitCode.INTERRUPTED, status="CANCELLED")


class _Asked(Exception):  # noqa: N818  # how far a command goes before it is confirmed
    """A command has said what it would destroy."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one thing: why it failed, or what was said when it did not."""

    id: str
    failure: Failure | None = None
    said: str = ""

    @property
    def line(self) -> str:
        """Say it, without the name of the thing twice."""
        text = self.failure.message if self.failure else self.said
        rest = re.sub(rf"^[A-Z][A-Za-z -]* '{re.escape(self.id)}':? ", "", text)
        return f"{self.id}: {rest.removesuffix('.') or 'done'}"

    @property
    def record(self) -> dict[str, Any]:
        """Return it as data."""
        return {"id": self.id, "ok": self.failure is None, "error": self.failure and self.failure.message}


def run(
    noun: ArgumentParser, words: Sequence[str], args: Namespace, work: "Workspace", explained: "Explained"
) -> ExitCode:
    """Run a verb that takes several things: on one as ever, on several as a Bulk.

    `explained` says what an error of one thing means. Raises what the verb raises, and what Bulk does.
    """
    ids = _chosen(noun, args, work)
    command = _without_things(noun, words)
    if args.conditions:
        work.say(f"Selected: {', '.join(ids)}" if ids else "Nothing was selected.")
    if args.conditions and ids and not args.several.asks:
        work.confirm_plainly(f"Run '{shlex.join(command)}' on {count_of(len(ids), 'thing')}?", args)
    if len(ids) > 1:
        return Bulk(work, args, command, explained, ids).run()
    for args.id in ids:
        args.run(work, args)
    return ExitCode.OK


def _chosen(noun: ArgumentParser, args: Namespace, work: "Workspace") -> list[str]:
    """Return the ids that were given, each once, or those of the listing for which the conditions hold."""
    from cudo_shell.output.watching import CollectedOutput

    if not args.conditions:
        return list(dict.fromkeys(args.id))
    listing = noun.parse_args([*args.several.listing, *(f"--filter={each}" for each in args.conditions)])
    collected = CollectedOutput(work.streams)
    listing.run(work.unheard().collecting(collected), listing)
    return [exact(value_at(item, ["id"])) for item in collected.listing.items]


def _without_things(noun: ArgumentParser, words: Sequence[str]) -> list[str]:
    """Return the words of a command but those that say what it acts on."""
    from cudo_completions.position import read

    read_words = zip(words[1:], read(noun, words[1:]), strict=True)
    rest = [word for word, reading in read_words if getattr(reading.action, "dest", "") not in _THINGS]
    return [words[0], *rest]


class Bulk:
    """A verb that acts on several things; `command` are its words without them."""

    def __init__(
        self,
        work: "Workspace",
        args: Namespace,
        command: Sequence[str],
        explained: "Explained",
        ids: Sequence[str],
    ) -> None:
        self._work = work
        self._args = args
        self._command = command
        self._explained = explained
        self._ids = ids
        self._results: dict[str, Result] = {}
        self._losses: dict[str, Loss] = {}  # those that were asked about
        self._told = 0  # results that were told, in the order of the ids
        # Else all are data, at the end.
        self._is_told = work.output.is_for_people and not selection_from(args).query

    def run(self) -> ExitCode:
        """Act on each thing; return how that ended as a whole.

        Raises: RefusedError; KeyboardInterrupt before anything was changed; NotSent under `--dry-run`.
        """
        selection_from(self._args).fields(FIELDS)  # a wrong column is said before anything is done
        if self._work.plan:
            self._foretell()
        if self._args.several.asks:
            self._confirm_losses()
        else:
            self._confirm_context()
        try:
            self._act()
        except KeyboardInterrupt as error:
            self._finish()
            return interrupted(error)
        self._finish()
        return _code([result.failure for result in self._results.values()])

    # Before

    def _foretell(self) -> None:
        """Go as far as the first change of each, one after the other: what would be sent has an order."""
        for each in self._ids:
            with contextlib.suppress(NotSent):
                self._args.run(self._work, self._args_of(each))
        raise NotSent

    def _confirm_losses(self) -> None:
        """Ask once for all that would be destroyed; what is not there needs no question."""
        losses = self._losses

        def look(each: str) -> None:
            def note(loss: Loss) -> None:
                losses[each] = loss
                raise _Asked

            result = self._result(each, note)
            if each not in losses:
                self._results[each] = result

        self._each(self._ids, look)
        if losses:
            self._confirm_all([losses[each] for each in self._ids if each in losses])

    def _confirm_all(self, losses: Sequence[Loss]) -> None:
        for loss in losses:
            self._work.say(f"  {loss.line}")
        saved = sum((loss.price_hr for loss in losses if loss.price_hr), Decimal())
        saving = f" That saves {hourly(saved)}." if saved else ""
        question = f"Do this to {count_of(len(losses), 'thing')}{losses[0].where}?{saving}"
        if self._needs_context:
            self._confirm_context(question)
        else:
            named = str(len(self._ids))  # a script can count only what it names
            word = named if self._args.confirm == named else str(len(losses))
            self._work.confirm_typed(question, word, self._args)

    @property
    def _needs_context(self) -> bool:
        return self._work.target.is_protected and not self._work.connection.is_approved

    def _confirm_context(self, question: str = "") -> None:
        """Ask for the name of a protected context here, once, and not in the middle."""
        if self._needs_context:
            default = (
                f"Context '{self._work.context}' is protected, and this changes {len(self._ids)} things."
            )
            self._work.confirm_name(self._work.context, question or default)
            self._work.connection.is_approved = True

    # Each

    def _each(
        self, ids: Sequence[str], do: Callable[[str], None], told: Callable[[int], None] = lambda _place: None
    ) -> None:
        jobs = [partial(do, each) for each in ids]
        self._work.connection.loop.together(jobs, AT_ONCE, told)

    def _act(self) -> None:
        left = [each for each in self._ids if each not in self._results]
        ended = set(self._results)

        def act(each: str) -> None:
            self._results[each] = Result(each, _CUT_OFF)  # unless it comes to an end
            self._results[each] = self._result(each, partial(self._demand_same, each))

        def told(place: int) -> None:
            ended.add(left[place])
            tell(f"{len(ended)} of {len(self._ids)} done")
            self._tell(ended)

        with self._progress() as tell:
            self._tell(ended)
            self._each(left, act, told)

    def _demand_same(self, each: str, loss: Loss) -> None:
        self._losses[each].demand_same(loss)

    def _result(self, each: str, on_loss: Callable[[Loss], None]) -> Result:
        """Run the verb on one thing, apart from the others: nobody is asked, and what it says is kept."""
        said = io.StringIO()
        work, _ = self._work.unheard().capturing()
        work.streams = Streams(stdin=None, out=io.StringIO(), err=said)
        work.on_loss = on_loss
        args = self._args_of(each)
        try:
            self._args.run(work, args)
        except _Asked:
            return Result(each)
        except asyncio.CancelledError:
            return Result(each, _CUT_OFF)
        except Exception as error:  # noqa: BLE001  # the others go on
            return Result(each, self._explained(error, args))
        return Result(each, said=said.getvalue().strip().rpartition("\n")[2])

    def _args_of(self, each: str) -> Namespace:
        """Return the arguments for one: the answer is given, and how results look is for all of them."""
        return Namespace(**{**vars(self._args), "id": each, "yes": True, "columns": None, "query": None})

    # After

    def _progress(self) -> "contextlib.AbstractContextManager[Tell]":
        streams = self._work.streams
        if not streams.is_animated:  # the results themselves tell how it goes on
            return contextlib.nullcontext(lambda _text: None)
        title = shlex.join(self._command)
        return progress(title, streams.err, is_animated=True, has_color=streams.err_has_color)

    def _tell(self, ended: Container[str]) -> None:
        """Tell a person what became of each, as far as all before it have ended."""
        while self._is_told and self._told < len(self._ids) and self._ids[self._told] in ended:
            with paused():
                self._work.say(self._results[self._ids[self._told]].line)
            self._told += 1

    def _finish(self) -> None:
        """Tell what was not told yet, and how to go on with what failed."""
        results = [self._results.setdefault(each, Result(each, _NOT_BEGUN)) for each in self._ids]
        self._tell(self._ids)
        self._work.tell_result([result.record for result in results])
        if not self._is_told:
            only_done = self._work.settings["output"] == "ids"  # for the next command
            shown = [result.record for result in results if not (only_done and result.failure)]
            self._work.unheard().show_list(shown, FIELDS, self._args)
        if failed := [result.id for result in results if result.failure]:
            self._work.say(f"Retry: {shlex.join([*self._command, *failed])}")


def _code(failures: Sequence[Failure | None]) -> ExitCode:
    """Return the exit code of several: that of all, or that only some failed."""
    codes = {failure.code if failure else ExitCode.OK for failure in failures}
    if len(codes) == 1:
        return codes.pop()
    return ExitCode.PARTIAL if ExitCode.OK in codes else ExitCode.FAILURE
