"""Projects and who may use them."""

import pytest

NEW = {"id": "new-project", "billingAccountId": "demo-billing"}


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
