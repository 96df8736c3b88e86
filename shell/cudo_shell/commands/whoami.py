"""The word `whoami`: who you are, and where commands go."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import examples_text, finish, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, path="emailAddress"),
    FieldSpec("first_name", path="firstName"),
    FieldSpec("last_name", path="lastName"),
    FieldSpec("context"),
    FieldSpec("api_url", path="apiUrl"),
    FieldSpec("key_from", path="keyFrom"),
    FieldSpec("project"),
    FieldSpec("project_from", path="projectFrom"),
)
EXAMPLES = ("whoami", "whoami -o json")


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser = cls(
        prog="whoami",
        description="Show who you are, and where commands go.",
        epilog=examples_text(EXAMPLES),
    )
    output_options(parser, FIELDS)
    finish(parser, whoami, EXAMPLES)
    return parser


def whoami(work: "Workspace", args: Namespace) -> None:
    """Show who you are, and where commands go."""
    profile: dict[str, Any] = work.call(work.session.users.get_current_user()).to_api()
    credential = work.session.credential
    where = {
        "context": work.context,
        "apiUrl": str(work.session.origin),
        "keyFrom": "sandbox" if work.context == "sandbox" else credential.source if credential else None,
        "project": work.settings["project"] or None,
        "projectFrom": work.settings.origin("project"),
    }
    work.show(profile | where, FIELDS, args)
