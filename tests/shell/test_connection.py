"""The session of a shell: opened late, switched, and what it asks of the person in front."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

from cudo_sandbox import Sandbox
from cudo_sdk import APIConfig, AsyncSession
from cudo_sdk.auth.budget import Budget, budget
from cudo_shell.connection import COMPLETION_PATIENCE, Connection
from cudo_shell.contexts import Context
from cudo_shell.exits import RefusedError
from cudo_shell.targets import Target

PROTECTED = Context("prod", "http://127.0.0.1", protected=True)


class Source:
    """What stands for a login: it counts how often it was looked at."""

    looked = 0
    is_closed = False

    def look(self) -> None:
        self.looked += 1

    def close(self) -> None:
        self.is_closed = True


def opened(sandbox: Sandbox, **options: object) -> Connection:
    def open_session(target: Target, connection: Connection) -> AsyncSession:
        key = target.api_key or sandbox.api_key
        config = APIConfig(api_key=key, api_url=sandbox.url, environ={})
        return AsyncSession(config, approve=connection.approve)

    return Connection(open_session, Target("one", sandbox.url, "key", **options))  # type: ignore[arg-type]  # whatever a test wants


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[Connection]:
    connection = opened(sandbox)
    yield connection
    connection.close()


@pytest.fixture
def protected(sandbox: Sandbox) -> Iterator[Connection]:
    connection = opened(sandbox, context=PROTECTED)
    yield connection
    connection.close()


def who(connection: Connection) -> str | None:
    return connection.call(connection.session.users.get_current_user()).email_address


def test_switch_goes_on_as_somebody_else_and_drops_the_old_session(connection, sandbox):
    assert who(connection) == "kim@example.com"
    old, source = connection.session, Source()
    connection.token_source = source
    connection.switch(Target("two", sandbox.url, "key", api_key="viewer-key"))
    assert (connection.generation, connection.token_source, source.is_closed) == (1, None, True)
    assert connection.session is not old
    assert who(connection) == "vera@example.com"


def test_connection_elsewhere_leaves_this_one_alone(connection, sandbox):
    other = connection.elsewhere(Target("two", sandbox.url, "key", api_key="viewer-key"))
    assert who(other) == "vera@example.com"
    other.close()
    assert (connection.generation, who(connection)) == (0, "kim@example.com")


def test_each_command_looks_at_the_login_once(connection):
    source = Source()
    connection.token_source = source
    for _ in range(3):
        connection.begin()
    assert source.looked == 3


def test_key_that_was_stored_anew_is_read_by_the_next_command(connection):
    stamps = iter([1, 1, 2, 2])
    connection.watch(lambda: next(stamps))
    first = connection.session
    connection.begin()
    assert connection.session is first
    connection.begin()
    assert connection.session is not first


async def spent() -> Budget | None:
    return budget.get()


def test_command_has_one_budget_and_the_next_one_another(connection):
    connection.begin()
    first, again = connection.call(spent()), connection.call(spent())
    connection.begin()
    assert first is again is not None
    assert connection.call(spent()) is not first


def test_listing_behind_the_prompt_has_its_own_budget_and_little_patience(connection):
    connection.begin()
    of_command = connection.call(spent())
    of_listing = connection.submit(spent()).result(10)
    assert of_listing is not None
    assert of_listing is not of_command
    assert of_listing.patience == COMPLETION_PATIENCE


def test_listing_after_the_end_is_refused_without_a_warning(connection):
    connection.loop.close(asyncio.sleep(0))
    work = spent()
    with pytest.raises(RuntimeError):
        connection.submit(work)
    work.close()
    connection._loop = None


def stop(connection: Connection, vm: str = "web-1"):
    return connection.session.vms.stop_vm("demo", vm)


def test_change_in_a_protected_context_asks_once_for_each_command(protected):
    asked: list[str] = []
    protected.begin(asked.append)
    for vm in ("web-1", "db-1"):
        protected.call(stop(protected, vm))
    protected.begin(asked.append)
    protected.call(protected.session.vms.start_vm("demo", "web-2"))
    assert asked == ["StopVM", "StartVM"]


def test_changes_side_by_side_ask_once(protected):
    asked: list[str] = []

    async def both() -> None:
        await asyncio.gather(stop(protected, "web-1"), stop(protected, "db-1"))

    protected.begin(asked.append)
    protected.call(both())
    assert asked == ["StopVM"]


def test_refusal_holds_for_all_changes_of_a_command(protected):
    asked: list[str] = []

    def refuse(operation: str) -> None:
        asked.append(operation)
        raise RefusedError("no")

    protected.begin(refuse)
    for _ in range(2):
        with pytest.raises(RefusedError, match="no"):
            protected.call(stop(protected))
    assert asked == ["StopVM"]
    state = protected.call(protected.session.vms.get_vm("demo", "web-1")).state
    assert state == "ACTIVE"


def test_change_that_nobody_waits_for_is_refused(protected):
    asked: list[str] = []
    protected.begin(asked.append)
    with pytest.raises(RefusedError):
        protected.submit(stop(protected)).result(10)
    assert asked == []


def test_context_that_is_not_protected_asks_nothing(connection):
    asked: list[str] = []
    connection.begin(asked.append)
    connection.call(stop(connection))
    assert asked == []


def test_connection_loads_neither_sdk_nor_yaml_before_it_is_used():
    program = (
        "import sys\nfrom cudo_shell.connection import Connection\nfrom cudo_shell.targets import *\n"
        "target = resolve(Choice(), sources_from({'CUDO_CONFIG_DIR': '/nowhere', 'HOME': '/nowhere'}))\n"
        "Connection(lambda *_: None, target).begin()\nprint(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"httpx", "pydantic", "yaml", "asyncio", "filelock"}
