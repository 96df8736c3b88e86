"""The search over all resources."""

from cudo_sdk.functions.volumes import Volume
from cudo_sdk.testing import FakeTransport

FOUND = {
    "results": [
        {"resourceType": "VM", "score": 1.5, "virtualMachine": {"id": "web-1", "memoryGib": 4}},
        {"resourceType": "Volume", "volume": {"id": "data", "sizeGib": 100}},
        {"resourceType": "Something new", "somethingNew": {"id": "x"}},
    ]
}


def test_search_fetches_nothing_until_it_is_asked_for():
    fake = FakeTransport({"GET /v1/resources/search": FOUND})

    results = fake.session().resources.search_resources("web & data")
    assert fake.requests == []
    first = next(results)

    assert first.virtual_machine is not None
    assert (first.virtual_machine.memory_gib, first.score) == (4, 1.5)
    assert dict(fake.requests[0].url.params) == {"query": "web & data"}


def test_each_result_has_its_own_resource_and_an_unknown_kind_is_kept():
    fake = FakeTransport({"GET /v1/resources/search": FOUND})

    _, volume, unknown = fake.session().resources.search_resources("x")

    assert volume.volume == Volume(id="data", size_gib=100)
    assert volume.disk is None
    assert unknown.to_api() == FOUND["results"][2]
