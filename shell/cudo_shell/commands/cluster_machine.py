"""The machines of clusters on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import (
    add_verb,
    argument,
    if_exists_option,
    noun_parser,
    output_options,
    yes_option,
)
from cudo_shell.commands.flows import GONE, destroy, found
from cudo_shell.commands.several import several_ids
from cudo_shell.commands.values import new_id
from cudo_shell.exits import UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, GIB, ID, LIST, PRICE_HR, STATE, TIME

if TYPE_CHECKING:
    from cudo_sdk.functions.cluster_machines import ClusterMachine
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("state", STATE),
    FieldSpec("power", STATE, path="power_state", priority=2),
    FieldSpec("gpus", COUNT, priority=2),
    FieldSpec("ip", path="external_ip_address", priority=3),
    FieldSpec("volumes", LIST, path="volume_ids"),
    FieldSpec("price_hr", PRICE_HR, priority=2),
    FieldSpec("data_center", path="data_center_id", priority=4),
    FieldSpec("created", TIME, path="create_time", priority=6),
    FieldSpec("project", path="project_id", listed=False),
    FieldSpec("machine_type", path="machine_type_id", listed=False),
    FieldSpec("internal_ip", path="internal_ip_address", listed=False),
    FieldSpec("gpu_model", path="gpu_model_id", listed=False),
    FieldSpec("cpu_model", listed=False),
    FieldSpec("cpu_cores", COUNT, listed=False),
    FieldSpec("memory_gib", GIB, listed=False),
    FieldSpec("disks", COUNT, listed=False),
    FieldSpec("disk_gib", GIB, path="disk_size_gib", listed=False),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "cluster-machine", "The machines of clusters.")

    examples: tuple[str, ...] = (
        "cluster-machine list -p research",
        "cluster-machine list -p research --cluster cluster-1",
    )
    verb = add_verb(verbs, "list", machine_list, examples=examples, aliases=["ls"])
    argument(verb, "--cluster", source="clusters", metavar="<cluster-id>", help="only those of one cluster")
    output_options(verb, FIELDS, rows=True)

    examples = ("cluster-machine get cluster-1-1 -p research",)
    verb = add_verb(verbs, "get", machine_get, examples=examples, aliases=["show"])
    _machine(verb)
    output_options(verb, FIELDS)

    examples = (
        "cluster-machine update cluster-1-1 -p research --volume shared-1",
        "cluster-machine update cluster-1-1 -p research --no-volumes",
    )
    verb = add_verb(verbs, "update", machine_update, examples=examples)
    _machine(verb, state="=ACTIVE")
    group = verb.add_mutually_exclusive_group()
    argument(
        group,
        "--volume",
        action="append",
        source="volumes",
        field="volumeIds",
        metavar="<volume-id>",
        help="one that it has afterwards; may be repeated",
    )
    group.add_argument("--no-volumes", action="store_true", help="it has none afterwards")
    output_options(verb, FIELDS)

    examples = ("cluster-machine restart cluster-1-1 -p research",)
    verb = add_verb(verbs, "restart", machine_restart, examples=examples, aliases=["reboot"])
    _machines(verb, state="=ACTIVE")

    examples = ("cluster-machine rename cluster-1-1 head-1 -p research",)
    verb = add_verb(verbs, "rename", machine_rename, examples=examples)
    _machine(verb, state="=ACTIVE")
    argument(verb, "new_id", type=new_id, creates="cluster_machines", field="newId", metavar="<new-id>")

    examples = ("cluster-machine delete cluster-1-2 -p research --yes",)
    verb = add_verb(verbs, "delete", machine_delete, examples=examples, aliases=["rm"])
    _machines(verb, asks=True)
    yes_option(verb)
    if_exists_option(verb)
    output_options(verb, GONE)
    return parser


def _machine(parser: ArgumentParser, **narrow: str) -> None:
    argument(
        parser, "id", source="cluster_machines", narrow=narrow, field="id", metavar="<cluster-machine-id>"
    )


def _machines(parser: ArgumentParser, *, asks: bool = False, **narrow: str) -> None:
    kind, metavar = "cluster_machines", "<cluster-machine-id>"
    several_ids(parser, FIELDS, source=kind, metavar=metavar, narrow=narrow, asks=asks)


def machine_list(work: "Workspace", args: Namespace) -> None:
    """List the machines of the clusters."""
    clusters = work.session.clusters
    if args.cluster:
        chosen = [work.call(clusters.get_cluster(work.project, args.cluster))]
    else:
        chosen = work.call(clusters.list_clusters(work.project))
    work.show_list(
        [machine for cluster in chosen for machine in cluster.machines], FIELDS, args, kind="cluster_machines"
    )


def machine_get(work: "Workspace", args: Namespace) -> None:
    """Show one machine of a cluster."""
    work.show(work.call(_get(work, args.id)), FIELDS, args)


def machine_update(work: "Workspace", args: Namespace) -> None:
    """Choose which volumes a machine of a cluster has."""
    if not (args.volume or args.no_volumes):
        raise UsageError("cluster-machine update: nothing to change.", "Give --volume or --no-volumes.")
    volumes = args.volume or []
    machine = work.call(
        work.session.cluster_machines.update_cluster_machine(work.project, args.id, volume_ids=volumes)
    )
    has = f"volume {', '.join(volumes)}" if volumes else "no volume"
    work.done(f"Cluster machine '{args.id}' has {has}.", machine, FIELDS, args)


def machine_restart(work: "Workspace", args: Namespace) -> None:
    """Restart a machine of a cluster."""
    work.call(work.session.cluster_machines.restart_cluster_machine(work.project, args.id))
    work.say(f"Cluster machine '{args.id}' restarts.")


def machine_rename(work: "Workspace", args: Namespace) -> None:
    """Give a machine of a cluster another id."""
    work.call(work.session.cluster_machines.rename_cluster_machine(work.project, args.id, args.new_id))
    work.wrote("cluster_machines")
    work.say(f"Cluster machine '{args.id}' is '{args.new_id}' now.")


def machine_delete(work: "Workspace", args: Namespace) -> None:
    """Give one machine of a cluster back; the cluster shrinks by it."""
    destroy(
        work,
        args,
        f"cluster machine '{args.id}'",
        get=lambda: _get(work, args.id),
        delete=lambda: work.session.cluster_machines.delete_cluster_machine(work.project, args.id),
        kinds=("cluster_machines", "clusters"),
        loss=" and all that is on it",
        price=lambda machine: machine.price_hr,
        is_slow=True,
    )


async def _get(work: "Workspace", machine_id: str) -> "ClusterMachine":
    """Find a machine in its cluster: the API has no other way."""
    clusters = await work.session.clusters.list_clusters(work.project)
    machines = [machine for cluster in clusters for machine in cluster.machines]
    return found(machine_id, machines, f"Cluster machine '{machine_id}'", "cluster-machine list")
