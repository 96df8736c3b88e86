"""A login renews itself: in time, once, never twice with the same token, and never by asking a person."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from cudo_sdk import AsyncSession, LoginRequired, Session, TransientAuth, Unauthenticated
from cudo_sdk.auth import Persona, Provider, Settings, TokenSet, TokenSource, Vault, open_vault
from cudo_sdk.auth.budget import Budget, budget
from cudo_sdk.auth.tokens import lifetime_of
from cudo_sdk.errors import AuthConfigError, ConfigError
from cudo_sdk.testing import FakeTransport, VirtualClock, api_error

ISSUER = "http://127.0.0.1:1"
API = "http://127.0.0.1"
SETTINGS = Settings(context="dev", api_url=API, issuer=ISSUER, client_id="shell")
LIFETIME = 300.0
VMS = "GET /v1/projects/{}/vms"
VOLUME = "POST /v1/projects/{}/disks"


class LoginServer:
    """A provider that rotates refresh tokens, ends a login when one is used twice, and fails on request."""

    def __init__(self) -> None:
        self.good = "refresh-0-canary"
        self.renewals: list[str] = []
        self.answers: list[httpx.Response | Exception] = []  # in place of the next renewals
        self.loses_replies = False
        self.before: Callable[[], object] = lambda: None
        self.extra: dict[str, object] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(200, json=self.document())
        used = parse_qs(request.content.decode())["refresh_token"][0]
        self.renewals.append(used)
        self.before()
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if used != self.good:
            return httpx.Response(400, json={"error": "invalid_grant"})
        number = len(self.renewals)
        self.good = f"refresh-{number}-canary"
        if self.loses_replies:
            raise httpx.ReadError("connection reset by peer")
        tokens = {"access_token": f"access-{number}-canary", "refresh_token": self.good}
        return httpx.Response(
            200, json={**tokens, "token_type": "Bearer", "expires_in": LIFETIME, **self.extra}
        )

    def document(self) -> dict[str, object]:
        names = ("token_endpoint", "device_authorization_endpoint", "jwks_uri", "revocation_endpoint")
        return {"issuer": ISSUER, **{name: f"{ISSUER}/{name}" for name in names}}


def tokens(**changes: object) -> TokenSet:
    """The tokens of a login a moment ago, by the clock of the tests."""
    now = VirtualClock().now().timestamp()
    values: dict[str, object] = {
        "access_token": SecretStr("access-0-canary"),
        "refresh_token": SecretStr("refresh-0-canary"),
        "expires_at": now + LIFETIME,
        "obtained_at": now,
        "lifetime": LIFETIME,
        "issuer": ISSUER,
        "client_id": "shell",
        "api_origin": API,
        "token_host": "127.0.0.1:1",
        "persona": Persona(sub="alice"),
    }
    return TokenSet.model_validate({**values, **changes})


class World:
    """One login, the server behind it, the API that it is for, and the clock of all three."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock = VirtualClock()
        self.server = LoginServer()
        self.vault = open_vault(SETTINGS, directory)
        self.api = FakeTransport({VMS: {}})
        self.api.clock = self.clock
        self._sources: list[TokenSource] = []
        self.save(tokens())

    def save(self, record: TokenSet) -> None:
        with self.vault.lock():
            self.vault.write(record)

    def stored(self) -> TokenSet:
        record = self.vault.read()
        assert isinstance(record, TokenSet)
        return record

    def source(self, vault: Vault | None = None) -> TokenSource:
        """The login as another process would open it."""
        client = httpx.Client(transport=httpx.MockTransport(self.server))
        provider = Provider(SETTINGS, clock=self.clock, http_client=client)
        source = TokenSource(vault or open_vault(SETTINGS, self.directory), provider, clock=self.clock)
        self._sources.append(source)
        return source

    def session(self, source: TokenSource | None = None, **options) -> Session:
        client = httpx.Client(transport=self.api)
        return Session(credential=source or self.source(), http_client=client, clock=self.clock, **options)

    def async_session(self, source: TokenSource | None = None, **options) -> AsyncSession:
        client = httpx.AsyncClient(transport=self.api)
        return AsyncSession(
            credential=source or self.source(), http_client=client, clock=self.clock, **options
        )

    def close(self) -> None:
        for source in self._sources:
            source.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


