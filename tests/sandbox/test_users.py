"""The current user."""


def test_user_with_resources_stays(world):
    status, code, message = world.refused("DELETE", "/v1/auth")
    assert (status, code) == (400, 9)
    assert message == "user 'kim@example.com' still has resources in project 'demo'"


def test_deleted_user_is_no_longer_known(world):
    world.ok("DELETE", "/v1/auth", key="viewer-key")
    assert world.refused("GET", "/v1/auth", key="viewer-key")[:2] == (401, 16)


def test_current_user_is_the_owner_of_the_key(world):
    assert world.ok("GET", "/v1/auth") == {
        "emailAddress": "kim@example.com",
        "firstName": "Kim",
        "lastName": "Larsen",
        "picture": "https://avatars.sandbox.invalid/kim.png",
    }
    assert world.ok("GET", "/v1/auth", key="viewer-key")["emailAddress"] == "vera@example.com"


def test_user_with_open_invoices_stays(world):
    owner = {"permissionRole": "OWNER", "userEmail": "sam@example.com"}
    kim = {"permissionRole": "OWNER", "userEmail": "kim@example.com"}
    for project in ("demo", "research"):
        world.ok("POST", f"/v1/projects/{project}:add-permission", json=owner)
        world.ok("POST", f"/v1/projects/{project}:remove-permission", json=kim)
    status, code, message = world.refused("DELETE", "/v1/auth")
    assert (status, code) == (400, 9)
    assert message == "user 'kim@example.com' still has open invoices in billing account 'demo-billing'"
