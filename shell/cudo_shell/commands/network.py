"""Private networks on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import (
    add_verb,
    argument,
    if_exists_option,
    new_id,
    noun_parser,
    output_options,
    timeout_option,
    wait_options,
    yes_option,
)
from cudo_shell.commands.flows import destroy, price_line
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, PRICE_HR, STATE, TIME

if TYPE_CHECKING:
    from cudo_sdk.functions.networks import Network
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
TIMEOUT = 1200.0  # seconds


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "network", "Private networks.")

    verb = add_verb(
        verbs, "list", network_list, examples=("network list", "network list -o yaml"), aliases=["ls"]
    )
    output_options(verb, rows=True)

    verb = add_verb(verbs, "get", network_get, examples=("network get backend",), aliases=["show"])
    _network(verb)
    output_options(verb)

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
    argument(
        verb,
        "--data-center",
        source="data_centers",
        required=True,
        field="dataCenterId",
        metavar="<data-center-id>",
    )
    argument(
        verb,
        "--ip-range",
        required=True,
        field="ipRange",
        metavar="CIDR",
        help="private, such as 10.0.0.0/24",
    )
    wait_options(verb, timeout=TIMEOUT)
    output_options(verb)

    verb = add_verb(verbs, "start", network_start, examples=("network stop backend", "network start backend"))
    _changed_network(verb, state="=STOPPED")
    verb = add_verb(verbs, "stop", network_stop, examples=("network stop backend",))
    _changed_network(verb, state="=ACTIVE")

    verb = add_verb(verbs, "wait", network_wait, examples=("network wait backend --state ACTIVE",))
    _network(verb)
    verb.add_argument(
        "--state", type=str.upper, default="ACTIVE", metavar="STATE", help="ACTIVE if not given"
    )
    timeout_option(verb, TIMEOUT)
    output_options(verb)

    verb = add_verb(
        verbs, "delete", network_delete, examples=(create, "network delete lan-9 --yes"), aliases=["rm"]
    )
    _changed_network(verb)
    yes_option(verb)
    if_exists_option(verb)
    return parser


def _network(parser: ArgumentParser, **narrow: str) -> None:
    argument(parser, "id", source="networks", narrow=narrow, field="id", metavar="<network-id>")


def _changed_network(parser: ArgumentParser, **narrow: str) -> None:
    _network(parser, **narrow)
    wait_options(parser, timeout=TIMEOUT)
    output_options(parser)


def network_list(work: "Workspace", args: Namespace) -> None:
    """List the networks of the project."""
    work.show_list(work.session.networks.search_networks(work.project), FIELDS, args)


def network_get(work: "Workspace", args: Namespace) -> None:
    """Show one network."""
    work.show(_get(work, args), FIELDS, args)


def network_create(work: "Workspace", args: Namespace) -> None:
    """Create a network with a router."""
    network = work.call(
        work.session.networks.create_network(work.project, args.id, args.data_center, args.ip_range)
    )
    work.wrote("networks")
    if network.price_hr is not None:
        work.say(price_line(network.price_hr))
    _reach(work, args, "ACTIVE", just_created=True)
    work.say(f"Network '{args.id}' created.")
    work.show(_get(work, args) if args.wait else network, FIELDS, args)


def network_start(work: "Workspace", args: Namespace) -> None:
    """Start a stopped network: it has a route to the internet again."""
    work.call(work.session.networks.start_network(work.project, args.id))
    _changed(work, args, "ACTIVE", "started")


def network_stop(work: "Workspace", args: Namespace) -> None:
    """Stop a network: its VMs have no route to the internet."""
    work.call(work.session.networks.stop_network(work.project, args.id))
    _changed(work, args, "STOPPED", "stopped")


def network_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a network is in a state."""
    args.wait = True
    _reach(work, args, args.state)
    work.done(f"Network '{args.id}' is {args.state}.", _get(work, args), FIELDS, args)


def network_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a network that no VM is on."""
    networks = work.session.networks
    destroy(
        work,
        args,
        f"network '{args.id}'",
        get=lambda: networks.get_network(work.project, args.id),
        delete=lambda: networks.delete_network(work.project, args.id),
        wait=lambda look: networks.wait_for_network_deleted(
            work.project, args.id, timeout=args.timeout, on_look=look
        ),
        kinds=("networks",),
        price=lambda network: network.price_hr,
    )


def _get(work: "Workspace", args: Namespace) -> "Network":
    return work.call(work.session.networks.get_network(work.project, args.id))


def _changed(work: "Workspace", args: Namespace, state: str, done: str) -> None:
    work.wrote("networks")
    _reach(work, args, state)
    work.done(f"Network '{args.id}' {done}.", _get(work, args), FIELDS, args)


def _reach(work: "Workspace", args: Namespace, state: str, *, just_created: bool = False) -> None:
    if not args.wait:
        return
    work.wait(
        f"Network '{args.id}'",
        lambda look: work.session.networks.wait_for_network(
            work.project,
            args.id,
            states={state},
            timeout=args.timeout,
            just_created=just_created,
            on_look=look,
        ),
        follow=f"network wait {args.id} --state {state}",
    )
