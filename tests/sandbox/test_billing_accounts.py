"""Billing accounts: credit, payments, deletion, spend."""

from decimal import Decimal

import pytest
from tests.sandbox.conftest import World

ACCOUNTS, DEMO = "/v1/billing-accounts", "/v1/billing-accounts/demo-billing"
HOUR = 3600
NEW = {"displayName": "Second", "email": "kim@example.com"}


@pytest.fixture
def second(world):
    """The path of a billing account without credit."""
    return f"{ACCOUNTS}/{world.ok('POST', ACCOUNTS, json=NEW)['id']}"


def test_account_without_credit_pays_for_nothing(world, second, vm_body):
    name = second.rpartition("/")[2]
    world.ok("POST", "/v1/projects", json={"id": "poor", "billingAccountId": name})
    status, code, message = world.refused("POST", "/v1/projects/poor/vm", json=vm_body)
    assert (status, code) == (400, 9)
    assert message == f"billing account '{name}' needs a credit of at least 10 dollars"


def test_payment_raises_the_credit(world):
    before = world.ok("GET", DEMO)["creditBalance"]
    assert before == {"value": "4500.000000"}
    pay = {"amount.value": "25.50", "paymentMethod": "pm_000001"}
    secret = world.ok("POST", f"{DEMO}/credit", params=pay)["paymentIntent"]["clientSecret"]
    assert secret.startswith("pi_000001_secret_")
    assert world.ok("GET", DEMO)["creditBalance"] == {"value": "4525.500000"}
    newest = world.ok("GET", f"{DEMO}/transactions")["transactions"][0]
    assert (newest["id"], newest["amount"], newest["succeeded"]) == (
        "pi_000001",
        {"value": "25.500000"},
        True,
    )


@pytest.mark.parametrize(
    "query",
    [
        {"amount.value": "9.99", "paymentMethod": "pm_000001"},
        {"amount.value": "-50", "paymentMethod": "pm_000001"},
        {"amount.value": "NaN", "paymentMethod": "pm_000001"},
        {"amount.value": "1e999999", "paymentMethod": "pm_000001"},
        {"amount.value": "much", "paymentMethod": "pm_000001"},
        {"amount.value": "50", "paymentMethod": "pm_none"},
        {"paymentMethod": "pm_000001"},
    ],
    ids=str,
)
def test_bad_payment_is_refused(world, query):
    assert world.refused("POST", f"{DEMO}/credit", params=query)[:2] == (400, 3)


def test_default_payment_method_stays(world):
    assert world.refused("DELETE", f"{DEMO}/payment-methods/pm_000001")[1] == 9
    world.ok("POST", f"{DEMO}/payment-methods/pm_000002/set-default")
    assert world.ok("DELETE", f"{DEMO}/payment-methods/pm_000001") == {
        "id": "demo-billing",
        "paymentMethodId": "pm_000001",
    }
    (left,) = world.ok("GET", f"{DEMO}/payment-methods")["paymentMethods"]
    assert (left["id"], left["isDefault"]) == ("pm_000002", True)


def test_account_with_projects_cannot_be_deleted(world):
    status, code, message = world.refused("DELETE", DEMO)
    assert (status, code, message) == (400, 9, "billing account 'demo-billing' still pays for project 'demo'")


def test_deleted_account_can_be_taken_back(world, second):
    deleted = world.ok("DELETE", second)
    assert (deleted["state"], deleted["purgeTime"]) == ("STATE_DELETED", "2027-02-14T08:00:00Z")
    assert world.refused("DELETE", second)[1] == 9
    back = world.ok("POST", f"{second}:undelete")
    assert (back["state"], "deleteTime" in back) == ("STATE_ACTIVE", False)
    assert world.refused("POST", f"{second}:undelete")[1] == 9


def test_update_changes_only_what_the_mask_names(world):
    body = {"billingAccount": {"displayName": "New", "taxId": {"type": "gb_vat", "value": "GB1"}}}
    account = world.ok("PATCH", DEMO, json={"updateMask": "taxId", **body})
    assert (account["displayName"], account["taxId"]["value"]) == ("Demo billing", "GB1")
    account = world.ok(
        "PATCH", DEMO, json={"updateMask": "displayName,taxId", "billingAccount": {"displayName": "New"}}
    )
    assert (account["displayName"], "taxId" in account) == ("New", False)
    assert world.refused("PATCH", DEMO, json={"updateMask": "creditBalance", **body})[1] == 3
    assert world.refused("PATCH", DEMO, json={"updateMask": "displayName"})[1] == 3


def test_viewer_reads_and_does_not_change(world):
    assert world.ok("GET", DEMO, key="viewer-key")["id"] == "demo-billing"
    assert world.refused("POST", f"{DEMO}/payment-methods/pm_000002/set-default", key="viewer-key")[1] == 7


def test_pages_by_cursor_go_through_all(world):
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = world.ok("GET", f"{DEMO}/transactions", params={"pageSize": 1, **after})
        seen += [each["id"] for each in page["transactions"]]
        if not page["hasMore"]:
            break
        after = {"startingAfter": seen[-1]}
    assert seen == ["pi_seed3", "pi_seed2", "pi_seed1"]
    assert world.refused("GET", f"{DEMO}/transactions", params={"startingAfter": "none"})[1] == 3


