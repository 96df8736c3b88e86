"""The API's three ways of paging as one iterator; the next page is fetched only when asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from cudo_sdk.errors import BadReply

T = TypeVar("T")
Paging = Literal["page", "token", "cursor"]
PAGE_SIZE = 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """The items of one reply, and what it says of the others."""

    items: list[T]
    page_size: int | None = None
    next_token: str = ""
    has_more: bool = False


Fetch = Callable[[Mapping[str, Any]], Awaitable[Page[T]]]
"""Gets one page; the argument is the paging part of the query."""


def page_from(items: list[T], values: Mapping[str, Any]) -> Page[T]:
    """Read what a reply says of its paging; a field of the wrong type counts as absent."""
    size, token = values.get("pageSize"), values.get("pageToken")
    return Page(
        items,
        size if isinstance(size, int) and size > 0 else None,
        token if isinstance(token, str) else "",
        values.get("hasMore") is True,
    )


def pages(
    paging: Paging, fetch: Fetch[T], key: Callable[[T], Hashable], operation: str
) -> AsyncGenerator[T, None]:
    """Every item of a listing; `key` is what tells two items apart."""
    match paging:
        case "page":
            return _by_number(fetch, key)
        case "token":
            return _by_token(fetch, operation)
        case "cursor":
            return _by_cursor(fetch, key)


async def _by_number(fetch: Fetch[T], key: Callable[[T], Hashable]) -> AsyncGenerator[T, None]:
    """Never go by totalCount: it has been 0 beside 5 items. A page without anything new is the end."""
    seen: set[Hashable] = set()
    number = 1
    while True:
        page = await fetch({"pageNumber": number, "pageSize": PAGE_SIZE})
        new = [item for item in page.items if key(item) not in seen]
        seen.update(map(key, new))
        for item in new:
            yield item
        # Without a page size in the reply, a short page may be a silent cap: ask on.
        if not new or (page.page_size is not None and len(page.items) < page.page_size):
            return
        number += 1


async def _by_token(fetch: Fetch[T], operation: str) -> AsyncGenerator[T, None]:
    tokens: set[str] = set()
    token = ""
    while True:
        page = await fetch({"pageToken": token or None, "pageSize": PAGE_SIZE})
        for item in page.items:
            yield item
        token = page.next_token
        if not token:
            return
        if token in tokens:
            msg = f"the reply of {operation} does not fit: it repeats a page token"
            raise BadReply(msg, operation=operation)
        tokens.add(token)


async def _by_cursor(fetch: Fetch[T], key: Callable[[T], Hashable]) -> AsyncGenerator[T, None]:
    last: Hashable = None
    while True:
        page = await fetch({"startingAfter": last, "pageSize": PAGE_SIZE})
        for item in page.items:
            yield item
        if not (page.has_more and page.items) or key(page.items[-1]) == last:
            return
        last = key(page.items[-1])
