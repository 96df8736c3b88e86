"""Billing accounts: what pays for projects, who may use it, what was spent, and payments."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator
from cudo_sdk.functions.projects import Role, UserPermission
from cudo_sdk.models import Double, IntText, Model, Money, MoneyText, Secret, Time
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

BillingAccountState = (
    Literal[
        "STATE_UNSPECIFIED",
        "STATE_ACTIVE",
        "STATE_SUSPENDED_ABUSE",
        "STATE_SUSPENDED_PAYMENT",
        "STATE_DELETED",
    ]
    | str
)
PaymentTerms = Literal["PAYMENT_TERMS_UNSPECIFIED", "PAYMENT_TERMS_PREPAID", "PAYMENT_TERMS_INVOICE"] | str
Unit = Literal["UNIT_UNKNOWN", "UNIT_GIB_HOUR", "UNIT_HOUR"] | str


class BillingAddress(Model):
    """Where invoices go."""

    name: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    phone: str | None = None


class TaxId(Model):
    """A tax number; the API gives the `id`."""

    id: str | None = None
    type: str | None = None
    value: str | None = None


class LastPaymentError(Model):
    """Why a payment failed."""

    code: str | None = None
    decline_code: str | None = None


class Charge(Model):
    """One attempt to collect a payment."""

    amount: Money = None
    status: str | None = None
    paid: bool | None = None
    refunded: bool | None = None
    failure_code: str | None = None
    create_time: Time = None


class Transaction(Model):
    """A payment."""

    id: str | None = None
    amount: Money = None
    description: str | None = None
    status: str | None = None
    succeeded: bool | None = None
    latest_charge: Charge | None = None
    last_payment_error: LastPaymentError | None = None
    create_time: Time = None


class CreditBalanceTransaction(Model):
    """A change of the credit of a billing account."""

    id: str | None = None
    amount: Money = None
    description: str | None = None
    create_time: Time = None


class CreditBalanceRecharge(Model):
    """When credit below `low` is bought up to `high`, and the last time that it was."""

    auto_recharge: bool | None = None
    low: Money = None
    high: Money = None
    transaction: Transaction | None = None


class BillingAccount(Model):
    """A billing account. `hourly_...` is per hour, `monthly_...` per month, both in its currency."""

    id: str | None = None
    display_name: str | None = None
    state: BillingAccountState | None = None
    payment_terms: PaymentTerms | None = None
    credit_balance: Money = None
    credit_balance_recharge: CreditBalanceRecharge | None = None
    hourly_spend_rate: Money = None
    hourly_spend_limit: Money = None
    monthly_spend: MoneyText = None
    monthly_spend_limit: Money = None
    billing_threshold: Money = None
    next_invoice_total: Money = None
    invoice_time: Time = None
    billing_address: BillingAddress | None = None
    tax_id: TaxId | None = None
    stripe_ref: str | None = None
    create_by: str | None = None
    create_time: Time = None
    delete_time: Time = None
    purge_time: Time = None


class StripeCustomer(Model):
    """A billing account as the payment service knows it."""

    id: str | None = None
    name: str | None = None
    email: str | None = None
    balance: Money = None


class GetBillingAccountDetailsResponse(Model):
    """A billing account, and what the payment service knows of it."""

    billing_account: BillingAccount | None = None
    stripe_customer: StripeCustomer | None = None


class BillingAccountProject(Model):
    """A project that a billing account pays for."""

    id: str | None = None
    resource_count: int | None = None


class BillingAccountSpendRow(Model):
    """What one thing in one project cost in a period: `quantity` of `unit`, each at `unit_amount`."""

    project_id: str | None = None
    description: str | None = None
    quantity: Double = None
    unit: Unit | None = None
    unit_amount: Money = None
    amount: Money = None


class PaymentMethodCard(Model):
    """A card; `last4` are the last digits of its number."""

    brand: str | None = None
    country: str | None = None
    last4: str | None = None
    exp_month: IntText = None
    exp_year: IntText = None
    fingerprint: str | None = None


class PaymentMethodPaypal(Model):
    """A PayPal account."""

    payer_id: str | None = None
    payer_email: str | None = None


class BillingAccountPaymentMethod(Model):
    """What a billing account can pay with: `card` or `paypal` is set."""

    id: str | None = None
    type: str | None = None
    is_default: bool | None = None
    card: PaymentMethodCard | None = None
    paypal: PaymentMethodPaypal | None = None


class RemoveBillingAccountPaymentMethodResponse(Model):
    """Which payment method was removed from which billing account (`id`)."""

    id: str | None = None
    payment_method_id: str | None = None


class SetBillingAccountDefaultPaymentMethodResponse(Model):
    """Which payment method is the default of which billing account (`id`) now."""

    id: str | None = None
    payment_method_id: str | None = None


class BillingAccountSetupIntent(Model):
    """With the secret a browser can add a payment method."""

    id: str | None = None
    client_secret: Secret = None


class PaymentIntent(Model):
    """With the secret a browser can finish a payment."""

    client_secret: Secret = None


class CheckoutSession(Model):
    """With the secret a browser can show a checkout page."""

    client_secret: Secret = None


class BillingAccounts(BaseFunction[S]):
    """Billing accounts: `session.billing_accounts`."""

    @api_iterator
    async def search_billing_accounts(
        self: BillingAccounts[AsyncSession],
    ) -> AsyncGenerator[BillingAccount, None]:
        """Iterate over the billing accounts that the credential can see, page by page.

        API: ListBillingAccounts
        Raises: Unauthenticated.
        """
        request = Request("ListBillingAccounts", "GET", path("/v1/billing-accounts"))
        async for account in self._pages(request, BillingAccount, "billingAccounts", "token"):
            yield account

    @api_function
    async def list_billing_accounts(self: BillingAccounts[AsyncSession]) -> list[BillingAccount]:
        """All billing accounts that the credential can see.

        API: ListBillingAccounts
        Raises: Unauthenticated.
        """
        return [account async for account in self.search_billing_accounts()]

    @api_function
    async def get_billing_account(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> BillingAccount:
        """One billing account.

        API: GetBillingAccount
        Raises: NotFound.
        """
        where = path("/v1/billing-accounts/{}", billing_account_id)
        return await self._model(Request("GetBillingAccount", "GET", where), BillingAccount)

    @api_function
    async def get_billing_account_details(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> GetBillingAccountDetailsResponse:
        """One billing account, and what the payment service knows of it.

        API: GetBillingAccountDetails
        Raises: NotFound.
        """
        where = path("/v1/billing-accounts/{}/details", billing_account_id)
        request = Request("GetBillingAccountDetails", "GET", where)
        return await self._model(request, GetBillingAccountDetailsResponse)

    @api_function
    async def create_billing_account(
        self: BillingAccounts[AsyncSession],
        display_name: str,
        email: str,
        *,
        billing_address: BillingAddress | None = None,
        invoice_name: str | None = None,
        referral: str | None = None,
        tax_id: TaxId | None = None,
    ) -> BillingAccount:
        """Open a billing account. The API chooses the id, so the request is never sent twice.

        API: CreateBillingAccount
        Raises: InvalidArgument.
        """
        body = {
            "displayName": display_name,
            "email": email,
            "billingAddress": billing_address,
            "invoiceName": invoice_name,
            "referral": referral,
            "taxId": _tax_id(tax_id),
        }
        request = Request("CreateBillingAccount", "POST", path("/v1/billing-accounts"), body=body)
        return await self._model(request, BillingAccount)

    @api_function
    async def update_billing_account(
        self: BillingAccounts[AsyncSession],
        billing_account_id: str,
        *,
        display_name: str | None = None,
        tax_id: TaxId | None = None,
        billing_address: BillingAddress | None = None,
        update_mask: str | None = None,
    ) -> BillingAccount:
        """Change what is given; nothing else is touched.

        `update_mask` names the fields to write ("displayName,taxId") where that should differ from those that
        are given: one that is named and not given is emptied.

        API: UpdateBillingAccount
        Raises: NotFound; InvalidArgument, also if nothing is given.
        """
        fields = {
            "displayName": display_name,
            "taxId": _tax_id(tax_id),
            "billingAddress": billing_address,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        mask = ",".join(given) if update_mask is None else update_mask
        request = Request(
            "UpdateBillingAccount",
            "PATCH",
            path("/v1/billing-accounts/{}", billing_account_id),
            body={"updateMask": mask, "billingAccount": given},
        )
        return await self._model(request, BillingAccount)

    @api_function
    async def delete_billing_account(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> BillingAccount:
        """Mark a billing account as deleted; until its `purge_time` undelete_billing_account brings it back.

        API: DeleteBillingAccount
        Raises: NotFound; FailedPrecondition while it has projects or unpaid invoices.
        """
        where = path("/v1/billing-accounts/{}", billing_account_id)
        return await self._model(Request("DeleteBillingAccount", "DELETE", where), BillingAccount)

    @api_function
    async def undelete_billing_account(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> BillingAccount:
        """Bring a deleted billing account back before it is purged.

        API: UndeleteBillingAccount
        Raises: NotFound; FailedPrecondition if it is not deleted.
        """
        where = path("/v1/billing-accounts/{}:undelete", billing_account_id)
        return await self._model(Request("UndeleteBillingAccount", "POST", where), BillingAccount)

    @api_iterator
    async def search_billing_account_permissions(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> AsyncGenerator[UserPermission, None]:
        """Iterate over who may do what with a billing account.

        API: GetBillingAccountPermissions
        Raises: NotFound.
        """
        where = path("/v1/billing-accounts/{}:list-permissions", billing_account_id)
        request = Request("GetBillingAccountPermissions", "GET", where)
        async for permission in self._each(request, UserPermission, "permissions"):
            yield permission

    @api_function
    async def list_billing_account_permissions(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> list[UserPermission]:
        """Who may do what with a billing account.

        API: GetBillingAccountPermissions
        Raises: NotFound.
        """
        permissions = self.search_billing_account_permissions(billing_account_id)
        return [permission async for permission in permissions]

    @api_function
    async def add_billing_account_permission(
        self: BillingAccounts[AsyncSession],
        billing_account_id: str,
        permission_role: Role,
        *,
        user_email: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """Let a user, named by `user_email` or `user_id`, do what a role may do with a billing account.

        API: AddBillingAccountPermission
        Raises: NotFound, also if there is no such user; InvalidArgument if neither is given.
        """
        body = {"permissionRole": permission_role, "userEmail": user_email, "userId": user_id}
        where = path("/v1/billing-accounts/{}:add-permission", billing_account_id)
        await self._transport.send(Request("AddBillingAccountPermission", "POST", where, body=body))

    @api_function
    async def remove_billing_account_permission(
        self: BillingAccounts[AsyncSession],
        billing_account_id: str,
        permission_role: Role,
        *,
        user_email: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """Take a role in a billing account from a user, named by `user_email` or `user_id`.

        API: RemoveBillingAccountPermission
        Raises: NotFound, also if the user has no such role; FailedPrecondition for the last owner.
        """
        body = {"permissionRole": permission_role, "userEmail": user_email, "userId": user_id}
        where = path("/v1/billing-accounts/{}:remove-permission", billing_account_id)
        request = Request("RemoveBillingAccountPermission", "POST", where, body=body, repeat="delete")
        await self._transport.send(request)

    @api_iterator
    async def search_billing_account_projects(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> AsyncGenerator[BillingAccountProject, None]:
        """Iterate over the projects that a billing account pays for.

        API: ListBillingAccountProjects
        Raises: NotFound.
        """
        where = path("/v1/billing-accounts/{}/projects", billing_account_id)
        request = Request("ListBillingAccountProjects", "GET", where)
        async for project in self._each(request, BillingAccountProject, "projects"):
            yield project

    @api_function
    async def list_billing_account_projects(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> list[BillingAccountProject]:
        """All projects that a billing account pays for.

        API: ListBillingAccountProjects
        Raises: NotFound.
        """
        projects = self.search_billing_account_projects(billing_account_id)
        return [project async for project in projects]

    @api_iterator
    async def search_billing_account_spend(
        self: BillingAccounts[AsyncSession], billing_account_id: str, start_time: datetime, end_time: datetime
    ) -> AsyncGenerator[BillingAccountSpendRow, None]:
        """Iterate over what was spent between two moments; both need a time zone.

        API: GetBillingAccountSpendDetails
        Raises: NotFound; InvalidArgument; ConfigError for a time without a zone.
        """
        where = path("/v1/billing-accounts/{}/spend/details", billing_account_id)
        query = {"startTime": start_time, "endTime": end_time}
        request = Request("GetBillingAccountSpendDetails", "GET", where, query)
        async for row in self._each(request, BillingAccountSpendRow, "spend"):
            yield row

    @api_function
    async def list_billing_account_spend(
        self: BillingAccounts[AsyncSession], billing_account_id: str, start_time: datetime, end_time: datetime
    ) -> list[BillingAccountSpendRow]:
        """What was spent between two moments; see search_billing_account_spend.

        API: GetBillingAccountSpendDetails
        Raises: NotFound; InvalidArgument; ConfigError for a time without a zone.
        """
        rows = self.search_billing_account_spend(billing_account_id, start_time, end_time)
        return [row async for row in rows]

    @api_iterator
    async def search_billing_account_payment_methods(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> AsyncGenerator[BillingAccountPaymentMethod, None]:
        """Iterate over what a billing account can pay with.

        API: GetBillingAccountPaymentMethods
        Raises: NotFound.
        """
        where = path("/v1/billing-accounts/{}/payment-methods", billing_account_id)
        request = Request("GetBillingAccountPaymentMethods", "GET", where)
        async for method in self._each(request, BillingAccountPaymentMethod, "paymentMethods"):
            yield method

    @api_function
    async def list_billing_account_payment_methods(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> list[BillingAccountPaymentMethod]:
        """All that a billing account can pay with.

        API: GetBillingAccountPaymentMethods
        Raises: NotFound.
        """
        methods = self.search_billing_account_payment_methods(billing_account_id)
        return [method async for method in methods]

    @api_function
    async def remove_billing_account_payment_method(
        self: BillingAccounts[AsyncSession], billing_account_id: str, payment_method_id: str
    ) -> RemoveBillingAccountPaymentMethodResponse:
        """Remove a payment method that is not the default.

        API: RemoveBillingAccountPaymentMethod
        Raises: NotFound; FailedPrecondition for the default.
        """
        where = path("/v1/billing-accounts/{}/payment-methods/{}", billing_account_id, payment_method_id)
        request = Request("RemoveBillingAccountPaymentMethod", "DELETE", where)
        return await self._model(request, RemoveBillingAccountPaymentMethodResponse)

    @api_function
    async def set_billing_account_default_payment_method(
        self: BillingAccounts[AsyncSession], billing_account_id: str, payment_method_id: str
    ) -> SetBillingAccountDefaultPaymentMethodResponse:
        """Pay with this payment method from now on.

        API: SetBillingAccountDefaultPaymentMethod
        Raises: NotFound.
        """
        template = "/v1/billing-accounts/{}/payment-methods/{}/set-default"
        where = path(template, billing_account_id, payment_method_id)
        request = Request("SetBillingAccountDefaultPaymentMethod", "POST", where, repeat="absolute")
        return await self._model(request, SetBillingAccountDefaultPaymentMethodResponse)

    @api_function
    async def get_billing_account_setup_intent(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> BillingAccountSetupIntent:
        """Hand out a secret with which a browser can add a payment method. Keep it secret.

        API: GetBillingAccountSetupIntent
        Raises: NotFound.
        """
        where = path("/v1/billing-accounts/{}/setup-intent", billing_account_id)
        # A GET that makes a secret each time: never repeated, never cached.
        request = Request("GetBillingAccountSetupIntent", "GET", where, repeat="never")
        return await self._model(request, BillingAccountSetupIntent)

    @api_function
    async def create_billing_account_credit_payment(
        self: BillingAccounts[AsyncSession],
        billing_account_id: str,
        amount: Decimal,
        payment_method: str,
        *,
        radar_session_id: str | None = None,
    ) -> PaymentIntent:
        """Buy credit for `amount` of the account's currency. It takes money, and is never repeated.

        API: CreateBillingAccountCreditPayment
        Raises: NotFound; InvalidArgument.
        """
        query = {
            "amount.value": f"{amount:f}",
            "paymentMethod": payment_method,
            "radarSessionId": radar_session_id,
        }
        where = path("/v1/billing-accounts/{}/credit", billing_account_id)
        request = Request("CreateBillingAccountCreditPayment", "POST", where, query)
        return await self._model(request, PaymentIntent, "paymentIntent")

    @api_function
    async def create_billing_account_credit_checkout_session(
        self: BillingAccounts[AsyncSession], billing_account_id: str, amount: Decimal, return_url: str
    ) -> CheckoutSession:
        """Begin to buy credit for `amount` in a browser, which goes to `return_url` afterwards.

        API: CreateBillingAccountCreditCheckoutSession
        Raises: NotFound; InvalidArgument.
        """
        query = {"amount.value": f"{amount:f}", "returnUrl": return_url}
        where = path("/v1/billing-accounts/{}/credit-checkout-session", billing_account_id)
        request = Request("CreateBillingAccountCreditCheckoutSession", "POST", where, query)
        return await self._model(request, CheckoutSession)

    @api_iterator
    async def search_billing_account_credit_balance_transactions(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> AsyncGenerator[CreditBalanceTransaction, None]:
        """Iterate over the changes of a billing account's credit, page by page.

        API: ListBillingAccountCreditBalanceTransactions
        Raises: NotFound.
        """
        where = path("/v1/billing-accounts/{}/credit-balance-transactions", billing_account_id)
        request = Request("ListBillingAccountCreditBalanceTransactions", "GET", where)
        key = "creditBalanceTransactions"
        async for change in self._pages(request, CreditBalanceTransaction, key, "cursor"):
            yield change

    @api_function
    async def list_billing_account_credit_balance_transactions(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> list[CreditBalanceTransaction]:
        """All changes of a billing account's credit.

        API: ListBillingAccountCreditBalanceTransactions
        Raises: NotFound.
        """
        changes = self.search_billing_account_credit_balance_transactions(billing_account_id)
        return [change async for change in changes]

    @api_iterator
    async def search_billing_account_transactions(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> AsyncGenerator[Transaction, None]:
        """Iterate over the payments of a billing account, page by page.

        API: ListBillingAccountTransactions
        Raises: NotFound.
        """
        where = path("/v1/billing-accounts/{}/transactions", billing_account_id)
        request = Request("ListBillingAccountTransactions", "GET", where)
        async for transaction in self._pages(request, Transaction, "transactions", "cursor"):
            yield transaction

    @api_function
    async def list_billing_account_transactions(
        self: BillingAccounts[AsyncSession], billing_account_id: str
    ) -> list[Transaction]:
        """All payments of a billing account.

        API: ListBillingAccountTransactions
        Raises: NotFound.
        """
        transactions = self.search_billing_account_transactions(billing_account_id)
        return [transaction async for transaction in transactions]


def _tax_id(given: TaxId | None) -> dict[str, Any] | None:
    """A tax number as a request has it: the id is the API's own."""
    if given is None:
        return None
    return given.model_dump(mode="json", by_alias=True, exclude_none=True, include={"type", "value"})
