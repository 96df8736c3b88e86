"""Search over all kinds of resources on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, argument, noun_parser, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, path="resource_name", priority=0),
    FieldSpec("type", path="resource_type"),
    FieldSpec("score", priority=2),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "resource", "Search in all projects.")
    verb = add_verb(
        verbs,
        "search",
        resource_search,
        examples=("resource search web", "resource search web -o json"),
        aliases=["find"],
        in_project=False,
    )
    argument(verb, "text", field="query", metavar="TEXT")
    output_options(verb, FIELDS, rows=True)
    return parser


def resource_search(work: "Workspace", args: Namespace) -> None:
    """Find resources of any kind by a part of their name."""
    work.show_list(work.session.resources.search_resources(args.text), FIELDS, args)
