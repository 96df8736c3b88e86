"""What stands before the command on the command line of `cudo`, and behind the name of a script."""

import argparse

from cudo_shell.commands.help import overview
from cudo_shell.commands.parser import CommandParser
from cudo_shell.output.formats import FORMATS
from cudo_shell.scripts.options import add_options

USAGE = "cudo [options] [NOUN VERB ... | FILE [name=value ...] | -e LINE ...]"
EPILOG = """\
Without a command, cudo opens its prompt; with text on stdin, it runs that as a script, as `cudo -` does.
Who you are is taken from the first of: --api-key, --context; CUDO_API_KEY; .env in this directory; the
context of CUDO_CONTEXT or `context use`; cudoctl's file. `config show --origin` tells which."""


def parser() -> CommandParser:
    """Return the parser of the options of the program; the rest are the words of a command or a script."""
    top = CommandParser(
        prog="cudo", usage=USAGE, description=overview(), epilog=EPILOG, argument_default=argparse.SUPPRESS
    )
    top.set_defaults(sandbox=False, locked=False, version=False, color="auto", lines=[], script_help=False)
    unset = ("context", "api_key", "confirm_context", "project", "output", "verbose", "no_input", "folder")
    top.set_defaults(**dict.fromkeys(unset))
    _add_program_options(top)
    top.add_argument("--version", action="store_true", help="show the version")
    add_options(top)
    top.add_argument("-e", nargs="+", action="extend", dest="lines", metavar="LINE", help="run these lines")
    top.add_argument("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return top


def _add_program_options(parser: CommandParser) -> None:
    option = parser.add_argument
    option("--sandbox", action="store_true", help="work on the embedded simulator, without an account")
    option("--context", metavar="NAME", help="where to work and as whom, this once (see: context list)")
    option("--api-key", metavar="-|@FILE", help="read the API key from stdin or a file, this once")
    option("--confirm-context", metavar="NAME", help="repeat the name of a protected context to change it")
    option("-p", "--project", metavar="<project-id>", help="the project to work in")
    option("-o", "--output", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
    option("-v", "--verbose", action="store_const", const="yes", help="timing and traces, on stderr")
    option("--color", choices=("auto", "always", "never"), metavar="WHEN", help="auto, always or never")
    option("--locked", action="store_true", help="refuse programs, pipes, and files outside of --folder")
    option("--folder", metavar="DIR", help="where a locked shell may read files")
    option("--no-input", action="store_const", const="yes", help="ask nothing")


def read_behind(words: list[str], options: argparse.Namespace) -> list[str]:
    """Read options behind a script, the first word, into those that stood before it; return all other words.

    Raises: UsageError.
    """
    behind = CommandParser(prog=f"cudo {words[0]}", add_help=False, argument_default=argparse.SUPPRESS)
    _add_program_options(behind)
    add_options(behind)
    behind.add_argument("-h", "--help", action="store_true", dest="script_help")
    _, rest = behind.parse_among(words[1:], options)
    return [words[0], *rest]


def version() -> str:
    """Return the version of this program."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("cudo-shell")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0"
