"""Virtual machines: lifecycle, references, stock, prices, expiry."""

from decimal import Decimal

import httpx
import pytest
from tests.sandbox.conftest import World

VMS, VM = "/v1/projects/demo/vms", "/v1/projects/demo/vm"
TYPE = "/v1/vms/data-centers/gb-bournemouth-1/machine_types/intel-broadwell"


def state(world: World, vm: str = "new-1") -> str:
    return str(world.ok("GET", f"{VMS}/{vm}")["VM"]["state"])


def violations(response: httpx.Response) -> list[str]:
    return [str(each["field"]) for each in response.json()["details"][0]["fieldViolations"]]


def test_created_vm_passes_pending_and_starting_to_active(world, vm_body):
    reply = world.ok("POST", VM, json=vm_body)
    assert (reply["id"], reply["vm"]["state"], reply["vm"]["shortState"]) == ("new-1", "PENDING", "pend")
    seen = []
    for _ in range(9):
        seen.append(state(world))
        world.wait(0.5)
    assert seen == ["PENDING"] * 2 + ["STARTING"] * 6 + ["ACTIVE"]


def test_speed_makes_lifecycles_faster(make_world, vm_body):
    world = make_world()
    world.app.clock.speed = 1000
    world.ok("POST", VM, json=vm_body)
    world.wait(0.005)
    assert state(world) == "ACTIVE"


def test_stop_start_reboot_end_where_they_should(world):
    for act, passing, settled in [
        ("stop", "STOPPING", "STOPPED"),
        ("start", "STARTING", "ACTIVE"),
        ("reboot", "STARTING", "ACTIVE"),
    ]:
        assert world.ok("POST", f"{VMS}/web-1/{act}") == {}
        assert state(world, "web-1") == passing
        world.wait(5)
        assert state(world, "web-1") == settled


@pytest.mark.parametrize(
    ("act", "vm"),
    [
        ("start", "web-1"),
        ("stop", "web-2"),
        ("reboot", "web-2"),
        ("resize?vcpus=1", "web-1"),
        ("start", "render-1"),
    ],
)
def test_act_in_the_wrong_state_is_a_failed_precondition(world, act, vm):
    status, code, message = world.refused("POST", f"{VMS}/{vm}/{act}")
    assert (status, code) == (400, 9)
    assert f"VM '{vm}' in state" in message


def test_terminated_vm_is_deleting_and_then_not_found(world, vm_body):
    world.ok("POST", VM, json=vm_body)
    world.ok("POST", f"{VMS}/new-1/terminate")
    assert state(world) == "DELETING"
    assert world.refused("POST", f"{VMS}/new-1/terminate")[1] == 9
    world.wait(2)
    assert world.refused("GET", f"{VMS}/new-1") == (404, 5, "VM 'new-1' not found")
    assert world.refused("GET", "/v1/projects/demo/disks/new-1-boot")[1] == 5


def test_terminate_keeps_storage_disks_and_returns_the_stock(world):
    machine_type = "/v1/vms/data-centers/no-luster-1/machine_types/epyc-rome-rtx-a5000"
    before = world.ok("GET", machine_type)
    world.ok("POST", f"{VMS}/train-1/terminate")
    world.wait(2)
    disk = world.ok("GET", "/v1/projects/demo/disks/data-1")["disk"]
    assert (disk["diskState"], "vmId" in disk) == ("READY", False)
    after = world.ok("GET", machine_type)
    gained = {key: after[key] - before[key] for key in before if key.startswith("total")}
    assert gained == {
        "totalVcpuFree": 16,
        "totalMemoryGibFree": 32,
        "totalGpuFree": 2,
        "totalStorageGibFree": 100,
    }


def test_vm_takes_from_the_stock_until_it_is_gone(world, vm_body):
    body = vm_body | {
        "dataCenterId": "us-newyork-1", "machineType": "intel-broadwell-v100", "vcpus": 8,
        "memoryGib": 16, "gpus": 3,
    }  # fmt: skip
    world.ok("POST", VM, json=body)
    response = world.call("POST", VM, json=body | {"vmId": "new-2"})
    error = response.json()
    assert (response.status_code, error["code"]) == (400, 3)
    assert (
        error["message"]
        == "no host available for machine type 'intel-broadwell-v100' in data center 'us-newyork-1'"
    )
    (info,) = error["details"]
    assert (info["@type"], info["reason"]) == (
        "type.googleapis.com/google.rpc.ErrorInfo",
        "MACHINE_TYPE_UNAVAILABLE",
    )
    assert info["metadata"] == {"availableMachineTypes": []}


