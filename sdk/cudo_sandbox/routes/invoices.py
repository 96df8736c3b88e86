"""Invoices."""

from cudo_sandbox.access import READERS, demand_role, role_in
from cudo_sandbox.fields import Fields, filled
from cudo_sandbox.paging import CURSOR, cursor_page
from cudo_sandbox.payments import INVOICE, open_invoices
from cudo_sandbox.router import Call, Reply, Route


def list_invoices(call: Call) -> Reply:
    """The newest first; `id` is the billing account, `status` chooses among them."""
    account, status = call.query["id"], call.query.get("status")
    demand_role(call.tx, call.user, "billing_account", account, READERS)
    found = [each.body for each in reversed(call.tx.all(INVOICE, account))]
    chosen = [invoice for invoice in found if status in {None, invoice["status"]}]
    return cursor_page(chosen, call.query, "invoices", lambda invoice: str(invoice["id"]))


def list_outstanding_invoices(call: Call) -> Reply:
    accounts = [each.id for each in call.tx.all("billing_account")]
    mine = [name for name in accounts if role_in(call.tx, call.user, "billing_account", name)]
    return {"invoices": [invoice for name in mine for invoice in open_invoices(call.tx, name)]}


_LIST = Fields(required={"id": filled}, optional={**CURSOR, "status": filled})

ROUTES = (
    Route("GET", "/v1/invoices", list_invoices, query=_LIST),
    Route("GET", "/v1/billing-accounts/invoices/outstanding", list_outstanding_invoices),
)
