"""API keys: a secret that is handed out once."""

import pytest

from cudo_sdk import Unavailable
from cudo_sdk.testing import FakeTransport, api_error

CREATE = "POST /v1/api-keys"


def test_secret_of_a_new_key_shows_only_when_asked_for():
    reply = {"id": "laptop", "key": "canary-1"}
    fake = FakeTransport({CREATE: reply})

    key = fake.session().api_keys.create_api_key("laptop")

    assert "canary" not in f"{key!r} {key} {key.to_api()}"
    assert key.to_api(show_secrets=True) == reply
    assert fake.bodies() == [{"apikeyId": "laptop"}]


def test_new_key_whose_answer_is_lost_is_not_asked_for_again():
    fake = FakeTransport({CREATE: api_error("UNAVAILABLE")})

    with pytest.raises(Unavailable) as caught:
        fake.session().api_keys.create_api_key("laptop")

    assert caught.value.outcome_unknown
    assert len(fake.requests) == 1


def test_key_is_deleted_by_its_id():
    fake = FakeTransport({"DELETE /v1/api-keys/{}": {}})

    fake.session().api_keys.delete_api_key("laptop")

    assert fake.requests[0].url.path == "/v1/api-keys/laptop"
