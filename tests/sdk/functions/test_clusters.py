"""Clusters: what their operations do beyond sending and parsing."""

import pytest

from cudo_sdk import ConnectionFailed, WaitFailed
from cudo_sdk.functions.clusters import Cluster, ClusterIPOIBConfig
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

GET = "GET /v1/projects/{}/clusters/{}"
CREATE = "POST /v1/projects/{}/clusters"
FIXED = ("fr-paris-1", "sapphire-rapids-h100")
LAB = {
    "id": "lab",
    "dataCenterId": FIXED[0],
    "machineTypeId": FIXED[1],
    "machineCount": 2,
    "ipoibConfig": {"networkPrefix": "172.24.0.0/13", "portBits": 3, "hostBits": 16},
    "createTime": "2026-01-01T00:00:00Z",  # when the clock of a fake begins
    "state": "ACTIVE",
    "machines": [{"id": "lab-0", "gpus": 8, "volumeIds": ["data"]}, {"id": "lab-1", "gpus": 8}],
}


def test_cluster_brings_its_machines_along():
    cluster = FakeTransport({GET: LAB}).session().clusters.get_cluster("demo", "lab")

    assert [(each.id, each.gpus, each.volume_ids) for each in cluster.machines] == [
        ("lab-0", 8, ["data"]),
        ("lab-1", 8, []),
    ]
    assert cluster.to_api() == LAB


def test_create_whose_answer_is_lost_finds_the_cluster_that_it_made():
    fake = FakeTransport({CREATE: drop_after_send(), GET: LAB})
    addresses = ClusterIPOIBConfig(network_prefix="172.24.0.0/13", port_bits=3, host_bits=16)

    cluster = fake.session().clusters.create_cluster("demo", "lab", *FIXED, 2, ipoib_config=addresses)

    assert cluster.machine_count == 2
    sent = {"networkPrefix": "172.24.0.0/13", "portBits": 3, "hostBits": 16}
    assert fake.bodies()[0]["ipoibConfig"] == sent


def test_create_that_finds_another_size_under_the_id_raises():
    with pytest.raises(ConnectionFailed):
        FakeTransport({CREATE: drop_after_send(), GET: LAB}).session().clusters.create_cluster(
            "demo", "lab", *FIXED, 3
        )


def test_growing_sends_what_is_fixed_and_the_new_count():
    fake = FakeTransport({"PATCH /v1/projects/{}/clusters/{}": LAB})

    fake.session().clusters.update_cluster("demo", "lab", *FIXED, 3)

    assert fake.bodies() == [
        {"dataCenterId": "fr-paris-1", "machineTypeId": "sapphire-rapids-h100", "machineCount": 3}
    ]


def test_grown_cluster_is_waited_for():
    fake = FakeTransport({GET: [{**LAB, "state": "UPDATING"}, LAB]})

    assert fake.session().clusters.wait_for_cluster("demo", "lab").state == "ACTIVE"


def test_failed_cluster_ends_the_wait_with_what_was_seen():
    with pytest.raises(WaitFailed, match="cluster 'lab' is FAILED") as caught:
        FakeTransport({GET: {**LAB, "state": "FAILED"}}).session().clusters.wait_for_cluster("demo", "lab")

    assert isinstance(caught.value.resource, Cluster)


def test_deleted_cluster_is_waited_for_until_it_is_not_found():
    fake = FakeTransport({GET: [{**LAB, "state": "DELETING"}, api_error("NOT_FOUND")]})

    fake.session().clusters.wait_for_cluster_deleted("demo", "lab")

    assert len(fake.requests) == 2
