"""One lazy attribute for each group of operations, the same on both sessions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Generic

from cudo_sdk.functions.base import S

if TYPE_CHECKING:
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
    from cudo_sdk.transport import Transport


class Groups(Generic[S]):
    """The function groups of a session. An attribute builds its group and fetches nothing."""

    _transport: Transport
    _sync: bool

    @cached_property
    def vms(self) -> VMs[S]:
        """Virtual machines."""
        from cudo_sdk.functions.vms import VMs

        return VMs(self._transport, sync=self._sync)

    @cached_property
    def disks(self) -> Disks[S]:
        """Disks."""
        from cudo_sdk.functions.disks import Disks

        return Disks(self._transport, sync=self._sync)

    @cached_property
    def images(self) -> Images[S]:
        """Images, the platform's and the project's own."""
        from cudo_sdk.functions.images import Images

        return Images(self._transport, sync=self._sync)

    @cached_property
    def data_centers(self) -> DataCenters[S]:
        """Data centers."""
        from cudo_sdk.functions.data_centers import DataCenters

        return DataCenters(self._transport, sync=self._sync)

    @cached_property
    def machine_types(self) -> MachineTypes[S]:
        """Machine types of VMs, bare-metal machines and clusters."""
        from cudo_sdk.functions.machine_types import MachineTypes

        return MachineTypes(self._transport, sync=self._sync)

    @cached_property
    def gpu_models(self) -> GPUModels[S]:
        """GPU models."""
        from cudo_sdk.functions.gpu_models import GPUModels

        return GPUModels(self._transport, sync=self._sync)

    @cached_property
    def networks(self) -> Networks[S]:
        """Networks."""
        from cudo_sdk.functions.networks import Networks

        return Networks(self._transport, sync=self._sync)

    @cached_property
    def security_groups(self) -> SecurityGroups[S]:
        """Security groups and their rules."""
        from cudo_sdk.functions.security_groups import SecurityGroups

        return SecurityGroups(self._transport, sync=self._sync)

    @cached_property
    def machines(self) -> Machines[S]:
        """Bare-metal machines."""
        from cudo_sdk.functions.machines import Machines

        return Machines(self._transport, sync=self._sync)

    @cached_property
    def clusters(self) -> Clusters[S]:
        """Clusters."""
        from cudo_sdk.functions.clusters import Clusters

        return Clusters(self._transport, sync=self._sync)

    @cached_property
    def cluster_machines(self) -> ClusterMachines[S]:
        """The machines of clusters."""
        from cudo_sdk.functions.cluster_machines import ClusterMachines

        return ClusterMachines(self._transport, sync=self._sync)

    @cached_property
    def volumes(self) -> Volumes[S]:
        """Volumes."""
        from cudo_sdk.functions.volumes import Volumes

        return Volumes(self._transport, sync=self._sync)

    @cached_property
    def object_storage(self) -> ObjectStorage[S]:
        """Object storage: buckets, users and keys."""
        from cudo_sdk.functions.object_storage import ObjectStorage

        return ObjectStorage(self._transport, sync=self._sync)

    @cached_property
    def projects(self) -> Projects[S]:
        """Projects and who may use them."""
        from cudo_sdk.functions.projects import Projects

        return Projects(self._transport, sync=self._sync)

    @cached_property
    def ssh_keys(self) -> SSHKeys[S]:
        """SSH keys."""
        from cudo_sdk.functions.ssh_keys import SSHKeys

        return SSHKeys(self._transport, sync=self._sync)

    @cached_property
    def api_keys(self) -> APIKeys[S]:
        """API keys."""
        from cudo_sdk.functions.api_keys import APIKeys

        return APIKeys(self._transport, sync=self._sync)

    @cached_property
    def users(self) -> Users[S]:
        """The user whose credential is used."""
        from cudo_sdk.functions.users import Users

        return Users(self._transport, sync=self._sync)

    @cached_property
    def resources(self) -> Resources[S]:
        """Search over all resources."""
        from cudo_sdk.functions.resources import Resources

        return Resources(self._transport, sync=self._sync)

    @cached_property
    def billing_accounts(self) -> BillingAccounts[S]:
        """Billing accounts."""
        from cudo_sdk.functions.billing_accounts import BillingAccounts

        return BillingAccounts(self._transport, sync=self._sync)

    @cached_property
    def invoices(self) -> Invoices[S]:
        """Invoices."""
        from cudo_sdk.functions.invoices import Invoices

        return Invoices(self._transport, sync=self._sync)
