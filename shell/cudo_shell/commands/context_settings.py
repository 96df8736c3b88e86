"""What a context can hold, as options of the commands that make and change one."""

import shlex
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import argument
from cudo_shell.contexts import Context
from cudo_shell.exits import UsageError
from cudo_shell.output.formats import FORMATS
from cudo_shell.targets import DEFAULT_URL

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


def settings_options(parser: ArgumentParser) -> None:
    """Add what a context can hold; an empty value takes a setting away."""
    group = parser.add_argument_group(
        "settings", "Kept in config.yaml, which this rewrites: comments in it are lost. '' takes one away."
    )
    group.add_argument("--api-url", metavar="URL", help=f"the API ({DEFAULT_URL} if not given)")
    argument(
        group,
        "--project",
        dest="context_project",  # else the command itself would work there
        source="projects",
        metavar="<project-id>",
        help="the project to work in",
    )
    argument(
        group,
        "--billing-account",
        source="billing_accounts",
        metavar="<billing-account-id>",
        help="who pays for projects",
    )
    group.add_argument(
        "--default-output", choices=("", *FORMATS), metavar="FORMAT", help="how results are shown there"
    )
    group.add_argument(
        "--protected", action=BooleanOptionalAction, help="ask for its name before anything is changed"
    )
    group.add_argument(
        "--issuer", metavar="URL", help="an OpenID provider to log in at, instead of an API key"
    )
    group.add_argument("--client-id", metavar="ID", help="what the provider knows this program as")
    group.add_argument("--scopes", metavar="'A B'", help="what to ask the provider for")
    group.add_argument("--audience", metavar="NAME", help="whom the tokens are for, if the provider wants it")
    group.add_argument("--ca-bundle", metavar="FILE", help="certificates to trust besides the system's")
    stores = ("file", "keyring", "command", "memory")
    argument(
        group, "--store", values=stores, metavar="NAME", help=f"where the login is kept: {', '.join(stores)}"
    )
    group.add_argument(
        "--store-command", metavar="'PROGRAM ARGS'", help="what `--store command` runs, by its absolute path"
    )


_GIVEN = {
    "api_url": "api_url",
    "project": "context_project",
    "billing_account": "billing_account",
    "output": "default_output",
    "protected": "protected",
    "issuer": "issuer",
    "client_id": "client_id",
    "audience": "audience",
    "ca_bundle": "ca_bundle",
    "store": "store",
}


def changed(context: Context, args: Namespace) -> Context:
    """A context with what the words of a command say of it. Raises: UsageError for what cannot be."""
    options = {name: getattr(args, dest) for name, dest in _GIVEN.items()}
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if args.scopes is not None:
        given["scopes"] = tuple(args.scopes.split())
    if args.store_command is not None:
        rest = {name: value for name, value in context.store_options.items() if name != "command"}
        words = _words(args.store_command)
        given["store_options"] = {**rest, "command": words} if words else rest
    context = context._replace(**given)
    if bool(context.issuer) != bool(context.client_id):
        raise UsageError("A login server needs both --issuer and --client-id.")
    return context._replace(
        auth="oidc" if context.issuer else "api_key",
        api_url=context.api_url or DEFAULT_URL,
        store=context.store or "file",
    )


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:
        raise UsageError("--store-command: a quote is not closed.") from None


def demand_unlocked(work: "Workspace", args: Namespace) -> None:
    """Refuse to name a program or a file that a locked shell must not use. Raises: RefusedError."""
    if args.store == "command" or args.store_command:
        work.lock.refuse("no context may name a program")
    if args.ca_bundle:
        work.lock.reached(args.ca_bundle)


def check(work: "Workspace", context: Context) -> None:
    """Refuse what no login could use, before it is written. Raises: CudoError."""
    from cudo_sdk.auth.discovery import document_url
    from cudo_sdk.auth.origin import Origin
    from cudo_sdk.auth.vault import open_vault
    from cudo_sdk.client import ssl_context
    from cudo_shell.directories import state_dir

    Origin.of(context.api_url)
    if context.ca_bundle:
        ssl_context(context.ca_bundle)
    settings = context.settings()
    if settings.uses_issuer:
        document_url(settings)
    open_vault(settings, state_dir(work.settings["state_dir"]))
