"""Logins at a real OpenID provider: its pages, its rotation, and the sandbox that takes its tokens."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.idp.provider import IdentityProvider, missing

from cudo_sandbox import Sandbox
from cudo_sdk import Session
from cudo_sdk.auth.device import DeviceCode
from cudo_sdk.auth.login import LoggedOut, log_in, log_out
from cudo_sdk.auth.provider import InvalidGrant, Provider
from cudo_sdk.auth.refresh import TokenSource
from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.tokens import TokenSet
from cudo_sdk.auth.vault import Vault, open_vault
from cudo_sdk.clock import Clock
from cudo_sdk.errors import AuthError, LoginRequired, TransientAuth

WORKER = Path(__file__).with_name("shared_login.py")


class Impatient(Clock):
    """Polls at once: in these tests the person has always agreed before."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 100)


class Login:
    """A login at a provider: its settings, its file store, and who talks to the login server."""

    def __init__(self, at: IdentityProvider, api_url: str, state_dir: Path) -> None:
        self.at = at
        self.state_dir = state_dir
        self.settings = Settings(
            context="dev",
            api_url=api_url,
            issuer=at.issuer,
            client_id=at.client_id,
            audience=at.audience,
        )
        self.vault: Vault = open_vault(self.settings, state_dir)
        self.provider = Provider(self.settings, clock=Impatient())

    def log_in(self, login: str = "alice", abort_at: str = "") -> TokenSet:
        """The device flow, with a person who walks the real pages."""

        def show(code: DeviceCode) -> None:
            self.at.browser(code.verification_uri, code.user_code, login, abort_at)

        return log_in(self.vault, self.provider, show)

    def expire(self) -> TokenSet:
        """Make the stored access token one whose time is over."""
        tokens = self.stored
        expired = tokens.model_copy(update={"expires_at": time.time() - 1})
        self.vault.write(expired)
        return expired

    @property
    def stored(self) -> TokenSet:
        record = self.vault.read()
        assert isinstance(record, TokenSet)
        return record


@pytest.fixture
def sandbox(identity_provider: IdentityProvider) -> Iterator[Sandbox]:
    issuer, audience = identity_provider.issuer, identity_provider.audience
    with Sandbox(issuer=issuer, audience=audience) as running:
        yield running


@pytest.fixture
def make_login(tmp_path: Path) -> Iterator[Callable[..., Login]]:
    made: list[Login] = []

    def make(at: IdentityProvider, api_url: str = "https://rest.example") -> Login:
        made.append(Login(at, api_url, tmp_path / "state"))
        return made[-1]

    yield make
    for login in made:
        login.provider.close()


@pytest.fixture
def login(make_login: Callable[..., Login], identity_provider: IdentityProvider) -> Login:
    return make_login(identity_provider)


# Logging in


def test_login_through_the_pages_is_a_caller_of_the_api(make_login, identity_provider, sandbox):
    login = make_login(identity_provider, sandbox.url)

    tokens = login.log_in()

    assert tokens.persona.model_dump() == {
        "sub": "alice",
        "name": "Alice Admin",
        "email": "alice@example.test",
    }
    with Session(credential=TokenSource(login.vault, login.provider)) as session:
        assert session.users.get_current_user().email_address == "alice@example.test"
        assert [project.id for project in session.projects.list_projects()] == ["demo", "research"]
    stats = identity_provider.stats()
    assert (stats["device_auth"], stats["poll"], stats["refresh"]) == (1, 1, 0)


@pytest.mark.parametrize("step", ["confirm", "login", "consent"])
def test_person_who_refuses_on_a_page_is_not_logged_in(login, step):
    with pytest.raises(LoginRequired, match="the login was refused"):
        login.log_in(abort_at=step)
    assert login.vault.read() is None


def test_code_that_runs_out_is_no_login(login, identity_provider):
    code = login.provider.begin_device()
    identity_provider.expire_device(code.user_code)
    with pytest.raises(LoginRequired, match="expired"):
        login.provider.await_approval(code)


