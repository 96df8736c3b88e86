"""Projects, permissions, users, SSH keys, billing accounts, search."""

from decimal import Decimal

import pytest

NEW = {"id": "new-project", "billingAccountId": "demo-billing"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1k3Yf0m0b2h0oV5Zkq1c1w2cYh8bqJmZ9l3xg6t5aB sam@desk"


def test_new_project_belongs_to_its_maker(world):
    project = world.ok("POST", "/v1/projects", json=NEW)
    assert project == {**NEW, "createBy": "kim@example.com", "resourceCount": 0}
    members = world.ok("GET", "/v1/projects/new-project:list-permissions")["permissions"]
    assert [(each["userEmail"], each["permissionRole"]) for each in members] == [("kim@example.com", "OWNER")]
    assert world.refused("GET", "/v1/projects/new-project", key="viewer-key")[:2] == (403, 7)


def test_project_ids_are_unique_everywhere(world):
    assert world.refused("POST", "/v1/projects", json=NEW | {"id": "research"})[:2] == (409, 6)


def test_project_needs_a_billing_account_of_the_user(world):
    assert world.refused("POST", "/v1/projects", json=NEW | {"billingAccountId": "none"})[1] == 5
    assert world.refused("POST", "/v1/projects", json=NEW, key="viewer-key")[1] == 7


def test_only_an_empty_project_can_be_deleted(world):
    assert world.refused("DELETE", "/v1/projects/demo") == (400, 9, "project 'demo' is not empty")
    world.ok("POST", "/v1/projects", json=NEW)
    world.ok("DELETE", "/v1/projects/new-project")
    assert world.refused("GET", "/v1/projects/new-project")[1] == 5


def test_resource_count_follows_what_is_created(world, vm_body):
    world.ok("POST", "/v1/projects", json=NEW)
    world.ok("POST", "/v1/projects/new-project/vm", json=vm_body)
    assert world.ok("GET", "/v1/projects/new-project")["resourceCount"] == 1


def test_added_editor_may_create_until_removed(world):
    editor = {"permissionRole": "EDITOR", "userEmail": "vera@example.com"}
    disk = {"id": "d", "dataCenterId": "no-luster-1", "sizeGib": 1}
    assert world.refused("POST", "/v1/projects/demo/disks", json=disk, key="viewer-key")[1] == 7
    world.ok("POST", "/v1/projects/demo:add-permission", json=editor)
    world.ok("POST", "/v1/projects/demo/disks", json=disk, key="viewer-key")
    world.ok("POST", "/v1/projects/demo:remove-permission", json=editor)
    assert world.refused("GET", "/v1/projects/demo/disks", key="viewer-key")[1] == 7


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        ("add", {"permissionRole": "EDITOR", "userEmail": "nobody@example.com"}, 5),
        ("add", {"permissionRole": "EDITOR"}, 3),
        ("add", {"permissionRole": "UNKNOWN", "userEmail": "sam@example.com"}, 3),
        ("add", {"permissionRole": "VIEWER", "userEmail": "vera@example.com"}, 6),
        ("remove", {"permissionRole": "OWNER", "userEmail": "kim@example.com"}, 9),
        ("remove", {"permissionRole": "EDITOR", "userEmail": "vera@example.com"}, 5),
    ],
)
def test_impossible_permission_is_refused(world, act, body, code):
    assert world.refused("POST", f"/v1/projects/demo:{act}-permission", json=body)[1] == code


def test_permission_by_user_id(world):
    members = world.ok("GET", "/v1/projects/demo:list-permissions")["permissions"]
    vera = next(each for each in members if each["userEmail"] == "vera@example.com")
    body = {"permissionRole": "VIEWER", "userId": vera["userId"]}
    assert world.ok("POST", "/v1/projects/demo:remove-permission", json=body) == {}


def test_user_with_resources_stays(world):
    status, code, message = world.refused("DELETE", "/v1/auth")
    assert (status, code) == (400, 9)
    assert message == "user 'kim@example.com' still has resources in project 'demo'"


def test_deleted_user_is_no_longer_known(world):
    world.ok("DELETE", "/v1/auth", key="viewer-key")
    assert world.refused("GET", "/v1/auth", key="viewer-key")[:2] == (401, 16)


def test_ssh_key_is_described_by_the_server(world):
    key = world.ok("POST", "/v1/ssh-keys", json={"publicKey": KEY})
    assert (key["type"], key["comment"], key["publicKey"]) == ("ssh-ed25519", "sam@desk", KEY)
    assert world.ok("GET", f"/v1/ssh-keys/{key['id']}") == key
    assert world.refused("POST", "/v1/ssh-keys", json={"publicKey": KEY + " again"})[:2] == (409, 6)
    world.ok("DELETE", f"/v1/ssh-keys/{key['id']}")
    assert world.refused("DELETE", f"/v1/ssh-keys/{key['id']}")[1] == 5


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-rsa " + KEY.split()[1], "hello world", "ssh-ed25519 AAAA"]
)
def test_what_is_no_ssh_key_is_refused(world, line):
    assert world.refused("POST", "/v1/ssh-keys", json={"publicKey": line})[1] == 3


def test_keys_of_a_project_are_those_of_its_members(world):
    world.ok("POST", "/v1/ssh-keys", json={"publicKey": KEY}, key="viewer-key")
    keys = world.ok("GET", "/v1/project/demo/ssh-keys")["sshKeys"]
    assert [key["comment"] for key in keys] == ["kim@laptop", "sam@desk"]


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


def test_search_finds_every_kind_by_part_of_its_id(world):
    kinds = {
        text: {
            each["resourceType"]
            for each in world.ok("GET", "/v1/resources/search", params={"query": text})["results"]
        }
        for text in ("web", "demo", "back", "GOLDEN", "nothing-like-it", "")
    }
    assert kinds == {
        "web": {"virtualMachine", "disk"},
        "demo": {"project", "billingAccount"},
        "back": {"network", "disk"},
        "GOLDEN": {"image"},
        "nothing-like-it": set(),
        "": set(),
    }


def test_search_shows_only_what_the_user_may_see(world):
    world.ok("POST", "/v1/projects", json=NEW)
    query = {"query": "new-project"}
    assert len(world.ok("GET", "/v1/resources/search", params=query)["results"]) == 1
    assert world.ok("GET", "/v1/resources/search", params=query, key="viewer-key") == {"results": []}
