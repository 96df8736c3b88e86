"""The statements of a script, one after the other: what each of them does."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cudo_shell import dispatch
from cudo_shell.corrections import corrected, with_line
from cudo_shell.exits import CommandError, Elapsed, ExitCode, Failure, UsageError
from cudo_shell.failures import explain
from cudo_shell.output.clean import clean
from cudo_shell.quoting import quoted
from cudo_shell.scripts import checking, parameters, syntax
from cudo_shell.scripts.files import Script, load
from cudo_shell.scripts.interruptions import Interruptions
from cudo_shell.scripts.leftovers import Ledger
from cudo_shell.scripts.lines import Line, Literal, Word
from cudo_shell.scripts.moments import Moment
from cudo_shell.scripts.options import Options
from cudo_shell.scripts.quantities import duration_of, exit_code_of, times_of
from cudo_shell.scripts.steps import Step
from cudo_shell.scripts.variables import (
    Arguments,
    Scope,
    arguments,
    is_true,
    shown,
    text_of,
    value_of,
    values_of,
)
from cudo_shell.secrets_in_lines import starred, starred_words

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

T = TypeVar("T")

HOPELESS = frozenset({ExitCode.USAGE, ExitCode.AUTH, ExitCode.REFUSED})  # another try ends in the same way


class Ended(Exception):  # noqa: N818  # no error: what there was is told already
    """The script does not go on, and this is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Failed(Ended):
    """A statement failed."""


class Exited(Ended):
    """The statement `exit`."""


class CutOff(Exception):  # noqa: N818  # as above
    """A command was interrupted `by` something, which the person was told."""

    def __init__(self, by: KeyboardInterrupt) -> None:
        super().__init__(by)
        self.by = by


@dataclass(frozen=True, slots=True)
class Deferred:
    """What is left for the end: the file that says it, and where its things are."""

    script: Script
    moment: Moment
    statement: syntax.Defer


