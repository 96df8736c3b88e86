"""What all nouns share: the parser, the common options, arguments with tags, kinds of values."""

import argparse
import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from cudo_shell import grammars
from cudo_shell.commands.dry_run import dry_run_option, output_option
from cudo_shell.exits import Instead, UsageError, one_of
from cudo_shell.output.query import Query
from cudo_shell.output.selection import Checked

if TYPE_CHECKING:
    from cudo_completions.position import Inside
    from cudo_shell.output.fields import Fields
    from cudo_shell.workspace import Workspace

    Run = Callable[[Workspace, Namespace], None]
    Verbs = argparse._SubParsersAction[Any]  # noqa: SLF001  # argparse gives it no public name


# The kinds of completion listings, in words for messages.
LABELS: Mapping[str, tuple[str, str]] = {
    "vms": ("VM", "vm"),
    "disks": ("Disk", "disk"),
    "networks": ("Network", "network"),
    "security_groups": ("Security group", "security-group"),
    "security_group_rules": ("Rule", "security-group"),
    "ssh_keys": ("SSH key", "ssh-key"),
    "public_images": ("Image", "image"),
    "private_images": ("Private image", "image"),
    "data_centers": ("Data center", "data-center"),
    "machine_types": ("Machine type", "machine-type"),
    "gpu_models": ("GPU model", "gpu"),
    "projects": ("Project", "project"),
    "billing_accounts": ("Billing account", "billing"),
    "payment_methods": ("Payment method", "billing"),
    "api_keys": ("API key", "api-key"),
    "machines": ("Machine", "machine"),
    "machine_operating_systems": ("Operating system", "machine"),
    "metal_machine_types": ("Machine type", "machine-type"),
    "clusters": ("Cluster", "cluster"),
    "cluster_machines": ("Cluster machine", "cluster-machine"),
    "cluster_machine_types": ("Machine type", "machine-type"),
    "volumes": ("Volume", "volume"),
    "buckets": ("Bucket", "bucket"),
    "storage_users": ("Storage user", "storage-user"),
}
INTERVAL = 2.0  # seconds between two looks of --watch
MANY = 20  # words that would be too many for a hint
OF_THE_PROGRAM = frozenset(
    {"--sandbox", "--context", "--api-key", "--confirm-context", "--color", "--no-input", "--version"}
)
IN_PROJECT = frozenset(
    {
        "vms",
        "disks",
        "networks",
        "security_groups",
        "security_group_rules",
        "private_images",
        "machines",
        "clusters",
        "cluster_machines",
        "volumes",
        "buckets",
        "storage_users",
    }
)


class HelpWanted(Exception):  # noqa: N818  # not an error
    """Somebody asked for the help of a parser."""


class CommandParser(ArgumentParser):
    """A parser that raises instead of ending the program, and knows what may have been meant."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(**{**kwargs, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageError(f"{self.prog}: {message}", f"See: {self.prog} --help")

    def print_help(self, file: Any = None) -> None:  # noqa: ARG002  # the signature of argparse
        """Hand the help to whoever can print it."""
        raise HelpWanted(self.format_help())

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse; unknown options are answered with the ones that are near."""
        parsed, rest = self.parse_known_args(args, namespace)
        parser = verb_parser(self, getattr(parsed, "verb", None))
        if hasattr(parsed, "several"):
            rest = _take_ids(parser, parsed, rest)
        if rest:
            raise UsageError(
                f"{parser.prog}: unknown: {' '.join(rest)}",
                _instead(rest[0], option_names(parser), parser),
                instead=_option_instead(rest[0], option_names(parser)),
            )
        return parsed

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        known = list(action.choices)
        if action.dest == "verb":
            found = _verbs_near(str(value), action.choices)
            raise UsageError(
                f"{self.prog}: unknown verb '{value}'",
                f"Did you mean: {', '.join(found)}?" if found else _all_of(known, self),
                instead=one_of(str(value), found),
            )
        name = action.option_strings[-1]
        raise UsageError(
            f"{self.prog}: unknown {name} '{value}'",
            _values(str(value), known),
            instead=_value_instead(str(value), known),
        )


