"""Paying: payment methods, credit, and what was paid."""

import argparse
from argparse import ArgumentParser, Namespace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import add_verb, argument, confirm_option, output_options, yes_option
from cudo_shell.commands.secret_output import demand_reader, show_option, show_with_secrets
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import FLAG, ID, MONEY, TIME, money

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

METHOD_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("type", priority=2),
    FieldSpec("default", FLAG, path="is_default"),
    FieldSpec("brand", path="card.brand"),
    FieldSpec("last4", path="card.last4"),
    FieldSpec("expires_month", path="card.exp_month", priority=3),
    FieldSpec("expires_year", path="card.exp_year", priority=3),
    FieldSpec("paypal", path="paypal.payer_email", priority=4),
)
CREDIT_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("amount", MONEY),
    FieldSpec("description", priority=2),
    FieldSpec("created", TIME, path="create_time", priority=2),
)
TRANSACTION_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("amount", MONEY),
    FieldSpec("status"),
    FieldSpec("description", priority=3),
    FieldSpec("error", path="last_payment_error.code", priority=3),
    FieldSpec("created", TIME, path="create_time", priority=2),
)
SETUP_FIELDS = (FieldSpec("id", ID, priority=0), FieldSpec("client_secret", path="clientSecret", priority=0))
SECRET_FIELDS = (FieldSpec("client_secret", ID, path="clientSecret", priority=0),)


def add_payments(verbs: Any) -> None:
    """Add the verbs of billing accounts that are about payments."""
    _add_methods(verbs)
    _add_credit(verbs)
    examples = ("billing transaction-list demo-billing",)
    verb = add_verb(verbs, "transaction-list", transaction_list, examples=examples, in_project=False)
    account_argument(verb)
    output_options(verb, TRANSACTION_FIELDS, rows=True)


def _add_methods(verbs: Any) -> None:
    examples: tuple[str, ...] = ("billing payment-method-list demo-billing",)
    verb = add_verb(verbs, "payment-method-list", method_list, examples=examples, in_project=False)
    account_argument(verb)
    output_options(verb, METHOD_FIELDS, rows=True)

    examples = ("billing payment-method-set-default demo-billing pm_000002",)
    verb = add_verb(
        verbs, "payment-method-set-default", method_set_default, examples=examples, in_project=False
    )
    account_argument(verb)
    _method_argument(verb)

    examples = ("billing payment-method-remove demo-billing pm_000002 --yes",)
    verb = add_verb(verbs, "payment-method-remove", method_remove, examples=examples, in_project=False)
    account_argument(verb)
    _method_argument(verb)
    yes_option(verb)

    examples = ("billing setup-intent demo-billing -o json",)
    verb = add_verb(verbs, "setup-intent", setup_intent, examples=examples, in_project=False)
    account_argument(verb)
    show_option(verb, "client secret")
    output_options(verb, SETUP_FIELDS)


def _add_credit(verbs: Any) -> None:
    examples: tuple[str, ...] = ("billing credit-list demo-billing",)
    verb = add_verb(verbs, "credit-list", credit_list, examples=examples, in_project=False)
    account_argument(verb)
    output_options(verb, CREDIT_FIELDS, rows=True)

    examples = (
        "billing credit-buy demo-billing --amount 25 --payment-method pm_000001 --confirm 25 -o json",
    )
    verb = add_verb(verbs, "credit-buy", credit_buy, examples=examples, aliases=["pay"], in_project=False)
    account_argument(verb)
    _amount_option(verb)
    argument(
        verb,
        "--payment-method",
        source="payment_methods",
        narrow={"account": "id"},
        required=True,
        field="paymentMethod",
        metavar="<payment-method-id>",
        help="see: billing payment-method-list",
    )
    argument(verb, "--radar-session", field="radarSessionId", metavar="ID", help="of the payment service")
    confirm_option(verb, "AMOUNT")
    show_option(verb, "client secret")
    output_options(verb, SECRET_FIELDS)

    examples = (
        "billing credit-checkout demo-billing --amount 25 --return-url https://example.com/paid -o json",
    )
    verb = add_verb(verbs, "credit-checkout", credit_checkout, examples=examples, in_project=False)
    account_argument(verb)
    _amount_option(verb)
    argument(
        verb,
        "--return-url",
        required=True,
        field="returnUrl",
        metavar="URL",
        help="where the browser goes afterwards",
    )
    show_option(verb, "client secret")
    output_options(verb, SECRET_FIELDS)


