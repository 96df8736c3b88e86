"""Data centers on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, argument, noun_parser, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, FLAG, ID, PRICE_HR

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("supplier", path="supplier_name", priority=2),
    FieldSpec("ipv4_free", COUNT),
    FieldSpec("ipv4_price_hr", PRICE_HR),
    FieldSpec("network_price_hr", PRICE_HR, priority=2),
    FieldSpec("renewable_energy", FLAG, priority=3),
    FieldSpec("object_storage_gib_price_hr", PRICE_HR, listed=False),
    FieldSpec("s3_endpoint", listed=False),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "data-center", "Data centers and their prices.")
    examples = ("data-center list", "data-center list -o ids")
    verb = add_verb(verbs, "list", center_list, examples=examples, aliases=["ls"], in_project=False)
    output_options(verb, FIELDS, rows=True)

    verb = add_verb(
        verbs,
        "get",
        center_get,
        examples=("data-center get no-luster-1",),
        aliases=["show"],
        in_project=False,
    )
    argument(verb, "id", source="data_centers", field="id", metavar="<data-center-id>")
    output_options(verb, FIELDS)
    return parser


def center_list(work: "Workspace", args: Namespace) -> None:
    """List the data centers that have VMs."""
    work.show_list(work.session.data_centers.search_data_centers(), FIELDS, args, kind="data_centers")


def center_get(work: "Workspace", args: Namespace) -> None:
    """Show one data center."""
    work.show(work.call(work.session.data_centers.get_data_center(args.id)), FIELDS, args)
