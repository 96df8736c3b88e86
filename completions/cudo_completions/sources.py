"""Where candidates come from: one short function for each kind of listing, through the SDK."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from cudo_completions.candidates import Candidate

if TYPE_CHECKING:
    from decimal import Decimal

    from cudo_sdk import AsyncSession
    from cudo_sdk.functions.machine_types import MachineType, VMMachineType

Source = Callable[[Any, str], Awaitable[list[Candidate]]]
"""Asks a session (an AsyncSession) for one kind of things in a project, as candidates."""


async def vms(session: "AsyncSession", project: str) -> list[Candidate]:
    """The VMs of the project."""
    return [
        _candidate(
            vm.id,
            (
                vm.state,
                _gpus(vm.gpus, vm.gpu_model),
                vm.data_center_id,
                _price(vm.price.total_price_hr if vm.price else None),
            ),
            state=vm.state,
            data_center=vm.data_center_id,
        )
        for vm in await session.vms.list_vms(project)
    ]


async def disks(session: "AsyncSession", project: str) -> list[Candidate]:
    """The disks of the project."""
    return [
        _candidate(
            disk.id,
            (disk.state, _gib(disk.size_gib), disk.data_center_id, disk.vm_id and f"on {disk.vm_id}"),
            state=disk.state,
            data_center=disk.data_center_id,
            type=disk.disk_type,
        )
        for disk in await session.disks.list_disks(project)
    ]


async def networks(session: "AsyncSession", project: str) -> list[Candidate]:
    """The networks of the project."""
    return [
        _candidate(
            network.id,
            (network.state, network.ip_range, network.data_center_id),
            state=network.state,
            data_center=network.data_center_id,
        )
        for network in await session.networks.list_networks(project)
    ]


async def security_groups(session: "AsyncSession", project: str) -> list[Candidate]:
    """The security groups of the project."""
    return [
        _candidate(
            group.id,
            (group.data_center_id, group.description),
            data_center=group.data_center_id,
            group=group.id,
        )
        for group in await session.security_groups.list_security_groups(project)
    ]


async def security_group_rules(session: "AsyncSession", project: str) -> list[Candidate]:
    """The rules of the project's security groups, each with its `group`."""
    return [
        _candidate(
            rule.id,
            (rule.rule_type, rule.protocol, rule.ports, rule.ip_range_cidr),
            group=group.id,
        )
        for group in await session.security_groups.list_security_groups(project)
        for rule in group.rules
    ]


async def ssh_keys(session: "AsyncSession", _: str) -> list[Candidate]:
    """The user's own SSH keys."""
    return [
        _candidate(key.id, (key.comment, key.fingerprint)) for key in await session.ssh_keys.list_ssh_keys()
    ]


async def public_images(session: "AsyncSession", _: str) -> list[Candidate]:
    """The images that the platform offers."""
    return [
        _candidate(
            image.id, (image.display_name, image.platform, _gib(image.size_gib)), platform=image.platform
        )
        for image in await session.images.list_public_images()
    ]


async def private_images(session: "AsyncSession", project: str) -> list[Candidate]:
    """The project's own images."""
    return [
        _candidate(
            image.id,
            (image.state, _gib(image.size_gib), image.data_center_id, image.description),
            state=image.state,
            data_center=image.data_center_id,
            platform=image.platform,
        )
        for image in await session.images.list_private_images(project)
    ]


async def data_centers(session: "AsyncSession", _: str) -> list[Candidate]:
    """The data centers with VMs. Each has itself as its `data_center`, so that others can agree with it."""
    return [
        _candidate(center.id, (center.supplier_name,), data_center=center.id)
        for center in await session.data_centers.list_data_centers()
    ]


async def machine_types(session: "AsyncSession", project: str) -> list[Candidate]:
    """The VM machine types; one row for each data center that has the type, priced for the project."""
    return [
        _candidate(
            each.id,
            (each.data_center_id, each.gpu_model, *_stock_of(each)),
            data_center=each.data_center_id,
            gpu=each.gpu_model_id,
            price=str(each.gpu_price_hr if each.gpu_model_id else each.vcpu_price_hr),
        )
        for each in await session.machine_types.list_vm_machine_types(project_id=project or None)
    ]


def _stock_of(each: "VMMachineType") -> tuple[str, str]:
    if each.gpu_model_id:
        return _price(each.gpu_price_hr, " per GPU"), _free(each.total_gpu_free, "GPUs")
    return _price(each.vcpu_price_hr, " per vCPU"), _free(each.total_vcpu_free, "vCPUs")


async def gpu_models(session: "AsyncSession", _: str) -> list[Candidate]:
    """The GPU models that VMs can have."""
    return [
        _candidate(model.id, (model.vendor_name, model.model_name, _gib(model.memory_gib)))
        for model in await session.gpu_models.list_gpu_models()
    ]


async def projects(session: "AsyncSession", _: str) -> list[Candidate]:
    """The projects that the credential can see."""
    return [
        _candidate(project.id, (project.billing_account_id,))
        for project in await session.projects.list_projects()
    ]


async def billing_accounts(session: "AsyncSession", _: str) -> list[Candidate]:
    """The billing accounts that the credential can see."""
    return [
        _candidate(account.id, (account.display_name, account.state), account=account.id)
        for account in await session.billing_accounts.list_billing_accounts()
    ]


