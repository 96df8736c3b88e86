"""The route table: every operation that is served, noun by noun."""

from cudo_sandbox.routes import (
    billing_accounts,
    data_centers,
    disks,
    gpu_models,
    images,
    machine_types,
    networks,
    projects,
    resources,
    security_groups,
    ssh_keys,
    users,
    vms,
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
    *projects.ROUTES,
    *ssh_keys.ROUTES,
    *users.ROUTES,
    *resources.ROUTES,
    *billing_accounts.ROUTES,
)

HOOKS = {
    "vm": vms.HOOKS,
    "network": networks.HOOKS,
}