@dataclass
class Execution:
    """A script under way: its variables, what is deferred, and the worst that has happened."""

    work: "Workspace"
    files: list[Script]  # that are being run, the outermost first
    options: Options
    interruptions: Interruptions
    variables: dict[str, Any] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)  # variables with a value that the caller gave by hand
    deferred: list[Deferred] = field(default_factory=list)
    worst: int = ExitCode.OK
    observers: list[Callable[[Step], None]] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    corrects: bool = True  # tell of a wrong command which line was meant; at the prompt, the prompt does
    at: tuple[Script, Line] | None = None  # where it is

    # Statements

    def run(self, statements: syntax.Block) -> int:
        """Run the statements of a script; return the worst that has failed and was passed over.

        Raises: as `block`.
        """
        self.block(statements)
        return self.worst

    def block(self, statements: syntax.Block) -> None:
        """Run statements in order.

        Raises: Failed after the first that fails, unless the script is to keep going; Exited;
        KeyboardInterrupt and BrokenPipeError, for which nothing goes on.
        """
        for statement in statements:
            code = self.attempt(statement)
            if code:
                self.tell_where(statement.line, code)
                if not self.options.keep_going:
                    raise Failed(code)
                self.worst = max(self.worst, code)

    def attempt(self, statement: syntax.Statement) -> int:
        """Run one statement; what is wrong with it is told, and is its exit code."""
        self.at = self.files[-1], statement.line
        if self.interruptions.pending is not None:  # it came where nothing can be raised, as in a destructor
            raise self.interruptions.pending
        try:
            return self._do(statement)
        except CommandError as error:
            return self._told(error)

    def _told(self, error: BaseException) -> int:
        return dispatch.tell(explain(error), self.work)

    def _do(self, statement: syntax.Statement) -> int:  # noqa: C901, PLR0911, PLR0912  # a row for each
        match statement:
            case syntax.Run():
                return self._run(statement)
            case syntax.Let():
                return self._let(statement)
            case syntax.For():
                return self._for(statement)
            case syntax.If():
                return self._if(statement)
            case syntax.Timeout():
                return self._timeout(statement)
            case syntax.Assert():
                return self._assert(statement)
            case syntax.Echo():
                return self._echo(statement)
            case syntax.Sleep():
                return self._sleep(self._read(statement.time, duration_of))
            case syntax.Source():
                return self._source(statement)
            case syntax.Exit():
                raise Exited(self._read(statement.code, exit_code_of) if statement.code else self.worst)
            case syntax.Try():
                return self._try(statement)
            case syntax.Not():
                return self._not(statement)
            case syntax.Retry():
                return self._retry(statement)
            case syntax.Defer():
                return self._defer(statement)
            case syntax.Param():
                return ExitCode.OK  # all of them were read before the first line

    def _run(self, statement: syntax.Run) -> int:
        return self._command(statement, self.work)

    def _let(self, statement: syntax.Let) -> int:
        if not isinstance(statement.value, syntax.Run):
            self._set(statement.name, value_of(statement.value, self.variables))
            return ExitCode.OK
        work, captured = self.work.capturing()
        code = self._command(statement.value, work)
        if code is ExitCode.OK:
            self._set(statement.name, captured.value)
        return code

    def _set(self, name: str, value: Any) -> None:
        self.variables[name] = value
        self.typed.discard(name)

    def _for(self, statement: syntax.For) -> int:
        for value in values_of(statement.words, self.variables):
            self._set(statement.name, value)
            self.block(statement.body)
        return ExitCode.OK

    def _if(self, statement: syntax.If) -> int:
        holds = is_true(value_of(statement.condition, self.variables))
        self.block(statement.body if holds else statement.otherwise)
        return ExitCode.OK

    def _timeout(self, statement: syntax.Timeout) -> int:
        seconds, text = self._read(statement.time, duration_of), text_of(statement.time, self.variables)
        elapsed = Elapsed(f"The {text} of this block are over.")
        try:  # around the limit: it may come to its end while it is taken back
            with self.interruptions.limit(elapsed, seconds):
                self.block(statement.body)
        except Elapsed as error:
            if error is not elapsed:
                raise
            self.interruptions.forget(elapsed)
            return self._told(error)
        except CutOff as cut:
            if cut.by is not elapsed:
                raise
            self.interruptions.forget(elapsed)
            return elapsed.code
        return ExitCode.OK

    def _assert(self, statement: syntax.Assert) -> int:
        if is_true(value_of(statement.condition, self.variables)):
            return ExitCode.OK
        message = text_of(statement.message, self.variables) if statement.message else "This does not hold."
        return dispatch.tell(Failure(message, ExitCode.FAILURE, status="ASSERTION"), self.work)

    def _echo(self, statement: syntax.Echo) -> int:
        text = " ".join(shown(value) for value in values_of(statement.words, self.variables))
        lines = map(clean, text.split("\n"))  # a name may be hostile
        return dispatch.print_text("".join(f"{line}\n" for line in lines), self.work)

    def _source(self, statement: syntax.Source) -> int:
        script = load(self.files[-1].beside(text_of(statement.file, self.variables)), self.work.lock)
        self._demand_no_circle(script)
        tree = syntax.read(script.text)
        # What was not set on the way here may be set by now in another file: that is for its line to find.
        slips = checking.check(tree, script, self.work.lock, self.variables, knows_all=False)
        if slips:
            return checking.report_slips(slips, self.work, script.name)
        words = arguments(statement.words, self.scope)
        given = parameters.given_from(words.words)
        foreign = {name for name, text in given.items() if text in words.values}
        self.take_parameters(tree.params, given, foreign)
        return self._run_file(script, tree)

    def _run_file(self, script: Script, tree: syntax.Tree) -> int:
        """Run a file in this one; how it ends is for its `source` to judge, which may be tried or refused."""
        self.files.append(script)
        before, self.worst = self.worst, ExitCode.OK
        try:
            return self.run(tree.statements)
        except Failed as failed:
            return failed.code
        finally:
            self.worst = before
            self.files.pop()

    def _demand_no_circle(self, script: Script) -> None:
        files = [Path(file.name).resolve() for file in self.files]
        if Path(script.name).resolve() in files:
            raise UsageError(f"'{script.name}' is running already: it would source itself.")

    def take_parameters(
        self, params: Sequence[syntax.Param], given: Mapping[str, str], foreign: Collection[str] = ()
    ) -> None:
        """Set the parameters of a file: what is given, else what is set here, else the default.

        `foreign` are those that are given by variables, which nobody has typed.
        Raises: UsageError.
        """
        set_here = {param.name for param in params} & set(self.variables) - set(given)
        texts = {name: shown(self.variables[name]) for name in set_here}
        values = parameters.values(params, {**texts, **given})
        self.variables.update(values)
        self.typed |= set(values) - set_here
        self.typed.difference_update(foreign)

    def _try(self, statement: syntax.Try) -> int:
        code = self.attempt(statement.inner)
        self.variables["status"] = int(code)  # of the whole, as a file that is tried has
        if code:
            self.tell_where(statement.line, code)
            match statement.inner:
                case syntax.Let(name=name) | syntax.Retry(inner=syntax.Let(name=name)):
                    self._set(name, None)
        return ExitCode.OK

    def _not(self, statement: syntax.Not) -> int:
        loud, self.work = self.work, self.work.quieted()
        try:
            code = self.attempt(statement.inner)
        finally:
            self.work = loud
        if code:
            return ExitCode.OK
        failure = Failure("This was to fail, and it did not.", ExitCode.FAILURE, status="ASSERTION")
        return dispatch.tell(failure, self.work)

    def _retry(self, statement: syntax.Retry) -> int:
        times, pause = self._read(statement.times, times_of), self._read(statement.every, duration_of)
        code = self.attempt(statement.inner)
        for number in range(1, times):
            if not code or code in HOPELESS:
                break
            self.work.say(f"Try {number} of {times} failed; the next one in {pause:g} s.")
            self._sleep(pause)
            code = self.attempt(statement.inner)
        return code

    def _sleep(self, seconds: float) -> int:
        time.sleep(seconds)
        return ExitCode.OK

    def _defer(self, statement: syntax.Defer) -> int:
        command = syntax.innermost(statement)
        if isinstance(command, syntax.Run) and self._is_for_nothing(
            arguments(command.words, self.scope), command.line
        ):
            return ExitCode.OK
        frozen = replace(statement, inner=self._frozen(statement.inner))
        self.deferred.append(Deferred(self.files[-1], Moment.of(self.work), frozen))
        return ExitCode.OK

    def _frozen(self, statement: syntax.Statement) -> syntax.Statement:
        """Put the values of now into a statement that is done later."""
        match statement:
            case syntax.Run(words=words):
                found = arguments(words, self.scope)
                literals = tuple((Literal(word),) for word in found.words)
                return replace(statement, words=literals, values=found.values)
            case syntax.Echo(words=words):
                texts = map(shown, values_of(words, self.variables))
                return replace(statement, words=tuple((Literal(text),) for text in texts))
            case syntax.Try(inner=inner):
                return replace(statement, inner=self._frozen(inner))
            case syntax.Retry(times=times, every=every, inner=inner):
                fixed = [(Literal(text_of(word, self.variables)),) for word in (times, every)]
                return replace(statement, times=fixed[0], every=fixed[1], inner=self._frozen(inner))
            case _:
                return statement

    def clean_up(self) -> int:
        """Do what was deferred last, in the project and the context in which that was said.

        Return its exit code. Raises: CutOff, KeyboardInterrupt; then what it was to end may be left behind.
        """
        last = self.deferred.pop()
        here, self.files[:] = self.work, [last.script]
        try:
            with last.moment.back(here) as self.work:
                code = self._clean(last.statement)
        except CommandError as error:  # its context is gone
            code = self._told(error)
        finally:
            self.work = here
        if code:
            self.tell_where(last.statement.line, code)
        return code

    def _clean(self, statement: syntax.Defer) -> int:
        code: int = ExitCode.INTERRUPTED  # unless it comes to an end
        try:
            code = self.attempt(statement.inner)
        finally:
            if code:
                command = syntax.innermost(statement)
                if isinstance(command, syntax.Run):  # whose words are those of then
                    self.ledger.note_failed_cleanup([text_of(word, {}) for word in command.words], self.work)
        return code

    # Commands

    def _command(self, statement: syntax.Run, work: "Workspace") -> int:
        """Run a command, tell the observers, and remember its exit code as `status`.

        Raises: CutOff.
        """
        found = arguments(statement.words, self.scope)
        if self._is_for_nothing(found, statement.line):
            return ExitCode.OK
        watched, told = _watched(work, found.values | statement.values)
        if self.corrects:
            watched.advise = partial(_with_line, statement.line.text)
        self._trace(statement.line, found.words)
        self.ledger.note(found.words, self.work)
        started, began = datetime.now(UTC), time.monotonic()
        code = dispatch.run(found.words, watched)
        self.variables["status"] = int(code)
        step = Step(
            file=self.files[-1].name,
            line=statement.line,
            words=found.words,
            started=started,
            seconds=time.monotonic() - began,
            code=code,
            failure=told.failure,
            result=told.result,
            request_ids=tuple(work.connection.traffic.request_ids),
        )
        for observer in self.observers:
            observer(step)
        self._raise_what_came(code)
        return code

    def _is_for_nothing(self, found: Arguments, line: Line) -> bool:
        """Whether a command is to be done to the things of an empty list, which is told."""
        is_empty = found.lacks_items and dispatch.has_no_things(found.words)
        if is_empty:
            self.work.say(f"{self.where(line)}: nothing to do, the list is empty.")
        return is_empty

    def _raise_what_came(self, code: int) -> None:
        """Go on being interrupted: a command has only told of it."""
        if self.interruptions.pending is not None:
            raise CutOff(self.interruptions.pending)
        if code is ExitCode.INTERRUPTED:
            raise CutOff(KeyboardInterrupt())

    def _trace(self, line: Line, words: Sequence[str]) -> None:
        if self.options.trace or self.options.dry_run:
            text = " ".join(quoted(word) for word in starred_words(words))
            self.work.say_line(text, before=f"+ {self.where(line)}: ")

    def tell_where(self, line: Line, code: int) -> None:
        """Say which line has failed."""
        text = starred(line.text)
        self.work.say_line(text, before=f"{self.where(line)}: ", after=f" (exit code {int(code)})")

    def tell_where_it_is(self, code: int) -> None:
        """Say which line was running, if any was."""
        if self.at is not None:
            script, line = self.at
            self.files[:] = [script]  # one that was left in the middle is no longer there
            self.tell_where(line, code)

    def where(self, line: Line) -> str:
        """Name a line of the file that is being run."""
        return f"{self.files[-1].name}:{line.number}"

    # Words

    @property
    def scope(self) -> Scope:
        return Scope(self.variables, frozenset(self.typed))

    def _read(self, word: Word, kind: Callable[[str], T]) -> T:
        return kind(text_of(word, self.variables))


@dataclass(slots=True)
class _Told:
    """What a command has told besides its output."""

    failure: Failure | None = None
    result: Any = None

    def fail(self, failure: Failure) -> None:
        self.failure = failure

    def show(self, result: Any) -> None:
        self.result = result


def _with_line(line: str, failure: Failure) -> Failure:
    """Put the line that was meant into what is told."""
    return with_line(failure, corrected(line, failure.instead))


def _watched(work: "Workspace", values: frozenset[str]) -> "tuple[Workspace, _Told]":
    """Return the workspace of one command, and where it tells what came of it."""
    told, watched = _Told(), copy(work)
    watched.values = values
    watched.on_failure = told.fail
    watched.on_result = told.show
    return watched, told
