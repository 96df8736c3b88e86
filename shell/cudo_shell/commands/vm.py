"""Virtual machines on the command line."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import add_verb, argument, noun_parser, output_options, size_option
from cudo_shell.commands.commitment import confirm_commitment, term_name, term_option
from cudo_shell.commands.secret_output import is_shown, show_option, show_with_secrets
from cudo_shell.commands.values import amount
from cudo_shell.commands.vm_create import add_create
from cudo_shell.commands.vm_settings import add_settings
from cudo_shell.commands.vm_state import CREATE_TIMEOUT, FIELDS, VM
from cudo_shell.exits import UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import BYTES, COUNT, EPOCH, PERCENT

if TYPE_CHECKING:
    from decimal import Decimal

    from cudo_shell.output.charts import Canvas
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
    VM.listed(verb)

    verb = add_verb(verbs, "get", vm_get, examples=("vm get web-1", "vm get web-1 -o yaml"), aliases=["show"])
    VM.id_argument(verb)
    output_options(verb, FIELDS)

    add_create(verbs)

    verb = add_verb(verbs, "start", vm_start, examples=("vm start web-2",))
    VM.several_ids(verb, state="=STOPPED")
    VM.changing(verb)
    verb = add_verb(
        verbs,
        "stop",
        vm_stop,
        examples=("vm stop web-1 db-1", "vm stop --filter state=ACTIVE --yes --no-wait"),
    )
    VM.several_ids(verb, state="=ACTIVE")
    VM.changing(verb)
    verb = add_verb(verbs, "restart", vm_restart, examples=("vm restart web-1",), aliases=["reboot"])
    VM.several_ids(verb, state="=ACTIVE")
    VM.changing(verb)

    verb = add_verb(verbs, "resize", vm_resize, examples=("vm resize web-2 --vcpus 4 --memory 16",))
    VM.id_argument(verb, state="=STOPPED")
    VM.changing(verb)
    argument(verb, "--vcpus", type=amount, field="vcpus", metavar="N", help="new number of vCPUs")
    size_option(verb, "--memory", "new memory", field="memoryGib")

    verb = add_verb(
        verbs,
        "terminate",
        vm_terminate,
        examples=("vm terminate web-2 --yes", "vm terminate web-1 db-1 --confirm 2"),
        aliases=["rm", "delete"],
    )
    VM.ending(verb)

    verb = add_verb(verbs, "commit", vm_commit, examples=("vm commit web-1 --term 1-month --confirm web-1",))
    VM.id_argument(verb)
    term_option(verb, required=True)
    output_options(verb, FIELDS)

    verb = add_verb(verbs, "wait", vm_wait, examples=("vm wait web-1 --state ACTIVE --timeout 10m",))
    VM.waiting(verb, CREATE_TIMEOUT)

    verb = add_verb(verbs, "connect", vm_connect, examples=("vm connect web-1",))
    VM.id_argument(verb)
    show_option(verb, "token")
    output_options(verb, CONSOLE_FIELDS)

    verb = add_verb(verbs, "monitor", vm_monitor, examples=("vm monitor web-1", "vm monitor web-1 -o csv"))
    VM.id_argument(verb)
    output_options(verb, SAMPLE_FIELDS, rows=True)

    verb = add_verb(verbs, "count", vm_count, examples=("vm count",))
    output_options(verb, COUNT_FIELDS)

    add_settings(verbs)
    return parser


def vm_list(work: "Workspace", args: Namespace) -> None:
    """List the VMs of the project."""
    work.show_list(
        work.session.vms.search_vms(work.project, network_id=args.network), FIELDS, args, kind="vms"
    )


def vm_get(work: "Workspace", args: Namespace) -> None:
    """Show one VM."""
    work.show(VM.fetch(work, args), FIELDS, args)


def vm_start(work: "Workspace", args: Namespace) -> None:
    """Start stopped VMs."""
    work.call(work.session.vms.start_vm(work.project, args.id))
    VM.changed(work, args, "started")


def vm_stop(work: "Workspace", args: Namespace) -> None:
    """Stop VMs; they are still billed."""
    work.call(work.session.vms.stop_vm(work.project, args.id))
    VM.changed(work, args, "stopped", "STOPPED")


def vm_restart(work: "Workspace", args: Namespace) -> None:
    """Restart running VMs."""
    work.call(work.session.vms.restart_vm(work.project, args.id))
    VM.changed(work, args, "restarted")


def vm_resize(work: "Workspace", args: Namespace) -> None:
    """Give a stopped VM other sizes."""
    if args.vcpus is None and args.memory is None:
        raise UsageError("vm resize: nothing to change.", "Give --vcpus, --memory, or both.")
    if not work.names_planned:
        _foretell_resized(work, VM.fetch(work, args), args)
    work.call(work.session.vms.resize_vm(work.project, args.id, vcpus=args.vcpus, memory_gib=args.memory))
    VM.changed(work, args, "resized", "STOPPED")


def _foretell_resized(work: "Workspace", vm: Any, args: Namespace) -> None:
    """Tell the new price, at the rates that the VM has, which are those of its commitment."""
    price = vm.price
    if price is None or None in (price.total_price_hr, price.vcpu_price_hr, price.memory_gib_price_hr):
        return
    if vm.vcpus is not None and vm.memory_gib is not None:
        vcpus, memory = args.vcpus or vm.vcpus, args.memory or vm.memory_gib
        more = (vcpus - vm.vcpus) * price.vcpu_price_hr + (memory - vm.memory_gib) * price.memory_gib_price_hr
        work.foretell_price(price.total_price_hr + more)


def vm_terminate(work: "Workspace", args: Namespace) -> None:
    """Delete VMs and their boot disks; storage disks are kept."""
    VM.end(
        work,
        args,
        lambda session, *ids: session.vms.terminate_vm(*ids),
        act="Terminate",
        loss=" and its boot disk",
        price=_hourly_price,
    )


def vm_commit(work: "Workspace", args: Namespace) -> None:
    """Commit to pay for a VM for a term, at a lower price."""
    price_hr = _hourly_price(VM.fetch(work, args))  # without a term: what is asked for now is the most
    confirm_commitment(work, args, f"VM '{args.id}'", price_hr, bound="at most ")
    work.call(work.session.vms.commit_vm(work.project, args.id, args.term))
    work.wrote("vms")
    message = f"VM '{args.id}' is committed for {term_name(args.term)}."
    work.done(message, VM.fetch(work, args), FIELDS, args)


def vm_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a VM is in a state; DELETED waits until it is gone."""
    VM.awaited(work, args)


