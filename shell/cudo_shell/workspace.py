"""What a command may use: the session, the project, output, questions, waiting."""

import contextlib
import copy
import io
from argparse import Namespace
from collections.abc import AsyncIterable, Callable, Container, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from cudo_shell import asking
from cudo_shell.connection import Connection
from cudo_shell.exits import Failure, UsageError
from cudo_shell.locked import OPEN, Lock
from cudo_shell.losses import Loss
from cudo_shell.output.capture import CapturedOutput
from cudo_shell.output.charts import Canvas
from cudo_shell.output.clean import clean, notice
from cudo_shell.output.fields import Fields, to_data
from cudo_shell.output.formats import handler_for
from cudo_shell.output.handlers import BaseOutputHandler
from cudo_shell.output.values import hourly, monthly
from cudo_shell.plan import Plan
from cudo_shell.progress import paused, progress
from cudo_shell.rows import Place, Rows
from cudo_shell.settings import Settings
from cudo_shell.showing import Showing
from cudo_shell.streams import Enduring, Streams, is_terminal, terminal_width
from cudo_shell.targets import Choice, Sources, Target, resolve, sources_from

if TYPE_CHECKING:
    from cudo_sdk import AsyncSession
    from cudo_sdk.errors import LoginRequired
    from cudo_sdk.hooks import Change
    from cudo_shell.recording import Recording

T = TypeVar("T")
Advise = Callable[[Failure], Failure]
OnLook = Callable[[dict[str, Any]], None]

STARS = "***"  # in place of a secret
LOOKUP = 3.0  # seconds for a listing that only makes a message better


def _nobody_listens(*_told: object) -> None:
    """Completion and alerts are not there in scripts and one-shot commands."""


def _same_failure(failure: Failure) -> Failure:
    """Without the line that was typed, there is none to correct."""
    return failure


