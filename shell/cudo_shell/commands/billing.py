"""Billing accounts on the command line."""

import argparse
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import (
    add_verb,
    argument,
    if_exists_option,
    noun_parser,
    output_options,
    yes_option,
)
from cudo_shell.commands.billing_payments import account_argument, add_payments
from cudo_shell.commands.permissions import PERMISSION_FIELDS, role_options
from cudo_shell.commands.several import several_ids
from cudo_shell.commands.values import duration, moment, pair
from cudo_shell.exits import UsageError
from cudo_shell.grammars import pairs
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, ID, MONEY, PRICE_HR, STATE, TIME, money

if TYPE_CHECKING:
    from cudo_sdk.functions.billing_accounts import BillingAccount, BillingAddress, TaxId
    from cudo_shell.output.charts import Canvas
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
    FieldSpec("address", path="billing_address.line1", listed=False),
    FieldSpec("country", path="billing_address.country", listed=False),
    FieldSpec("tax_id", path="tax_id.value", listed=False),
    FieldSpec("created", TIME, path="create_time", listed=False),
    FieldSpec("purged", TIME, path="purge_time", listed=False),
)
DETAIL_FIELDS = (
    FieldSpec("id", ID, path="billing_account.id", priority=0),
    FieldSpec("name", path="billing_account.display_name"),
    FieldSpec("state", STATE, path="billing_account.state"),
    FieldSpec("credit", MONEY, path="billing_account.credit_balance"),
    FieldSpec("customer", path="stripe_customer.id"),
    FieldSpec("invoice_name", path="stripe_customer.name"),
    FieldSpec("email", path="stripe_customer.email"),
    FieldSpec("balance", MONEY, path="stripe_customer.balance"),
)
SPEND_FIELDS = (
    FieldSpec("description", priority=0),
    FieldSpec("project", path="project_id"),
    FieldSpec("quantity", COUNT, priority=2),
    FieldSpec("unit", priority=3),
    FieldSpec("unit_amount", MONEY, priority=3),
    FieldSpec("amount", MONEY),
)
PROJECT_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("resources", COUNT, path="resource_count"),
)
MONTH = 30 * 86400.0  # seconds
ADDRESS = ("name", "line1", "line2", "city", "state", "postal_code", "country", "phone")


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "billing", "Billing accounts: what was spent, credit, payments.")
    verb = add_verb(verbs, "list", billing_list, examples=("billing list",), aliases=["ls"], in_project=False)
    output_options(verb, FIELDS, rows=True)

    verb = add_verb(
        verbs, "get", billing_get, examples=("billing get demo-billing",), aliases=["show"], in_project=False
    )
    account_argument(verb)
    output_options(verb, FIELDS)

    examples: tuple[str, ...] = ("billing details demo-billing",)
    verb = add_verb(verbs, "details", billing_details, examples=examples, in_project=False)
    account_argument(verb)
    output_options(verb, DETAIL_FIELDS)

    _add_spend(verbs)

    examples = ("billing project-list demo-billing",)
    verb = add_verb(verbs, "project-list", project_list, examples=examples, in_project=False)
    account_argument(verb)
    output_options(verb, PROJECT_FIELDS, rows=True)

    _add_changes(verbs)
    _add_permissions(verbs)
    add_payments(verbs)
    return parser


def _add_spend(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "spend",
        billing_spend,
        examples=("billing spend demo-billing", "billing spend demo-billing --last 7d -o csv"),
        in_project=False,
    )
    account_argument(verb)
    verb.add_argument(
        "--last", type=duration, default=MONTH, metavar="TIME", help="up to now; 30d if not given"
    )
    argument(
        verb, "--from", type=moment, dest="start", field="startTime", metavar="TIME", help="instead of --last"
    )
    argument(verb, "--to", type=moment, dest="end", field="endTime", metavar="TIME", help="now if not given")
    output_options(verb, SPEND_FIELDS, rows=True)


