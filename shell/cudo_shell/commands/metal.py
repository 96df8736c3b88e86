"""What bare-metal machines and clusters share: types with their prices, and the settings of a new one."""

from argparse import ArgumentParser, Namespace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import argument, data_center_option
from cudo_shell.commands.commitment import NO_TERM, term_option
from cudo_shell.commands.vm_create import key_options, keys_of
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, GIB, ID, LIST, Kind, hourly

if TYPE_CHECKING:
    from cudo_sdk.functions.machine_types import MachineType
    from cudo_shell.workspace import Workspace

TIMEOUT = 7200.0  # seconds; computers boot slowly


def _range(prices: list[Decimal | None], _now: datetime | None) -> str:
    known = [price for price in prices if price is not None]
    low, high = (hourly(bound(known)) if known else "" for bound in (min, max))
    return high if low == high else f"{low} to {high}"


PRICES_HR = Kind(_range, is_number=True)
"""What a machine costs in each term, in the order of the terms."""
TYPE_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("data_center", path="data_center_id"),
    FieldSpec("gpus", COUNT),
    FieldSpec("gpu_model", path="gpu_model_id", priority=2),
    FieldSpec("cpu_cores", COUNT, priority=3),
    FieldSpec("memory_gib", GIB, priority=3),
    FieldSpec("free", COUNT, path="machines_free", priority=2),
    FieldSpec("prices_hr", PRICES_HR, path="prices.price_hr", priority=2),
    FieldSpec("cpu_model", priority=6),
    FieldSpec("cpu_mhz", COUNT, path="cpu_speed_mhz", listed=False),
    FieldSpec("architecture", listed=False),
    FieldSpec("disks", COUNT, listed=False),
    FieldSpec("disk_gib", GIB, path="disk_size_gib", listed=False),
    FieldSpec("network", path="network_type", listed=False),
    FieldSpec("commitments", LIST, path="prices.commitment_term", listed=False),
)


def place_options(parser: ArgumentParser, types: str) -> None:
    """Add where and of what something is made; `types` is the kind of listing of its machine types."""
    data_center_option(parser)
    argument(
        parser,
        "--machine-type",
        source=types,
        narrow={"data_center": "data_center"},
        required=True,
        field="machineTypeId",
        metavar="<machine-type>",
        help=f"see: machine-type list --{'cluster' if 'cluster' in types else 'metal'}",
    )


def access_options(parser: ArgumentParser) -> None:
    """Add how a machine is opened and what it runs first."""
    key_options(parser)
    argument(parser, "--start-script", field="startScript", metavar="@FILE", help="runs at the first start")


def settings_options(parser: ArgumentParser) -> None:
    """Add what can be chosen at the creation and changed later."""
    access_options(parser)
    term_option(parser)


def settings_of(work: "Workspace", args: Namespace) -> dict[str, Any]:
    """Return the settings that were given, as the operations of the SDK name them."""
    return {**access_of(work, args), "commitment_term": args.term}


def access_of(work: "Workspace", args: Namespace) -> dict[str, Any]:
    """Return what access_options have read, as above."""
    script = work.read_text(args.start_script) if args.start_script else None
    return {**keys_of(work, args), "start_script": script}


def price_of(kind: "MachineType", term: str | None) -> Decimal | None:
    """What a machine of a type costs per hour in a term; None where it is not offered."""
    prices = {price.commitment_term: price.price_hr for price in kind.prices}
    return prices.get(term or NO_TERM)
