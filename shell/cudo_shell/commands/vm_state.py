"""A VM as its verbs see it: its columns, how it is fetched and waited for, when it ends."""

from argparse import ArgumentParser, Namespace

from cudo_shell.commands.base import argument
from cudo_shell.commands.lifecycle import Lifecycle
from cudo_shell.commands.values import lifetime, moment
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, FLAG, GIB, ID, LIST, PRICE_HR, STATE, TIME

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
VM = Lifecycle(
    "VM",
    "vm",
    "vms",
    FIELDS,
    1200.0,
    get=lambda session, *ids: session.vms.get_vm(*ids),
    wait=lambda session, *ids, **how: session.vms.wait_for_vm(*ids, **how),
    wait_deleted=lambda session, *ids, **how: session.vms.wait_for_vm_deleted(*ids, **how),
    states=(
        "CLONING",
        "CREATING_SNAPSHOT",
        "DELETED",
        "DELETING",
        "DELETING_SNAPSHOT",
        "FAILED",
        "HOTPLUGGING",
        "MIGRATING",
        "RECREATING",
        "REVERTING_SNAPSHOT",
        "RESIZING",
        "RESIZING_DISK",
        "ACTIVE",
        "STARTING",
        "STOPPED",
        "STOPPING",
        "SUSPENDED",
        "SUSPENDING",
        "PENDING",
    ),
    touches=("disks",),
)


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


def ttl(args: Namespace) -> str | None:
    return f"{args.ttl:.0f}s" if args.ttl is not None else None
