"""The two sessions: opening, closing, views, context, threads and interrupts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from cudo_sdk import (
    APIConfig,
    AsyncSession,
    ConfigError,
    CudoComputeSDK,
    CudoError,
    NotFound,
    Options,
    Session,
    api_session,
    current_session,
)
from cudo_sdk.hooks import Change
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

VM = "GET /v1/projects/{}/vms/{}"
DISKS = "GET /v1/projects/{}/disks"


def echo(request: httpx.Request) -> dict[str, object]:
    """A VM with the id that was asked for."""
    return {"VM": {"id": request.url.path.rpartition("/")[2]}}


def test_current_session_is_the_innermost_open_one():
    with FakeTransport().session() as outer:
        with FakeTransport().session() as inner:
            assert current_session() is inner
        assert current_session() is outer
    with pytest.raises(CudoError, match="no session is open here"):
        current_session()


def test_current_session_can_be_set_by_hand():
    session = FakeTransport().session()
    token = api_session.set(session)

    assert current_session() is session
    api_session.reset(token)


def test_session_may_be_left_in_another_task_than_it_was_entered_in():
    async def check() -> None:
        session = FakeTransport().async_session()
        await asyncio.create_task(session.__aenter__())
        await asyncio.create_task(session.__aexit__(None, None, None))

    asyncio.run(check())


def test_groups_use_their_own_session_whatever_is_current():
    first, second = FakeTransport({VM: echo}), FakeTransport()
    with first.session() as session, second.session():
        session.vms.get_vm("demo", "web-1")

    assert (len(first.requests), len(second.requests)) == (1, 0)


def test_group_is_built_once_and_fetches_nothing():
    fake = FakeTransport()
    session = fake.session()

    assert session.vms is session.vms
    assert fake.requests == []


def test_session_is_made_without_a_running_loop_and_used_in_two():
    session = AsyncSession(
        api_key="k", http_client=lambda: httpx.AsyncClient(transport=FakeTransport({VM: echo}))
    )

    async def get() -> str | None:
        return (await session.vms.get_vm("demo", "web-1")).id

    assert asyncio.run(get()) == "web-1"


def test_view_has_its_own_options_on_the_same_client():
    fake = FakeTransport({VM: echo})
    session = fake.session()
    session.vms  # built for the original  # noqa: B018  # an attribute builds its group

    view = session.with_options(timeout=3, headers={"X-Trace": "1"})
    view.vms.get_vm("demo", "a")
    session.vms.with_options(headers={"X-Trace": "2"}).get_vm("demo", "b")
    session.vms.get_vm("demo", "c")

    assert view.client is session.client
    assert [request.headers.get("X-Trace") for request in fake.requests] == ["1", "2", None]
    assert [request.extensions["timeout"]["read"] for request in fake.requests] == [3, 30, 30]


@pytest.mark.parametrize("headers", [{"Authorization": "x"}, {"host": "x"}, {"X": "a\r\nB: c"}, {"X\n": "a"}])
def test_header_that_is_ours_or_breaks_the_line_is_refused(headers: dict[str, str]):
    with pytest.raises(ConfigError):
        FakeTransport().session().with_options(headers=headers)


@pytest.mark.parametrize("options", [{"timeout": 0}, {"deadline": -1}])
def test_time_that_is_none_is_refused(options: dict[str, Any]):
    with pytest.raises(ConfigError, match="above 0"):
        FakeTransport().session().with_options(**options)


def test_config_and_arguments_go_together():
    config = APIConfig(api_key="a", app="tool/1", options=Options(timeout=9), environ={})

    session = Session(config, api_key="b")

    assert session.credential is not None
    assert session.credential.header() == "Bearer b"
    assert session.config.app == "tool/1"
    assert session.with_options()._transport.options.timeout == 9


def test_user_agent_names_the_application_first():
    fake = FakeTransport({VM: echo})
    client = httpx.Client(transport=fake)
    session = Session(APIConfig(api_key="k", app="tool/1", environ={}), http_client=client)

    session.vms.get_vm("demo", "web-1")

    assert fake.requests[0].headers["User-Agent"].startswith("tool/1 cudo-sdk/")


def test_closed_session_says_so_instead_of_opening_a_client_that_nobody_closes():
    made: list[httpx.Client] = []

    def make() -> httpx.Client:
        made.append(httpx.Client(transport=FakeTransport({VM: echo})))
        return made[-1]

    with Session(api_key="k", http_client=make) as session:
        session.vms.get_vm("demo", "web-1")

    with pytest.raises(ConfigError, match="this session is closed"):
        session.vms.get_vm("demo", "web-1")
    assert len(made) == 1


def test_client_that_was_given_is_never_closed_by_the_session():
    with httpx.Client(transport=FakeTransport({VM: echo})) as client:
        with Session(api_key="k", http_client=client) as session:
            session.vms.get_vm("demo", "web-1")
        assert not client.is_closed


def test_early_break_fetches_no_further_page_and_closes_the_body():
    page = {"disks": [{"id": f"d-{n}"} for n in range(100)], "pageSize": 100}
    fake = FakeTransport({DISKS: [page]})

    for disk in fake.session().disks.search_disks("demo"):
        assert disk.id == "d-0"
        break

    assert len(fake.requests) == 1


def test_blocking_session_works_inside_a_running_loop():
    async def check() -> None:
        session = FakeTransport({VM: echo, DISKS: {"disks": [{"id": "d"}], "pageSize": 100}}).session()
        assert session.vms.get_vm("demo", "web-1").id == "web-1"
        assert [disk.id for disk in session.disks.search_disks("demo")] == ["d"]

    asyncio.run(check())


def test_each_thread_gets_its_own_answers():
    session = FakeTransport({VM: echo}).session()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda n: session.vms.get_vm("demo", f"vm-{n}").id, range(800)))
    finally:
        sys.setswitchinterval(interval)

    assert found == [f"vm-{n}" for n in range(800)]


def test_session_is_usable_in_the_child_of_a_fork():
    made: list[int] = []

    def make() -> httpx.Client:
        made.append(os.getpid())
        return httpx.Client(transport=FakeTransport({VM: echo}))

    session = Session(api_key="k", http_client=make)
    session.vms.get_vm("demo", "a")
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            session.vms.get_vm("demo", "b")
            os._exit(0 if made == [os.getppid(), os.getpid()] else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


INTERRUPTS = """
import random, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from cudo_sdk import Session

