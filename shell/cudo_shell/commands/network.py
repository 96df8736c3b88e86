"""Private networks on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, argument, data_center_option, noun_parser, output_options
from cudo_shell.commands.lifecycle import Lifecycle
from cudo_shell.commands.values import new_id
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, PRICE_HR, STATE, TIME

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("state", STATE),
    FieldSpec("ip_range"),
    FieldSpec("data_center", path="data_center_id", priority=2),
    FieldSpec("external_ip", path="external_ip_address", priority=3),
    FieldSpec("price_hr", PRICE_HR, priority=2),
    FieldSpec("created", TIME, path="create_time", priority=4),
    FieldSpec("project", path="project_id", listed=False),
    FieldSpec("gateway", listed=False),
    FieldSpec("internal_ip", path="internal_ip_address", listed=False),
    FieldSpec("router_state", STATE, path="vm_state", listed=False),
)
NETWORK = Lifecycle(
    "Network",
    "network",
    "networks",
    FIELDS,
    1200.0,
    get=lambda session, *ids: session.networks.get_network(*ids),
    wait=lambda session, *ids, **how: session.networks.wait_for_network(*ids, **how),
    wait_deleted=lambda session, *ids, **how: session.networks.wait_for_network_deleted(*ids, **how),
    states=(
        "ACTIVE",
        "CREATING",
        "DELETED",
        "DELETING",
        "FAILED",
        "STARTING",
        "STOPPED",
        "STOPPING",
        "UPDATING",
    ),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "network", "Private networks.")

    verb = add_verb(
        verbs, "list", network_list, examples=("network list", "network list -o yaml"), aliases=["ls"]
    )
    NETWORK.listed(verb)

    verb = add_verb(verbs, "get", network_get, examples=("network get backend",), aliases=["show"])
    NETWORK.id_argument(verb)
    output_options(verb, FIELDS)

    create = "network create lan-9 --data-center no-luster-1 --ip-range 10.9.0.0/24"
    verb = add_verb(verbs, "create", network_create, examples=(create,))
    argument(
        verb,
        "id",
        type=new_id,
        creates="networks",
        field="id",
        metavar="<network-id>",
        help="the id of the new network",
    )
    data_center_option(verb)
    argument(
        verb,
        "--ip-range",
        required=True,
        field="ipRange",
        metavar="CIDR",
        help="private, such as 10.0.0.0/24",
    )
    NETWORK.changing(verb)

    verb = add_verb(verbs, "start", network_start, examples=("network stop backend", "network start backend"))
    NETWORK.several_ids(verb, state="=STOPPED")
    NETWORK.changing(verb)
    verb = add_verb(verbs, "stop", network_stop, examples=("network stop backend",))
    NETWORK.several_ids(verb, state="=ACTIVE")
    NETWORK.changing(verb)

    verb = add_verb(verbs, "wait", network_wait, examples=("network wait backend --state ACTIVE",))
    NETWORK.waiting(verb)

    verb = add_verb(
        verbs, "delete", network_delete, examples=(create, "network delete lan-9 --yes"), aliases=["rm"]
    )
    NETWORK.ending(verb)
    return parser


def network_list(work: "Workspace", args: Namespace) -> None:
    """List the networks of the project."""
    work.show_list(work.session.networks.search_networks(work.project), FIELDS, args, kind="networks")


def network_get(work: "Workspace", args: Namespace) -> None:
    """Show one network."""
    work.show(NETWORK.fetch(work, args), FIELDS, args)


def network_create(work: "Workspace", args: Namespace) -> None:
    """Create a network with a router; its price is shown first."""
    center = work.call(work.session.data_centers.get_data_center(args.data_center))
    if center.network_price_hr is not None:
        work.foretell_price(center.network_price_hr)
    network = work.call(
        work.session.networks.create_network(work.project, args.id, args.data_center, args.ip_range)
    )
    NETWORK.created(work, args, network)


def network_start(work: "Workspace", args: Namespace) -> None:
    """Start a stopped network: it has a route to the internet again."""
    work.call(work.session.networks.start_network(work.project, args.id))
    NETWORK.changed(work, args, "started")


def network_stop(work: "Workspace", args: Namespace) -> None:
    """Stop a network: its VMs have no route to the internet."""
    work.call(work.session.networks.stop_network(work.project, args.id))
    NETWORK.changed(work, args, "stopped", "STOPPED")


def network_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a network is in a state; DELETED waits until it is gone."""
    NETWORK.awaited(work, args)


def network_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a network that no VM is on."""
    NETWORK.end(
        work,
        args,
        lambda session, *ids: session.networks.delete_network(*ids),
        price=lambda network: network.price_hr,
    )
