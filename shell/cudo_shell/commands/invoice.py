"""Invoices on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import add_verb, argument, noun_parser, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, TIME, Kind

if TYPE_CHECKING:
    from datetime import datetime

    from cudo_shell.workspace import Workspace


def _minor_units(value: Any, _now: "datetime | None") -> str:
    return f"{value / 100:,.2f}"


CENTS = Kind(_minor_units, is_number=True)
"""A whole number of cents; the API does not say so, its amounts make sense in no other way."""
FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("number", priority=2),
    FieldSpec("status"),
    FieldSpec("total", CENTS),
    FieldSpec("remaining", CENTS, path="amount_remaining", priority=2),
    FieldSpec("currency"),
    FieldSpec("created", TIME, priority=3),
    FieldSpec("due", TIME, path="due_date", priority=3),
    FieldSpec("paid", TIME, path="paid_date", listed=False),
    FieldSpec("from", TIME, path="period_start", listed=False),
    FieldSpec("to", TIME, path="period_end", listed=False),
    FieldSpec("tax", CENTS, listed=False),
    FieldSpec("url", path="hosted_invoice_url", listed=False),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "invoice", "Invoices of billing accounts.")

    examples: tuple[str, ...] = (
        "invoice list demo-billing",
        "invoice list demo-billing --status open --columns id,total,url",
    )
    verb = add_verb(verbs, "list", invoice_list, examples=examples, aliases=["ls"], in_project=False)
    argument(verb, "account", source="billing_accounts", field="id", metavar="<billing-account-id>")
    argument(verb, "--status", field="status", metavar="STATUS", help="only those, such as open or paid")
    output_options(verb, FIELDS, rows=True)

    examples = ("invoice outstanding", "invoice outstanding -o json")
    verb = add_verb(verbs, "outstanding", invoice_outstanding, examples=examples, in_project=False)
    output_options(verb, FIELDS, rows=True)
    return parser


def invoice_list(work: "Workspace", args: Namespace) -> None:
    """List the invoices of a billing account, the newest first."""
    work.show_list(work.session.invoices.search_invoices(args.account, status=args.status), FIELDS, args)


def invoice_outstanding(work: "Workspace", args: Namespace) -> None:
    """List the unpaid invoices of all your billing accounts."""
    work.show_list(work.session.invoices.search_outstanding_invoices(), FIELDS, args)
