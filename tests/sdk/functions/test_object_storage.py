"""Object storage: ids that repeat in each data center, and secrets."""

import pytest

from cudo_sdk import ConnectionFailed
from cudo_sdk.testing import Answer, FakeTransport, drop_after_send

USERS = "/v1/projects/{}/object-storage/users"
SESSION_KEY = "GET /v1/projects/{}/object-storage/session-key/{}"
# The clock of a fake begins then.
ADA = {"id": "ada", "dataCenterId": "no-luster-1", "createTime": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("noun", ["buckets", "users"])
def test_same_id_in_two_data_centers_is_listed_twice(noun: str):
    things = [{"id": "a", "dataCenterId": place} for place in ("no-luster-1", "gb-london-1")]
    pages: list[Answer] = [{noun: [thing], "pageSize": 1} for thing in things]
    fake = FakeTransport({f"GET /v1/projects/{{}}/object-storage/{noun}": [*pages, {"pageSize": 1}]})

    found = getattr(fake.session().object_storage, f"list_object_storage_{noun}")("demo")

    assert [thing.to_api() for thing in found] == things


def test_create_whose_answer_is_lost_finds_the_user_that_it_made():
    fake = FakeTransport({f"POST {USERS}/{{}}": drop_after_send(), f"GET {USERS}/{{}}/{{}}": ADA})

    user = fake.session().object_storage.create_object_storage_user("demo", "no-luster-1", "ada")

    assert user.to_api() == ADA
    assert [request.url.path for request in fake.requests] == [
        "/v1/projects/demo/object-storage/users/no-luster-1",
        "/v1/projects/demo/object-storage/users/no-luster-1/ada",
    ]


def test_secret_key_shows_only_when_asked_for():
    pair = {"accessKey": "AK1", "secretKey": "canary-1"}
    fake = FakeTransport({f"POST {USERS}/{{}}/{{}}": pair})

    key = fake.session().object_storage.create_object_storage_key("demo", "no-luster-1", "ada")

    assert "canary" not in f"{key!r} {key} {key.to_api()}"
    assert key.to_api(show_secrets=True) == pair


def test_secrets_of_a_session_key_show_only_when_asked_for():
    reply = {"accessKey": "AK1", "secretKey": "canary-1", "sessionToken": "canary-2"}
    fake = FakeTransport({SESSION_KEY: reply})

    key = fake.session().object_storage.get_object_storage_session_key("demo", "no-luster-1")

    assert "canary" not in f"{key!r} {key} {key.to_api()}"
    assert key.to_api(show_secrets=True) == reply


@pytest.mark.parametrize(
    ("route", "name", "arguments"),
    [
        (f"POST {USERS}/{{}}/{{}}", "create_object_storage_key", ("ada",)),
        (SESSION_KEY, "get_object_storage_session_key", ()),
    ],
    ids=["key", "session-key"],
)
def test_new_secret_is_asked_for_once(route: str, name: str, arguments: tuple[str, ...]):
    fake = FakeTransport({route: drop_after_send()})

    with pytest.raises(ConnectionFailed):
        getattr(fake.session().object_storage, name)("demo", "no-luster-1", *arguments)

    assert len(fake.requests) == 1
