"""The JSON of a VM: its parts, its disks and security groups, its price."""

from cudo_sandbox.catalogue import PUBLIC_IMAGES
from cudo_sandbox.fields import one_of
from cudo_sandbox.pricing import vm_price
from cudo_sandbox.problems import Json
from cudo_sandbox.stock import KIND
from cudo_sandbox.store import Resource, Transaction

SHORT_STATES = {
    "PENDING": "pend",
    "STARTING": "boot",
    "ACTIVE": "runn",
    "STOPPING": "stop",
    "STOPPED": "poff",
    "SUSPENDED": "susp",
    "SUSPENDING": "susp",
    "FAILED": "fail",
    "DELETING": "epil",
    "DELETED": "done",
    "RESIZING": "prol",
    "RESIZING_DISK": "prol",
}
VM_STATE = one_of(
    "CLONING", "CREATING_SNAPSHOT", "DELETED", "DELETING", "DELETING_SNAPSHOT", "FAILED", "HOTPLUGGING",
    "MIGRATING", "RECREATING", "REVERTING_SNAPSHOT", "RESIZING", "RESIZING_DISK", "ACTIVE", "STARTING",
    "STOPPED", "STOPPING", "SUSPENDED", "SUSPENDING", "UNKNOWN", "PENDING",
)  # fmt: skip
SETTLED = ("ACTIVE", "STOPPED", "SUSPENDED", "FAILED", "DELETED")


def boot_disk(vm: Json, created: str) -> Json:
    """The Disk from which a VM boots."""
    image: Json = {key: vm[key] for key in ("publicImageId", "privateImageId") if key in vm}
    return {
        "id": f"{vm['id']}-boot",
        "projectId": vm["projectId"],
        "dataCenterId": vm["datacenterId"],
        "diskType": "DISK_TYPE_BOOT",
        "diskState": "ATTACHED",
        "sizeGib": vm["bootDiskSizeGib"],
        "vmId": vm["id"],
        **image,
        "createTime": created,
    }


def image_fields(image: Json) -> Json:
    """How a VM names the image of its boot disk, several times over."""
    if image["id"] in PUBLIC_IMAGES and "displayName" in image:
        names = {"publicImageId": image["id"], "publicImageName": image["displayName"]}
        return {"imageId": image["id"], "imageName": image["displayName"], **names}
    return {"imageId": image["id"], "imageName": image["id"], "privateImageId": image["id"]}


def refresh(tx: Transaction, vm: Resource) -> None:
    """Bring what a VM repeats of other resources up to date, and save it."""
    scope, body = vm.scope, vm.body
    body["shortState"] = SHORT_STATES.get(vm.state, "unde")
    body["bootDisk"] = tx.get("disk", scope, body["bootDisk"]["id"]).body
    body["bootDiskSizeGib"] = body["bootDisk"]["sizeGib"]
    body["storageDisks"] = [tx.get("disk", scope, disk["id"]).body for disk in body["storageDisks"]]
    groups = [tx.get("security_group", scope, name).body for name in body["securityGroupIds"]]
    body["securityGroups"] = groups
    body["rules"] = [rule for group in groups for rule in group["rules"]]
    reprice(tx, vm)
    tx.save(vm)


def reprice(tx: Transaction, vm: Resource) -> None:
    kind = tx.get(KIND, vm.body["datacenterId"], vm.body["machineType"])
    vm.body["price"], vm.price = vm_price(kind.body, vm.body)
