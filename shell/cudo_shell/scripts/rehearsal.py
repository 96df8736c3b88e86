"""A script of which nothing is sent: reads are real, changes are shown with what they cost."""

import io
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cudo_shell import dispatch
from cudo_shell.commands.dry_run import ENDS, changes_this_computer, is_change
from cudo_shell.exits import CommandError, ExitCode, UsageError
from cudo_shell.failures import Subject
from cudo_shell.output.values import hourly, monthly
from cudo_shell.plan import Plan
from cudo_shell.rows import count_of
from cudo_shell.scripts import syntax
from cudo_shell.scripts.execution import Execution
from cudo_shell.scripts.files import load
from cudo_shell.scripts.lines import Expression, Part, Word
from cudo_shell.scripts.moments import Moment
from cudo_shell.scripts.variables import NotKnown, Pending, arguments, compiled_from, names_in, text_of

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


Thing = tuple[str, str, str]  # noun, id or nothing for any, and the project of the command that names it

ANYTHING = "1"  # for a value that nobody knows: nearly any argument may be that
# Verbs:
_LOOKS_AT_ONE = frozenset({"get", "wait"})  # and return it
_OVERVIEWS = frozenset({"count", "list"})


@dataclass
class Rehearsal(Execution):
    """A dry run. What depends on things that are not made or changed is passed over, and told."""

    plans: list[Plan] = field(default_factory=list)
    planned: set[Thing] = field(default_factory=set)  # what would be made, or ended
    changed: set[Thing] = field(default_factory=set)  # what would not be as it is
    made: Pending = field(default_factory=Pending)  # what is known of the last result that there is not
    stale: set[str] = field(default_factory=set)  # variables with a listing from before the changes

    def run(self, statements: syntax.Block) -> int:
        """Run the statements of a script; what it goes on to, a project or a context, is left at its end."""
        before = Moment.of(self.work)
        try:
            return super().run(statements)
        finally:
            if len(self.files) == 1:  # else the script that sourced it goes on there
                self._return_to(before)

    def _return_to(self, before: Moment) -> None:
        if self.work.target != before.target:
            self.work.retarget(before.target.choice)
        if self.work.settings["project"] != before.project:
            self.work.use_project(before.project)

    def attempt(self, statement: syntax.Statement) -> int:
        """Run one statement; one that needs a value which nobody knows yet is passed over."""
        try:
            return super().attempt(statement)
        except NotKnown as unknown:
            self._pass_over(statement, str(unknown))
            return ExitCode.OK

    def _told(self, error: BaseException) -> int:
        if isinstance(error, NotKnown):
            raise error
        return super()._told(error)

    def _pass_over(self, statement: syntax.Statement, why: str) -> None:
        """Say so; what the statement would set is not known, and what it would make is planned."""
        self.work.say(f"{self.where(statement.line)}: passed over, {why}")
        inside = tuple(self._all_of((statement,)))
        for name in syntax.set_in(inside):
            self._set(name, Pending())
        for each in inside:
            match each:
                case syntax.Run(words=words) | syntax.Let(value=syntax.Run(words=words)):
                    self._note_made(words)

    def _all_of(self, statements: syntax.Block) -> Iterator[syntax.Statement]:
        """Yield statements and all that are in them, in the files that they source as well."""
        for each in syntax.all_of(statements):
            yield each
            if isinstance(each, syntax.Source):
                with suppress(CommandError):  # its name may be what is not known
                    yield from self._all_of_file(each)

    def _all_of_file(self, source: syntax.Source) -> Iterator[syntax.Statement]:
        script = load(self.files[-1].beside(text_of(source.file, self.variables)), self.work.lock)
        self._demand_no_circle(script)
        self.files.append(script)
        try:
            yield from self._all_of(syntax.read(script.text).statements)
        finally:
            self.files.pop()

    def _note_made(self, words: Sequence[Word]) -> None:
        """Remember what a command would make, as far as that is known."""
        new = self._things([self._known(word) for word in words], lambda each: each.is_new)
        self.planned.update(thing for thing in new if thing[1] != ANYTHING)

    def _known(self, word: Word) -> str:
        try:
            return text_of(word, self.variables)
        except UsageError:
            return ANYTHING

    def _let(self, statement: syntax.Let) -> int:
        if not isinstance(statement.value, syntax.Run):
            return super()._let(statement)
        self.made = Pending()
        is_outdated = self._is_outdated(arguments(statement.value.words, self.scope).words)
        code = super()._let(statement)
        if self.variables.get(statement.name) is None:
            self._set(statement.name, self.made)
        elif is_outdated:
            self.stale.add(statement.name)
        return code

    def _set(self, name: str, value: Any) -> None:
        super()._set(name, value)
        self.stale.discard(name)

    def _assert(self, statement: syntax.Assert) -> int:
        names = {name for each in statement.condition for name in _names_of(each)}
        if not self.stale.isdisjoint(names):
            self._pass_over(statement, "it looks at a list from before the changes")
            return ExitCode.OK
        return super()._assert(statement)

    def _not(self, statement: syntax.Not) -> int:
        if self._is_real(statement.inner):
            return super()._not(statement)
        heard = io.StringIO()
        loud, self.work = self.work, self.work.quieted(heard)
        try:
            code = self.attempt(statement.inner)
        finally:
            self.work = loud
        if not code:  # what is not sent cannot fail
            self.work.streams.err.write(heard.getvalue())
        return ExitCode.OK

    def _is_real(self, statement: syntax.Statement) -> bool:
        """Whether a statement does in a dry run what it does else; of a file, nobody knows beforehand."""
        match statement:
            case syntax.Run(words=written) | syntax.Let(value=syntax.Run(words=written)):
                words = arguments(written, self.scope).words
                command = dispatch.command_of(words)
                is_look = not (is_change(*command) or changes_this_computer(*command))
                return is_look and not self._depends(words, self.planned | self.changed)
            case syntax.Retry(inner=inner):
                return self._is_real(inner)
            case _:
                return not isinstance(statement, syntax.Source)

    def _sleep(self, _seconds: float) -> int:
        return ExitCode.OK  # nothing goes on meanwhile

    # Commands

    def _command(self, statement: syntax.Run, work: "Workspace") -> int:
        words = arguments(statement.words, self.scope).words
        noun, verb = dispatch.command_of(words)
        if changes_this_computer(noun, verb):
            self._pass_over(statement, "it would change what is kept on this computer")
        elif is_change(noun, verb):
            return self._change(statement, words)
        elif (noun, verb) == ("context", "use"):  # for this script, and not for those to come
            self.work.retarget(self.work.target.choice.with_context(_name_in(words)))
        elif not self._depends(words, self.planned | self.changed):
            if self._is_outdated(words):
                self.work.say(f"{self.where(statement.line)}: this is from before the changes")
            return super()._command(statement, work)
        elif (noun, verb) == ("project", "use"):  # what follows is planned there, not here
            self.work.use_project(dispatch.subjects_of(words, self.work)[0].id)
        else:
            is_planned = self._depends(words, self.planned - self.changed)
            self._pass_over(statement, f"it asks for what is not {'made' if is_planned else 'changed'} yet")
            if verb in _LOOKS_AT_ONE:
                self.made = _known_of(self._things(words, lambda each: each.noun == noun))
        return ExitCode.OK

    def _change(self, statement: syntax.Run, words: Sequence[str]) -> int:
        """Show a change, and remember what it would make, end or change."""
        noun, verb = dispatch.command_of(words)
        new = self._things(words, lambda each: each.is_new)
        is_planned = self._depends(words, self.planned | self.changed if new else self.planned)
        depends = is_planned or self._depends(words, self.changed)
        self.made = _known_of(new)
        code = self._rehearsed(statement, depends=depends, is_planned=is_planned)
        if code is ExitCode.OK:
            own = self._things(words, lambda each: each.noun == noun)
            self.planned.update(own if verb in ENDS else new)
            if noun != "project":  # what works in one that is changed goes on there
                some = (noun, "", dispatch.project_of(words, self.work))  # found by a filter, or named later
                self.changed.update(set(own or [some]) - set(new))
        return code

    def _things(self, words: Sequence[str], are: Callable[[Subject], bool]) -> list[Thing]:
        project = dispatch.project_of(words, self.work)
        subjects = dispatch.subjects_of(words, self.work)
        return [(each.noun, each.id, project) for each in subjects if are(each)]

    def _depends(self, words: Sequence[str], things: Collection[Thing]) -> bool:
        """Whether a command names one of these things, or works in one."""
        noun, verb = dispatch.command_of(words)
        project = dispatch.project_of(words, self.work)
        named = {*self._things(words, lambda _each: True), ("project", project, "")}
        if verb in _LOOKS_AT_ONE:
            named.add((noun, "", project))
        return not named.isdisjoint(things)

    def _is_outdated(self, words: Sequence[str]) -> bool:
        """Whether a command lists or counts what would be more, less or otherwise by then."""
        noun, verb = dispatch.command_of(words)
        places = {(noun, dispatch.project_of(words, self.work)), (noun, "")}  # some are in no project
        touched = {(of_noun, project) for of_noun, _, project in self.planned | self.changed}
        return verb in _OVERVIEWS and not places.isdisjoint(touched)

    def _rehearsed(self, statement: syntax.Run, *, depends: bool, is_planned: bool) -> int:
        """Go as far as the change would be sent; where things are not there yet, this may not be far."""
        heard = io.StringIO()
        # Shown also where it would be kept; what fails because of what is not made is not told.
        planning = self.work.quieted(heard) if depends else copy(self.work)
        planning.plans, planning.names_planned = self.plans, is_planned
        before = len(self.plans)
        code = super()._command(statement, planning)
        names = {name for _, name, _ in self.planned | self.changed}
        is_held = any(plan.changes for plan in self.plans[before:])  # else --if-exists has found nothing
        if (code or not is_held) and any(f"'{name}'" in heard.getvalue() for name in names):
            for plan in self.plans[before:]:
                self.work.streams.out.write("".join(f"{line}\n" for line in plan.lines()))
            self.work.say(f"{self.where(statement.line)}: the request depends on what is not made yet")
            return ExitCode.OK
        self.work.streams.err.write(heard.getvalue())
        return code

    def tell_sum(self) -> None:
        """Say at the end what all of it would be and cost."""
        changes = sum(len(plan.changes) for plan in self.plans)
        price_hr = sum((plan.price_hr for plan in self.plans), Decimal())
        least = "at least " * any(plan.is_least for plan in self.plans)
        price = (
            f" What would be made or resized costs {least}{hourly(price_hr)}, {monthly(price_hr)}."
            if price_hr
            else ""
        )
        self.work.say(f"Dry run: {count_of(changes, 'change')}, none of them sent.{price}")


def _name_in(words: Sequence[str]) -> str:
    """Return what is named behind noun and verb; nothing where that is left out."""
    return next((word for word in words[2:] if not word.startswith("-")), "")


def _names_of(part: Part) -> Iterator[str]:
    """Yield the variables that a part of a word reads."""
    if isinstance(part, Expression):
        yield from names_in(compiled_from(part.text).parsed)


def _known_of(things: Sequence[Thing]) -> Pending:
    return Pending(id=things[0][1]) if things else Pending()
