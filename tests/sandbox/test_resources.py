"""The search over everything that the user can see."""

import pytest

NEW = {"id": "new-project", "billingAccountId": "demo-billing"}


def test_search_finds_every_kind_by_part_of_its_id(world):
    kinds = {
        text: {
            each["resourceType"]
            for each in world.ok("GET", "/v1/resources/search", params={"query": text})["results"]
        }
        for text in ("web", "demo", "back", "GOLDEN", "nothing-like-it", "")
    }
    assert kinds == {
        "web": {"virtualMachine", "disk"},
        "demo": {"project", "billingAccount"},
        "back": {"network", "disk"},
        "GOLDEN": {"image"},
        "nothing-like-it": set(),
        "": set(),
    }


def test_search_shows_only_what_the_user_may_see(world):
    world.ok("POST", "/v1/projects", json=NEW)
    query = {"query": "new-project"}
    assert len(world.ok("GET", "/v1/resources/search", params=query)["results"]) == 1
    assert world.ok("GET", "/v1/resources/search", params=query, key="viewer-key") == {"results": []}


def test_nearest_id_comes_first(world):
    results = world.ok("GET", "/v1/resources/search", params={"query": "web-1"})["results"]
    assert [(each["resourceType"], each["resourceName"], each["score"]) for each in results] == [
        ("virtualMachine", "web-1", 1.0),
        ("disk", "web-1-boot", 0.5),
    ]


def test_found_vm_is_the_vm_in_other_words(world):
    vm = world.ok("GET", "/v1/projects/demo/vms/train-1")["VM"]
    (result,) = (
        each
        for each in world.ok("GET", "/v1/resources/search", params={"query": "train-1"})["results"]
        if each["resourceType"] == "virtualMachine"
    )
    assert result["virtualMachine"] == {
        "id": "train-1",
        "projectId": "demo",
        "dataCenterId": vm["datacenterId"],
        "state": "ACTIVE",
        "vcpus": 16,
        "memoryGib": 32,
        "gpus": 2,
        "gpuModelId": "nvidia-rtx-a5000",
        "bootDiskSizeGib": 100,
        "createTime": vm["createTime"],
        "bootDiskPublicImageId": "ubuntu-2204-nvidia-550-docker-v20250303",
    }


@pytest.mark.parametrize("text", ["%", "_", "'", "' OR 1=1 --", '"', "\\", "\x00"], ids=repr)
def test_searched_text_is_text_and_nothing_else(world, text):
    assert world.ok("GET", "/v1/resources/search", params={"query": text}) == {"results": []}


def test_search_gives_at_most_a_hundred(make_world):
    world = make_world(vms=150)
    assert len(world.ok("GET", "/v1/resources/search", params={"query": "vm-"})["results"]) == 100
