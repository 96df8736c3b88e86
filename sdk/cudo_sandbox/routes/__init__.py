"""The route table: every operation that is served, noun by noun."""

from cudo_sandbox.routes import (
    api_keys,
    billing_accounts,
    cluster_machines,
    clusters,
    data_centers,
    disks,
    gpu_models,
    images,
    invoices,
    machine_types,
    machines,
    networks,
    object_storage,
    projects,
    resources,
    security_groups,
    ssh_keys,
    users,
    vms,
    volumes,
)

ROUTES = (
    *vms.ROUTES,
    *disks.ROUTES,
    *images.ROUTES,
    *data_centers.ROUTES,
    *machine_types.ROUTES,
    *gpu_models.ROUTES,
    *networks.ROUTES,
    *security_groups.ROUTES,
    *machines.ROUTES,
    *clusters.ROUTES,
    *cluster_machines.ROUTES,
    *volumes.ROUTES,
    *object_storage.ROUTES,
    *projects.ROUTES,
    *ssh_keys.ROUTES,
    *api_keys.ROUTES,
    *users.ROUTES,
    *resources.ROUTES,
    *billing_accounts.ROUTES,
    *invoices.ROUTES,
)

HOOKS = {
    "vm": vms.HOOKS,
    "network": networks.HOOKS,
    "machine": machines.HOOKS,
    "cluster_machine": clusters.MACHINE_HOOKS,
}
