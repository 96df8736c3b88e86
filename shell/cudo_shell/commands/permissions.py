"""Who may do what, in a project or a billing account."""

from argparse import ArgumentParser

from cudo_shell.commands.base import argument
from cudo_shell.commands.values import choice
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID

PERMISSION_FIELDS = (
    FieldSpec("user", ID, path="user_email", priority=0),
    FieldSpec("role", path="permission_role"),
    FieldSpec("user_id", priority=2),
)

role = choice("", "OWNER", "EDITOR", "VIEWER")


def role_options(parser: ArgumentParser) -> None:
    """Add the user and the role of a permission."""
    argument(parser, "--user", required=True, field="userEmail", metavar="EMAIL", help="whose it is")
    argument(
        parser,
        "--role",
        type=role,
        required=True,
        field="permissionRole",
        metavar="owner|editor|viewer",
        help="what the user may do",
    )
