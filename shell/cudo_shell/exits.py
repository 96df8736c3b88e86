"""How a command ends: its exit code, and what is said when it fails."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, NamedTuple


class ExitCode(IntEnum):
    """The exit status of `cudo`, of a script and of each command."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    AUTH = 3
    NOT_FOUND = 4
    CONFLICT = 5
    TIMEOUT = 6
    PARTIAL = 7
    REFUSED = 8
    UNAVAILABLE = 9
    HUNG_UP = 129  # 128 + SIGHUP
    INTERRUPTED = 130
    CLOSED_PIPE = 141  # 128 + SIGPIPE, as a Unix shell counts a reader that left
    TERMINATED = 143  # 128 + SIGTERM


class Instead(NamedTuple):
    """A word that was wrong, and the one that was surely meant."""

    wrong: str
    right: str


def one_of(wrong: str, near: Sequence[str]) -> Instead | None:
    """Return what to put in place of a word if a single one is so near that it was a slip of the finger."""
    from rapidfuzz.distance import OSA  # only a mistake needs it

    typed = wrong.casefold()
    slips = max(1, len(typed) // 4) if len(typed) > 2 else 0  # noqa: PLR2004  # of two letters, one is half
    meant = [each for each in near if OSA.distance(typed, each.casefold()) <= slips]
    return Instead(wrong, meant[0]) if len(meant) == 1 else None


class Failure(NamedTuple):
    """What is told about a failed command: a sentence, what to do next, and the exit code.

    `instead` is the wrong word of the command and the one that was meant, if that is clear.
    """

    message: str
    code: ExitCode
    hint: str = ""
    status: str = ""  # canonical status of the API (NOT_FOUND), or our own word where no API was involved
    details: Sequence[Mapping[str, Any]] = ()
    instead: Instead | None = None


class CommandError(Exception):
    """A command cannot go on, for a reason found here and not by the API.

    `instead` is the wrong word and the one that was meant, if that is clear.
    """

    code = ExitCode.FAILURE
    status = "FAILED"

    def __init__(self, message: str, hint: str = "", *, instead: Instead | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.instead = instead


class UsageError(CommandError):
    """The words of a command do not make sense."""

    code = ExitCode.USAGE
    status = "INVALID_ARGUMENT"


class NotFoundError(CommandError):
    """A thing is in no listing; for what the API cannot get by its id."""

    code = ExitCode.NOT_FOUND
    status = "NOT_FOUND"


class ConflictError(CommandError):
    """Something is in the wrong state for a command, found before the API was asked."""

    code = ExitCode.CONFLICT
    status = "FAILED_PRECONDITION"


class RefusedError(CommandError):
    """A question was answered with no, or nobody could be asked."""

    code = ExitCode.REFUSED
    status = "REFUSED"


class Terminated(KeyboardInterrupt):
    """A signal to end has cut off what was going on, as Ctrl-C does; `code` is 128 and its number."""

    def __init__(self, message: str, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


class Elapsed(KeyboardInterrupt):
    """A limit of time has cut off what was going on, as Ctrl-C does."""

    code = ExitCode.TIMEOUT
