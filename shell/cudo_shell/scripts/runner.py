"""Running a script: checked first, then line after line until one fails, and cleaned up whatever happens."""

import contextlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cudo_shell import dispatch
from cudo_shell.exits import ExitCode, Failure, UsageError
from cudo_shell.failures import explain, interrupted
from cudo_shell.scripts import parameters, syntax
from cudo_shell.scripts.checking import check, report_slips
from cudo_shell.scripts.execution import CutOff, Ended, Execution
from cudo_shell.scripts.files import Script, load
from cudo_shell.scripts.interruptions import Interruptions
from cudo_shell.scripts.leftovers import lines
from cudo_shell.scripts.lines import Line
from cudo_shell.scripts.options import Options, read_options
from cudo_shell.scripts.rehearsal import Rehearsal
from cudo_shell.scripts.report import Report
from cudo_shell.scripts.variables import arguments

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


@dataclass(slots=True)
class Variables:
    """The variables that a script begins with; `typed` are those with values that a person gave by hand.

    `foreign` are those of the parameters that are given, but by other variables.
    """

    values: dict[str, Any] = field(default_factory=lambda: {"status": int(ExitCode.OK)})
    typed: set[str] = field(default_factory=set)
    foreign: frozenset[str] = frozenset()


def run(
    script: Script,
    work: "Workspace",
    given: Mapping[str, str] | None = None,
    options: Options | None = None,
    variables: Variables | None = None,
    cuts: Interruptions | None = None,
) -> int:
    """Run a script with the parameters that are given; return its exit code.

    It is checked as a whole before its first line runs, so that a slip at the end costs nothing.
    Raises: UsageError for parameters that cannot be, and a report that cannot be written; NotFoundError for
    one that names nothing.
    """
    options, variables = options or Options(), variables or Variables()
    work = work.for_script()
    work.assume_yes = options.yes
    tree = syntax.read(script.text)
    slips = check(tree, script, work.lock, variables.values)
    if options.check and not slips:
        parameters.check_given(tree.params, given or {})
    if slips or options.check:
        return report_slips(slips, work, script.name)
    with contextlib.ExitStack() as stack:
        kind = Rehearsal if options.dry_run else Execution
        cuts = cuts or stack.enter_context(Interruptions())
        execution = kind(work, [script], options, cuts, variables.values, variables.typed)
        execution.take_parameters(tree.params, given or {}, variables.foreign)
        parameters.look_up(tree.params, execution.variables, work)
        execution.observers.append(execution.ledger.observe)
        report = Report(options.report, work, dry_run=options.dry_run) if options.report else None
        if report is not None:
            stack.enter_context(report)
            execution.observers.append(report.add)
        code = _run(tree.statements, execution)
        if isinstance(execution, Rehearsal):
            execution.tell_sum()
        return code or int(report is not None and report.failed)


def _run(statements: syntax.Block, execution: Execution) -> int:
    """Run statements and what they have deferred; tell what is left behind after a failure."""
    code = _ended(lambda: execution.run(statements), execution)
    code = _cleaned_up(code, execution)
    if code and not execution.options.dry_run:
        _tell_what_is_left(execution)
    return code


def _ended(act: Callable[[], int], execution: Execution) -> int:
    """Do something to its end, whatever that is; return its exit code. Raises nothing."""
    try:
        return _outcome(act, execution)
    except BrokenPipeError:  # nobody reads on; what was made is to be cleaned up all the same
        _write_to_nobody(execution)
        return ExitCode.CLOSED_PIPE
    except KeyboardInterrupt as again:  # while the first was told
        _note_end(again, execution)
        return interrupted(again)
    except Exception as error:  # noqa: BLE001  # not even that could be told
        came, execution.interruptions.pending = execution.interruptions.pending, None
        _write_to_nobody(execution)
        return explain(came or error).code


def _outcome(act: Callable[[], int], execution: Execution) -> int:
    try:
        return act()
    except Ended as ended:
        return ended.code
    except CutOff as cut:
        return _cut_off(cut.by, interrupted(cut.by), execution)
    except KeyboardInterrupt as error:
        return _cut_off(error, dispatch.tell(explain(error), execution.work), execution)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # a defect must not keep machines running
        code = dispatch.tell(explain(error), execution.work)
        execution.tell_where_it_is(code)
        return code


