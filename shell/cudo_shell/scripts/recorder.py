"""Recording what is done at the prompt: what changed something, as a script that does it again."""

import os
import shlex
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cudo_sdk.redaction import redacted
from cudo_shell.arguments import version
from cudo_shell.commands.dry_run import OF_THIS_COMPUTER
from cudo_shell.directories import PRIVATE, state_dir
from cudo_shell.exits import ConflictError, ExitCode, UsageError
from cudo_shell.output.clean import clean
from cudo_shell.private_files import replace_file
from cudo_shell.rows import count_of
from cudo_shell.scripts.recorded import Draft, Ran

if TYPE_CHECKING:
    from cudo_shell.recording import Run
    from cudo_shell.workspace import Workspace

_NOTHING_CHANGED = frozenset({ExitCode.USAGE, ExitCode.AUTH, ExitCode.NOT_FOUND, ExitCode.REFUSED})
"""How commands end that have surely changed nothing."""


class Recorder:
    """A recording under way: a file that is a whole script at every moment.

    Raises: ConflictError where the file is there already, UsageError where it cannot be made.
    """

    def __init__(self, path: Path, context: str, *, keeps_reads: bool) -> None:
        self.path = path
        self.draft = Draft()
        self._context = context
        self._keeps_reads = keeps_reads
        self._begun = datetime.now(UTC)
        _create(path, self.text)

    @property
    def text(self) -> str:
        """The script as it is now."""
        parts = (self._head(), self.draft.params, self.draft.lines)
        return redacted("\n".join("".join(f"{line}\n" for line in part) for part in parts if part))

    def _head(self) -> Sequence[str]:
        moment = f"{self._begun:%Y-%m-%d %H:%M} UTC"
        return (
            "#!/usr/bin/env cudo",
            f"# Recorded at {moment} by cudo {version()}, in context '{clean(self._context)}'.",
        )

    def take(self, ran: Ran, context: str, code: ExitCode) -> None:
        """Add a command that has ended, if it is one that belongs into the script.

        Raises: OSError when the file cannot be written; the command is kept, and written with the next one.
        """
        is_here = context == self._context
        if code is ExitCode.OK and is_here and (ran.is_change or self._is_kept(ran)):
            self.draft.add(ran)
        elif ran.is_change and code not in _NOTHING_CHANGED:
            elsewhere = f"it was done in context '{clean(context)}'"
            self.draft.leave_out(ran.name, f"it ended with exit code {int(code)}" if is_here else elsewhere)
        else:
            return
        self.save()

    def _is_kept(self, ran: Ran) -> bool:
        noun, _, verb = ran.name.partition(" ")
        is_live = getattr(ran.args, "watch", None) is not None or getattr(ran.args, "dry_run", False)
        return self._keeps_reads and verb not in {"", "use"} and noun not in OF_THIS_COMPUTER and not is_live

    def save(self) -> None:
        """Put the script as it is now in the place of the file, as a whole.

        Raises: OSError.
        """
        replace_file(self.path, self.text)


def _create(path: Path, text: str) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise ConflictError(
            f"'{path}' is there already: it is not overwritten.", "Choose another name."
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"Cannot write '{path}': {getattr(error, 'strerror', None) or error}.") from None
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        stream.write(text)


class PromptRecording:
    """Whether the lines of a prompt are recorded; one for all the workspaces of that prompt."""

    def __init__(self) -> None:
        self._recorder: Recorder | None = None

    @property
    def is_on(self) -> bool:
        """Whether commands are recorded now."""
        return self._recorder is not None

    def start(self, work: "Workspace", name: str | None, *, keeps_reads: bool) -> None:
        """Begin to record into a new file; without a name, one in the directory of the state.

        Raises: ConflictError, UsageError; RefusedError for a file that a lock keeps out of reach.
        """
        if self._recorder is not None:
            raise ConflictError(
                f"This is being recorded already: {self._recorder.path}", "End that with: record stop"
            )
        path = _named(name, work) if name else _default_path(work)
        self._recorder = Recorder(path, work.context, keeps_reads=keeps_reads)
        work.say(f"Recording into {self._recorder.path}")

    def stop(self, work: "Workspace") -> None:
        """End the recording, and say where it is and how to go on with it.

        Raises: UsageError if there is none; OSError if it cannot be written: then it goes on.
        """
        if self._recorder is None:
            raise UsageError("Nothing is being recorded.", "Begin with: record start FILE")
        recorder = self._recorder
        recorder.save()
        self._recorder = None
        for line in _farewell(recorder, work):
            work.say(line)

    def leave(self, work: "Workspace") -> None:
        """End the recording, if there is one, with the prompt itself."""
        if self._recorder is not None:
            try:
                self.stop(work)
            except OSError as error:
                _complain(self._recorder, error, work)

    def follow(self, parser: ArgumentParser, args: Namespace, work: "Workspace", run: "Run") -> ExitCode:
        """Run a command by `run`, and record it."""
        if self._recorder is None:
            return run(parser, args, work)
        recorder, context, heard = self._recorder, work.context, _Heard(work)
        given = copy(args)  # a verb that takes several things has them in turn
        project, account = work.settings["project"], work.settings["billing_account"]
        code = ExitCode.CLOSED_PIPE  # unless it comes back
        try:
            code = run(parser, args, work)
        finally:
            ran = Ran(parser, given, project, account, heard.answer, heard.result, work.values)
            _take(recorder, ran, context, code, work)
        return code


class _Heard:
    """What a command tells on its way, in addition to whoever listens already."""

    def __init__(self, work: "Workspace") -> None:
        self.answer = ""
        self.result: Any = None
        self._on_result, self._on_answer = work.on_result, work.on_answer
        work.on_result, work.on_answer = self._shown, self._answered

    def _shown(self, result: Any) -> None:
        self.result = result
        if self._on_result is not None:
            self._on_result(result)

    def _answered(self, word: str) -> None:
        self.answer = word
        self._on_answer(word)


def _take(recorder: Recorder, ran: Ran, context: str, code: ExitCode, work: "Workspace") -> None:
    try:
        recorder.take(ran, context, code)
    except OSError as error:
        _complain(recorder, error, work)


def _complain(recorder: Recorder, error: OSError, work: "Workspace") -> None:
    work.say(f"The recording is not written: {recorder.path}: {error.strerror or error}.")


def _named(name: str, work: "Workspace") -> Path:
    try:
        return work.lock.reached(name).absolute()
    except OSError as error:  # the home of somebody who is not there
        raise UsageError(f"Cannot write '{name}': {error.strerror}.") from None


def _default_path(work: "Workspace") -> Path:
    folder = state_dir(work.settings["state_dir"]) / "recordings"
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    return folder / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}.cudo"


def _farewell(recorder: Recorder, work: "Workspace") -> Iterator[str]:
    file = shlex.quote(str(recorder.path))
    options = "--sandbox " if work.target.kind == "sandbox" else ""
    if work.target.is_protected:
        options = f"--confirm-context {shlex.quote(work.context)} "
    yield f"Recorded {count_of(len(recorder.draft.lines), 'line')}: {recorder.path}"
    yield f"Check it: cudo {file} --check"
    yield f"Run it: cudo {options}{file}"
    if recorder.draft.required:
        yield f"It needs to be given: {', '.join(recorder.draft.required)}. See: cudo {file} --help"
