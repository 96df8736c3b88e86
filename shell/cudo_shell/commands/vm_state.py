"""A VM as its verbs see it: its columns, how it is named, fetched, waited for."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING

from cudo_shell.commands.base import argument, lifetime, moment, output_options, wait_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, FLAG, GIB, ID, LIST, PRICE_HR, STATE, TIME

if TYPE_CHECKING:
    from cudo_sdk.functions.vms import VM
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("state", STATE),
    FieldSpec("data_center", path="data_center_id", priority=3),
    FieldSpec("machine_type", priority=4),
    FieldSpec("vcpus", COUNT, priority=2),
    FieldSpec("memory_gib", GIB, path="memory_gib", priority=2),
    FieldSpec("gpus", COUNT, priority=2),
    FieldSpec("gpu_model", priority=5),
    FieldSpec("ip", path="external_ip_address", priority=3),
    FieldSpec("price_hr", PRICE_HR, path="price.total_price_hr", priority=2),
    FieldSpec("created", TIME, path="create_time", priority=6),
    FieldSpec("project", path="project_id", listed=False),
    FieldSpec("internal_ip", path="internal_ip_address", listed=False),
    FieldSpec("image", path="image_id", listed=False),
    FieldSpec("boot_disk_gib", GIB, path="boot_disk_size_gib", listed=False),
    FieldSpec("disks", LIST, path="storage_disks.id", listed=False),
    FieldSpec("networks", LIST, path="nics.network_id", listed=False),
    FieldSpec("security_groups", LIST, path="security_group_ids", listed=False),
    FieldSpec("ssh_keys", path="ssh_key_source", listed=False),
    FieldSpec("metadata", LIST, listed=False),
    FieldSpec("commitment", path="commitment_term", listed=False),
    FieldSpec("committed_until", TIME, path="commitment_end_time", listed=False),
    FieldSpec("expires", TIME, path="expire_time", listed=False),
    FieldSpec("renewable_energy", FLAG, listed=False),
)
CREATE_TIMEOUT = 7200.0  # seconds; what the vendor allows for
CHANGE_TIMEOUT = 1200.0


def vm_argument(parser: ArgumentParser, **narrow: str) -> None:
    argument(parser, "id", source="vms", narrow=narrow, field="id", metavar="<vm-id>")


def changed_vm(parser: ArgumentParser, **narrow: str) -> None:
    vm_argument(parser, **narrow)
    wait_options(parser, timeout=CHANGE_TIMEOUT)
    output_options(parser)


def expiry_options(parser: ArgumentParser, *, required: bool) -> None:
    group = parser.add_mutually_exclusive_group(required=required)
    argument(
        group,
        "--ttl",
        type=lifetime,
        field="ttl",
        metavar="TIME",
        help="delete the VM after this time, such as 8h",
    )
    argument(
        group,
        "--expire-time",
        type=moment,
        field="expireTime",
        metavar="TIME",
        help="delete the VM at this moment",
    )


def get_vm(work: "Workspace", args: Namespace) -> "VM":
    return work.call(work.session.vms.get_vm(work.project, args.id))


def hourly_price(vm: "VM") -> Decimal | None:
    return vm.price.total_price_hr if vm.price else None


def changed(work: "Workspace", args: Namespace, state: str, done: str) -> None:
    work.wrote("vms")
    reach(work, args, state)
    message = (
        f"VM '{args.id}' {done}."
        if args.wait
        else f"VM '{args.id}': {done} soon; see: vm wait {args.id} --state {state}"
    )
    work.done(message, get_vm(work, args), FIELDS, args)


def reach(work: "Workspace", args: Namespace, state: str, *, just_created: bool = False) -> None:
    if not args.wait:
        return
    work.wait(
        f"VM '{args.id}'",
        lambda look: work.session.vms.wait_for_vm(
            work.project,
            args.id,
            states={state},
            timeout=args.timeout,
            just_created=just_created,
            on_look=look,
        ),
        follow=f"vm wait {args.id} --state {state}",
    )


def ttl(args: Namespace) -> str | None:
    return f"{args.ttl:.0f}s" if args.ttl is not None else None
