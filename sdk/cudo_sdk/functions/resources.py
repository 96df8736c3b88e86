"""Search over everything that the user can see, in all projects."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from cudo_sdk.functions.base import BaseFunction, S, api_iterator
from cudo_sdk.functions.clusters import Cluster
from cudo_sdk.functions.disks import Disk
from cudo_sdk.functions.machines import MachinePowerState, MachineState
from cudo_sdk.functions.networks import Network
from cudo_sdk.functions.projects import Project
from cudo_sdk.functions.vms import VMState
from cudo_sdk.functions.volumes import Volume
from cudo_sdk.models import Double, Items, Model, Time
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


class BillingAccountResult(Model):
    """A billing account as the search shows it."""

    id: str | None = None
    display_name: str | None = None
    create_time: Time = None


class ImageResult(Model):
    """A private image as the search shows it; its size is GiB."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    size_gib: int | None = None
    create_time: Time = None


class MachineResult(Model):
    """A bare-metal machine as the search shows it; sizes are GiB, `ipv4_addresses` is how many."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    machine_type_id: str | None = None
    state: MachineState | None = None
    power_state: MachinePowerState | None = None
    os: str | None = None
    architecture: str | None = None
    cpu_model: str | None = None
    cpu_cores: int | None = None
    cpu_speed_mhz: int | None = None
    memory_gib: int | None = None
    disks: int | None = None
    disk_size_gib: int | None = None
    gpus: int | None = None
    gpu_model_id: str | None = None
    ipv4_addresses: int | None = None
    external_ip_addresses: Items[str] = []
    create_time: Time = None


class VirtualMachineResult(Model):
    """A VM as the search shows it; sizes are GiB."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    state: VMState | None = None
    vcpus: int | None = None
    memory_gib: int | None = None
    gpus: int | None = None
    gpu_model_id: str | None = None
    boot_disk_size_gib: int | None = None
    boot_disk_public_image_id: str | None = None
    boot_disk_private_image_id: str | None = None
    create_time: Time = None


class Result(Model):
    """What was found: one of its resources is set. A higher `score` fits better."""

    resource_type: str | None = None
    resource_name: str | None = None
    score: Double = None
    virtual_machine: VirtualMachineResult | None = None
    disk: Disk | None = None
    image: ImageResult | None = None
    network: Network | None = None
    machine: MachineResult | None = None
    cluster: Cluster | None = None
    volume: Volume | None = None
    project: Project | None = None
    billing_account: BillingAccountResult | None = None


class Resources(BaseFunction[S]):
    """Search: `session.resources`."""

    @api_iterator
    async def search_resources(self: Resources[AsyncSession], query: str) -> AsyncGenerator[Result, None]:
        """Iterate over what fits a text, over all projects, best first as the API gives it.

        API: SearchResources
        Raises: InvalidArgument.
        """
        request = Request("SearchResources", "GET", path("/v1/resources/search"), {"query": query})
        async for result in self._each(request, Result, "results"):
            yield result
