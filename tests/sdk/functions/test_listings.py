"""Every listing is whole, in each of the API's three ways of paging."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.sandbox.document import needs_document, operations
from tests.sdk.functions.calls import calls, parameters
from tests.sdk.functions.replies import Recipe, back, filled, reply_for, returned_part

from cudo_sdk.testing import FakeTransport

PAGED = [call for call in calls() if {"pageSize", "pageToken"} & set(parameters(call.operation, "query"))]


@needs_document
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("call", PAGED, ids=str)
@pytest.mark.parametrize("count", [0, 101, 250])
def test_listing_is_whole_whatever_its_length(call, kind, count):
    key, schema, _ = returned_part(call, reply_for(call.operation))
    items = [filled(key, schema["items"], Recipe(mark=f"-{number}")) for number in range(count)]
    method, path, _ = operations()[call.operation]
    pages = Pages(key, items, set(parameters(call.operation, "query")))

    result = call.run(
        FakeTransport({f"{method} {path}": pages.answer}), kind, call.arguments(everything=False)
    )

    assert back(result) == items


class Pages:
    """A server's pages of at most 40 items, in the style that the operation's parameters tell."""

    def __init__(self, key: str, items: list[Any], names: set[str]) -> None:
        self.key, self.items, self.names = key, items, names

    def answer(self, request: httpx.Request) -> dict[str, Any]:
        query = request.url.params
        size = min(int(query["pageSize"]), 40)
        start = self._start(query, size)
        part, more = self.items[start : start + size], start + size < len(self.items)
        if "pageNumber" in self.names:
            about: dict[str, Any] = {"pageNumber": start // size + 1, "pageSize": size, "totalCount": 0}
        elif "pageToken" in self.names:
            about = {"pageToken": str(start + size) if more else "", "pageSize": size}
        else:
            about = {"hasMore": more}
        return {self.key: part, **about}

    def _start(self, query: httpx.QueryParams, size: int) -> int:
        if "pageNumber" in self.names:
            return (int(query["pageNumber"]) - 1) * size
        if "pageToken" in self.names:
            return int(query.get("pageToken", "0"))
        last = query.get("startingAfter")
        return 0 if last is None else 1 + [item["id"] for item in self.items].index(last)
