"""Billing accounts."""

from decimal import Decimal

from cudo_sandbox import payments, permissions
from cudo_sandbox.access import Access, members_of, role_in
from cudo_sandbox.addresses import next_number
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import DECIMAL, Fields, amount, an_object, filled, moment, record, text
from cudo_sandbox.money import HOURS_PER_MONTH, money
from cudo_sandbox.paging import CURSOR, TOKEN, token_page
from cudo_sandbox.problems import Json, invalid, wrong_state
from cudo_sandbox.projects import projects_of, rate_of, resource_count
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import Resource, Transaction

DELETED = "STATE_DELETED"
_HOUR = 3600
_PURGE_SECONDS = 30 * 24 * _HOUR  # not evidenced
_DESCRIPTIONS = {
    "vm": "Virtual machine",
    "disk": "Storage disk",
    "image": "Private image",
    "network": "Network",
    "machine": "Bare-metal machine",
    "cluster_machine": "Cluster machine",
    "volume": "Volume",
    "bucket": "Object storage",
}


def new_account(name: str, shown: str, now: float, user: str) -> Resource:
    """A prepaid account without credit."""
    body = {
        "id": name,
        "displayName": shown,
        "state": "STATE_ACTIVE",
        "paymentTerms": "PAYMENT_TERMS_PREPAID",
        "creditBalance": money(Decimal(0)),
        "billingThreshold": money(Decimal(100)),
        "hourlySpendLimit": money(Decimal(200)),
        "monthlySpendLimit": money(Decimal(200) * HOURS_PER_MONTH),
        "nextInvoiceTotal": money(Decimal(0)),
        "stripeRef": f"cus_{name}",
        "createBy": user,
        "createTime": rfc3339(now),
    }
    return Resource("billing_account", "", name, body, {"email": user})


def account_json(tx: Transaction, account: Resource) -> Json:
    """The account with what its projects cost now; a month has 730 hours."""
    rate = rate_of(tx, account.id)
    return {
        **account.body,
        "hourlySpendRate": money(rate),
        "monthlySpend": money(rate * HOURS_PER_MONTH)["value"],
    }


def list_billing_accounts(call: Call) -> Reply:
    """Only those in which the user has a role."""
    accounts = call.tx.all("billing_account")
    mine = [each for each in accounts if role_in(call.tx, call.user, "billing_account", each.id)]
    return token_page([account_json(call.tx, each) for each in mine], call.query, "billingAccounts")


def get_billing_account(call: Call) -> Reply:
    return account_json(call.tx, _get(call))


def list_billing_account_spend(call: Call) -> Reply:
    """What stands now, as if it had run for the whole time asked for."""
    start, end = call.query["startTime"], call.query["endTime"]
    if end <= start:
        raise invalid(("endTime", "must be later than startTime"))
    hours = (Decimal(str(end)) - Decimal(str(start))) / _HOUR
    projects = projects_of(call.tx, call.path["billingAccountId"])
    return {"spend": [row for project in projects for row in _spend_of(call.tx, project, hours)]}


def _spend_of(tx: Transaction, project: str, hours: Decimal) -> list[Json]:
    """One row for each kind of resource that costs something."""
    spend = tx.spend(project)
    return [
        {
            "projectId": project,
            "description": text,
            "quantity": float(hours),
            "unit": "UNIT_HOUR",
            "unitAmount": money(spend[kind]),
            "amount": money(spend[kind] * hours),
        }
        for kind, text in _DESCRIPTIONS.items()
        if kind in spend
    ]


def get_billing_account_details(call: Call) -> Reply:
    account = _get(call)
    customer = {
        "id": account.body["stripeRef"],
        "name": account.hidden.get("invoiceName", account.body["displayName"]),
        "email": account.hidden["email"],
        "balance": money(Decimal(0)),
    }
    return {"billingAccount": account_json(call.tx, account), "stripeCustomer": customer}


def create_billing_account(call: Call) -> Reply:
    """The server chooses the id; without credit nothing can be created yet."""
    wanted = call.body
    name = f"billing-{next_number(call.tx, 'billing_account'):06d}"
    account = new_account(name, wanted["displayName"], call.clock.now(), call.user)
    account.body.update({key: wanted[key] for key in ("billingAddress", "taxId") if key in wanted})
    account.hidden.update({key: wanted[key] for key in ("email", "invoiceName") if key in wanted})
    call.tx.save(account)
    scope = members_of("billing_account", name)
    call.tx.save(permissions.permission(call.tx, scope, call.user, "OWNER"))
    return account_json(call.tx, account)


def update_billing_account(call: Call) -> Reply:
    """Only what `updateMask` names is changed; a field that is named and missing is cleared."""
    account, wanted = _get(call), call.body.get("billingAccount", {})
    names = [name.strip() for name in call.body["updateMask"].split(",")]
    if unknown := [name for name in names if name not in _UPDATABLE]:
        raise invalid(("updateMask", f"cannot update {', '.join(unknown)}"))
    if "displayName" in names and not wanted.get("displayName"):
        raise invalid(("billingAccount.displayName", "is missing"))
    for name in names:
        account.body.pop(name, None)
        if name in wanted:
            account.body[name] = wanted[name]
    call.tx.save(account)
    return account_json(call.tx, account)


