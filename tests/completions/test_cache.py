"""Listings: answered from memory, refreshed behind it, honest about their age and their failures."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

import pytest

from cudo_completions.cache import FRESH, LATELY, OFF, PATIENCE, STALE, Listings
from cudo_completions.candidates import Candidate
from cudo_completions.listing import Listing, Scope
from cudo_sdk import errors
from cudo_sdk._http import httpx

NOBODY: Any = None  # the session of sources that ask nobody
SCOPE = Scope(origin="https://one.test", credential="f1", project="demo")

REFUSED_KEY = errors.error_for(
    httpx.Response(401, json={"code": 16}, request=httpx.Request("GET", "http://api")), "ListVMs"
)


class World:
    """A clock that is set by hand, a loop that runs when told, and sources that answer as told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.answers: dict[str, Any] = {"vms": ["web-1"], "projects": ["demo"]}
        self.asked: list[tuple[str, str]] = []
        self.waiting: list[Coroutine[Any, Any, None]] = []
        self.changed: list[str] = []
        self.is_live = True
        self.during: Callable[[], None] = lambda: None  # what happens while an answer is on its way
        self.listings = Listings(
            submit=self.submit,
            session=lambda: NOBODY,
            sources={kind: self.source(kind) for kind in self.answers},
            clock=lambda: self.now,
            is_live=lambda: self.is_live,
        )
        self.listings.on_change = self.changed.append

    def submit(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        self.waiting.append(work)
        return Future()

    def source(self, kind: str) -> Any:
        async def answer(_session: object, project: str) -> list[Candidate]:
            self.asked.append((kind, project))
            self.during()
            if isinstance(self.answers[kind], Exception):
                raise self.answers[kind]
            return [Candidate(text) for text in self.answers[kind]]

        return answer

    def run(self) -> None:
        work, self.waiting = self.waiting, []
        for each in work:
            asyncio.run(each)

    def look(self, kind: str = "vms", scope: Scope = SCOPE) -> Listing:
        return self.listings.look(kind, scope)

    def texts(self, kind: str = "vms", scope: Scope = SCOPE) -> list[str]:
        return [each.text for each in self.look(kind, scope).candidates]


@pytest.fixture
def world():
    made = World()
    yield made
    for work in made.waiting:
        work.close()


def test_first_look_has_nothing_and_is_loading(world):
    listing = world.look()

    assert (list(listing.candidates), listing.age, listing.loading, listing.reason) == ([], None, True, "")


def test_answer_is_there_after_one_refresh_and_is_announced(world):
    world.look()
    world.run()

    assert world.texts() == ["web-1"]
    assert world.changed == ["vms"]
    assert not world.look().loading


def test_fresh_listing_is_not_asked_for_again(world):
    world.look()
    world.run()
    world.now += FRESH - 0.1

    assert world.look().age == pytest.approx(FRESH - 0.1)
    assert world.waiting == []


def test_old_listing_is_shown_while_the_new_one_is_on_its_way(world):
    world.look()
    world.run()
    world.now += FRESH
    world.answers["vms"] = ["web-1", "web-2"]

    assert world.texts() == ["web-1"]
    assert world.look().loading
    world.run()
    assert world.texts() == ["web-1", "web-2"]


def test_time_to_open_the_session_is_not_held_against_the_listing(world):
    def open_slowly() -> Any:
        world.now += 60
        return NOBODY

    world.listings._session = open_slowly
    world.look()
    world.run()
    world.now += FRESH
    world.look()

    assert len(world.waiting) == 1


def test_only_one_refresh_of_a_listing_is_in_flight(world):
    world.look()
    world.look()

    assert len(world.waiting) == 1


def test_slow_listing_rests_five_times_as_long_as_it_took(world):
    def take_two_seconds() -> None:
        world.now += 2

    world.during = take_two_seconds
    world.look()
    world.run()
    world.now += 9.9
    world.look()
    assert world.waiting == []
    world.now += 0.1
    world.look()
    assert len(world.waiting) == 1


@pytest.mark.parametrize(
    "other",
    [
        Scope("https://two.test", "f1", "demo"),
        Scope("https://one.test", "f2", "demo"),
        Scope("https://one.test", "f1", "research"),
    ],
    ids=["origin", "credential", "project"],
)
def test_nothing_is_offered_across_scopes(world, other):
    world.look()
    world.run()

    assert world.texts(scope=other) == []


def test_listing_without_a_project_is_shared_by_projects(world):
    world.look("projects")
    world.run()

    assert world.texts("projects", Scope("https://one.test", "f1", "research")) == ["demo"]
    assert world.asked == [("projects", "")]


def test_own_write_makes_the_next_look_ask_again(world):
    world.look()
    world.run()
    world.answers["vms"] = []
    world.listings.invalidate(["vms", "disks"], SCOPE)

    assert world.texts() == ["web-1"]
    world.run()
    assert world.texts() == []


def test_answer_that_was_on_its_way_during_a_write_is_asked_for_again(world):
    world.during = lambda: world.listings.invalidate(["vms"], SCOPE)
    world.look()
    world.run()
    world.during = lambda: None
    world.answers["vms"] = ["web-1", "web-2"]

    assert world.texts() == ["web-1"]
    world.run()
    assert world.texts() == ["web-1", "web-2"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.LoginRequired("no key"), "not logged in"),
        (REFUSED_KEY, "the API key was not accepted"),
        (errors.ConnectionFailed("refused"), "no network, or the server is down"),
        (errors.RequestTimeout("30 s"), "the server does not answer in time"),
        (TimeoutError(), "the server does not answer in time"),
        (errors.ConfigError("CUDO_API_URL is no URL"), "CUDO_API_URL is no URL"),
        (KeyError("surprise"), "vms could not be listed (KeyError)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_failed_source_offers_what_it_had_and_says_why(world, error, reason):
    world.look()
    world.run()
    world.now += FRESH
    world.answers["vms"] = error
    world.look()
    world.run()

    listing = world.look()
    assert [each.text for each in listing.candidates] == ["web-1"]
    assert (listing.reason, listing.loading, listing.age) == (reason, False, FRESH)
    assert world.changed == ["vms", "vms"]


def test_failing_source_is_asked_less_and_less_often(world):
    world.answers["vms"] = errors.ConnectionFailed("refused")
    pauses = []
    for _ in range(8):
        world.look()
        world.run()
        failed = world.now
        while not world.waiting:
            world.now += 1
            world.look()
        pauses.append(world.now - failed)

    assert pauses == [2, 4, 8, 16, 32, PATIENCE, PATIENCE, PATIENCE]


def test_source_that_asks_for_patience_gets_it(world):
    error = errors.ConnectionFailed("busy")
    error.retry_after = 300.0  # type: ignore[attr-defined]  # as on the API's own errors
    world.answers["vms"] = error
    world.look()
    world.run()
    world.now += 299
    world.look()
    assert world.waiting == []
    world.now += 1
    world.look()
    assert len(world.waiting) == 1


def test_recovered_source_forgets_its_reason(world):
    world.answers["vms"] = errors.ConnectionFailed("refused")
    world.look()
    world.run()
    world.answers["vms"] = ["web-2"]
    world.now += PATIENCE
    world.look()
    world.run()

    assert (world.texts(), world.look().reason) == (["web-2"], "")


def test_missing_session_is_a_reason_too():
    def no_session() -> Any:
        raise errors.LoginRequired("no key")

    waiting: list[Coroutine[Any, Any, None]] = []

    def submit(work: Coroutine[Any, Any, None]) -> Future[None]:
        waiting.append(work)
        return Future()

    listings = Listings(submit=submit, session=no_session)
    listings.look("vms", SCOPE)
    asyncio.run(waiting.pop())

    assert listings.look("vms", SCOPE).reason == "not logged in"


def test_closed_loop_is_not_an_error():
    def closed(_work: Coroutine[Any, Any, None]) -> Future[None]:
        raise RuntimeError("Event loop is closed")

    listings = Listings(submit=closed, session=lambda: NOBODY)

    assert not listings.look("vms", SCOPE).loading


def test_names_that_cannot_be_typed_are_withheld_and_counted(world):
    world.answers["vms"] = ["web-1", "a\u202eb", "-dash", ""]
    world.look()
    world.run()

    assert (world.texts(), world.look().withheld) == (["web-1"], 3)


def test_name_is_known_once_it_is_listed_and_asking_asks_nobody(world):
    assert not world.listings.knows("vms", SCOPE, "web-1")
    assert world.waiting == []
    world.look()
    world.run()

    assert [world.listings.knows("vms", SCOPE, name) for name in ("web-1", "web", "WEB-1")] == [
        True,
        False,
        False,
    ]
    assert not world.listings.knows("vms", SCOPE._replace(project="other"), "web-1")


# One at a time, and while nobody types

OTHER = SCOPE._replace(project="research")


def test_of_a_kind_one_listing_at_a_time_is_on_its_way(world):
    world.look()
    assert world.look(scope=OTHER).loading
    world.look("projects")

    assert len(world.waiting) == 2
    world.run()
    assert world.asked == [("vms", "demo"), ("projects", "")]
    world.run()
    assert world.asked[2:] == [("vms", "research")]
    assert not world.look(scope=OTHER).loading


def test_listing_that_waits_has_its_turn_after_a_failure_too(world):
    world.answers["vms"] = errors.ConnectionFailed("refused")
    world.look()
    world.look(scope=OTHER)
    world.run()

    assert len(world.waiting) == 1


def test_listing_in_use_is_asked_for_again_once_it_is_old(world):
    world.look()
    world.run()
    world.now += STALE - 0.1
    world.listings.freshen()
    assert world.waiting == []
    world.now += 0.1
    world.listings.freshen()
    world.listings.freshen()
    assert len(world.waiting) == 1


def test_listing_that_nobody_looked_at_lately_is_left_alone(world):
    world.look()
    world.run()
    world.now += LATELY
    world.listings.freshen()

    assert world.waiting == []


def test_listing_that_never_came_is_not_asked_for_while_nobody_looks(world):
    world.answers["vms"] = errors.ConnectionFailed("refused")
    world.look()
    world.run()
    world.now += PATIENCE
    world.listings.freshen()

    assert world.waiting == []


def test_listing_that_fails_in_the_background_is_asked_for_less_often(world):
    world.look()
    world.run()
    world.answers["vms"] = errors.ConnectionFailed("refused")
    pauses = []
    for _ in range(4):
        begun = world.now
        while not world.waiting:
            world.now += 1
            world.listings.freshen()
        pauses.append(world.now - begun)
        world.run()

    assert pauses == [STALE, 2, 4, 8]


@pytest.mark.parametrize("header", [{"Retry-After": "300"}, {}], ids=["says how long", "does not"])
def test_server_with_too_many_requests_is_left_alone_by_all_kinds(world, header):
    for kind in ("vms", "projects"):
        world.look(kind)
    world.run()
    world.now += STALE
    request = httpx.Request("GET", "http://api")
    reply = httpx.Response(429, headers=header, json={"code": 8, "message": "slow down"}, request=request)
    world.answers["vms"] = errors.error_for(reply, "ListVMs")
    world.look("vms")
    world.run()
    rest = 300 if header else 2
    world.now += rest - 1
    world.listings.freshen()
    assert world.waiting == []
    world.now += 1
    world.listings.freshen()
    assert len(world.waiting) == 2


def test_nobody_is_asked_where_completion_is_not_live(world):
    world.is_live = False

    assert (world.look().loading, world.look().reason) == (False, OFF)
    world.is_live = True
    world.look()
    world.run()
    world.is_live = False
    world.now += STALE
    world.listings.freshen()
    assert (world.texts(), world.waiting) == (["web-1"], [])
