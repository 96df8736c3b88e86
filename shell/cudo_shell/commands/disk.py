"""Storage disks on the command line."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING

from cudo_shell.commands.base import (
    add_verb,
    argument,
    data_center_option,
    noun_parser,
    output_options,
    size_option,
)
from cudo_shell.commands.lifecycle import Lifecycle
from cudo_shell.commands.values import new_id
from cudo_shell.exits import ConflictError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import GIB, ID, STATE, TIME

if TYPE_CHECKING:
    from cudo_sdk.functions.data_centers import VMDataCenter
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("state", STATE),
    FieldSpec("size_gib", GIB),
    FieldSpec("vm", path="vm_id"),
    FieldSpec("data_center", path="data_center_id", priority=2),
    FieldSpec("type", path="disk_type", priority=3),
    FieldSpec("created", TIME, path="create_time", priority=4),
    FieldSpec("project", path="project_id", listed=False),
    FieldSpec("public_image", path="public_image_id", listed=False),
    FieldSpec("private_image", path="private_image_id", listed=False),
)
DISK = Lifecycle(
    "Disk",
    "disk",
    "disks",
    FIELDS,
    1200.0,
    get=lambda session, *ids: session.disks.get_disk(*ids),
    wait=lambda session, *ids, **how: session.disks.wait_for_disk(*ids, **how),
    wait_deleted=lambda session, *ids, **how: session.disks.wait_for_disk_deleted(*ids, **how),
    states=("ATTACHED", "CLONING", "CREATING", "DELETING", "DISABLED", "FAILED", "READY", "UPDATING"),
    rest="READY",
    touches=("vms",),
)
SETTLED = ("ACTIVE", "STOPPED", "SUSPENDED")  # states of a VM in which nothing goes on


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "disk", "Storage disks.")

    verb = add_verb(verbs, "list", disk_list, examples=("disk list", "disk list -o csv"), aliases=["ls"])
    argument(
        verb, "--data-center", source="data_centers", metavar="<data-center-id>", help="only those in it"
    )
    DISK.listed(verb)

    verb = add_verb(verbs, "get", disk_get, examples=("disk get data-1",), aliases=["show"])
    DISK.id_argument(verb)
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs, "create", disk_create, examples=("disk create data-9 --data-center no-luster-1 --size 50",)
    )
    argument(
        verb,
        "id",
        type=new_id,
        creates="disks",
        field="id",
        metavar="<disk-id>",
        help="the id of the new disk",
    )
    data_center_option(verb)
    size_option(verb, "--size", "size", required=True, field="sizeGib")
    DISK.changing(verb)

    verb = add_verb(verbs, "attach", disk_attach, examples=("disk attach data-2 --vm db-1",))
    DISK.id_argument(verb, state="=READY", data_center="vm")
    argument(
        verb, "--vm", source="vms", required=True, field="vmId", metavar="<vm-id>", help="the VM that gets it"
    )
    DISK.changing(verb)

    verb = add_verb(verbs, "detach", disk_detach, examples=("disk detach data-1",))
    DISK.several_ids(verb, state="=ATTACHED")
    DISK.changing(verb)

    verb = add_verb(verbs, "resize", disk_resize, examples=("disk resize data-1 --size 500",))
    DISK.id_argument(verb, state="=ATTACHED")
    size_option(verb, "--size", "the new size", required=True, field="sizeGib")
    DISK.changing(verb)

    verb = add_verb(verbs, "wait", disk_wait, examples=("disk wait data-2 --state READY",))
    DISK.waiting(verb)

    verb = add_verb(verbs, "delete", disk_delete, examples=("disk delete data-2 --yes",), aliases=["rm"])
    DISK.ending(verb, state="=READY")
    return parser


def disk_list(work: "Workspace", args: Namespace) -> None:
    """List the disks of the project, boot disks included."""
    work.show_list(
        work.session.disks.search_disks(work.project, data_center_id=args.data_center),
        FIELDS,
        args,
        kind="disks",
    )


def disk_get(work: "Workspace", args: Namespace) -> None:
    """Show one disk."""
    work.show(DISK.fetch(work, args), FIELDS, args)


def disk_create(work: "Workspace", args: Namespace) -> None:
    """Create a storage disk; its price is shown first."""
    _foretell_price(work, args.data_center, args.size)
    work.call(work.session.disks.create_disk(work.project, args.id, args.data_center, args.size))
    DISK.created(work, args)  # for the first seconds the disk may not be there to be shown


def _foretell_price(work: "Workspace", data_center: str, size_gib: int) -> None:
    of_a_gib = gib_price(work.call(work.session.data_centers.get_data_center(data_center)))
    if of_a_gib is not None:
        work.foretell_price(of_a_gib * size_gib)


def gib_price(center: "VMDataCenter") -> Decimal | None:
    """Return what a GiB of a disk costs, if that is the same in all pools: a disk does not name its pool."""
    prices = {pool.disk_gib_price_hr for pool in center.disk_pool_pricing}
    return prices.pop() if len(prices) == 1 else None


def disk_attach(work: "Workspace", args: Namespace) -> None:
    """Attach a disk to a VM of the same data center."""
    work.call(work.session.disks.attach_disk_to_vm(work.project, args.id, args.vm))
    DISK.changed(work, args, f"attached to '{args.vm}'", "ATTACHED")


def disk_detach(work: "Workspace", args: Namespace) -> None:
    """Detach a disk from its VM; it keeps its data."""
    work.call(work.session.disks.detach_disk_from_vm(work.project, args.id))
    DISK.changed(work, args, "detached")


def disk_resize(work: "Workspace", args: Namespace) -> None:
    """Grow a disk that is attached to a VM; its new price is shown first. It never shrinks."""
    disk = DISK.fetch(work, args)
    vm_id = disk.vm_id
    if not vm_id:
        raise ConflictError(
            f"Disk '{args.id}' is not attached.",
            f"Only an attached disk grows: disk attach {args.id} --vm VM",
        )
    _foretell_price(work, disk.data_center_id, args.size)
    work.call(work.session.disks.resize_disk(work.project, vm_id, args.id, args.size))
    if args.wait:  # it is the VM that shows when the change is done: RESIZING_DISK
        work.wait(
            f"VM '{vm_id}'",
            lambda look: work.session.vms.wait_for_vm(
                work.project, vm_id, states=SETTLED, timeout=args.timeout, on_look=look
            ),
            follow=f"vm get {vm_id}",
        )
    DISK.changed(work, args, f"resized to {args.size} GiB", "ATTACHED", is_followed=False)


def disk_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a disk is in a state; DELETED waits until it is gone."""
    DISK.awaited(work, args)


def disk_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a detached disk and what is on it."""
    DISK.end(
        work,
        args,
        lambda session, *ids: session.disks.delete_disk(*ids),
        loss=" and all that is on it",
    )
