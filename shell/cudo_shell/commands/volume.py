"""Volumes on the command line."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, argument, noun_parser, output_options, size_option
from cudo_shell.commands.commitment import NO_TERM, confirm_commitment, term_option
from cudo_shell.commands.lifecycle import Lifecycle
from cudo_shell.commands.values import new_id
from cudo_shell.exits import UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import GIB, ID, PRICE_HR, STATE, TIME

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("state", STATE),
    FieldSpec("size_gib", GIB),
    FieldSpec("used_gib", GIB, path="size_gib_used", priority=2),
    FieldSpec("data_center", path="data_center_id", priority=2),
    FieldSpec("price_hr", PRICE_HR, path="total_price_hr", priority=2),
    FieldSpec("project", path="project_id", listed=False),
    FieldSpec("nfs_server", listed=False),
    FieldSpec("nfs_path", listed=False),
    FieldSpec("gib_price_hr", PRICE_HR, listed=False),
    FieldSpec("commitment", path="commitment_term", listed=False),
    FieldSpec("committed_until", TIME, path="commitment_end_time", listed=False),
)
PRICE_FIELDS = (
    FieldSpec("data_center", ID, path="data_center_id", priority=0),
    FieldSpec("commitment", path="commitment_term"),
    FieldSpec("gib_price_hr", PRICE_HR),
)
VOLUME = Lifecycle(
    "Volume",
    "volume",
    "volumes",
    FIELDS,
    1200.0,
    get=lambda session, *ids: session.volumes.get_volume(*ids),
    wait=lambda session, *ids, **how: session.volumes.wait_for_volume(*ids, **how),
    wait_deleted=lambda session, *ids, **how: session.volumes.wait_for_volume_deleted(*ids, **how),
    states=("CREATING", "ACTIVE", "UPDATING", "DELETING", "FAILED"),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "volume", "Volumes: storage over NFS for the machines of clusters.")

    examples: tuple[str, ...] = ("volume list -p research", "volume list -p research -o csv")
    verb = add_verb(verbs, "list", volume_list, examples=examples, aliases=["ls"])
    VOLUME.listed(verb)

    verb = add_verb(verbs, "get", volume_get, examples=("volume get shared-1 -p research",), aliases=["show"])
    VOLUME.id_argument(verb)
    output_options(verb, FIELDS)

    create = "volume create scratch-9 --data-center fr-paris-1 --size 500"
    verb = add_verb(verbs, "create", volume_create, examples=(create,))
    argument(
        verb,
        "id",
        type=new_id,
        creates="volumes",
        field="id",
        metavar="<volume-id>",
        help="the id of the new volume",
    )
    argument(
        verb,
        "--data-center",
        source="data_centers",
        required=True,
        field="dataCenterId",
        metavar="<data-center-id>",
        help="see: volume price-list",
    )
    size_option(verb, "--size", "size", required=True, field="sizeGib")
    term_option(verb)
    VOLUME.changing(verb)

    examples = ("volume update shared-1 -p research --size 3000",)
    verb = add_verb(verbs, "update", volume_update, examples=examples, aliases=["resize"])
    VOLUME.id_argument(verb, state="=ACTIVE")
    size_option(verb, "--size", "the new size", field="sizeGib")
    term_option(verb)
    VOLUME.changing(verb)

    verb = add_verb(verbs, "wait", volume_wait, examples=("volume wait shared-1 -p research --state ACTIVE",))
    VOLUME.waiting(verb)

    examples = (create, "volume delete scratch-9 --yes")
    verb = add_verb(verbs, "delete", volume_delete, examples=examples, aliases=["rm"])
    VOLUME.ending(verb)

    examples = ("volume price-list", "volume price-list --sort=gib_price_hr")
    verb = add_verb(verbs, "price-list", price_list, examples=examples, aliases=["prices"], in_project=False)
    output_options(verb, PRICE_FIELDS, rows=True)
    return parser


def volume_list(work: "Workspace", args: Namespace) -> None:
    """List the volumes of the project."""
    work.show_list(work.session.volumes.search_volumes(work.project), FIELDS, args, kind="volumes")


def volume_get(work: "Workspace", args: Namespace) -> None:
    """Show one volume, and where it is mounted from."""
    work.show(VOLUME.fetch(work, args), FIELDS, args)


def volume_create(work: "Workspace", args: Namespace) -> None:
    """Create a volume; its price is shown first."""
    price_hr = _price_of(work, args.data_center, args.size, args.term)
    if price_hr is not None:
        work.foretell_price(price_hr)
    confirm_commitment(work, args, f"volume '{args.id}'", price_hr)
    volume = work.call(
        work.session.volumes.create_volume(
            work.project, args.id, args.data_center, args.size, commitment_term=args.term
        )
    )
    VOLUME.created(work, args, volume)


def volume_update(work: "Workspace", args: Namespace) -> None:
    """Grow a volume, or commit to it; it never shrinks."""
    if args.size is None and args.term is None:
        raise UsageError("volume update: nothing to change.", "Give --size, --term, or both.")
    volume = VOLUME.fetch(work, args)
    size = args.size or volume.size_gib
    price_hr = _price_of(work, volume.data_center_id, size, args.term or volume.commitment_term)
    if price_hr is not None:
        work.foretell_price(price_hr)
    confirm_commitment(work, args, f"volume '{args.id}'", price_hr)
    work.call(
        work.session.volumes.update_volume(
            work.project, args.id, volume.data_center_id, size, commitment_term=args.term
        )
    )
    VOLUME.changed(work, args, f"resized to {size} GiB" if args.size else "committed")


def volume_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a volume is in a state; DELETED waits until it is gone."""
    VOLUME.awaited(work, args)


def volume_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a volume that no machine uses, and what is on it."""
    VOLUME.end(
        work,
        args,
        lambda session, *ids: session.volumes.delete_volume(*ids),
        loss=" and all that is on it",
        price=lambda volume: volume.total_price_hr,
    )


def price_list(work: "Workspace", args: Namespace) -> None:
    """List what a GiB costs in each data center and for each term."""
    work.show_list(work.session.volumes.search_volume_prices(), PRICE_FIELDS, args)


def _price_of(work: "Workspace", data_center: str, size: int, term: str | None) -> Decimal | None:
    """What a volume costs per hour; None where that is not sold, which the API says best."""
    for price in work.call(work.session.volumes.list_volume_prices()):
        is_offered = (price.data_center_id, price.commitment_term) == (data_center, term or NO_TERM)
        if is_offered and price.gib_price_hr is not None:
            return price.gib_price_hr * size
    return None
