"""A script of which nothing is sent: reads are real, changes are shown with what they cost."""

import io
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from cudo_shell import dispatch
from cudo_shell.commands.dry_run import changes_this_computer, is_change
from cudo_shell.exits import ExitCode, UsageError
from cudo_shell.output.values import hourly, monthly
from cudo_shell.plan import Plan
from cudo_shell.rows import count_of
from cudo_shell.scripts import syntax
from cudo_shell.scripts.execution import Execution
from cudo_shell.scripts.lines import Word
from cudo_shell.scripts.variables import NotKnown, Pending, arguments, text_of

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


@dataclass
class Rehearsal(Execution):
    """A dry run. What depends on things that are not made is passed over, and told."""

    plans: list[Plan] = field(default_factory=list)
    planned: set[tuple[str, str]] = field(default_factory=set)  # kinds and ids of what would be made
    made: Pending = field(default_factory=Pending)  # what is known of the last one

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
        self.work.say(f"{self.where(statement.line)}: passed over, {why}")
        match statement:
            case syntax.Let(name=name, value=value):
                self._set(name, Pending())
                if isinstance(value, syntax.Run):
                    self._note_made(value.words)
            case syntax.Run(words=words):
                self._note_made(words)

    def _note_made(self, words: Sequence[Word]) -> None:
        """Remember what a command would make, as far as that is known."""
        found = [self._known(word) for word in words]
        self.planned.update(
            (each.kind, each.id) for each in dispatch.subjects_of(found, self.work) if each.is_new
        )

    def _known(self, word: Word) -> str:
        try:
            return text_of(word, self.variables)
        except UsageError:
            return "1"  # nearly any argument may be that

    def _let(self, statement: syntax.Let) -> int:
        self.made = Pending()
        code = super()._let(statement)
        if isinstance(statement.value, syntax.Run) and self.variables.get(statement.name) is None:
            self._set(statement.name, self.made)
        return code

    def _not(self, statement: syntax.Not) -> int:
        if self._is_change(statement.inner):
            return self.attempt(statement.inner)  # what is not sent cannot fail
        return super()._not(statement)

    def _sleep(self, _seconds: float) -> int:
        return ExitCode.OK  # nothing goes on meanwhile

    def _is_change(self, statement: syntax.Statement) -> bool:
        match statement:
            case syntax.Run(words=words) | syntax.Let(value=syntax.Run(words=words)):
                return is_change(*dispatch.command_of(arguments(words, self.scope).words))
            case _:
                return False

    def _command(self, statement: syntax.Run, work: "Workspace") -> int:
        words = arguments(statement.words, self.scope).words
        noun, verb = dispatch.command_of(words)
        subjects = dispatch.subjects_of(words, self.work)
        named = {(each.kind, each.id) for each in subjects if not each.is_new}
        depends = not self.planned.isdisjoint({*named, ("projects", dispatch.project_of(words, self.work))})
        if changes_this_computer(noun, verb):
            self._pass_over(statement, "it would change what is kept on this computer")
            return ExitCode.OK
        if not is_change(noun, verb):
            if not depends:
                return super()._command(statement, work)
            if (noun, verb) == ("project", "use"):  # what follows is planned there, not here
                self.work.use_project(subjects[0].id)
            else:
                self._pass_over(statement, "it asks for what is not made yet")
            return ExitCode.OK
        self.made = Pending()
        for each in subjects:
            if each.is_new:
                self.planned.add((each.kind, each.id))
                self.made = Pending(id=each.id)
        return self._rehearsed(statement, depends=depends)

    def _rehearsed(self, statement: syntax.Run, *, depends: bool) -> int:
        """Go as far as the change would be sent; where things are not there yet, this may not be far."""
        heard = io.StringIO()
        planning = (
            self.work.quieted(heard) if depends else copy(self.work)
        )  # shown also where it would be kept
        planning.plans, planning.names_planned = self.plans, depends
        before = len(self.plans)
        code = super()._command(statement, planning)
        if code and any(f"'{name}'" in heard.getvalue() for _, name in self.planned):
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
            f" What would be made costs {least}{hourly(price_hr)}, {monthly(price_hr)}." if price_hr else ""
        )
        self.work.say(f"Dry run: {count_of(changes, 'change')}, none of them sent.{price}")
