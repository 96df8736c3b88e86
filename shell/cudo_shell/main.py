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

    from cudo_sdk import AsyncSession
    from cudo_sdk.hooks import Hooks
    from cudo_shell.exits import ExitCode
    from cudo_shell.scripts.runner import Script
    from cudo_shell.settings import Settings
    from cudo_shell.streams import Streams
    from cudo_shell.workspace import Workspace

    OpenSession = Callable[[Hooks], AsyncSession]

NOTICE = "No API key is set: this is the embedded sandbox. It costs nothing, and nothing in it is real."

SANDBOX_PROJECT = "demo"
LIVE_HOST = "rest.compute.cudo.org"
STDOUT = 1
PRIVATE = 0o700


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
    from cudo_shell.streams import open_streams

    streams = open_streams(stdin, stdout, stderr, environ)
    return _explained(lambda: _main(argv, streams, environ), streams, "table")


def _main(argv: "Sequence[str]", streams: "Streams", environ: "Mapping[str, str]") -> int:
    from cudo_shell.arguments import parser, version
    from cudo_shell.commands.base import HelpWanted
    from cudo_shell.streams import open_streams

    try:
        options = parser().parse_args(list(argv))
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

    script = _script(options.words, streams)
    is_interactive = not options.words and script is None
    with ExitStack() as stack:
        work = _workspace(options, streams, environ, stack, is_interactive=is_interactive)
        if script is not None:
            from cudo_shell.scripts import runner

            return runner.run(script, work, runner.parameters(options.words[1:]))
        if is_interactive:
            return _prompt(work, intro=NOTICE if _lacks_key(options, environ) else "")
        from cudo_shell import dispatch

        return dispatch.run(options.words, work)


def _script(words: "Sequence[str]", streams: "Streams") -> "Script | None":
    """Return the script that the words or stdin mean; None for a command or the prompt."""
    from cudo_shell.commands import find_noun
    from cudo_shell.exits import UsageError

    if words and (find_noun(words[0]) or not (_is_script(words[0]) or words[0] == "-")):
        return None
    from cudo_shell.scripts import runner

    if words and words[0] != "-":
        return runner.load(words[0])
    if streams.stdin is None:
        raise UsageError("There is nothing to do: no command, and stdin is closed.", "See: cudo --help")
    if streams.in_is_terminal and not words:
        return None
    return runner.decoded("<stdin>", streams.stdin.buffer.read())


def _is_script(word: str) -> bool:
    from pathlib import Path

    return word.endswith(".cudo") or os.sep in word or Path(word).is_file()


def _prompt(work: "Workspace", *, intro: str) -> int:
    from cudo_completions.cache import Scope
    from cudo_shell.app import CudoShell

    history = _state_dir(work.settings["state_dir"]) / "history"
    # One shell has one endpoint and one credential, so that any name for them keeps its listings apart.
    shell = CudoShell(work, scope=Scope(work.context, ""), history=history, intro=intro)
    return shell.cmdloop() or 0


def _workspace(
    options: "Namespace",
    streams: "Streams",
    environ: "Mapping[str, str]",
    stack: "ExitStack",
    *,
    is_interactive: bool,
) -> "Workspace":
    """Put the workspace together; what it opens is closed with the stack."""
    from cudo_shell.connection import Connection
    from cudo_shell.settings import settings_from
    from cudo_shell.workspace import Workspace

    flags = {name: getattr(options, name) for name in ("project", "output", "verbose", "no_input")}
    settings = settings_from(flags, environ)
    # Only a person at a prompt sees the notice; a script that lost its key must not go on here.
    is_demo = is_interactive and streams.can_ask and _lacks_key(options, environ)
    if is_demo or _wants_sandbox(options, environ):
        open_session, context = _sandbox(settings, stack), "sandbox"
    else:
        open_session, context = _live(settings, streams, environ)
    connection = Connection(open_session)
    stack.callback(connection.close)
    return Workspace(
        settings=settings, streams=streams, connection=connection, environ=environ, context=context
    )


def _wants_sandbox(options: "Namespace", environ: "Mapping[str, str]") -> bool:
    return options.sandbox or environ.get("CUDO_SANDBOX", "") not in {"", "0"}


def _lacks_key(options: "Namespace", environ: "Mapping[str, str]") -> bool:
    """Whether nothing says who is calling, and nothing asked for the sandbox either."""
    if _wants_sandbox(options, environ) or environ.get("CUDO_API_KEY"):
        return False
    from pathlib import Path

    from cudo_sdk import APIConfig

    return not APIConfig(environ=environ, directory=Path.cwd()).api_key


def _sandbox(settings: "Settings", stack: "ExitStack") -> "OpenSession":
    """Start the embedded sandbox when the first command needs it; its state is kept."""
    if settings.origin("project") != "--project":
        settings.choose("project", SANDBOX_PROJECT, "sandbox")

    def open_session(hooks: "Hooks") -> "AsyncSession":
        from cudo_sandbox import Sandbox
        from cudo_sdk import APIConfig, AsyncSession

        sandbox = stack.enter_context(Sandbox(str(_sandbox_file(settings["state_dir"]))))
        return AsyncSession(APIConfig(api_key=sandbox.api_key, api_url=sandbox.url, environ={}), hooks=hooks)

    return open_session


def _state_dir(chosen: str) -> "Path":
    """Return the directory of what is kept between runs; nobody else can read it."""
    from pathlib import Path

    from platformdirs import user_state_path

    directory = Path(chosen).expanduser() if chosen else user_state_path("cudo-shell")
    directory.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return directory


def _sandbox_file(state_dir: str) -> "Path":
    """Return the file of the sandbox's state, readable by nobody else from its creation."""
    file = _state_dir(state_dir) / "sandbox.db"
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    return file


def _live(
    settings: "Settings", streams: "Streams", environ: "Mapping[str, str]"
) -> "tuple[OpenSession, str]":
    """Prepare the session for the real API, or for the one of CUDO_API_URL."""
    from pathlib import Path

    url = environ.get("CUDO_API_URL", "")
    if Path(".env").is_file():  # by the rules of the SDK, which takes its time to load
        url = _apply_dotenv(settings, streams, environ)

    def open_session(hooks: "Hooks") -> "AsyncSession":
        from cudo_sdk import APIConfig, AsyncSession, LoginRequired
        from cudo_shell.arguments import version

        app = f"cudo-shell/{version()}"
        config = APIConfig(environ=environ, directory=Path.cwd(), app=app)
        if config.api_key is None:
            raise LoginRequired("there is no API key")
        return AsyncSession(config, hooks=hooks)

    return open_session, _context(url)


def _apply_dotenv(settings: "Settings", streams: "Streams", environ: "Mapping[str, str]") -> str:
    """Take the project from `.env`, and tell what of it is ignored; return the URL that is in force."""
    from pathlib import Path

    from cudo_sdk import APIConfig

    config = APIConfig(environ=environ, directory=Path.cwd())
    for note in config.notes:
        streams.err.write(f"{note}\n")
    if config.project_id and settings.origin("project") == "default":
        settings.choose("project", config.project_id, ".env")
    return config.api_url or ""


def _context(url: str) -> str:
    """Name where commands go: the host, or "live" for the vendor's own and nothing else."""
    from cudo_shell.output.clean import clean

    host = clean(url.rpartition("//")[2].rpartition("@")[2].rstrip("/"))
    return "live" if host in {"", LIVE_HOST} else host
