"""The machines of clusters. They are listed as `machines` of their Cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from cudo_sdk.functions.base import BaseFunction, S, api_function
from cudo_sdk.functions.machines import MachinePowerState
from cudo_sdk.models import Items, Model, Money, Time
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

ClusterMachineState = Literal["STATE_UNSPECIFIED", "CREATING", "ACTIVE", "DELETING", "FAILED"] | str


class ClusterMachine(Model):
    """A machine of a cluster; sizes are GiB, the price per hour."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    machine_type_id: str | None = None
    state: ClusterMachineState | None = None
    power_state: MachinePowerState | None = None
    architecture: str | None = None
    cpu_model: str | None = None
    cpu_cores: int | None = None
    cpu_speed_mhz: int | None = None
    memory_gib: int | None = None
    disks: int | None = None
    disk_size_gib: int | None = None
    gpus: int | None = None
    gpu_model_id: str | None = None
    internal_ip_address: str | None = None
    external_ip_address: str | None = None
    volume_ids: Items[str] = []
    price_hr: Money = None
    create_by: str | None = None
    create_time: Time = None


class ClusterMachines(BaseFunction[S]):
    """The machines of clusters: `session.cluster_machines`."""

    @api_function
    async def update_cluster_machine(
        self: ClusterMachines[AsyncSession],
        project_id: str,
        cluster_machine_id: str,
        *,
        volume_ids: Sequence[str] | None = None,
    ) -> ClusterMachine:
        """Attach and detach volumes: the machine has exactly `volume_ids` afterwards.

        API: UpdateClusterMachine
        Raises: NotFound, also for a volume; InvalidArgument.
        """
        where = path("/v1/projects/{}/cluster-machines/{}", project_id, cluster_machine_id)
        request = Request("UpdateClusterMachine", "PATCH", where, body={"volumeIds": volume_ids})
        return await self._model(request, ClusterMachine)

    @api_function
    async def restart_cluster_machine(
        self: ClusterMachines[AsyncSession], project_id: str, cluster_machine_id: str
    ) -> None:
        """Restart a machine of a cluster. Never repeated: a second restart would be one too many.

        API: RebootClusterMachine
        Raises: NotFound; FailedPrecondition if it is not ACTIVE.
        """
        where = path("/v1/projects/{}/cluster-machines/{}:reboot", project_id, cluster_machine_id)
        await self._transport.send(Request("RebootClusterMachine", "POST", where))

    @api_function
    async def rename_cluster_machine(
        self: ClusterMachines[AsyncSession], project_id: str, cluster_machine_id: str, new_id: str
    ) -> None:
        """Give a machine of a cluster another id. Never repeated: the old id is gone after the first.

        API: RenameClusterMachine
        Raises: NotFound; AlreadyExists.
        """
        where = path("/v1/projects/{}/cluster-machines/{}:rename", project_id, cluster_machine_id)
        await self._transport.send(Request("RenameClusterMachine", "POST", where, {"newId": new_id}))

    @api_function
    async def delete_cluster_machine(
        self: ClusterMachines[AsyncSession], project_id: str, cluster_machine_id: str
    ) -> None:
        """Give one machine of a cluster back, with all that is on it; the cluster shrinks by it.

        API: DeleteClusterMachine
        Raises: NotFound; FailedPrecondition inside a commitment.
        """
        where = path("/v1/projects/{}/cluster-machines/{}", project_id, cluster_machine_id)
        await self._transport.send(Request("DeleteClusterMachine", "DELETE", where))
