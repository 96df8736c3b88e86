"""The current user."""

from cudo_sdk.functions.users import Profile
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send


def test_current_user_is_whose_key_it_is():
    fake = FakeTransport({"GET /v1/auth": {"emailAddress": "kim@example.com", "firstName": "Kim"}})

    assert fake.session().users.get_current_user() == Profile(
        email_address="kim@example.com", first_name="Kim"
    )


def test_second_deletion_that_finds_nobody_is_the_success_of_the_first():
    fake = FakeTransport({"DELETE /v1/auth": [drop_after_send(), api_error("NOT_FOUND")]})

    fake.session().users.delete_current_user()

    assert len(fake.requests) == 2
