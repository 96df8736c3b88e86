"""Machine types: what VMs, bare-metal machines and clusters can be made of, and at which price."""

from __future__ import annotations

import warnings
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator
from cudo_sdk.models import CommitmentTerm, Double, Items, Model, Money
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

NetworkType = Literal["NETWORK_TYPE_UNSPECIFIED", "ETHERNET", "INFINIBAND"] | str


class VirtualMachineTypePrice(Model):
    """Prices per hour of one vCPU, GiB of memory and GPU for a commitment."""

    commitment_term: CommitmentTerm | None = None
    vcpu_price_hr: Money = None
    memory_gib_price_hr: Money = None
    gpu_price_hr: Money = None


class VMMachineType(Model):
    """A kind of VM in one data center.

    Prices are per hour of one vCPU, GPU, GiB or address. `max_..._free` is what one VM can get at most,
    `total_..._free` what is free on all hosts together. A limit may be infinite.
    """

    id: str | None = Field(None, alias="machineType")
    data_center_id: str | None = None
    cpu_model: str | None = None
    gpu_model: str | None = None
    gpu_model_id: str | None = None
    min_vcpu: Double = None
    min_memory_gib: Double = None
    min_vcpu_per_gpu: Double = None
    max_vcpu_per_gpu: Double = None
    min_vcpu_per_memory_gib: Double = None
    max_vcpu_per_memory_gib: Double = None
    max_vcpu_free: int | None = None
    max_memory_gib_free: int | None = None
    max_gpu_free: int | None = None
    max_storage_gib_free: int | None = None
    total_vcpu_free: int | None = None
    total_memory_gib_free: int | None = None
    total_gpu_free: int | None = None
    total_storage_gib_free: int | None = None
    vcpu_price_hr: Money = None
    memory_gib_price_hr: Money = None
    gpu_price_hr: Money = None
    min_storage_gib_price_hr: Money = None
    ipv4_price_hr: Money = None
    prices: Items[VirtualMachineTypePrice] = []
    renewable_energy: bool | None = None


class MachineTypePrice(Model):
    """Prices per hour of a whole machine, and of one address, for a commitment."""

    commitment_term: CommitmentTerm | None = None
    data_center_id: str | None = None
    machine_type_id: str | None = None
    price_hr: Money = None
    ipv4_price_hr: Money = None


class MachineType(Model):
    """A kind of bare-metal machine in one data center; sizes are GiB and those of the whole machine."""

    id: str | None = None
    data_center_id: str | None = None
    architecture: str | None = None
    cpu_model: str | None = None
    cpu_cores: int | None = None
    cpu_speed_mhz: int | None = None
    memory_gib: int | None = None
    disks: int | None = None
    disk_size_gib: int | None = None
    gpus: int | None = None
    gpu_model_id: str | None = None
    network_type: NetworkType | None = None
    machines_free: int | None = None
    prices: Items[MachineTypePrice] = []


def _place(kind: MachineType) -> tuple[str | None, str | None]:
    """A type is listed once for each data center that has it."""
    return kind.data_center_id, kind.id


