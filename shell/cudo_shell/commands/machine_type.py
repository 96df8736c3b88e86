"""Machine types of VMs, bare-metal machines and clusters on the command line."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, argument, data_center_option, noun_parser, output_options
from cudo_shell.commands.flows import found
from cudo_shell.commands.metal import TYPE_FIELDS, price_of
from cudo_shell.commands.values import amount
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, FLAG, ID, PRICE_HR

if TYPE_CHECKING:
    from cudo_sdk.functions.machine_types import MachineType, VMMachineType
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("data_center", path="data_center_id"),
    FieldSpec("gpu_model", priority=2),
    FieldSpec("gpu_price_hr", PRICE_HR, priority=2),
    FieldSpec("vcpu_price_hr", PRICE_HR, priority=3),
    FieldSpec("memory_gib_price_hr", PRICE_HR, priority=3),
    FieldSpec("gpu_free", COUNT, path="max_gpu_free", priority=2),
    FieldSpec("vcpu_free", COUNT, path="max_vcpu_free", priority=4),
    FieldSpec("memory_free", COUNT, path="max_memory_gib_free", priority=5),
    FieldSpec("cpu_model", priority=6),
    FieldSpec("storage_gib_price_hr", PRICE_HR, path="min_storage_gib_price_hr", listed=False),
    FieldSpec("ipv4_price_hr", PRICE_HR, listed=False),
    FieldSpec("storage_free", COUNT, path="max_storage_gib_free", listed=False),
    FieldSpec("gpu_free_in_all", COUNT, path="total_gpu_free", listed=False),
    FieldSpec("vcpu_free_in_all", COUNT, path="total_vcpu_free", listed=False),
    FieldSpec("min_vcpu", COUNT, listed=False),
    FieldSpec("min_memory_gib", COUNT, listed=False),
    FieldSpec("min_vcpu_per_gpu", COUNT, listed=False),
    FieldSpec("max_vcpu_per_gpu", COUNT, listed=False),
    FieldSpec("renewable_energy", FLAG, listed=False),
)
ALL_FIELDS = tuple({field.name: field for field in (*FIELDS, *TYPE_FIELDS)}.values())


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "machine-type", "Machine types, with price and stock.")

    examples = (
        "machine-type list",
        "machine-type list --data-center no-luster-1 --gpus 2",
        "machine-type list --metal --gpus 8",
    )
    verb = add_verb(verbs, "list", type_list, examples=examples, aliases=["ls", "find"])
    argument(
        verb, "--data-center", source="data_centers", metavar="<data-center-id>", help="only those in it"
    )
    verb.add_argument(
        "--gpus", type=amount, metavar="N", help="only those that have as many GPUs free on one host"
    )
    _whose(verb)
    output_options(verb, ALL_FIELDS, rows=True)

    verb = add_verb(
        verbs,
        "get",
        type_get,
        examples=(
            "machine-type get epyc-rome-rtx-a5000 --data-center no-luster-1",
            "machine-type get sapphire-rapids-h100 --data-center fr-paris-1 --cluster",
        ),
        aliases=["show"],
    )
    argument(
        verb,
        "id",
        source="machine_types",
        otherwise={"metal": "metal_machine_types", "cluster": "cluster_machine_types"},
        narrow={"data_center": "data_center"},
        field="machineTypeId",
        metavar="<machine-type>",
    )
    data_center_option(verb, help="where it is")
    _whose(verb)
    output_options(verb, ALL_FIELDS)
    return parser


def _whose(parser: ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--metal", action="store_true", help="of bare-metal machines instead of VMs")
    group.add_argument("--cluster", action="store_true", help="of clusters instead of VMs")


def type_list(work: "Workspace", args: Namespace) -> None:
    """List machine types of VMs, bare metal or clusters, the cheapest first."""
    types, project = work.session.machine_types, work.settings["project"] or None
    if not (args.metal or args.cluster):
        of_vms = _vm_types(work, args)
        wanted = [each for each in of_vms if (each.max_gpu_free or 0) >= (args.gpus or 0)]
        work.show_list(sorted(wanted, key=_price), FIELDS, args, kind="machine_types")
        return
    of_metal = types.list_machine_types if args.metal else types.list_cluster_machine_types
    computers = _in_place(work.call(of_metal(project_id=project)), args)
    large = [each for each in computers if (each.gpus or 0) >= (args.gpus or 0)]
    kind = "metal_machine_types" if args.metal else "cluster_machine_types"
    work.show_list(sorted(large, key=_price_of_computer), TYPE_FIELDS, args, kind=kind)


def type_get(work: "Workspace", args: Namespace) -> None:
    """Show one machine type in one data center."""
    types, project = work.session.machine_types, work.settings["project"] or None
    if args.metal:
        there = _in_place(work.call(types.list_machine_types(project_id=project)), args)
        what = f"Machine type '{args.id}' in data center '{args.data_center}'"
        work.show(found(args.id, there, what, "machine-type list --metal"), TYPE_FIELDS, args)
    elif args.cluster:
        kind = work.call(types.get_cluster_machine_type(args.data_center, args.id, project_id=project))
        work.show(kind, TYPE_FIELDS, args)
    else:
        vm_kind = work.call(types.get_vm_machine_type(args.data_center, args.id, project_id=project))
        work.show(vm_kind, FIELDS, args)


def _vm_types(work: "Workspace", args: Namespace) -> "list[VMMachineType]":
    project = work.settings["project"] or None
    if args.data_center:
        centers = work.session.data_centers
        return work.call(centers.list_machine_types_for_data_center(args.data_center, project_id=project))
    return work.call(work.session.machine_types.list_vm_machine_types(project_id=project))


def _in_place(types: "list[MachineType]", args: Namespace) -> "list[MachineType]":
    return [each for each in types if args.data_center in {None, each.data_center_id}]


def _price(kind: "VMMachineType") -> tuple[Decimal, Decimal]:
    """Order by what one GPU costs, then by a vCPU with 2 GiB."""
    zero = Decimal(0)
    return kind.gpu_price_hr or zero, (kind.vcpu_price_hr or zero) + 2 * (kind.memory_gib_price_hr or zero)


def _price_of_computer(kind: "MachineType") -> Decimal:
    """Order by what one GPU costs without a commitment."""
    return (price_of(kind, None) or Decimal(0)) / (kind.gpus or 1)
