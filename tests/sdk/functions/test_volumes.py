"""Volumes: what their operations do beyond sending and parsing."""

from decimal import Decimal

from cudo_sdk.testing import Answer, FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}/volumes/{}"
CREATE = "POST /v1/projects/{}/volumes"
DATA = {"id": "data", "dataCenterId": "fr-paris-1", "sizeGib": 100, "state": "CREATING"}


def test_create_whose_answer_is_lost_finds_the_volume_that_it_made():
    fake = FakeTransport({CREATE: drop_after_send(), GET: [api_error("NOT_FOUND"), DATA]})

    assert fake.session().volumes.create_volume("demo", "data", "fr-paris-1", 100).to_api() == DATA


def test_growing_sends_the_data_center_along():
    fake = FakeTransport({"PATCH /v1/projects/{}/volumes/{}": DATA})

    fake.session().volumes.update_volume("demo", "data", "fr-paris-1", 200)

    assert fake.bodies() == [{"dataCenterId": "fr-paris-1", "sizeGib": 200}]


def test_prices_differ_by_data_center_and_term_and_have_no_id():
    prices = [
        {"dataCenterId": place, "commitmentTerm": term, "gibPriceHr": {"value": "0.0001"}}
        for place in ("fr-paris-1", "no-luster-1")
        for term in ("COMMITMENT_TERM_NONE", "COMMITMENT_TERM_6_MONTHS")
    ]
    pages: list[Answer] = [{"prices": [price], "pageSize": 1} for price in prices]
    fake = FakeTransport({"GET /v1/volumes/prices": [*pages, {"pageSize": 1}]})

    found = fake.session().volumes.list_volume_prices()

    assert [price.to_api() for price in found] == prices
    assert {price.gib_price_hr for price in found} == {Decimal("0.0001")}


def test_volume_is_waited_for_until_it_is_active():
    fake = FakeTransport({GET: [DATA, {**DATA, "state": "ACTIVE"}]})

    assert fake.session().volumes.wait_for_volume("demo", "data").state == "ACTIVE"


def test_deleted_volume_is_waited_for_until_it_is_not_found():
    fake = FakeTransport({GET: [{**DATA, "state": "DELETING"}, api_error("NOT_FOUND")]})

    fake.session().volumes.wait_for_volume_deleted("demo", "data")

    assert len(fake.requests) == 2