def delete_billing_account(call: Call) -> Reply:
    """Soft: the account can be taken back until it is purged."""
    account = _get(call)
    if account.body["state"] == DELETED:
        raise wrong_state(f"billing account '{account.id}' is already deleted")
    if projects := projects_of(call.tx, account.id):
        raise wrong_state(f"billing account '{account.id}' still pays for project '{projects[0]}'")
    if payments.open_invoices(call.tx, account.id):
        raise wrong_state(f"billing account '{account.id}' has open invoices")
    now = call.clock.now()
    account.body.update(state=DELETED, deleteTime=rfc3339(now), purgeTime=rfc3339(now + _PURGE_SECONDS))
    call.tx.save(account)
    return account_json(call.tx, account)


def undelete_billing_account(call: Call) -> Reply:
    account = _get(call)
    if account.body["state"] != DELETED:
        raise wrong_state(f"billing account '{account.id}' is not deleted")
    account.body["state"] = "STATE_ACTIVE"
    del account.body["deleteTime"], account.body["purgeTime"]
    call.tx.save(account)
    return account_json(call.tx, account)


def list_permissions(call: Call) -> Reply:
    return permissions.listed(call, "billing_account")


def add_permission(call: Call) -> Reply:
    return permissions.add(call, "billing_account")


def remove_permission(call: Call) -> Reply:
    return permissions.remove(call, "billing_account")


def list_billing_account_projects(call: Call) -> Reply:
    names = projects_of(call.tx, call.id)
    return {"projects": [{"id": name, "resourceCount": resource_count(call.tx, name)} for name in names]}


def _get(call: Call) -> Resource:
    return call.tx.get("billing_account", "", call.id)


_TAX_ID = record(id=text, type=text, value=text)
_ADDRESS = record(
    city=text, country=text, line1=text, line2=text, name=text, phone=text, postalCode=text, state=text
)
# invoiceName and email can be named, but the body has no field for them.
_UPDATABLE = ("displayName", "taxId", "billingAddress", "invoiceName", "email")
_CREATE = Fields(
    required={"displayName": filled, "email": filled},
    optional={"billingAddress": _ADDRESS, "invoiceName": text, "referral": text, "taxId": _TAX_ID},
)
_ACCOUNT = record(
    billingAddress=_ADDRESS,
    billingThreshold=DECIMAL,
    createBy=text,
    createTime=moment,
    creditBalance=DECIMAL,
    creditBalanceRecharge=an_object,
    deleteTime=moment,
    displayName=text,
    hourlySpendLimit=DECIMAL,
    hourlySpendRate=DECIMAL,
    invoiceTime=moment,
    monthlySpend=text,
    monthlySpendLimit=DECIMAL,
    nextInvoiceTotal=DECIMAL,
    paymentTerms=text,
    purgeTime=moment,
    state=text,
    stripeRef=text,
    taxId=_TAX_ID,
)
_UPDATE = Fields(required={"updateMask": filled}, optional={"billingAccount": _ACCOUNT})
_SPEND = Fields(required={"startTime": moment, "endTime": moment})
_CREDIT = Fields(
    required={"amount.value": amount, "paymentMethod": filled}, optional={"radarSessionId": text}
)
_CHECKOUT = Fields(required={"amount.value": amount, "returnUrl": filled})

_READ, _OWN = Access.BILLING_READ, Access.BILLING_OWN
_ACCOUNTS, _ONE = "/v1/billing-accounts", "/v1/billing-accounts/{id}"
_METHOD = f"{_ONE}/payment-methods/{{paymentMethodId}}"
_MEMBER = permissions.BODY

ROUTES = (
    Route("GET", _ACCOUNTS, list_billing_accounts, query=TOKEN),
    Route("POST", _ACCOUNTS, create_billing_account, body=_CREATE),
    Route("GET", f"{_ONE}:list-permissions", list_permissions, _READ),
    Route("POST", f"{_ONE}:add-permission", add_permission, _OWN, body=_MEMBER),
    Route("POST", f"{_ONE}:remove-permission", remove_permission, _OWN, body=_MEMBER),
    Route("POST", f"{_ONE}:undelete", undelete_billing_account, _OWN),
    Route("GET", _ONE, get_billing_account, _READ),
    Route("PATCH", _ONE, update_billing_account, _OWN, body=_UPDATE),
    Route("DELETE", _ONE, delete_billing_account, _OWN),
    Route("GET", f"{_ONE}/details", get_billing_account_details, _READ),
    Route("GET", f"{_ONE}/projects", list_billing_account_projects, _READ),
    Route(
        "GET",
        f"{_ACCOUNTS}/{{billingAccountId}}/spend/details",
        list_billing_account_spend,
        Access.BILLING_SPEND,
        query=_SPEND,
    ),
    Route("GET", f"{_ONE}/payment-methods", payments.list_payment_methods, _READ),
    Route("DELETE", _METHOD, payments.remove_payment_method, _OWN),
    Route("POST", f"{_METHOD}/set-default", payments.set_default_payment_method, _OWN),
    Route("GET", f"{_ONE}/setup-intent", payments.get_setup_intent, _OWN),
    Route("POST", f"{_ONE}/credit", payments.create_credit_payment, _OWN, query=_CREDIT),
    Route("POST", f"{_ONE}/credit-checkout-session", payments.create_checkout_session, _OWN, query=_CHECKOUT),
    Route(
        "GET",
        f"{_ONE}/credit-balance-transactions",
        payments.list_credit_balance_transactions,
        _READ,
        query=CURSOR,
    ),
    Route("GET", f"{_ONE}/transactions", payments.list_transactions, _READ, query=CURSOR),
)
