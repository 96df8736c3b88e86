"""Networks: private address ranges of a project, each with a router of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from typing import TYPE_CHECKING, Literal

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.functions.vms import VMState
from cudo_sdk.models import Model, Money, Time
from cudo_sdk.request import Request, path
from cudo_sdk.waiting import OnLook
from cudo_sdk.watching import Change

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

NetworkState = (
    Literal[
        "STATE_UNKNOWN",
        "ACTIVE",
        "CREATING",
        "DELETED",
        "DELETING",
        "FAILED",
        "STARTING",
        "STOPPED",
        "STOPPING",
        "UPDATING",
    ]
    | str
)


class Network(Model):
    """A network. `vm_state` is the state of its router, `ip_range` a CIDR, the price per hour."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    state: NetworkState | None = None
    vm_state: VMState | None = None
    ip_range: str | None = None
    gateway: str | None = None
    internal_ip_address: str | None = None
    external_ip_address: str | None = None
    price_hr: Money = None
    create_time: Time = None


class Networks(BaseFunction[S]):
    """Networks: `session.networks`."""

    @api_iterator
    async def search_networks(self: Networks[AsyncSession], project_id: str) -> AsyncGenerator[Network, None]:
        """Iterate over the networks of a project, page by page.

        API: ListNetworks
        Raises: NotFound if there is no such project.
        """
        request = Request("ListNetworks", "GET", path("/v1/projects/{}/networks", project_id))
        async for network in self._pages(request, Network, "networks", "page"):
            yield network

    @api_function
    async def list_networks(self: Networks[AsyncSession], project_id: str) -> list[Network]:
        """All networks of a project.

        API: ListNetworks
        Raises: NotFound if there is no such project.
        """
        return [network async for network in self.search_networks(project_id)]

    @api_iterator
    async def watch_networks(
        self: Networks[AsyncSession], project_id: str, *, interval: float = 10.0
    ) -> AsyncGenerator[Change[Network], None]:
        """What changes among the networks of a project, looked at every `interval` seconds.

        It has no end of its own; a break ends it. At first every one of them is "added".

        API: ListNetworks
        Raises: NotFound if there is no such project; ConfigError for an interval under a second.
        """
        async for change in self._watch(lambda: self.list_networks(project_id), interval):
            yield change

    @api_function
    async def get_network(self: Networks[AsyncSession], project_id: str, network_id: str) -> Network:
        """One network.

        API: GetNetwork
        Raises: NotFound.
        """
        request = Request("GetNetwork", "GET", path("/v1/projects/{}/networks/{}", project_id, network_id))
        return await self._model(request, Network)

    @api_function
    async def create_network(
        self: Networks[AsyncSession], project_id: str, network_id: str, data_center_id: str, ip_range: str
    ) -> Network:
        """Create a network; it is CREATING, then ACTIVE, see wait_for_network.

        `ip_range` is a private range (RFC 1918) as CIDR, such as "10.0.0.0/24". If the answer is lost, the
        network is looked up by its id, and the request is never sent twice.

        API: CreateNetwork
        Raises: AlreadyExists; InvalidArgument; ResourceExhausted for a quota.
        """
        body = {"id": network_id, "dataCenterId": data_center_id, "ipRange": ip_range}
        request = Request("CreateNetwork", "POST", path("/v1/projects/{}/networks", project_id), body=body)

        def is_same(network: Network) -> bool:
            return same(network, data_center_id=data_center_id, ip_range=ip_range)

        return await self._create(request, Network, lambda: self.get_network(project_id, network_id), is_same)

    @api_function
    async def delete_network(self: Networks[AsyncSession], project_id: str, network_id: str) -> None:
        """Delete a network; it is DELETING, then gone, see wait_for_network_deleted.

        API: DeleteNetwork
        Raises: NotFound; FailedPrecondition while VMs are on it.
        """
        where = path("/v1/projects/{}/networks/{}", project_id, network_id)
        await self._transport.send(Request("DeleteNetwork", "DELETE", where))

    @api_function
    async def start_network(self: Networks[AsyncSession], project_id: str, network_id: str) -> None:
        """Start the router of a stopped network.

        API: StartNetwork
        Raises: NotFound; FailedPrecondition if the network is not stopped.
        """

        async def is_done() -> bool:
            return (await self.get_network(project_id, network_id)).state in {"STARTING", "ACTIVE"}

        where = path("/v1/projects/{}/networks/{}/start", project_id, network_id)
        await self._change(Request("StartNetwork", "POST", where, repeat="absolute"), is_done)

    @api_function
    async def stop_network(self: Networks[AsyncSession], project_id: str, network_id: str) -> None:
        """Stop the router of a network: its VMs have no way to the internet then.

        API: StopNetwork
        Raises: NotFound; FailedPrecondition if the network does not run.
        """

        async def is_done() -> bool:
            return (await self.get_network(project_id, network_id)).state in {"STOPPING", "STOPPED"}

        where = path("/v1/projects/{}/networks/{}/stop", project_id, network_id)
        await self._change(Request("StopNetwork", "POST", where, repeat="absolute"), is_done)

    @api_function
    async def wait_for_network(
        self: Networks[AsyncSession],
        project_id: str,
        network_id: str,
        *,
        states: Collection[NetworkState] = ("ACTIVE",),
        timeout: float = 1200,
        just_created: bool = False,
        on_look: OnLook[Network] | None = None,
    ) -> Network:
        """Wait until a network is in one of `states`, at most `timeout` seconds, and return it.

        API: GetNetwork
        Raises: WaitFailed if it is FAILED; WaitTimeout; NotFound (not in the first minute if `just_created`).
        """
        return await self._wait_for(
            "network",
            network_id,
            lambda: self.get_network(project_id, network_id),
            states,
            timeout=timeout,
            just_created=just_created,
            on_look=on_look,
        )

    @api_function
    async def wait_for_network_deleted(
        self: Networks[AsyncSession],
        project_id: str,
        network_id: str,
        *,
        timeout: float = 1200,
        on_look: OnLook[Network] | None = None,
    ) -> None:
        """Wait until a network is no more, at most `timeout` seconds.

        API: GetNetwork
        Raises: WaitTimeout.
        """
        await self._wait_until_gone(
            "network",
            network_id,
            lambda: self.get_network(project_id, network_id),
            timeout=timeout,
            on_look=on_look,
        )