def _write_to_nobody(execution: Execution) -> None:
    """Write results to nobody, and if stderr cannot be written either, what is told as well."""
    work = execution.work.writing_to(io.StringIO())
    try:
        work.streams.err.flush()
    except (OSError, ValueError):
        work = work.quieted()
    execution.work = work


def _cut_off(by: KeyboardInterrupt, code: ExitCode, execution: Execution) -> ExitCode:
    _note_end(by, execution)
    execution.tell_where_it_is(code)
    if execution.deferred:
        execution.work.say("Cleaning up. Ctrl-C gives up the command that runs, and goes on with the next.")
    return code


def _note_end(by: KeyboardInterrupt, execution: Execution) -> None:
    execution.interruptions.pending = None
    execution.interruptions.ended_by = by


def _cleaned_up(code: int, execution: Execution) -> int:
    """Do what was deferred, the last first, each whatever became of the others.

    Returns the exit code that there was, or of the first that fails where there was none.
    """
    execution.interruptions.pending = None
    execution.work = execution.work.enduring()  # what is done here must not end with whoever reads of it
    while True:
        try:
            while execution.deferred:
                ended = _ended(execution.clean_up, execution)
                code = code or ended
            return code  # noqa: TRY300  # the end of the loop, not of the try
        except KeyboardInterrupt as again:  # between two of them
            _note_end(again, execution)
            code = code or interrupted(again)


def _tell_what_is_left(execution: Execution) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        for line in lines(execution.ledger.left(execution.work)):
            execution.work.say(line)


_BLOCKS = syntax.For | syntax.If | syntax.Timeout


class Language:
    """The language at the prompt: its variables live on from line to line."""

    def __init__(self) -> None:
        self._variables = Variables()

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables of now."""
        return self._variables.values

    def run(self, text: str, work: "Workspace", before: int = ExitCode.OK) -> int:
        """Run what was entered, a line or a whole block; return its exit code.

        `before` is how the last line ended: as a whole, which a pipe or an assert can fail, too.
        """
        if before:
            self._variables.values["status"] = before
        tree = syntax.read(text)
        wrong = _misplaced(tree) or next(iter(tree.errors), None)
        if wrong is not None:
            return dispatch.tell(work.advise(explain(wrong)), work)
        script = Script("prompt", text)
        is_block = len(tree.statements) > 1 or any(isinstance(each, _BLOCKS) for each in tree.statements)
        if is_block and (slips := check(tree, script, work.lock, self.variables)):
            work.advise(Failure(slips[0].message, slips[0].code, instead=slips[0].instead))
            # The line that is meant is put into the next prompt, with the rest of its block.
            alone = [replace(slip, hint=slip.hint.partition("Try: ")[0].strip()) for slip in slips]
            return report_slips(alone, work, script.name)
        with Interruptions() as interruptions:
            values, typed = self._variables.values, self._variables.typed
            execution = _Prompt(work, [script], Options(), interruptions, values, typed)
            execution.is_block = is_block
            return _ended(lambda: execution.run(tree.statements), execution)


@dataclass
class _Prompt(Execution):
    """What was entered at the prompt, which itself tells of a wrong word which line was meant."""

    corrects: bool = False
    is_block: bool = False

    def tell_where(self, line: Line, code: int) -> None:
        """Say which line of a block has failed; of a single line, nobody has to be told."""
        if self.is_block:
            super().tell_where(line, code)

    def _source(self, statement: syntax.Source) -> int:
        """Run a script: as such, without questions and with a clean-up, but with the variables of here."""
        words = arguments((statement.file, *statement.words), self.scope)
        script = load(words.words[0], self.work.lock)
        options, rest = read_options("source", words.words[1:])
        given = parameters.given_from(rest)
        foreign = frozenset(name for name, text in given.items() if text in words.values)
        variables = Variables(self.variables, self.typed, foreign)
        self.interruptions.ended_by = None
        code = run(script, self.work, given, options, variables, self.interruptions)
        if self.interruptions.ended_by is not None:  # the script has told of it, and cleaned up
            raise CutOff(self.interruptions.ended_by)
        return code


def _misplaced(tree: syntax.Tree) -> UsageError | None:
    """Say what has no meaning at a prompt."""
    for statement in syntax.all_of(tree.statements):
        if isinstance(statement, syntax.Defer | syntax.Param):
            word = "defer" if isinstance(statement, syntax.Defer) else "param"
            return UsageError(f"'{word}' belongs into a script: a prompt has no end.", "See: help source")
    return None
