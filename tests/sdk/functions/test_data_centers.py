"""Data centers: what is picked from lists, because the API has no call for it."""

import pytest

from cudo_sdk import NotFound
from cudo_sdk.testing import FakeTransport

CENTERS = {"GET /v1/vms/data-centers": {"dataCenters": [{"id": "no-luster-1"}, {"id": "gb-london-1"}]}}
TYPES = {
    "GET /v1/vms/machine-types": {
        "machineTypes": [
            {"machineType": "epyc-rome", "dataCenterId": "no-luster-1"},
            {"machineType": "sky-lake", "dataCenterId": "gb-london-1"},
            {"machineType": "ice-lake", "dataCenterId": "no-luster-1"},
        ]
    }
}


def test_data_center_is_picked_from_the_list():
    assert FakeTransport(CENTERS).session().data_centers.get_data_center("gb-london-1").id == "gb-london-1"


def test_unknown_data_center_is_not_found_like_any_other_thing():
    with pytest.raises(NotFound, match="there is no data center 'xx-nowhere-1'") as caught:
        FakeTransport(CENTERS).session().data_centers.get_data_center("xx-nowhere-1")

    assert (caught.value.status, caught.value.operation) == ("NOT_FOUND", "ListVMDataCenters")
    assert caught.value.response.status_code == 200  # the list's own answer, none that was made up


def test_machine_types_of_a_data_center_are_those_of_the_catalogue_that_it_has():
    fake = FakeTransport(TYPES)

    kinds = fake.session().data_centers.list_machine_types_for_data_center("no-luster-1", project_id="demo")

    assert [kind.id for kind in kinds] == ["epyc-rome", "ice-lake"]
    assert dict(fake.requests[0].url.params) == {"projectId": "demo"}
