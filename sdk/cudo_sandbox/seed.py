"""What a new sandbox holds: two users, two projects, and a few resources in several states."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cudo_sandbox import permissions, stock, vm_creation
from cudo_sandbox.access import OWNER_EMAIL, VIEWER_EMAIL, members_of
from cudo_sandbox.addresses import forget_taken, private_address, public_address
from cudo_sandbox.catalogue import vm_machine_types
from cudo_sandbox.clock import Clock
from cudo_sandbox.lifecycles import Hooks, enter
from cudo_sandbox.metal import CLUSTER_TYPE, MACHINE_TYPE
from cudo_sandbox.metal_catalogue import metal_types
from cudo_sandbox.problems import Json
from cudo_sandbox.router import Call
from cudo_sandbox.routes import (
    HOOKS,
    clusters,
    disks,
    images,
    machines,
    networks,
    object_storage,
    security_groups,
    ssh_keys,
    volumes,
)
from cudo_sandbox.seed_billing import ACCOUNT, seed_billing
from cudo_sandbox.store import Resource, Store, Transaction, text_of
from cudo_sandbox.vm_shape import SHORT_STATES, refresh

_DAY = 86_400
_PEOPLE = {
    OWNER_EMAIL: ("Kim", "Larsen", "6f1c2a7e-0b7d-4c55-9a53-0d5d3c1f7a01"),
    VIEWER_EMAIL: ("Vera", "Novak", "6f1c2a7e-0b7d-4c55-9a53-0d5d3c1f7a02"),
    "sam@example.com": ("Sam", "Okafor", "6f1c2a7e-0b7d-4c55-9a53-0d5d3c1f7a03"),
}
PROJECTS = ("demo", "research")
_SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl kim@laptop"


@dataclass(frozen=True)
class _VM:
    """A VM to be seeded: where, what, in which state."""

    project: str
    id: str
    data_center: str
    machine_type: str
    size: tuple[int, int, int]  # vCPUs, GiB of memory, GPUs
    image: str
    state: str = "ACTIVE"
    days: int = 1
    more: Json = field(default_factory=dict)


_VMS = (
    _VM("demo", "web-1", "gb-bournemouth-1", "intel-broadwell", (2, 4, 0), "ubuntu-2404", days=40,
        more={"securityGroupIds": ["web"], "metadata": {"role": "web", "env": "prod"}}),
    _VM("demo", "web-2", "gb-bournemouth-1", "intel-broadwell", (2, 4, 0), "ubuntu-2404", "STOPPED", days=38,
        more={"securityGroupIds": ["web"], "metadata": {"role": "web", "env": "staging"}}),
    _VM("demo", "db-1", "no-luster-1", "epyc-rome-rtx-a5000", (8, 16, 0), "debian-12", days=33,
        more={"bootDiskSizeGib": 40, "nics": [{"networkId": "backend", "securityGroupIds": ["internal"]}]}),
    _VM("demo", "train-1", "no-luster-1", "epyc-rome-rtx-a5000", (16, 32, 2),
        "ubuntu-2204-nvidia-550-docker-v20250303", days=12,
        more={"bootDiskSizeGib": 100, "storageDiskIds": ["data-1"], "metadata": {"role": "training"}}),
    _VM("demo", "render-1", "se-smedjebacken-1", "epyc-milan-rtx-a4000", (4, 8, 1), "ubuntu-2204", "FAILED",
        days=3),
    _VM("research", "sim-1", "se-stockholm-1", "ice-lake-a40", (12, 48, 1), "ubuntu-2404", days=21,
        more={"storageDiskIds": ["corpus-1"], "bootDiskSizeGib": 60}),
    _VM("research", "sim-2", "se-stockholm-1", "ice-lake-a40", (12, 48, 1), "ubuntu-2404", "STOPPED",
        days=20),
    _VM("research", "notebook-1", "ca-montreal-1", "intel-broadwell-rtx-3080", (4, 8, 1), "debian-12",
        "SUSPENDED"),
)  # fmt: skip
_DISKS = (
    ("demo", "data-1", "no-luster-1", 200),
    ("demo", "data-2", "no-luster-1", 100),
    ("demo", "backup-1", "gb-bournemouth-1", 500),
    ("research", "corpus-1", "se-stockholm-1", 1000),
    ("research", "scratch-1", "se-stockholm-1", 250),
)
_NETWORKS = (
    ("demo", "backend", "no-luster-1", "10.10.0.0/24", "ACTIVE"),
    ("demo", "frontend", "gb-bournemouth-1", "192.168.10.0/24", "ACTIVE"),
    ("research", "lab", "se-stockholm-1", "172.16.0.0/20", "STOPPED"),
)
_IN = "RULE_TYPE_INBOUND"
_RULES = {
    "web": [("PROTOCOL_TCP", "80,443", "0.0.0.0/0"), ("PROTOCOL_TCP", "22", "0.0.0.0/0")],
    "internal": [("PROTOCOL_ALL", "", "10.10.0.0/24")],
    "ssh-only": [("PROTOCOL_TCP", "22", "0.0.0.0/0")],
}
_GROUPS = (
    ("demo", "web", "gb-bournemouth-1", "Web servers: HTTP, HTTPS and SSH from anywhere"),
    ("demo", "internal", "no-luster-1", "Everything from the back-end network"),
    ("research", "ssh-only", "se-stockholm-1", "SSH from anywhere"),
)


def seed_store(store: Store, clock: Clock, *, seed: int, vms: int) -> None:
    """Fill a new store; one that was filled before stays as it is."""
    with store.transaction(write=True) as tx:
        if tx.setting("last_seed") is not None:
            return
        _seed_people(tx)
        seed_billing(tx, clock)
        _seed_projects(tx)
        _seed_machine_types(tx)
        seeder = _Seeder(tx, clock, seed)
        seeder.run()
        forget_taken(tx)
        tx.insert_rows(_many_vms(tx, seed, vms))
        tx.set_setting("last_seed", str(tx.last_seq()))


def _seed_people(tx: Transaction) -> None:
    for email, (first, last, user_id) in _PEOPLE.items():
        picture = f"https://avatars.sandbox.invalid/{first.lower()}.png"
        body = {"emailAddress": email, "firstName": first, "lastName": last, "picture": picture}
        tx.save(Resource("user", "", email, body, {"id": user_id}))


def _seed_projects(tx: Transaction) -> None:
    for name in PROJECTS:
        body = {"id": name, "billingAccountId": ACCOUNT, "createBy": OWNER_EMAIL}
        tx.save(Resource("project", "", name, body))
        scope = members_of("project", name)
        tx.save(permissions.permission(tx, scope, OWNER_EMAIL, "OWNER"))
        tx.save(permissions.permission(tx, scope, VIEWER_EMAIL, "VIEWER"))


def _seed_machine_types(tx: Transaction) -> None:
    for body in vm_machine_types():
        hidden = stock.largest_host(body)
        tx.save(Resource(stock.KIND, body["dataCenterId"], body["machineType"], body, hidden))
    for kind, network_type in ((MACHINE_TYPE, "ETHERNET"), (CLUSTER_TYPE, "INFINIBAND")):
        for body in metal_types(network_type):
            tx.save(Resource(kind, body["dataCenterId"], body["id"], body))


class _Seeder:
    """Seeds by the same functions that answer requests, at times that lie back."""

    def __init__(self, tx: Transaction, clock: Clock, seed: int) -> None:
        self.tx = tx
        self.now = clock.now()
        self.seed = seed

    def call(self, project: str, *, days: int = 50, **body: Any) -> Call:
        """A call as a client would have made it so many days ago."""
        then = self.now - days * _DAY
        clock = Clock(lambda: then)
        return Call(self.tx, clock, OWNER_EMAIL, self.seed, {"projectId": project}, dict(body), dict(body))

    def run(self) -> None:
        ssh_keys.create_ssh_key(self.call("demo", publicKey=_SSH_KEY))
        for project, name, data_center, size in _DISKS:
            disks.create_disk(self.call(project, id=name, dataCenterId=data_center, sizeGib=size))
            self.settle("disk", project, name, "READY")
        for project, name, data_center, ip_range, state in _NETWORKS:
            networks.create_network(self.call(project, id=name, dataCenterId=data_center, ipRange=ip_range))
            self.settle("network", project, name, "ACTIVE", state)
        for project, name, data_center, text in _GROUPS:
            rules = [_rule(*parts) for parts in _RULES[name]]
            call = self.call(project, id=name, dataCenterId=data_center, description=text, rules=rules)
            security_groups.create_security_group(call)
        for each in _VMS:
            self.create_vm(each)
        image = self.call("demo", id="golden-1", vmId="web-1", description="Web server, ready to serve")
        images.create_private_image(image)
        self.settle("image", "demo", "golden-1", "READY")
        self.run_metal()

    def run_metal(self) -> None:
        """A bare-metal machine, a cluster with a volume, and object storage, all in the second project."""
        place = {"dataCenterId": "fr-paris-1", "machineTypeId": "sapphire-rapids-h100"}
        machines.create_machine(self.call("research", days=15, id="metal-1", os="ubuntu/noble", **place))
        self.settle("machine", "research", "metal-1", "ACTIVE")
        clusters.create_cluster(self.call("research", days=9, id="cluster-1", machineCount=2, **place))
        self.settle("cluster", "research", "cluster-1", "ACTIVE")
        for machine in self.tx.all(clusters.MACHINE, "research"):
            self.settle(clusters.MACHINE, "research", machine.id, "ACTIVE")
        volumes.create_volume(
            self.call("research", days=9, id="shared-1", sizeGib=2000, dataCenterId="fr-paris-1")
        )
        self.settle("volume", "research", "shared-1", "ACTIVE")
        bucket = object_storage.bucket("research", "no-luster-1", "results", objects=1284, size=96 * 2**30)
        self.tx.save(bucket)

    def create_vm(self, vm: _VM) -> None:
        vcpus, memory, gpus = vm.size
        call = self.call(
            vm.project, days=vm.days, vmId=vm.id, dataCenterId=vm.data_center, machineType=vm.machine_type,
            vcpus=vcpus, memoryGib=memory, gpus=gpus, bootDiskImageId=vm.image, **vm.more,
        )  # fmt: skip
        created = vm_creation.create(call)
        self.settle("vm", vm.project, vm.id, vm.state)
        refresh(self.tx, self.tx.get("vm", vm.project, created.id))

    def settle(self, kind: str, project: str, name: str, *states: str) -> None:
        """Put the resource where its lifecycle would have brought it."""
        resource = self.tx.get(kind, project, name)
        enter(resource, Clock(lambda: self.now), states[-1])
        if entered := HOOKS.get(kind, Hooks()).entered:
            entered(self.tx, resource)
        self.tx.save(resource)


def _rule(protocol: str, ports: str, ip_range: str) -> Json:
    rule = {"protocol": protocol, "ruleType": _IN, "ipRangeCidr": ip_range}
    return {**rule, "ports": ports} if ports else rule


_STATES = ("ACTIVE", "ACTIVE", "ACTIVE", "STOPPED")
_FIRST_ADDRESS = 1000  # the addresses below belong to the VMs by hand


def _many_vms(tx: Transaction, seed: int, count: int) -> Iterator[tuple[Any, ...]]:
    """Rows of `count` VMs and their boot disks in the project demo, cut from the seeded ones.

    The texts are filled into a template: to build so many documents one by one would take minutes.
    """
    chooser = random.Random(seed)  # noqa: S311  # sample data
    names = [vm.id for vm in _VMS if vm.project == "demo" and "storageDiskIds" not in vm.more]
    originals = [tx.get("vm", "demo", name) for name in names]
    templates = [_template(vm, state) for vm in originals for state in _STATES]
    for number in range(1, count + 1):
        vm_text, disk_text, price = chooser.choice(templates)
        name, address = f"vm-{number:06d}", number + _FIRST_ADDRESS
        filled = vm_text.replace("@ID@", name).replace("@IN@", private_address(address))
        yield (
            "vm",
            "demo",
            name,
            filled.replace("@OUT@", public_address(address)),
            "{}",
            price,
            "[]",
            None,
            None,
        )
        yield ("disk", "demo", f"{name}-boot", disk_text.replace("@ID@", name), "{}", 0, "[]", None, None)


def _template(vm: Resource, state: str) -> tuple[str, str, int]:
    """The texts of a VM and its boot disk with places for id and addresses, and the price."""
    out = "@OUT@" if vm.body["externalIpAddress"] else ""
    nic = {**vm.body["nics"][0], "networkId": "", "networkAddress": "", "securityGroupIds": []}
    addresses = {"internalIpAddress": "@IN@", "externalIpAddress": out}
    disk = {**vm.body["bootDisk"], "id": "@ID@-boot", "vmId": "@ID@"}
    lists: Json = {"securityGroupIds": [], "securityGroups": [], "rules": []}
    body = {
        **vm.body,
        "id": "@ID@",
        **lists,
        "authorizedSshKeys": "",
        "state": state,
        "shortState": SHORT_STATES[state],
        "bootDisk": disk,
        **addresses,
        "publicIpAddress": out,
        "nics": [{**nic, **addresses}],
    }
    return text_of(body), text_of(disk), int(vm.price * 1_000_000)
