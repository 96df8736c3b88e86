"""The word `whoami`, the same as `auth status`: who you are, and where commands go."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import examples_text, finish, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, duration, rfc3339

if TYPE_CHECKING:
    from cudo_sdk.auth.tokens import TokenSet
    from cudo_shell.contexts import Context
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID),
    FieldSpec("first_name", path="firstName"),
    FieldSpec("last_name", path="lastName"),
    FieldSpec("context"),
    FieldSpec("api_url", path="apiUrl"),
    FieldSpec("login"),
    FieldSpec("key_from", path="keyFrom"),
    FieldSpec("store"),
    FieldSpec("expires"),
    FieldSpec("shadowed"),
    FieldSpec("project"),
    FieldSpec("project_from", path="projectFrom"),
)
EXAMPLES = ("whoami", "whoami -o json")
PATIENCE = 10.0  # seconds for the API to say whose key it is


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser = cls(
        prog="whoami",
        description="Show who you are, where commands go, and which login they use.",
        epilog=examples_text(EXAMPLES),
    )
    fill_status(parser)
    finish(parser, whoami, EXAMPLES)
    return parser


def fill_status(parser: ArgumentParser) -> None:
    """Add the options of a status."""
    output_options(parser, FIELDS)


def whoami(work: "Workspace", args: Namespace) -> None:
    """Show who you are, where commands go, and which login they use."""
    context = work.target.context
    if context is not None and context.auth == "oidc":
        who = _persona(work, context)
    else:
        who = _owner_of_key(work) | _store_of_key(work, context)
    work.show(who | _place(work), FIELDS, args)


def _place(work: "Workspace") -> dict[str, Any]:
    target = work.target
    return {
        "context": target.name,
        "apiUrl": target.api_url or str(work.session.origin),
        "keyFrom": target.source,
        "shadowed": list(target.shadowed) or None,
        "project": work.settings["project"] or None,
        "projectFrom": work.settings.origin("project"),
    }


def _owner_of_key(work: "Workspace") -> dict[str, Any]:
    """Ask the API whose key it is; without a network, nobody knows."""
    from cudo_sdk.errors import ConnectionFailed, Internal, Unavailable

    session = work.session.with_options(timeout=PATIENCE, max_retries=1)
    try:
        profile: dict[str, Any] = work.call(session.users.get_current_user()).to_api()
    except (ConnectionFailed, Internal, Unavailable) as error:
        work.say(f"Who you are could not be checked: {error}")
        return {"id": None}
    return profile | {"id": profile.get("emailAddress")}


def _store_of_key(work: "Workspace", context: "Context | None") -> dict[str, Any]:
    if context is None:
        return {"login": "sandbox" if work.target.kind == "sandbox" else "API key", "store": None}
    from cudo_shell.login import tell_notes, vault_of

    vault = vault_of(context, work.settings)
    tell_notes(work, vault)
    return {"login": "API key", "store": vault.store.describe()}


def _persona(work: "Workspace", context: "Context") -> dict[str, Any]:
    """Say who logged in, from the record alone: nothing is sent. Raises: LoginRequired."""
    from cudo_sdk.auth.login_server import host_of
    from cudo_shell.login import stored_login, tell_notes, vault_of

    vault = vault_of(context, work.settings)
    tokens = stored_login(vault)
    tell_notes(work, vault)
    return {
        "id": str(tokens.persona),
        "subject": tokens.persona.sub,
        "name": tokens.persona.name or None,
        "emailAddress": tokens.persona.email or None,
        "login": f"OpenID Connect at {host_of(tokens.issuer)}",
        "store": vault.store.describe(),
        "expiresAt": rfc3339(datetime.fromtimestamp(tokens.expires_at, UTC)),
        "expires": _left(tokens),
    }


def _left(tokens: "TokenSet") -> str:
    now = datetime.now(UTC).timestamp()
    if tokens.is_usable(now):
        return f"in {duration(tokens.expires_at - now)}"
    return "over, the next command renews it" if tokens.refresh_token else "over"
