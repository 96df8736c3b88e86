"""Bare-metal machines on the command line."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import add_verb, argument, noun_parser, output_options, yes_option
from cudo_shell.commands.commitment import confirm_commitment
from cudo_shell.commands.lifecycle import Lifecycle
from cudo_shell.commands.metal import (
    TIMEOUT,
    access_of,
    access_options,
    place_options,
    price_of,
    settings_of,
    settings_options,
)
from cudo_shell.commands.values import new_id
from cudo_shell.exits import UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, GIB, ID, LIST, PRICE_HR, STATE, TIME

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("state", STATE),
    FieldSpec("power", STATE, path="power_state", priority=2),
    FieldSpec("data_center", path="data_center_id", priority=3),
    FieldSpec("machine_type", path="machine_type_id", priority=4),
    FieldSpec("gpus", COUNT, priority=2),
    FieldSpec("os", priority=3),
    FieldSpec("ip", LIST, path="external_ip_addresses", priority=3),
    FieldSpec("price_hr", PRICE_HR, priority=2),
    FieldSpec("created", TIME, path="create_time", priority=6),
    FieldSpec("project", path="project_id", listed=False),
    FieldSpec("hostname", listed=False),
    FieldSpec("gpu_model", path="gpu_model_id", listed=False),
    FieldSpec("cpu_model", listed=False),
    FieldSpec("cpu_cores", COUNT, listed=False),
    FieldSpec("memory_gib", GIB, listed=False),
    FieldSpec("disks", COUNT, listed=False),
    FieldSpec("disk_gib", GIB, path="disk_size_gib", listed=False),
    FieldSpec("ssh_keys", path="ssh_key_source", listed=False),
    FieldSpec("commitment", path="commitment_term", listed=False),
)
SYSTEM_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("name", path="display_name"),
    FieldSpec("platform", priority=2),
)
MACHINE = Lifecycle(
    "Machine",
    "machine",
    "machines",
    FIELDS,
    TIMEOUT,
    get=lambda session, *ids: session.machines.get_machine(*ids),
    wait=lambda session, *ids, **how: session.machines.wait_for_machine(*ids, **how),
    wait_deleted=lambda session, *ids, **how: session.machines.wait_for_machine_deleted(*ids, **how),
    states=("CREATING", "ACTIVE", "DEPLOYING", "DELETING", "FAILED", "UPDATING"),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "machine", "Bare-metal machines; see also: machine-type list --metal.")

    examples: tuple[str, ...] = ("machine list -p research", "machine list -p research -o yaml")
    verb = add_verb(verbs, "list", machine_list, examples=examples, aliases=["ls"])
    MACHINE.listed(verb)

    examples = ("machine get metal-1 -p research",)
    verb = add_verb(verbs, "get", machine_get, examples=examples, aliases=["show"])
    MACHINE.id_argument(verb)
    output_options(verb, FIELDS)

    _add_create(verbs)
    _add_changes(verbs)

    examples = ("machine wait metal-1 -p research --state ACTIVE",)
    verb = add_verb(verbs, "wait", machine_wait, examples=examples)
    MACHINE.waiting(verb)

    examples = ("machine delete metal-1 -p research --yes",)
    verb = add_verb(verbs, "delete", machine_delete, examples=examples, aliases=["rm"])
    MACHINE.ending(verb)

    verb = add_verb(
        verbs,
        "os-list",
        os_list,
        examples=("machine os-list", "machine os-list -q"),
        aliases=["operating-systems"],
        in_project=False,
    )
    output_options(verb, SYSTEM_FIELDS, rows=True)
    return parser


def _add_create(verbs: Any) -> None:
    sizes = "--data-center fr-paris-1 --machine-type sapphire-rapids-h100 --os ubuntu/noble"
    examples = (
        f"machine create metal-8 {sizes}",
        f"machine create metal-9 {sizes} --term 6-months --confirm metal-9 --no-wait",
    )
    verb = add_verb(verbs, "create", machine_create, examples=examples)
    argument(
        verb,
        "id",
        type=new_id,
        creates="machines",
        field="id",
        metavar="<machine-id>",
        help="the id of the new machine",
    )
    place_options(verb, "metal_machine_types")
    _os_option(verb)
    settings_options(verb)
    MACHINE.changing(verb)


def _add_changes(verbs: Any) -> None:
    examples: tuple[str, ...] = ("machine update metal-1 -p research --ssh-key-source user",)
    verb = add_verb(verbs, "update", machine_update, examples=examples)
    MACHINE.id_argument(verb, state="=ACTIVE")
    settings_options(verb)
    MACHINE.changing(verb)

    examples = ("machine deploy metal-1 -p research --os ubuntu/jammy --yes",)
    verb = add_verb(verbs, "deploy", machine_deploy, examples=examples)
    MACHINE.id_argument(verb, state="=ACTIVE")
    _os_option(verb)
    access_options(verb)
    yes_option(verb)
    MACHINE.changing(verb)


def _os_option(parser: ArgumentParser) -> None:
    argument(
        parser,
        "--os",
        source="machine_operating_systems",
        required=True,
        field="os",
        metavar="<os>",
        help="see: machine os-list",
    )


def machine_list(work: "Workspace", args: Namespace) -> None:
    """List the bare-metal machines of the project."""
    work.show_list(work.session.machines.search_machines(work.project), FIELDS, args, kind="machines")


def machine_get(work: "Workspace", args: Namespace) -> None:
    """Show one bare-metal machine."""
    work.show(MACHINE.fetch(work, args), FIELDS, args)


def machine_create(work: "Workspace", args: Namespace) -> None:
    """Rent a bare-metal machine; its price is shown first."""
    settings = settings_of(work, args)
    price_hr = _price_of(work, args.data_center, args.machine_type, args.term)
    if price_hr is not None:
        work.foretell_price(price_hr)
    confirm_commitment(work, args, f"machine '{args.id}'", price_hr)
    machine = work.call(
        work.session.machines.create_machine(
            work.project, args.id, args.data_center, args.machine_type, args.os, **settings
        )
    )
    MACHINE.created(work, args, machine)


def machine_update(work: "Workspace", args: Namespace) -> None:
    """Change the keys or the start script of a bare-metal machine, or commit to it."""
    settings = settings_of(work, args)
    if not any(settings.values()):
        raise UsageError("machine update: nothing to change.", "Give a key option, --start-script or --term.")
    machine = MACHINE.fetch(work, args)
    place = (machine.data_center_id, machine.machine_type_id)
    if args.term:
        confirm_commitment(work, args, f"machine '{args.id}'", _price_of(work, *place, args.term))
    work.call(work.session.machines.update_machine(work.project, args.id, *place, machine.os, **settings))
    MACHINE.changed(work, args, "updated")


def machine_deploy(work: "Workspace", args: Namespace) -> None:
    """Wipe a bare-metal machine and install an operating system."""
    access = access_of(work, args)
    machine = MACHINE.fetch(work, args)
    work.confirm(
        f"Wipe machine '{args.id}' with {machine.os} in project '{work.project}' and install {args.os}? "
        "All that is on it is lost.",
        args,
    )
    work.call(work.session.machines.deploy_machine_os(work.project, args.id, args.os, **access))
    MACHINE.changed(work, args, f"deployed with {args.os}")


def machine_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a bare-metal machine is in a state; DELETED waits until it is gone."""
    MACHINE.awaited(work, args)


def machine_delete(work: "Workspace", args: Namespace) -> None:
    """Give a bare-metal machine back, with all that is on it."""
    MACHINE.end(
        work,
        args,
        lambda session, *ids: session.machines.delete_machine(*ids),
        loss=" and all that is on it",
        price=lambda machine: machine.price_hr,
    )


def os_list(work: "Workspace", args: Namespace) -> None:
    """List the operating systems for bare-metal machines."""
    work.show_list(
        work.session.machines.search_machine_operating_systems(),
        SYSTEM_FIELDS,
        args,
        kind="machine_operating_systems",
    )


def _price_of(work: "Workspace", data_center: str, type_id: str, term: str | None) -> Decimal | None:
    """What a machine costs per hour; None where that is not sold, which the API says best."""
    for kind in work.call(work.session.machine_types.list_machine_types(project_id=work.project)):
        if (kind.data_center_id, kind.id) == (data_center, type_id):
            return price_of(kind, term)
    return None
