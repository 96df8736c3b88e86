"""What is told when something that was started here has come to its end."""

import queue
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from cudo_completions.candidates import Candidate
from cudo_completions.sources import SOURCES
from cudo_sandbox import Sandbox
from cudo_shell.alerts import Alerts, News, Started, news_of, pause_of
from cudo_shell.connection import Connection

WEB = Started("vms", "demo", "web-1", "STOPPED")
DB = Started("vms", "demo", "db-1", "STOPPED")


@pytest.mark.parametrize(
    ("wanted", "state", "seconds", "text"),
    [
        ("ACTIVE", "ACTIVE", 41.9, "is ACTIVE after 41 s"),
        ("ACTIVE", "STARTING", 41, None),
        ("ACTIVE", "", 41, None),
        ("ACTIVE", "FAILED", 200, "FAILED after 3 min"),
        ("ACTIVE", None, 59, None),
        ("ACTIVE", None, 60, "is gone, and was not ACTIVE"),
        ("ACTIVE", "DELETED", 5, "is gone, and was not ACTIVE"),
        ("ACTIVE", "STARTING", 7200, "is still STARTING after 2 h"),
        ("DELETED", None, 8, "is gone after 8 s"),
        ("DELETED", "DELETED", 8, "is gone after 8 s"),
        ("DELETED", "DELETING", 8, None),
        ("DELETED", "FAILED", 8, "FAILED after 8 s"),
    ],
)
def test_news_is_how_a_change_has_ended(wanted, state, seconds, text):
    change = Started("vms", "demo", "web-1", wanted)
    news = news_of(change, state, seconds)
    is_bad = text is not None and not text.startswith(("is ACTIVE", "is gone after"))
    assert news == (News(change, text, is_bad=is_bad) if text else None)


@pytest.mark.parametrize(
    ("age", "pause"), [(0, 1.0), (10, 1.0), (30, 3.0), (100, 10.0), (600, 10.0), (3600, 60.0)]
)
def test_looks_are_as_far_apart_as_the_change_is_old(age, pause):
    assert pause_of(age) == pause


