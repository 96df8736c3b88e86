"""`--report FILE`: what each command of a script did, as JSON Lines."""

import os
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cudo_shell.exits import Failure, UsageError
from cudo_shell.output.structured import json_text
from cudo_shell.output.values import rfc3339
from cudo_shell.scripts.steps import Step
from cudo_shell.secrets_in_lines import starred, starred_data, starred_words

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


class Report:
    """A file that is told of each command when that has ended; several runs add to the same one.

    When it cannot be written any more, that is said once, and the script goes on: there may be machines to
    clean up. `failed` is whether that has happened.
    """

    def __init__(self, name: str, work: "Workspace", *, dry_run: bool = False) -> None:
        """Open the file, made for its owner alone if there is none; a FIFO waits for its reader.

        Raises: UsageError if it cannot be written, RefusedError for one that the lock keeps out of reach.
        """
        try:
            self._file = work.lock.opened_to_add(name)
        except (OSError, ValueError) as error:
            raise UsageError(
                f"Cannot write the report '{name}': {_why(error)}.", "Nothing was run."
            ) from None
        self._name = name
        self._work = work
        self._dry_run = dry_run
        self.failed = False

    def add(self, step: Step) -> None:
        """Write what is known of a command, as one line."""
        if self.failed:
            return  # with a gap, the report would be wrong; with an end, it is short
        left = f"{json_text(record(step, dry_run=self._dry_run), indent=None)}\n".encode()
        try:
            while left:
                left = left[os.write(self._file, left) :]
            os.close(os.dup(self._file))  # the disk of another computer tells of being full at a close only
        except OSError as error:  # a reader that left is one, too
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.failed = True
        self._work.say(f"The report '{self._name}' ends here: {_why(error)}. The script goes on.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # each line was brought there when it was written
            os.close(self._file)


def record(step: Step, *, dry_run: bool = False) -> dict[str, Any]:
    """Return what is known of a command as data, with stars for secrets; `dry_run`: it sent no change."""
    return {
        "file": step.file,
        "line": step.line.number,
        "command": starred(step.line.text),
        "arguments": starred_words(step.words),
        "dry_run": dry_run,
        "started": rfc3339(step.started),
        "seconds": round(step.seconds, 3),
        "exit_code": int(step.code),
        "request_ids": list(step.request_ids),
        "result": starred_data(step.result),
        "error": step.failure and _error(step.failure),
    }


def _error(failure: Failure) -> Any:
    return starred_data(
        {
            "status": failure.status,
            "message": failure.message,
            "hint": failure.hint,
            "details": [dict(detail) for detail in failure.details],
        }
    )


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
