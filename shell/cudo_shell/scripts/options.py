"""How a script is run: the options that stand before or behind its name."""

from typing import TYPE_CHECKING, Any, NamedTuple

from cudo_shell.exits import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

BEHIND_A_COMMAND = frozenset({"dry_run", "yes"})  # many commands have these as options of their own


class Options(NamedTuple):
    """What was asked for: `report` is the file that is told of each command, empty for none."""

    check: bool = False
    dry_run: bool = False
    trace: bool = False
    keep_going: bool = False
    report: str = ""
    yes: bool = False


def add_options(parser: Any) -> None:
    """Add the options of scripts to a parser."""
    group = parser.add_argument_group(
        "scripts", "These stand before or behind FILE; FILE --help lists its parameters."
    )
    flag = {"action": "store_true", "default": False}
    group.add_argument("--check", **flag, help="name every error in it, and run nothing")
    group.add_argument("--dry-run", **flag, help="ask the API, but print its changes instead of sending them")
    group.add_argument("--trace", **flag, help="print each line before it runs, on stderr")
    group.add_argument("--keep-going", **flag, help="go on after errors; the worst exit code counts")
    group.add_argument(
        "--report", default="", metavar="FILE", help="write how each command ended, as JSON Lines"
    )
    group.add_argument("-y", "--yes", **flag, help="do all that asks for yes or no")


def options_help() -> str:
    """Write the help of these options."""
    from argparse import SUPPRESS

    from cudo_shell.commands.parser import CommandParser

    parser = CommandParser(usage=SUPPRESS, add_help=False)
    add_options(parser)
    return parser.format_help()


def options_from(args: "Namespace") -> Options:
    """Return what was asked for."""
    return Options(**{name: getattr(args, name) for name in Options._fields})


def read_options(command: str, words: "Sequence[str]") -> tuple[Options, list[str]]:
    """Read the options among the words behind a script; return them, and the other words.

    Raises: UsageError.
    """
    from cudo_shell.commands.parser import CommandParser

    parser = CommandParser(prog=command, add_help=False)
    add_options(parser)
    args, rest = parser.parse_among(words)
    return options_from(args), rest


def demand_none(options: Options, words: "Sequence[str]") -> None:
    """Refuse options of scripts for a command, and for the prompt where there are no words.

    Raises: UsageError.
    """
    given = [name for name, value in options._asdict().items() if value]
    if not given:
        return
    option = f"--{given[0].replace('_', '-')}"
    if words and given[0] in BEHIND_A_COMMAND:
        raise UsageError(
            f"Before the command, {option} is an option of scripts.",
            f"Write it behind: cudo {' '.join(words[:2])} ... {option}",
        )
    where = "a command" if words else "the prompt"
    raise UsageError(f"{option} is an option of scripts, not of {where}.", f"Write: cudo {option} FILE")