def _add_changes(verbs: Any) -> None:
    create = "billing create 'Research lab' --email lab@example.com"
    examples: tuple[str, ...] = (create, f"{create} --address country=GB --address city=Leeds")
    verb = add_verb(verbs, "create", billing_create, examples=examples, in_project=False)
    argument(verb, "name", field="displayName", metavar="NAME", help="how people know it; it gets an id")
    argument(verb, "--email", required=True, field="email", metavar="EMAIL", help="where invoices go")
    argument(verb, "--invoice-name", field="invoiceName", metavar="NAME", help="the name on invoices")
    argument(verb, "--referral", field="referral", metavar="CODE", help="who brought you")
    _address_options(verb)
    output_options(verb, FIELDS)

    examples = ("billing update demo-billing --name 'All of us'",)
    verb = add_verb(verbs, "update", billing_update, examples=examples, in_project=False)
    account_argument(verb)
    argument(verb, "--name", field="displayName", metavar="NAME", help="how people know it")
    _address_options(verb)
    output_options(verb, FIELDS)

    examples = (create, "billing delete billing-000001 --yes")
    verb = add_verb(verbs, "delete", billing_delete, examples=examples, aliases=["rm"], in_project=False)
    several_ids(verb, FIELDS, source="billing_accounts", metavar="<billing-account-id>", asks=True)
    yes_option(verb)
    if_exists_option(verb)
    output_options(verb, FIELDS)

    examples = (*examples, "billing undelete billing-000001")
    verb = add_verb(verbs, "undelete", billing_undelete, examples=examples, in_project=False)
    account_argument(verb)
    output_options(verb, FIELDS)


def _address_options(parser: ArgumentParser) -> None:
    argument(
        parser,
        "--address",
        type=address_part,
        action="append",
        inside=pairs(ADDRESS),
        field="billingAddress",
        metavar="PART=TEXT",
        help=f"may be repeated; parts: {', '.join(ADDRESS)}",
    )
    argument(
        parser, "--tax-id", type=pair, field="taxId", metavar="TYPE=NUMBER", help="such as gb_vat=GB123456789"
    )


def _add_permissions(verbs: Any) -> None:
    examples: tuple[str, ...] = ("billing permission-list demo-billing",)
    verb = add_verb(verbs, "permission-list", permission_list, examples=examples, in_project=False)
    account_argument(verb)
    output_options(verb, PERMISSION_FIELDS, rows=True)

    examples = ("billing permission-add demo-billing --user sam@example.com --role viewer",)
    verb = add_verb(verbs, "permission-add", permission_add, examples=examples, in_project=False)
    account_argument(verb)
    role_options(verb)

    examples = ("billing permission-remove demo-billing --user vera@example.com --role viewer --yes",)
    verb = add_verb(verbs, "permission-remove", permission_remove, examples=examples, in_project=False)
    account_argument(verb)
    role_options(verb)
    yes_option(verb)


def address_part(text: str) -> tuple[str, str]:
    """Read a part of an address, such as city=Leeds."""
    name, value = pair(text)
    name = name.replace("-", "_").lower()
    if name not in ADDRESS:
        raise argparse.ArgumentTypeError(f"'{name}' is none of: {', '.join(ADDRESS)}")
    return name, value


def billing_list(work: "Workspace", args: Namespace) -> None:
    """List the billing accounts that you can see."""
    work.show_list(
        work.session.billing_accounts.search_billing_accounts(), FIELDS, args, kind="billing_accounts"
    )


def billing_get(work: "Workspace", args: Namespace) -> None:
    """Show one billing account: credit, rate, limits."""
    work.show(work.call(work.session.billing_accounts.get_billing_account(args.id)), FIELDS, args)


def billing_details(work: "Workspace", args: Namespace) -> None:
    """Show one billing account as the payment service knows it."""
    details = work.call(work.session.billing_accounts.get_billing_account_details(args.id))
    work.show(details, DETAIL_FIELDS, args)


def billing_spend(work: "Workspace", args: Namespace) -> None:
    """Draw what was spent in a time; list it with -o, or into a pipe."""
    end = args.end or datetime.now(UTC)
    start = args.start or end - timedelta(seconds=args.last)
    spend = work.session.billing_accounts.search_billing_account_spend(args.id, start, end)
    work.show_chart(spend, SPEND_FIELDS, args, _drawn_spend)


def _drawn_spend(rows: Sequence[Any], canvas: "Canvas") -> str:
    """Draw a bar for each thing in each project, the dearest first, and write the sum under them."""
    from cudo_shell.output.charts import Bar, bars

    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        amounts[f"{row.description or 'something'}, {row.project_id}"] += row.amount or 0
    dearest = sorted(amounts.items(), key=lambda pair: pair[1], reverse=True)
    drawn = bars([Bar(label, max(0.0, float(amount)), money(amount)) for label, amount in dearest], canvas)
    return f"{drawn}\nTogether {money(sum(amounts.values(), Decimal(0)))}\n"