def vm_connect(work: "Workspace", args: Namespace) -> None:
    """Get the address of a VM's console; the token is secret, and printed into a pipe or with --show."""
    console = work.call(work.session.vms.connect_vm(work.project, args.id))
    show_with_secrets(work, console, CONSOLE_FIELDS, args)
    if not is_shown(work, args):
        work.say("The token opens the console for whoever has it. Print it with --show.")


def vm_monitor(work: "Workspace", args: Namespace) -> None:
    """Draw a VM's latest use of CPU, memory, disk and network; list the samples with -o, or into a pipe."""
    samples = work.call(work.session.vms.monitor_vm(work.project, args.id))
    work.show_chart(samples, SAMPLE_FIELDS, args, _drawn_samples)


def _drawn_samples(samples: Sequence[Any], canvas: "Canvas") -> str:
    from cudo_shell.output.charts import over_time

    at, *measured = SAMPLE_FIELDS
    return over_time(samples, at, measured, canvas)


def vm_count(work: "Workspace", args: Namespace) -> None:
    """Count the VMs of the project."""
    work.show({"count": work.call(work.session.vms.count_vms(work.project))}, COUNT_FIELDS, args)


def _hourly_price(vm: Any) -> "Decimal | None":
    return vm.price.total_price_hr if vm.price else None