def test_types_of_the_same_data_center_that_have_room_are_offered(world, vm_body):
    body = vm_body | {
        "dataCenterId": "no-luster-1", "machineType": "epyc-rome-rtx-a5000", "vcpus": 20,
        "memoryGib": 40, "gpus": 5,
    }  # fmt: skip
    (info,) = world.call("POST", VM, json=body).json()["details"]
    # Of the others there, one has six GPUs, and one has four.
    assert info["metadata"] == {"availableMachineTypes": ["epyc-rome-rtx-a4000"]}


def test_prices_add_up(world, vm_body):
    price = world.ok("POST", VM, json=vm_body)["vm"]["price"]
    amounts = {name: Decimal(value["value"]) for name, value in price.items()}
    kind = world.ok("GET", TYPE)
    assert amounts["totalVcpuPriceHr"] == Decimal(kind["vcpuPriceHr"]["value"]) * 2
    assert amounts["totalMemoryPriceHr"] == Decimal(kind["memoryGibPriceHr"]["value"]) * 4
    assert amounts["totalStoragePriceHr"] == Decimal(kind["minStorageGibPriceHr"]["value"]) * 2
    assert amounts["totalPriceHr"] == sum(
        amounts[name]
        for name in (
            "totalVcpuPriceHr", "totalMemoryPriceHr", "totalGpuPriceHr", "totalStoragePriceHr",
            "ipv4AddressPriceHr",
        )
    )  # fmt: skip
    assert price["totalPriceHr"] == {"value": "0.018914"}


def test_get_vm_repeats_the_prices_beside_the_vm(world):
    reply = world.ok("GET", f"{VMS}/train-1")
    beside = {name: value for name, value in reply.items() if name != "VM"}
    inside = dict(reply["VM"]["price"])
    inside["ipv4PriceHr"] = inside.pop("ipv4AddressPriceHr")
    assert beside == inside


def test_dry_run_answers_and_keeps_nothing(world, vm_body):
    before = world.ok("GET", TYPE)
    reply = world.ok("POST", VM, json=vm_body | {"validateOnly": True})
    assert (reply["id"], reply["vm"]["state"]) == ("new-1", "PENDING")
    assert world.refused("GET", f"{VMS}/new-1")[1] == 5
    assert world.ok("GET", TYPE) == before


def test_dry_run_of_a_wrong_vm_is_refused(world, vm_body):
    assert world.refused("POST", VM, json=vm_body | {"validateOnly": True, "vmId": "web-1"})[1] == 6


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vmId": "Web"}, "vmId"),
        ({"vmId": "web-"}, "vmId"),
        ({"vmId": "a" * 64}, "vmId"),
        ({"vmId": ""}, "vmId"),
        ({"dataCenterId": "mars-1"}, "dataCenterId"),
        ({"machineType": "abacus"}, "machineType"),
        ({"bootDiskImageId": "dos-3"}, "bootDiskImageId"),
        ({"bootDiskImageId": "fedora-37", "bootDiskSizeGib": 19}, "bootDiskSizeGib"),
        ({"vcpus": 0}, "vcpus"),
        ({"gpus": -1}, "gpus"),
        ({"gpus": "1"}, "gpus"),
        ({"memoryGib": 2**31}, "memoryGib"),
        ({"vcpus": 64, "memoryGib": 4}, "memoryGib"),
        ({"ttl": "1 hour"}, "ttl"),
        ({"ttl": "-5s"}, "ttl"),
        ({"ttl": "999999999999s"}, "ttl"),
        ({"expireTime": "9999-12-31T23:59:59-12:00"}, "expireTime"),
        ({"expireTime": "tomorrow"}, "expireTime"),
        ({"expireTime": "2001-01-01T00:00:00Z"}, "expireTime"),
        ({"commitmentTerm": "COMMITMENT_TERM_36_MONTHS"}, "commitmentTerm"),
        ({"commitmentTerm": "FOREVER"}, "commitmentTerm"),
        ({"bootDiskImageId": "windows-11-pro"}, "password"),
        ({"password": "short"}, "password"),
        ({"storageDiskIds": ["data-2"]}, "storageDiskIds"),
        ({"securityGroupIds": ["internal"]}, "securityGroupIds"),
        ({"nics": [{"networkId": "backend"}]}, "networkId"),
        ({"metadata": {"a": 1}}, "metadata"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_argument_is_named(world, vm_body, change, field):
    response = world.call("POST", VM, json=vm_body | change)
    assert (response.status_code, response.json()["code"]) == (400, 3)
    assert violations(response) == [field]


def test_all_bad_fields_are_reported_together(world, vm_body):
    response = world.call("POST", VM, json={"vmId": "A", "gpus": "x"})
    assert sorted(violations(response)) == [
        "bootDiskImageId", "dataCenterId", "gpus", "machineType", "memoryGib", "vcpus", "vmId",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"storageDiskIds": ["none"]}, {"securityGroupIds": ["none"]}, {"nics": [{"networkId": "none"}]}],
    ids=["disk", "security-group", "network"],
)
def test_unknown_resource_is_not_found(world, vm_body, change):
    status, code, message = world.refused("POST", VM, json=vm_body | change)
    assert (status, code) == (404, 5)
    assert message.endswith("'none' not found")


