"""SSH keys: the API chooses their ids, so a lost create is found by the key itself."""

import pytest

from cudo_sdk import AlreadyExists, ConnectionFailed
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

LIST = "GET /v1/ssh-keys"
CREATE = "POST /v1/ssh-keys"
OTHER = {"id": "k-1", "publicKey": "ssh-ed25519 AAAAOTHER me@laptop"}
# The clock of a fake begins then.
MINE = {"id": "k-2", "publicKey": "ssh-ed25519 AAAAMINE", "createTime": "2026-01-01T00:00:00Z"}


def page(*keys: dict[str, str]) -> dict[str, object]:
    return {"sshKeys": list(keys), "pageSize": 100}


def test_create_whose_answer_is_lost_finds_the_key_whatever_its_comment():
    fake = FakeTransport({CREATE: drop_after_send(), LIST: page(OTHER, MINE)})

    key = fake.session().ssh_keys.create_ssh_key("ssh-ed25519 AAAAMINE me@desk\n")

    assert key.id == "k-2"
    assert [request.method for request in fake.requests] == ["POST", "GET"]


def test_create_that_is_not_among_the_keys_raises_the_first_error_as_unknown():
    fake = FakeTransport({CREATE: drop_after_send(), LIST: page(OTHER)})

    with pytest.raises(ConnectionFailed) as caught:
        fake.session().ssh_keys.create_ssh_key("ssh-ed25519 AAAAMINE")

    assert caught.value.outcome_unknown
    assert fake.bodies()[0] == {"publicKey": "ssh-ed25519 AAAAMINE"}


def test_key_that_the_user_has_is_refused_without_a_look():
    fake = FakeTransport({CREATE: api_error("ALREADY_EXISTS")})

    with pytest.raises(AlreadyExists):
        fake.session().ssh_keys.create_ssh_key("ssh-ed25519 AAAAMINE")


def test_keys_of_a_project_come_from_the_path_in_the_singular():
    fake = FakeTransport({"GET /v1/project/{}/ssh-keys": {"sshKeys": [OTHER, MINE]}})

    keys = fake.session().ssh_keys.list_project_ssh_keys("demo")

    assert [key.id for key in keys] == ["k-1", "k-2"]
