"""Projects on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import (
    add_verb,
    argument,
    if_exists_option,
    noun_parser,
    output_options,
    yes_option,
)
from cudo_shell.commands.flows import GONE, destroy
from cudo_shell.commands.permissions import PERMISSION_FIELDS, role_options
from cudo_shell.commands.several import several_ids
from cudo_shell.commands.values import new_id
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import COUNT, ID

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("billing_account", path="billing_account_id", priority=2),
    FieldSpec("resources", COUNT, path="resource_count"),
    FieldSpec("created_by", path="create_by", priority=3),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "project", "Projects and who may use them.")

    examples = ("project list", "project list -o json")
    verb = add_verb(verbs, "list", project_list, examples=examples, aliases=["ls"], in_project=False)
    output_options(verb, FIELDS, rows=True)

    verb = add_verb(verbs, "use", project_use, examples=("project use research",), in_project=False)
    _project(verb)

    verb = add_verb(
        verbs, "get", project_get, examples=("project get demo",), aliases=["show"], in_project=False
    )
    _project(verb)
    output_options(verb, FIELDS)

    create = "project create lab --billing-account demo-billing"
    verb = add_verb(verbs, "create", project_create, examples=(create,), in_project=False)
    argument(
        verb,
        "id",
        type=new_id,
        creates="projects",
        field="id",
        metavar="<project-id>",
        help="the id of the new project",
    )
    _account(verb, required=False)
    output_options(verb, FIELDS)

    update = "project update research --billing-account demo-billing"
    verb = add_verb(verbs, "update", project_update, examples=(update,), in_project=False)
    _project(verb)
    _account(verb)
    output_options(verb, FIELDS)

    delete = (create, "project delete lab --yes")
    verb = add_verb(verbs, "delete", project_delete, examples=delete, aliases=["rm"], in_project=False)
    several_ids(verb, FIELDS, source="projects", metavar="<project-id>", asks=True)
    yes_option(verb)
    if_exists_option(verb)
    output_options(verb, GONE)

    _add_permissions(verbs)
    return parser


def _add_permissions(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "permission-list",
        permission_list,
        examples=("project permission-list demo",),
        in_project=False,
    )
    _project(verb)
    output_options(verb, PERMISSION_FIELDS, rows=True)

    add = "project permission-add demo --user sam@example.com --role editor"
    verb = add_verb(verbs, "permission-add", permission_add, examples=(add,), in_project=False)
    _permission(verb)
    remove = "project permission-remove demo --user vera@example.com --role viewer --yes"
    verb = add_verb(verbs, "permission-remove", permission_remove, examples=(remove,), in_project=False)
    _permission(verb)
    yes_option(verb)


def _project(parser: ArgumentParser) -> None:
    argument(parser, "id", source="projects", field="id", metavar="<project-id>")


def _account(parser: ArgumentParser, *, required: bool = True) -> None:
    argument(
        parser,
        "--billing-account",
        source="billing_accounts",
        required=required,
        field="billingAccountId",
        metavar="<billing-account-id>",
        help="who pays" if required else "who pays; else CUDO_BILLING_ACCOUNT_ID, or that of the context",
    )


def _permission(parser: ArgumentParser) -> None:
    _project(parser)
    role_options(parser)


def project_list(work: "Workspace", args: Namespace) -> None:
    """List the projects that you can see."""
    work.show_list(work.session.projects.search_projects(), FIELDS, args, kind="projects")


def project_use(work: "Workspace", args: Namespace) -> None:
    """Make a project the one that the next commands are about."""
    work.call(work.session.projects.get_project(args.id))
    work.use_project(args.id)
    work.say(f"Project '{args.id}' is in use.")


def project_get(work: "Workspace", args: Namespace) -> None:
    """Show one project."""
    work.show(work.call(work.session.projects.get_project(args.id)), FIELDS, args)


def project_create(work: "Workspace", args: Namespace) -> None:
    """Create a project."""
    account = args.billing_account or work.billing_account
    project = work.call(work.session.projects.create_project(args.id, account))
    work.wrote("projects")
    work.say(f"Project '{args.id}' created.")
    work.show(project, FIELDS, args)


def project_update(work: "Workspace", args: Namespace) -> None:
    """Change who pays for a project."""
    project = work.call(work.session.projects.update_project(args.id, args.billing_account))
    work.wrote("projects")
    work.done(f"Project '{args.id}' is paid by '{args.billing_account}'.", project, FIELDS, args)


def project_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a project that has no resources."""
    projects = work.session.projects
    destroy(
        work,
        args,
        f"project '{args.id}'",
        get=lambda: projects.get_project(args.id),
        delete=lambda: projects.delete_project(args.id),
        kinds=("projects",),
        is_in_project=False,
    )


def permission_list(work: "Workspace", args: Namespace) -> None:
    """List who may use a project."""
    work.show_list(work.session.projects.search_project_permissions(args.id), PERMISSION_FIELDS, args)


def permission_add(work: "Workspace", args: Namespace) -> None:
    """Let a user use a project."""
    work.call(work.session.projects.add_project_permission(args.id, args.role, user_email=args.user))
    work.say(f"'{args.user}' is {args.role.lower()} of project '{args.id}'.")


def permission_remove(work: "Workspace", args: Namespace) -> None:
    """Take a user's role in a project away."""
    work.confirm(f"Take the role {args.role.lower()} of project '{args.id}' from '{args.user}'?", args)
    work.call(work.session.projects.remove_project_permission(args.id, args.role, user_email=args.user))
    work.say(f"'{args.user}' is no longer {args.role.lower()} of project '{args.id}'.")
