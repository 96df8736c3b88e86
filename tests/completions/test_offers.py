"""Offers: the listing that is wanted, narrowed by what stands before, ranked, one row for each id."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any

import pytest

from cudo_completions.cache import Listings
from cudo_completions.candidates import Candidate
from cudo_completions.listing import Scope
from cudo_completions.offers import Offer, offered
from cudo_completions.position import Reference, Wanted

NOBODY: Any = None  # the session of sources that ask nobody
SCOPE = Scope("https://one.test", "f1", "demo")
TYPES = [
    Candidate("v100", "us  2 free", {"data_center": "us"}),
    Candidate("v100", "ca  1 free", {"data_center": "ca"}),
    Candidate("a40", "ca  3 free", {"data_center": "ca"}),
]
CENTERS = [Candidate("us", facts={"data_center": "us"}), Candidate("ca", facts={"data_center": "ca"})]


@pytest.fixture
def listings():
    """Listings of which every kind has landed."""
    waiting: list[Coroutine[Any, Any, None]] = []

    def submit(work: Coroutine[Any, Any, None]) -> Future[None]:
        waiting.append(work)
        return Future()

    async def types(_session: object, project: str) -> list[Candidate]:
        return TYPES if project == "demo" else []

    async def centers(_session: object, _project: str) -> list[Candidate]:
        return CENTERS

    made = Listings(
        submit=submit,
        session=lambda: NOBODY,
        sources={"machine_types": types, "data_centers": centers},
        clock=lambda: 7.0,
    )
    for kind in ("machine_types", "data_centers"):
        made.look(kind, SCOPE)
        asyncio.run(waiting.pop())
    yield made
    for work in waiting:
        work.close()


def rows(offer: Offer) -> list[tuple[str, str]]:
    return [(each.text, each.hint) for each in offer.candidates]


def test_choices_need_no_listing(listings):
    wanted = Wanted("j", choices=(Candidate("table"), Candidate("json")), lead="-o=", about="how to print")

    assert offered(wanted, listings, SCOPE) == Offer((Candidate("json"),), "-o=", "how to print")


def test_id_that_is_listed_several_times_is_one_row(listings):
    offer = offered(Wanted("", source="machine_types"), listings, SCOPE)

    assert rows(offer) == [("a40", "ca  3 free"), ("v100", "us  2 free\tand 1 more")]
    assert (offer.age, offer.loading, offer.source) == (0.0, False, "machine_types")


def test_value_typed_before_narrows_the_listing(listings):
    wanted = Wanted("", source="machine_types", narrow={"data_center": Reference("data_centers", "us")})

    assert rows(offered(wanted, listings, SCOPE)) == [("v100", "us  2 free")]


def test_value_typed_before_that_is_unknown_narrows_nothing(listings):
    wanted = Wanted("a", source="machine_types", narrow={"data_center": Reference("data_centers", "mars")})

    assert rows(offered(wanted, listings, SCOPE)) == [("a40", "ca  3 free")]


def test_preferred_fact_comes_first_and_the_rest_stays(listings):
    offer = offered(Wanted("", source="machine_types", prefer={"data_center": "us"}), listings, SCOPE)

    assert rows(offer) == [("v100", "us  2 free\tand 1 more"), ("a40", "ca  3 free")]


def test_name_used_lately_comes_first(listings):
    offer = offered(Wanted("", source="data_centers"), listings, SCOPE, recent=["us", "gone"])

    assert rows(offer) == [("us", ""), ("ca", "")]


def test_literal_fact_narrows_the_listing(listings):
    wanted = Wanted("", source="machine_types", narrow={"data_center": "ca"})

    assert rows(offered(wanted, listings, SCOPE)) == [("a40", "ca  3 free"), ("v100", "ca  1 free")]


def test_values_already_given_are_not_offered_again(listings):
    wanted = Wanted("", source="data_centers", taken=frozenset({"us"}))

    assert rows(offered(wanted, listings, SCOPE)) == [("ca", "")]


def test_project_to_the_left_wins_over_the_current_one(listings):
    offer = offered(Wanted("", source="machine_types", project="research"), listings, SCOPE)

    assert (offer.candidates, offer.loading) == ((), True)
