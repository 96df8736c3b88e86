"""Projects and who may use them."""

from cudo_sandbox import permissions
from cudo_sandbox.access import Access, demand_role, members_of, role_in
from cudo_sandbox.fields import Fields, filled, integer, resource_id, text
from cudo_sandbox.paging import TOKEN, token_page
from cudo_sandbox.problems import already_exists, wrong_state
from cudo_sandbox.projects import project_json, resource_count
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import Resource

_IGNORED = {"createBy": text, "resourceCount": integer()}
_CREATE = Fields(required={"id": resource_id, "billingAccountId": filled}, ignored=_IGNORED)
_UPDATE = Fields(required={"billingAccountId": filled}, ignored=_IGNORED)


def list_projects(call: Call) -> Reply:
    """Only those in which the user has a role."""
    mine = [each for each in call.tx.all("project") if role_in(call.tx, call.user, "project", each.id)]
    return token_page([project_json(call.tx, each) for each in mine], call.query, "projects")


def get_project(call: Call) -> Reply:
    return project_json(call.tx, call.tx.get("project", "", call.id))


def create_project(call: Call) -> Reply:
    name = call.body["id"]
    if call.tx.find("project", "", name):
        raise already_exists("project", name)
    _check_billing_account(call)
    project = Resource("project", "", name, {**call.body, "createBy": call.user})
    call.tx.save(project)
    call.tx.save(permissions.permission(call.tx, members_of("project", name), call.user, "OWNER"))
    return project_json(call.tx, project)


def update_project(call: Call) -> Reply:
    _check_billing_account(call)
    project = call.tx.get("project", "", call.id)
    project.body.update(call.body)
    call.tx.save(project)
    return project_json(call.tx, project)


def delete_project(call: Call) -> Reply:
    if resource_count(call.tx, call.id):
        raise wrong_state(f"project '{call.id}' is not empty")
    for member in call.tx.all("permission", members_of("project", call.id)):
        call.tx.remove(member)
    call.tx.remove(call.tx.get("project", "", call.id))
    return {}


def list_permissions(call: Call) -> Reply:
    return permissions.listed(call, "project")


def add_permission(call: Call) -> Reply:
    return permissions.add(call, "project")


def remove_permission(call: Call) -> Reply:
    return permissions.remove(call, "project")


def _check_billing_account(call: Call) -> None:
    demand_role(call.tx, call.user, "billing_account", call.body["billingAccountId"], ("OWNER", "EDITOR"))


_READ, _OWN = Access.ONE_PROJECT_READ, Access.ONE_PROJECT_OWN

ROUTES = (
    Route("GET", "/v1/projects", list_projects, query=TOKEN),
    Route("POST", "/v1/projects", create_project, body=_CREATE),
    Route("GET", "/v1/projects/{id}:list-permissions", list_permissions, _READ),
    Route("POST", "/v1/projects/{id}:add-permission", add_permission, _OWN, body=permissions.BODY),
    Route("POST", "/v1/projects/{id}:remove-permission", remove_permission, _OWN, body=permissions.BODY),
    Route("GET", "/v1/projects/{id}", get_project, _READ),
    Route("PATCH", "/v1/projects/{id}", update_project, _OWN, body=_UPDATE),
    Route("DELETE", "/v1/projects/{id}", delete_project, _OWN),
)