def _take_ids(parser: ArgumentParser, parsed: Namespace, rest: list[str]) -> list[str]:
    """Take the ids that stand behind options, where argparse expects none; return what is left."""
    if not any(word.startswith("-") for word in rest):
        parsed.id, rest = [*parsed.id, *rest], []
    if bool(parsed.id) == bool(parsed.conditions) and not rest:
        problem = "ids and --filter exclude each other" if parsed.id else "give an id, several, or --filter"
        raise UsageError(f"{parser.prog}: {problem}", f"See: {parser.prog} --help")
    return rest


def _instead(word: str, known: Sequence[str], parser: ArgumentParser) -> str:
    from cudo_completions.ranking import near

    if word in OF_THE_PROGRAM:
        return f"{word} stands before the command: cudo {word} {parser.prog} ..."
    # Dashes and values would make all options look alike.
    names = {name.lstrip("-"): name for name in known}
    if found := near(word.lstrip("-").partition("=")[0], names):
        return f"Did you mean: {', '.join(names[name] for name in found)}?"
    return _all_of(known, parser)


def _all_of(known: Sequence[str], parser: ArgumentParser) -> str:
    return f"One of: {', '.join(known)}" if len(known) < MANY else f"See: {parser.prog} --help"


def _verbs_near(word: str, verbs: Any) -> list[str]:
    """Return the verbs that may be meant; of one that has several names, the nearest."""
    from cudo_completions.ranking import near

    found: dict[ArgumentParser, str] = {}
    for name in near(word, list(verbs)):
        found.setdefault(verbs[name], name)
    return list(found.values())


def _option_instead(word: str, known: Sequence[str]) -> Instead | None:
    from cudo_completions.ranking import near

    wrong = word.partition("=")[0]
    names = {name.lstrip("-"): name for name in known}
    found = near(wrong.lstrip("-"), names) if wrong not in OF_THE_PROGRAM else []
    return one_of(wrong, [names[name] for name in found])


def _value_instead(word: str, known: Sequence[str]) -> Instead | None:
    from cudo_completions.ranking import near

    return one_of(word, near(word, known))


def _values(word: str, known: Sequence[str]) -> str:
    """Name the near values and, since one may be far off, all of them."""
    from cudo_completions.ranking import near

    found = near(word, known)
    meant = f"Did you mean: {', '.join(found)}? " if found else ""
    return f"{meant}One of: {', '.join(filter(None, known))}"


def option_names(parser: ArgumentParser) -> list[str]:
    """Return the long options of a parser."""
    return [name for action in actions_of(parser) for name in action.option_strings if name.startswith("--")]


def verb_parser(parser: ArgumentParser, verb: str | None) -> ArgumentParser:
    """Return the parser of a verb, or the noun's own where it has none."""
    return verbs_of(parser)[verb] if verb is not None else parser


def actions_of(parser: ArgumentParser) -> Sequence[argparse.Action]:
    """Return the arguments and options of a parser; argparse has no public way."""
    return parser._actions  # noqa: SLF001  # guarded by a test


def verbs_of(parser: ArgumentParser) -> Mapping[str, ArgumentParser]:
    """Return the parsers of a noun's verbs, aliases included."""
    for action in actions_of(parser):
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # as above
            return action.choices
    return {}


def noun_parser(cls: type[ArgumentParser], name: str, summary: str) -> "tuple[ArgumentParser, Verbs]":
    """Make the parser of a noun, and where its verbs go."""
    parser = cls(prog=name, description=summary)
    return parser, parser.add_subparsers(dest="verb", required=True, metavar="VERB")


