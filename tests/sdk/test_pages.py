"""Where a listing ends, in each of the three styles."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from cudo_sdk import BadReply
from cudo_sdk.pages import Page, Paging, pages


def collect(paging: Paging, answers: list[Page[str]], *, limit: int = 99) -> tuple[list[str], list[Any]]:
    """All items (or the first `limit`), and the paging queries that were sent for them."""
    queries: list[Mapping[str, Any]] = []

    async def fetch(query: Mapping[str, Any]) -> Page[str]:
        queries.append({name: value for name, value in query.items() if name != "pageSize" and value})
        return answers[len(queries) - 1]

    async def run() -> list[str]:
        found: list[str] = []
        async for item in pages(paging, fetch, lambda item: item, "ListX"):
            found.append(item)
            if len(found) == limit:
                break
        return found

    return asyncio.run(run()), queries


def test_numbered_pages_end_with_a_page_shorter_than_the_reply_says():
    items, queries = collect("page", [Page(["a", "b"], page_size=2), Page(["c"], page_size=2)])

    assert items == ["a", "b", "c"]
    assert queries == [{"pageNumber": 1}, {"pageNumber": 2}]


def test_server_that_caps_the_page_silently_is_asked_on():
    """Without a page size in the reply a short page proves nothing."""
    items, _ = collect("page", [Page(["a"]), Page(["b"]), Page([])])

    assert items == ["a", "b"]


def test_server_that_ignores_the_page_number_ends_with_the_first_repetition():
    items, queries = collect("page", [Page(["a", "b"]), Page(["a", "b"])])

    assert items == ["a", "b"]
    assert len(queries) == 2


def test_item_that_moved_to_the_next_page_is_listed_once():
    items, _ = collect("page", [Page(["a", "b"], 2), Page(["b", "c"], 2), Page([], 2)])

    assert items == ["a", "b", "c"]


def test_tokens_end_with_an_empty_one():
    items, queries = collect("token", [Page(["a"], next_token="t1"), Page([], next_token="t2"), Page(["b"])])

    assert items == ["a", "b"]
    assert queries == [{}, {"pageToken": "t1"}, {"pageToken": "t2"}]


def test_repeated_token_raises_instead_of_looping():
    with pytest.raises(BadReply, match="repeats a page token"):
        collect("token", [Page(["a"], next_token="t"), Page(["b"], next_token="t")])


def test_cursor_goes_on_after_the_last_id_and_ends_without_more():
    items, queries = collect("cursor", [Page(["a", "b"], has_more=True), Page(["c"])])

    assert items == ["a", "b", "c"]
    assert queries == [{}, {"startingAfter": "b"}]


@pytest.mark.parametrize("last", [Page[str]([], has_more=True), Page(["b"], has_more=True)])
def test_cursor_that_promises_more_without_moving_ends(last: Page[str]):
    items, queries = collect("cursor", [Page(["b"], has_more=True), last])

    assert items[0] == "b"
    assert len(queries) == 2


def test_next_page_is_fetched_only_when_asked_for():
    _, queries = collect("page", [Page(["a", "b"], 2)], limit=2)

    assert len(queries) == 1
