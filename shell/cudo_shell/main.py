"""The program `cudo`: what the words of its command line mean. The only place where all parts meet.

Nothing is imported before it is needed: `cudo --help` loads neither the SDK nor the prompt, and a Ctrl-C
while modules are loaded meets the code that ends quietly.
"""

import gc
import os
import sys

TYPE_CHECKING = False  # type checkers know the name; to import `typing` would take longer than all of this
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path
    from typing import TextIO

    from cudo_sandbox import Sandbox
    from cudo_sdk import AsyncSession
    from cudo_sdk.auth.credentials import Credential
    from cudo_shell.connection import Connection, OpenSession
    from cudo_shell.contexts import Context
    from cudo_shell.exits import ExitCode, Failure
    from cudo_shell.locked import Lock
    from cudo_shell.settings import Settings
    from cudo_shell.streams import Streams
    from cudo_shell.targets import Sources, Target
    from cudo_shell.workspace import Workspace

NOTICE = "No API key is set: this is the embedded sandbox. It costs nothing, and nothing in it is real."

STDOUT = 1


def entry() -> None:
    """Run `cudo` and end the process with its exit code."""
    # Half the time of a big listing would be the collector walking over models that all stay.
    gc.set_threshold(100_000, 50, 50)
    try:
        _fill_closed_files()
        code = main(sys.argv[1:], sys.stdin, sys.stdout, sys.stderr, os.environ)
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 141
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is the end of the interpreter
    _drop_unwritten_output()
    sys.exit(code)


def _fill_closed_files() -> None:
    """Open what the caller closed on the null device, or the next file or socket would become stdout."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # Takes the lowest free number, this one. What is written to stdout must not be lost in silence.
            os.open(os.devnull, os.O_RDONLY if number == STDOUT else os.O_RDWR)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")


def _drop_unwritten_output() -> None:
    """Keep Python's last flush from failing with what has been reported."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main(
    argv: "Sequence[str]",
    stdin: "TextIO | None",
    stdout: "TextIO",
    stderr: "TextIO",
    environ: "Mapping[str, str]",
) -> int:
    """Run `cudo` with these words, streams and environment; return the exit code.

    A closed stdin is None. Raises: BrokenPipeError when the reader of stdout has left.
    """
    if argv[:2] == ["completion", "answer"]:  # the Tab key of a Unix shell waits
        from cudo_shell.argv_completion import answer

        return answer(argv[2:], stdout, environ)
    from cudo_shell.streams import open_streams

    streams = open_streams(stdin, stdout, stderr, environ)
    return _explained(lambda: _main(argv, streams, environ), streams, "table")


def _main(argv: "Sequence[str]", streams: "Streams", environ: "Mapping[str, str]") -> int:
    from cudo_shell.arguments import parser, read_behind, version
    from cudo_shell.commands.parser import HelpWanted
    from cudo_shell.scripts.starting import names_script
    from cudo_shell.streams import open_streams

    try:
        options = parser().parse_args(list(argv))
        if not options.lines and names_script(options.words):
            options.words = read_behind(options.words, options)
    except HelpWanted as wanted:
        return _print(str(wanted), streams)
    if options.version:
        return _print(f"cudo {version()}\n", streams)
    streams = open_streams(streams.stdin, streams.out, streams.err, environ, options.color)
    output = options.output or environ.get("CUDO_OUTPUT", "table")
    return _explained(lambda: run(options, streams, environ), streams, output)


def _print(text: str, streams: "Streams") -> "ExitCode":
    from cudo_shell.exits import ExitCode

    streams.out.write(text)
    streams.out.flush()
    return ExitCode.OK


def _explained(action: "Callable[[], int]", streams: "Streams", output: str) -> int:
    """Run what may fail outside of any command; say what happened in one or two lines."""
    from cudo_shell.exits import UsageError
    from cudo_shell.failures import explain
    from cudo_shell.output.formats import handler_for

    try:
        return action()
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # nobody wants a stack
        failure = explain(error)
        try:
            handler = handler_for(output, streams)
        except UsageError:
            handler = handler_for("table", streams)
        handler.print_error(failure)
        return failure.code


