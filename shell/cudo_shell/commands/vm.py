"""Virtual machines on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import (
    add_verb,
    amount,
    argument,
    if_exists_option,
    noun_parser,
    output_options,
    timeout_option,
    yes_option,
)
from cudo_shell.commands.commitment import confirm_commitment, term_name, term_option
from cudo_shell.commands.flows import destroy
from cudo_shell.commands.secret_output import is_shown, show_option, show_with_secrets
from cudo_shell.commands.vm_create import add_create
from cudo_shell.commands.vm_settings import add_settings
from cudo_shell.commands.vm_state import (
    CREATE_TIMEOUT,
    FIELDS,
    changed,
    changed_vm,
    get_vm,
    hourly_price,
    reach,
    vm_argument,
)
from cudo_shell.exits import UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import BYTES, COUNT, EPOCH, PERCENT

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

COUNT_FIELDS = (FieldSpec("count", COUNT),)
CONSOLE_FIELDS = (FieldSpec("connect_url", path="connectUrl"), FieldSpec("token"))
SAMPLE_FIELDS = (
    FieldSpec("timestamp", EPOCH, priority=0),
    FieldSpec("cpu", PERCENT),
    FieldSpec("memory", BYTES),
    FieldSpec("net_rx", BYTES, priority=2),
    FieldSpec("net_tx", BYTES, priority=2),
    FieldSpec("disk_read", BYTES, path="disk_rd_bytes", priority=2),
    FieldSpec("disk_write", BYTES, path="disk_wr_bytes", priority=2),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "vm", "Virtual machines.")

    verb = add_verb(
        verbs, "list", vm_list, examples=("vm list", "vm list --sort=-price_hr -o json"), aliases=["ls"]
    )
    argument(verb, "--network", source="networks", metavar="<network-id>", help="only those on a network")
    output_options(verb, rows=True)

    verb = add_verb(verbs, "get", vm_get, examples=("vm get web-1", "vm get web-1 -o yaml"), aliases=["show"])
    vm_argument(verb)
    output_options(verb)

    add_create(verbs)

    verb = add_verb(verbs, "start", vm_start, examples=("vm start web-2",))
    changed_vm(verb, state="=STOPPED")
    verb = add_verb(verbs, "stop", vm_stop, examples=("vm stop web-1", "vm stop db-1 --no-wait"))
    changed_vm(verb, state="=ACTIVE")
    verb = add_verb(verbs, "restart", vm_restart, examples=("vm restart web-1",), aliases=["reboot"])
    changed_vm(verb, state="=ACTIVE")

    verb = add_verb(verbs, "resize", vm_resize, examples=("vm resize web-2 --vcpus 4 --memory 16",))
    changed_vm(verb, state="=STOPPED")
    argument(verb, "--vcpus", type=amount, field="vcpus", metavar="N", help="new number of vCPUs")
    argument(verb, "--memory", type=amount, field="memoryGib", metavar="GIB", help="new memory in GiB")

    verb = add_verb(
        verbs, "terminate", vm_terminate, examples=("vm terminate web-2 --yes",), aliases=["rm", "delete"]
    )
    changed_vm(verb)
    yes_option(verb)
    if_exists_option(verb)

    verb = add_verb(verbs, "commit", vm_commit, examples=("vm commit web-1 --term 1-month --confirm web-1",))
    vm_argument(verb)
    term_option(verb, required=True)
    output_options(verb)

    verb = add_verb(verbs, "wait", vm_wait, examples=("vm wait web-1 --state ACTIVE --timeout 10m",))
    vm_argument(verb)
    verb.add_argument(
        "--state", type=str.upper, default="ACTIVE", metavar="STATE", help="or DELETED (ACTIVE if not given)"
    )
    timeout_option(verb, CREATE_TIMEOUT)
    output_options(verb)

    verb = add_verb(verbs, "connect", vm_connect, examples=("vm connect web-1",))
    vm_argument(verb)
    show_option(verb, "token")
    output_options(verb)

    verb = add_verb(verbs, "monitor", vm_monitor, examples=("vm monitor web-1", "vm monitor web-1 -o csv"))
    vm_argument(verb)
    output_options(verb, rows=True)

    verb = add_verb(verbs, "count", vm_count, examples=("vm count",))
    output_options(verb)

    add_settings(verbs)
    return parser


def vm_list(work: "Workspace", args: Namespace) -> None:
    """List the VMs of the project."""
    work.show_list(work.session.vms.search_vms(work.project, network_id=args.network), FIELDS, args)


def vm_get(work: "Workspace", args: Namespace) -> None:
    """Show one VM."""
    work.show(get_vm(work, args), FIELDS, args)


def vm_start(work: "Workspace", args: Namespace) -> None:
    """Start a stopped VM."""
    work.call(work.session.vms.start_vm(work.project, args.id))
    changed(work, args, "ACTIVE", "started")


def vm_stop(work: "Workspace", args: Namespace) -> None:
    """Stop a VM; it is still billed."""
    work.call(work.session.vms.stop_vm(work.project, args.id))
    changed(work, args, "STOPPED", "stopped")


def vm_restart(work: "Workspace", args: Namespace) -> None:
    """Restart a running VM."""
    work.call(work.session.vms.restart_vm(work.project, args.id))
    changed(work, args, "ACTIVE", "restarted")


def vm_resize(work: "Workspace", args: Namespace) -> None:
    """Give a stopped VM other sizes."""
    if args.vcpus is None and args.memory is None:
        raise UsageError("vm resize: nothing to change.", "Give --vcpus, --memory, or both.")
    work.call(work.session.vms.resize_vm(work.project, args.id, vcpus=args.vcpus, memory_gib=args.memory))
    changed(work, args, "STOPPED", "resized")


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
        act="Terminate",
        loss=" and its boot disk",
        price=hourly_price,
    )


def vm_commit(work: "Workspace", args: Namespace) -> None:
    """Commit to pay for a VM for a term, at a lower price."""
    price_hr = hourly_price(get_vm(work, args))  # without a term: what is asked for now is the most
    confirm_commitment(work, args, f"VM '{args.id}'", price_hr, bound="at most ")
    work.call(work.session.vms.commit_vm(work.project, args.id, args.term))
    work.wrote("vms")
    message = f"VM '{args.id}' is committed for {term_name(args.term)}."
    work.done(message, get_vm(work, args), FIELDS, args)


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
    reach(work, args, args.state)
    work.done(f"VM '{args.id}' is {args.state}.", get_vm(work, args), FIELDS, args)


def vm_connect(work: "Workspace", args: Namespace) -> None:
    """Get the address of a VM's console; the token is secret, and printed into a pipe or with --show."""
    console = work.call(work.session.vms.connect_vm(work.project, args.id))
    show_with_secrets(work, console, CONSOLE_FIELDS, args)
    if not is_shown(work, args):
        work.say("The token opens the console for whoever has it. Print it with --show.")


def vm_monitor(work: "Workspace", args: Namespace) -> None:
    """List the latest samples of a VM's use of CPU, memory, disk and network."""
    work.show_list(work.call(work.session.vms.monitor_vm(work.project, args.id)), SAMPLE_FIELDS, args)


def vm_count(work: "Workspace", args: Namespace) -> None:
    """Count the VMs of the project."""
    work.show({"count": work.call(work.session.vms.count_vms(work.project))}, COUNT_FIELDS, args)
