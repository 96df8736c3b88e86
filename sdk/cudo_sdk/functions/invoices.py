"""Invoices of billing accounts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator
from cudo_sdk.models import IntText, Model
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


def _moment(seconds: Any) -> Any:
    """Take seconds since 1970 as text or number; 0 and an empty text mean that there is no time."""
    if isinstance(seconds, datetime) or not seconds or str(seconds) == "0":
        return seconds if isinstance(seconds, datetime) else None
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, OSError):
        msg = "not a moment in seconds since 1970"
        raise ValueError(msg) from None


def _seconds(moment: datetime | None) -> str:
    return "0" if moment is None else str(int(moment.timestamp()))


UnixTime = Annotated[datetime | None, BeforeValidator(_moment), PlainSerializer(_seconds)]
"""A moment that the API writes as seconds since 1970, a string on the wire."""


class Invoice(Model):
    """An invoice. Amounts are whole numbers as the API gives them, probably cents: that is not documented."""

    id: str | None = None
    number: str | None = None
    status: str | None = None
    description: str | None = None
    billing_reason: str | None = None
    currency: str | None = None
    subtotal: IntText = None
    subtotal_excluding_tax: IntText = None
    tax: IntText = None
    total: IntText = None
    total_excluding_tax: IntText = None
    amount_due: IntText = None
    amount_paid: IntText = None
    amount_remaining: IntText = None
    auto_advance: bool | None = None
    created: UnixTime = None
    due_date: UnixTime = None
    paid_date: UnixTime = None
    period_start: UnixTime = None
    period_end: UnixTime = None
    hosted_invoice_url: str | None = None


class Invoices(BaseFunction[S]):
    """Invoices: `session.invoices`."""

    @api_iterator
    async def search_invoices(
        self: Invoices[AsyncSession], billing_account_id: str, *, status: str | None = None
    ) -> AsyncGenerator[Invoice, None]:
        """Iterate over the invoices of a billing account, page by page; `status` keeps those in one status.

        API: ListInvoices
        Raises: NotFound if there is no such billing account.
        """
        query = {"id": billing_account_id, "status": status}
        request = Request("ListInvoices", "GET", path("/v1/invoices"), query)
        async for invoice in self._pages(request, Invoice, "invoices", "cursor"):
            yield invoice

    @api_function
    async def list_invoices(
        self: Invoices[AsyncSession], billing_account_id: str, *, status: str | None = None
    ) -> list[Invoice]:
        """All invoices of a billing account; see search_invoices.

        API: ListInvoices
        Raises: NotFound if there is no such billing account.
        """
        return [invoice async for invoice in self.search_invoices(billing_account_id, status=status)]

    @api_iterator
    async def search_outstanding_invoices(self: Invoices[AsyncSession]) -> AsyncGenerator[Invoice, None]:
        """Iterate over the unpaid invoices of all billing accounts that the credential can see.

        API: ListOutstandingInvoices
        Raises: Unauthenticated.
        """
        where = path("/v1/billing-accounts/invoices/outstanding")
        request = Request("ListOutstandingInvoices", "GET", where)
        async for invoice in self._each(request, Invoice, "invoices"):
            yield invoice

    @api_function
    async def list_outstanding_invoices(self: Invoices[AsyncSession]) -> list[Invoice]:
        """All unpaid invoices of all billing accounts that the credential can see.

        API: ListOutstandingInvoices
        Raises: Unauthenticated.
        """
        return [invoice async for invoice in self.search_outstanding_invoices()]