def account_argument(parser: ArgumentParser) -> None:
    """Add the billing account that a verb is about."""
    argument(parser, "id", source="billing_accounts", field="id", metavar="<billing-account-id>")


def _method_argument(parser: ArgumentParser) -> None:
    argument(
        parser,
        "payment_method",
        source="payment_methods",
        narrow={"account": "id"},
        field="paymentMethodId",
        metavar="<payment-method-id>",
    )


def _amount_option(parser: ArgumentParser) -> None:
    argument(
        parser,
        "--amount",
        type=sum_of_money,
        required=True,
        field="amount.value",
        metavar="AMOUNT",
        help="in the currency of the account, such as 25 or 25.50",
    )


def sum_of_money(text: str) -> Decimal:
    """Read an amount above nothing, with at most two decimals."""
    try:
        amount = Decimal(text)
        is_amount = amount > 0 and amount == amount.quantize(Decimal("0.01"))
    except InvalidOperation:  # no number, or one without an end
        is_amount = False
    if not is_amount:
        raise argparse.ArgumentTypeError(f"'{text}' is no amount such as 25 or 25.50")
    return amount


def method_list(work: "Workspace", args: Namespace) -> None:
    """List what a billing account can pay with."""
    accounts = work.session.billing_accounts
    work.show_list(accounts.search_billing_account_payment_methods(args.id), METHOD_FIELDS, args)


def method_set_default(work: "Workspace", args: Namespace) -> None:
    """Pay with this payment method from now on."""
    accounts = work.session.billing_accounts
    work.call(accounts.set_billing_account_default_payment_method(args.id, args.payment_method))
    work.say(f"Billing account '{args.id}' pays with '{args.payment_method}' from now on.")


def method_remove(work: "Workspace", args: Namespace) -> None:
    """Remove a payment method that is not the default."""
    work.confirm(f"Remove payment method '{args.payment_method}' of billing account '{args.id}'?", args)
    accounts = work.session.billing_accounts
    work.call(accounts.remove_billing_account_payment_method(args.id, args.payment_method))
    work.say(f"Payment method '{args.payment_method}' of billing account '{args.id}' removed.")


def setup_intent(work: "Workspace", args: Namespace) -> None:
    """Get a secret with which a browser can add a payment method; into a pipe, or with --show."""
    demand_reader(work, args, "client secret")
    intent = work.call(work.session.billing_accounts.get_billing_account_setup_intent(args.id))
    show_with_secrets(work, intent, SETUP_FIELDS, args)


def credit_list(work: "Workspace", args: Namespace) -> None:
    """List the changes of a billing account's credit."""
    accounts = work.session.billing_accounts
    work.show_list(accounts.search_billing_account_credit_balance_transactions(args.id), CREDIT_FIELDS, args)


def credit_buy(work: "Workspace", args: Namespace) -> None:
    """Buy credit; it takes money, and you have to type the amount.

    The secret with which a browser finishes the payment goes into a pipe, or is printed with --show.
    """
    demand_reader(work, args, "client secret of a payment")
    accounts = work.session.billing_accounts
    account = work.call(accounts.get_billing_account(args.id))
    work.confirm_typed(
        f"Pay {money(args.amount)} with payment method '{args.payment_method}' for credit of billing account "
        f"'{args.id}' ({account.display_name})? It takes this money now.",
        f"{args.amount:f}",
        args,
    )
    payment = work.call(
        accounts.create_billing_account_credit_payment(
            args.id, args.amount, args.payment_method, radar_session_id=args.radar_session
        )
    )
    work.wrote("billing_accounts")
    work.say(f"Paid {money(args.amount)}; a browser may have to confirm it with the client secret.")
    show_with_secrets(work, payment, SECRET_FIELDS, args)


def credit_checkout(work: "Workspace", args: Namespace) -> None:
    """Get a secret with which a browser can buy credit; into a pipe, or with --show."""
    demand_reader(work, args, "client secret")
    accounts = work.session.billing_accounts
    session = work.call(
        accounts.create_billing_account_credit_checkout_session(args.id, args.amount, args.return_url)
    )
    show_with_secrets(work, session, SECRET_FIELDS, args)


def transaction_list(work: "Workspace", args: Namespace) -> None:
    """List the payments of a billing account."""
    accounts = work.session.billing_accounts
    work.show_list(accounts.search_billing_account_transactions(args.id), TRANSACTION_FIELDS, args)
