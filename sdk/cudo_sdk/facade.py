"""Every operation on one object: `sdk.list_vms(...)`. Flat and async; the names are unique across groups."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cudo_sdk.functions.api_keys import APIKeys
from cudo_sdk.functions.billing_accounts import BillingAccounts
from cudo_sdk.functions.cluster_machines import ClusterMachines
from cudo_sdk.functions.clusters import Clusters
from cudo_sdk.functions.data_centers import DataCenters
from cudo_sdk.functions.disks import Disks
from cudo_sdk.functions.gpu_models import GPUModels
from cudo_sdk.functions.images import Images
from cudo_sdk.functions.invoices import Invoices
from cudo_sdk.functions.machine_types import MachineTypes
from cudo_sdk.functions.machines import Machines
from cudo_sdk.functions.networks import Networks
from cudo_sdk.functions.object_storage import ObjectStorage
from cudo_sdk.functions.projects import Projects
from cudo_sdk.functions.resources import Resources
from cudo_sdk.functions.security_groups import SecurityGroups
from cudo_sdk.functions.ssh_keys import SSHKeys
from cudo_sdk.functions.users import Users
from cudo_sdk.functions.vms import VMs
from cudo_sdk.functions.volumes import Volumes
from cudo_sdk.session import AsyncSession

if TYPE_CHECKING:
    from cudo_sdk._http import httpx
    from cudo_sdk.config import APIConfig
    from cudo_sdk.hooks import Hooks


class CudoComputeSDK(
    VMs[AsyncSession],
    Disks[AsyncSession],
    Images[AsyncSession],
    DataCenters[AsyncSession],
    MachineTypes[AsyncSession],
    GPUModels[AsyncSession],
    Networks[AsyncSession],
    SecurityGroups[AsyncSession],
    Machines[AsyncSession],
    Clusters[AsyncSession],
    ClusterMachines[AsyncSession],
    Volumes[AsyncSession],
    ObjectStorage[AsyncSession],
    Projects[AsyncSession],
    SSHKeys[AsyncSession],
    APIKeys[AsyncSession],
    Users[AsyncSession],
    Resources[AsyncSession],
    BillingAccounts[AsyncSession],
    Invoices[AsyncSession],
):
    """The whole API on one object, over an AsyncSession of its own (`.session`).

    Takes what AsyncSession takes. `await sdk.close()` closes the client, if it is ours.
    """

    def __init__(
        self,
        config: APIConfig | None = None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        http_client: httpx.AsyncClient | Callable[[], httpx.AsyncClient] | None = None,
        hooks: Hooks | None = None,
    ) -> None:
        self.session = AsyncSession(
            config,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            http_client=http_client,
            hooks=hooks,
        )
        super().__init__(self.session._transport, sync=False)  # noqa: SLF001  # the facade is its session's face

    @property
    def client(self) -> httpx.AsyncClient:
        """The HTTP client. Assign another to use it from now on; it stays yours to close."""
        return self.session.client

    @client.setter
    def client(self, client: httpx.AsyncClient) -> None:
        self.session.client = client

    async def close(self) -> None:
        """Close the client, if it is ours."""
        await self.session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
