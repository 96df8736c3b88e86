"""What the verbs of things with states have in common: create, change, wait, delete."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple

from cudo_shell.commands.base import (
    argument,
    if_exists_option,
    output_options,
    timeout_option,
    wait_options,
    yes_option,
)
from cudo_shell.commands.flows import DELETED, GONE, destroy, is_passing
from cudo_shell.commands.several import several_ids
from cudo_shell.output.fields import Fields

if TYPE_CHECKING:
    from decimal import Decimal

    from cudo_shell.workspace import Workspace

Ask = Callable[..., Coroutine[Any, Any, Any]]
"""An operation of a session: `ask(session, project_id, id, **options)`."""


class Lifecycle(NamedTuple):
    """A kind of thing that has states, in a project: its words, and how it is fetched and waited for."""

    label: str  # "Volume"
    noun: str  # the word of the command line, "volume"
    kind: str  # of its listing, "volumes"
    fields: Fields
    timeout: float  # seconds, for a change
    get: Ask
    wait: Ask
    wait_deleted: Ask
    states: tuple[str, ...]  # the API's names; a test holds them against the SDK, which help must not load
    rest: str = "ACTIVE"  # the state of a thing that is ready for use
    touches: tuple[str, ...] = ()  # other listings that show a change of it

    # What the verbs take

    def id_argument(self, parser: ArgumentParser, **narrow: str) -> None:
        """Add the id of a thing that is there."""
        argument(parser, "id", source=self.kind, narrow=narrow, field="id", metavar=f"<{self.noun}-id>")

    def several_ids(self, parser: ArgumentParser, *, asks: bool = False, **narrow: str) -> None:
        """Add the ids of things that are there; see several_ids."""
        metavar = f"<{self.noun}-id>"
        several_ids(
            parser,
            self.fields,
            source=self.kind,
            metavar=metavar,
            narrow=narrow,
            asks=asks,
            states=self.states,
        )

    def listed(self, parser: ArgumentParser) -> None:
        """Add what the verb takes that lists the things."""
        output_options(parser, self.fields, rows=True, states=self.states)

    def changing(self, parser: ArgumentParser) -> None:
        """Add what a verb takes that changes a thing: how to wait, and the output."""
        wait_options(parser, timeout=self.timeout)
        output_options(parser, self.fields)

    def ending(self, parser: ArgumentParser, **narrow: str) -> None:
        """Add what a verb takes that deletes things: which, consent, how to wait, and the output."""
        self.several_ids(parser, asks=True, **narrow)
        yes_option(parser)
        if_exists_option(parser)
        wait_options(parser, timeout=self.timeout)
        output_options(parser, GONE)

    def waiting(self, parser: ArgumentParser, timeout: float | None = None) -> None:
        """Add what the verb `wait` takes; `timeout` (seconds) if that of a change is not enough."""
        self.id_argument(parser)
        parser.add_argument(
            "--state",
            type=str.upper,
            choices=tuple(dict.fromkeys((*self.states, DELETED))),
            default=self.rest,
            metavar="STATE",
            help=f"or {DELETED} ({self.rest} if not given)",
        )
        timeout_option(parser, timeout or self.timeout)
        output_options(parser, self.fields)

    # How the verbs go on

    def fetch(self, work: "Workspace", args: Namespace) -> Any:
        """Get the thing that the command is about."""
        return work.call(self.get(work.session, work.project, args.id))

    def created(self, work: "Workspace", args: Namespace, thing: Any = None) -> None:
        """Wait for a new thing and show it; without waiting, show the `thing` of the reply, if any."""
        work.wrote(self.kind, *self.touches)
        self._reach(work, args, self.rest, just_created=True)
        follow = f" is being created. See: {self.noun} wait {args.id}"
        work.say(f"{self._name(args)}{' created.' if args.wait else follow}")
        shown = self.fetch(work, args) if args.wait else thing
        if shown is not None:
            work.show(shown, self.fields, args)

    def changed(
        self,
        work: "Workspace",
        args: Namespace,
        done: str,
        state: str = "",
        *,
        is_followed: bool = True,
    ) -> None:
        """Wait for the end of a change, which is a state, and tell of it; `done` is such as "resized".

        `is_followed`: its state shows when that is over, so that it can be told at the prompt.
        """
        state = state or self.rest
        work.wrote(self.kind, *self.touches)
        self._reach(work, args, state, is_followed=is_followed)
        wanted = f" --state {state}" * (state != self.rest)
        follow = f": {done} soon; see: {self.noun} wait {args.id}{wanted}"
        message = f"{self._name(args)}{f' {done}.' if args.wait else follow}"
        work.done(message, self.fetch(work, args), self.fields, args)

    def awaited(self, work: "Workspace", args: Namespace) -> None:
        """Wait for the state that was asked for."""
        if args.state == DELETED:
            work.wait(self._name(args), lambda look: self._wait_deleted(work, args, look))
            work.say(f"{self._name(args)} is gone.")
            return
        args.wait = True
        self._reach(work, args, args.state, is_followed=False)
        work.done(f"{self._name(args)} is {args.state}.", self.fetch(work, args), self.fields, args)

    def end(
        self,
        work: "Workspace",
        args: Namespace,
        delete: Ask,
        *,
        act: str = "Delete",
        loss: str = "",
        price: "Callable[[Any], Decimal | None]" = lambda _thing: None,
    ) -> None:
        """Delete a thing after a question; see destroy."""
        destroy(
            work,
            args,
            f"{self.label if self.label.isupper() else self.label.lower()} '{args.id}'",
            get=lambda: self.get(work.session, work.project, args.id),
            delete=lambda: delete(work.session, work.project, args.id),
            wait=lambda look: self._wait_deleted(work, args, look),
            settle=lambda look: self.wait(
                work.session,
                work.project,
                args.id,
                states={state for state in self.states if not is_passing(state)},
                timeout=args.timeout,
                on_look=look,
            ),
            kinds=(self.kind, *self.touches),
            act=act,
            loss=loss,
            price=price,
        )

    def _name(self, args: Namespace) -> str:
        return f"{self.label} '{args.id}'"

    def _wait_deleted(self, work: "Workspace", args: Namespace, look: Any) -> Coroutine[Any, Any, Any]:
        return self.wait_deleted(work.session, work.project, args.id, timeout=args.timeout, on_look=look)

    def _reach(
        self,
        work: "Workspace",
        args: Namespace,
        state: str,
        *,
        just_created: bool = False,
        is_followed: bool = True,
    ) -> None:
        started = (self.kind, args.id, state) if is_followed else None
        if not args.wait:
            if started:
                work.started(*started)
            return
        work.wait(
            self._name(args),
            lambda look: self.wait(
                work.session,
                work.project,
                args.id,
                states={state},
                timeout=args.timeout,
                just_created=just_created,
                on_look=look,
            ),
            follow=f"{self.noun} wait {args.id} --state {state}",
            started=started,
        )
