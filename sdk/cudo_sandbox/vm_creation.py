"""Creating a VM: check what it refers to, take it from the stock, store it."""

from cudo_sandbox import stock
from cudo_sandbox.addresses import address_on, next_number, private_address, take_public
from cudo_sandbox.catalogue import MONTHS, NO_TERM, PUBLIC_IMAGES, check_data_center
from cudo_sandbox.clock import LAST_MOMENT, months_later, rfc3339
from cudo_sandbox.fields import (
    Fields,
    boolean,
    duration,
    filled,
    integer,
    list_of,
    moment,
    one_of,
    record,
    resource_id,
    text,
    text_map,
)
from cudo_sandbox.lifecycles import demand_state, enter
from cudo_sandbox.problems import Json, already_exists, invalid, noun_of, wrong_state
from cudo_sandbox.projects import check_new
from cudo_sandbox.router import Call
from cudo_sandbox.ssh import authorized_keys
from cudo_sandbox.store import Resource
from cudo_sandbox.vm_shape import boot_disk, image_fields, refresh

MAX_VMS = 100  # created in a project since the seeding; not evidenced
PASSWORD_LENGTH = (6, 64)

COMMITMENT_TERM = one_of(NO_TERM, *MONTHS)
SSH_KEY_SOURCE = one_of(*(f"SSH_KEY_SOURCE_{name}" for name in ("UNKNOWN", "PROJECT", "USER", "NONE")))

_NIC = record(assignPublicIp=boolean, networkId=text, securityGroupIds=list_of(text))
BODY = Fields(
    required={
        "bootDiskImageId": filled,
        "dataCenterId": filled,
        "gpus": integer(),
        "machineType": filled,
        "memoryGib": integer(1),
        "vcpus": integer(1),
        "vmId": resource_id,
    },
    optional={
        "bootDisk": record(sizeGib=integer(1)),
        "bootDiskSizeGib": integer(1),
        "commitmentTerm": COMMITMENT_TERM,
        "customSshKeys": list_of(text),
        "expireTime": moment,
        "metadata": text_map,
        "nics": list_of(_NIC),
        "password": text,
        "securityGroupIds": list_of(text),
        "sshKeySource": SSH_KEY_SOURCE,
        "startScript": text,
        "storageDiskIds": list_of(text),
        "topology": record(cores=integer(), sockets=integer(), threads=integer()),
        "ttl": duration,
        "validateOnly": boolean,
    },
)


def create(call: Call) -> Resource:
    """Create the VM that the body of the call describes, PENDING, with its boot disk."""
    wanted = call.body
    check_new(call, "vm", wanted["vmId"], MAX_VMS)
    kind = _machine_type(call)
    image = _image(call)
    body = _body(call, kind.body, image)
    stock.check_shape(kind.body, body)
    _check_password(image, wanted.get("password"))
    disks = [_storage_disk(call, name) for name in dict.fromkeys(wanted.get("storageDiskIds", []))]
    stock.take(call.tx, kind, stock.amounts_of(body))
    return _store(call, body, disks)


def _store(call: Call, body: Json, disks: list[Resource]) -> Resource:
    vm = Resource("vm", call.project, body["id"], body, expires=_expiry(call))
    clock = call.clock.doomed() if _lacks_address(call, body) else call.clock
    enter(vm, clock, "PENDING", "STARTING", "ACTIVE")
    boot = body["bootDisk"]
    if call.tx.find("disk", call.project, boot["id"]):
        raise already_exists("disk", boot["id"])
    call.tx.save(Resource("disk", call.project, boot["id"], boot))
    for disk in disks:
        disk.state, disk.body["vmId"] = "ATTACHED", vm.id
        call.tx.save(disk)
    body["storageDisks"] = [disk.body for disk in disks]
    refresh(call.tx, vm)
    return vm


def _body(call: Call, kind: Json, image: Json) -> Json:
    wanted, created = call.body, rfc3339(call.clock.now())
    nics = _nics(call)
    body: Json = {
        "id": wanted["vmId"],
        "projectId": call.project,
        "datacenterId": wanted["dataCenterId"],
        "machineType": wanted["machineType"],
        "state": "PENDING",
        "shortState": "",
        "vcpus": wanted["vcpus"],
        "memory": wanted["memoryGib"],
        "gpuQuantity": wanted["gpus"],
        "gpuModel": kind["gpuModel"] if wanted["gpus"] else "",
        "gpuModelId": kind["gpuModelId"] if wanted["gpus"] else "",
        "cpuModel": kind["cpuModel"],
        "bootDiskSizeGib": _boot_disk_size(wanted, image),
        **image_fields(image),
        "internalIpAddress": nics[0]["internalIpAddress"],
        "externalIpAddress": nics[0]["externalIpAddress"],
        "publicIpAddress": nics[0]["externalIpAddress"],
        "nics": nics,
        "securityGroupIds": list(dict.fromkeys(name for nic in nics for name in nic["securityGroupIds"])),
        "sshKeySource": wanted.get("sshKeySource", "SSH_KEY_SOURCE_PROJECT"),
        "authorizedSshKeys": authorized_keys(call, wanted),
        "metadata": wanted.get("metadata", {}),
        "renewableEnergy": kind["renewableEnergy"],
        **commitment(call, wanted.get("commitmentTerm", NO_TERM)),
        "createBy": call.user,
        "createTime": created,
    }
    if (expiry := _expiry(call)) is not None:
        body["expireTime"] = rfc3339(expiry)
    body["bootDisk"] = boot_disk(body, created)
    return body