class Followed:
    """Alerts on a sandbox: what they told, how often they looked, how long they slept."""

    def __init__(self, connection: Connection) -> None:
        self.news: queue.Queue[str] = queue.Queue()
        self.looks: list[float] = []  # when
        self.place = "here"
        self.now = 0.0
        self._sleep: Callable[[float], Awaitable[None]] | None = None
        self.alerts = Alerts(
            submit=connection.submit,
            session=lambda: connection.session,
            place=lambda: self.place,
            tell=lambda news: self.news.put(f"{news.change.id} {news.text}"),
            sources={**SOURCES, "vms": self._vms},
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    async def _vms(self, session: object, project: str) -> list[Candidate]:
        self.looks.append(self.now)
        return await SOURCES["vms"](session, project)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self._sleep:
            await self._sleep(seconds)

    def leave(self, connection: Connection) -> None:
        """Go elsewhere, and wait until nothing is looked at."""
        self.place = "elsewhere"
        until = time.monotonic() + 10
        while self.alerts._busy and time.monotonic() < until:
            connection.call(_turn())

    def next(self) -> str:
        return self.news.get(timeout=10)


@pytest.fixture
def followed(connection: Connection) -> Iterator[Followed]:
    followed = Followed(connection)
    yield followed
    followed.leave(connection)


def test_change_that_ends_is_told_once(connection: Connection, followed: Followed):
    connection.call(connection.session.vms.stop_vm("demo", "web-1"))
    followed.alerts.follow(WEB)
    assert followed.next().startswith("web-1 is STOPPED after ")
    assert len(followed.alerts) == 0
    assert followed.news.empty()


def test_one_listing_serves_all_changes_of_a_kind(connection: Connection, followed: Followed):
    connection.call(connection.session.vms.stop_vm("demo", "web-1"))
    connection.call(connection.session.vms.terminate_vm("demo", "db-1"))
    followed.alerts.follow(WEB)
    followed.alerts.follow(Started("vms", "demo", "db-1", "DELETED"))
    told = sorted(followed.next().partition(" after ")[0] for _ in range(2))
    assert told == ["db-1 is gone", "web-1 is STOPPED"]
    assert len(followed.looks) == len(set(followed.looks))


def test_change_that_fails_is_told(sandbox: Sandbox, connection: Connection, followed: Followed):
    sandbox.add_fault(kind="fail", match="POST */web-1/stop")
    connection.call(connection.session.vms.stop_vm("demo", "web-1"))
    followed.alerts.follow(WEB)
    assert followed.next().startswith("web-1 FAILED after ")


def test_errors_make_the_pauses_longer_and_are_survived(
    sandbox: Sandbox, connection: Connection, followed: Followed
):
    connection.call(connection.session.vms.stop_vm("demo", "web-1"))
    sandbox.add_fault(kind="status", match="GET */vms", status=403, times=3)
    followed.alerts.follow(WEB)
    assert followed.next().startswith("web-1 is STOPPED after ")
    assert followed.looks == [1.0, 3.0, 7.0, 15.0]


def test_change_of_which_nothing_can_be_learned_ends_after_two_hours(sandbox: Sandbox, followed: Followed):
    sandbox.add_fault(kind="status", match="GET */vms", status=403, times=0)
    followed.alerts.follow(WEB)
    assert followed.next() == "web-1 is not followed any more"
    assert followed.now >= 7200


def test_later_change_of_the_same_thing_takes_the_place_of_the_first(
    connection: Connection, followed: Followed
):
    followed.alerts.follow(Started("vms", "demo", "web-2", "ACTIVE"))
    followed.alerts.follow(Started("vms", "demo", "web-2", "STOPPED"))
    assert followed.next().startswith("web-2 is STOPPED after ")
    assert (len(followed.alerts), followed.news.empty()) == (0, True)


def test_place_that_was_left_is_looked_at_no_more(connection: Connection, followed: Followed):
    both = threading.Event()

    async def leave(_: float) -> None:
        assert both.wait(10)
        followed.place = "elsewhere"

    followed._sleep = leave
    followed.alerts.follow(Started("vms", "demo", "web-2", "STOPPED"))
    followed.alerts.follow(Started("disks", "demo", "data-1", "DELETED"))
    both.set()
    followed.leave(connection)
    assert (followed.alerts._busy, len(followed.alerts), followed.news.empty()) == (set(), 0, True)
    assert followed.looks == []


async def _turn() -> None:
    """Let the loop go on with what waits."""


def test_new_change_is_looked_at_at_once_though_an_old_one_is_not(connection: Connection, followed: Followed):
    async def begin_another(_: float) -> None:
        if followed.now == 503:
            followed.alerts.follow(Started("vms", "demo", "web-2", "STOPPED"))
        if not followed.news.empty():
            followed.place = "elsewhere"  # enough: the old one would be looked at again and again

    followed._sleep = begin_another
    followed.alerts.follow(Started("vms", "demo", "web-1", "STOPPED"))
    while followed.alerts._busy:
        connection.call(_turn())
    assert followed.next() == "web-2 is STOPPED after 0 s"
    assert followed.looks[:2] == [1.0, 2.0]
    assert followed.looks[-3] - followed.looks[-4] == 10.0
    assert followed.looks[-1] == 503


def test_kinds_are_followed_side_by_side(connection: Connection, followed: Followed):
    followed.alerts.follow(Started("vms", "demo", "web-2", "STOPPED"))
    followed.alerts.follow(Started("disks", "demo", "no-such-disk", "DELETED"))
    told = {followed.next().partition(" after ")[0] for _ in range(2)}
    assert told == {"web-2 is STOPPED", "no-such-disk is gone"}


def test_kind_is_followed_again_after_all_had_ended(connection: Connection, followed: Followed):
    for _ in range(3):
        followed.alerts.follow(Started("vms", "demo", "web-2", "STOPPED"))
        assert followed.next().startswith("web-2 is STOPPED")