def run(options: "Namespace", streams: "Streams", environ: "Mapping[str, str]") -> int:
    """Run a script or a command, or open the prompt."""
    from contextlib import ExitStack

    from cudo_shell.locked import lock_from
    from cudo_shell.scripts.starting import demand_no_options, help_of, run_script, script_from

    lock = lock_from(is_wanted=options.locked, folder=options.folder, environ=environ)
    _demand_one_use_of_stdin(options)
    script = script_from(options, streams, lock)
    is_interactive = not options.words and script is None
    if script is None:
        demand_no_options(options)
    elif options.script_help:
        return _print(help_of(script), streams)
    with ExitStack() as stack:
        work = _workspace(options, streams, environ, stack, lock, is_interactive=is_interactive)
        for note in (*work.settings.notes, *work.target.notes, *lock.notes(environ)):
            work.say(note)
        if script is not None:
            return run_script(script, work, options)
        if is_interactive:
            return _prompt(work, intro=NOTICE if _is_demo(work.target, options) else "")
        from cudo_shell import dispatch

        work.advise = _advice(options.words)
        return dispatch.run(options.words, work)


def _advice(words: "Sequence[str]") -> "Callable[[Failure], Failure]":
    """Return what puts the corrected command into the hint of an error."""

    def advise(failure: "Failure") -> "Failure":
        from cudo_shell.corrections import corrected, line_of, with_line

        line = corrected(line_of(words), failure.instead)
        return with_line(failure, line and f"cudo {line}")

    return advise


def _demand_one_use_of_stdin(options: "Namespace") -> None:
    """Refuse to take the key from where the commands come from."""
    if options.api_key == "-" and not options.lines and options.words[:1] in ([], ["-"]):
        from cudo_shell.exits import UsageError

        raise UsageError(
            "Standard input cannot hold both the API key and the commands.", "Give --api-key @FILE."
        )


def _prompt(work: "Workspace", *, intro: str) -> int:
    from cudo_shell.app import CudoShell
    from cudo_shell.directories import state_dir

    history = state_dir(work.settings["state_dir"]) / "history"
    return CudoShell(work, history=history, intro=intro).cmdloop() or 0


def _workspace(
    options: "Namespace",
    streams: "Streams",
    environ: "Mapping[str, str]",
    stack: "ExitStack",
    lock: "Lock",
    *,
    is_interactive: bool,
) -> "Workspace":
    """Put the workspace together; what it opens is closed with the stack."""
    from cudo_shell.connection import Connection
    from cudo_shell.settings import settings_from
    from cudo_shell.targets import sources_from
    from cudo_shell.workspace import Workspace

    sources = sources_from(environ)
    names = ("project", "output", "verbose", "no_input", "confirm_context")
    flags = {name: getattr(options, name) for name in names}
    settings = settings_from(flags, environ, sources.contexts.settings)
    # Only a person at a prompt gets the sandbox unasked; a script that lost its key must not go on there.
    target = _target(options, streams, sources, lock, may_be_demo=is_interactive and streams.can_ask)
    settings.aim(target.above, target.below, elsewhere=False)
    connection = Connection(_opening(settings, stack), target)
    stack.callback(connection.close)
    work = Workspace(settings=settings, streams=streams, connection=connection, environ=environ, lock=lock)

    def forget_names(*kinds: str) -> None:  # what is kept for Tab in a Unix shell
        from cudo_shell.kept import forget

        forget(kinds, work.target, work.settings)

    work.on_write = forget_names
    return work


