"""Running a script: line after line, until the first that fails."""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cudo_shell import dispatch
from cudo_shell.corrections import corrected, with_line
from cudo_shell.exits import ExitCode, UsageError
from cudo_shell.failures import explain
from cudo_shell.locked import OPEN, Lock
from cudo_shell.scripts.lines import Line, LineError, Literal, read_lines
from cudo_shell.scripts.variables import check_name, expand

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script, and its name in messages."""

    name: str
    text: str


def load(path: str, lock: Lock = OPEN) -> Script:
    """Read a script from a file.

    Raises: UsageError for a file that is not there, cannot be read, or is no text; RefusedError for one that
    the lock keeps out of reach.
    """
    try:
        return decoded(path, lock.read(path))
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.EISDIR:
            raise UsageError(f"'{path}' is a directory, not a script.") from None
        raise UsageError(f"Cannot read '{path}': {getattr(error, 'strerror', None) or error}.") from None


def decoded(name: str, content: bytes) -> Script:
    """Make a script of bytes: UTF-8, with or without BOM, with any line ends.

    Raises: UsageError for anything that is no text.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: this is not UTF-8 text.") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UsageError(f"{name}:{line}: a NUL byte: this is no script.")
    return Script(name, text.replace("\r\n", "\n"))


def parameters(words: Sequence[str]) -> dict[str, Any]:
    """Read `name=value` arguments.

    Raises: UsageError.
    """
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"'{word}' is not name=value.", "A script takes its parameters as name=value.")
        found[check_name(name)] = value
    return found


def run(script: Script, work: "Workspace", given: Mapping[str, Any] | None = None) -> ExitCode:
    """Run a script to its end or its first failing line; return that line's exit code.

    The whole script is read before its first line runs, so that a slip at the end costs nothing.
    """
    runner = Runner(script.name, work.for_script(), dict(given or {}))
    lines = list(read_lines(script.text))
    for error in lines:
        if isinstance(error, LineError):
            return runner.stop(error.number, error.text, dispatch.tell(explain(error), work))
    return runner.run([line for line in lines if isinstance(line, Line)])


@dataclass(slots=True)
class Runner:
    """A script under way: its name, its variables."""

    name: str
    work: "Workspace"
    variables: dict[str, Any] = field(default_factory=dict)

    def run(self, lines: Sequence[Line]) -> ExitCode:
        """Run lines until one fails."""
        for line in lines:
            code = self.run_line(line)
            if code is not ExitCode.OK:
                return self.stop(line.number, line.text, code)
        return ExitCode.OK

    def run_line(self, line: Line) -> ExitCode:
        """Run one line: a command, or `let NAME = COMMAND`."""
        self.work.advise = lambda failure: with_line(failure, corrected(line.text, failure.instead))
        try:
            if line.words[0] == (Literal("let"),):
                return self._let(line)
            return dispatch.run(self._expanded(line.words), self.work)
        except UsageError as error:
            return dispatch.tell(explain(error), self.work)

    def stop(self, number: int, text: str, code: ExitCode) -> ExitCode:
        """Say where the script ended."""
        self.work.say(f"{self.name}:{number}: {text}")
        return code

    def _let(self, line: Line) -> ExitCode:
        if len(line.words) < 4 or line.words[2] != (Literal("="),):  # noqa: PLR2004  # let NAME = COMMAND
            raise UsageError("This is no assignment.", "Write: let NAME = COMMAND")
        name = check_name(self._expanded(line.words[1:2])[0])
        work, captured = self.work.capturing()
        code = dispatch.run(self._expanded(line.words[3:]), work)
        if code is ExitCode.OK:
            self.variables[name] = captured.value
        return code

    def _expanded(self, words: Sequence[Any]) -> list[str]:
        return [expand(word, self.variables) for word in words]
