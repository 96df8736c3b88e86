"""Clusters on the command line."""

from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import add_verb, argument, noun_parser, output_options, yes_option
from cudo_shell.commands.commitment import confirm_commitment
from cudo_shell.commands.lifecycle import Lifecycle
from cudo_shell.commands.metal import TIMEOUT, place_options, price_of, settings_of, settings_options
from cudo_shell.commands.values import amount, choice, count, new_id
from cudo_shell.exits import UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, GIB, ID, LIST, PRICE_HR, STATE, TIME

if TYPE_CHECKING:
    from cudo_sdk.functions.clusters import Cluster, ClusterIPOIBConfig
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("state", STATE),
    FieldSpec("machines", COUNT, path="machine_count"),
    FieldSpec("data_center", path="data_center_id", priority=3),
    FieldSpec("machine_type", path="machine_type_id", priority=4),
    FieldSpec("gpus", COUNT, path="total_gpus", priority=2),
    FieldSpec("gpu_model", path="gpu_model_id", priority=5),
    FieldSpec("price_hr", PRICE_HR, path="total_price_hr", priority=2),
    FieldSpec("created", TIME, path="create_time", priority=6),
    FieldSpec("project", path="project_id", listed=False),
    FieldSpec("machine_ids", LIST, path="machines.id", listed=False),
    FieldSpec("cpu_model", listed=False),
    FieldSpec("cpu_cores", COUNT, path="total_cpu_cores", listed=False),
    FieldSpec("memory_gib", GIB, path="total_memory_gib", listed=False),
    FieldSpec("disk_gib", GIB, path="total_disk_size_gib", listed=False),
    FieldSpec("network", path="network_type", listed=False),
    FieldSpec("machine_price_hr", PRICE_HR, listed=False),
    FieldSpec("ssh_keys", path="ssh_key_source", listed=False),
    FieldSpec("commitment", path="commitment_term", listed=False),
    FieldSpec("committed_until", TIME, path="commitment_end_time", listed=False),
)
CLUSTER = Lifecycle(
    "Cluster",
    "cluster",
    "clusters",
    FIELDS,
    TIMEOUT,
    get=lambda session, *ids: session.clusters.get_cluster(*ids),
    wait=lambda session, *ids, **how: session.clusters.wait_for_cluster(*ids, **how),
    wait_deleted=lambda session, *ids, **how: session.clusters.wait_for_cluster_deleted(*ids, **how),
    states=("CREATING", "ACTIVE", "UPDATING", "DELETING", "FAILED"),
)

network_type = choice("", "ETHERNET", "INFINIBAND")


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(
        cls, "cluster", "Clusters of bare-metal machines; see also: machine-type list --cluster."
    )

    examples: tuple[str, ...] = ("cluster list -p research", "cluster list -p research -o json")
    verb = add_verb(verbs, "list", cluster_list, examples=examples, aliases=["ls"])
    CLUSTER.listed(verb)

    examples = ("cluster get cluster-1 -p research",)
    verb = add_verb(verbs, "get", cluster_get, examples=examples, aliases=["show"])
    CLUSTER.id_argument(verb)
    output_options(verb, FIELDS)

    _add_create(verbs)

    examples = (
        "cluster update cluster-1 -p research --machines 3",
        "cluster update cluster-1 -p research --machines 1 --yes",
    )
    verb = add_verb(verbs, "update", cluster_update, examples=examples, aliases=["scale"])
    CLUSTER.id_argument(verb, state="=ACTIVE")
    argument(
        verb, "--machines", type=amount, field="machineCount", metavar="N", help="the new number of machines"
    )
    _network_options(verb)
    settings_options(verb)
    yes_option(verb)
    CLUSTER.changing(verb)

    examples = ("cluster wait cluster-1 -p research --state ACTIVE",)
    verb = add_verb(verbs, "wait", cluster_wait, examples=examples)
    CLUSTER.waiting(verb)

    examples = ("cluster delete cluster-1 -p research --yes",)
    verb = add_verb(verbs, "delete", cluster_delete, examples=examples, aliases=["rm"])
    CLUSTER.ending(verb)
    return parser


def _add_create(verbs: Any) -> None:
    sizes = "--data-center fr-paris-1 --machine-type sapphire-rapids-h100 --machines 2"
    examples = (
        f"cluster create lab-8 {sizes}",
        f"cluster create lab-9 {sizes} --term 12-months --confirm lab-9 --no-wait",
    )
    verb = add_verb(verbs, "create", cluster_create, examples=examples)
    argument(
        verb,
        "id",
        type=new_id,
        creates="clusters",
        field="id",
        metavar="<cluster-id>",
        help="the id of the new cluster",
    )
    place_options(verb, "cluster_machine_types")
    argument(
        verb,
        "--machines",
        type=amount,
        required=True,
        field="machineCount",
        metavar="N",
        help="number of machines",
    )
    _network_options(verb)
    settings_options(verb)
    CLUSTER.changing(verb)


