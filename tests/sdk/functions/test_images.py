"""Images: what their operations do beyond sending and parsing."""

import pytest

from cudo_sdk import AlreadyExists, WaitFailed
from cudo_sdk.functions.images import PrivateImage
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}/images/{}"
CREATE = "POST /v1/projects/{}/images"
MINE = {"id": "golden", "description": "with drivers", "state": "CREATING"}


def test_create_reads_the_image_under_its_key():
    fake = FakeTransport({CREATE: {"image": MINE}})

    image = fake.session().images.create_private_image("demo", "golden", "web-1", description="with drivers")

    assert image == PrivateImage(id="golden", description="with drivers", state="CREATING")
    sent = {"vmId": "web-1", "id": "golden", "description": "with drivers"}
    assert dict(fake.requests[0].url.params) == sent
    assert fake.bodies() == [None]


def test_create_whose_answer_is_lost_finds_the_image_that_it_made():
    fake = FakeTransport({CREATE: drop_after_send(), GET: [api_error("NOT_FOUND"), {"image": MINE}]})

    image = fake.session().images.create_private_image("demo", "golden", "web-1")

    assert image.state == "CREATING"
    assert [request.method for request in fake.requests] == ["POST", "GET", "GET"]


def test_create_of_a_taken_id_is_refused_without_a_look():
    fake = FakeTransport({CREATE: api_error("ALREADY_EXISTS")})

    with pytest.raises(AlreadyExists):
        fake.session().images.create_private_image("demo", "golden", "web-1")


def test_new_description_is_sent_again_when_the_answer_is_lost():
    fake = FakeTransport({"POST /v1/projects/{}/images/{}": [drop_after_send(), {}]})

    fake.session().images.update_private_image("demo", "golden", "for GPUs")

    assert [dict(request.url.params) for request in fake.requests] == [{"description": "for GPUs"}] * 2


def test_image_is_waited_for_until_it_is_ready():
    fake = FakeTransport({GET: [{"image": MINE}, {"image": {"id": "golden", "state": "READY"}}]})

    assert fake.session().images.wait_for_private_image("demo", "golden").state == "READY"


def test_failed_image_ends_the_wait():
    fake = FakeTransport({GET: {"image": {"id": "golden", "state": "FAILED"}}})

    with pytest.raises(WaitFailed, match="image 'golden' is FAILED"):
        fake.session().images.wait_for_private_image("demo", "golden")


def test_deleted_image_is_waited_for_until_it_is_not_found():
    fake = FakeTransport({GET: [{"image": {"id": "golden", "state": "DELETING"}}, api_error("NOT_FOUND")]})

    fake.session().images.wait_for_private_image_deleted("demo", "golden")

    assert len(fake.requests) == 2
