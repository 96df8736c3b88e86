"""Projects: what their operations do beyond sending and parsing."""

import pytest

from cudo_sdk import AlreadyExists, NotFound, Unavailable
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}"
CREATE = "POST /v1/projects"
DEMO = {"id": "demo", "billingAccountId": "acme"}
REMOVE = "POST /v1/projects/{}:remove-permission"


def test_projects_are_fetched_token_by_token():
    pages = [{"projects": [DEMO], "pageToken": "t/1"}, {"projects": [{"id": "research"}], "pageToken": ""}]
    fake = FakeTransport({"GET /v1/projects": pages})

    assert [project.id for project in fake.session().projects.list_projects()] == ["demo", "research"]
    assert dict(fake.requests[1].url.params) == {"pageToken": "t/1", "pageSize": "100"}


def test_create_whose_answer_is_lost_finds_the_project_that_it_made():
    fake = FakeTransport({CREATE: drop_after_send(), GET: [api_error("NOT_FOUND"), DEMO]})

    assert fake.session().projects.create_project("demo", "acme").to_api() == DEMO


def test_project_of_somebody_else_is_refused_without_a_look():
    with pytest.raises(AlreadyExists):
        FakeTransport({CREATE: api_error("ALREADY_EXISTS")}).session().projects.create_project("demo", "acme")


def test_permissions_are_asked_for_behind_the_colon_of_the_verb():
    reply = {"permissions": [{"userEmail": "kim@example.com", "permissionRole": "OWNER"}]}
    fake = FakeTransport({"GET /v1/projects/{}:list-permissions": reply})

    (permission,) = fake.session().projects.list_project_permissions("de:mo")

    assert (permission.user_email, permission.permission_role) == ("kim@example.com", "OWNER")
    assert fake.requests[0].url.raw_path == b"/v1/projects/de%3Amo:list-permissions"


def test_permission_is_given_once():
    fake = FakeTransport({"POST /v1/projects/{}:add-permission": api_error("UNAVAILABLE")})

    with pytest.raises(Unavailable) as caught:
        fake.session().projects.add_project_permission("demo", "VIEWER", user_email="vera@example.com")

    assert caught.value.outcome_unknown
    assert fake.bodies() == [{"permissionRole": "VIEWER", "userEmail": "vera@example.com"}]


def test_permission_that_is_gone_on_the_second_try_was_removed_by_the_first():
    fake = FakeTransport({REMOVE: [drop_after_send(), api_error("NOT_FOUND")]})

    fake.session().projects.remove_project_permission("demo", "VIEWER", user_id="u-1")

    assert fake.bodies() == [{"permissionRole": "VIEWER", "userId": "u-1"}] * 2


def test_permission_that_never_was_is_not_found():
    with pytest.raises(NotFound):
        FakeTransport({REMOVE: api_error("NOT_FOUND")}).session().projects.remove_project_permission(
            "demo", "VIEWER", user_id="u-1"
        )
