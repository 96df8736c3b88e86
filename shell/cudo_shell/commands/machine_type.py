"""Machine types of VMs on the command line."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, amount, argument, noun_parser, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, FLAG, ID, PRICE_HR

if TYPE_CHECKING:
    from cudo_sdk.functions.machine_types import VMMachineType
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


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "machine-type", "Machine types of VMs, with price and stock.")

    examples = ("machine-type list", "machine-type list --data-center no-luster-1 --gpus 2")
    verb = add_verb(verbs, "list", type_list, examples=examples, aliases=["ls", "find"])
    argument(
        verb, "--data-center", source="data_centers", metavar="<data-center-id>", help="only those in it"
    )
    verb.add_argument(
        "--gpus", type=amount, metavar="N", help="only those that have as many GPUs free on one host"
    )
    output_options(verb, rows=True)

    verb = add_verb(
        verbs,
        "get",
        type_get,
        examples=("machine-type get epyc-rome-rtx-a5000 --data-center no-luster-1",),
        aliases=["show"],
    )
    argument(
        verb,
        "id",
        source="machine_types",
        narrow={"data_center": "data_center"},
        field="machineTypeId",
        metavar="<machine-type>",
    )
    argument(
        verb,
        "--data-center",
        source="data_centers",
        required=True,
        field="dataCenterId",
        metavar="<data-center-id>",
    )
    output_options(verb)
    return parser


def type_list(work: "Workspace", args: Namespace) -> None:
    """List machine types, the cheapest first."""
    project = work.settings["project"] or None
    if args.data_center:
        centers = work.session.data_centers
        found = work.call(centers.list_machine_types_for_data_center(args.data_center, project_id=project))
    else:
        found = work.call(work.session.machine_types.list_vm_machine_types(project_id=project))
    wanted = [each for each in found if (each.max_gpu_free or 0) >= (args.gpus or 0)]
    work.show_list(sorted(wanted, key=_price), FIELDS, args)


def type_get(work: "Workspace", args: Namespace) -> None:
    """Show one machine type in one data center."""
    types = work.session.machine_types
    project = work.settings["project"] or None
    work.show(
        work.call(types.get_vm_machine_type(args.data_center, args.id, project_id=project)), FIELDS, args
    )


def _price(kind: "VMMachineType") -> tuple[Decimal, Decimal]:
    """Order by what one GPU costs, then by a vCPU with 2 GiB."""
    zero = Decimal(0)
    return kind.gpu_price_hr or zero, (kind.vcpu_price_hr or zero) + 2 * (kind.memory_gib_price_hr or zero)
