"""The one seam: what is sent, what is sent again, and what comes out of it."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import httpx
import pytest

from cudo_sdk import (
    AsyncSession,
    BadReply,
    ConfigError,
    ConnectionFailed,
    FailedPrecondition,
    Hooks,
    LoginRequired,
    NotFound,
    RequestTimeout,
    ResourceExhausted,
    Session,
    Unauthenticated,
    Unavailable,
)
from cudo_sdk.options import Options
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send
from cudo_sdk.transport import drive

VMS = "GET /v1/projects/{}/vms"
VM = "GET /v1/projects/{}/vms/{}"
START = "POST /v1/projects/{}/vms/{}/start"
RESTART = "POST /v1/projects/{}/vms/{}/reboot"
TERMINATE = "POST /v1/projects/{}/vms/{}/terminate"
CREATE_DISK = "POST /v1/projects/{}/disks"
DISK = "GET /v1/projects/{}/disks/{}"
MADE_AT = "2026-01-01T00:00:00Z"  # when the clock of a fake begins
FOUND = {"disk": {"id": "data", "dataCenterId": "no-luster-1", "sizeGib": 10, "createTime": MADE_AT}}


def create_disk(fake: FakeTransport) -> None:
    fake.session().disks.create_disk("demo", "data", "no-luster-1", 10)


def test_read_is_repeated_until_it_is_answered():
    fake = FakeTransport({VMS: [httpx.ConnectError("down"), drop_after_send(), api_error("UNAVAILABLE"), {}]})

    assert fake.session().vms.list_vms("demo") == []
    assert fake.clock.naps == pytest.approx([0.5, 0.8, 1.28])


def test_read_gives_up_after_three_retries_and_says_how_often_it_tried():
    fake = FakeTransport({VMS: [api_error("UNAVAILABLE")] * 4})

    with pytest.raises(Unavailable) as caught:
        fake.session().vms.list_vms("demo")

    assert caught.value.attempts == 4
    assert not caught.value.outcome_unknown


def test_number_of_retries_is_an_option():
    fake = FakeTransport({VMS: [api_error("UNAVAILABLE")]})

    with pytest.raises(Unavailable):
        fake.session().with_options(max_retries=0).vms.list_vms("demo")


def test_delay_beyond_the_deadline_is_raised_at_once_with_the_delay():
    busy = api_error("RESOURCE_EXHAUSTED")
    busy.headers["Retry-After"] = "500"
    fake = FakeTransport({VMS: [busy]})

    with pytest.raises(ResourceExhausted) as caught:
        fake.session().vms.list_vms("demo")

    assert caught.value.retry_after == 500
    assert fake.clock.naps == []


def test_deadline_bounds_attempts_and_waits_together():
    fake = FakeTransport({VMS: [api_error("UNAVAILABLE")] * 99})

    with pytest.raises(Unavailable):
        fake.session(options=Options(max_retries=98, deadline=5.0)).vms.list_vms("demo")

    assert fake.clock.time() < 5


def test_one_429_slows_the_whole_session():
    busy = api_error("RESOURCE_EXHAUSTED")
    busy.headers["Retry-After"] = "7"
    fake = FakeTransport({VMS: [busy, {}], DISK: FOUND})
    session = fake.session()

    session.vms.list_vms("demo")
    session.disks.get_disk("demo", "data")

    assert fake.clock.naps == [7]


def test_quota_is_not_waited_for():
    quota = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}
    fake = FakeTransport({VMS: [api_error("RESOURCE_EXHAUSTED", details=[quota])]})

    with pytest.raises(ResourceExhausted):
        fake.session().vms.list_vms("demo")


def test_restart_is_sent_once_and_says_that_it_may_have_happened():
    fake = FakeTransport({RESTART: [drop_after_send()]})

    with pytest.raises(ConnectionFailed) as caught:
        fake.session().vms.restart_vm("demo", "web-1")

    assert caught.value.outcome_unknown


def test_restart_that_was_surely_not_sent_is_sent_again():
    fake = FakeTransport({RESTART: [httpx.ConnectError("down"), {}]})

    fake.session().vms.restart_vm("demo", "web-1")

    assert len(fake.requests) == 2


def test_create_whose_answer_is_lost_is_looked_up_and_never_sent_twice():
    fake = FakeTransport({CREATE_DISK: [drop_after_send()], DISK: [api_error("NOT_FOUND"), FOUND]})

    create_disk(fake)

    assert [request.method for request in fake.requests] == ["POST", "GET", "GET"]


def test_create_that_never_shows_up_raises_the_first_error_as_unknown():
    fake = FakeTransport({CREATE_DISK: [drop_after_send()], DISK: [api_error("NOT_FOUND")] * 20})

    with pytest.raises(ConnectionFailed) as caught:
        create_disk(fake)

    assert caught.value.outcome_unknown
    assert 10 <= fake.clock.time() < 15


def test_create_finding_something_else_under_the_id_raises():
    other = {"disk": {**FOUND["disk"], "sizeGib": 99}}
    fake = FakeTransport({CREATE_DISK: [api_error("UNAVAILABLE")], DISK: other})

    with pytest.raises(Unavailable) as caught:
        create_disk(fake)

    assert caught.value.outcome_unknown  # the API may have made another size of it


def test_create_is_repeated_when_it_was_refused_before_it_ran():
    fake = FakeTransport({CREATE_DISK: [api_error("RESOURCE_EXHAUSTED"), httpx.ConnectError("x"), {}]})

    create_disk(fake)

    assert len(fake.requests) == 3


def test_second_terminate_that_finds_nothing_is_the_success_of_the_first():
    fake = FakeTransport({TERMINATE: [drop_after_send(), api_error("NOT_FOUND")]})

    fake.session().vms.terminate_vm("demo", "web-1")

    assert len(fake.requests) == 2


def test_terminate_of_what_was_never_there_is_not_found():
    fake = FakeTransport({TERMINATE: [api_error("RESOURCE_EXHAUSTED"), api_error("NOT_FOUND")]})

    with pytest.raises(NotFound):
        fake.session().vms.terminate_vm("demo", "web-1")


@pytest.mark.parametrize(("state", "is_done"), [("STARTING", True), ("ACTIVE", True), ("STOPPED", False)])
def test_refused_repetition_is_settled_by_a_look(state: str, is_done: bool):
    fake = FakeTransport(
        {
            START: [drop_after_send(), api_error("FAILED_PRECONDITION")],
            VM: {"VM": {"id": "web-1", "state": state}},
        }
    )

    if is_done:
        fake.session().vms.start_vm("demo", "web-1")
    else:
        with pytest.raises(FailedPrecondition):
            fake.session().vms.start_vm("demo", "web-1")


def test_refused_first_attempt_is_not_looked_at():
    fake = FakeTransport({START: [api_error("FAILED_PRECONDITION")]})

    with pytest.raises(FailedPrecondition):
        fake.session().vms.start_vm("demo", "web-1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html>", "the reply of ListVMs does not fit: no JSON: 6 bytes of text/html"),
        (b'{"VMs": [', "the reply of ListVMs does not fit: no JSON: 9 bytes of text/html"),
        (b"[]", "the reply of ListVMs does not fit: a JSON object was expected"),
        (b'{"VMs": {}}', "the reply of ListVMs does not fit: 'VMs' is no list"),
    ],
)
def test_reply_of_another_shape_says_what_was_expected(content: bytes, message: str):
    fake = FakeTransport({VMS: httpx.Response(200, content=content, headers={"Content-Type": "text/html"})})

    with pytest.raises(BadReply) as caught:
        fake.session().vms.list_vms("demo")

    assert str(caught.value) == message


def test_reply_that_does_not_fit_names_five_fields_and_counts_the_rest():
    fake = FakeTransport({VMS: {"VMs": [{"vcpus": "canary"}] * 9}})

    with pytest.raises(BadReply) as caught:
        fake.session().vms.list_vms("demo")

    assert str(caught.value).startswith("the reply of ListVMs does not fit: VMs[0].vcpus (Input should be")
    assert str(caught.value).endswith("and 4 more")
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_big_listing_is_decoded_in_steps_with_the_right_index_in_an_error():
    vms: list[dict[str, Any]] = [{"id": f"vm-{n}", "metadata": {"pad": "x" * 2000}} for n in range(900)]
    fake = FakeTransport({VMS: lambda _: {"VMs": vms}})
    session = fake.session()

    assert [vm.id for vm in session.vms.list_vms("demo")] == [vm["id"] for vm in vms]
    vms[701]["vcpus"] = "many"
    with pytest.raises(BadReply, match=r"VMs\[701\]\.vcpus"):
        session.vms.list_vms("demo")


def test_listing_is_decoded_no_further_than_it_is_read():
    vms: list[dict[str, Any]] = [{"id": f"vm-{n}"} for n in range(900)]
    vms[701]["vcpus"] = "many"
    listing = FakeTransport({VMS: {"VMs": vms}}).session().vms.search_vms("demo")

    assert next(listing).id == "vm-0"
    with pytest.raises(BadReply, match=r"VMs\[701\]"):
        list(listing)


@pytest.mark.parametrize(
    "reply", [httpx.Response(200), httpx.Response(204), httpx.Response(200, content=b" ")]
)
def test_read_that_is_answered_with_nothing_does_not_fit(reply: httpx.Response):
    session = FakeTransport({VMS: lambda _: reply, VM: lambda _: reply}).session()

    for read in (lambda: session.vms.list_vms("demo"), lambda: session.vms.get_vm("demo", "web-1")):
        with pytest.raises(BadReply, match=r"^the reply of (ListVMs|GetVM) does not fit: it is empty$"):
            read()


def test_change_may_be_answered_with_nothing():
    FakeTransport({START: httpx.Response(204)}).session().vms.start_vm("demo", "web-1")


def test_redirect_is_never_followed():
    fake = FakeTransport({VMS: httpx.Response(302, headers={"Location": "https://evil.example"})})

    with pytest.raises(BadReply, match="redirect"):
        fake.session().vms.list_vms("demo")

    assert len(fake.requests) == 1


@pytest.mark.parametrize("hostile", ["../x", "a/b", "a:list", "a?x=1", "a#b", "ä", "a%2Fb", "a b"])
def test_hostile_id_stays_in_its_segment(hostile: str):
    fake = FakeTransport({VM: {"VM": {"id": "x"}}})

    fake.session().vms.get_vm("demo", hostile)

    segments = fake.requests[0].url.raw_path.split(b"/")
    assert len(segments) == 6
    assert httpx.URL("http://x/" + segments[5].decode()).path == "/" + hostile


@pytest.mark.parametrize("hostile", ["", ".", ".."])
def test_id_that_is_no_segment_is_refused_before_sending(hostile: str):
    fake = FakeTransport()

    with pytest.raises(ConfigError):
        fake.session().vms.get_vm("demo", hostile)


def test_key_goes_out_once_and_stays_in_no_response():
    keys = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Authorization"])
        return api_error("NOT_FOUND")

    with pytest.raises(NotFound) as caught:
        FakeTransport({VM: answer}).session().vms.get_vm("demo", "web-1")

    assert keys == ["Bearer fake-key"]
    assert "Authorization" not in caught.value.response.request.headers


def test_key_is_not_sent_to_another_origin():
    origin = Session(api_key="k", base_url="https://api.example").origin
    request = httpx.Request("GET", "https://evil.example/v1")

    with pytest.raises(ConfigError, match=r"not sent to https://evil\.example"):
        origin.authorize(request, "Bearer key")
    assert "Authorization" not in request.headers


def test_request_without_a_body_has_no_content_type():
    fake = FakeTransport({START: {}, CREATE_DISK: {}})
    session = fake.session()

    session.vms.start_vm("demo", "web-1")
    create_disk(fake)

    assert [request.headers.get("Content-Type") for request in fake.requests] == [None, "application/json"]
    assert fake.bodies() == [None, {"id": "data", "dataCenterId": "no-luster-1", "sizeGib": 10}]


def test_refused_key_names_its_source(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CUDO_API_KEY", "canary")
    fake = FakeTransport({VMS: api_error("UNAUTHENTICATED")})
    session = Session(base_url="http://127.0.0.1", http_client=httpx.Client(transport=fake))

    with pytest.raises(Unauthenticated) as caught:
        session.vms.list_vms("demo")

    assert caught.value.credential_source == "CUDO_API_KEY"
    assert "canary" not in repr(caught.value) + str(vars(caught.value))


def test_hooks_see_each_attempt_and_cannot_break_the_call(caplog):
    events: list[Any] = []

    def fail(event: object) -> None:
        events.append(event)
        raise RuntimeError

    hooks = Hooks(on_request=fail, on_response=fail, on_retry=fail)
    fake = FakeTransport({VM: [api_error("UNAVAILABLE"), {"VM": {"id": "web-1"}}]})

    fake.session(hooks=hooks).vms.get_vm("demo", "web-1")

    assert [type(event).__name__ for event in events] == [
        "RequestSeen",
        "ReplySeen",
        "RetrySeen",
        "RequestSeen",
        "ReplySeen",
    ]
    assert [(event.status, event.attempt) for event in events if hasattr(event, "status")] == [
        (503, 1),
        (200, 2),
    ]
    assert "a hook failed on RequestSeen" in caplog.messages


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (b"4bf92f3577b34da6", "4bf92f3577b34da6"),
        (b" a b\x1b[31m\tc\xff\xe2\x80\xae ", "a b[31mc"),
        (b"x" * 5000, "x" * 128),
        (b"", ""),
    ],
)
def test_hook_sees_what_can_be_printed_of_the_request_id(sent, seen):
    events: list[Any] = []
    hooks = Hooks(on_response=events.append)
    answers = [
        httpx.Response(200, json={"VM": {"id": "web-1"}}, headers={b"X-Request-Id": sent}),
        httpx.Response(404, json={"code": 5, "message": "no"}, headers={b"x-request-id": sent}),
        httpx.Response(200, json={"VM": {"id": "web-1"}}),
    ]
    session = FakeTransport({VM: answers}).session(hooks=hooks)

    session.vms.get_vm("demo", "web-1")
    with pytest.raises(NotFound):
        session.vms.get_vm("demo", "web-1")
    session.vms.get_vm("demo", "web-1")

    assert [event.request_id for event in events] == [seen, seen, ""]


def test_capture_records_each_attempt_of_this_session_only():
    fake = FakeTransport({VM: [api_error("UNAVAILABLE"), {"VM": {"id": "web-1"}}, {"VM": {"id": "web-1"}}]})
    session = fake.session()

    with session.capture() as seen:
        session.vms.get_vm("demo", "web-1")
    session.vms.get_vm("demo", "web-1")

    assert [reply.status for reply in seen] == [503, 200]
    assert seen[1].content == b'{"VM":{"id":"web-1"}}'


def test_raw_request_reaches_what_the_sdk_does_not_offer():
    fake = FakeTransport({"POST /v1/new": {"ok": True}})

    reply = fake.session().request("POST", "/v1/new", query={"dry": True}, body={"a": 1})

    assert reply.document == {"ok": True}
    assert fake.requests[0].url.query == b"dry=true"


def test_body_that_awaits_something_else_is_refused_by_drive():
    async def body() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="other than its transport"):
        drive(body())


def test_public_catalogue_without_a_key_is_asked_and_a_refusal_is_a_login():
    fake = FakeTransport({"GET /v1/vms/machine-types": [api_error("UNAUTHENTICATED")]})
    session = Session(base_url="http://127.0.0.1", http_client=httpx.Client(transport=fake))

    with pytest.raises(LoginRequired):
        session.machine_types.list_vm_machine_types()

    assert "Authorization" not in fake.requests[0].headers


@pytest.fixture
def silent_server():
    """Accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []
        stop = threading.Event()

        def accept() -> None:
            server.settimeout(0.05)
            while not stop.is_set():
                try:
                    connections.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        stop.set()
        thread.join()
        for connection in connections:
            connection.close()


