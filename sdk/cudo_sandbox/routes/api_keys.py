"""API keys of the user."""

import re
import secrets
from typing import Any

from cudo_sandbox.access import digest
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.fields import Fields, text
from cudo_sandbox.paging import PAGE, paged
from cudo_sandbox.problems import already_exists
from cudo_sandbox.router import Call, Reply, Route
from cudo_sandbox.store import Resource


def api_key_id(value: Any) -> str:
    if not re.fullmatch(r"[a-z0-9-]{4,63}", text(value)):
        raise ValueError("must be 4 to 63 lower case letters, digits or hyphens")
    return str(value)


def list_api_keys(call: Call) -> Reply:
    return paged(call.tx, "api_key", call.user, call.query, "apiKeys")


def create_api_key(call: Call) -> Reply:
    """The key itself stands only in this reply; what is stored of it is a digest."""
    name = call.body["apikeyId"]
    if call.tx.find("api_key", call.user, name):
        raise already_exists("API key", name)
    key = secrets.token_hex(32)
    body = {"id": name, "createTime": rfc3339(call.clock.now())}
    call.tx.save(Resource("api_key", call.user, name, body, {"digest": digest(key)}))
    call.tx.save(Resource("api_key_digest", "", digest(key), {}, {"user": call.user}))
    return {**body, "key": key}


def delete_api_key(call: Call) -> Reply:
    api_key = call.tx.get("api_key", call.user, call.path["name"])
    call.tx.remove(call.tx.get("api_key_digest", "", api_key.hidden["digest"]))
    call.tx.remove(api_key)
    return {}


_CREATE = Fields(required={"apikeyId": api_key_id})

ROUTES = (
    Route("GET", "/v1/api-keys", list_api_keys, query=PAGE),
    Route("POST", "/v1/api-keys", create_api_key, body=_CREATE),
    Route("DELETE", "/v1/api-keys/{name}", delete_api_key),
)