class MachineTypes(BaseFunction[S]):
    """Machine types: `session.machine_types`. With `project_id` the prices are those of that project."""

    @api_iterator
    async def search_vm_machine_types(
        self: MachineTypes[AsyncSession], *, project_id: str | None = None
    ) -> AsyncGenerator[VMMachineType, None]:
        """Iterate over the kinds of VMs, one for each data center that has it. Needs no key.

        API: ListVMMachineTypes
        Raises: NotFound if there is no such project.
        """
        where = path("/v1/vms/machine-types")
        request = Request("ListVMMachineTypes", "GET", where, {"projectId": project_id}, is_public=True)
        async for kind in self._each(request, VMMachineType, "machineTypes"):
            yield kind

    @api_function
    async def list_vm_machine_types(
        self: MachineTypes[AsyncSession], *, project_id: str | None = None
    ) -> list[VMMachineType]:
        """All kinds of VMs; see search_vm_machine_types.

        API: ListVMMachineTypes
        Raises: NotFound if there is no such project.
        """
        return [kind async for kind in self.search_vm_machine_types(project_id=project_id)]

    @api_iterator
    async def search_vm_machine_types_2(
        self: MachineTypes[AsyncSession], *, project_id: str | None = None
    ) -> AsyncGenerator[VMMachineType, None]:
        """Iterate as list_vm_machine_types_2 lists. Deprecated by the API: use search_vm_machine_types.

        API: ListVMMachineTypes2
        Raises: NotFound if there is no such project.
        """
        for kind in await self.list_vm_machine_types_2(project_id=project_id):
            yield kind

    @api_function
    async def list_vm_machine_types_2(
        self: MachineTypes[AsyncSession], *, project_id: str | None = None
    ) -> list[VMMachineType]:
        """All kinds of VMs. Deprecated by the API: use list_vm_machine_types. Needs no key.

        API: ListVMMachineTypes2
        Raises: NotFound if there is no such project. Warns: DeprecationWarning.
        """
        message = "list_vm_machine_types_2 is deprecated by the API: use list_vm_machine_types"
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        where = path("/v1/vms/machine-types-2")
        request = Request("ListVMMachineTypes2", "GET", where, {"projectId": project_id}, is_public=True)
        return await self._items(request, VMMachineType, "machineTypes")

    @api_function
    async def get_vm_machine_type(
        self: MachineTypes[AsyncSession],
        data_center_id: str,
        machine_type_id: str,
        *,
        project_id: str | None = None,
    ) -> VMMachineType:
        """One kind of VM in one data center.

        API: GetVMMachineType
        Raises: NotFound.
        """
        where = path("/v1/vms/data-centers/{}/machine_types/{}", data_center_id, machine_type_id)
        request = Request("GetVMMachineType", "GET", where, {"projectId": project_id})
        return await self._model(request, VMMachineType)

    @api_iterator
    async def search_machine_types(
        self: MachineTypes[AsyncSession], *, project_id: str | None = None
    ) -> AsyncGenerator[MachineType, None]:
        """Iterate over the kinds of bare-metal machines, page by page, one for each data center that has it.

        API: ListMachineTypes
        Raises: NotFound if there is no such project.
        """
        request = Request("ListMachineTypes", "GET", path("/v1/machines-types"), {"projectId": project_id})
        async for kind in self._pages(request, MachineType, "machineTypes", "page", _place):
            yield kind

    @api_function
    async def list_machine_types(
        self: MachineTypes[AsyncSession], *, project_id: str | None = None
    ) -> list[MachineType]:
        """All kinds of bare-metal machines; see search_machine_types.

        API: ListMachineTypes
        Raises: NotFound if there is no such project.
        """
        return [kind async for kind in self.search_machine_types(project_id=project_id)]

    @api_iterator
    async def search_cluster_machine_types(
        self: MachineTypes[AsyncSession], *, project_id: str | None = None
    ) -> AsyncGenerator[MachineType, None]:
        """Iterate over the kinds of machines for clusters, page by page, one for each data center.

        API: ListClusterMachineTypes
        Raises: NotFound if there is no such project.
        """
        where = path("/v1/clusters/machine-types")
        request = Request("ListClusterMachineTypes", "GET", where, {"projectId": project_id})
        async for kind in self._pages(request, MachineType, "machineTypes", "page", _place):
            yield kind

    @api_function
    async def list_cluster_machine_types(
        self: MachineTypes[AsyncSession], *, project_id: str | None = None
    ) -> list[MachineType]:
        """All kinds of machines for clusters; see search_cluster_machine_types.

        API: ListClusterMachineTypes
        Raises: NotFound if there is no such project.
        """
        return [kind async for kind in self.search_cluster_machine_types(project_id=project_id)]

    @api_function
    async def get_cluster_machine_type(
        self: MachineTypes[AsyncSession],
        data_center_id: str,
        machine_type_id: str,
        *,
        project_id: str | None = None,
    ) -> MachineType:
        """One kind of machine for clusters in one data center.

        API: GetClusterMachineType
        Raises: NotFound.
        """
        where = path("/v1/clusters/data-centers/{}/machine-types/{}", data_center_id, machine_type_id)
        request = Request("GetClusterMachineType", "GET", where, {"projectId": project_id})
        return await self._model(request, MachineType, "machineType")
