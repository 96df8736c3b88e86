"""The current user."""

from cudo_sandbox.access import role_in
from cudo_sandbox.payments import open_invoices
from cudo_sandbox.problems import wrong_state
from cudo_sandbox.projects import resource_count
from cudo_sandbox.router import Call, Reply, Route


def get_current_user(call: Call) -> Reply:
    return call.tx.get("user", "", call.user).body


def delete_current_user(call: Call) -> Reply:
    """Refused while the user owns a project with resources or a billing account with open invoices."""
    for project in call.tx.all("project"):
        is_owner = role_in(call.tx, call.user, "project", project.id) == "OWNER"
        if is_owner and resource_count(call.tx, project.id):
            raise wrong_state(f"user '{call.user}' still has resources in project '{project.id}'")
    for account in call.tx.all("billing_account"):
        is_owner = role_in(call.tx, call.user, "billing_account", account.id) == "OWNER"
        if is_owner and open_invoices(call.tx, account.id):
            raise wrong_state(f"user '{call.user}' still has open invoices in billing account '{account.id}'")
    call.tx.remove(call.tx.get("user", "", call.user))
    return {}


ROUTES = (
    Route("GET", "/v1/auth", get_current_user),
    Route("DELETE", "/v1/auth", delete_current_user),
)