def _network_options(parser: ArgumentParser) -> None:
    argument(
        parser,
        "--network-type",
        type=network_type,
        field="networkType",
        metavar="ethernet|infiniband",
        help="what the machines are connected by",
    )
    argument(
        parser,
        "--ipoib-prefix",
        field="ipoibConfig.networkPrefix",
        metavar="CIDR",
        help="addresses on InfiniBand",
    )
    argument(
        parser,
        "--ipoib-port-bits",
        type=count,
        field="ipoibConfig.portBits",
        metavar="N",
        help="bits of such an address for the port, such as 3",
    )
    argument(
        parser,
        "--ipoib-host-bits",
        type=count,
        field="ipoibConfig.hostBits",
        metavar="N",
        help="bits of such an address for the host, such as 16",
    )


def cluster_list(work: "Workspace", args: Namespace) -> None:
    """List the clusters of the project; their machines are in: cluster-machine list."""
    work.show_list(work.session.clusters.search_clusters(work.project), FIELDS, args, kind="clusters")


def cluster_get(work: "Workspace", args: Namespace) -> None:
    """Show one cluster."""
    work.show(CLUSTER.fetch(work, args), FIELDS, args)


def cluster_create(work: "Workspace", args: Namespace) -> None:
    """Rent a cluster; its price is shown first."""
    settings = _settings_of(work, args)
    price_hr = _price_of(work, args.data_center, args.machine_type, args.machines, args.term)
    if price_hr is not None:
        work.foretell_price(price_hr)
    confirm_commitment(work, args, f"cluster '{args.id}' of {args.machines} machines", price_hr)
    cluster = work.call(
        work.session.clusters.create_cluster(
            work.project, args.id, args.data_center, args.machine_type, args.machines, **settings
        )
    )
    work.wrote("cluster_machines")
    CLUSTER.created(work, args, cluster)


def cluster_update(work: "Workspace", args: Namespace) -> None:
    """Grow or shrink a cluster, change its settings, or commit to it."""
    settings = _settings_of(work, args)
    if args.machines is None and not any(settings.values()):
        raise UsageError("cluster update: nothing to change.", "Give --machines, a setting or --term.")
    cluster: Cluster = CLUSTER.fetch(work, args)
    size = args.machines or _size_of(cluster)
    data_center, kind = str(cluster.data_center_id), str(cluster.machine_type_id)
    _ask(work, args, cluster, size)
    work.call(
        work.session.clusters.update_cluster(work.project, args.id, data_center, kind, size, **settings)
    )
    work.wrote("cluster_machines")
    CLUSTER.changed(work, args, f"scaled to {_machines(size)}" if args.machines else "updated")


def _ask(work: "Workspace", args: Namespace, cluster: "Cluster", size: int) -> None:
    """Tell what more machines and a term cost; ask before machines are given back."""
    now = _size_of(cluster)
    if size > now or args.term:
        term = args.term or cluster.commitment_term
        price_hr = _price_of(work, str(cluster.data_center_id), str(cluster.machine_type_id), size, term)
        if price_hr is not None:
            work.foretell_price(price_hr)
        confirm_commitment(work, args, f"cluster '{args.id}' of {_machines(size)}", price_hr)
    if size < now or not now:  # a reply may lack the machines
        work.confirm(
            f"Let cluster '{args.id}' in project '{work.project}' have {_machines(size)} instead of "
            f"{now or 'an unknown number'}? Those that are given back lose all that is on them.",
            args,
        )


def cluster_wait(work: "Workspace", args: Namespace) -> None:
    """Wait until a cluster is in a state; DELETED waits until it is gone."""
    CLUSTER.awaited(work, args)


def cluster_delete(work: "Workspace", args: Namespace) -> None:
    """Give a cluster and all its machines back."""
    CLUSTER.end(
        work,
        args,
        lambda session, *ids: session.clusters.delete_cluster(*ids),
        loss=" and all its machines, with all that is on them,",
        price=lambda cluster: cluster.total_price_hr,
    )
    work.wrote("cluster_machines")


def _settings_of(work: "Workspace", args: Namespace) -> dict[str, Any]:
    network = {"network_type": args.network_type, "ipoib_config": _ipoib_of(args)}
    return {**settings_of(work, args), **network}


def _ipoib_of(args: Namespace) -> "ClusterIPOIBConfig | None":
    from cudo_sdk.functions.clusters import ClusterIPOIBConfig

    given = {
        "network_prefix": args.ipoib_prefix,
        "port_bits": args.ipoib_port_bits,
        "host_bits": args.ipoib_host_bits,
    }
    known = {name: value for name, value in given.items() if value is not None}
    return ClusterIPOIBConfig(**known) if known else None


def _price_of(
    work: "Workspace", data_center: str, type_id: str, machines: int, term: str | None
) -> Decimal | None:
    """What a cluster costs per hour; None where that term is not sold, which the API says best."""
    kind = work.call(
        work.session.machine_types.get_cluster_machine_type(data_center, type_id, project_id=work.project)
    )
    price_hr = price_of(kind, term)
    return None if price_hr is None else price_hr * machines


def _size_of(cluster: "Cluster") -> int:
    return cluster.machine_count or len(cluster.machines)


def _machines(number: int) -> str:
    return f"{number} machine{'s' * (number != 1)}"
