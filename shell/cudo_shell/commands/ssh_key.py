"""SSH keys on the command line."""

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
from cudo_shell.commands.flows import GONE, destroy
from cudo_shell.commands.several import several_ids
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, TIME

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("type", priority=2),
    FieldSpec("comment"),
    FieldSpec("fingerprint", priority=3),
    FieldSpec("created", TIME, path="create_time", priority=4),
    FieldSpec("public_key", listed=False),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "ssh-key", "SSH keys, yours and those of a project.")

    examples = ("ssh-key list", "ssh-key list --of-project")
    verb = add_verb(verbs, "list", key_list, examples=examples, aliases=["ls"])
    verb.add_argument("--of-project", action="store_true", help="the keys of everybody in the project")
    output_options(verb, FIELDS, rows=True)

    verb = add_verb(
        verbs,
        "get",
        key_get,
        examples=("ssh-key get 6b1912999076d5ce2265e3b7",),
        aliases=["show"],
        in_project=False,
    )
    argument(verb, "id", source="ssh_keys", field="id", metavar="<ssh-key-id>")
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs, "create", key_create, examples=("ssh-key create @id_ed25519.pub",), in_project=False
    )
    argument(
        verb,
        "public_key",
        field="publicKey",
        metavar="KEY|@FILE",
        help="a public key, or the file that holds it",
    )
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs,
        "delete",
        key_delete,
        examples=("ssh-key delete 6b1912999076d5ce2265e3b7 --yes",),
        aliases=["rm"],
        in_project=False,
    )
    several_ids(verb, FIELDS, source="ssh_keys", metavar="<ssh-key-id>", asks=True)
    yes_option(verb)
    if_exists_option(verb)
    output_options(verb, GONE)
    return parser


def key_list(work: "Workspace", args: Namespace) -> None:
    """List your SSH keys."""
    keys = work.session.ssh_keys
    work.show_list(
        keys.search_project_ssh_keys(work.project) if args.of_project else keys.search_ssh_keys(),
        FIELDS,
        args,
        kind="" if args.of_project else "ssh_keys",  # only one's own can be named
    )


def key_get(work: "Workspace", args: Namespace) -> None:
    """Show one SSH key."""
    work.show(work.call(work.session.ssh_keys.get_ssh_key(args.id)), FIELDS, args)


def key_create(work: "Workspace", args: Namespace) -> None:
    """Add a public key to your SSH keys."""
    key = work.call(work.session.ssh_keys.create_ssh_key(work.read_text(args.public_key).strip()))
    work.wrote("ssh_keys")
    work.say(f"SSH key '{key.id}' created.")
    work.show(key, FIELDS, args)


def key_delete(work: "Workspace", args: Namespace) -> None:
    """Delete one of your SSH keys; VMs that have it keep it."""
    keys = work.session.ssh_keys
    destroy(
        work,
        args,
        f"SSH key '{args.id}'",
        get=lambda: keys.get_ssh_key(args.id),
        delete=lambda: keys.delete_ssh_key(args.id),
        kinds=("ssh_keys",),
        is_in_project=False,
    )
