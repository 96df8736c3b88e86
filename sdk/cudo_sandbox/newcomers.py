"""People whom the issuer of tokens knows and the sandbox does not yet: they may use what was seeded."""

import uuid

from cudo_sandbox import permissions
from cudo_sandbox.access import members_of
from cudo_sandbox.seed import PROJECTS
from cudo_sandbox.seed_billing import ACCOUNT
from cudo_sandbox.store import Resource, Store, Transaction


def welcome(store: Store, email: str) -> None:
    """Make sure that the user exists; a new one owns the seeded projects and billing account."""
    with store.transaction(write=False) as tx:
        if tx.find("user", "", email):
            return
    with store.transaction(write=True) as tx:
        if not tx.find("user", "", email):  # another process may share the state
            _join(tx, email)


def _join(tx: Transaction, email: str) -> None:
    body = {"emailAddress": email, "firstName": "", "lastName": "", "picture": ""}
    tx.save(Resource("user", "", email, body, {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email}"))}))
    for kind, names in (("project", PROJECTS), ("billing_account", (ACCOUNT,))):
        for name in names:
            if tx.find(kind, "", name):
                tx.save(permissions.permission(tx, members_of(kind, name), email, "OWNER"))
