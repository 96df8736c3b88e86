"""Virtual machines on the command line."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import (
    add_verb,
    amount,
    argument,
    choice,
    count,
    duration,
    if_exists_option,
    moment,
    new_id,
    noun_parser,
    output_options,
    pair,
    timeout_option,
    wait_options,
    yes_option,
)
from cudo_shell.commands.flows import cost, destroy, price_line
from cudo_shell.exits import UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import BYTES, COUNT, EPOCH, FLAG, GIB, ID, LIST, PERCENT, PRICE_HR, STATE, TIME

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
COUNT_FIELDS = (FieldSpec("count", COUNT),)
CONSOLE_FIELDS = (FieldSpec("connect_url"), FieldSpec("token"))
SAMPLE_FIELDS = (
    FieldSpec("timestamp", EPOCH, priority=0),
    FieldSpec("cpu", PERCENT),
    FieldSpec("memory", BYTES),
    FieldSpec("net_rx", BYTES, priority=2),
    FieldSpec("net_tx", BYTES, priority=2),
    FieldSpec("disk_read", BYTES, path="disk_rd_bytes", priority=2),
    FieldSpec("disk_write", BYTES, path="disk_wr_bytes", priority=2),
)

CREATE_TIMEOUT = 7200.0  # seconds; what the vendor allows for
CHANGE_TIMEOUT = 1200.0

term = choice(
    "COMMITMENT_TERM_", *(f"{months}_MONTH{'S' * (months > 1)}" for months in (1, 3, 6, 12, 24, 36, 60))
)
key_source = choice("SSH_KEY_SOURCE_", "PROJECT", "USER", "NONE")


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "vm", "Virtual machines.")

    verb = add_verb(
        verbs, "list", vm_list, examples=("vm list", "vm list --sort=-price_hr -o json"), aliases=["ls"]
    )
    argument(verb, "--network", source="networks", metavar="<network-id>", help="only those on a network")
    output_options(verb, rows=True)

    verb = add_verb(verbs, "get", vm_get, examples=("vm get web-1", "vm get web-1 -o yaml"), aliases=["show"])
    _vm(verb)
    output_options(verb)

    _add_create(verbs)

    verb = add_verb(verbs, "start", vm_start, examples=("vm start web-2",))
    _changed_vm(verb, state="=STOPPED")
    verb = add_verb(verbs, "stop", vm_stop, examples=("vm stop web-1", "vm stop db-1 --no-wait"))
    _changed_vm(verb, state="=ACTIVE")
    verb = add_verb(verbs, "restart", vm_restart, examples=("vm restart web-1",), aliases=["reboot"])
    _changed_vm(verb, state="=ACTIVE")

    verb = add_verb(verbs, "resize", vm_resize, examples=("vm resize web-2 --vcpus 4 --memory 16",))
    _changed_vm(verb, state="=STOPPED")
    argument(verb, "--vcpus", type=amount, field="vcpus", metavar="N", help="new number of vCPUs")
    argument(verb, "--memory", type=amount, field="memoryGib", metavar="GIB", help="new memory in GiB")

    verb = add_verb(
        verbs, "terminate", vm_terminate, examples=("vm terminate web-2 --yes",), aliases=["rm", "delete"]
    )
    _changed_vm(verb)
    yes_option(verb)
    if_exists_option(verb)

    verb = add_verb(verbs, "commit", vm_commit, examples=("vm commit web-1 --term 1-month --yes",))
    _vm(verb)
    argument(
        verb,
        "--term",
        type=term,
        required=True,
        field="commitmentTerm",
        metavar="TERM",
        help="such as 12-months",
    )
    yes_option(verb)
    output_options(verb)

    verb = add_verb(verbs, "wait", vm_wait, examples=("vm wait web-1 --state ACTIVE --timeout 10m",))
    _vm(verb)
    verb.add_argument(
        "--state", type=str.upper, default="ACTIVE", metavar="STATE", help="or DELETED (ACTIVE if not given)"
    )
    timeout_option(verb, CREATE_TIMEOUT)
    output_options(verb)

    verb = add_verb(verbs, "connect", vm_connect, examples=("vm connect web-1",))
    _vm(verb)
    verb.add_argument("--show", action="store_true", help="print the token on a terminal, too")
    output_options(verb)

    verb = add_verb(verbs, "monitor", vm_monitor, examples=("vm monitor web-1", "vm monitor web-1 -o csv"))
    _vm(verb)
    output_options(verb, rows=True)

    verb = add_verb(verbs, "count", vm_count, examples=("vm count",))
    output_options(verb)

    _add_settings(verbs)
    return parser


def _add_create(verbs: Any) -> None:
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
    argument(verb, "--vcpus", type=amount, required=True, field="vcpus", metavar="N")
    argument(verb, "--memory", type=amount, required=True, field="memoryGib", metavar="GIB")
    argument(verb, "--gpus", type=count, default=0, field="gpus", metavar="N")
    argument(
        verb, "--boot-disk", type=amount, field="bootDiskSizeGib", metavar="GIB", help="size of the boot disk"
    )
    argument(
        verb,
        "--disk",
        action="append",
        source="disks",
        narrow={"state": "=READY", "data_center": "data_center"},
        field="storageDiskIds",
        metavar="<disk-id>",
        help="attach a disk; may be repeated",
    )
    argument(
        verb,
        "--network",
        action="append",
        source="networks",
        narrow={"data_center": "data_center"},
        field="nics",
        metavar="<network-id>",
        help="connect to a network; may be repeated",
    )
    argument(
        verb,
        "--security-group",
        action="append",
        source="security_groups",
        narrow={"data_center": "data_center"},
        field="securityGroupIds",
        metavar="<security-group-id>",
        help="may be repeated",
    )
    _key_options(verb)
    argument(verb, "--start-script", field="startScript", metavar="@FILE", help="runs at the first start")
    argument(
        verb,
        "--password",
        nargs="?",
        const="",
        field="password",
        metavar="@FILE|-",
        help="for Windows; asked for if bare",
    )
    argument(
        verb,
        "--metadata",
        type=pair,
        action="append",
        field="metadata",
        metavar="NAME=VALUE",
        help="may be repeated",
    )
    argument(
        verb,
        "--term",
        type=term,
        field="commitmentTerm",
        metavar="TERM",
        help="commit at once, such as 12-months",
    )
    _expiry_options(verb, required=False)
    wait_options(verb, timeout=CREATE_TIMEOUT)
    output_options(verb)


def _add_settings(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "set-keys",
        vm_set_keys,
        examples=("vm set-keys web-1 --ssh-key-source user",),
        aliases=["authorized-keys"],
    )
    _vm(verb)
    _key_options(verb)

    verb = add_verb(verbs, "set-expiry", vm_set_expiry, examples=("vm set-expiry web-1 --ttl 8h",))
    _vm(verb)
    _expiry_options(verb, required=True)
    output_options(verb)

    verb = add_verb(
        verbs, "set-metadata", vm_set_metadata, examples=("vm set-metadata web-1 owner=ada stage=test",)
    )
    _vm(verb)
    argument(verb, "metadata", nargs="*", type=pair, field="metadata", metavar="NAME=VALUE")
    verb.add_argument("--replace", action="store_true", help="drop what is not named here")
    output_options(verb)

    verb = add_verb(verbs, "set-password", vm_set_password, examples=("vm set-password web-1 @password.txt",))
    _vm(verb)
    argument(
        verb, "password", nargs="?", field="password", metavar="@FILE|-", help="asked for if it is not given"
    )


def _vm(parser: ArgumentParser, **narrow: str) -> None:
    argument(parser, "id", source="vms", narrow=narrow, field="id", metavar="<vm-id>")


def _changed_vm(parser: ArgumentParser, **narrow: str) -> None:
    _vm(parser, **narrow)
    wait_options(parser, timeout=CHANGE_TIMEOUT)
    output_options(parser)


def _key_options(parser: ArgumentParser) -> None:
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


def _expiry_options(parser: ArgumentParser, *, required: bool) -> None:
    group = parser.add_mutually_exclusive_group(required=required)
    argument(
        group,
        "--ttl",
        type=duration,
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


def vm_list(work: "Workspace", args: Namespace) -> None:
    """List the VMs of the project."""
    work.show_list(work.session.vms.search_vms(work.project, network_id=args.network), FIELDS, args)


def vm_get(work: "Workspace", args: Namespace) -> None:
    """Show one VM."""
    work.show(_get(work, args), FIELDS, args)


def vm_create(work: "Workspace", args: Namespace) -> None:
    """Create a VM and start it; its price is shown first."""
    from cudo_sdk.functions.vms import NIC

    work.say(price_line(_price_of_new(work, args)))
    vm = work.call(
        work.session.vms.create_vm(
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
            password=_password(work, args.password) if args.password is not None else None,
            metadata=dict(args.metadata) if args.metadata else None,
            commitment_term=args.term,
            expire_time=args.expire_time,
            ttl=_ttl(args),
            **_keys(work, args),
        )
    )
    work.wrote("vms", "disks")
    _reach(work, args, "ACTIVE", just_created=True)
    work.say(f"VM '{args.id}' created." if args.wait else f"VM '{args.id}' is being created.")
    work.show(_get(work, args) if args.wait else vm, FIELDS, args)


def vm_start(work: "Workspace", args: Namespace) -> None:
    """Start a stopped VM."""
    work.call(work.session.vms.start_vm(work.project, args.id))
    _changed(work, args, "ACTIVE", "started")


def vm_stop(work: "Workspace", args: Namespace) -> None:
    """Stop a VM; it is still billed."""
    work.call(work.session.vms.stop_vm(work.project, args.id))
    _changed(work, args, "STOPPED", "stopped")


def vm_restart(work: "Workspace", args: Namespace) -> None:
    """Restart a running VM."""
    work.call(work.session.vms.restart_vm(work.project, args.id))
    _changed(work, args, "ACTIVE", "restarted")


def vm_resize(work: "Workspace", args: Namespace) -> None:
    """Give a stopped VM other sizes."""
    if args.vcpus is None and args.memory is None:
        raise UsageError("vm resize: nothing to change.", "Give --vcpus, --memory, or both.")
    work.call(work.session.vms.resize_vm(work.project, args.id, vcpus=args.vcpus, memory_gib=args.memory))
    _changed(work, args, "STOPPED", "resized")


def vm_terminate(work: "Workspace", args: Namespace) -> None:
    """Delete a VM and its boot disk; storage disks are kept."""
    vms = work.session.vms
    destroy(
        work,
        args,
        f"VM '{args.id}'",
        get=lambda: vms.get_vm(work.project, args.id),
        delete=lambda: vms.terminate_vm(work.project, args.id),
        wait=lambda look: vms.wait_for_vm_deleted(work.project, args.id, timeout=args.timeout, on_look=look),
        kinds=("vms", "disks"),
        loss=" and its boot disk",
        price=_hourly,
    )


def vm_commit(work: "Workspace", args: Namespace) -> None:
    """Commit to pay for a VM for a term, at a lower price."""
    vm = _get(work, args)
    name = args.term.removeprefix("COMMITMENT_TERM_").replace("_", " ").lower()
    work.confirm(
        f"Commit VM '{args.id}' in project '{work.project}' for {name}? "
        f"It cannot be terminated before the end.{cost(_hourly(vm))}",
        args,
    )
    work.call(work.session.vms.commit_vm(work.project, args.id, args.term))
    work.wrote("vms")
    work.done(f"VM '{args.id}' is committed for {name}.", _get(work, args), FIELDS, args)


def vm_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a VM is in a state; DELETED waits until it is gone."""
    if args.state == "DELETED":
        vms = work.session.vms
        work.wait(
            f"VM '{args.id}'",
            lambda look: vms.wait_for_vm_deleted(work.project, args.id, timeout=args.timeout, on_look=look),
        )
        work.say(f"VM '{args.id}' is gone.")
        return
    args.wait = True
    _reach(work, args, args.state)
    work.done(f"VM '{args.id}' is {args.state}.", _get(work, args), FIELDS, args)


