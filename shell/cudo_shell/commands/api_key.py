"""API keys on the command line."""

import argparse
import re
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
from cudo_shell.commands.secret_output import demand_reader, show_option, show_with_secrets
from cudo_shell.commands.several import several_ids
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, TIME

if TYPE_CHECKING:
    from cudo_sdk.functions.api_keys import APIKey
    from cudo_shell.workspace import Workspace

FIELDS = (FieldSpec("id", ID, priority=0), FieldSpec("created", TIME, path="create_time"))
CREATED_FIELDS = (FieldSpec("id", ID, priority=0), FieldSpec("key", priority=0))

_ID = re.compile(r"[a-z0-9-]{4,63}")


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "api-key", "API keys: what programs prove themselves with.")

    examples: tuple[str, ...] = ("api-key list", "api-key list -q")
    verb = add_verb(verbs, "list", key_list, examples=examples, aliases=["ls"], in_project=False)
    output_options(verb, FIELDS, rows=True)

    create = "api-key create ci-runner --show"
    examples = (create, "api-key get ci-runner")
    verb = add_verb(verbs, "get", key_get, examples=examples, aliases=["show"], in_project=False)
    _key(verb)
    output_options(verb, FIELDS)

    examples = (create, "api-key create backup-job --columns key -o tsv --no-headers")
    verb = add_verb(verbs, "create", key_create, examples=examples, in_project=False)
    argument(
        verb,
        "id",
        type=api_key_id,
        creates="api_keys",
        field="apikeyId",
        metavar="<api-key-id>",
        help="the id of the new key",
    )
    show_option(verb, "key")
    output_options(verb, CREATED_FIELDS)

    examples = (create, "api-key delete ci-runner --yes")
    verb = add_verb(verbs, "delete", key_delete, examples=examples, aliases=["rm"], in_project=False)
    several_ids(verb, FIELDS, source="api_keys", metavar="<api-key-id>", field="name", asks=True)
    yes_option(verb)
    if_exists_option(verb)
    output_options(verb, GONE)
    return parser


def api_key_id(text: str) -> str:
    """Check an id before a key is made."""
    if not _ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"'{text}' cannot be an id: use 4 to 63 of a-z, 0-9 and -")
    return text


def _key(parser: ArgumentParser) -> None:
    argument(parser, "id", source="api_keys", field="name", metavar="<api-key-id>")


def key_list(work: "Workspace", args: Namespace) -> None:
    """List your API keys; the keys themselves are shown by nothing any more."""
    work.show_list(work.session.api_keys.search_api_keys(), FIELDS, args, kind="api_keys")


def key_get(work: "Workspace", args: Namespace) -> None:
    """Show when an API key was made."""
    work.show(work.call(_get(work, args.id)), FIELDS, args)


def key_create(work: "Workspace", args: Namespace) -> None:
    """Create an API key and print it, this once: into a pipe or a file, or with --show."""
    demand_reader(work, args, "key")
    key = work.call(work.session.api_keys.create_api_key(args.id))
    work.wrote("api_keys")
    work.say(f"API key '{args.id}' created. Keep it: it is not shown again.")
    show_with_secrets(work, key, CREATED_FIELDS, args)


def key_delete(work: "Workspace", args: Namespace) -> None:
    """Delete an API key; what uses it is refused from then on."""
    destroy(
        work,
        args,
        f"API key '{args.id}'",
        get=lambda: _get(work, args.id),
        delete=lambda: work.session.api_keys.delete_api_key(args.id),
        kinds=("api_keys",),
        is_in_project=False,
    )


async def _get(work: "Workspace", key_id: str) -> "APIKey":
    """Find a key in the list: the API has no other way."""
    return found(key_id, await work.session.api_keys.list_api_keys(), f"API key '{key_id}'", "api-key list")