def test_waiting_for_a_person_is_never_too_fast(login, identity_provider):
    provider = Provider(login.settings)  # on the real clock
    code = provider.begin_device()

    def approve_later() -> None:
        while identity_provider.stats()["poll"] < 2:
            time.sleep(0.05)
        identity_provider.approve(code.user_code)

    person = threading.Thread(target=approve_later)
    person.start()
    provider.await_approval(code)
    person.join(10)
    provider.close()
    assert (identity_provider.stats()["poll"], identity_provider.stats()["slow_down"]) == (3, 0)


# Renewing


def test_refresh_rotates_the_token_and_the_old_one_is_dead(login, identity_provider):
    old = login.log_in()

    new = login.provider.refresh(old)

    assert new.refresh_hash != old.refresh_hash
    assert (new.gen, new.persona) == (1, old.persona)
    with pytest.raises(InvalidGrant):
        login.provider.refresh(old)
    assert identity_provider.stats()["grants_revoked"] == 1, "a reused token ends the whole login"


def test_login_that_the_provider_ended_is_forgotten(login, identity_provider):
    login.log_in()
    login.expire()
    identity_provider.revoke_all()
    source = TokenSource(login.vault, login.provider)

    with pytest.raises(LoginRequired, match="the login has expired"):
        header_of(source)

    assert login.vault.read() is None
    assert identity_provider.stats()["refresh"] == 1


def test_reply_that_is_lost_after_the_rotation_costs_the_login_and_two_calls(login, identity_provider):
    login.log_in()
    login.expire()
    identity_provider.fault(when="after", kind="refresh", drop=True)
    source = TokenSource(login.vault, login.provider)

    with pytest.raises(TransientAuth):
        header_of(source)
    assert isinstance(login.vault.read(), TokenSet)
    with pytest.raises(LoginRequired):
        header_of(source)

    assert login.vault.read() is None
    assert identity_provider.stats()["refresh"] == 2


@pytest.mark.parametrize("status", [307, 308])
def test_redirect_of_the_token_endpoint_carries_no_token_away(login, identity_provider, sink, status):
    login.log_in()
    login.expire()
    identity_provider.fault(path="/token", status=status, headers={"Location": f"{sink.url}/token"})

    with pytest.raises(AuthError):
        header_of(TokenSource(login.vault, login.provider))

    assert sink.requests == []
    assert login.provider.refresh(login.stored).gen == 1, "the login is as good as before"


def header_of(source: TokenSource) -> str:
    value = source.header()
    return value if isinstance(value, str) else value.result(30)


