"""Every error that can be seen in a script before it runs: nothing is run, and nothing but files is read."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from cudo_shell import dispatch
from cudo_shell.exits import CommandError, ExitCode, Failure, Instead, UsageError
from cudo_shell.locked import OPEN, Lock
from cudo_shell.output.query import nodes_of
from cudo_shell.scripts import parameters, syntax
from cudo_shell.scripts.files import Script, load
from cudo_shell.scripts.lines import Bare, Expression, Line, Word
from cudo_shell.scripts.quantities import duration_of, exit_code_of, times_of
from cudo_shell.scripts.resolving import UNKNOWN, check_command, known_text
from cudo_shell.scripts.variables import compiled_from, hint_about, names_in
from cudo_shell.secrets_in_lines import starred

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Slip:
    """An error in a script: where it is, the line, what is wrong and what to do about it."""

    file: str
    number: int
    text: str
    message: str
    hint: str = ""
    code: ExitCode = ExitCode.USAGE
    instead: Instead | None = None


def check(
    tree: syntax.Tree,
    script: Script,
    lock: Lock = OPEN,
    given_names: Iterable[str] = (),
    *,
    knows_all: bool = True,
) -> list[Slip]:
    """Return what is wrong with a script and the files that it names, in the order of their lines.

    `given_names` are the variables that are set already; unless it `knows_all`, there may be others.
    """
    checker = _Checker(lock)
    names = _Names({*given_names, *syntax.RESERVED}, set(given_names), is_open=not knows_all)
    checker.file(tree, script, names)
    files = list(dict.fromkeys([script.name, *(slip.file for slip in checker.slips)]))
    return sorted(checker.slips, key=lambda slip: (files.index(slip.file), slip.number))


def report_slips(slips: Sequence[Slip], work: "Workspace", name: str = "The script") -> ExitCode:
    """Tell the errors of a script with their lines, and how many they are; return the exit code."""
    for slip in slips:
        text = starred(slip.text)
        place = {"file": slip.file, "line": slip.number, "text": text}
        message = f"{slip.file}:{slip.number}: {slip.message}"
        dispatch.tell(Failure(message, slip.code, starred(slip.hint), "INVALID_ARGUMENT", [place]), work)
        if not work.output.is_whole:  # else it is among the details
            work.say(f"  {text}")
    count = f"{len(slips)} error{'s' * (len(slips) != 1)}" if slips else "no errors"
    work.say(f"{name}: {count}.")
    return ExitCode.USAGE if slips else ExitCode.OK


@dataclass(slots=True)
class _Names:
    """The variables that may be set at a line, and those that surely are.

    `is_open` says that others may be set, too: by a file whose name is not known.
    """

    known: set[str]
    sure: set[str]
    is_open: bool = False

    def add(self, *names: str) -> None:
        self.known.update(names)
        self.sure.update(names)

    def maybe(self) -> "_Names":
        """Return the names inside a block, which may not run: what it sets is known behind it, not sure."""
        return _Names(self.known, set(self.sure), self.is_open)


@dataclass(slots=True)
class _Checker:
    lock: Lock
    slips: dict[Slip, None] = field(default_factory=dict)  # in the order found, each once
    done: set[str] = field(default_factory=set)  # files
    under_way: list[str] = field(default_factory=list)  # files, outermost first
    script: Script = field(default_factory=lambda: Script("", ""))

    def file(self, tree: syntax.Tree, script: Script, names: _Names) -> None:
        """Check a file; `names` gets what it sets."""
        before, self.script = self.script, script
        self.under_way.append(os.path.realpath(script.name))
        try:
            for error in tree.errors:
                self._note(error.number, error.text, error)
            self._params(tree.params, names)
            self._block(tree.statements, names)
        except RecursionError:
            self._note(1, "", UsageError("The script is nested too deep."))
        finally:
            self.under_way.pop()
            self.script = before

    def _note(self, number: int, text: str, error: CommandError) -> None:
        hint = error.hint
        if error.instead is not None:
            from cudo_shell.corrections import corrected

            line = corrected(text, error.instead)
            hint = f"{hint}\nTry: {line}".lstrip("\n") if line else hint
        slip = Slip(self.script.name, number, text, str(error), hint, error.code, error.instead)
        self.slips[slip] = None

    def _try(self, line: Line, check: Callable[..., object], *about: object) -> None:
        """Call what raises where something is wrong."""
        try:
            check(*about)
        except CommandError as error:
            self._note(line.number, line.text, error)

    def _params(self, params: Sequence[syntax.Param], names: _Names) -> None:
        seen: set[str] = set()
        for param in params:
            if param.name in seen:
                error = UsageError(f"The parameter '{param.name}' is declared twice.", "Remove one.")
                self._note(param.line.number, param.line.text, error)
            seen.add(param.name)
            self._try(param.line, parameters.check_type, param)
        names.add(*seen)

    # Statements

    def _block(self, statements: syntax.Block, names: _Names) -> None:
        for statement in statements:
            self._statement(statement, names)

    def _inner(self, body: syntax.Block, inside: _Names, names: _Names) -> None:
        self._block(body, inside)
        names.is_open |= inside.is_open

    def _statement(self, statement: syntax.Statement, names: _Names) -> None:  # noqa: C901, PLR0912  # a row for each
        line = statement.line
        match statement:
            case syntax.Run(words=words):
                self._command(line, words, names)
            case syntax.Let(name=name, value=value):
                if isinstance(value, syntax.Run):
                    self._command(line, value.words, names)
                else:
                    self._words(line, [value], names)
                names.add(name)
            case syntax.For():
                self._for(statement, names)
            case syntax.If(condition=condition, body=body, otherwise=otherwise):
                self._words(line, [condition], names)
                self._inner(body, names.maybe(), names)
                self._inner(otherwise, names.maybe(), names)
            case syntax.Timeout(time=time, body=body):
                self._value(line, time, duration_of, names)
                self._inner(body, names.maybe(), names)
            case syntax.Assert(condition=condition, message=message):
                self._words(line, [condition, *filter(None, [message])], names)
            case syntax.Echo(words=words):
                self._words(line, words, names)
            case syntax.Sleep(time=time):
                self._value(line, time, duration_of, names)
            case syntax.Exit(code=code) if code is not None:
                self._value(line, code, exit_code_of, names)
            case syntax.Retry(times=times, every=every, inner=inner):
                self._value(line, times, times_of, names)
                self._value(line, every, duration_of, names)
                self._statement(inner, names)
            case syntax.Source():
                self._source(statement, names)
            case syntax.Try(inner=inner) | syntax.Not(inner=inner):
                self._statement_that_may_fail(inner, names)
            case syntax.Defer(inner=inner):
                self._statement(inner, names)

    def _statement_that_may_fail(self, statement: syntax.Statement, names: _Names) -> None:
        if isinstance(statement, syntax.Source):
            self._source(statement, names, may_be_absent=True)
        else:
            self._statement(statement, names)

    def _for(self, statement: syntax.For, names: _Names) -> None:
        self._words(statement.line, statement.words, names)
        inside = names.maybe()
        inside.add(statement.name)
        # What the end of the body sets is known at its beginning, the second time.
        inside.known.update(syntax.set_in(statement.body))
        inside.is_open |= any(isinstance(each, syntax.Source) for each in syntax.all_of(statement.body))
        self._inner(statement.body, inside, names)

    def _command(self, line: Line, words: Sequence[Word], names: _Names) -> None:
        self._words(line, words, names)
        self._try(line, check_command, words)

    def _value(self, line: Line, word: Word, read: Callable[[str], object], names: _Names) -> None:
        """Check a word that a statement reads: as it stands, if its text is known."""
        self._words(line, [word], names)
        text = known_text(word)
        if UNKNOWN not in text:
            self._try(line, read, text)

    def _words(self, line: Line, words: Iterable[Word], names: _Names) -> None:
        for part in (part for word in words for part in word):
            match part:
                case Expression(text):
                    self._try(line, _check_expression, text, names)
                case Bare(name) if name in names.sure:
                    error = UsageError(
                        f"${name} is not replaced by its value.", f"Write ${{{name}}}, or '${name}'."
                    )
                    self._note(line.number, line.text, error)

    # Files

    def _source(self, statement: syntax.Source, names: _Names, *, may_be_absent: bool = False) -> None:
        line = statement.line
        self._words(line, [statement.file, *statement.words], names)
        name = known_text(statement.file)
        if UNKNOWN in name:
            names.is_open = True
            return
        try:
            script = load(self.script.beside(name), self.lock)
        except CommandError as error:
            if not may_be_absent:
                self._note(line.number, line.text, error)
            return
        self._sourced(script, statement, names)

    def _sourced(self, script: Script, statement: syntax.Source, names: _Names) -> None:
        line, real = statement.line, os.path.realpath(script.name)
        if real in self.under_way:
            error = UsageError(f"'{script.name}' is running already: it would source itself.")
            self._note(line.number, line.text, error)
            return
        tree = syntax.read(script.text)
        self._try(line, _check_given, tree.params, statement.words, names)
        if real not in self.done:
            self.done.add(real)
            inside = names.maybe()
            self.file(tree, script, inside)
            names.is_open |= inside.is_open


def _check_given(params: Sequence[syntax.Param], words: Sequence[Word], names: _Names) -> None:
    """Check what a sourced file is given, as far as that is known; variables of the same name count, too.

    Raises: UsageError.
    """
    texts = [known_text(word) for word in words]
    named = [text for text in texts if UNKNOWN not in text.partition("=")[0]]
    given = parameters.given_from(named)
    may_be_any = names.is_open or len(named) < len(texts)
    unread = {name for name, text in given.items() if UNKNOWN in text} | (names.known - set(given))
    free = [
        replace(param, kind="text", default="") if may_be_any or param.name in unread else param
        for param in params
    ]
    parameters.values(free, given)


@lru_cache(maxsize=1024)
def _read_expression(text: str) -> tuple[str, ...]:
    """Return the variables that an expression reads.

    Raises: UsageError for one that cannot be read, or has an unknown function.
    """
    from jmespath.functions import Functions

    try:
        tree = compiled_from(text).parsed
        names = tuple(dict.fromkeys(names_in(tree)))
        functions = [node["value"] for node in nodes_of(tree) if node["type"] == "function_expression"]
    except RecursionError:
        raise UsageError(f"${{{text[:40]}...}} is nested too deep.") from None
    for name in functions:
        if name not in Functions.FUNCTION_TABLE:
            raise UsageError(f"There is no function '{name}'.", _near(name, Functions.FUNCTION_TABLE))
    return names


def _check_expression(text: str, names: _Names) -> None:
    for name in _read_expression(text):
        if name not in names.known and not names.is_open:
            known = sorted(names.known - syntax.RESERVED)
            raise UsageError(
                f"There is no variable '{name}'.",
                _near(name, known) or hint_about(name, text, known),
            )


def _near(word: str, known: Iterable[str]) -> str:
    from cudo_completions.ranking import near

    meant = near(word, known)
    return f"Did you mean: {', '.join(meant)}?" if meant else ""
