"""Creating a VM: what can be said about it, its price, its keys and password."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import (
    add_verb,
    argument,
    data_center_option,
    output_options,
    size_option,
    wait_options,
)
from cudo_shell.commands.commitment import confirm_commitment, term_option
from cudo_shell.commands.values import amount, choice, count, new_id, pair
from cudo_shell.commands.vm_missing import imaged, placed
from cudo_shell.commands.vm_state import CREATE_TIMEOUT, VM, expiry_options, ttl

if TYPE_CHECKING:
    from cudo_sdk.functions import vms
    from cudo_shell.workspace import Workspace

key_source = choice("SSH_KEY_SOURCE_", "PROJECT", "USER", "NONE")


def add_create(verbs: Any) -> None:
    sizes = "--data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 --image ubuntu-2404"
    verb = add_verb(
        verbs,
        "create",
        vm_create,
        examples=(
            f"vm create job-1 {sizes} --vcpus 2 --memory 4",
            f"vm create job-2 {sizes} --vcpus 4 --memory 8 --gpus 1 --ttl 8h --no-wait",
        ),
    )
    argument(
        verb, "id", type=new_id, creates="vms", field="vmId", metavar="<vm-id>", help="the id of the new VM"
    )
    data_center_option(verb)
    argument(
        verb,
        "--machine-type",
        source="machine_types",
        narrow={"data_center": "data_center"},
        required=True,
        field="machineType",
        metavar="<machine-type>",
        help="see: machine-type list",
    )
    argument(
        verb,
        "--image",
        source="public_images",
        required=True,
        field="bootDiskImageId",
        metavar="<image-id>",
        help="public or private",
    )
    _size_options(verb)
    _connection_options(verb)
    _first_start_options(verb)
    term_option(verb)
    expiry_options(verb, required=False)
    wait_options(verb, timeout=CREATE_TIMEOUT)
    output_options(verb, VM.fields)


def _size_options(parser: ArgumentParser) -> None:
    argument(
        parser, "--vcpus", type=amount, required=True, field="vcpus", metavar="N", help="number of vCPUs"
    )
    size_option(parser, "--memory", "memory", required=True, field="memoryGib")
    argument(
        parser,
        "--gpus",
        type=count,
        default=0,
        field="gpus",
        metavar="N",
        help="number of GPUs, of the model of the machine type (none if not given)",
    )
    size_option(
        parser, "--boot-disk", "size of the boot disk", otherwise="as the image", field="bootDiskSizeGib"
    )


def _connection_options(parser: ArgumentParser) -> None:
    """Add what is attached to the VM, or around it."""
    argument(
        parser,
        "--disk",
        action="append",
        source="disks",
        narrow={"state": "=READY", "data_center": "data_center"},
        field="storageDiskIds",
        metavar="<disk-id>",
        help="attach a disk; may be repeated",
    )
    argument(
        parser,
        "--network",
        action="append",
        source="networks",
        narrow={"data_center": "data_center"},
        field="nics",
        metavar="<network-id>",
        help="connect to a network; may be repeated",
    )
    argument(
        parser,
        "--security-group",
        action="append",
        source="security_groups",
        narrow={"data_center": "data_center"},
        field="securityGroupIds",
        metavar="<security-group-id>",
        help="may be repeated",
    )


def _first_start_options(parser: ArgumentParser) -> None:
    """Add what the VM is given at its first start."""
    key_options(parser)
    argument(parser, "--start-script", field="startScript", metavar="@FILE", help="runs at the first start")
    argument(
        parser,
        "--password",
        nargs="?",
        const="",
        field="password",
        metavar="@FILE|-",
        help="for Windows; asked for if bare",
    )
    argument(
        parser,
        "--metadata",
        type=pair,
        action="append",
        field="metadata",
        metavar="NAME=VALUE",
        help="may be repeated",
    )


def key_options(parser: ArgumentParser) -> None:
    argument(
        parser,
        "--ssh-key-source",
        type=key_source,
        field="sshKeySource",
        metavar="project|user|none",
        help="whose keys may log in",
    )
    argument(
        parser,
        "--ssh-key",
        action="append",
        field="customSshKeys",
        metavar="KEY|@FILE",
        help="a public key; may be repeated",
    )


def vm_create(work: "Workspace", args: Namespace) -> None:
    """Create a VM and start it; its price is shown first."""
    with placed(work, args):
        price_hr = _price_of_new(work, args)
    is_least = args.boot_disk is None
    work.foretell_price(price_hr, is_least=is_least)
    confirm_commitment(work, args, f"VM '{args.id}'", price_hr, bound="at least " * is_least)
    create = _creation(work, args)
    is_whole = args.password != "" and not work.names_planned  # else the API cannot say whether it would do
    with imaged(work, args):
        if work.plan and is_whole:
            work.call(create(validate_only=True))
            work.foretell("The API accepts it.")
        vm = work.call(create())
    VM.created(work, args, vm)


def _creation(work: "Workspace", args: Namespace) -> "Callable[..., Coroutine[Any, Any, vms.VM]]":
    """What creates the VM when it is called; files and secrets are read once."""
    from cudo_sdk.functions.vms import NIC

    return partial(
        work.session.vms.create_vm,
        work.project,
        args.id,
        args.data_center,
        args.machine_type,
        args.image,
        args.vcpus,
        args.memory,
        args.gpus,
        boot_disk_size_gib=args.boot_disk,
        storage_disk_ids=args.disk,
        nics=[NIC(network_id=network) for network in args.network] if args.network else None,
        security_group_ids=args.security_group,
        start_script=work.read_text(args.start_script) if args.start_script else None,
        password=password_of(work, args.password) if args.password is not None else None,
        metadata=dict(args.metadata) if args.metadata else None,
        commitment_term=args.term,
        expire_time=args.expire_time,
        ttl=ttl(args),
        **keys_of(work, args),
    )


def _price_of_new(work: "Workspace", args: Namespace) -> Decimal:
    """Add up what the machine type asks for these sizes; without a disk that is as large as the image."""
    kind = work.call(
        work.session.machine_types.get_vm_machine_type(
            args.data_center, args.machine_type, project_id=work.project
        )
    )
    in_term = [prices for prices in kind.prices if args.term and prices.commitment_term == args.term]
    rates = in_term[0] if in_term else kind
    parts = (
        (rates.vcpu_price_hr, args.vcpus),
        (rates.memory_gib_price_hr, args.memory),
        (rates.gpu_price_hr, args.gpus),
        (kind.min_storage_gib_price_hr, args.boot_disk or 0),
        (kind.ipv4_price_hr, 0 if args.network else 1),  # on a network, a VM has no public address
    )
    return sum((price * number for price, number in parts if price is not None), Decimal(0))


def keys_of(work: "Workspace", args: Namespace) -> dict[str, Any]:
    keys = [work.read_text(key).strip() for key in args.ssh_key or ()]
    source = args.ssh_key_source or ("SSH_KEY_SOURCE_NONE" if keys else None)
    return {"ssh_key_source": source, "custom_ssh_keys": keys or None}


def password_of(work: "Workspace", source: str | None) -> str:
    return work.read_secret("password", source or None)
