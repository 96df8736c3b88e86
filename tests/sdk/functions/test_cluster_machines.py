"""The machines of clusters: what their operations do beyond sending and parsing."""

import pytest

from cudo_sdk import ConnectionFailed
from cudo_sdk.testing import FakeTransport, drop_after_send

MACHINE = "/v1/projects/{}/cluster-machines/{}"


def test_no_volumes_at_all_are_sent_as_an_empty_list():
    fake = FakeTransport({f"PATCH {MACHINE}": {"id": "lab-0"}})

    machine = fake.session().cluster_machines.update_cluster_machine("demo", "lab-0", volume_ids=[])

    assert machine.volume_ids == []
    assert fake.bodies() == [{"volumeIds": []}]


@pytest.mark.parametrize(
    ("verb", "name", "arguments"),
    [("reboot", "restart_cluster_machine", ()), ("rename", "rename_cluster_machine", ("gpu-0",))],
)
def test_what_would_be_one_too_many_is_not_sent_again(verb: str, name: str, arguments: tuple[str, ...]):
    fake = FakeTransport({f"POST {MACHINE}:{verb}": drop_after_send()})

    with pytest.raises(ConnectionFailed) as caught:
        getattr(fake.session().cluster_machines, name)("demo", "lab-0", *arguments)

    assert caught.value.outcome_unknown
    assert len(fake.requests) == 1


def test_new_id_goes_into_the_query():
    fake = FakeTransport({f"POST {MACHINE}:rename": {}})

    fake.session().cluster_machines.rename_cluster_machine("demo", "lab-0", "gpu-0")

    assert dict(fake.requests[0].url.params) == {"newId": "gpu-0"}
    assert fake.bodies() == [None]
