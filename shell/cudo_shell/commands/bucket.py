"""Buckets of the object storage on the command line."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from cudo_shell.commands.base import add_verb, argument, data_center_option, noun_parser, output_options
from cudo_shell.commands.flows import Named, found
from cudo_shell.commands.secret_output import demand_reader, show_option, show_with_secrets
from cudo_shell.exits import ConflictError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import BYTES, COUNT, ID, PRICE_HR

if TYPE_CHECKING:
    from cudo_sdk.functions.object_storage import ObjectStorageBucket
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("data_center", path="data_center_id"),
    FieldSpec("size", BYTES, path="size_bytes"),
    FieldSpec("objects", COUNT, path="object_count", priority=2),
    FieldSpec("billable", BYTES, path="billable_bytes", priority=3),
    FieldSpec("endpoint", priority=4),
    FieldSpec("project", path="project_id", listed=False),
    FieldSpec("gib_price_hr", PRICE_HR, path="storage_gib_price_hr", listed=False),
)
SESSION_FIELDS = (
    FieldSpec("access_key", ID, path="accessKey", priority=0),
    FieldSpec("secret_key", path="secretKey", priority=0),
    FieldSpec("session_token", path="sessionToken", priority=0),
    FieldSpec("endpoint"),
    FieldSpec("session_name", path="sessionName"),
)


class Placed(Named, Protocol):
    """A thing whose id is unique in its data center only."""

    @property
    def data_center_id(self) -> str | None:
        """Where it is."""


X = TypeVar("X", bound=Placed)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "bucket", "Buckets of the object storage; S3 programs make them.")

    examples: tuple[str, ...] = ("bucket list -p research", "bucket list -p research -o json")
    verb = add_verb(verbs, "list", bucket_list, examples=examples, aliases=["ls"])
    output_options(verb, FIELDS, rows=True)

    examples = ("bucket get results -p research",)
    verb = add_verb(verbs, "get", bucket_get, examples=examples, aliases=["show"])
    argument(verb, "id", source="buckets", field="id", metavar="<bucket-id>")
    place_option(verb)
    output_options(verb, FIELDS)

    examples = ("bucket session-key --data-center no-luster-1 -o json",)
    verb = add_verb(verbs, "session-key", session_key, examples=examples)
    data_center_option(verb, help="where the buckets are")
    show_option(verb, "keys")
    output_options(verb, SESSION_FIELDS)
    return parser


def place_option(parser: ArgumentParser) -> None:
    """Add where a bucket or user is: its id is unique in a data center only."""
    argument(
        parser,
        "--data-center",
        source="data_centers",
        field="dataCenterId",
        metavar="<data-center-id>",
        help="needed where the id is in several",
    )


def only(wanted: str, things: Sequence[X], label: str, noun: str) -> X:
    """Return the thing with an id that only one data center has.

    Raises: NotFoundError; ConflictError if there are several.
    """
    what = f"{label} '{wanted}'"
    thing = found(wanted, things, what, f"{noun} list")
    places = sorted(str(each.data_center_id) for each in things if each.id == wanted)
    if len(places) > 1:
        raise ConflictError(f"{what} is in several data centers.", f"Add --data-center: {', '.join(places)}")
    return thing


def bucket_list(work: "Workspace", args: Namespace) -> None:
    """List the buckets of the project."""
    work.show_list(
        work.session.object_storage.search_object_storage_buckets(work.project), FIELDS, args, kind="buckets"
    )


def bucket_get(work: "Workspace", args: Namespace) -> None:
    """Show one bucket: its size, and where S3 programs find it."""
    work.show(work.call(_get(work, args)), FIELDS, args)


async def _get(work: "Workspace", args: Namespace) -> "ObjectStorageBucket":
    storage = work.session.object_storage
    if args.data_center:
        return await storage.get_object_storage_bucket(work.project, args.data_center, args.id)
    return only(args.id, await storage.list_object_storage_buckets(work.project), "Bucket", "bucket")


def session_key(work: "Workspace", args: Namespace) -> None:
    """Get S3 keys that are valid for a while and print them: into a pipe or a file, or with --show."""
    demand_reader(work, args, "session key")
    storage = work.session.object_storage
    keys = work.call(storage.get_object_storage_session_key(work.project, args.data_center))
    show_with_secrets(work, keys, SESSION_FIELDS, args)
