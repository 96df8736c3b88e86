"""Bare-metal machines: whole computers, with an operating system of choice."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.functions.images import Image
from cudo_sdk.models import CommitmentTerm, Items, Model, Money, SSHKeySource, Time
from cudo_sdk.request import Request, path
from cudo_sdk.waiting import OnLook
from cudo_sdk.watching import Change

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

MachineState = (
    Literal["STATE_UNSPECIFIED", "CREATING", "ACTIVE", "DEPLOYING", "DELETING", "FAILED", "UPDATING"] | str
)
MachinePowerState = (
    Literal["MACHINE_POWER_STATE_UNSPECIFIED", "ON", "OFF", "POWERING_ON", "POWERING_OFF", "REBOOTING"] | str
)


class Machine(Model):
    """A bare-metal machine; sizes are GiB, the price per hour."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    machine_type_id: str | None = None
    state: MachineState | None = None
    power_state: MachinePowerState | None = None
    os: str | None = None
    hostname: str | None = None
    architecture: str | None = None
    cpu_model: str | None = None
    cpu_cores: int | None = None
    cpu_speed_mhz: int | None = None
    memory_gib: int | None = None
    disks: int | None = None
    disk_size_gib: int | None = None
    gpus: int | None = None
    gpu_model_id: str | None = None
    external_ip_addresses: Items[str] = []
    ssh_key_source: SSHKeySource | None = None
    custom_ssh_keys: Items[str] = []
    # Scripts often hold secrets.
    start_script: str | None = Field(None, repr=False)
    user_data: str | None = Field(None, repr=False)
    commitment_term: CommitmentTerm | None = None
    price_hr: Money = None
    create_by: str | None = None
    create_time: Time = None