def test_duplicate_id_already_exists(world, vm_body):
    assert world.refused("POST", VM, json=vm_body | {"vmId": "web-1"}) == (
        409,
        6,
        "VM 'web-1' already exists",
    )


def test_refused_create_takes_nothing(world, vm_body):
    before = world.ok("GET", TYPE)
    world.refused("POST", VM, json=vm_body | {"vmId": "web-1"})
    world.refused("POST", VM, json=vm_body | {"storageDiskIds": ["none"]})
    assert world.ok("GET", TYPE) == before


def test_groups_beside_nics_are_ignored(world, vm_body):
    body = vm_body | {
        "securityGroupIds": ["web"],
        "nics": [{"networkId": "frontend", "assignPublicIp": False}],
    }
    vm = world.ok("POST", VM, json=body)["vm"]
    assert vm["securityGroupIds"] == []
    assert vm["externalIpAddress"] == ""
    assert vm["nics"] == [
        {
            "networkId": "frontend",
            "networkAddress": "192.168.10.0/24",
            "internalIpAddress": "192.168.10.3",
            "externalIpAddress": "",
            "securityGroupIds": [],
        }
    ]
    assert vm["price"]["ipv4AddressPriceHr"] == {"value": "0.000000"}


def test_repeated_references_count_once(world, vm_body):
    body = vm_body | {"storageDiskIds": ["backup-1"] * 2, "securityGroupIds": ["web"] * 2}
    vm = world.ok("POST", VM, json=body)["vm"]
    assert [disk["id"] for disk in vm["storageDisks"]] == ["backup-1"]
    assert (vm["securityGroupIds"], vm["nics"][0]["securityGroupIds"]) == (["web"], ["web"])
    world.ok("POST", f"{VMS}/new-1/terminate")
    world.wait(2)
    assert world.ok("GET", "/v1/projects/demo/disks/backup-1")["disk"]["diskState"] == "READY"


def test_listing_by_network_shows_its_vms(world):
    reply = world.ok("GET", VMS, params={"networkId": "backend"})
    assert [vm["id"] for vm in reply["VMs"]] == ["db-1"]
    assert world.ok("GET", VMS, params={"networkId": "frontend"}) == {"VMs": []}


def test_ttl_deletes_the_vm_and_keeps_its_disk(world, vm_body):
    reply = world.ok("POST", VM, json=vm_body | {"ttl": "60s", "storageDiskIds": ["backup-1"]})
    assert reply["vm"]["expireTime"] == "2027-01-15T08:01:00Z"
    world.wait(59)
    assert state(world) == "ACTIVE"
    world.wait(1)
    assert state(world) == "DELETING"
    world.wait(2)
    assert world.refused("GET", f"{VMS}/new-1")[1] == 5
    assert world.ok("GET", "/v1/projects/demo/disks/backup-1")["disk"]["diskState"] == "READY"


def test_ttl_and_expire_time_exclude_each_other(world, vm_body):
    both = {"ttl": "60s", "expireTime": "2030-01-01T00:00:00Z"}
    assert violations(world.call("POST", VM, json=vm_body | both)) == ["ttl", "expireTime"]
    assert violations(world.call("POST", f"{VM}/web-1/expire-time", json=both)) == ["ttl", "expireTime"]


def test_expire_time_can_be_set_and_taken_away(world):
    assert world.ok("POST", f"{VM}/web-1/expire-time", json={"ttl": "10s"}) == {
        "expireTime": "2027-01-15T08:00:10Z"
    }
    assert world.ok("POST", f"{VM}/web-1/expire-time", json={}) == {}
    world.wait(100)
    assert state(world, "web-1") == "ACTIVE"


def test_resize_changes_size_price_and_stock(world):
    before = world.ok("GET", TYPE)
    reply = world.ok("POST", f"{VMS}/web-2/resize", params={"vcpus": 4, "memoryGib": 8})
    assert (reply["vm"]["state"], reply["vm"]["vcpus"], reply["vm"]["memory"]) == ("RESIZING", 4, 8)
    assert reply["vm"]["price"]["totalVcpuPriceHr"] == {"value": "0.007200"}
    after = world.ok("GET", TYPE)
    assert before["totalVcpuFree"] - after["totalVcpuFree"] == 2
    world.wait(2)
    assert state(world, "web-2") == "STOPPED"