def add_verb(
    verbs: "Verbs",
    name: str,
    run: "Run",
    *,
    examples: Sequence[str],
    aliases: Sequence[str] = (),
    in_project: bool = True,
) -> ArgumentParser:
    """Add a verb; the first line of its function is its help, the examples are run by the tests."""
    summary = (run.__doc__ or "").split("\n", 1)[0]
    parser: ArgumentParser = verbs.add_parser(
        name, help=summary, description=summary, epilog=examples_text(examples), aliases=list(aliases)
    )
    finish(parser, run, examples, in_project=in_project)
    return parser


def finish(parser: ArgumentParser, run: "Run", examples: Sequence[str], *, in_project: bool = True) -> None:
    """Give a parser what every command has: what it runs, its examples, -v, and -p within a project."""
    parser.set_defaults(run=run, in_project=in_project)
    parser.examples = tuple(examples)  # type: ignore[attr-defined]  # a tag for tests and documents
    common = parser.add_argument_group("everywhere")
    if in_project:
        argument(
            common,
            "-p",
            "--project",
            source="projects",
            metavar="<project-id>",
            help="another project, this once",
        )
    dry_run_option(parser, common)
    common.add_argument(
        "-v", "--verbose", action="store_true", help="timing, and the trace of an error, on stderr"
    )


def examples_text(examples: Sequence[str]) -> str:
    """Write the examples of a command as its help shows them."""
    return "examples:\n" + "\n".join(f"  {example}" for example in examples)


def argument(
    parser: Any,
    *names: str,
    source: str | None = None,
    narrow: Mapping[str, str] | None = None,
    otherwise: Mapping[str, str] | None = None,
    creates: str | None = None,
    field: str | None = None,
    values: Iterable[str] = (),
    values_by: tuple[str, Mapping[str, Iterable[str]]] | None = None,
    inside: "Inside | None" = None,
    **options: Any,
) -> argparse.Action:
    """Add an argument with tags that completion and messages read.

    `source` is the kind of listing that its values come from; `narrow` maps a fact of a candidate to
    `=LITERAL`, which comes first, or to the argument whose candidate must share it; `otherwise` maps a flag
    to the kind that it means instead. `creates` is the kind of listing that a new id will stand in; `field`
    is the API's name of the value. `values` are known without asking, but checked later; `values_by` are
    those for each value of another argument. `inside` says what may stand in the word, as those of
    `grammars` do.
    """
    action: argparse.Action = parser.add_argument(*names, **options)
    tags = {
        "source": source,
        "narrow": dict(narrow or {}),
        "otherwise": dict(otherwise or {}),
        "creates": creates,
        "field": field,
        "values": values,
        "values_by": values_by,
        "inside": inside,
    }
    for name, value in tags.items():
        setattr(action, name, value)
    return action


def output_options(parser: ArgumentParser, fields: "Fields", *, rows: bool = False) -> None:
    """Add how results are shown; `fields` are the columns there are, `rows` says that it is a list."""
    columns, checked = tuple(field.name for field in fields), Checked(fields)
    group = parser.add_argument_group("output")
    if "--output" not in option_names(parser):
        output_option(group)
    argument(
        group,
        "--columns",
        type=checked.columns,
        inside=grammars.columns(columns),
        metavar="A,B",
        help="only these columns, in this order",
    )
    group.add_argument("--no-headers", action="store_true", help="no line of column names")
    group.add_argument("-q", "--quiet", action="store_true", help="ids only")
    argument(
        group,
        "--query",
        type=Query,
        inside=grammars.query(fields, rows=rows),
        metavar="JMESPATH",
        help="only what this finds, under the API's names, such as [].id",
    )
    if rows:
        _row_options(group, fields, checked)


