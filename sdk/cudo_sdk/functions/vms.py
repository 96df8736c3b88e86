"""Virtual machines: their life, their settings, and what they cost."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr

from cudo_sdk.decoding import expect_id
from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.functions.disks import Disk
from cudo_sdk.functions.security_groups import Rule, SecurityGroup
from cudo_sdk.models import CommitmentTerm, Double, IntText, Items, Model, Money, Secret, SSHKeySource, Time
from cudo_sdk.request import Request, path
from cudo_sdk.waiting import Goal, OnLook
from cudo_sdk.watching import Change

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

VMState = (
    Literal[
        "CLONING",
        "CREATING_SNAPSHOT",
        "DELETED",
        "DELETING",
        "DELETING_SNAPSHOT",
        "FAILED",
        "HOTPLUGGING",
        "MIGRATING",
        "RECREATING",
        "REVERTING_SNAPSHOT",
        "RESIZING",
        "RESIZING_DISK",
        "ACTIVE",
        "STARTING",
        "STOPPED",
        "STOPPING",
        "SUSPENDED",
        "SUSPENDING",
        "UNKNOWN",
        "PENDING",
    ]
    | str
)


class VMPrice(Model):
    """Prices per hour: of one vCPU, GPU or GiB, and the totals for the VM."""

    vcpu_price_hr: Money = None
    memory_gib_price_hr: Money = None
    gpu_price_hr: Money = None
    storage_gib_price_hr: Money = None
    ipv4_address_price_hr: Money = None
    total_vcpu_price_hr: Money = None
    total_memory_price_hr: Money = None
    total_gpu_price_hr: Money = None
    total_storage_price_hr: Money = None
    total_price_hr: Money = None


class VMNIC(Model):
    """A network interface of a VM."""

    network_id: str | None = None
    network_address: str | None = None
    internal_ip_address: str | None = None
    external_ip_address: str | None = None
    security_group_ids: Items[str] = []


class VM(Model):
    """A virtual machine. Sizes are GiB, prices per hour."""

    id: str | None = None
    project_id: str | None = None
    # VM alone spells it with a small c.
    data_center_id: str | None = Field(None, alias="datacenterId")
    machine_type: str | None = None
    state: VMState | None = None
    short_state: str | None = None
    vcpus: int | None = None
    memory_gib: int | None = Field(None, alias="memory")
    gpus: int | None = Field(None, alias="gpuQuantity")
    gpu_model: str | None = None
    gpu_model_id: str | None = None
    cpu_model: str | None = None
    boot_disk: Disk | None = None
    boot_disk_size_gib: int | None = None
    storage_disks: Items[Disk] = []
    image_id: str | None = None
    image_name: str | None = None
    public_image_id: str | None = None
    public_image_name: str | None = None
    private_image_id: str | None = None
    internal_ip_address: str | None = None
    external_ip_address: str | None = None
    public_ip_address: str | None = None
    nics: Items[VMNIC] = []
    rules: Items[Rule] = []
    security_group_ids: Items[str] = []
    security_groups: Items[SecurityGroup] = []
    ssh_key_source: SSHKeySource | None = None
    authorized_ssh_keys: str | None = None
    metadata: dict[str, str] | None = None
    price: VMPrice | None = None
    commitment_term: CommitmentTerm | None = None
    commitment_end_time: Time = None
    renewable_energy: bool | None = None
    create_by: str | None = None
    create_time: Time = None
    expire_time: Time = None


class NIC(Model):
    """A network interface to create a VM with."""

    network_id: str | None = None
    assign_public_ip: bool | None = None
    security_group_ids: Items[str] = []


class CpuTopology(Model):
    """How the vCPUs are shown to the VM."""

    sockets: int | None = None
    cores: int | None = None
    threads: int | None = None


class VMMonitoringItem(Model):
    """One sample. `cpu` is a share, sizes are bytes, rates per second, as far as is known."""

    timestamp: IntText = None
    cpu: Double = None
    memory: IntText = None
    net_rx: IntText = None
    net_tx: IntText = None
    disk_rd_bytes: IntText = None
    disk_wr_bytes: IntText = None
    disk_rd_iops: IntText = None
    disk_wr_iops: IntText = None
    guest_ping: IntText = None


class ConnectVMResponse(Model):
    """Where a console is, and the token that opens it."""

    connect_url: str | None = None
    token: Secret = None


class GetVMResponse(Model):
    """GetVM's reply: the VM under a capital key, and prices beside it."""

    vm: VM = Field(default_factory=VM, alias="VM")
    vcpu_price_hr: Money = None
    memory_gib_price_hr: Money = None
    gpu_price_hr: Money = None
    storage_gib_price_hr: Money = None
    ipv4_price_hr: Money = None
    total_vcpu_price_hr: Money = None
    total_memory_price_hr: Money = None
    total_gpu_price_hr: Money = None
    total_storage_price_hr: Money = None
    total_price_hr: Money = None

    def with_price(self) -> VM:
        """The VM, with the prices of the reply where it has none of its own."""
        prices = {name: getattr(self, name) for name in type(self).model_fields if name.endswith("price_hr")}
        prices["ipv4_address_price_hr"] = prices.pop("ipv4_price_hr")
        known = {name: amount for name, amount in prices.items() if amount is not None}
        if self.vm.price is None and known:
            self.vm.price = VMPrice(**known)
        return self.vm