def test_resize_without_a_size_is_refused(world):
    assert violations(world.call("POST", f"{VMS}/web-2/resize")) == ["vcpus"]


def test_commitment_is_made_once_and_protects_the_vm(world):
    term = {"commitmentTerm": "COMMITMENT_TERM_1_MONTH"}
    full = world.ok("GET", f"{VMS}/web-2")["totalPriceHr"]["value"]
    assert world.ok("POST", f"{VM}/web-2/commit", json=term) == {}
    vm = world.ok("GET", f"{VMS}/web-2")["VM"]
    assert vm["commitmentEndTime"] == "2027-02-15T08:00:00Z"
    assert Decimal(vm["price"]["totalPriceHr"]["value"]) < Decimal(full)
    assert world.refused("POST", f"{VM}/web-2/commit", json=term)[1] == 9
    assert world.refused("POST", f"{VMS}/web-2/terminate")[1] == 9
    assert world.refused("POST", f"{VMS}/web-2/resize", params={"vcpus": 1})[1] == 9
    world.wait(31 * 86400)
    assert world.ok("POST", f"{VMS}/web-2/terminate") == {}


def test_metadata_is_replaced_or_merged(world):
    metadata = f"{VM}/web-1/metadata"
    merged = world.ok("POST", metadata, json={"merge": True, "metadata": {"a": "1"}})
    assert merged == {"metadata": {"role": "web", "env": "prod", "a": "1"}}
    assert world.ok("POST", metadata, json={"metadata": {"b": "2"}}) == {"metadata": {"b": "2"}}


def test_monitoring_moves_and_repeats_itself_for_the_same_seed(make_world):
    world, same, other = make_world(), make_world(), make_world(seed=2)
    items = world.ok("GET", f"{VMS}/web-1/monitor")["items"]
    assert len(items) == 60
    assert len({item["cpu"] for item in items}) > 30
    assert items == same.ok("GET", f"{VMS}/web-1/monitor")["items"]
    assert items != other.ok("GET", f"{VMS}/web-1/monitor")["items"]
    world.wait(60)
    assert world.ok("GET", f"{VMS}/web-1/monitor")["items"][:-1] == items[1:]
    assert world.ok("GET", f"{VMS}/web-2/monitor") == {"items": []}


def test_connection_token_is_new_each_time(world):
    tokens = {world.ok("GET", f"{VMS}/web-1/connect")["token"] for _ in range(3)}
    assert len(tokens) == 3
    assert world.refused("GET", f"{VMS}/web-2/connect")[1] == 9


def test_password_is_not_kept(world, vm_body):
    world.ok("POST", VM, json=vm_body | {"bootDiskImageId": "windows-11-pro", "password": "canary-123"})
    world.ok("POST", f"{VM}/new-1/password", json={"password": "canary-456"})
    dump = "\n".join(world.app.store._sql.iterdump())
    assert "new-1" in dump
    assert "canary" not in dump


def test_quota_counts_what_was_created_and_not_the_seeds(make_world, vm_body):
    world = make_world(vms=150)
    assert world.ok("GET", "/v1/projects/demo/count-vms") == {"count": 155}
    small = vm_body | {"vcpus": 1, "memoryGib": 1}
    for number in range(100):
        world.ok("POST", VM, json=small | {"vmId": f"q-{number}"})
    response = world.call("POST", VM, json=small | {"vmId": "one-too-many"})
    error = response.json()
    assert (response.status_code, error["code"]) == (429, 8)
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{"subject": "project:demo", "description": "project 'demo' may create 100 VMs"}],
        }
    ]


def test_more_vms_are_whole_vms(make_world):
    world = make_world(vms=3)
    vm = world.ok("GET", f"{VMS}/vm-000002")["VM"]
    assert (vm["id"], vm["bootDisk"]["id"], vm["bootDisk"]["vmId"]) == (
        "vm-000002",
        "vm-000002-boot",
        "vm-000002",
    )
    disk = world.ok("GET", "/v1/projects/demo/disks/vm-000002-boot")["disk"]
    assert disk == vm["bootDisk"]
    assert world.ok("POST", f"{VMS}/vm-000001/terminate") == {}


def test_same_seed_gives_the_same_data(make_world):
    one, same, other = make_world(vms=20), make_world(vms=20), make_world(vms=20, seed=7)
    paths = [VMS, "/v1/projects/demo/security-groups", "/v1/vms/machine-types"]
    assert [one.ok("GET", path) for path in paths] == [same.ok("GET", path) for path in paths]
    assert one.ok("GET", VMS) != other.ok("GET", VMS)