def _target(
    options: "Namespace",
    streams: "Streams",
    sources: "Sources",
    lock: "Lock",
    *,
    may_be_demo: bool,
) -> "Target":
    """Decide where commands go, from the command line and all that may name a credential."""
    from cudo_shell.targets import Choice, resolve

    choice = Choice(
        sandbox=options.sandbox,
        api_key=None if options.api_key is None else _key(options.api_key, streams, lock),
        context=options.context or "",
        current=sources.contexts.current,
    )
    target = resolve(choice, sources)
    is_demo = may_be_demo and target.kind == "none" and not target.problem
    return resolve(choice.with_sandbox(), sources) if is_demo else target


def _key(source: str, streams: "Streams", lock: "Lock") -> str:
    """Read the key that `--api-key` leads to; a terminal is asked without echo."""
    from cudo_shell.asking import read_secret

    is_typed = source == "-" and streams.in_is_terminal
    given = None if is_typed else source
    return read_secret("API key", given, streams, may_ask=streams.can_ask, lock=lock)


def _is_demo(target: "Target", options: "Namespace") -> bool:
    """Whether it is the sandbox, and nobody had asked for it."""
    return target.choice.sandbox and not options.sandbox


def _opening(settings: "Settings", stack: "ExitStack") -> "OpenSession":
    """Return what opens the session of a target."""
    from functools import cache

    @cache
    def sandbox() -> "Sandbox":  # started when the first command needs it; its state is kept
        from cudo_sandbox import Sandbox

        return stack.enter_context(Sandbox(str(_sandbox_file(settings["state_dir"]))))

    def open_session(target: "Target", connection: "Connection") -> "AsyncSession":
        from cudo_sdk import APIConfig, AsyncSession
        from cudo_sdk.auth.credentials import APIKey
        from cudo_shell.arguments import version

        credential: Credential
        bundle = target.context.ca_bundle if target.context else ""
        if target.kind == "sandbox":
            url, credential = sandbox().url, APIKey(sandbox().api_key, target.source)
        else:
            url, credential = target.api_url, _credential(target, settings, connection)
        return AsyncSession(
            APIConfig(api_url=url, app=f"cudo-shell/{version()}", ca_bundle=bundle, environ={}),
            credential=credential,
            hooks=connection.traffic.hooks(),
            approve=connection.approve,
            login=connection.log_in,
        )

    return open_session


def _credential(target: "Target", settings: "Settings", connection: "Connection") -> "Credential":
    """Return what proves who is calling; a login that renews itself is told to the connection."""
    from cudo_sdk import LoginRequired
    from cudo_sdk.auth.credentials import APIKey

    if target.problem:
        from cudo_shell.exits import UsageError

        raise UsageError(target.problem, "See: context list")
    if target.kind == "key":
        return APIKey(target.api_key, target.source)
    if target.context is None:
        raise LoginRequired("there is no API key")
    return _stored(target.context, settings, connection)


def _stored(context: "Context", settings: "Settings", connection: "Connection") -> "Credential":
    """Return the credential that a login of this context has left in its store."""
    from cudo_sdk import LoginRequired
    from cudo_sdk.auth.credentials import APIKey
    from cudo_sdk.auth.tokens import StoredKey
    from cudo_shell.login import vault_of

    source = f"context {context.name}"
    vault = vault_of(context, settings)
    if context.auth == "oidc":
        from cudo_sdk.auth.provider import Provider
        from cudo_sdk.auth.refresh import TokenSource

        connection.token_source = TokenSource(vault, Provider(vault.settings), source=source)
        return connection.token_source
    connection.watch(vault.stamp)
    record = vault.read()
    if not isinstance(record, StoredKey) or record.api_origin != vault.settings.api_origin:
        raise LoginRequired(f"{source} has no API key")
    return APIKey(record.api_key.get_secret_value(), source)


def _sandbox_file(chosen: str) -> "Path":
    """Return the file of the sandbox's state, readable by nobody else from its creation."""
    from cudo_shell.directories import state_dir

    file = state_dir(chosen) / "sandbox.db"
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    return file
