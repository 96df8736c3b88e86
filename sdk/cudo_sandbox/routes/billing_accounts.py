"""Billing accounts."""

from decimal import Decimal

from cudo_sandbox import permissions
from cudo_sandbox.access import OWNER_EMAIL, VIEWER_EMAIL, Access, members_of, role_in
from cudo_sandbox.clock import Clock, rfc3339
from cudo_sandbox.fields import Fields, moment
from cudo_sandbox.money import HOURS_PER_MONTH, money
from cudo_sandbox.paging import TOKEN, token_page
from cudo_sandbox.problems import Json, invalid
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import Resource, Transaction

SEEDED = "demo-billing"
_HOUR = 3600
_DESCRIPTIONS = {
    "vm": "Virtual machine",
    "disk": "Storage disk",
    "image": "Private image",
    "network": "Network",
    "machine": "Bare-metal machine",
    "cluster": "Cluster",
    "volume": "Volume",
}


def seed(tx: Transaction, clock: Clock) -> None:
    """The billing account of the seeded projects, with credit."""
    account = new_account(SEEDED, "Demo billing", clock.now() - 90 * 24 * _HOUR, OWNER_EMAIL)
    account.body["creditBalance"] = money(Decimal(250))
    tx.save(account)
    scope = members_of("billing_account", SEEDED)
    tx.save(permissions.permission(tx, scope, OWNER_EMAIL, "OWNER"))
    tx.save(permissions.permission(tx, scope, VIEWER_EMAIL, "VIEWER"))


def new_account(name: str, shown: str, now: float, user: str) -> Resource:
    """A prepaid account without credit."""
    body = {
        "id": name,
        "displayName": shown,
        "state": "STATE_ACTIVE",
        "paymentTerms": "PAYMENT_TERMS_PREPAID",
        "creditBalance": money(Decimal(0)),
        "billingThreshold": money(Decimal(100)),
        "hourlySpendLimit": money(Decimal(50)),
        "monthlySpendLimit": money(Decimal(50) * HOURS_PER_MONTH),
        "nextInvoiceTotal": money(Decimal(0)),
        "stripeRef": f"cus_{name}",
        "createBy": user,
        "createTime": rfc3339(now),
    }
    return Resource("billing_account", "", name, body)


def account_json(tx: Transaction, account: Resource) -> Json:
    """The account with what its projects cost now; a month has 730 hours."""
    rate = tx.spend(projects_of(tx, account.id))
    return {
        **account.body,
        "hourlySpendRate": money(rate),
        "monthlySpend": money(rate * HOURS_PER_MONTH)["value"],
    }


def projects_of(tx: Transaction, account: str) -> list[str]:
    """The ids of the projects that the account pays."""
    return [each.id for each in tx.all("project") if each.body["billingAccountId"] == account]


def list_billing_accounts(call: Call) -> Reply:
    """Only those in which the user has a role."""
    accounts = call.tx.all("billing_account")
    mine = [each for each in accounts if role_in(call.tx, call.user, "billing_account", each.id)]
    return token_page([account_json(call.tx, each) for each in mine], call.query, "billingAccounts")


def get_billing_account(call: Call) -> Reply:
    return account_json(call.tx, call.tx.get("billing_account", "", call.id))


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
    return [
        {
            "projectId": project,
            "description": text,
            "quantity": float(hours),
            "unit": "UNIT_HOUR",
            "unitAmount": money(price),
            "amount": money(price * hours),
        }
        for kind, text in _DESCRIPTIONS.items()
        if (price := tx.spend([project], kind))
    ]


_SPEND = Fields(required={"startTime": moment, "endTime": moment})
_ACCOUNTS = "/v1/billing-accounts"

ROUTES = (
    Route("GET", _ACCOUNTS, list_billing_accounts, query=TOKEN),
    Route("GET", f"{_ACCOUNTS}/{{id}}", get_billing_account, Access.BILLING_READ),
    Route(
        "GET",
        f"{_ACCOUNTS}/{{billingAccountId}}/spend/details",
        list_billing_account_spend,
        Access.BILLING_SPEND,
        query=_SPEND,
    ),
)
