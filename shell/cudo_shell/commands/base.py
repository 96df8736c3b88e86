"""What all nouns share: how a noun and its verbs are declared, and the common options."""

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cudo_shell import grammars
from cudo_shell.commands.dry_run import dry_run_option, output_option
from cudo_shell.commands.parser import option_names
from cudo_shell.commands.values import amount, duration, gib, interval
from cudo_shell.output.checked import Checked
from cudo_shell.output.query import Query
from cudo_shell.output.values import duration as span

if TYPE_CHECKING:
    from cudo_completions.position import Inside
    from cudo_shell.output.fields import Fields
    from cudo_shell.workspace import Workspace

    Run = Callable[[Workspace, Namespace], None]
    Verbs = argparse._SubParsersAction[Any]  # noqa: SLF001  # argparse gives it no public name

INTERVAL = 2.0  # seconds between two looks of --watch


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


def data_center_option(parser: Any, *, help: str = "where to make it") -> None:  # noqa: A002  # the name of argparse
    """Add the data center that a new thing needs; `help` where it is about another."""
    argument(
        parser,
        "--data-center",
        source="data_centers",
        required=True,
        field="dataCenterId",
        metavar="<data-center-id>",
        help=f"{help}; see: data-center list",
    )


def size_option(parser: ArgumentParser, name: str, what: str, *, otherwise: str = "", **options: Any) -> None:
    """Add a size in GiB; `what` is such as "memory", and `otherwise` says what it is if it is not given."""
    default = f" ({otherwise} if not given)" if otherwise else ""
    text = f"{what} in GiB, such as 16, 16GiB or 1TiB{default}"
    argument(parser, name, type=gib, metavar="SIZE", help=text, **options)


def output_options(
    parser: ArgumentParser, fields: "Fields", *, rows: bool = False, states: Sequence[str] = ()
) -> None:
    """Add how results are shown; `fields` are the columns there are, `rows` says that it is a list.

    `states` are those that the listed things may be in, as far as they are known.
    """
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
        parser.set_defaults(known_states=states)
        _row_options(group, fields, checked, states)


def _row_options(group: Any, fields: "Fields", checked: Checked, states: Sequence[str]) -> None:
    """Add what only a list has; applied in this order: --filter, --sort, --limit, --query."""
    group.add_argument("--wide", action="store_true", help="all columns, however narrow the terminal is")
    argument(
        group,
        "--filter",
        type=checked.filter,
        action="append",
        dest="filters",
        inside=grammars.condition(fields, states),
        metavar="CONDITION",
        help="COLUMN=GLOB, or COLUMN<VALUE with != < <= > >=; may be repeated, and all must hold",
    )
    argument(
        group,
        "--sort",
        type=checked.sort,
        inside=grammars.sort_column([field.name for field in fields]),
        metavar="[-]COLUMN",
        help="sort by a column, downwards as -COLUMN",
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
        help=f"how long to wait, such as 90s or 10m ({span(default)} if not given)",
    )
