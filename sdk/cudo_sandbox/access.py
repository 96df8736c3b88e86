"""Who calls, and what the roles of a project or billing account let them do."""

import hashlib
from enum import Enum

from cudo_sandbox.problems import Code, Problem, denied, not_found, noun_of
from cudo_sandbox.store import Transaction

OWNER_EMAIL = "kim@example.com"
VIEWER_EMAIL = "vera@example.com"
VIEWER_KEY = "viewer-key"

READERS = ("OWNER", "EDITOR", "VIEWER")


class Access(Enum):
    """Who may call an operation: anybody with a key, or a role in the thing that the path names."""

    USER = ("", "", ())
    PROJECT_READ = ("project", "projectId", READERS)
    PROJECT_WRITE = ("project", "projectId", ("OWNER", "EDITOR"))
    ONE_PROJECT_READ = ("project", "id", READERS)
    ONE_PROJECT_OWN = ("project", "id", ("OWNER",))
    BILLING_READ = ("billing_account", "id", READERS)
    BILLING_OWN = ("billing_account", "id", ("OWNER",))
    BILLING_SPEND = ("billing_account", "billingAccountId", READERS)

    def __init__(self, kind: str, parameter: str, roles: tuple[str, ...]) -> None:
        self.kind = kind
        self.parameter = parameter
        self.roles = roles


def bearer(authorization: str) -> str:
    """The API key or access token of a header; empty if there is none."""
    scheme, _, credential = authorization.partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else ""


def looks_like_token(credential: str) -> bool:
    """Whether it has the three parts of a signed JWT."""
    return credential.count(".") == 2  # noqa: PLR2004  # header.payload.signature


def caller(tx: Transaction, key: str, api_key: str) -> str:
    """The email of the user whose key this is; raises UNAUTHENTICATED."""
    if not key:
        raise Problem(Code.UNAUTHENTICATED, "no API key: send the header 'Authorization: Bearer API_KEY'")
    email = _owner_of(tx, key, api_key)
    if email is None or tx.find("user", "", email) is None:
        raise Problem(Code.UNAUTHENTICATED, "the API key is not valid")
    return email


def _owner_of(tx: Transaction, key: str, api_key: str) -> str | None:
    if key == api_key:
        return OWNER_EMAIL
    if key == VIEWER_KEY:
        return VIEWER_EMAIL
    known = tx.find("api_key_digest", "", digest(key))
    return str(known.hidden["user"]) if known else None


def digest(key: str) -> str:
    """What is stored of an API key."""
    return hashlib.sha256(key.encode()).hexdigest()


def members_of(kind: str, name: str) -> str:
    """The scope of the permissions in a project or billing account."""
    return f"{kind}/{name}"


def role_in(tx: Transaction, user: str, kind: str, name: str) -> str | None:
    found = tx.find("permission", members_of(kind, name), user)
    return str(found.body["permissionRole"]) if found else None


def demand_role(tx: Transaction, user: str, kind: str, name: str, roles: tuple[str, ...]) -> None:
    """Raise NOT_FOUND for an unknown thing and PERMISSION_DENIED without one of the roles."""
    noun = noun_of(kind)
    if tx.find(kind, "", name) is None:
        raise not_found(noun, name)
    if role_in(tx, user, kind, name) not in roles:
        raise denied(f"{noun} '{name}' needs the role {' or '.join(roles)}")


def check_access(tx: Transaction, user: str, access: Access, path: dict[str, str]) -> None:
    """Raise what `demand_role` raises for the project or billing account of the path."""
    if access is not Access.USER:
        demand_role(tx, user, access.kind, path[access.parameter], access.roles)
