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
from cudo_shell.scripts.variables import RESERVED, compiled_from, hint_about, names_in
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
    sure = set(given_names)
    checker = _Checker(lock, sure | RESERVED, is_open=not knows_all)
    checker.file(tree, script, sure)
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
class _Checker:
    """What is found on the way through a script.

    `known` are the variables that may be set; `sure`, which is passed along, those that are at a line: what
    a block sets, which may not run, is known behind it, but not sure.
    """

    lock: Lock
    known: set[str]
    is_open: bool = False  # others may be set, too: by a file whose name is not known
    ahead: int = 0  # loops around with files in them, whose variables are there the second time
    slips: dict[Slip, None] = field(default_factory=dict)  # in the order found, each once
    done: set[str] = field(default_factory=set)  # files
    under_way: list[str] = field(default_factory=list)  # files, outermost first
    script: Script = field(default_factory=lambda: Script("", ""))

    def file(self, tree: syntax.Tree, script: Script, sure: set[str]) -> None:
        """Check a file; `sure` gets what it sets."""
        before, self.script = self.script, script
        self.under_way.append(os.path.realpath(script.name))
        try:
            for error in tree.errors:
                self._note(error.number, error.text, error)
            self._params(tree.params, sure)
            self._block(tree.statements, sure)
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

    def _params(self, params: Sequence[syntax.Param], sure: set[str]) -> None:
        seen: set[str] = set()
        for param in params:
            if param.name in seen:
                error = UsageError(f"The parameter '{param.name}' is declared twice.", "Remove one.")
                self._note(param.line.number, param.line.text, error)
            seen.add(param.name)
            self._try(param.line, parameters.check_type, param)
        self._set(sure, *seen)

    def _set(self, sure: set[str], *names: str) -> None:
        self.known.update(names)
        sure.update(names)

    # Statements

    def _block(self, statements: syntax.Block, sure: set[str]) -> None:
        for statement in statements:
            self._statement(statement, sure)

    def _statement(  # noqa: C901, PLR0912  # a row for each
        self, statement: syntax.Statement, sure: set[str], *, may_fail: bool = False
    ) -> None:
        line = statement.line
        match statement:
            case syntax.Run(words=words):
                self._command(line, words, sure)
            case syntax.Let(name=name, value=value):
                if isinstance(value, syntax.Run):
                    self._command(line, value.words, sure)
                else:
                    self._words(line, [value], sure)
                self._set(sure, name)
            case syntax.For():
                self._for(statement, sure)
            case syntax.If(condition=condition, body=body, otherwise=otherwise):
                self._words(line, [condition], sure)
                self._block(body, set(sure))
                self._block(otherwise, set(sure))
            case syntax.Timeout(time=time, body=body):
                self._value(line, time, duration_of, sure)
                self._block(body, set(sure))
            case syntax.Assert(condition=condition, message=message):
                self._words(line, [condition, *filter(None, [message])], sure)
            case syntax.Echo(words=words):
                self._words(line, words, sure)
            case syntax.Sleep(time=time):
                self._value(line, time, duration_of, sure)
            case syntax.Exit(code=code) if code is not None:
                self._value(line, code, exit_code_of, sure)
            case syntax.Retry(times=times, every=every, inner=inner):
                self._value(line, times, times_of, sure)
                self._value(line, every, duration_of, sure)
                self._statement(inner, sure, may_fail=may_fail)
            case syntax.Source():
                self._source(statement, sure, may_be_absent=may_fail)
            case syntax.Try(inner=inner) | syntax.Not(inner=inner):
                self._statement(inner, sure, may_fail=True)
            case syntax.Defer(inner=inner):
                self._statement(inner, sure)

    def _for(self, statement: syntax.For, sure: set[str]) -> None:
        self._words(statement.line, statement.words, sure)
        inside = set(sure)
        self._set(inside, statement.name)
        # What the end of the body sets is known at its beginning, the second time.
        self.known.update(syntax.set_in(statement.body))
        sources = any(isinstance(each, syntax.Source) for each in syntax.all_of(statement.body))
        self.ahead += sources
        self._block(statement.body, inside)
        self.ahead -= sources

    def _command(self, line: Line, words: Sequence[Word], sure: set[str]) -> None:
        self._words(line, words, sure)
        self._try(line, check_command, words)

    def _value(self, line: Line, word: Word, read: Callable[[str], object], sure: set[str]) -> None:
        """Check a word that a statement reads: as it stands, if its text is known."""
        self._words(line, [word], sure)
        text = known_text(word)
        if UNKNOWN not in text:
            self._try(line, read, text)

    def _words(self, line: Line, words: Iterable[Word], sure: set[str]) -> None:
        for part in (part for word in words for part in word):
            match part:
                case Expression(text):
                    self._try(line, self._check_expression, text)
                case Bare(name) if name in sure:
                    error = UsageError(
                        f"${name} is not replaced by its value.", f"Write ${{{name}}}, or '${name}'."
                    )
                    self._note(line.number, line.text, error)

    # Files

    def _source(self, statement: syntax.Source, sure: set[str], *, may_be_absent: bool) -> None:
        line = statement.line
        self._words(line, [statement.file, *statement.words], sure)
        name = known_text(statement.file)
        if UNKNOWN in name:
            self.is_open = True
            return
        try:
            script = load(self.script.beside(name), self.lock)
        except CommandError as error:
            if not may_be_absent:
                self._note(line.number, line.text, error)
            return
        self._sourced(script, statement, sure)

    def _sourced(self, script: Script, statement: syntax.Source, sure: set[str]) -> None:
        line, real = statement.line, os.path.realpath(script.name)
        if real in self.under_way:
            error = UsageError(f"'{script.name}' is running already: it would source itself.")
            self._note(line.number, line.text, error)
            return
        tree = syntax.read(script.text)
        self._try(line, self._check_given, tree.params, statement.words)
        if real not in self.done:
            self.done.add(real)
            self.file(tree, script, set(sure))

    # Names

    @property
    def _may_be_any(self) -> bool:
        return self.is_open or self.ahead > 0

    def _check_expression(self, text: str) -> None:
        for name in _read_expression(text):
            if name not in self.known and not self._may_be_any:
                known = sorted(self.known - RESERVED)
                raise UsageError(
                    f"There is no variable '{name}'.",
                    _near(name, known) or hint_about(name, text, known),
                )

    def _check_given(self, params: Sequence[syntax.Param], words: Sequence[Word]) -> None:
        """Check what a sourced file is given, as far as that is known; variables of the same name count, too.

        Raises: UsageError.
        """
        texts = [known_text(word) for word in words]
        named = [text for text in texts if UNKNOWN not in text.partition("=")[0]]
        given = parameters.given_from(named)
        is_vague = self._may_be_any or len(named) < len(texts)
        unread = {name for name, text in given.items() if UNKNOWN in text} | (self.known - set(given))
        free = [
            replace(param, kind="text", default="") if is_vague or param.name in unread else param
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


def _near(word: str, known: Iterable[str]) -> str:
    from cudo_completions.ranking import near

    meant = near(word, known)
    return f"Did you mean: {', '.join(meant)}?" if meant else ""