def vm_connect(work: "Workspace", args: Namespace) -> None:
    """Get the address of a VM's console; the token is secret, and printed into a pipe or with --show."""
    console = work.call(work.session.vms.connect_vm(work.project, args.id))
    is_shown = args.show or not work.streams.out_is_terminal
    data = console.to_api(show_secrets=is_shown)
    work.show({"connect_url": data.pop("connectUrl", None), **data}, CONSOLE_FIELDS, args)
    if not is_shown:
        work.say("The token opens the console for whoever has it. Print it with --show.")


def vm_monitor(work: "Workspace", args: Namespace) -> None:
    """List the latest samples of a VM's use of CPU, memory, disk and network."""
    work.show_list(work.call(work.session.vms.monitor_vm(work.project, args.id)), SAMPLE_FIELDS, args)


def vm_count(work: "Workspace", args: Namespace) -> None:
    """Count the VMs of the project."""
    work.show({"count": work.call(work.session.vms.count_vms(work.project))}, COUNT_FIELDS, args)


def vm_set_keys(work: "Workspace", args: Namespace) -> None:
    """Choose whose SSH keys open a VM."""
    keys = _keys(work, args)
    if not any(keys.values()):
        raise UsageError("vm set-keys: nothing to change.", "Give --ssh-key-source or --ssh-key.")
    work.call(work.session.vms.update_vm_authorized_ssh_keys(work.project, args.id, **keys))
    work.say(f"The SSH keys of VM '{args.id}' are set.")


