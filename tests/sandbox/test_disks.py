"""Storage disks: lifecycle, attachment, growth."""

from typing import Any

import pytest
from tests.sandbox.conftest import World

DISKS, DISK = "/v1/projects/demo/disks", "/v1/projects/demo/disk"
NEW = {"id": "new-disk", "dataCenterId": "no-luster-1", "sizeGib": 10}


def disk(world: World, name: str) -> Any:
    return world.ok("GET", f"{DISKS}/{name}")["disk"]


def test_created_disk_becomes_ready(world):
    assert world.ok("POST", DISKS, json=NEW) == {}
    assert disk(world, "new-disk")["diskState"] == "CREATING"
    world.wait(1)
    assert disk(world, "new-disk") == {
        **NEW,
        "projectId": "demo",
        "diskType": "DISK_TYPE_STORAGE",
        "diskState": "READY",
        "createTime": "2027-01-15T08:00:00Z",
    }


def test_disk_that_is_not_ready_cannot_be_attached(world):
    world.ok("POST", DISKS, json=NEW)
    status, code, message = world.refused("PATCH", f"{DISK}/new-disk/attach", params={"vmId": "train-1"})
    assert (status, code) == (400, 9)
    assert message == "cannot attach disk 'new-disk' in state CREATING; it must be READY"


def test_attached_disk_belongs_to_its_vm_until_detached(world):
    world.ok("PATCH", f"{DISK}/data-2/attach", params={"vmId": "train-1"})
    attached = disk(world, "data-2")
    assert (attached["diskState"], attached["vmId"]) == ("ATTACHED", "train-1")
    vm = world.ok("GET", "/v1/projects/demo/vms/train-1")["VM"]
    assert [each["id"] for each in vm["storageDisks"]] == ["data-1", "data-2"]
    assert vm["storageDisks"][1] == attached
    world.ok("PUT", f"{DISK}/data-2/detach")
    assert disk(world, "data-2")["diskState"] == "READY"
    vm = world.ok("GET", "/v1/projects/demo/vms/train-1")["VM"]
    assert [each["id"] for each in vm["storageDisks"]] == ["data-1"]


@pytest.mark.parametrize(
    ("method", "path", "params", "code"),
    [
        ("PATCH", f"{DISK}/data-1/attach", {"vmId": "train-1"}, 9),
        ("PATCH", f"{DISK}/backup-1/attach", {"vmId": "train-1"}, 9),
        ("PATCH", f"{DISK}/data-2/attach", {"vmId": "none"}, 5),
        ("PATCH", f"{DISK}/none/attach", {"vmId": "train-1"}, 5),
        ("PUT", f"{DISK}/data-2/detach", {}, 9),
        ("PUT", f"{DISK}/web-1-boot/detach", {}, 9),
        ("DELETE", f"{DISKS}/data-1", {}, 9),
        ("DELETE", f"{DISKS}/web-1-boot", {}, 9),
        ("PATCH", "/v1/projects/demo/vms/train-1/disks", {"diskId": "data-1", "sizeGib": 200}, 3),
        ("PATCH", "/v1/projects/demo/vms/train-1/disks", {"diskId": "data-2", "sizeGib": 300}, 9),
        ("PATCH", "/v1/projects/demo/vms/train-1/disks", {"diskId": "data-1", "sizeGib": "many"}, 3),
    ],
)
def test_impossible_act_is_refused(world, method, path, params, code):
    assert world.refused(method, path, params=params)[1] == code


def test_deleted_disk_is_deleting_and_then_not_found(world):
    world.ok("DELETE", f"{DISKS}/data-2")
    assert disk(world, "data-2")["diskState"] == "DELETING"
    world.wait(2)
    assert world.refused("GET", f"{DISKS}/data-2") == (404, 5, "disk 'data-2' not found")


def test_grown_disk_resizes_its_vm_for_a_while(world):
    world.ok("PATCH", "/v1/projects/demo/vms/train-1/disks", params={"diskId": "data-1", "sizeGib": 300})
    vm = world.ok("GET", "/v1/projects/demo/vms/train-1")["VM"]
    assert (vm["state"], vm["storageDisks"][0]["sizeGib"]) == ("RESIZING_DISK", 300)
    world.wait(1)
    assert world.ok("GET", "/v1/projects/demo/vms/train-1")["VM"]["state"] == "ACTIVE"


def test_grown_boot_disk_raises_the_price_of_its_vm(world):
    vms = "/v1/projects/demo/vms"
    world.ok("PATCH", f"{vms}/web-2/disks", params={"diskId": "web-2-boot", "sizeGib": 10})
    reply = world.ok("GET", f"{vms}/web-2")
    assert reply["VM"]["bootDiskSizeGib"] == 10
    assert reply["totalStoragePriceHr"] == {"value": "0.001070"}


def test_duplicate_and_unknown_data_center_are_refused(world):
    assert world.refused("POST", DISKS, json=NEW | {"id": "data-1"})[:2] == (409, 6)
    assert world.refused("POST", DISKS, json=NEW | {"dataCenterId": "mars-1"})[1] == 3


def test_fields_of_the_server_are_accepted_and_have_no_effect(world):
    world.ok("POST", DISKS, json=NEW | {"diskState": "FAILED", "vmId": "web-1"})
    world.wait(1)
    assert disk(world, "new-disk")["diskState"] == "READY"
    assert "vmId" not in disk(world, "new-disk")
    assert world.refused("POST", DISKS, json=NEW | {"id": "n2", "diskState": "BROKEN"})[1] == 3


def test_listing_by_data_center_counts_only_its_disks(world):
    reply = world.ok("GET", DISKS, params={"dataCenterId": "gb-bournemouth-1"})
    assert [each["id"] for each in reply["disks"]] == ["backup-1", "web-1-boot", "web-2-boot"]
    assert reply["totalCount"] == 3
