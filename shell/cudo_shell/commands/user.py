"""Your own account on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, confirm_option, noun_parser, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, path="email_address", priority=0),
    FieldSpec("first_name"),
    FieldSpec("last_name"),
    FieldSpec("picture", priority=2),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "user", "Your own account; see also: whoami.")

    examples = ("user get", "user get -o json")
    verb = add_verb(verbs, "get", user_get, examples=examples, aliases=["show"], in_project=False)
    output_options(verb, FIELDS)

    examples = ("user get", "user delete --confirm kim@example.com")
    verb = add_verb(verbs, "delete", user_delete, examples=examples, in_project=False)
    confirm_option(verb, "EMAIL")
    return parser


def user_get(work: "Workspace", args: Namespace) -> None:
    """Show the account that the API key belongs to."""
    work.show(work.call(work.session.users.get_current_user()), FIELDS, args)


def user_delete(work: "Workspace", args: Namespace) -> None:
    """Delete your own account for good; you have to type its address."""
    users = work.session.users
    email = work.call(users.get_current_user()).email_address or "this user"  # never nothing to type
    work.confirm_typed(
        f"Delete the account of {email} at {work.session.origin} for good, with all its API keys and roles? "
        "There is no way back.",
        email,
        args,
    )
    work.call(users.delete_current_user())
    work.say(f"The account of {email} is deleted.")
