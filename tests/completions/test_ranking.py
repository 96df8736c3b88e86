"""Rules of matching: prefix first, then inside the word, and similar words only when nothing else fits."""

import time
from typing import Any

import pytest

from cudo_completions.candidates import Candidate
from cudo_completions.ranking import LIMIT, Index, begun, near, ranked


def texts(prefix: str, *words: str, limit: int = 200) -> list[str]:
    return [each.text for each in ranked(prefix, [Candidate(word) for word in words], limit).candidates]


def test_words_that_begin_with_it_come_before_words_that_contain_it():
    assert texts("web", "a-web", "web-2", "db-1", "web-1", "my-web") == ["web-1", "web-2", "a-web", "my-web"]


def test_upper_and_lower_case_match_alike():
    assert texts("WEB", "web-1", "Web-2", "db-1") == ["web-1", "Web-2"]


def test_similar_words_are_offered_only_when_nothing_contains_it():
    assert texts("wbe-1", "web-1", "db-7") == ["web-1"]
    assert texts("web", "web-1", "wbe-2") == ["web-1"]


def test_nothing_similar_offers_nothing():
    assert texts("qqq", "web-1", "db-7") == []


def test_nothing_typed_offers_all_in_order():
    assert texts("", "b", "c", "a") == ["a", "b", "c"]


@pytest.mark.parametrize(("prefix", "more"), [("", 8), ("web", 8), ("eb-", 8)])
def test_more_than_the_limit_is_counted(prefix, more):
    found = ranked(prefix, [Candidate(f"web-{number}") for number in range(10)], limit=2)

    assert [each.text for each in found.candidates] == ["web-0", "web-1"]
    assert found.more == more


def test_index_finds_every_candidate_of_a_name():
    index = Index([Candidate("v100", "us"), Candidate("V100"), Candidate("v100", "ca"), Candidate("v1000")])

    assert [each.hint for each in index.named("v100")] == ["us", "ca"]
    assert index.named("v10") == []


@pytest.mark.parametrize("prefix", ["", "vm-0", "vm-09999", "999", "vm99", "qqq"])
def test_a_hundred_thousand_candidates_are_ranked_while_a_key_is_held(prefix):
    index = Index(Candidate(f"vm-{number:06d}") for number in range(100_000))
    started = time.process_time()

    ranked(prefix, index)

    assert time.process_time() - started < 0.5  # 0.0001 to 0.07 measured; a slow machine has room


def candidates(*texts: str) -> list[Candidate]:
    return [Candidate(text, facts={"state": "UP" if text.endswith("+") else "DOWN"}) for text in texts]


def order(prefix: str, *texts: str, limit: int = 200, **how: Any) -> list[str]:
    return [each.text for each in ranked(prefix, candidates(*texts), limit, **how).candidates]


def test_right_state_comes_first_then_what_was_used_lately_then_the_name():
    names = ("a", "b", "c", "d+", "e+", "f+")

    assert order("", *names, recent=["c", "e+"]) == ["c", "e+", "a", "b", "d+", "f+"]
    assert order("", *names, preferred={"state": "UP"}) == ["d+", "e+", "f+", "a", "b", "c"]
    assert order("", *names, preferred={"state": "UP"}, recent=["c", "f+"]) == [
        "f+",
        "d+",
        "e+",
        "c",
        "a",
        "b",
    ]


def test_what_was_used_last_comes_before_what_was_used_before():
    assert order("", "a", "b", "c", recent=["b", "a"]) == ["b", "a", "c"]


def test_beginning_counts_more_than_use_and_state():
    assert order("w", "w1", "aw+", "xw", preferred={"state": "UP"}, recent=["xw"]) == ["w1", "aw+", "xw"]


def test_order_holds_inside_words_too():
    assert order("w", "aw", "bw", "cw+", preferred={"state": "UP"}, recent=["bw"]) == ["cw+", "bw", "aw"]


def test_words_to_leave_out_are_not_counted():
    found = ranked(
        "web", candidates("web-1", "web-2", "web-3", "my-web"), 2, without=frozenset({"web-1", "x"})
    )

    assert ([each.text for each in found.candidates], found.more) == (["web-2", "web-3"], 1)


def test_recent_word_far_behind_the_limit_is_shown():
    names = [f"vm-{number:03d}" for number in range(50)]

    assert order("vm", *names, limit=3, recent=["vm-049"]) == ["vm-049", "vm-000", "vm-001"]
    assert order("vm", *names, limit=3, recent=["db"], without=frozenset({"vm-000"})) == [
        "vm-001",
        "vm-002",
        "vm-003",
    ]


class Counting(list[Candidate]):
    """A list that counts the items that are taken out of it."""

    taken = 0

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        self.taken += len(found) if isinstance(at, slice) else 1
        return found


@pytest.mark.parametrize("preferred", [None, {"state": "UP"}])
def test_of_a_hundred_thousand_candidates_few_are_touched(preferred):
    index = Index(Candidate(f"vm-{number:06d}", facts={"state": "UP"}) for number in range(100_000))
    ranked("", index, preferred=preferred)  # which finds those that are preferred, once
    parts = [index, *([index.having(preferred)] if preferred else [])]
    for part in parts:
        part._candidates = Counting(part._candidates)

    assert len(ranked("vm-0", index, preferred=preferred, recent=["vm-000999"]).candidates) == LIMIT
    taken = sum(part._candidates.taken for part in parts if isinstance(part._candidates, Counting))
    assert taken < 3 * LIMIT * len(parts)
    assert not preferred or index.having(preferred) is parts[1]


VERBS = ("list", "get", "create", "start", "stop", "restart", "resize", "terminate")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("creat", ["create"]),
        ("lst", ["list"]),
        ("st", ["stop", "start"]),
        ("TERMINATE", ["terminate"]),
        ("strat", ["start", "restart"]),
        ("frobnicate", []),
        ("", []),
    ],
)
def test_near_words_are_those_that_may_have_been_meant(typed, meant):
    assert near(typed, VERBS)[: len(meant) or 1] == meant


def test_near_names_at_most_the_limit():
    assert near("web-0", [f"web-{number}" for number in range(1, 10)], limit=2) == ["web-1", "web-2"]


def test_begun_is_all_that_begins_with_just_what_was_typed_the_preferred_first():
    many = [
        Candidate(f"vm-{number}", facts={"state": "READY" if number == 7 else ""}) for number in range(300)
    ]
    index = Index([*many, Candidate("VM-1"), Candidate("old-vm-1")])

    found = begun("vm-", index, preferred={"state": "READY"}, without=frozenset({"vm-0"}))

    assert found.candidates[0].text == "vm-7"
    assert {each.text for each in found.candidates} == {f"vm-{number}" for number in range(1, 300)}
    assert found.more == 0
    assert begun("wm-1", index).candidates == ()