class Slow(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        time.sleep(0.003)
        body = ('{"VM": {"id": "%s"}}' % self.path.rpartition("/")[2]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try: self.wfile.write(body)
        except OSError: pass
    def log_message(self, *args): pass

class Quiet(ThreadingHTTPServer):
    def handle_error(self, *args): pass

server = Quiet(("127.0.0.1", 0), Slow)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = Session(api_key="k", base_url=f"http://127.0.0.1:{server.server_port}", timeout=5)
session.vms.get_vm("demo", "warm")
signal.signal(signal.SIGALRM, signal.default_int_handler)
random.seed(1)
interrupted = 0
for n in range(300):
    try:
        # Once in some thousand times httpcore deadlocks on its own lock while it unwinds: the second Ctrl-C.
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0005, 0.008), 1)
        session.vms.get_vm("demo", f"lost-{n}")
    except KeyboardInterrupt:
        interrupted += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert session.vms.get_vm("demo", f"vm-{n}").id == f"vm-{n}"
print(interrupted)
"""


def test_interrupt_at_any_moment_leaves_the_session_usable():
    """Measured with httpcore 1.0: a lock left held makes the next call hang for ever, past every timeout."""
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTS], capture_output=True, text=True, timeout=60, check=False
    )

    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 50


def test_facade_offers_every_operation_flat():
    fake = FakeTransport({VM: echo, DISKS: {"disks": [{"id": "d"}], "pageSize": 100}})

    async def check() -> None:
        async with CudoComputeSDK(api_key="k", base_url="http://127.0.0.1") as sdk:
            sdk.client = httpx.AsyncClient(transport=fake)
            vm, disks = await asyncio.gather(sdk.get_vm("demo", "web-1"), sdk.list_disks("demo"))
            assert (vm.id, [disk.id for disk in disks]) == ("web-1", ["d"])
            await sdk.client.aclose()

    asyncio.run(check())


def test_facade_closes_the_client_that_it_made():
    async def check() -> None:
        sdk = CudoComputeSDK(api_key="k")
        client = sdk.client
        await sdk.close()
        assert client.is_closed

    asyncio.run(check())


def test_bulk_gives_a_result_for_each_item_in_order():
    def answer(request: httpx.Request) -> object:
        return api_error("NOT_FOUND") if request.url.path.endswith("web-2") else echo(request)

    session = FakeTransport({VM: answer}).session()

    results = session.bulk(lambda name: session.vms.get_vm("demo", name), ["web-1", "web-2", "web-3"])

    assert [result.item for result in results] == ["web-1", "web-2", "web-3"]
    assert [result.value.id if result.value else None for result in results] == ["web-1", None, "web-3"]
    assert isinstance(results[1].error, NotFound)
    assert not any(result.skipped for result in results)


def test_async_bulk_runs_no_more_than_its_limit_at_once():
    running: list[int] = [0, 0]

    async def call(item: int) -> int:
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0)
        running[0] -= 1
        return item * 2

    async def check() -> list[int | None]:
        session = FakeTransport().async_session()
        return [result.value for result in await session.bulk(call, range(20), limit=3)]

    assert asyncio.run(check()) == [n * 2 for n in range(20)]
    assert running[1] == 3


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_refused_credential_skips_the_rest(kind: str):
    fake = FakeTransport({VM: lambda _: api_error("UNAUTHENTICATED")})
    names = ["a", "b", "c"]
    if kind == "sync":
        session = fake.session()
        results = session.bulk(lambda name: session.vms.get_vm("demo", name), names, limit=1)
    else:
        async_session = fake.async_session()
        results = asyncio.run(
            async_session.bulk(lambda name: async_session.vms.get_vm("demo", name), names, limit=1)
        )

    assert [result.skipped for result in results] == [False, True, True]
    assert len(fake.requests) == 1


def test_interrupt_of_a_bulk_does_not_wait_for_what_has_not_begun():
    session = FakeTransport().session()
    begun: list[int] = []
    release = threading.Event()

    def call(item: int) -> None:
        begun.append(item)
        if item == 0:
            signal.raise_signal(signal.SIGINT) if threading.current_thread() is threading.main_thread() else (
                os.kill(os.getpid(), signal.SIGINT)
            )
        release.wait(5)

    with pytest.raises(KeyboardInterrupt):
        session.bulk(call, range(50), limit=2)
    release.set()

    assert len(begun) <= 3


def test_cancellation_reaches_the_caller():
    async def check() -> None:
        fake = FakeTransport({VM: [drop_after_send(), echo]})
        session = fake.async_session()

        async def never(seconds: float) -> None:
            await asyncio.sleep(30)

        fake.clock.async_sleep = never  # type: ignore[method-assign]  # a wait that can be cancelled
        call = asyncio.create_task(session.vms.get_vm("demo", "web-1"))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(check())


def test_change_is_approved_before_it_is_sent_and_shows_no_secret():
    fake = FakeTransport({"POST /v1/projects/{}/vm/{}/password": {}, "GET /v1/projects/{}/vms": {}})
    asked: list[Change] = []
    client = httpx.Client(transport=fake)
    session = Session(api_key="k", base_url="http://127.0.0.1", http_client=client, approve=asked.append)

    session.vms.list_vms("demo")
    session.vms.update_vm_password("demo", "web-1", "canary-password")

    path = "/v1/projects/demo/vm/web-1/password"
    assert asked == [Change("UpdateVMPassword", "POST", path, {}, {"password": "***"})]


def test_change_that_is_not_approved_is_not_sent():
    fake = FakeTransport()

    def refuse(_: Change) -> None:
        raise PermissionError

    client = httpx.Client(transport=fake)
    session = Session(api_key="k", base_url="http://127.0.0.1", http_client=client, approve=refuse)

    with pytest.raises(PermissionError):
        session.vms.start_vm("demo", "web-1")

    assert fake.requests == []
