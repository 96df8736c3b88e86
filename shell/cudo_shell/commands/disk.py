"""Storage disks on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import (
    add_verb,
    amount,
    argument,
    if_exists_option,
    new_id,
    noun_parser,
    output_options,
    timeout_option,
    wait_options,
    yes_option,
)
from cudo_shell.commands.flows import destroy
from cudo_shell.exits import ConflictError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import GIB, ID, STATE, TIME

if TYPE_CHECKING:
    from cudo_sdk.functions.disks import Disk
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
TIMEOUT = 1200.0  # seconds
SETTLED = ("ACTIVE", "STOPPED", "SUSPENDED")  # states of a VM in which nothing goes on


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "disk", "Storage disks.")

    verb = add_verb(verbs, "list", disk_list, examples=("disk list", "disk list -o csv"), aliases=["ls"])
    argument(
        verb, "--data-center", source="data_centers", metavar="<data-center-id>", help="only those in it"
    )
    output_options(verb, rows=True)

    verb = add_verb(verbs, "get", disk_get, examples=("disk get data-1",), aliases=["show"])
    _disk(verb)
    output_options(verb)

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
    argument(
        verb,
        "--data-center",
        source="data_centers",
        required=True,
        field="dataCenterId",
        metavar="<data-center-id>",
    )
    argument(verb, "--size", type=amount, required=True, field="sizeGib", metavar="GIB")
    wait_options(verb, timeout=TIMEOUT)
    output_options(verb)

    verb = add_verb(verbs, "attach", disk_attach, examples=("disk attach data-2 --vm db-1",))
    _disk(verb, state="=READY", data_center="vm")
    argument(verb, "--vm", source="vms", required=True, field="vmId", metavar="<vm-id>")
    wait_options(verb, timeout=TIMEOUT)
    output_options(verb)

    verb = add_verb(verbs, "detach", disk_detach, examples=("disk detach data-1",))
    _disk(verb, state="=ATTACHED")
    wait_options(verb, timeout=TIMEOUT)
    output_options(verb)

    verb = add_verb(verbs, "resize", disk_resize, examples=("disk resize data-1 --size 500",))
    _disk(verb, state="=ATTACHED")
    argument(verb, "--size", type=amount, required=True, field="sizeGib", metavar="GIB", help="the new total")
    wait_options(verb, timeout=TIMEOUT)
    output_options(verb)

    verb = add_verb(verbs, "wait", disk_wait, examples=("disk wait data-2 --state READY",))
    _disk(verb)
    verb.add_argument("--state", type=str.upper, default="READY", metavar="STATE", help="READY if not given")
    timeout_option(verb, TIMEOUT)
    output_options(verb)

    verb = add_verb(verbs, "delete", disk_delete, examples=("disk delete data-2 --yes",), aliases=["rm"])
    _disk(verb, state="=READY")
    yes_option(verb)
    if_exists_option(verb)
    wait_options(verb, timeout=TIMEOUT)
    output_options(verb)
    return parser


def _disk(parser: ArgumentParser, **narrow: str) -> None:
    argument(parser, "id", source="disks", narrow=narrow, field="id", metavar="<disk-id>")


def disk_list(work: "Workspace", args: Namespace) -> None:
    """List the disks of the project, boot disks included."""
    work.show_list(
        work.session.disks.search_disks(work.project, data_center_id=args.data_center), FIELDS, args
    )


def disk_get(work: "Workspace", args: Namespace) -> None:
    """Show one disk."""
    work.show(_get(work, args), FIELDS, args)


def disk_create(work: "Workspace", args: Namespace) -> None:
    """Create a storage disk."""
    work.call(work.session.disks.create_disk(work.project, args.id, args.data_center, args.size))
    work.wrote("disks")
    _reach(work, args, "READY", just_created=True)
    if args.wait:
        work.say(f"Disk '{args.id}' created.")
        work.show(_get(work, args), FIELDS, args)
    else:  # for the first seconds the disk may not be there to be shown
        work.say(f"Disk '{args.id}' is being created. See: disk wait {args.id}")


def disk_attach(work: "Workspace", args: Namespace) -> None:
    """Attach a disk to a VM of the same data center."""
    work.call(work.session.disks.attach_disk_to_vm(work.project, args.id, args.vm))
    _changed(work, args, "ATTACHED", f"attached to '{args.vm}'")


def disk_detach(work: "Workspace", args: Namespace) -> None:
    """Detach a disk from its VM; it keeps its data."""
    work.call(work.session.disks.detach_disk_from_vm(work.project, args.id))
    _changed(work, args, "READY", "detached")


def disk_resize(work: "Workspace", args: Namespace) -> None:
    """Grow a disk that is attached to a VM; it never shrinks."""
    vm_id = _get(work, args).vm_id
    if not vm_id:
        raise ConflictError(
            f"Disk '{args.id}' is not attached.",
            f"Only an attached disk grows: disk attach {args.id} --vm VM",
        )
    work.call(work.session.disks.resize_disk(work.project, vm_id, args.id, args.size))
    if args.wait:  # it is the VM that shows when the change is done: RESIZING_DISK
        work.wait(
            f"VM '{vm_id}'",
            lambda look: work.session.vms.wait_for_vm(
                work.project, vm_id, states=SETTLED, timeout=args.timeout, on_look=look
            ),
            follow=f"vm get {vm_id}",
        )
    _changed(work, args, "ATTACHED", f"resized to {args.size} GiB")


def disk_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a disk is in a state."""
    args.wait = True
    _reach(work, args, args.state)
    work.done(f"Disk '{args.id}' is {args.state}.", _get(work, args), FIELDS, args)


def disk_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a detached disk and what is on it."""
    disks = work.session.disks
    destroy(
        work,
        args,
        f"disk '{args.id}'",
        get=lambda: disks.get_disk(work.project, args.id),
        delete=lambda: disks.delete_disk(work.project, args.id),
        wait=lambda look: disks.wait_for_disk_deleted(
            work.project, args.id, timeout=args.timeout, on_look=look
        ),
        kinds=("disks",),
        loss=" and all that is on it",
    )


def _get(work: "Workspace", args: Namespace) -> "Disk":
    return work.call(work.session.disks.get_disk(work.project, args.id))


def _changed(work: "Workspace", args: Namespace, state: str, done: str) -> None:
    work.wrote("disks", "vms")
    _reach(work, args, state)
    work.done(f"Disk '{args.id}' {done}.", _get(work, args), FIELDS, args)


def _reach(work: "Workspace", args: Namespace, state: str, *, just_created: bool = False) -> None:
    if not args.wait:
        return
    work.wait(
        f"Disk '{args.id}'",
        lambda look: work.session.disks.wait_for_disk(
            work.project,
            args.id,
            states={state},
            timeout=args.timeout,
            just_created=just_created,
            on_look=look,
        ),
        follow=f"disk wait {args.id} --state {state}",
    )
