"""Machine types: catalogues that anybody may read, with limits that may be infinite."""

import asyncio

import httpx
import pytest

from cudo_sdk import APIConfig, LoginRequired, Session
from cudo_sdk.testing import Answer, FakeTransport

VM_TYPES = "GET /v1/vms/machine-types"
OLD_VM_TYPES = "GET /v1/vms/machine-types-2"
ONE = {"machineTypes": [{"machineType": "epyc-rome", "dataCenterId": "no-luster-1"}]}


def session_without_key(fake: FakeTransport) -> Session:
    config = APIConfig(api_url="http://127.0.0.1", environ={})
    return Session(config, http_client=httpx.Client(transport=fake), clock=fake.clock)


def test_vm_machine_types_need_no_key(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    fake = FakeTransport({VM_TYPES: ONE})

    kinds = session_without_key(fake).machine_types.list_vm_machine_types()

    assert [kind.id for kind in kinds] == ["epyc-rome"]
    assert "Authorization" not in fake.requests[0].headers


def test_bare_metal_types_need_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(LoginRequired):
        session_without_key(FakeTransport()).machine_types.list_machine_types()


@pytest.mark.parametrize("text", ["Infinity", "-Infinity"])
def test_limit_may_be_infinite(text: str):
    kind = {"machineType": "epyc-rome", "maxVcpuPerGpu": text, "minVcpu": 0.5}
    fake = FakeTransport({VM_TYPES: {"machineTypes": [kind]}})

    (found,) = fake.session().machine_types.list_vm_machine_types()

    assert (found.max_vcpu_per_gpu, found.min_vcpu) == (float(text), 0.5)
    assert found.to_api() == kind


def test_old_listing_warns_and_names_the_new_one():
    fake = FakeTransport({OLD_VM_TYPES: ONE})

    with pytest.warns(DeprecationWarning, match="use list_vm_machine_types"):
        kinds = fake.session().machine_types.list_vm_machine_types_2(project_id="demo")

    assert [kind.id for kind in kinds] == ["epyc-rome"]


def test_old_listing_warns_where_it_is_awaited():
    session = FakeTransport({OLD_VM_TYPES: ONE}).async_session()

    async def check() -> None:
        await session.machine_types.list_vm_machine_types_2()

    with pytest.warns(DeprecationWarning, match="list_vm_machine_types_2 is") as caught:
        asyncio.run(check())

    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("noun", ["machine_types", "cluster_machine_types"])
def test_type_is_listed_for_each_data_center_that_has_it(noun: str):
    places = [{"id": "h100", "dataCenterId": place} for place in ("fr-paris-1", "no-kristiansand-1")]
    pages: list[Answer] = [{"machineTypes": [place], "pageSize": 1} for place in places]
    pages.append({"pageSize": 1})
    fake = FakeTransport({"GET /v1/machines-types": pages, "GET /v1/clusters/machine-types": pages})

    kinds = getattr(fake.session().machine_types, f"list_{noun}")()

    assert [kind.to_api() for kind in kinds] == places