def _row_options(group: Any, fields: "Fields", checked: Checked) -> None:
    """Add what only a list has; applied in this order: --filter, --sort, --limit, --query."""
    group.add_argument("--wide", action="store_true", help="all columns, however narrow the terminal is")
    argument(
        group,
        "--filter",
        type=checked.filter,
        action="append",
        dest="filters",
        inside=grammars.condition(fields),
        metavar="CONDITION",
        help="COLUMN=GLOB, or COLUMN<VALUE with != < <= > >=; may be repeated, and all must hold",
    )
    argument(
        group,
        "--sort",
        type=checked.sort,
        inside=grammars.sort_column([field.name for field in fields]),
        metavar="[-]COLUMN",
        help="sort by a column; write --sort=-COLUMN for downwards",
    )
    group.add_argument("--limit", type=amount, metavar="N", help="only the first N")
    group.add_argument(
        "--watch",
        type=interval,
        nargs="?",
        const=INTERVAL,
        metavar="TIME",
        help=f"look again every {INTERVAL:g}s, or as often as given, and mark what changes; Ctrl-C ends",
    )


def yes_option(parser: Any) -> None:
    """Add the answer to the question before something is lost or paid."""
    parser.add_argument("-y", "--yes", action="store_true", help="do it without a question")


def confirm_option(parser: Any, word: str) -> None:
    """Add the answer to the question that wants a word typed; `word` says which one."""
    parser.add_argument("--confirm", metavar=word, help=f"repeat the {word} to do it without a question")


def if_exists_option(parser: ArgumentParser) -> None:
    """Add what scripts need that may have been cut off before."""
    parser.add_argument("--if-exists", action="store_true", help="do nothing if it is not there")


def wait_options(parser: ArgumentParser, *, timeout: float) -> None:
    """Add whether and how long (seconds) to wait for the end of what was started."""
    parser.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="wait until it is done (the default)",
    )
    timeout_option(parser, timeout)


def timeout_option(parser: ArgumentParser, default: float) -> None:
    """Add how long (seconds) to wait."""
    parser.add_argument(
        "--timeout",
        type=duration,
        default=default,
        metavar="TIME",
        help="how long to wait, such as 90s or 10m",
    )


# Kinds of values

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


def duration(text: str) -> float:
    """Read a span such as 90, 90s, 10m, 8h or 2d, in seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is no time such as 90s, 10m, 8h or 2d")
    try:
        seconds = float(match[1]) * _UNITS[match[2]]
        timedelta(seconds=seconds)
    except OverflowError:
        raise argparse.ArgumentTypeError(f"'{text}' is too long a time") from None
    return seconds


def interval(text: str) -> float:
    """Read how often to ask the API, in seconds: once in a second at most."""
    seconds = duration(text)
    if seconds < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is less than a second")
    return seconds


def lifetime(text: str) -> float:
    """Read how long a thing is to live, in seconds: for the API, 0 means for ever."""
    seconds = duration(text)
    if seconds < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is less than a second")
    return seconds


def moment(text: str) -> datetime:
    """Read a point in time with its zone, such as 2026-01-31T12:00:00Z."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no time such as 2026-01-31T12:00:00Z") from None
    if time.tzinfo is None:
        raise argparse.ArgumentTypeError(f"'{text}' has no time zone: write 2026-01-31T12:00:00Z")
    return time


def new_id(text: str) -> str:
    """Check an id before anything is made: lower-case letters, digits and hyphens."""
    if not _ID.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"'{text}' cannot be an id: use a-z, 0-9 and -, begin with a letter, end without -, at most 63"
        )
    return text


def count(text: str) -> int:
    """Read a whole number from 0."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004  # the API's numbers have 32 bits
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number")
    return int(text)


def amount(text: str) -> int:
    """Read a whole number from 1."""
    number = count(text)
    if not number:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def pair(text: str) -> tuple[str, str]:
    """Read NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name, value


def choice(prefix: str, *names: str) -> Callable[[str], str]:
    """Read one of the API's names without its prefix, in any case: `tcp` for PROTOCOL_TCP."""
    wire = {name.lower().replace("_", "-"): f"{prefix}{name}" for name in names}

    def read(text: str) -> str:
        found = wire.get(text.lower().removeprefix(prefix.lower()).replace("_", "-"))
        if found is None:
            raise argparse.ArgumentTypeError(f"'{text}' is none of: {', '.join(wire)}")
        return found

    read.names = tuple(wire)  # type: ignore[attr-defined]  # a tag that completion reads
    return read