class Workspace:
    """Everything a command touches, handed to it as a value."""

    def __init__(
        self,
        *,
        settings: Settings,
        streams: Streams,
        connection: Connection,
        environ: Mapping[str, str],
        on_write: Callable[..., None] = _nobody_listens,
        lock: Lock = OPEN,
    ) -> None:
        self.settings = settings
        self.streams = streams
        self.connection = connection
        self.environ = environ
        self.on_write = on_write
        self.on_started: Callable[[str, str, str, str], None] = _nobody_listens
        self.lock = lock
        self.advise: Advise = _same_failure  # adds what to do next to what is told about an error
        self.plan: Plan | None = None  # of a command that is not to send its change
        self.plans: list[Plan] | None = None  # of a script of which no command sends any
        self.names_planned = False  # whether a command of those names what is not made
        self.rows: Rows | None = None  # of the prompt; elsewhere, none are numbered
        self.on_loss: Callable[[Loss], None] | None = None  # in place of a question
        self.doubtful: set[tuple[str, str]] = set()  # kinds and ids of what may have been made all the same
        self.headers = True
        self.captured: BaseOutputHandler | None = None  # in place of any output
        self.on_failure: Callable[[Failure], None] = _nobody_listens
        self.on_result: Callable[[Any], None] | None = None  # what a command shows, without secrets
        self.on_answer: Callable[[str], None] = _nobody_listens  # told which word was typed to confirm
        self.recording: Recording | None = None  # of the prompt
        self.assume_yes = False  # as if each command said --yes
        self.values: Container[str] = ()  # put in by a script: text, whatever it looks like

    def for_command(self, args: Namespace) -> "Workspace":
        """Return the workspace of one command: its own options win, all else is shared."""
        work = copy.copy(self)
        flags = {name: getattr(args, name, None) for name in ("output", "project")}
        flags["verbose"] = "yes" if getattr(args, "verbose", False) else None
        if getattr(args, "quiet", False):
            flags["output"] = "ids"
        work.settings = self.settings.with_flags(flags)
        work.headers = not getattr(args, "no_headers", False)
        if self.plans is not None or getattr(args, "dry_run", False):
            work.plan = Plan()
        if self.plans is not None and work.plan is not None:
            self.plans.append(work.plan)
        return work

    def writing_to(self, out: TextIO) -> "Workspace":
        """Return the same workspace with another stdout, such as a pipe that the prompt opened."""
        work = copy.copy(self)
        terminal = is_terminal(out)
        work.streams = replace(
            self.streams,
            out=out,
            out_is_terminal=terminal,
            out_has_color=terminal and self.streams.out_has_color,
            width=terminal_width(out, self.environ) if terminal else None,
        )
        return work

    def for_script(self) -> "Workspace":
        """Return the workspace of a script, in which no question is ever asked."""
        work = copy.copy(self)
        work.rows = None
        work.on_started = _nobody_listens
        work.settings = self.settings.with_flags({"no_input": "script"})
        return work

    def quieted(self, err: io.StringIO | None = None) -> "Workspace":
        """Return the same workspace, of which nobody hears what goes wrong; `err` keeps it."""
        work = copy.copy(self)
        kept = io.StringIO() if err is None else err
        work.streams = replace(self.streams, err=kept, err_is_terminal=False, is_animated=False)
        return work

    def enduring(self) -> "Workspace":
        """Return the same workspace, in which nothing fails because nobody reads what it writes."""
        work = copy.copy(self)
        work.streams = replace(self.streams, out=Enduring(self.streams.out), err=Enduring(self.streams.err))
        return work

    def capturing(self) -> "tuple[Workspace, CapturedOutput]":
        """Return a workspace whose results are kept instead of printed, and where they will be."""
        captured = CapturedOutput(self.streams)
        return self.collecting(captured), captured

    def collecting(self, output: BaseOutputHandler) -> "Workspace":
        """Return a workspace whose results go to this output, whatever the command asks for."""
        work = copy.copy(self)
        work.captured = output
        return work

    def unheard(self) -> "Workspace":
        """Return a workspace that tells nobody of its results: for what a command does on its way."""
        work = copy.copy(self)
        work.on_result = None
        return work

    # Where commands go

    @property
    def target(self) -> Target:
        """Where commands go and as whom."""
        return self.connection.target

    @property
    def context(self) -> str:
        """The name of that: sandbox, live, the host, or a context."""
        return self.target.name

    @property
    def sources(self) -> Sources:
        """All that may name a credential, as it is written now."""
        return sources_from(self.environ)

    def retarget(self, choice: Choice | None = None) -> Target:
        """Decide again where commands go, after a login or another choice of the person; go on there.

        Raises: UsageError for a choice that cannot be had; then nothing is changed.
        """
        old, new = self.target, resolve(choice or self.target.choice, self.sources)
        self.connection.switch(new)
        elsewhere = (old.name, old.api_url) != (new.name, new.api_url)
        self.settings.aim(new.above, new.below, elsewhere=elsewhere)
        return new

    # The API

    @property
    def session(self) -> "AsyncSession":
        """The session; see Connection."""
        return self.connection.session

    @property
    def project(self) -> str:
        """The project of this command.

        Raises: UsageError if none is chosen.
        """
        project = self.settings["project"]
        if not project:
            raise UsageError(
                "No project is chosen.", "Choose one: -p PROJECT, CUDO_PROJECT_ID, or project use PROJECT"
            )
        return project

    @property
    def billing_account(self) -> str:
        """The billing account of the environment or the context.

        Raises: UsageError if none is chosen.
        """
        account = self.settings["billing_account"]
        if not account:
            raise UsageError(
                "No billing account is chosen.",
                "Choose one: --billing-account, CUDO_BILLING_ACCOUNT_ID, or in the context",
            )
        return account

    @property
    def place(self) -> Place:
        """Where things are listed now, and as whom."""
        return Place(self.context, self.connection.generation, self.settings["project"])

    def use_project(self, project: str) -> None:
        """Make a project the one of this session."""
        self.settings.choose("project", project, "project use")

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a call of the API; Ctrl-C cancels it."""
        return self.connection.call(work)

    def wait(
        self,
        what: str,
        waiting: Callable[[OnLook], Coroutine[Any, Any, T]],
        *,
        follow: str = "",
        started: tuple[str, str, str] | None = None,
    ) -> T:
        """Wait for a state and show on stderr how it goes on.

        After a Ctrl-C, `follow` is what to type, and `started` (see the method) what goes on, if it was
        begun by this command.
        """
        streams = self.streams
        is_animated = streams.is_animated and not self.settings["verbose"]  # it would paint over the trace
        with progress(what, streams.err, is_animated=is_animated, has_color=streams.err_has_color) as tell:
            try:
                return self.call(waiting(lambda seen: tell(clean(_states(seen)))))
            except KeyboardInterrupt:
                if started:
                    self.started(*started)
                if follow:
                    with paused():  # the line that repaints would stay in front of it
                        self.say(f"{what} goes on without us. Follow it: {follow}")
                raise

    def ids_of(self, kind: str) -> list[str]:
        """Return the ids that there are, to find near ones; none if that fails or takes long."""
        import asyncio

        from cudo_completions.sources import SOURCES
        from cudo_sdk.errors import CudoError

        async def look() -> list[str]:
            found = await SOURCES[kind](self.session, self.settings["project"])
            return [candidate.text for candidate in found]

        with contextlib.suppress(CudoError, TimeoutError):
            return self.call(asyncio.wait_for(look(), LOOKUP))
        return []

    def wrote(self, *kinds: str) -> None:
        """Tell that things of these kinds have changed, so that no stale id is offered."""
        self.on_write(*kinds)

    def started(self, kind: str, name: str, state: str) -> None:
        """Tell that a thing goes on towards a state when nobody waits: the prompt says when it is there."""
        self.on_started(kind, self.project, name, state)

    # The person

    @property
    def output(self) -> BaseOutputHandler:
        """The output that this command asked for."""
        if self.captured is not None:
            return self.captured
        return handler_for(self.settings["output"], self.streams, headers=self.headers)

    def show(self, item: Any, fields: Fields, args: Namespace) -> None:
        """Show one thing."""
        self.tell_result(item)
        Showing(self, args).item(item, fields)

    def tell_result(self, result: Any) -> None:
        """Tell whoever listens what came of a command: a thing, or the list of them, as the API names them.

        A mapping is told as it is: it must have stars in place of its secrets.
        """
        if self.on_result is not None:
            self.on_result([*map(to_data, result)] if isinstance(result, list) else to_data(result))

    def show_list(
        self,
        items: Iterable[Any] | AsyncIterable[Any],
        fields: Fields,
        args: Namespace,
        *,
        kind: str = "",
    ) -> None:
        """Show many things, as they arrive where the format allows it.

        `kind` is that of their listing (see LABELS), if they can be named by their ids: a table at the prompt
        numbers them for that.
        """
        Showing(self, args).items(items, fields, kind)

    def show_chart(
        self,
        items: Iterable[Any] | AsyncIterable[Any],
        fields: Fields,
        args: Namespace,
        draw: Callable[[Sequence[Any], Canvas], str],
    ) -> None:
        """Draw a chart for a person at a terminal who asked for nothing else; otherwise list the things."""
        Showing(self, args).chart(items, fields, draw)

    def done(self, message: str, item: Any, fields: Fields, args: Namespace) -> None:
        """Tell a person that a change is made; give a program the thing as it is now."""
        self.say(message)
        if self.output.is_for_people:
            self.tell_result(item)
        else:
            self.show(item, fields, args)

    def say(self, text: str) -> None:
        """Tell a person something, on stderr."""
        self.streams.err.write(notice(text) + "\n")
        self.streams.err.flush()

    def say_line(self, line: str, *, before: str, after: str = "") -> None:
        """Show a person a line of a script, on stderr, in its colors where there are any."""
        text = notice(line)
        if self.streams.err_has_color:
            from cudo_shell.colors import colored

            text = colored(text, self.streams)
        self.streams.err.write(f"{notice(before)}{text}{after}\n")
        self.streams.err.flush()

    @property
    def may_ask(self) -> bool:
        """Whether somebody is there and wants to be asked."""
        return self.streams.can_ask and not self.settings["no_input"]

    def confirm(self, question: str, args: Namespace) -> None:
        """Ask before something is lost or paid, unless `--yes` was given.

        In a protected context its name is to be typed, which `--yes` does not do.
        Raises: RefusedError.
        """
        if self.plan:
            self.foretell(question)
        elif self.target.is_protected and not self.connection.is_approved:
            self.confirm_name(self.context, question)
            self.connection.is_approved = True
        else:
            self.confirm_plainly(question, args)

    def confirm_loss(self, loss: Loss, args: Namespace) -> None:
        """Ask before a thing is lost, unless one question is asked for several.

        Raises: RefusedError.
        """
        if self.on_loss is not None and not self.plan:
            self.on_loss(loss)
        else:
            self.confirm(loss.question, args)

    def confirm_plainly(self, question: str, args: Namespace) -> None:
        """Ask before something is lost that is no part of the context in use, unless `--yes` was given.

        Raises: RefusedError.
        """
        if self.plan:
            self.foretell(question)
        elif not (self.assume_yes or getattr(args, "yes", False)):
            asking.confirm(clean(question), self.streams, may_ask=self.may_ask)

    def approve(self, operation: str) -> None:
        """Ask for the name of a protected context before the first change of a command.

        Raises: RefusedError.
        """
        self.confirm_name(
            self.context, f"Context '{self.context}' is protected, and this changes it: {operation}."
        )

    def foretell_price(self, price_hr: Decimal, *, is_least: bool = False) -> None:
        """Tell a person what a change will cost per hour; `is_least` if a part is not known yet."""
        if self.plan:
            self.plan.price_hr += price_hr
            self.plan.is_least |= is_least
        self.foretell(f"Price: {'at least ' * is_least}{hourly(price_hr)}, {monthly(price_hr)}")

    def foretell(self, text: str) -> None:
        """Tell a person what a change brings before it is made."""
        if self.plan:
            self.plan.notes.append(text)
        else:
            self.say(text)

    def hold(self, change: "Change") -> None:
        """On the loop, before any change: keep it from being sent under `--dry-run`.

        Raises: NotSent.
        """
        if self.plan:
            self.plan.hold(change)

    def log_in(self, reason: "LoginRequired") -> bool:
        """Have the person log in, if there is one and the context has a login server; whether it was done.

        Raises: AuthError.
        """
        from cudo_shell.login import log_in_again

        return log_in_again(self, reason)

    def confirm_name(self, context: str, question: str) -> None:
        """Ask for the name of a protected context, unless `--confirm-context` repeats it.

        Raises: RefusedError.
        """
        with paused():  # a change within a wait may be what asks
            asking.confirm_typed(
                clean(question),
                context,
                self.streams,
                given=self.settings["confirm_context"] or None,
                may_ask=self.may_ask,
                option="--confirm-context",
            )

    def confirm_typed(self, question: str, word: str, args: Namespace) -> None:
        """Ask for a word to be typed before much is lost or paid, unless `--confirm` repeats it.

        Raises: RefusedError.
        """
        if self.plan:
            self.foretell(question)
            return
        word = clean(word)
        asking.confirm_typed(clean(question), word, self.streams, given=args.confirm, may_ask=self.may_ask)
        self.on_answer(word)

    def read_secret(self, name: str, source: str | None) -> str:
        """Read a secret from a prompt, `-` or `@FILE`; nobody is asked for one that is not sent."""
        if self.plan and source is None:
            return STARS
        if source in self.values:
            source = ""  # written out as an argument
        return asking.read_secret(name, source, self.streams, may_ask=self.may_ask, lock=self.lock)

    def read_text(self, value: str) -> str:
        """Return the text of `@FILE` or `-`, or the value itself; what a script put in is always that."""
        return value if value in self.values else asking.read_text(value, self.streams, self.lock)

    def flush(self) -> None:
        """Bring the output to where it goes, so that a full disk is noticed by the command that wrote."""
        self.streams.out.flush()


def _states(seen: Mapping[str, Any]) -> str:
    return ", ".join(str(thing.state or "state unknown") for thing in seen.values()) or "not there"