def test_server_that_does_not_answer_is_a_timeout_after_the_options_time(silent_server: str):
    session = Session(api_key="k", base_url=silent_server, timeout=0.1)

    with session, pytest.raises(RequestTimeout, match="did not answer in time") as caught:
        session.vms.restart_vm("demo", "web-1")

    assert caught.value.outcome_unknown


def test_server_that_is_not_there_is_a_failed_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    session = Session(api_key="k", base_url=f"http://127.0.0.1:{port}")

    with session, pytest.raises(ConnectionFailed, match="cannot connect to http://127"):
        session.with_options(max_retries=0).vms.list_vms("demo")


def test_leaked_pool_is_replaced_and_the_request_sent_again(silent_server: str):
    """Slots that a cancelled task left behind cost one short wait, not the session."""
    made: list[httpx.AsyncClient] = []

    def make() -> httpx.AsyncClient:
        first = not made
        leaky = httpx.MockTransport(pool_timeout if first else lambda _: httpx.Response(200, json={}))
        made.append(httpx.AsyncClient(transport=leaky))
        return made[-1]

    def pool_timeout(request: httpx.Request) -> httpx.Response:
        msg = "no slot"
        raise httpx.PoolTimeout(msg, request=request)

    async def check() -> None:
        async with AsyncSession(api_key="k", base_url=silent_server, http_client=make) as session:
            assert await session.vms.list_vms("demo") == []

    asyncio.run(check())
    assert [client.is_closed for client in made] == [True, True]


def test_cancelled_calls_leave_the_session_usable(silent_server: str):
    """More cancelled calls than the pool has slots, queued and connecting; the next one still goes out."""

    async def check() -> None:
        async with AsyncSession(api_key="k", base_url=silent_server, timeout=30) as session:
            calls = [asyncio.create_task(session.vms.list_vms("demo")) for _ in range(50)]
            await asyncio.sleep(0.05)
            for call in calls:
                call.cancel()
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
            with pytest.raises(RequestTimeout, match="did not answer"):
                await session.with_options(timeout=0.2, max_retries=0).vms.list_vms("demo")

    asyncio.run(check())


def test_replaced_client_is_closed_if_it_is_ours_and_left_open_if_it_is_theirs():
    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json={})))

    made: list[httpx.AsyncClient] = []

    def make() -> httpx.AsyncClient:
        made.append(client())
        return made[-1]

    async def check() -> None:
        theirs = client()
        session = AsyncSession(api_key="k", http_client=make)
        await session.vms.list_vms("demo")
        session.client = theirs
        await session.vms.list_vms("demo")
        await session.aclose()
        assert (made[0].is_closed, theirs.is_closed) == (True, False)
        await theirs.aclose()

    asyncio.run(check())
