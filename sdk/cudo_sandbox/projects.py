"""What holds for everything in a project: quotas, credit, what it counts and costs."""

from decimal import Decimal

from cudo_sandbox.money import amount_of
from cudo_sandbox.problems import Json, already_exists, noun_of, quota, wrong_state
from cudo_sandbox.router import Call
from cudo_sandbox.store import Resource, Transaction

RESOURCE_KINDS = (
    "vm", "disk", "network", "security_group", "image",
    "machine", "cluster", "volume", "bucket", "storage_user",
)  # fmt: skip
MIN_CREDIT = 10  # dollars that a prepaid billing account needs before anything can be created


def check_can_create(call: Call, kind: str, most: int) -> None:
    """Raise RESOURCE_EXHAUSTED beyond the quota, and FAILED_PRECONDITION without credit."""
    if call.tx.count_created(kind, call.project) >= most:
        noun = noun_of(kind)
        raise quota(f"project:{call.project}", f"project '{call.project}' may create {most} {noun}s")
    project = call.tx.get("project", "", call.project)
    account = call.tx.get("billing_account", "", project.body["billingAccountId"])
    check_credit(account)


def check_new(call: Call, kind: str, name: str, most: int) -> None:
    """Raise what `check_can_create` raises, and ALREADY_EXISTS if the id is taken."""
    check_can_create(call, kind, most)
    if call.tx.find(kind, call.project, name):
        raise already_exists(noun_of(kind), name)


def check_credit(account: Resource) -> None:
    """Raise FAILED_PRECONDITION unless the billing account may pay for new resources."""
    body = account.body
    if body["state"] != "STATE_ACTIVE":
        raise wrong_state(f"billing account '{account.id}' is {body['state']}")
    is_prepaid = body["paymentTerms"] == "PAYMENT_TERMS_PREPAID"
    if is_prepaid and amount_of(body["creditBalance"]) < MIN_CREDIT:
        raise wrong_state(f"billing account '{account.id}' needs a credit of at least {MIN_CREDIT} dollars")


def resource_count(tx: Transaction, project: str) -> int:
    """How many resources a project has; a VM and its boot disk count as one."""
    total = sum(tx.count(kind, project) for kind in RESOURCE_KINDS)
    return total - tx.count("vm", project)


def project_json(tx: Transaction, project: Resource) -> Json:
    return {**project.body, "resourceCount": resource_count(tx, project.id)}


def projects_of(tx: Transaction, account: str) -> list[str]:
    """The ids of the projects that the account pays."""
    return [each.id for each in tx.all("project") if each.body["billingAccountId"] == account]


def rate_of(tx: Transaction, account: str) -> Decimal:
    """Dollars per hour of everything that the account pays."""
    prices = (price for project in projects_of(tx, account) for price in tx.spend(project).values())
    return sum(prices, Decimal(0))
