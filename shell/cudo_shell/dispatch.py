"""From words to an exit code, for prompt, scripts and argv alike."""

import traceback
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from cudo_shell.commands import find_noun, no_command
from cudo_shell.commands.kinds import IN_PROJECT, LABELS
from cudo_shell.commands.parser import CommandParser, HelpWanted, actions_of, verb_parser
from cudo_shell.exits import ExitCode, Failure, UsageError
from cudo_shell.failures import Subject, cut_off, explain
from cudo_shell.output.clean import clean
from cudo_shell.plan import NotSent
from cudo_shell.references import check, refer
from cudo_shell.rows import Row

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

LONG_ID = 30  # characters; the API takes 63


def run(words: Sequence[str], work: "Workspace") -> ExitCode:
    """Run one command and say on stderr what went wrong; nothing is raised but a reader that left."""
    if not words:
        return ExitCode.OK
    work.connection.traffic.reset()  # what is refused before it begins has sent nothing
    try:
        parser = parser_for(words[0])
        args = parser.parse_args(list(words[1:]))
        args.line, args.named_rows = words, refer(_verb(parser, args), args, work)
    except HelpWanted as wanted:
        return print_text(str(wanted), work)
    except UsageError as error:
        return tell(work.advise(explain(error)), work)
    own = work.for_command(args)
    return own.recording.follow(parser, args, own, _run) if own.recording else _run(parser, args, own)


def command_of(words: Sequence[str]) -> tuple[str, str]:
    """Return the noun and the verb of a command by their own names; what is no command as it is."""
    parser, args = _read(words)
    if args is None:
        return words[0], words[1] if words[1:] else ""
    noun, _, verb = _verb(parser, args).prog.partition(" ")
    return noun, verb


def has_no_things(words: Sequence[str]) -> bool:
    """Whether a command acts on several things, and its words name none, nor a filter that finds some."""
    try:
        args, _ = parser_for(words[0]).parse_known_args(list(words[1:]))
    except (UsageError, HelpWanted):
        return False
    return hasattr(args, "several") and not (args.id or args.conditions)


def subjects_of(words: Sequence[str], work: "Workspace") -> list[Subject]:
    """Say what a command names, and what it would create; nothing for words that are no command."""
    parser, args = _read(words)
    if args is None:
        return []
    own = work.for_command(args)
    return [subject for each in _one_by_one(args) for subject in _named(parser, each, own)]


def project_of(words: Sequence[str], work: "Workspace") -> str:
    """Say in which project a command works; nothing where it works in none."""
    _, args = _read(words)
    return work.for_command(args).settings["project"] if args is not None and args.in_project else ""


def _read(words: Sequence[str]) -> tuple[ArgumentParser, Namespace | None]:
    """Read words that are not run now; no arguments where they are no command."""
    try:
        parser = parser_for(words[0])
        return parser, parser.parse_args(list(words[1:]))
    except (UsageError, HelpWanted):
        return ArgumentParser(), None


def _one_by_one(args: Namespace) -> list[Namespace]:
    """Return the arguments of a command for each of the several things that it takes."""
    ids = getattr(args, "id", None)
    return [Namespace(**{**vars(args), "id": each}) for each in ids] if isinstance(ids, list) else [args]


def parser_for(word: str) -> ArgumentParser:
    """Return the parser of a noun or shell word.

    Raises: UsageError with the words that are near.
    """
    found = find_noun(word)
    if found is None:
        raise no_command(word)
    parser: ArgumentParser = import_module(found[1].module).build_parser(CommandParser)
    return parser


def _verb(parser: ArgumentParser, args: Namespace) -> ArgumentParser:
    return verb_parser(parser, getattr(args, "verb", None))


def _run(parser: ArgumentParser, args: Namespace, work: "Workspace") -> ExitCode:
    if not work.settings["verbose"]:
        return _carry_out(parser, args, work)
    from cudo_shell.tracing import traced

    with traced(work.say):
        code = _carry_out(parser, args, work)
    work.say(work.connection.traffic.line())
    return code


def _carry_out(parser: ArgumentParser, args: Namespace, work: "Workspace") -> ExitCode:
    try:
        work.connection.begin(work.approve, work.log_in, work.hold)
        check(args.named_rows, _verb(parser, args), work)
        _warn_of_long_ids(parser, args, work)
        code = _act(parser, args, work)
        work.flush()
        _note_last(parser, args, work)
    except NotSent:
        return _show_plan(work)
    except BrokenPipeError:
        raise  # only the outermost caller can stop a program whose reader left
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # a prompt outlives every error of a command
        return _explain(error, parser, args, work)
    return code


def _act(parser: ArgumentParser, args: Namespace, work: "Workspace") -> ExitCode:
    if getattr(args, "watch", None) is not None:
        from cudo_shell.watch import watch_command

        watch_command(work, args)
    elif hasattr(args, "several"):
        from cudo_shell import bulk

        def explained(error: BaseException, one: Namespace) -> Failure:
            return explain(error, next(_subjects(parser, one, work), Subject()))

        return bulk.run(parser, args.line, args, work, explained)
    else:
        args.run(work, args)
    return ExitCode.OK


