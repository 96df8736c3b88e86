"""Clusters: equal machines that are rented and grown together."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.functions.cluster_machines import ClusterMachine
from cudo_sdk.functions.machine_types import NetworkType
from cudo_sdk.models import CommitmentTerm, Items, Model, Money, SSHKeySource, Time
from cudo_sdk.request import Request, path
from cudo_sdk.waiting import OnLook
from cudo_sdk.watching import Change

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

ClusterState = Literal["STATE_UNSPECIFIED", "CREATING", "ACTIVE", "UPDATING", "DELETING", "FAILED"] | str


class ClusterIPOIBConfig(Model):
    """How addresses are given out on InfiniBand.

    `network_prefix` is a CIDR; `port_bits` and `host_bits` follow it in an address, and set how many ports a
    host and how many hosts there can be.
    """

    network_prefix: str | None = None
    port_bits: int | None = None
    host_bits: int | None = None


class Cluster(Model):
    """A cluster; sizes are GiB, `total_...` of all machines together, prices per hour."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    machine_type_id: str | None = None
    state: ClusterState | None = None
    machine_count: int | None = None
    machines: Items[ClusterMachine] = []
    architecture: str | None = None
    cpu_model: str | None = None
    cpu_speed_mhz: int | None = None
    gpu_model_id: str | None = None
    total_cpu_cores: int | None = None
    total_memory_gib: int | None = None
    total_disk_size_gib: int | None = None
    total_gpus: int | None = None
    network_type: NetworkType | None = None
    ipoib_config: ClusterIPOIBConfig | None = None
    ssh_key_source: SSHKeySource | None = None
    custom_ssh_keys: Items[str] = []
    start_script: str | None = Field(None, repr=False)  # scripts often hold secrets
    commitment_term: CommitmentTerm | None = None
    commitment_end_time: Time = None
    machine_price_hr: Money = None
    total_machine_price_hr: Money = None
    total_price_hr: Money = None
    create_by: str | None = None
    create_time: Time = None