class Machines(BaseFunction[S]):
    """Bare-metal machines: `session.machines`."""

    @api_iterator
    async def search_machines(self: Machines[AsyncSession], project_id: str) -> AsyncGenerator[Machine, None]:
        """Iterate over the bare-metal machines of a project, page by page.

        API: ListMachines
        Raises: NotFound if there is no such project.
        """
        request = Request("ListMachines", "GET", path("/v1/projects/{}/machines", project_id))
        async for machine in self._pages(request, Machine, "machines", "page"):
            yield machine

    @api_function
    async def list_machines(self: Machines[AsyncSession], project_id: str) -> list[Machine]:
        """All bare-metal machines of a project.

        API: ListMachines
        Raises: NotFound if there is no such project.
        """
        return [machine async for machine in self.search_machines(project_id)]

    @api_iterator
    async def watch_machines(
        self: Machines[AsyncSession], project_id: str, *, interval: float = 10.0
    ) -> AsyncGenerator[Change[Machine], None]:
        """What changes among the machines of a project, looked at every `interval` seconds.

        It has no end of its own; a break ends it. At first every one of them is "added".

        API: ListMachines
        Raises: NotFound if there is no such project; ConfigError for an interval under a second.
        """
        async for change in self._watch(lambda: self.list_machines(project_id), interval):
            yield change

    @api_function
    async def get_machine(self: Machines[AsyncSession], project_id: str, machine_id: str) -> Machine:
        """One bare-metal machine.

        API: GetMachine
        Raises: NotFound.
        """
        request = Request("GetMachine", "GET", path("/v1/projects/{}/machines/{}", project_id, machine_id))
        return await self._model(request, Machine)

    @api_function
    async def create_machine(
        self: Machines[AsyncSession],
        project_id: str,
        machine_id: str,
        data_center_id: str,
        machine_type_id: str,
        os: str,
        *,
        ssh_key_source: SSHKeySource | None = None,
        custom_ssh_keys: Sequence[str] | None = None,
        start_script: str | None = None,
        commitment_term: CommitmentTerm | None = None,
    ) -> Machine:
        """Rent a bare-metal machine; it is CREATING, then ACTIVE, see wait_for_machine.

        `os` is one of list_machine_operating_systems. If the answer is lost, the machine is looked up by its
        id, and the request is never sent twice.

        API: CreateMachine
        Raises: AlreadyExists; InvalidArgument, also if none is free; ResourceExhausted for a quota.
        """
        body = {
            "id": machine_id,
            "dataCenterId": data_center_id,
            "machineTypeId": machine_type_id,
            "os": os,
            "sshKeySource": ssh_key_source,
            "customSshKeys": custom_ssh_keys,
            "startScript": start_script,
            "commitmentTerm": commitment_term,
        }
        request = Request("CreateMachine", "POST", path("/v1/projects/{}/machines", project_id), body=body)

        def is_same(machine: Machine) -> bool:
            return same(
                machine,
                data_center_id=data_center_id,
                machine_type_id=machine_type_id,
                os=os,
                ssh_key_source=ssh_key_source,
                custom_ssh_keys=custom_ssh_keys,
                start_script=start_script,
                commitment_term=commitment_term,
            )

        return await self._create(request, Machine, lambda: self.get_machine(project_id, machine_id), is_same)

    @api_function
    async def update_machine(
        self: Machines[AsyncSession],
        project_id: str,
        machine_id: str,
        data_center_id: str,
        machine_type_id: str,
        os: str,
        *,
        ssh_key_source: SSHKeySource | None = None,
        custom_ssh_keys: Sequence[str] | None = None,
        start_script: str | None = None,
        commitment_term: CommitmentTerm | None = None,
    ) -> Machine:
        """Change the settings of a bare-metal machine; what is not given stays.

        The API asks for `data_center_id`, `machine_type_id` and `os`, which cannot change here: give those
        that the machine has. Another operating system comes with deploy_machine_os.

        API: UpdateMachine
        Raises: NotFound; InvalidArgument.
        """
        body = {
            "dataCenterId": data_center_id,
            "machineTypeId": machine_type_id,
            "os": os,
            "sshKeySource": ssh_key_source,
            "customSshKeys": custom_ssh_keys,
            "startScript": start_script,
            "commitmentTerm": commitment_term,
        }
        where = path("/v1/projects/{}/machines/{}", project_id, machine_id)
        return await self._model(Request("UpdateMachine", "PATCH", where, body=body), Machine)

    @api_function
    async def delete_machine(self: Machines[AsyncSession], project_id: str, machine_id: str) -> None:
        """Give a bare-metal machine back, with all that is on it.

        API: DeleteMachine
        Raises: NotFound; FailedPrecondition inside a commitment.
        """
        where = path("/v1/projects/{}/machines/{}", project_id, machine_id)
        await self._transport.send(Request("DeleteMachine", "DELETE", where))

    @api_function
    async def deploy_machine_os(
        self: Machines[AsyncSession],
        project_id: str,
        machine_id: str,
        os: str,
        *,
        ssh_key_source: SSHKeySource | None = None,
        custom_ssh_keys: Sequence[str] | None = None,
        start_script: str | None = None,
    ) -> None:
        """Wipe a bare-metal machine and install an operating system; it is DEPLOYING, then ACTIVE.

        Never repeated: a second one would wipe it again.

        API: DeployMachineOS
        Raises: NotFound; InvalidArgument; FailedPrecondition if the machine is not ACTIVE.
        """
        body = {
            "os": os,
            "sshKeySource": ssh_key_source,
            "customSshKeys": custom_ssh_keys,
            "startScript": start_script,
        }
        where = path("/v1/projects/{}/machines/{}/deploy", project_id, machine_id)
        await self._transport.send(Request("DeployMachineOS", "POST", where, body=body))

    @api_iterator
    async def search_machine_operating_systems(self: Machines[AsyncSession]) -> AsyncGenerator[Image, None]:
        """Iterate over the operating systems for bare-metal machines.

        API: ListMachineOperatingSystems
        Raises: Unauthenticated.
        """
        request = Request("ListMachineOperatingSystems", "GET", path("/v1/machines/operating-systems"))
        async for image in self._each(request, Image, "images"):
            yield image

    @api_function
    async def list_machine_operating_systems(self: Machines[AsyncSession]) -> list[Image]:
        """All operating systems for bare-metal machines.

        API: ListMachineOperatingSystems
        Raises: Unauthenticated.
        """
        return [image async for image in self.search_machine_operating_systems()]

    @api_function
    async def wait_for_machine(
        self: Machines[AsyncSession],
        project_id: str,
        machine_id: str,
        *,
        states: Collection[MachineState] = ("ACTIVE",),
        timeout: float = 1200,
        just_created: bool = False,
        on_look: OnLook[Machine] | None = None,
    ) -> Machine:
        """Wait until a bare-metal machine is in one of `states`, at most `timeout` seconds, and return it.

        API: GetMachine
        Raises: WaitFailed if it is FAILED; WaitTimeout; NotFound (not in the first minute if `just_created`).
        """
        return await self._wait_for(
            "machine",
            machine_id,
            lambda: self.get_machine(project_id, machine_id),
            states,
            timeout=timeout,
            just_created=just_created,
            on_look=on_look,
        )

    @api_function
    async def wait_for_machine_deleted(
        self: Machines[AsyncSession],
        project_id: str,
        machine_id: str,
        *,
        timeout: float = 1200,
        on_look: OnLook[Machine] | None = None,
    ) -> None:
        """Wait until a bare-metal machine is no more, at most `timeout` seconds.

        API: GetMachine
        Raises: WaitTimeout.
        """
        await self._wait_until_gone(
            "machine",
            machine_id,
            lambda: self.get_machine(project_id, machine_id),
            timeout=timeout,
            on_look=on_look,
        )
