"""Every source, through the real SDK, against the sandbox."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from cudo_completions.candidates import Candidate
from cudo_completions.listing import PROJECTLESS
from cudo_completions.sources import SOURCES
from cudo_sandbox import Sandbox
from cudo_sdk import AsyncSession, Session


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        with Session(api_key="sandbox-key", base_url=running.url) as session:
            session.api_keys.create_api_key("ci-runner")
            session.object_storage.create_object_storage_user("demo", "no-luster-1", "app-1")
        yield running


@pytest.fixture
def listed(sandbox):
    """The candidates of a kind, by their text; the first where a text comes twice."""

    async def ask(kind: str, project: str) -> list[Candidate]:
        async with AsyncSession(api_key="sandbox-key", base_url=sandbox.url) as session:
            return await SOURCES[kind](session, project)

    def by_text(kind: str, project: str = "demo") -> dict[str, Any]:
        found = asyncio.run(ask(kind, project))
        return {each.text: each for each in reversed(found)}

    return by_text


@pytest.mark.parametrize(
    ("kind", "candidate"),
    [
        (
            "vms",
            Candidate(
                "web-1",
                "ACTIVE\t\tgb-bournemouth-1\t$0.0191/h",
                {"state": "ACTIVE", "data_center": "gb-bournemouth-1"},
            ),
        ),
        (
            "disks",
            Candidate(
                "web-1-boot",
                "ATTACHED\t4 GiB\tgb-bournemouth-1\ton web-1",
                {"state": "ATTACHED", "data_center": "gb-bournemouth-1", "type": "DISK_TYPE_BOOT"},
            ),
        ),
        ("data_centers", Candidate("no-luster-1", "Luster Data Hall", {"data_center": "no-luster-1"})),
        ("gpu_models", Candidate("nvidia-rtx-a5000", "NVIDIA\tRTX A5000\t24 GiB")),
        ("projects", Candidate("demo", "demo-billing")),
        (
            "billing_accounts",
            Candidate("demo-billing", "Demo billing\tSTATE_ACTIVE", {"account": "demo-billing"}),
        ),
        ("public_images", Candidate("debian-12", "Debian 12\tlinux\t2 GiB", {"platform": "linux"})),
        (
            "machine_types",
            Candidate(
                "epyc-rome-rtx-a5000",
                "no-luster-1\tRTX A5000\t$0.52/h per GPU\t5 GPUs free",
                {"data_center": "no-luster-1", "gpu": "nvidia-rtx-a5000", "price": "0.520000"},
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_source_names_what_the_api_lists(listed, kind, candidate):
    assert listed(kind)[candidate.text] == candidate


@pytest.mark.parametrize(
    ("kind", "candidate"),
    [
        (
            "machines",
            Candidate(
                "metal-1",
                "ACTIVE\t8 x nvidia-h100\tfr-paris-1\t$18.00/h",
                {"state": "ACTIVE", "data_center": "fr-paris-1"},
            ),
        ),
        (
            "clusters",
            Candidate(
                "cluster-1",
                "ACTIVE\t2 machines\tfr-paris-1\t$36.00/h",
                {"state": "ACTIVE", "data_center": "fr-paris-1"},
            ),
        ),
        (
            "volumes",
            Candidate(
                "shared-1", "ACTIVE\t2000 GiB\tfr-paris-1", {"state": "ACTIVE", "data_center": "fr-paris-1"}
            ),
        ),
        ("buckets", Candidate("results", "no-luster-1", {"data_center": "no-luster-1"})),
        ("machine_operating_systems", Candidate("ubuntu/noble", "Ubuntu 24.04 LTS")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_source_names_what_the_other_project_has(listed, kind, candidate):
    assert listed(kind, "research")[candidate.text] == candidate


def test_machines_of_a_cluster_are_named_with_their_address(listed):
    found = listed("cluster_machines", "research")
    assert sorted(found) == ["cluster-1-1", "cluster-1-2"]
    assert found["cluster-1-1"].hint.startswith("ACTIVE\t")
    assert found["cluster-1-1"].facts == {"state": "ACTIVE", "data_center": "fr-paris-1"}


def test_type_in_several_data_centers_has_a_row_for_each(listed):
    row = listed("metal_machine_types")["sapphire-rapids-h100"]
    assert row == Candidate(
        "sapphire-rapids-h100",
        "fr-paris-1\t8 x nvidia-h100\t24 machines free",
        {"data_center": "fr-paris-1"},
    )


def test_keys_never_stand_in_a_listing(listed):
    assert listed("api_keys")["ci-runner"] == Candidate("ci-runner")
    assert listed("storage_users")["app-1"] == Candidate(
        "app-1", "no-luster-1", {"data_center": "no-luster-1"}
    )


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_finds_something_with_a_name(listed, kind):
    found = listed(kind) | listed(kind, "research")

    assert found
    assert "" not in found


@pytest.mark.parametrize("kind", SOURCES)
def test_source_asks_for_the_project_unless_it_is_the_same_for_all(listed, kind):
    same = listed(kind, "demo") == listed(kind, "research")

    assert same == (kind in PROJECTLESS or kind.endswith("machine_types")), (
        "prices may differ by project, ids do not"
    )
