"""Listings: the three styles of paging, on stored JSON texts."""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from cudo_sandbox.fields import filled, query_integer, text
from cudo_sandbox.problems import Json, invalid
from cudo_sandbox.store import EVERY, Transaction, Where

DEFAULT_SIZE = 10
MAX_SIZE = 100  # not evidenced; a larger pageSize is cut down to it, as the reply shows

PAGE = {"pageNumber": query_integer(), "pageSize": query_integer()}
TOKEN = {"pageToken": text, "pageSize": query_integer()}
CURSOR = {"startingAfter": filled, "pageSize": query_integer()}


def listing(key: str, bodies: list[bytes], **rest: Any) -> bytes:
    """An object with the stored texts under the key, and the other values beside it."""
    others = "".join(f", {json.dumps(name)}: {json.dumps(value)}" for name, value in rest.items())
    # One join makes the whole reply: a listing of 100,000 VMs is too long to be copied about.
    parts = [bodies[0], *(part for body in bodies[1:] for part in (b", ", body))] if bodies else []
    return b"".join([f"{{{json.dumps(key)}: [".encode(), *parts, f"]{others}}}".encode()])


def size_of(query: Json) -> int:
    return min(query.get("pageSize") or DEFAULT_SIZE, MAX_SIZE)


def paged(tx: Transaction, kind: str, scope: str, query: Json, key: str, where: Where = EVERY) -> bytes:
    """A page of stored resources by its number."""
    size, number = size_of(query), query.get("pageNumber") or 1
    found = tx.bodies(kind, scope, where, limit=size, offset=(number - 1) * size)
    return listing(key, found, pageNumber=number, pageSize=size, totalCount=tx.count(kind, scope, where))


def paged_items(items: list[Json], query: Json, key: str) -> Json:
    """A page by its number of what is not stored as it is shown."""
    size, number = size_of(query), query.get("pageNumber") or 1
    shown = items[(number - 1) * size : number * size]
    return {key: shown, "pageNumber": number, "pageSize": size, "totalCount": len(items)}


def token_page(items: list[Json], query: Json, key: str) -> Json:
    """The items behind the token; the reply's token is empty at the end."""
    size, start = size_of(query), _offset(query.get("pageToken", ""))
    more = start + size < len(items)
    token = base64.urlsafe_b64encode(str(start + size).encode()).decode() if more else ""
    return {key: items[start : start + size], "pageSize": size, "pageToken": token}


def _offset(token: str) -> int:
    try:
        digits = base64.urlsafe_b64decode(token).decode() or "0"
    except ValueError:
        digits = ""
    if not re.fullmatch("[0-9]{1,9}", digits):
        raise invalid(("pageToken", "is not a token of this listing"))
    return int(digits)


def cursor_page(items: list[Json], query: Json, key: str, id_of: Callable[[Json], str]) -> Json:
    """The items after the one that is named."""
    size, start = size_of(query), 0
    if after := query.get("startingAfter"):
        ids = [id_of(item) for item in items]
        if after not in ids:
            raise invalid(("startingAfter", f"there is no '{after}' in this listing"))
        start = ids.index(after) + 1
    return {key: items[start : start + size], "hasMore": start + size < len(items)}