def record_token(seen: list[str], answer: object = None) -> Callable[[httpx.Request], object]:
    """A route that notes the token it got, before the session takes it off the request."""

    def answered(request: httpx.Request) -> object:
        seen.append(request.headers["Authorization"].removeprefix("Bearer "))
        return {} if answer is None else answer

    return answered


def refuse(*refused: str) -> Callable[[httpx.Request], object]:
    """An API that does not take these tokens."""

    def answered(request: httpx.Request) -> object:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        return api_error("UNAUTHENTICATED") if token in refused else {}

    return answered


def wait_for(condition: Callable[[], object], limit: float = 10.0) -> None:
    """Return once it holds; fail after some seconds."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


# Time


def test_valid_token_is_used_without_a_call_to_the_login_server(world: World):
    seen: list[str] = []
    world.api.routes[VMS] = record_token(seen)
    session = world.session()

    session.vms.list_vms("demo")
    session.vms.list_vms("demo")

    assert seen == ["access-0-canary"] * 2
    assert world.server.renewals == []


def test_token_is_renewed_before_it_ends(world: World):
    seen: list[str] = []
    world.api.routes[VMS] = record_token(seen)
    session = world.session()

    world.clock.sleep(LIFETIME - 59)
    session.vms.list_vms("demo")

    assert seen == ["access-1-canary"]
    assert world.stored().gen == 1


@pytest.mark.parametrize("jump", [3600, -3600])
def test_clock_that_jumps_costs_one_renewal_and_no_loop(world: World, jump: int):
    stored = tokens()
    world.save(tokens(expires_at=stored.expires_at + jump, obtained_at=stored.obtained_at + jump))
    session = world.session()

    for _ in range(3):
        session.vms.list_vms("demo")

    assert len(world.server.renewals) == 1


def test_token_that_outlives_its_lifetime_by_our_own_clock_is_renewed(world: World):
    class SlowWall(VirtualClock):
        def now(self):
            return VirtualClock().now()  # somebody keeps setting it back

    world.clock = world.api.clock = SlowWall()
    session = world.session()
    session.vms.list_vms("demo")

    world.clock.sleep(LIFETIME)
    session.vms.list_vms("demo")

    assert len(world.server.renewals) == 1


CLAMPED: dict[str, tuple[object, float]] = {
    "missing": (None, 300),
    "digits": ("3600", 3600),
    "zero": (0, 1),
    "negative": (-1, 1),
    "NaN": (float("nan"), 300),
    "infinite": (float("inf"), 86_400),
    "endless": (1e12, 86_400),
    "object": ({}, 300),
    "word": ("soon", 300),
    "true": (True, 300),
    "many-digits": ("9" * 5000, 86_400),
    "huge": (10**400, 86_400),
}


@pytest.mark.parametrize(("said", "seconds"), CLAMPED.values(), ids=CLAMPED)
def test_lifetime_is_clamped_whatever_the_provider_says(said: object, seconds: float):
    assert lifetime_of(said) == seconds


# Single flight


def test_fifty_tasks_with_an_expired_token_renew_once(world: World):
    world.clock.sleep(LIFETIME)

    async def calls() -> None:
        async with world.async_session() as session:
            await asyncio.gather(*(session.vms.list_vms("demo") for _ in range(50)))

    asyncio.run(calls())

    assert world.server.renewals == ["refresh-0-canary"]


def test_threads_with_an_expired_token_renew_once(world: World):
    world.clock.sleep(LIFETIME)
    session = world.session()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: session.vms.list_vms("demo"), range(20)))

    assert world.server.renewals == ["refresh-0-canary"]


def test_five_refusals_of_one_token_renew_once(world: World):
    world.clock.sleep(100)
    world.api.routes[VMS] = refuse("access-0-canary")

    async def calls() -> None:
        async with world.async_session() as session:
            await asyncio.gather(*(session.vms.list_vms("demo") for _ in range(5)))

    asyncio.run(calls())

    assert world.server.renewals == ["refresh-0-canary"]


def test_fifty_tasks_hear_of_one_failure(world: World):
    world.clock.sleep(LIFETIME)
    world.server.answers = [httpx.Response(503)] * 50
    world.server.before = lambda: time.sleep(0.1)

    async def calls() -> list[object]:
        async with world.async_session() as session:
            each = [session.vms.list_vms("demo") for _ in range(50)]
            return list(await asyncio.gather(*each, return_exceptions=True))

    outcomes = asyncio.run(calls())

    assert {type(outcome) for outcome in outcomes} == {TransientAuth}
    assert len(world.server.renewals) == 1


def test_two_processes_renew_once(world: World):
    world.clock.sleep(LIFETIME)
    first, second = world.session(), world.session()

    first.vms.list_vms("demo")
    second.vms.list_vms("demo")

    assert world.server.renewals == ["refresh-0-canary"]


def test_processes_that_renew_at_the_same_moment_send_one_token_once(world: World):
    world.clock.sleep(LIFETIME)
    world.server.before = lambda: time.sleep(0.05)  # both have read the record by then
    sessions = [world.session() for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda session: session.vms.list_vms("demo"), sessions))

    assert world.server.renewals == ["refresh-0-canary"]


# A refused token


def test_refused_token_is_renewed_and_the_call_sent_again(world: World):
    world.clock.sleep(100)
    world.api.routes[VOLUME] = [api_error("UNAUTHENTICATED"), {}]

    world.session().disks.create_disk("demo", "data", "no-luster-1", 10)

    assert len(world.server.renewals) == 1
    assert world.api.bodies()[0] == world.api.bodies()[1]


def test_refused_token_that_a_sibling_has_replaced_is_not_renewed_again(world: World):
    session, sibling = world.session(), world.session()
    session.vms.list_vms("demo")
    world.clock.sleep(100)
    world.api.routes[VMS] = refuse("access-0-canary")
    sibling.vms.list_vms("demo")

    session.vms.list_vms("demo")

    assert len(world.server.renewals) == 1


def test_refused_token_that_is_new_is_not_renewed(world: World):
    world.clock.sleep(2)
    world.api.routes[VMS] = refuse("access-0-canary")

    with pytest.raises(Unauthenticated) as caught:
        world.session().vms.list_vms("demo")

    assert world.server.renewals == []
    assert (caught.value.credential_kind, caught.value.credential_source) == ("login", "context dev")


def test_token_that_is_refused_again_after_its_renewal_ends_the_call(world: World):
    world.clock.sleep(100)
    world.api.routes[VMS] = [api_error("UNAUTHENTICATED")] * 2

    with pytest.raises(Unauthenticated):
        world.session().vms.list_vms("demo")

    assert len(world.server.renewals) == 1


def test_token_without_the_scope_is_not_renewed(world: World):
    world.clock.sleep(100)
    challenge = 'Bearer error="insufficient_scope"'
    world.api.routes[VMS] = httpx.Response(401, headers={"WWW-Authenticate": challenge}, json={})

    with pytest.raises(Unauthenticated):
        world.session().vms.list_vms("demo")

    assert world.server.renewals == []


def test_forbidden_call_is_not_a_reason_to_renew(world: World):
    world.clock.sleep(100)
    world.api.routes[VMS] = api_error("PERMISSION_DENIED")

    with pytest.raises(Exception, match="PERMISSION_DENIED"):
        world.session().vms.list_vms("demo")

    assert world.server.renewals == []


# The login server fails


def test_provider_out_of_order_leaves_a_usable_token_in_use(world: World):
    world.clock.sleep(LIFETIME - 30)
    world.server.answers = [httpx.Response(503), httpx.Response(503)]
    session = world.session()

    for _ in range(5):
        session.vms.list_vms("demo")

    assert len(world.server.renewals) == 1  # it is not asked again at each call
    assert len(world.api.requests) == 5


def test_usable_token_is_renewed_when_the_provider_is_back(world: World):
    world.clock.sleep(LIFETIME - 50)
    world.server.answers = [httpx.Response(503)]
    session = world.session()
    session.vms.list_vms("demo")

    world.clock.sleep(20)
    session.vms.list_vms("demo")

    assert world.stored().gen == 1


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(429),
        httpx.Response(400, html="<h1>Bad request</h1>"),
        httpx.Response(200, html="<h1>Portal</h1>"),
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("slow"),
    ],
    ids=["503", "429", "html", "portal", "connect", "timeout"],
)
def test_expired_token_and_a_provider_out_of_order_is_transient_and_keeps_the_login(
    world: World, answer: httpx.Response | Exception
):
    world.clock.sleep(LIFETIME)
    world.server.answers = [answer]

    with pytest.raises(TransientAuth):
        world.session().vms.list_vms("demo")

    assert world.stored().gen == 0
    assert world.api.requests == []


def test_ended_login_is_cleared(world: World):
    world.clock.sleep(LIFETIME)
    world.server.good = "another"

    with pytest.raises(LoginRequired, match="expired"):
        world.session().vms.list_vms("demo")

    assert world.vault.read() is None


def test_login_that_changed_while_the_provider_refused_is_adopted(world: World):
    world.clock.sleep(LIFETIME)
    world.server.answers = [httpx.Response(400, json={"error": "invalid_grant"})]
    now = world.clock.now().timestamp()
    fresh = tokens(
        access_token=SecretStr("access-new-canary"),
        refresh_token=SecretStr("refresh-new-canary"),
        expires_at=now + LIFETIME,
        obtained_at=now,
    )
    world.server.before = lambda: world.vault.write(fresh)  # by somebody who knows no lock
    seen: list[str] = []
    world.api.routes[VMS] = record_token(seen)

    world.session().vms.list_vms("demo")

    assert seen == ["access-new-canary"]
    assert world.stored().refresh_hash == fresh.refresh_hash


def test_wrong_client_is_told_and_keeps_the_login(world: World):
    world.clock.sleep(LIFETIME)
    world.server.answers = [httpx.Response(401, json={"error": "invalid_client"})]

    with pytest.raises(AuthConfigError):
        world.session().vms.list_vms("demo")

    assert world.stored().gen == 0


def test_lost_reply_is_transient_and_then_the_login_is_over(world: World):
    world.clock.sleep(LIFETIME)
    world.server.loses_replies = True
    session = world.session()

    with pytest.raises(TransientAuth):
        session.vms.list_vms("demo")
    with pytest.raises(LoginRequired):
        session.vms.list_vms("demo")

    assert world.server.renewals == ["refresh-0-canary"] * 2


def test_token_without_a_refresh_token_ends_with_its_time(world: World):
    world.save(tokens(refresh_token=None))
    world.clock.sleep(LIFETIME)

    with pytest.raises(LoginRequired):
        world.session().vms.list_vms("demo")

    assert world.server.renewals == []


@pytest.mark.parametrize(
    ("field", "age"),
    [
        ("issuer", 0),
        ("client_id", 0),
        ("api_origin", 0),
        ("api_origin", LIFETIME),
        ("token_host", LIFETIME),
    ],
)
def test_login_for_another_place_is_not_sent_anywhere(world: World, field: str, age: float):
    world.save(tokens(**{field: "https://elsewhere.example"}))
    world.clock.sleep(age)

    with pytest.raises(LoginRequired):
        world.session().vms.list_vms("demo")

    assert (world.server.renewals, world.api.requests) == ([], [])


def test_reply_without_a_refresh_token_keeps_the_old_one(world: World):
    world.clock.sleep(LIFETIME)
    answer = {"access_token": "access-9-canary", "token_type": "Bearer", "expires_in": 300}
    world.server.answers = [httpx.Response(200, json=answer)]

    world.session().vms.list_vms("demo")

    assert world.stored().refresh_hash == tokens().refresh_hash


# A command's budget


def test_command_tries_a_failed_renewal_once(world: World):
    world.clock.sleep(LIFETIME)
    world.server.answers = [httpx.Response(503)] * 9
    session = world.session()
    token = budget.set(Budget())
    try:
        for _ in range(3):
            with pytest.raises(TransientAuth):
                session.vms.list_vms("demo")
    finally:
        budget.reset(token)

    assert len(world.server.renewals) == 1


def test_next_command_tries_again(world: World):
    world.clock.sleep(LIFETIME)
    world.server.answers = [httpx.Response(503)]
    session = world.session()
    for expected in (TransientAuth, None):
        token = budget.set(Budget())
        if expected:
            with pytest.raises(expected):
                session.vms.list_vms("demo")
        else:
            session.vms.list_vms("demo")
        budget.reset(token)

    assert len(world.server.renewals) == 2


def test_completion_waits_a_moment_only_for_a_login_that_is_busy(world: World):
    world.clock.sleep(LIFETIME)
    session = world.session()
    token = budget.set(Budget(patience=0.1))
    began = time.monotonic()
    try:
        with world.vault.lock(), pytest.raises(TransientAuth):
            session.vms.list_vms("demo")
    finally:
        budget.reset(token)

    assert time.monotonic() - began < 2.5  # and not the half minute of a command
    assert world.server.renewals == []


# The caller's login


def test_session_never_logs_in_by_itself(world: World):
    with world.vault.lock():
        world.vault.delete()

    with pytest.raises(LoginRequired, match="nobody is logged in"):
        world.session().vms.list_vms("demo")

    assert (world.server.renewals, world.api.requests) == ([], [])


def test_callback_logs_in_and_the_call_goes_on(world: World):
    with world.vault.lock():
        world.vault.delete()
    asked: list[str] = []

    async def login(reason: LoginRequired) -> bool:
        asked.append(str(reason))
        await asyncio.to_thread(world.save, tokens())
        return True

    async def call() -> None:
        async with world.async_session(login=login) as session:
            await session.vms.list_vms("demo")

    asyncio.run(call())

    assert asked == ["nobody is logged in"]
    assert len(world.api.requests) == 1


@pytest.mark.parametrize("refused", [(), ("access-0-canary",)], ids=["no-login", "refused"])
def test_time_that_a_login_takes_is_not_the_time_of_the_call(world: World, refused: tuple[str, ...]):
    world.clock.sleep(100)
    world.server.good = "another"
    world.api.routes[VMS] = refuse(*refused)
    if not refused:
        with world.vault.lock():
            world.vault.delete()

    def login(_: LoginRequired) -> bool:
        world.clock.sleep(600)
        now = world.clock.now().timestamp()
        times = {"obtained_at": now, "expires_at": now + LIFETIME}
        world.save(tokens(access_token=SecretStr("access-new-canary"), **times))
        return True

    world.session(login=login).vms.list_vms("demo")

    assert world.api.requests[-1].extensions["timeout"]["read"] == 30.0


def test_callback_that_declines_leaves_the_error_as_it_was(world: World):
    with world.vault.lock():
        world.vault.delete()

    with pytest.raises(LoginRequired):
        world.session(login=lambda _: False).vms.list_vms("demo")


def test_callback_logs_in_after_the_provider_ended_the_login(world: World):
    world.clock.sleep(100)
    world.server.good = "another"
    world.api.routes[VMS] = refuse("access-0-canary")

    def login(_: LoginRequired) -> bool:
        world.save(tokens(access_token=SecretStr("access-new-canary")))
        return True

    assert world.session(login=login).vms.list_vms("demo") == []


# Other shells


def test_logout_in_one_shell_is_noticed_in_another(world: World):
    source = world.source()
    session = world.session(source)
    session.vms.list_vms("demo")
    with world.vault.lock():
        world.vault.delete()

    source.look()

    with pytest.raises(LoginRequired):
        session.vms.list_vms("demo")


def test_logout_during_a_renewal_is_not_undone(world: World):
    world.clock.sleep(LIFETIME)
    world.server.before = lambda: time.sleep(0.2)
    session = world.session()
    renewing = threading.Thread(target=lambda: session.vms.list_vms("demo"))
    renewing.start()
    wait_for(lambda: world.server.renewals)

    with world.vault.lock():  # waits for the renewal
        world.vault.delete()
    renewing.join()

    assert world.vault.read() is None


def test_login_of_somebody_else_in_another_shell_is_taken_over(world: World):
    source = world.source()
    session = world.session(source)
    session.vms.list_vms("demo")
    world.save(tokens(access_token=SecretStr("bob-canary"), persona=Persona(sub="bob")))
    seen: list[str] = []
    world.api.routes[VMS] = record_token(seen)

    source.look()
    session.vms.list_vms("demo")

    assert seen == ["bob-canary"]


# What cannot be saved


def test_full_disk_costs_the_record_and_not_the_call(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    world.clock.sleep(LIFETIME)
    session = world.session()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    session.vms.list_vms("demo")
    world.clock.sleep(LIFETIME)
    session.vms.list_vms("demo")
    monkeypatch.undo()
    world.clock.sleep(LIFETIME)
    session.vms.list_vms("demo")

    assert world.server.renewals == ["refresh-0-canary", "refresh-1-canary", "refresh-2-canary"]
    assert world.stored().gen == 3
    assert [record.message for record in caplog.records].count(
        "the renewed login is in memory only, it cannot be saved: No space left on device"
    ) == 1
    assert "canary" not in caplog.text


def test_cancelled_call_does_not_lose_the_rotated_token(world: World):
    world.clock.sleep(LIFETIME)
    world.server.before = lambda: time.sleep(0.2)

    async def interrupted() -> None:
        async with world.async_session() as session:
            call = asyncio.create_task(session.vms.list_vms("demo"))
            await asyncio.to_thread(wait_for, lambda: world.server.renewals)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call

    asyncio.run(interrupted())
    world.close()  # waits for the thread

    assert world.stored().gen == 1


PROGRAM = """
    import asyncio, sys, time
    from pathlib import Path
    from tests.sdk.auth.test_refresh import LIFETIME, World

    world = World(Path(sys.argv[1]))
    world.clock.sleep(LIFETIME)
    def slowly():
        print("sent", flush=True)
        time.sleep(0.5)
    world.server.before = slowly

    async def main():
        async with world.async_session() as session:
            await session.vms.list_vms("demo")

    if sys.argv[2] == "async":
        asyncio.run(main())
    else:
        world.session().vms.list_vms("demo")
