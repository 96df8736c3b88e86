"""Rules of matching: prefix first, then inside the word, and similar words only when nothing else fits."""

import time

import pytest

from cudo_completions.candidates import Candidate
from cudo_completions.ranking import Index, near, ranked


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
