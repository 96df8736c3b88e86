"""API keys: shown once, working, ended."""

import pytest


def test_api_key_is_shown_once_works_and_ends(world):
    key = world.ok("POST", "/v1/api-keys", json={"apikeyId": "build-7"})["key"]
    assert world.ok("GET", "/v1/auth", key=key)["emailAddress"] == "kim@example.com"
    assert world.ok("GET", "/v1/api-keys")["apiKeys"] == [
        {"id": "build-7", "createTime": "2027-01-15T08:00:00Z"}
    ]
    assert key not in "\n".join(world.app.store._sql.iterdump())
    assert world.refused("POST", "/v1/api-keys", json={"apikeyId": "build-7"})[1] == 6
    world.ok("DELETE", "/v1/api-keys/build-7")
    assert world.refused("GET", "/v1/auth", key=key)[1] == 16


@pytest.mark.parametrize("name", ["abc", "a" * 64, "Big-Key", "a_key", ""])
def test_bad_id_of_an_api_key_is_refused(world, name):
    assert world.refused("POST", "/v1/api-keys", json={"apikeyId": name})[1] == 3


def test_keys_belong_to_their_user(world):
    world.ok("POST", "/v1/api-keys", json={"apikeyId": "build-7"})
    assert world.ok("GET", "/v1/api-keys", key="viewer-key")["apiKeys"] == []
    assert world.refused("DELETE", "/v1/api-keys/build-7", key="viewer-key")[:2] == (404, 5)
    other = world.ok("POST", "/v1/api-keys", json={"apikeyId": "build-7"}, key="viewer-key")["key"]
    assert world.ok("GET", "/v1/auth", key=other)["emailAddress"] == "vera@example.com"


def test_key_of_a_viewer_may_not_write(world):
    key = world.ok("POST", "/v1/api-keys", json={"apikeyId": "reader"}, key="viewer-key")["key"]
    assert world.refused("POST", "/v1/projects/demo/vms/web-1/stop", key=key)[:2] == (403, 7)


def test_keys_are_listed_page_by_page(world):
    for number in range(3):
        world.ok("POST", "/v1/api-keys", json={"apikeyId": f"key-{number}"})
    page = world.ok("GET", "/v1/api-keys", params={"pageSize": 2, "pageNumber": 2})
    assert ([each["id"] for each in page["apiKeys"]], page["totalCount"]) == (["key-2"], 3)