def _note_last(parser: ArgumentParser, args: Namespace, work: "Workspace") -> None:
    """Remember what a command has made or named: it is @last."""
    named = next(_named(parser, args, work), None)
    if named is not None and work.rows is not None:
        work.rows.note(Row(named.kind, named.id, work.place))


def _show_plan(work: "Workspace") -> ExitCode:
    try:
        if work.plan:
            work.plan.show(work, work.output)
            if work.plans is None:  # else it is said at the end of all
                work.say("Nothing was changed.")
        work.flush()
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # as above
        return tell(explain(error), work)
    return ExitCode.OK


def _warn_of_long_ids(parser: ArgumentParser, args: Namespace, work: "Workspace") -> None:
    for subject in _subjects(parser, args, work):
        if subject.is_new and len(subject.id) > LONG_ID:
            work.say(
                f"'{subject.id}' has more than {LONG_ID} characters, which the web console does not take."
            )


def print_text(text: str, work: "Workspace") -> ExitCode:
    """Write text to where results go; a disk that is full is told like any error of a command."""
    try:
        work.streams.out.write(text)
        work.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        return tell(explain(error), work)
    return ExitCode.OK


def _explain(error: BaseException, parser: ArgumentParser, args: Namespace, work: "Workspace") -> ExitCode:
    if work.settings["verbose"]:
        lines = traceback.format_exception(error)
        work.say("".join(lines))
    about = Subject()
    try:
        about = _subject(error, parser, args, work)
        about = replace(about, context=work.target.choice.context)
        failure = explain(error, about)
    except KeyboardInterrupt as interrupt:  # while near ids were looked for
        failure = explain(interrupt)
    if failure.code is ExitCode.UNAVAILABLE or _may_have_happened(error):
        new = (each for each in _subjects(parser, args, work) if each.is_new)
        work.doubtful.update((each.kind, each.id) for each in new)
    if failure.status == "CANCELLED" and work.connection.traffic.has_unanswered_change:
        failure = cut_off(failure, _verb(parser, args).prog, about)
    return tell(work.advise(failure), work)


def _may_have_happened(error: BaseException) -> bool:
    return isinstance(error, KeyboardInterrupt) or getattr(error, "outcome_unknown", False)


def tell(failure: Failure, work: "Workspace") -> ExitCode:
    """Print an error in the form of the output, and return its exit code."""
    work.on_failure(failure)
    try:
        output = work.output
    except UsageError as error:  # the output itself is what is wrong
        for line in (clean(failure.message), clean(error.hint)):
            work.say(line)
        return failure.code
    output.print_error(failure)
    work.streams.err.flush()
    return failure.code


def _subject(error: BaseException, parser: ArgumentParser, args: Namespace, work: "Workspace") -> Subject:
    """Say what the command was about; of what was not found, which of the named things it is."""
    subjects = list(_subjects(parser, args, work))
    if getattr(error, "status", "") == "NOT_FOUND":
        from cudo_completions.ranking import near

        for subject in subjects:
            ids = work.ids_of(subject.kind)
            if ids and subject.id not in ids and not subject.is_new:
                return replace(subject, near=near(subject.id, ids))
        subjects = [each for each in subjects[:1] if not each.is_new]  # what is new was not looked for
    return next(iter(subjects), Subject())


def _subjects(parser: ArgumentParser, args: Namespace, work: "Workspace") -> Iterator[Subject]:
    """Yield the things that a command names: its arguments in order, then its project."""
    yield from _named(parser, args, work)
    if args.in_project and (project := work.settings["project"]):
        verb = _verb(parser, args)
        options, given = _options(verb), _given(verb, args)
        yield Subject("Project", "project", project, "projects", options=options, given=given)


def _options(verb: ArgumentParser) -> dict[str, str]:
    return {field: _name(action) for action in actions_of(verb) if (field := getattr(action, "field", None))}


def _given(verb: ArgumentParser, args: Namespace) -> dict[str, str]:
    values = {getattr(action, "field", None): getattr(args, action.dest, None) for action in actions_of(verb)}
    return {field: value for field, value in values.items() if field and isinstance(value, str)}


def _named(parser: ArgumentParser, args: Namespace, work: "Workspace") -> Iterator[Subject]:
    verb = _verb(parser, args)
    options, given = _options(verb), _given(verb, args)
    project = work.settings["project"] if args.in_project else ""
    for action in actions_of(verb):
        new, value = getattr(action, "creates", None), getattr(args, action.dest, None)
        kind = new or getattr(action, "source", None)
        if not kind or action.dest == "project":
            continue
        label, noun = LABELS[kind]
        scope = project if kind in IN_PROJECT else ""
        for name in value if isinstance(value, list) and action.option_strings else [value]:
            if isinstance(name, str):
                yield Subject(label, noun, name, kind, scope, is_new=bool(new), options=options, given=given)


def _name(action: Action) -> str:
    return action.option_strings[-1] if action.option_strings else str(action.metavar or action.dest)