def vm_set_expiry(work: "Workspace", args: Namespace) -> None:
    """Set when a VM and its boot disk are deleted."""
    vms = work.session.vms
    work.call(vms.update_vm_expire_time(work.project, args.id, expire_time=args.expire_time, ttl=_ttl(args)))
    vm = _get(work, args)
    work.done(f"VM '{args.id}' and its boot disk will be deleted at {vm.expire_time}.", vm, FIELDS, args)


def vm_set_metadata(work: "Workspace", args: Namespace) -> None:
    """Set metadata of a VM; what is not named is kept."""
    if not args.metadata and not args.replace:
        raise UsageError("vm set-metadata: nothing to change.", "Give NAME=VALUE, or --replace to drop all.")
    vms = work.session.vms
    work.call(vms.update_vm_metadata(work.project, args.id, dict(args.metadata), merge=not args.replace))
    work.done(f"The metadata of VM '{args.id}' are set.", _get(work, args), FIELDS, args)


def vm_set_password(work: "Workspace", args: Namespace) -> None:
    """Set the password of a Windows VM; it is never an argument."""
    password = _password(work, args.password)
    work.call(work.session.vms.update_vm_password(work.project, args.id, password))
    work.say(f"The password of VM '{args.id}' is set.")


def _get(work: "Workspace", args: Namespace) -> "VM":
    return work.call(work.session.vms.get_vm(work.project, args.id))


