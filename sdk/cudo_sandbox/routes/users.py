"""The current user."""

from cudo_sandbox.access import members_of
from cudo_sandbox.problems import wrong_state
from cudo_sandbox.projects import resource_count
from cudo_sandbox.router import Call, Reply, Route


def get_current_user(call: Call) -> Reply:
    return call.tx.get("user", "", call.user).body


def delete_current_user(call: Call) -> Reply:
    """Refused while a project that the user owns has resources."""
    for project in call.tx.all("project"):
        role = call.tx.find("permission", members_of("project", project.id), call.user)
        if role and role.body["permissionRole"] == "OWNER" and resource_count(call.tx, project.id):
            raise wrong_state(f"user '{call.user}' still has resources in project '{project.id}'")
    call.tx.remove(call.tx.get("user", "", call.user))
    return {}


ROUTES = (
    Route("GET", "/v1/auth", get_current_user),
    Route("DELETE", "/v1/auth", delete_current_user),
)
