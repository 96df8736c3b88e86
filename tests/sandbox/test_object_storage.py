"""Object storage: buckets, users and their keys."""

import pytest

STORAGE = "/v1/projects/research/object-storage"


def test_object_storage_user_has_several_keys(world):
    user = world.ok("POST", f"{STORAGE}/users/no-luster-1", json={"id": "writer"})
    path = f"{STORAGE}/users/no-luster-1/writer"
    second = world.ok("POST", path)
    assert world.ok("GET", path)["keys"] == [user["keys"][0], second]
    world.ok("DELETE", f"{path}/keys/{user['keys'][0]['accessKey']}")
    assert world.ok("GET", path)["keys"] == [second]
    assert world.refused("DELETE", f"{path}/keys/none")[1] == 5
    assert world.refused("POST", f"{STORAGE}/users/no-luster-1", json={"id": "writer"})[1] == 6
    assert world.refused("POST", f"{STORAGE}/users/mars-1", json={"id": "writer"})[1] == 5
    world.ok("DELETE", path)
    assert world.refused("GET", path)[1] == 5


def test_viewer_sees_no_storage_secrets(world):
    assert world.refused("GET", f"{STORAGE}/users", key="viewer-key")[1] == 7
    assert world.refused("GET", f"{STORAGE}/session-key/no-luster-1", key="viewer-key")[1] == 7


def test_buckets_are_listed_and_shown(world):
    listing = world.ok("GET", f"{STORAGE}/buckets")
    assert (listing["totalCount"], listing["buckets"]) == (
        1,
        [
            {
                "id": "results",
                "projectId": "research",
                "dataCenterId": "no-luster-1",
                "endpoint": "https://s3.no-luster-1.sandbox.invalid",
                "objectCount": "1284",
                "sizeBytes": "103079215104",
                "billableBytes": "103079215104",
                "storageGibPriceHr": {"value": "0.000020"},
            }
        ],
    )
    assert world.ok("GET", f"{STORAGE}/buckets/no-luster-1/results") == listing["buckets"][0]


@pytest.mark.parametrize("place", ["no-luster-1/none", "gb-london-1/results"])
def test_bucket_elsewhere_is_not_found(world, place):
    message = f"bucket '{place.partition('/')[2]}' not found"
    assert world.refused("GET", f"{STORAGE}/buckets/{place}") == (404, 5, message)


def test_session_key_is_temporary_and_new_each_time(world):
    one, other = (world.ok("GET", f"{STORAGE}/session-key/no-luster-1") for _ in range(2))
    assert one["endpoint"] == "https://s3.no-luster-1.sandbox.invalid"
    secret = ("accessKey", "secretKey", "sessionToken", "sessionName")
    assert not {one[name] for name in secret} & {other[name] for name in secret}
    assert world.refused("GET", f"{STORAGE}/session-key/mars-1") == (404, 5, "data center 'mars-1' not found")


def test_same_user_may_exist_in_two_places(world):
    for place in ("no-luster-1", "gb-london-1"):
        world.ok("POST", f"{STORAGE}/users/{place}", json={"id": "writer"})
    users = world.ok("GET", f"{STORAGE}/users")["users"]
    assert [(each["id"], each["dataCenterId"]) for each in users] == [
        ("writer", "no-luster-1"),
        ("writer", "gb-london-1"),
    ]


def test_quota_of_users_names_the_project(world):
    for number in range(20):
        world.ok("POST", f"{STORAGE}/users/no-luster-1", json={"id": f"u-{number}"})
    response = world.call("POST", f"{STORAGE}/users/no-luster-1", json={"id": "one-more"})
    assert (response.status_code, response.json()["code"]) == (429, 8)
    assert response.json()["details"][0]["violations"][0]["subject"] == "project:research"
