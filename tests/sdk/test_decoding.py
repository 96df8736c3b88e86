"""Big replies are decoded in slices, with the same outcome, and others get their turn meanwhile."""

from __future__ import annotations

import json
import threading

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from cudo_sdk import BadReply
from cudo_sdk.decoding import BIG, Reply, from_json_in_slices

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_slices_give_what_one_call_gives(value, indent, is_ascii):
    content = json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode()

    assert from_json_in_slices(content) == from_json(content)


@given(st.text(alphabet='{}[],:"a1 ', max_size=12))
def test_slices_refuse_what_one_call_refuses(text):
    def outcome(read: object) -> object:
        try:
            return read(text.encode())  # type: ignore[operator]  # one of two functions
        except ValueError:
            return "refused"

    assert outcome(from_json_in_slices) == outcome(from_json)


@pytest.mark.parametrize("end", [b"", b"]", b"]}}", b"],}"], ids=["cut", "open", "too much", "comma"])
def test_big_reply_that_is_broken_is_refused_without_its_text(end):
    content = b'{"VMs": [' + b'{"id": "canary"},' * (BIG // 16) + b"{}" + end

    with pytest.raises(BadReply) as caught:
        _ = Reply("ListVMs", content, httpx.Response(200, content=content)).document

    assert caught.value.__context__ is None
    assert "canary" not in str(caught.value)


def test_other_threads_get_their_turn_while_a_big_reply_is_decoded():
    machine = {"id": "web-1", "metadata": {"note": "x" * 900}, "rules": [{"id": str(n)} for n in range(20)]}
    content = json.dumps({"VMs": [machine] * 20_000}).encode()
    turns: list[None] = []
    is_over = threading.Event()

    def keys() -> None:
        while not is_over.wait(0.001):
            turns.append(None)

    thread = threading.Thread(target=keys)
    thread.start()
    before = len(turns)
    assert len(Reply("ListVMs", content, httpx.Response(200)).document["VMs"]) == 20_000
    taken = len(turns) - before
    is_over.set()
    thread.join()

    assert taken > 10  # one call that holds the interpreter gives one or two