def commitment(call: Call, term: str) -> Json:
    """The fields of a commitment that begins now."""
    if term == NO_TERM:
        return {"commitmentTerm": term}
    end = months_later(call.clock.now(), MONTHS[term])
    return {"commitmentTerm": term, "commitmentEndTime": rfc3339(end)}


def _expiry(call: Call) -> float | None:
    return expiry_of(call, call.body) if {"ttl", "expireTime"} & call.body.keys() else None


def expiry_of(call: Call, wanted: Json) -> float:
    """The moment that `ttl` or `expireTime` gives; raises INVALID_ARGUMENT."""
    if "ttl" in wanted and "expireTime" in wanted:
        raise invalid(("ttl", "excludes expireTime"), ("expireTime", "excludes ttl"))
    field = "ttl" if "ttl" in wanted else "expireTime"
    if field not in wanted:
        raise invalid(("expireTime", "is missing; give expireTime or ttl"))
    expiry = call.clock.now() + wanted["ttl"] if field == "ttl" else wanted["expireTime"]
    if not call.clock.now() < expiry <= LAST_MOMENT:
        raise invalid((field, "must lie in the future, before the year 10000"))
    return float(expiry)


def _machine_type(call: Call) -> Resource:
    data_center = call.body["dataCenterId"]
    check_data_center(data_center)
    return stock.machine_type(call.tx, data_center, call.body["machineType"])


def _image(call: Call) -> Json:
    """A public image, or a private one of the project in the same data center."""
    name = call.body["bootDiskImageId"]
    if name in PUBLIC_IMAGES:
        return PUBLIC_IMAGES[name]
    found = call.tx.find("image", call.project, name)
    if found is None:
        raise invalid(("bootDiskImageId", f"there is no image '{name}'"))
    demand_state(found, "READY", act="boot from")
    _check_same_data_center("bootDiskImageId", found, call.body["dataCenterId"])
    return found.body


def _boot_disk_size(wanted: Json, image: Json) -> int:
    size = wanted.get("bootDiskSizeGib") or wanted.get("bootDisk", {}).get("sizeGib") or image["sizeGib"]
    if size < image["sizeGib"]:
        raise invalid(("bootDiskSizeGib", f"image '{image['id']}' needs at least {image['sizeGib']} GiB"))
    return int(size)


def _check_password(image: Json, password: str | None) -> None:
    if password is None and image["platform"] == "windows":
        raise invalid(("password", "is missing; Windows needs one"))
    if password is not None:
        check_password(password)


def check_password(password: str) -> None:
    """Raise INVALID_ARGUMENT unless the length is right."""
    low, high = PASSWORD_LENGTH
    if not low <= len(password) <= high:
        raise invalid(("password", f"must have {low} to {high} characters"))


def _storage_disk(call: Call, name: str) -> Resource:
    disk = call.tx.get("disk", call.project, name)
    demand_state(disk, "READY", act="attach")
    _check_same_data_center("storageDiskIds", disk, call.body["dataCenterId"])
    return disk


def _check_same_data_center(field: str, resource: Resource, data_center: str) -> None:
    there = resource.body["dataCenterId"]
    if there != data_center:
        noun = noun_of(resource.kind)
        raise invalid((field, f"{noun} '{resource.id}' is in data center '{there}', not '{data_center}'"))


def _nics(call: Call) -> list[Json]:
    """The interfaces asked for, or one with a public address; groups beside `nics` are ignored."""
    taken: set[str] = set()
    return [_nic(call, wanted, taken) for wanted in _wanted_nics(call)]


def _wanted_nics(call: Call) -> list[Json]:
    default = {"securityGroupIds": call.body.get("securityGroupIds", []), "assignPublicIp": True}
    return call.body.get("nics") or [default]


def _lacks_address(call: Call, body: Json) -> bool:
    """Whether the data center had no public address left, with which a VM ends in FAILED."""
    pairs = zip(_wanted_nics(call), body["nics"], strict=True)
    return any(wanted.get("assignPublicIp") and not nic["externalIpAddress"] for wanted, nic in pairs)


def _nic(call: Call, wanted: Json, taken: set[str]) -> Json:
    for name in wanted.get("securityGroupIds", []):
        group = call.tx.get("security_group", call.project, name)
        _check_same_data_center("securityGroupIds", group, call.body["dataCenterId"])
    number = next_number(call.tx)
    network_id = wanted.get("networkId", "")
    address = _network_address(call, network_id, taken) if network_id else private_address(number)
    taken.add(address)
    return {
        "networkId": network_id,
        "networkAddress": call.tx.get("network", call.project, network_id).body["ipRange"]
        if network_id
        else "",
        "internalIpAddress": address,
        "externalIpAddress": take_public(call.tx, call.body["dataCenterId"], number)
        if wanted.get("assignPublicIp")
        else "",
        "securityGroupIds": list(dict.fromkeys(wanted.get("securityGroupIds", []))),
    }


def _network_address(call: Call, name: str, taken: set[str]) -> str:
    network = call.tx.get("network", call.project, name)
    _check_same_data_center("networkId", network, call.body["dataCenterId"])
    if network.state != "ACTIVE":
        raise wrong_state(f"network '{name}' is {network.state}; it must be ACTIVE")
    return address_on(call.tx, network, taken)