"""


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_interrupted_program_does_not_lose_the_rotated_token(tmp_path: Path, kind: str):
    root = Path(__file__).resolve().parents[3]
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path), kind],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=root,
        text=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "sent\n"

    program.send_signal(signal.SIGINT)
    _, trace = program.communicate(timeout=20)

    assert trace.splitlines()[-1] == "KeyboardInterrupt"
    assert "exception calling callback" not in trace
    assert "canary" not in trace
    record = open_vault(SETTINGS, tmp_path).read()
    assert isinstance(record, TokenSet)
    assert record.gen == 1


# Where it may go


def test_login_is_refused_to_a_session_for_another_api(world: World):
    with pytest.raises(ConfigError, match=r"is for .*, not for https"):
        Session(credential=world.source(), base_url="https://other.example")


FORKING = """
    import os, sys
    from pathlib import Path
    from tests.sdk.auth.test_refresh import LIFETIME, World

    world = World(Path(sys.argv[1]))
    session = world.session()
    session.vms.list_vms("demo")
    world.clock.sleep(LIFETIME)
    child = os.fork()
    if child:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    session.vms.list_vms("demo")
    os._exit(0 if world.stored().gen == 1 else 1)
"""


def test_fork_gets_a_thread_of_its_own(tmp_path: Path):
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", textwrap.dedent(FORKING), str(tmp_path)]

    assert subprocess.run(command, cwd=root, timeout=20, check=False).returncode == 0
