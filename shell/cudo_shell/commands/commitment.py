"""Commitments: what is paid for a whole term, and cannot be given back before its end."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING

from cudo_shell.commands.base import argument, confirm_option
from cudo_shell.commands.values import choice
from cudo_shell.output.values import HOURS_PER_MONTH, hourly, money

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

NO_TERM = "COMMITMENT_TERM_NONE"
_PREFIX = "COMMITMENT_TERM_"

term = choice(_PREFIX, *(f"{months}_MONTH{'S' * (months > 1)}" for months in (1, 3, 6, 12, 24, 36, 60)))


def term_option(parser: ArgumentParser, *, required: bool = False) -> None:
    """Add a term, and the answer to the question that it brings."""
    argument(
        parser,
        "--term",
        type=term,
        required=required,
        field="commitmentTerm",
        metavar="TERM",
        help="commit to pay for it so long, such as 12-months; asks for the id to be typed",
    )
    confirm_option(parser, "ID")


def term_name(name: str) -> str:
    """Write a term as people say it: `12 months`."""
    return name.removeprefix(_PREFIX).replace("_", " ").lower()


def price_in_all(price_hr: Decimal, name: str) -> Decimal:
    """What a price per hour makes in a term, with months of 730 hours."""
    return price_hr * HOURS_PER_MONTH * int(name.removeprefix(_PREFIX).split("_")[0])


def confirm_commitment(
    work: "Workspace", args: Namespace, what: str, price_hr: Decimal | None, *, bound: str = ""
) -> None:
    """Have the id typed before somebody commits; without `--term` there is nothing to ask.

    `bound` says what the price is if it is not exact: "at most " or "at least ".

    Raises: RefusedError.
    """
    if args.term is None:
        return
    cost = ""
    if price_hr is not None:
        in_all = f"{hourly(price_hr)}, {money(price_in_all(price_hr, args.term).quantize(Decimal('0.01')))}"
        cost = f" It costs {bound}{in_all} in all."
    work.confirm_typed(
        f"Commit to {what} in project '{work.project}' for {term_name(args.term)}?{cost} "
        "It cannot be deleted before the end.",
        args.id,
        args,
    )