class VMs(BaseFunction[S]):
    """Virtual machines: `session.vms`."""

    @api_iterator
    async def search_vms(
        self: VMs[AsyncSession], project_id: str, *, network_id: str | None = None
    ) -> AsyncGenerator[VM, None]:
        """Iterate over the VMs of a project; `network_id` keeps those on one network.

        API: ListVMs
        Raises: NotFound if there is no such project.
        """
        request = Request(
            "ListVMs", "GET", path("/v1/projects/{}/vms", project_id), {"networkId": network_id}
        )
        # ListVMs does not page; the others page by number.
        async for vm in self._each(request, VM, "VMs"):
            yield vm

    @api_function
    async def list_vms(
        self: VMs[AsyncSession], project_id: str, *, network_id: str | None = None
    ) -> list[VM]:
        """All VMs of a project; see search_vms.

        API: ListVMs
        Raises: NotFound if there is no such project.
        """
        return [vm async for vm in self.search_vms(project_id, network_id=network_id)]

    @api_iterator
    async def watch_vms(
        self: VMs[AsyncSession], project_id: str, *, interval: float = 10.0
    ) -> AsyncGenerator[Change[VM], None]:
        """What changes among the VMs of a project, looked at every `interval` seconds.

        It has no end of its own; a break ends it. At first every one of them is "added".

        API: ListVMs
        Raises: NotFound if there is no such project; ConfigError for an interval under a second.
        """
        async for change in self._watch(lambda: self.list_vms(project_id), interval):
            yield change

    @api_function
    async def get_vm(self: VMs[AsyncSession], project_id: str, vm_id: str) -> VM:
        """One VM, with its price.

        API: GetVM
        Raises: NotFound.
        """
        request = Request("GetVM", "GET", path("/v1/projects/{}/vms/{}", project_id, vm_id))
        vm = (await self._model(request, GetVMResponse)).with_price()
        expect_id(vm, request.operation, "VM")
        return vm

    @api_function
    async def count_vms(self: VMs[AsyncSession], project_id: str) -> int:
        """How many VMs a project has.

        API: CountVMs
        Raises: NotFound if there is no such project.
        """
        request = Request("CountVMs", "GET", path("/v1/projects/{}/count-vms", project_id))
        return (await self._model(request, CountVMsResponse)).count or 0

    @api_function
    async def create_vm(
        self: VMs[AsyncSession],
        project_id: str,
        vm_id: str,
        data_center_id: str,
        machine_type: str,
        boot_disk_image_id: str,
        vcpus: int,
        memory_gib: int,
        gpus: int = 0,
        *,
        boot_disk_size_gib: int | None = None,
        storage_disk_ids: Sequence[str] | None = None,
        nics: Sequence[NIC] | None = None,
        security_group_ids: Sequence[str] | None = None,
        ssh_key_source: SSHKeySource | None = None,
        custom_ssh_keys: Sequence[str] | None = None,
        start_script: str | None = None,
        password: SecretStr | str | None = None,
        metadata: Mapping[str, str] | None = None,
        topology: CpuTopology | None = None,
        commitment_term: CommitmentTerm | None = None,
        expire_time: datetime | None = None,
        ttl: str | None = None,
        validate_only: bool | None = None,
    ) -> VM:
        """Create a VM and start it; it is PENDING at first, see wait_for_vm.

        Sizes are GiB. `vm_id`: small letters, digits and hyphens, at most 63. `ttl` ("3600s") or
        `expire_time` deletes the VM and its boot disk at that time. `security_group_ids` is ignored by the
        API when `nics` is given. `ssh_key_source` "SSH_KEY_SOURCE_NONE" goes with `custom_ssh_keys`.
        `password` is for Windows images. `validate_only` checks the request and creates nothing; what the
        API replies then is not evidenced. If the answer is lost, the VM is looked up by its id, and the
        request is never sent twice.

        API: CreateVM
        Raises: AlreadyExists; InvalidArgument for a wrong value, and also if no host has room for the VM;
        ResourceExhausted for a quota; FailedPrecondition if the network has no address left.
        """
        body = {
            "vmId": vm_id,
            "dataCenterId": data_center_id,
            "machineType": machine_type,
            "bootDiskImageId": boot_disk_image_id,
            "vcpus": vcpus,
            "memoryGib": memory_gib,
            "gpus": gpus,
            "bootDiskSizeGib": boot_disk_size_gib,
            "storageDiskIds": storage_disk_ids,
            "nics": nics,
            "securityGroupIds": security_group_ids,
            "sshKeySource": ssh_key_source,
            "customSshKeys": custom_ssh_keys,
            "startScript": start_script,
            "password": password,
            "metadata": metadata,
            "topology": topology,
            "commitmentTerm": commitment_term,
            "expireTime": expire_time,
            "ttl": ttl,
            "validateOnly": validate_only,
        }
        request = Request("CreateVM", "POST", path("/v1/projects/{}/vm", project_id), body=body)
        if validate_only:
            return await self._model(request, VM, "vm")

        def is_same(vm: VM) -> bool:
            expires = expire_time is not None or ttl is not None
            return (
                (vm.expire_time is not None or not expires)
                and same(
                    vm,
                    data_center_id=data_center_id,
                    machine_type=machine_type,
                    vcpus=vcpus,
                    memory_gib=memory_gib,
                    gpus=gpus,
                    boot_disk_size_gib=boot_disk_size_gib,
                    metadata=metadata,
                    ssh_key_source=ssh_key_source,
                    commitment_term=commitment_term,
                )
                and _has_parts(vm, boot_disk_image_id, storage_disk_ids, nics, security_group_ids)
            )

        return await self._create(request, VM, lambda: self.get_vm(project_id, vm_id), is_same, "vm")

    @api_function
    async def start_vm(self: VMs[AsyncSession], project_id: str, vm_id: str) -> None:
        """Start a stopped VM; right after it the state may still be STOPPED once.

        API: StartVM
        Raises: NotFound; FailedPrecondition if the VM is not stopped.
        """
        where = path("/v1/projects/{}/vms/{}/start", project_id, vm_id)
        request = Request("StartVM", "POST", where, repeat="absolute")
        await self._switch(request, project_id, vm_id, {"STARTING", "ACTIVE"})

    @api_function
    async def stop_vm(self: VMs[AsyncSession], project_id: str, vm_id: str) -> None:
        """Stop a VM. It keeps its disks and addresses and is still billed.

        API: StopVM
        Raises: NotFound; FailedPrecondition if the VM does not run.
        """
        where = path("/v1/projects/{}/vms/{}/stop", project_id, vm_id)
        request = Request("StopVM", "POST", where, repeat="absolute")
        await self._switch(request, project_id, vm_id, {"STOPPING", "STOPPED"})

    async def _switch(
        self: VMs[AsyncSession], request: Request, project_id: str, vm_id: str, done: Collection[str]
    ) -> None:
        """Send a change of state; a refused repetition is settled by the state that the VM is in."""

        async def is_done() -> bool:
            return (await self.get_vm(project_id, vm_id)).state in done

        await self._change(request, is_done)

    @api_function
    async def restart_vm(self: VMs[AsyncSession], project_id: str, vm_id: str) -> None:
        """Restart a running VM (soft). Never repeated: a second restart would be one too many.

        API: RebootVM
        Raises: NotFound; FailedPrecondition if the VM does not run.
        """
        where = path("/v1/projects/{}/vms/{}/reboot", project_id, vm_id)
        await self._transport.send(Request("RebootVM", "POST", where))

    @api_function
    async def terminate_vm(self: VMs[AsyncSession], project_id: str, vm_id: str) -> None:
        """Delete a VM and its boot disk for good. Storage disks are detached and kept.

        API: TerminateVM
        Raises: NotFound; FailedPrecondition in a passing state, and inside a commitment.
        """
        where = path("/v1/projects/{}/vms/{}/terminate", project_id, vm_id)
        await self._transport.send(Request("TerminateVM", "POST", where, repeat="delete"))

    @api_function
    async def resize_vm(
        self: VMs[AsyncSession],
        project_id: str,
        vm_id: str,
        *,
        vcpus: int | None = None,
        memory_gib: int | None = None,
    ) -> VM:
        """Give a stopped VM other sizes (`memory_gib` in GiB); at least one of the two.

        API: ResizeVM
        Raises: NotFound; FailedPrecondition if it is not STOPPED; InvalidArgument if no host has room.
        """
        request = Request(
            "ResizeVM",
            "POST",
            path("/v1/projects/{}/vms/{}/resize", project_id, vm_id),
            {"vcpus": vcpus, "memoryGib": memory_gib},
        )
        return await self._model(request, VM, "vm")

    @api_function
    async def commit_vm(
        self: VMs[AsyncSession], project_id: str, vm_id: str, commitment_term: CommitmentTerm
    ) -> None:
        """Commit to pay for a VM for a term at a lower price. It cannot be terminated before the end.

        API: CommitVM
        Raises: NotFound; FailedPrecondition if it is committed already.
        """
        where = path("/v1/projects/{}/vm/{}/commit", project_id, vm_id)
        await self._transport.send(
            Request("CommitVM", "POST", where, body={"commitmentTerm": commitment_term})
        )

    @api_function
    async def connect_vm(
        self: VMs[AsyncSession], project_id: str, vm_id: str, *, connection_id: str | None = None
    ) -> ConnectVMResponse:
        """Hand out the address and a fresh token of the VM's console. Keep the token secret.

        API: ConnectVM
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/vms/{}/connect", project_id, vm_id)
        # A GET that makes a token each time: never repeated, never cached.
        request = Request("ConnectVM", "GET", where, {"connectionId": connection_id}, repeat="never")
        return await self._model(request, ConnectVMResponse)

    @api_function
    async def monitor_vm(self: VMs[AsyncSession], project_id: str, vm_id: str) -> list[VMMonitoringItem]:
        """The latest samples of a VM's use of CPU, memory, disk and network.

        API: MonitorVM
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/vms/{}/monitor", project_id, vm_id)
        return await self._items(Request("MonitorVM", "GET", where), VMMonitoringItem, "items")

    @api_function
    async def update_vm_authorized_ssh_keys(
        self: VMs[AsyncSession],
        project_id: str,
        vm_id: str,
        *,
        ssh_key_source: SSHKeySource | None = None,
        custom_ssh_keys: Sequence[str] | None = None,
    ) -> None:
        """Choose whose SSH keys open a VM; own keys go with SSH_KEY_SOURCE_NONE.

        API: UpdateVMAuthorizedSSHKeys
        Raises: NotFound; InvalidArgument.
        """
        body = {"sshKeySource": ssh_key_source, "customSshKeys": custom_ssh_keys}
        where = path("/v1/projects/{}/vm/{}/authorized-ssh-keys", project_id, vm_id)
        await self._transport.send(
            Request("UpdateVMAuthorizedSSHKeys", "POST", where, body=body, repeat="absolute")
        )

    @api_function
    async def update_vm_expire_time(
        self: VMs[AsyncSession],
        project_id: str,
        vm_id: str,
        *,
        expire_time: datetime | None = None,
        ttl: str | None = None,
    ) -> datetime | None:
        """Set when a VM and its boot disk are deleted: `expire_time`, or `ttl` from now ("3600s").

        API: UpdateVMExpireTime
        Raises: NotFound; InvalidArgument, also if both are given.
        """
        body = {"expireTime": expire_time, "ttl": ttl}
        where = path("/v1/projects/{}/vm/{}/expire-time", project_id, vm_id)
        request = Request("UpdateVMExpireTime", "POST", where, body=body, repeat="absolute")
        return (await self._model(request, UpdateVMExpireTimeResponse)).expire_time

    @api_function
    async def update_vm_metadata(
        self: VMs[AsyncSession],
        project_id: str,
        vm_id: str,
        metadata: Mapping[str, str],
        *,
        merge: bool | None = None,
    ) -> dict[str, str]:
        """Set a VM's metadata and return all of it. With `merge`, what it has besides is kept.

        API: UpdateVMMetadata
        Raises: NotFound; InvalidArgument.
        """
        body = {"metadata": metadata, "merge": merge}
        where = path("/v1/projects/{}/vm/{}/metadata", project_id, vm_id)
        request = Request("UpdateVMMetadata", "POST", where, body=body, repeat="absolute")
        return (await self._model(request, UpdateVMMetadataResponse)).metadata or {}

    @api_function
    async def update_vm_password(
        self: VMs[AsyncSession], project_id: str, vm_id: str, password: SecretStr | str
    ) -> None:
        """Set the password of a Windows VM (6 to 64 characters).

        API: UpdateVMPassword
        Raises: NotFound; InvalidArgument.
        """
        where = path("/v1/projects/{}/vm/{}/password", project_id, vm_id)
        await self._transport.send(
            Request("UpdateVMPassword", "POST", where, body={"password": password}, repeat="absolute")
        )

    @api_function
    async def wait_for_vm(
        self: VMs[AsyncSession],
        project_id: str,
        vm_id: str,
        *,
        states: Collection[VMState] = ("ACTIVE",),
        timeout: float = 7200,
        just_created: bool = False,
        on_look: OnLook[VM] | None = None,
    ) -> VM:
        """Wait until a VM is in one of `states`, at most `timeout` seconds, and return it.

        `just_created`: NOT_FOUND means "not yet" for the first minute. `on_look` is told what each look saw.

        API: GetVM
        Raises: WaitFailed if it is FAILED; WaitTimeout; NotFound.
        """
        return await self._wait_for(
            "VM",
            vm_id,
            lambda: self.get_vm(project_id, vm_id),
            states,
            timeout=timeout,
            just_created=just_created,
            on_look=on_look,
        )

    @api_function
    async def wait_for_vms(
        self: VMs[AsyncSession],
        project_id: str,
        vm_ids: Sequence[str],
        *,
        states: Collection[VMState] = ("ACTIVE",),
        timeout: float = 7200,
        just_created: bool = False,
        on_look: OnLook[VM] | None = None,
    ) -> list[VM]:
        """Wait for several VMs with one listing a look; see wait_for_vm.

        API: ListVMs
        Raises: WaitFailed if one is FAILED or not there; WaitTimeout.
        """

        async def look() -> dict[str, VM]:
            return {vm.id: vm for vm in await self.list_vms(project_id) if vm.id is not None}

        goal = Goal("VM", tuple(vm_ids), frozenset(states))
        seen = await self._wait(goal, look, timeout=timeout, just_created=just_created, on_look=on_look)
        return [seen[vm_id] for vm_id in vm_ids]

    @api_function
    async def wait_for_vm_deleted(
        self: VMs[AsyncSession],
        project_id: str,
        vm_id: str,
        *,
        timeout: float = 1200,
        on_look: OnLook[VM] | None = None,
    ) -> None:
        """Wait until a VM is no more, at most `timeout` seconds.

        API: GetVM
        Raises: WaitTimeout.
        """
        await self._wait_until_gone(
            "VM", vm_id, lambda: self.get_vm(project_id, vm_id), timeout=timeout, on_look=on_look
        )


class CountVMsResponse(Model):
    """CountVMs's reply."""

    count: int | None = None


class UpdateVMExpireTimeResponse(Model):
    """UpdateVMExpireTime's reply."""

    expire_time: Time = None


class UpdateVMMetadataResponse(Model):
    """UpdateVMMetadata's reply."""

    metadata: dict[str, str] | None = None


def _has_parts(
    vm: VM,
    image_id: str,
    disk_ids: Sequence[str] | None,
    nics: Sequence[NIC] | None,
    group_ids: Sequence[str] | None,
) -> bool:
    """Whether a VM is made of what was asked for; what was not asked for is the API's to choose."""
    networks = {nic.network_id for nic in nics or () if nic.network_id}
    groups = None if nics else group_ids  # the API ignores them beside interfaces
    return (
        image_id in {vm.image_id, vm.public_image_id, vm.private_image_id}
        and (disk_ids is None or set(disk_ids) == {disk.id for disk in vm.storage_disks})
        and networks <= {nic.network_id for nic in vm.nics}
        and (groups is None or set(groups) == set(vm.security_group_ids))
    )