class Clusters(BaseFunction[S]):
    """Clusters: `session.clusters`."""

    @api_iterator
    async def search_clusters(self: Clusters[AsyncSession], project_id: str) -> AsyncGenerator[Cluster, None]:
        """Iterate over the clusters of a project with their machines, page by page.

        API: ListClusters
        Raises: NotFound if there is no such project.
        """
        request = Request("ListClusters", "GET", path("/v1/projects/{}/clusters", project_id))
        async for cluster in self._pages(request, Cluster, "clusters", "page"):
            yield cluster

    @api_function
    async def list_clusters(self: Clusters[AsyncSession], project_id: str) -> list[Cluster]:
        """All clusters of a project, with their machines.

        API: ListClusters
        Raises: NotFound if there is no such project.
        """
        return [cluster async for cluster in self.search_clusters(project_id)]

    @api_iterator
    async def watch_clusters(
        self: Clusters[AsyncSession], project_id: str, *, interval: float = 10.0
    ) -> AsyncGenerator[Change[Cluster], None]:
        """What changes among the clusters of a project, looked at every `interval` seconds.

        It has no end of its own; a break ends it. At first every one of them is "added".

        API: ListClusters
        Raises: NotFound if there is no such project; ConfigError for an interval under a second.
        """
        async for change in self._watch(lambda: self.list_clusters(project_id), interval):
            yield change

    @api_function
    async def get_cluster(self: Clusters[AsyncSession], project_id: str, cluster_id: str) -> Cluster:
        """One cluster, with its machines.

        API: GetCluster
        Raises: NotFound.
        """
        request = Request("GetCluster", "GET", path("/v1/projects/{}/clusters/{}", project_id, cluster_id))
        return await self._model(request, Cluster)

    @api_function
    async def create_cluster(
        self: Clusters[AsyncSession],
        project_id: str,
        cluster_id: str,
        data_center_id: str,
        machine_type_id: str,
        machine_count: int,
        *,
        network_type: NetworkType | None = None,
        ipoib_config: ClusterIPOIBConfig | None = None,
        ssh_key_source: SSHKeySource | None = None,
        custom_ssh_keys: Sequence[str] | None = None,
        start_script: str | None = None,
        commitment_term: CommitmentTerm | None = None,
    ) -> Cluster:
        """Rent a cluster of at most 128 machines; it is CREATING, then ACTIVE, see wait_for_cluster.

        If the answer is lost, the cluster is looked up by its id, and the request is never sent twice.

        API: CreateCluster
        Raises: AlreadyExists; InvalidArgument, also if too few are free; OutOfRange; ResourceExhausted.
        """
        body = {
            "id": cluster_id,
            "dataCenterId": data_center_id,
            "machineTypeId": machine_type_id,
            "machineCount": machine_count,
            "networkType": network_type,
            "ipoibConfig": ipoib_config,
            "sshKeySource": ssh_key_source,
            "customSshKeys": custom_ssh_keys,
            "startScript": start_script,
            "commitmentTerm": commitment_term,
        }
        request = Request("CreateCluster", "POST", path("/v1/projects/{}/clusters", project_id), body=body)

        def is_same(cluster: Cluster) -> bool:
            return same(
                cluster,
                data_center_id=data_center_id,
                machine_type_id=machine_type_id,
                machine_count=machine_count,
                network_type=network_type,
                ipoib_config=ipoib_config,
                ssh_key_source=ssh_key_source,
                custom_ssh_keys=custom_ssh_keys,
                start_script=start_script,
                commitment_term=commitment_term,
            )

        return await self._create(request, Cluster, lambda: self.get_cluster(project_id, cluster_id), is_same)

    @api_function
    async def update_cluster(
        self: Clusters[AsyncSession],
        project_id: str,
        cluster_id: str,
        data_center_id: str,
        machine_type_id: str,
        machine_count: int,
        *,
        network_type: NetworkType | None = None,
        ipoib_config: ClusterIPOIBConfig | None = None,
        ssh_key_source: SSHKeySource | None = None,
        custom_ssh_keys: Sequence[str] | None = None,
        start_script: str | None = None,
        commitment_term: CommitmentTerm | None = None,
    ) -> Cluster:
        """Grow or shrink a cluster, or change its settings; what is not given stays.

        A smaller `machine_count` gives any of its machines back; delete_cluster_machine chooses one. The API
        asks for `data_center_id` and `machine_type_id`, which cannot change: give those that it has.

        API: UpdateCluster
        Raises: NotFound; OutOfRange above 128 machines; FailedPrecondition if it is not ACTIVE.
        """
        body = {
            "dataCenterId": data_center_id,
            "machineTypeId": machine_type_id,
            "machineCount": machine_count,
            "networkType": network_type,
            "ipoibConfig": ipoib_config,
            "sshKeySource": ssh_key_source,
            "customSshKeys": custom_ssh_keys,
            "startScript": start_script,
            "commitmentTerm": commitment_term,
        }
        where = path("/v1/projects/{}/clusters/{}", project_id, cluster_id)
        return await self._model(Request("UpdateCluster", "PATCH", where, body=body), Cluster)

    @api_function
    async def delete_cluster(self: Clusters[AsyncSession], project_id: str, cluster_id: str) -> None:
        """Give a cluster and all its machines back, with all that is on them.

        API: DeleteCluster
        Raises: NotFound; FailedPrecondition if it is not ACTIVE, and inside a commitment.
        """
        where = path("/v1/projects/{}/clusters/{}", project_id, cluster_id)
        await self._transport.send(Request("DeleteCluster", "DELETE", where))

    @api_function
    async def wait_for_cluster(
        self: Clusters[AsyncSession],
        project_id: str,
        cluster_id: str,
        *,
        states: Collection[ClusterState] = ("ACTIVE",),
        timeout: float = 1200,
        just_created: bool = False,
        on_look: OnLook[Cluster] | None = None,
    ) -> Cluster:
        """Wait until a cluster is in one of `states`, at most `timeout` seconds, and return it.

        API: GetCluster
        Raises: WaitFailed if it is FAILED; WaitTimeout; NotFound (not in the first minute if `just_created`).
        """
        return await self._wait_for(
            "cluster",
            cluster_id,
            lambda: self.get_cluster(project_id, cluster_id),
            states,
            timeout=timeout,
            just_created=just_created,
            on_look=on_look,
        )

    @api_function
    async def wait_for_cluster_deleted(
        self: Clusters[AsyncSession],
        project_id: str,
        cluster_id: str,
        *,
        timeout: float = 1200,
        on_look: OnLook[Cluster] | None = None,
    ) -> None:
        """Wait until a cluster is no more, at most `timeout` seconds.

        API: GetCluster
        Raises: WaitTimeout.
        """
        await self._wait_until_gone(
            "cluster",
            cluster_id,
            lambda: self.get_cluster(project_id, cluster_id),
            timeout=timeout,
            on_look=on_look,
        )