def _hourly(vm: "VM") -> Decimal | None:
    return vm.price.total_price_hr if vm.price else None


def _changed(work: "Workspace", args: Namespace, state: str, done: str) -> None:
    work.wrote("vms")
    _reach(work, args, state)
    message = (
        f"VM '{args.id}' {done}."
        if args.wait
        else f"VM '{args.id}': {done} soon; see: vm wait {args.id} --state {state}"
    )
    work.done(message, _get(work, args), FIELDS, args)


def _reach(work: "Workspace", args: Namespace, state: str, *, just_created: bool = False) -> None:
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


def _price_of_new(work: "Workspace", args: Namespace) -> Decimal:
    """Add up what the machine type asks for these sizes; a lower bound where the API tells no price."""
    kind = work.call(
        work.session.machine_types.get_vm_machine_type(
            args.data_center, args.machine_type, project_id=work.project
        )
    )
    parts = (
        (kind.vcpu_price_hr, args.vcpus),
        (kind.memory_gib_price_hr, args.memory),
        (kind.gpu_price_hr, args.gpus),
        (kind.min_storage_gib_price_hr, args.boot_disk or 0),
        (kind.ipv4_price_hr, 1),
    )
    return sum((price * number for price, number in parts if price is not None), Decimal(0))


def _keys(work: "Workspace", args: Namespace) -> dict[str, Any]:
    keys = [work.read_text(key).strip() for key in args.ssh_key or ()]
    source = args.ssh_key_source or ("SSH_KEY_SOURCE_NONE" if keys else None)
    return {"ssh_key_source": source, "custom_ssh_keys": keys or None}


def _password(work: "Workspace", source: str | None) -> str:
    return work.read_secret("password", source or None)


def _ttl(args: Namespace) -> str | None:
    return f"{args.ttl:.0f}s" if args.ttl else None
