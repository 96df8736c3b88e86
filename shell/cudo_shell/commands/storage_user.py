"""Users of the object storage and their S3 keys on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import (
    add_verb,
    argument,
    data_center_option,
    if_exists_option,
    noun_parser,
    output_options,
    yes_option,
)
from cudo_shell.commands.bucket import only, place_option
from cudo_shell.commands.flows import GONE, destroy
from cudo_shell.commands.secret_output import demand_reader, is_shown, show_option, show_with_secrets
from cudo_shell.commands.several import several_ids
from cudo_shell.commands.values import new_id
from cudo_shell.exits import NotFoundError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, LIST, TIME

if TYPE_CHECKING:
    from cudo_sdk.functions.object_storage import ObjectStorageUser
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("data_center", path="data_center_id"),
    FieldSpec("access_keys", LIST, path="keys.access_key"),
    FieldSpec("created", TIME, path="create_time", priority=2),
    FieldSpec("created_by", path="create_by", priority=3),
    FieldSpec("project", path="project_id", listed=False),
)
SECRET_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("data_center", path="dataCenterId"),
    FieldSpec("access_keys", LIST, path="keys.accessKey"),
    FieldSpec("secret_keys", LIST, path="keys.secretKey"),
    FieldSpec("created", path="createTime"),
    FieldSpec("created_by", path="createBy"),
)
KEY_FIELDS = (
    FieldSpec("access_key", ID, path="accessKey", priority=0),
    FieldSpec("secret_key", path="secretKey", priority=0),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "storage-user", "Users of the object storage, and their S3 keys.")

    examples: tuple[str, ...] = ("storage-user list", "storage-user list -o csv")
    verb = add_verb(verbs, "list", user_list, examples=examples, aliases=["ls"])
    output_options(verb, FIELDS, rows=True)

    create = "storage-user create app-1 --data-center no-luster-1"
    examples = (create, "storage-user get app-1 --show")
    verb = add_verb(verbs, "get", user_get, examples=examples, aliases=["show"])
    _user(verb)
    show_option(verb, "secret keys")
    output_options(verb, SECRET_FIELDS)

    verb = add_verb(verbs, "create", user_create, examples=(create,))
    argument(
        verb,
        "id",
        type=new_id,
        creates="storage_users",
        field="id",
        metavar="<storage-user-id>",
        help="the id of the new user",
    )
    data_center_option(verb)
    output_options(verb, FIELDS)

    examples = (create, "storage-user delete app-1 --yes")
    verb = add_verb(verbs, "delete", user_delete, examples=examples, aliases=["rm"])
    several_ids(verb, FIELDS, source="storage_users", metavar="<storage-user-id>", asks=True)
    place_option(verb)
    yes_option(verb)
    if_exists_option(verb)
    output_options(verb, GONE)

    examples = (create, "storage-user key-create app-1 -o json")
    verb = add_verb(verbs, "key-create", key_create, examples=examples)
    _user(verb)
    show_option(verb, "secret key")
    output_options(verb, KEY_FIELDS)

    examples = (create, "storage-user key-delete app-1 5A0E41C9D2B7F3886A4D --yes")
    verb = add_verb(verbs, "key-delete", key_delete, examples=examples)
    _user(verb)
    argument(verb, "access_key", field="accessKey", metavar="<access-key>", help="see: storage-user get")
    yes_option(verb)
    return parser


def _user(parser: ArgumentParser) -> None:
    argument(parser, "id", source="storage_users", field="id", metavar="<storage-user-id>")
    place_option(parser)


def user_list(work: "Workspace", args: Namespace) -> None:
    """List the users of the project's buckets."""
    users = work.session.object_storage.search_object_storage_users(work.project)
    work.show_list(users, FIELDS, args, kind="storage_users")


def user_get(work: "Workspace", args: Namespace) -> None:
    """Show one user; its secret keys go into a pipe or a file, or are printed with --show."""
    user = work.call(_get(work, args))
    show_with_secrets(work, user, SECRET_FIELDS, args)
    if not is_shown(work, args):
        work.say("The secret keys open the buckets for whoever has them. Print them with --show.")


def user_create(work: "Workspace", args: Namespace) -> None:
    """Create a user for the buckets in a data center, with a first pair of keys."""
    storage = work.session.object_storage
    user = work.call(storage.create_object_storage_user(work.project, args.data_center, args.id))
    work.wrote("storage_users")
    work.say(f"Storage user '{args.id}' created. Its keys: storage-user get {args.id} --show")
    work.show(user, FIELDS, args)


def user_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a user with its keys; what uses them is refused from then on."""
    destroy(
        work,
        args,
        f"storage user '{args.id}'",
        get=lambda: _get(work, args),
        delete=lambda: _delete(work, args),
        kinds=("storage_users",),
        loss=" and its keys",
    )


def key_create(work: "Workspace", args: Namespace) -> None:
    """Give a user one more pair of keys and print it: into a pipe or a file, or with --show."""
    demand_reader(work, args, "secret key")
    storage = work.session.object_storage
    place = _place(work, args)
    key = work.call(storage.create_object_storage_key(work.project, place, args.id))
    work.say(f"Key '{key.access_key}' of storage user '{args.id}' created.")
    show_with_secrets(work, key, KEY_FIELDS, args)


def key_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a pair of keys; what uses it is refused from then on."""
    storage = work.session.object_storage
    user = work.call(_get(work, args))
    what = f"key '{args.access_key}' of storage user '{args.id}'"
    if args.access_key not in {key.access_key for key in user.keys}:
        raise NotFoundError(f"There is no {what}.", f"See: storage-user get {args.id}")
    work.confirm(f"Delete {what} in project '{work.project}'? What uses it is refused from then on.", args)
    place = str(user.data_center_id)
    work.call(storage.delete_object_storage_key(work.project, place, args.id, args.access_key))
    work.say(f"Deleted: {what}.")


def _place(work: "Workspace", args: Namespace) -> str:
    return args.data_center or str(work.call(_get(work, args)).data_center_id)


async def _get(work: "Workspace", args: Namespace) -> "ObjectStorageUser":
    storage = work.session.object_storage
    if args.data_center:
        return await storage.get_object_storage_user(work.project, args.data_center, args.id)
    users = await storage.list_object_storage_users(work.project)
    return only(args.id, users, "Storage user", "storage-user")


async def _delete(work: "Workspace", args: Namespace) -> None:
    place = str((await _get(work, args)).data_center_id)
    await work.session.object_storage.delete_object_storage_user(work.project, place, args.id)
