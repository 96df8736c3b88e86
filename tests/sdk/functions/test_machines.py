"""Bare-metal machines: what their operations do beyond sending and parsing."""

import pytest

from cudo_sdk import ConnectionFailed
from cudo_sdk.functions.machines import Machine
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}/machines/{}"
CREATE = "POST /v1/projects/{}/machines"
FIXED = ("fr-paris-1", "sapphire-rapids-h100", "ubuntu/noble")
BIG = {"id": "big", "dataCenterId": FIXED[0], "machineTypeId": FIXED[1], "os": FIXED[2], "state": "CREATING"}


def test_create_whose_answer_is_lost_finds_the_machine_that_it_made():
    fake = FakeTransport({CREATE: drop_after_send(), GET: [api_error("NOT_FOUND"), BIG]})

    assert fake.session().machines.create_machine("demo", "big", *FIXED).to_api() == BIG


def test_update_sends_what_is_fixed_and_what_is_given():
    fake = FakeTransport({"PATCH /v1/projects/{}/machines/{}": BIG})

    fake.session().machines.update_machine("demo", "big", *FIXED, commitment_term="COMMITMENT_TERM_6_MONTHS")

    assert fake.bodies() == [
        {
            "dataCenterId": "fr-paris-1",
            "machineTypeId": "sapphire-rapids-h100",
            "os": "ubuntu/noble",
            "commitmentTerm": "COMMITMENT_TERM_6_MONTHS",
        }
    ]


def test_deployment_that_may_have_begun_is_not_sent_again():
    fake = FakeTransport({"POST /v1/projects/{}/machines/{}/deploy": drop_after_send()})

    with pytest.raises(ConnectionFailed) as caught:
        fake.session().machines.deploy_machine_os("demo", "big", "ubuntu/noble")

    assert caught.value.outcome_unknown
    assert len(fake.requests) == 1


def test_deployed_machine_is_waited_for():
    fake = FakeTransport({GET: [{**BIG, "state": "DEPLOYING"}, {**BIG, "state": "ACTIVE"}]})

    assert fake.session().machines.wait_for_machine("demo", "big").state == "ACTIVE"


def test_deleted_machine_is_waited_for_until_it_is_not_found():
    fake = FakeTransport({GET: [{**BIG, "state": "DELETING"}, api_error("NOT_FOUND")]})

    fake.session().machines.wait_for_machine_deleted("demo", "big")

    assert len(fake.requests) == 2


def test_scripts_are_not_shown_where_a_machine_is_printed():
    machine = Machine(id="big", start_script="export TOKEN=canary", user_data="canary")

    assert "canary" not in repr(machine)
    assert machine.to_api()["startScript"] == "export TOKEN=canary"
