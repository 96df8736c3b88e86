"""Data centers: where VMs can run, and what addresses and networks cost there."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from cudo_sdk.errors import NotFound
from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator
from cudo_sdk.functions.machine_types import MachineTypes, VMMachineType
from cudo_sdk.models import Double, Items, Model, Money
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession


class LatLng(Model):
    """A place on earth, in degrees."""

    latitude: Double = None
    longitude: Double = None


class DiskStoragePriceHr(Model):
    """The price per hour of one GiB in one pool of disks."""

    disk_gib_price_hr: Money = None


class NetworkPriceHr(Model):
    """The price per hour of one network."""

    price_hr: Money = None


class VMDataCenter(Model):
    """A data center. Prices are per hour: of one IPv4 address, one network, one GiB of object storage."""

    id: str | None = None
    supplier_name: str | None = None
    location: LatLng | None = None
    renewable_energy: bool | None = None
    s3_endpoint: str | None = None
    ipv4_free: int | None = None
    ipv4_price_hr: Money = None
    network_price_hr: Money = None
    object_storage_gib_price_hr: Money = None
    disk_pool_pricing: Items[DiskStoragePriceHr] = []
    network_pricing: Items[NetworkPriceHr] = []


class DataCenters(BaseFunction[S]):
    """Data centers: `session.data_centers`."""

    @api_iterator
    async def search_data_centers(self: DataCenters[AsyncSession]) -> AsyncGenerator[VMDataCenter, None]:
        """Iterate over the data centers.

        API: ListVMDataCenters
        Raises: Unauthenticated.
        """
        request = Request("ListVMDataCenters", "GET", path("/v1/vms/data-centers"))
        async for center in self._each(request, VMDataCenter, "dataCenters"):
            yield center

    @api_function
    async def list_data_centers(self: DataCenters[AsyncSession]) -> list[VMDataCenter]:
        """All data centers.

        API: ListVMDataCenters
        Raises: Unauthenticated.
        """
        return [center async for center in self.search_data_centers()]

    @api_function
    async def get_data_center(self: DataCenters[AsyncSession], data_center_id: str) -> VMDataCenter:
        """One data center, picked from the list: the API has no call for one.

        API: ListVMDataCenters
        Raises: NotFound, which carries the list's response.
        """
        reply = await self._transport.send(Request("ListVMDataCenters", "GET", path("/v1/vms/data-centers")))
        for center in await self._transport.parse_list(VMDataCenter, reply, "dataCenters"):
            if center.id == data_center_id:
                return center
        msg = f"there is no data center '{data_center_id}'"
        raise NotFound(msg, response=reply.response, operation=reply.operation)

    @api_function
    async def list_machine_types_for_data_center(
        self: DataCenters[AsyncSession], data_center_id: str, *, project_id: str | None = None
    ) -> list[VMMachineType]:
        """The kinds of VMs that one data center has; the API has no such filter, so it is done here.

        API: ListVMMachineTypes
        Raises: NotFound if there is no such project. An unknown data center has none.
        """
        catalogue: MachineTypes[AsyncSession] = MachineTypes(self._transport, sync=False)
        kinds = catalogue.search_vm_machine_types(project_id=project_id)
        return [kind async for kind in kinds if kind.data_center_id == data_center_id]