def test_spend_rate_is_the_sum_of_all_prices(world):
    expected = Decimal(0)
    for project in ("demo", "research"):
        listing = world.ok("GET", f"/v1/projects/{project}/vms")["VMs"]
        expected += sum(Decimal(vm["price"]["totalPriceHr"]["value"]) for vm in listing)
        disks = world.ok("GET", f"/v1/projects/{project}/disks", params={"pageSize": 100})["disks"]
        storage = sum(disk["sizeGib"] for disk in disks if disk["diskType"] == "DISK_TYPE_STORAGE")
        images = world.ok("GET", f"/v1/projects/{project}/images")["images"]
        expected += Decimal("0.000107") * (storage + sum(image["sizeGib"] for image in images))
        networks = world.ok("GET", f"/v1/projects/{project}/networks")["networks"]
        expected += sum(Decimal(network["priceHr"]["value"]) for network in networks)
        for noun, key in (("machines", "priceHr"), ("clusters", "totalPriceHr"), ("volumes", "totalPriceHr")):
            listed = world.ok("GET", f"/v1/projects/{project}/{noun}")[noun]
            expected += sum(Decimal(each[key]["value"]) for each in listed)
        buckets = world.ok("GET", f"/v1/projects/{project}/object-storage/buckets")["buckets"]
        expected += sum(
            Decimal(bucket["storageGibPriceHr"]["value"]) * (int(bucket["billableBytes"]) // 2**30)
            for bucket in buckets
        )
    account = world.ok("GET", "/v1/billing-accounts/demo-billing")
    assert Decimal(account["hourlySpendRate"]["value"]) == expected
    assert Decimal(account["monthlySpend"]) == expected * 730


def test_spend_details_add_up_to_the_rate(world):
    query = {"startTime": "2026-11-01T00:00:00Z", "endTime": "2026-11-01T10:00:00Z"}
    rows = world.ok("GET", "/v1/billing-accounts/demo-billing/spend/details", params=query)["spend"]
    rate = Decimal(world.ok("GET", "/v1/billing-accounts/demo-billing")["hourlySpendRate"]["value"])
    assert {row["quantity"] for row in rows} == {10.0}
    assert sum(Decimal(row["amount"]["value"]) for row in rows) == rate * 10
    backwards = {"startTime": query["endTime"], "endTime": query["startTime"]}
    assert world.refused("GET", "/v1/billing-accounts/demo-billing/spend/details", params=backwards)[1] == 3


def rate(world: World) -> Decimal:
    return Decimal(world.ok("GET", DEMO)["hourlySpendRate"]["value"])


def credit(world: World) -> Decimal:
    return Decimal(world.ok("GET", DEMO)["creditBalance"]["value"])


def test_credit_stays_unless_it_is_charged(world):
    world.ok("GET", DEMO)
    world.wait(1000 * HOUR)
    assert credit(world) == 4500


def test_charged_credit_follows_the_rate(make_world):
    world = make_world(charges=True)
    before = rate(world)
    world.wait(10 * HOUR)
    assert credit(world) == 4500 - 10 * before
    world.ok("DELETE", "/v1/projects/research/machines/metal-1")
    world.wait(2)
    world.ok("POST", f"{DEMO}/payment-methods/pm_000002/set-default")
    after = rate(world)
    assert before - after == 18
    left = credit(world)
    world.wait(10 * HOUR)
    assert credit(world) == left - 10 * after


def test_payment_puts_off_the_end(make_world):
    world = make_world(charges=True)
    hours = 4500 / rate(world)
    world.ok("POST", f"{DEMO}/credit", params={"amount.value": "1000", "paymentMethod": "pm_000001"})
    world.wait(float(hours) * HOUR + 60)
    assert 999 < credit(world) < 1000
    assert world.ok("GET", "/v1/projects/demo/count-vms") == {"count": 5}


def test_without_credit_everything_that_costs_is_deleted(make_world, vm_body):
    world = make_world(charges=True)
    world.wait(float(4500 / rate(world)) * HOUR + 1)
    assert credit(world) == 0
    assert world.ok("GET", "/v1/projects/demo/vms/train-1")["VM"]["state"] == "DELETING"
    world.wait(5)
    for project in ("demo", "research"):
        for noun in ("vms", "disks", "networks", "images", "machines", "clusters", "volumes"):
            listing = world.ok("GET", f"/v1/projects/{project}/{noun}")
            assert not listing.get(noun, listing.get("VMs")), noun
    assert rate(world) == 0
    assert world.refused("POST", "/v1/projects/demo/vm", json=vm_body)[:2] == (400, 9)
    world.ok("POST", f"{DEMO}/credit", params={"amount.value": "10", "paymentMethod": "pm_000001"})
    world.ok("POST", "/v1/projects/demo/vm", json=vm_body)
    types = world.ok("GET", "/v1/machines-types")["machineTypes"]
    assert types[0]["machinesFree"] == 25