async def payment_methods(session: "AsyncSession", _: str) -> list[Candidate]:
    """What the billing accounts can pay with, each with its `account`."""
    accounts = session.billing_accounts
    return [
        _candidate(
            method.id,
            (
                method.card.brand if method.card else method.type,
                f"ends in {method.card.last4}" if method.card else "",
                "default" if method.is_default else "",
            ),
            account=account.id,
        )
        for account in await accounts.list_billing_accounts()
        for method in await accounts.list_billing_account_payment_methods(account.id or "")
    ]


async def api_keys(session: "AsyncSession", _: str) -> list[Candidate]:
    """The user's API keys, by their ids."""
    return [_candidate(key.id, ()) for key in await session.api_keys.list_api_keys()]


async def machines(session: "AsyncSession", project: str) -> list[Candidate]:
    """The bare-metal machines of the project."""
    return [
        _candidate(
            machine.id,
            (
                machine.state,
                _gpus(machine.gpus, machine.gpu_model_id),
                machine.data_center_id,
                _price(machine.price_hr),
            ),
            state=machine.state,
            data_center=machine.data_center_id,
        )
        for machine in await session.machines.list_machines(project)
    ]


async def machine_operating_systems(session: "AsyncSession", _: str) -> list[Candidate]:
    """The operating systems for bare-metal machines."""
    return [
        _candidate(system.id, (system.display_name,))
        for system in await session.machines.list_machine_operating_systems()
    ]


async def metal_machine_types(session: "AsyncSession", project: str) -> list[Candidate]:
    """The kinds of bare-metal machines; one row for each data center that has it."""
    return list(map(_metal_type, await session.machine_types.list_machine_types(project_id=project or None)))


async def cluster_machine_types(session: "AsyncSession", project: str) -> list[Candidate]:
    """The kinds of machines for clusters; one row for each data center that has it."""
    types = await session.machine_types.list_cluster_machine_types(project_id=project or None)
    return list(map(_metal_type, types))


def _metal_type(each: "MachineType") -> Candidate:
    hints = (each.data_center_id, _gpus(each.gpus, each.gpu_model_id), _free(each.machines_free, "machines"))
    return _candidate(each.id, hints, data_center=each.data_center_id)


async def clusters(session: "AsyncSession", project: str) -> list[Candidate]:
    """The clusters of the project."""
    return [
        _candidate(
            cluster.id,
            (
                cluster.state,
                _count(cluster.machine_count, "machines"),
                cluster.data_center_id,
                _price(cluster.total_price_hr),
            ),
            state=cluster.state,
            data_center=cluster.data_center_id,
        )
        for cluster in await session.clusters.list_clusters(project)
    ]


async def cluster_machines(session: "AsyncSession", project: str) -> list[Candidate]:
    """The machines of the project's clusters."""
    return [
        _candidate(
            machine.id,
            (machine.state, machine.external_ip_address, ", ".join(machine.volume_ids)),
            state=machine.state,
            data_center=machine.data_center_id,
        )
        for cluster in await session.clusters.list_clusters(project)
        for machine in cluster.machines
    ]


async def volumes(session: "AsyncSession", project: str) -> list[Candidate]:
    """The volumes of the project."""
    return [
        _candidate(
            volume.id,
            (volume.state, _gib(volume.size_gib), volume.data_center_id),
            state=volume.state,
            data_center=volume.data_center_id,
        )
        for volume in await session.volumes.list_volumes(project)
    ]


async def buckets(session: "AsyncSession", project: str) -> list[Candidate]:
    """The buckets of the project."""
    return [
        _candidate(bucket.id, (bucket.data_center_id,), data_center=bucket.data_center_id)
        for bucket in await session.object_storage.list_object_storage_buckets(project)
    ]


async def storage_users(session: "AsyncSession", project: str) -> list[Candidate]:
    """The users of the project's buckets; never their keys."""
    return [
        _candidate(user.id, (user.data_center_id,), data_center=user.data_center_id)
        for user in await session.object_storage.list_object_storage_users(project)
    ]


SOURCES: Mapping[str, Source] = {
    source.__name__: source
    for source in (
        vms,
        disks,
        networks,
        security_groups,
        security_group_rules,
        ssh_keys,
        public_images,
        private_images,
        data_centers,
        machine_types,
        gpu_models,
        projects,
        billing_accounts,
        payment_methods,
        api_keys,
        machines,
        machine_operating_systems,
        metal_machine_types,
        clusters,
        cluster_machines,
        cluster_machine_types,
        volumes,
        buckets,
        storage_users,
    )
}


def _candidate(text: str | None, hints: "tuple[str | None, ...]", **facts: str | None) -> Candidate:
    """Leave out what the reply left out; a thing without an id cannot be named, and drops out later."""
    return Candidate(
        text or "",
        "\t".join(each or "" for each in hints),
        {name: value for name, value in facts.items() if value},
    )


def _gpus(count: int | None, model: str | None) -> str:
    return f"{count} x {model or 'GPU'}" if count else ""


def _gib(size: int | None) -> str:
    return f"{size} GiB" if size is not None else ""


def _price(amount: "Decimal | None", unit: str = "") -> str:
    """A price as the tables of the shell write it: four places, or two where that is all of it."""
    if amount is None:
        return ""
    places = 2 if amount == round(amount, 2) else 4
    return f"${amount:,.{places}f}/h{unit}"


def _free(count: int | None, unit: str) -> str:
    return "" if count is None else f"{count} {unit} free"


def _count(count: int | None, unit: str) -> str:
    return "" if count is None else f"{count} {unit}"