def project_list(work: "Workspace", args: Namespace) -> None:
    """List the projects that a billing account pays for."""
    accounts = work.session.billing_accounts
    work.show_list(accounts.search_billing_account_projects(args.id), PROJECT_FIELDS, args)


def billing_create(work: "Workspace", args: Namespace) -> None:
    """Open a billing account; it has no credit yet."""
    account = work.call(
        work.session.billing_accounts.create_billing_account(
            args.name,
            args.email,
            invoice_name=args.invoice_name,
            referral=args.referral,
            billing_address=_address_of(args),
            tax_id=_tax_id_of(args),
        )
    )
    work.wrote("billing_accounts")
    work.say(f"Billing account '{account.id}' created.")
    work.show(account, FIELDS, args)


def billing_update(work: "Workspace", args: Namespace) -> None:
    """Change the name, the address or the tax number of a billing account."""
    given = {"display_name": args.name, "billing_address": _address_of(args), "tax_id": _tax_id_of(args)}
    if not any(given.values()):
        raise UsageError("billing update: nothing to change.", "Give --name, --address or --tax-id.")
    accounts = work.session.billing_accounts
    if given["billing_address"]:
        given["billing_address"] = _merged(work.call(accounts.get_billing_account(args.id)), args)
    account = work.call(accounts.update_billing_account(args.id, **given))
    work.wrote("billing_accounts")
    work.done(f"Billing account '{args.id}' updated.", account, FIELDS, args)


def billing_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a billing account that pays for no project; for a while it can be taken back."""
    from cudo_sdk.errors import NotFound

    accounts = work.session.billing_accounts
    try:
        name = work.call(accounts.get_billing_account(args.id)).display_name
    except NotFound:
        if not args.if_exists:
            raise
        work.say(f"Billing account '{args.id}' is not there.")
        return
    from cudo_shell.losses import Loss

    work.confirm_loss(Loss(f"Delete billing account '{args.id}' ({name})"), args)
    account = work.call(accounts.delete_billing_account(args.id))
    work.wrote("billing_accounts")
    until = f" until {account.purge_time:%Y-%m-%d}" if account.purge_time else ""
    message = f"Billing account '{args.id}' deleted. It can be taken back{until}: billing undelete {args.id}"
    work.done(message, account, FIELDS, args)


def billing_undelete(work: "Workspace", args: Namespace) -> None:
    """Take a deleted billing account back."""
    account = work.call(work.session.billing_accounts.undelete_billing_account(args.id))
    work.wrote("billing_accounts")
    work.done(f"Billing account '{args.id}' is back.", account, FIELDS, args)


def permission_list(work: "Workspace", args: Namespace) -> None:
    """List who may use a billing account."""
    accounts = work.session.billing_accounts
    work.show_list(accounts.search_billing_account_permissions(args.id), PERMISSION_FIELDS, args)


def permission_add(work: "Workspace", args: Namespace) -> None:
    """Let a user use a billing account."""
    accounts = work.session.billing_accounts
    work.call(accounts.add_billing_account_permission(args.id, args.role, user_email=args.user))
    work.say(f"'{args.user}' is {args.role.lower()} of billing account '{args.id}'.")


def permission_remove(work: "Workspace", args: Namespace) -> None:
    """Take a user's role in a billing account away."""
    where = f"{args.role.lower()} of billing account '{args.id}'"
    work.confirm(f"Take the role {where} from '{args.user}'?", args)
    accounts = work.session.billing_accounts
    work.call(accounts.remove_billing_account_permission(args.id, args.role, user_email=args.user))
    work.say(f"'{args.user}' is no longer {where}.")


def _address_of(args: Namespace) -> "BillingAddress | None":
    from cudo_sdk.functions.billing_accounts import BillingAddress

    return BillingAddress(**dict(args.address)) if args.address else None


def _merged(account: "BillingAccount", args: Namespace) -> "BillingAddress":
    """The address with the parts that were given; the API replaces it as a whole."""
    from cudo_sdk.functions.billing_accounts import BillingAddress

    return (account.billing_address or BillingAddress()).model_copy(update=dict(args.address))


def _tax_id_of(args: Namespace) -> "TaxId | None":
    from cudo_sdk.functions.billing_accounts import TaxId

    return TaxId(type=args.tax_id[0], value=args.tax_id[1]) if args.tax_id else None
