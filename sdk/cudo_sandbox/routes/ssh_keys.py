"""SSH keys of the user, and those of a project's members."""

import hashlib

from cudo_sandbox.access import Access
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import Fields, filled, moment, text
from cudo_sandbox.paging import PAGE, paged
from cudo_sandbox.problems import Code, Problem
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.ssh import members, parse_public_key
from cudo_sandbox.store import Resource

_CREATE = Fields(
    required={"publicKey": filled},
    ignored={"comment": text, "createTime": moment, "fingerprint": text, "id": text, "type": text},
)


def list_ssh_keys(call: Call) -> Reply:
    return paged(call.tx, "ssh_key", call.user, call.query, "sshKeys")


def get_ssh_key(call: Call) -> Reply:
    return _get(call).body


def create_ssh_key(call: Call) -> Reply:
    kind, fingerprint, comment = parse_public_key(call.body["publicKey"])
    name = hashlib.sha256(fingerprint.encode()).hexdigest()[:24]
    if call.tx.find("ssh_key", call.user, name):
        raise Problem(Code.ALREADY_EXISTS, f"an SSH key with the fingerprint {fingerprint} already exists")
    body = {
        "id": name,
        "publicKey": call.body["publicKey"].strip(),
        "fingerprint": fingerprint,
        "type": kind,
        "comment": comment,
        "createTime": rfc3339(call.clock.now()),
    }
    call.tx.save(Resource("ssh_key", call.user, name, body))
    return body


def delete_ssh_key(call: Call) -> Reply:
    call.tx.remove(_get(call))
    return {}


def list_project_ssh_keys(call: Call) -> Reply:
    keys = [key.body for user in members(call) for key in call.tx.all("ssh_key", user)]
    return {"sshKeys": keys}


def _get(call: Call) -> Resource:
    return call.tx.get("ssh_key", call.user, call.id)


ROUTES = (
    Route("GET", "/v1/ssh-keys", list_ssh_keys, query=PAGE),
    Route("POST", "/v1/ssh-keys", create_ssh_key, body=_CREATE),
    Route("GET", "/v1/ssh-keys/{id}", get_ssh_key),
    Route("DELETE", "/v1/ssh-keys/{id}", delete_ssh_key),
    Route("GET", "/v1/project/{projectId}/ssh-keys", list_project_ssh_keys, Access.PROJECT_READ),
)
