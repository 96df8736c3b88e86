"""Who may use a project or a billing account, and with which role."""

from cudo_sandbox.access import members_of
from cudo_sandbox.fields import Fields, filled, one_of, text
from cudo_sandbox.problems import Json, already_exists, invalid, not_found, noun_of, wrong_state
from cudo_sandbox.router import Call
from cudo_sandbox.store import Resource, Transaction

BODY = Fields(
    required={"permissionRole": one_of("OWNER", "VIEWER", "EDITOR")},
    optional={"userEmail": filled, "userId": filled},
    ignored={"role": text, "userPicture": text},
)


def permission(tx: Transaction, scope: str, email: str, role: str) -> Resource:
    """The role of a user, who must exist."""
    user = tx.get("user", "", email)
    body = {
        "userEmail": email,
        "userId": user.hidden["id"],
        "userPicture": user.body["picture"],
        "permissionRole": role,
        "role": role.lower(),
    }
    return Resource("permission", scope, email, body)


def listed(call: Call, kind: str) -> Json:
    return {"permissions": [each.body for each in call.tx.all("permission", members_of(kind, call.id))]}


def add(call: Call, kind: str) -> Json:
    """Give the user of the body a role; another role is replaced."""
    scope, email = members_of(kind, call.id), _email(call)
    known = call.tx.find("permission", scope, email)
    if known and known.body["permissionRole"] == call.body["permissionRole"]:
        raise already_exists("permission", email)
    call.tx.save(permission(call.tx, scope, email, call.body["permissionRole"]))
    return {}


def remove(call: Call, kind: str) -> Json:
    """Take the role away; the last owner stays."""
    scope, email = members_of(kind, call.id), _email(call)
    known = call.tx.find("permission", scope, email)
    if known is None or known.body["permissionRole"] != call.body["permissionRole"]:
        raise not_found("permission", email)
    owners = [each.id for each in call.tx.all("permission", scope) if each.body["permissionRole"] == "OWNER"]
    if owners == [email]:
        raise wrong_state(f"'{email}' is the last owner of {noun_of(kind)} '{call.id}'")
    call.tx.remove(known)
    return {}


def _email(call: Call) -> str:
    if "userEmail" not in call.body and "userId" not in call.body:
        raise invalid(("userEmail", "is missing; give userEmail or userId"))
    for user in call.tx.all("user"):
        if call.body.get("userEmail", user.id) == user.id and call.body.get("userId") in {
            None,
            user.hidden["id"],
        }:
            return user.id
    raise not_found("user", call.body.get("userEmail") or call.body["userId"])
