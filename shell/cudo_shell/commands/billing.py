"""Billing accounts on the command line."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, argument, duration, moment, noun_parser, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, ID, MONEY, PRICE_HR, STATE, TIME

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("name", path="display_name", priority=2),
    FieldSpec("state", STATE),
    FieldSpec("credit", MONEY, path="credit_balance"),
    FieldSpec("spend_rate_hr", PRICE_HR, path="hourly_spend_rate", priority=2),
    FieldSpec("month", MONEY, path="monthly_spend", priority=3),
    FieldSpec("next_invoice", MONEY, path="next_invoice_total", listed=False),
    FieldSpec("hourly_limit", PRICE_HR, path="hourly_spend_limit", listed=False),
    FieldSpec("monthly_limit", MONEY, path="monthly_spend_limit", listed=False),
    FieldSpec("payment_terms", listed=False),
    FieldSpec("created", TIME, path="create_time", listed=False),
)
SPEND_FIELDS = (
    FieldSpec("description", priority=0),
    FieldSpec("project", path="project_id"),
    FieldSpec("quantity", COUNT, priority=2),
    FieldSpec("unit", priority=3),
    FieldSpec("unit_amount", MONEY, priority=3),
    FieldSpec("amount", MONEY),
)
MONTH = 30 * 86400.0  # seconds


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "billing", "Billing accounts and what was spent.")
    verb = add_verb(verbs, "list", billing_list, examples=("billing list",), aliases=["ls"], in_project=False)
    output_options(verb, rows=True)

    verb = add_verb(
        verbs, "get", billing_get, examples=("billing get demo-billing",), aliases=["show"], in_project=False
    )
    _account(verb)
    output_options(verb)

    verb = add_verb(
        verbs,
        "spend",
        billing_spend,
        examples=("billing spend demo-billing", "billing spend demo-billing --last 7d -o csv"),
        in_project=False,
    )
    _account(verb)
    verb.add_argument(
        "--last", type=duration, default=MONTH, metavar="TIME", help="up to now; 30d if not given"
    )
    argument(
        verb, "--from", type=moment, dest="start", field="startTime", metavar="TIME", help="instead of --last"
    )
    argument(verb, "--to", type=moment, dest="end", field="endTime", metavar="TIME", help="now if not given")
    output_options(verb, rows=True)
    return parser


def _account(parser: ArgumentParser) -> None:
    argument(parser, "id", source="billing_accounts", field="id", metavar="<billing-account-id>")


def billing_list(work: "Workspace", args: Namespace) -> None:
    """List the billing accounts that you can see."""
    work.show_list(work.session.billing_accounts.search_billing_accounts(), FIELDS, args)


def billing_get(work: "Workspace", args: Namespace) -> None:
    """Show one billing account: credit, rate, limits."""
    work.show(work.call(work.session.billing_accounts.get_billing_account(args.id)), FIELDS, args)


def billing_spend(work: "Workspace", args: Namespace) -> None:
    """List what was spent in a time."""
    end = args.end or datetime.now(UTC)
    start = args.start or end - timedelta(seconds=args.last)
    work.show_list(
        work.session.billing_accounts.search_billing_account_spend(args.id, start, end), SPEND_FIELDS, args
    )