class Sink:
    """A server that should never be asked for anything."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sink.requests.append(self.path)
                self.send_error(500)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    thread = threading.Thread(target=sink.server.serve_forever, args=(0.01,))
    thread.start()
    yield sink
    sink.server.shutdown()
    thread.join()
    sink.server.server_close()


# Logging out


def test_logout_revokes_the_login(login, identity_provider):
    tokens = login.log_in()

    outcome = log_out(login.vault, login.provider)

    host = identity_provider.issuer.removeprefix("http://")
    assert outcome == LoggedOut(was_logged_in=True, host=host)
    assert login.vault.read() is None
    with pytest.raises(InvalidGrant):
        login.provider.refresh(tokens)


def test_logout_revokes_opaque_tokens_too(make_login):
    if reason := missing():
        pytest.skip(reason)
    with IdentityProvider(jwt=False) as opaque:
        login = make_login(opaque)
        tokens = login.log_in()
        assert tokens.bearer.count(".") == 0

        assert log_out(login.vault, login.provider).failure == ""

        assert opaque.stats()["revoke"] == 2
        with pytest.raises(InvalidGrant):
            login.provider.refresh(tokens)


def test_second_login_of_the_same_person_is_not_ended_with_the_first(login, identity_provider):
    login.log_in()

    second = login.log_in()

    assert login.stored.refresh_hash == second.refresh_hash
    assert login.provider.refresh(second).gen == 1
    assert identity_provider.stats()["refresh_err"] == 0


def test_logout_elsewhere_is_noticed_by_the_next_command(login, identity_provider):
    login.log_in()
    idle = TokenSource(login.vault, login.provider)
    header_of(idle)

    other = open_vault(login.settings, login.state_dir)
    log_out(other, login.provider)
    idle.look()

    with pytest.raises(LoginRequired, match="nobody is logged in"):
        header_of(idle)
    assert identity_provider.stats()["refresh"] == 0


def test_logout_during_a_renewal_ends_what_was_renewed_too(login, identity_provider):
    login.log_in()
    login.expire()
    identity_provider.fault(when="after", kind="refresh", delay_ms=500)
    renewal = TokenSource(login.vault, login.provider).header()
    while identity_provider.stats()["refresh"] == 0:
        time.sleep(0.02)

    other = Provider(login.settings)
    outcome = log_out(open_vault(login.settings, login.state_dir), other)
    other.close()

    assert outcome.failure == ""
    assert not isinstance(renewal, str)
    assert renewal.result(10), "the renewal was first"
    assert login.vault.read() is None
    with pytest.raises(LoginRequired):
        header_of(TokenSource(login.vault, login.provider))
    assert identity_provider.stats()["refresh_ok"] == 1


# Several processes


class Worker:
    """A process of shared_login.py."""

    def __init__(self, kind: str, seconds: float, login: Login) -> None:
        settings = login.settings.model_dump_json()
        command = [sys.executable, str(WORKER), kind, str(seconds), settings, str(login.state_dir)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line == "ready\n", self.process.communicate(timeout=10)

    def begin(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def outcome(self) -> dict[str, Any]:
        out, err = self.process.communicate(timeout=60)
        assert err == ""
        outcome: dict[str, Any] = json.loads(out)
        return outcome


@pytest.fixture
def start_worker() -> Iterator[Callable[..., Worker]]:
    workers: list[Worker] = []

    def start(*arguments: Any) -> Worker:
        workers.append(Worker(*arguments))
        return workers[-1]

    yield start
    for worker in workers:
        worker.process.kill()
        worker.process.communicate()


def test_eight_processes_share_a_login_of_three_second_tokens(
    make_login, identity_provider, sandbox, start_worker
):
    login = make_login(identity_provider, sandbox.url)
    login.log_in()
    seconds = 10
    workers = [start_worker("sync" if number % 2 else "async", seconds, login) for number in range(8)]
    for worker in workers:
        worker.wait_until_ready()
    for worker in workers:
        worker.begin()

    outcomes = [worker.outcome() for worker in workers]

    assert [failure for outcome in outcomes for failure in outcome["failures"]] == []
    assert min(outcome["calls"] for outcome in outcomes) >= 10
    stats = identity_provider.stats()
    assert (stats["refresh_err"], stats["grants_revoked"]) == (0, 0)
    # Each is renewed in its last second: every two seconds, and once at the start.
    assert 3 <= stats["refresh"] <= seconds / 2 + 3


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_ctrl_c_in_the_middle_of_a_renewal_keeps_the_login(
    make_login, identity_provider, sandbox, start_worker, kind
):
    login = make_login(identity_provider, sandbox.url)
    login.log_in()
    before = login.expire()
    identity_provider.fault(when="after", kind="refresh", delay_ms=700)
    worker = start_worker(kind, 10, login)
    worker.wait_until_ready()
    worker.begin()
    while identity_provider.stats()["refresh"] == 0:
        time.sleep(0.02)

    worker.process.send_signal(signal.SIGINT)

    assert worker.outcome() == {"calls": 0, "failures": [], "interrupted": True}
    after = login.stored
    assert (before.gen, after.gen) == (0, 1)
    assert login.provider.refresh(after).gen == 2, "what was saved is the newest token"
    assert identity_provider.stats()["grants_revoked"] == 0
