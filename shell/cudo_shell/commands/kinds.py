"""The kinds of listings that completion, messages and row numbers go by."""

from collections.abc import Mapping

# In words for messages: what one thing of a kind is called, and the noun that lists them.
LABELS: Mapping[str, tuple[str, str]] = {
    "vms": ("VM", "vm"),
    "disks": ("Disk", "disk"),
    "networks": ("Network", "network"),
    "security_groups": ("Security group", "security-group"),
    "security_group_rules": ("Rule", "security-group"),
    "ssh_keys": ("SSH key", "ssh-key"),
    "public_images": ("Image", "image"),
    "private_images": ("Private image", "image"),
    "data_centers": ("Data center", "data-center"),
    "machine_types": ("Machine type", "machine-type"),
    "gpu_models": ("GPU model", "gpu"),
    "projects": ("Project", "project"),
    "billing_accounts": ("Billing account", "billing"),
    "payment_methods": ("Payment method", "billing"),
    "api_keys": ("API key", "api-key"),
    "machines": ("Machine", "machine"),
    "machine_operating_systems": ("Operating system", "machine"),
    "metal_machine_types": ("Machine type", "machine-type"),
    "clusters": ("Cluster", "cluster"),
    "cluster_machines": ("Cluster machine", "cluster-machine"),
    "cluster_machine_types": ("Machine type", "machine-type"),
    "volumes": ("Volume", "volume"),
    "buckets": ("Bucket", "bucket"),
    "storage_users": ("Storage user", "storage-user"),
}
# Those that are listed project by project.
IN_PROJECT = frozenset(
    {
        "vms",
        "disks",
        "networks",
        "security_groups",
        "security_group_rules",
        "private_images",
        "machines",
        "clusters",
        "cluster_machines",
        "volumes",
        "buckets",
        "storage_users",
    }
)
