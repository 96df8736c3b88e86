"""A credential reaches the API and nobody else: servers that send it elsewhere, and a sink that listens."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from cudo_sdk import APIConfig, AsyncSession, BadReply, ConfigError, CudoError, Session, Unauthenticated
from cudo_sdk.testing import FakeTransport, api_error

CANARY = "c4n4ry-of-transport"
PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


class Server:
    """A server on this machine that answers all requests alike, and keeps them."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen.append((self.requestline, {k.lower(): v for k, v in self.headers.items()}))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_CONNECT = answer  # noqa: N815  # as the base class looks them up

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[Server]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
def sink() -> Iterator[Server]:
    """Where nothing may arrive."""
    with Server(200, {}, b"{}").running() as server:
        yield server


@pytest.fixture
def api() -> Iterator[Server]:
    with Server(200, {"Set-Cookie": "session=1"}, b"{}").running() as server:
        yield server


def config(url: str) -> APIConfig:
    return APIConfig(api_key=CANARY, api_url=url, environ={})


def ask(url: str, method: str, path: str, make: Callable[[], Any] | None = None) -> list[CudoError | None]:
    """What a blocking and an async session raise."""
    body = {"a": 1} if method == "POST" else None

    def blocking() -> None:
        with Session(config(url)) as session:
            session.request(method, path, body=body)

    async def coroutine() -> None:
        async with AsyncSession(config(url)) as session:
            await session.request(method, path, body=body)

    raised: list[CudoError | None] = []
    for call in (blocking, lambda: asyncio.run(coroutine())):
        try:
            call()
            raised.append(None)
        except CudoError as error:
            raised.append(error)
    return raised


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_redirect_to_another_origin_is_not_followed(status, method, sink):
    with Server(status, {"Location": f"{sink.url}/v1/x"}, b"").running() as api:
        raised = ask(api.url, method, "/v1/x")

    assert [type(error) for error in raised] == [BadReply, BadReply]
    assert (len(api.seen), sink.seen) == (2, [])


@pytest.mark.parametrize(
    "path", ["{sink}/v1/x", "@{host}/v1/x", ":x@{host}/v1/x", ".{host}/v1/x", "\\@{host}/x"]
)
def test_path_that_names_another_host_is_refused(path, sink):
    host = sink.url.removeprefix("http://")

    raised = ask("http://localhost:9", "GET", path.format(sink=sink.url, host=host))

    assert sink.seen == []
    assert all(raised)


def test_path_with_a_whole_url_is_refused_before_anything_is_sent(api, sink):
    raised = ask(api.url, "GET", f"@{sink.url.removeprefix('http://')}/v1/x")

    assert [type(error) for error in raised] == [ConfigError, ConfigError]
    assert (api.seen, sink.seen) == ([], [])
    assert CANARY not in str(raised)


def test_proxy_of_the_environment_never_sees_calls_to_this_machine(api, sink, monkeypatch):
    for name in PROXIES:
        monkeypatch.setenv(name, sink.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    assert ask(api.url, "GET", "/v1/x") == [None, None]
    assert (len(api.seen), sink.seen) == (2, [])


def test_proxy_sees_no_credential_of_calls_to_the_api(sink, monkeypatch):
    """It is asked for a tunnel, in which TLS hides the rest."""
    for name in PROXIES:
        monkeypatch.setenv(name, sink.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(CudoError), Session(config("https://api.invalid")) as session:
        session.with_options(max_retries=0).request("GET", "/v1/x")

    assert [line for line, _ in sink.seen] == ["CONNECT api.invalid:443 HTTP/1.1"]
    assert CANARY not in str(sink.seen)


def test_given_client_neither_adds_a_credential_nor_keeps_ours(api):
    """Its own habits, such as following redirects or logging in, are not those of a session."""
    seen: list[httpx.Response] = []
    client = httpx.Client(
        auth=("user", "their-password"),
        headers={"Authorization": "Bearer theirs", "X-Mine": "1"},
        cookies={"mine": "1"},
        follow_redirects=True,
        event_hooks={"response": [seen.append]},
    )
    with client, Session(config(api.url), http_client=client) as session:
        session.request("GET", "/v1/x")
        after = client.get(f"{api.url}/other", auth=None)

    (_, ours), (_, theirs) = api.seen
    assert (ours["authorization"], ours["x-mine"]) == (f"Bearer {CANARY}", "1")
    assert theirs["authorization"] == "Bearer theirs"
    assert CANARY not in str([client.headers, client.cookies, dict(after.request.headers)])
    assert "authorization" not in seen[0].request.headers


def test_given_client_that_follows_redirects_does_not_follow_ours(sink):
    with (
        Server(307, {"Location": f"{sink.url}/v1/x"}, b"").running() as api,
        httpx.Client(follow_redirects=True, auth=("user", "pass")) as client,
        Session(config(api.url), http_client=client) as session,
        pytest.raises(BadReply),
    ):
        session.request("POST", "/v1/x", body={"a": 1})

    assert sink.seen == []


def test_no_response_has_the_credential_once_it_was_used(api):
    with Session(config(api.url)) as session, session.capture() as captured:
        reply = session.request("GET", "/v1/x")

    assert api.seen[0][1]["authorization"] == f"Bearer {CANARY}"
    assert "authorization" not in reply.response.request.headers
    assert CANARY not in str([reply, vars(reply.response), captured, session, vars(session)["config"]])


def test_no_error_has_the_credential_that_was_refused():
    with Server(401, {}, b'{"code": 16, "message": "no"}').running() as api:
        first, second = ask(api.url, "GET", "/v1/x")

    assert len(api.seen) == 2
    for error in (first, second):
        assert isinstance(error, Unauthenticated)
        assert "authorization" not in error.response.request.headers
        assert CANARY not in str([error, error.args, vars(error), vars(error.response.request)])


@pytest.mark.parametrize("answer", [httpx.ReadError("x"), httpx.ConnectError("x"), httpx.WriteTimeout("x")])
def test_error_of_a_broken_exchange_does_not_hold_the_body_either(answer):
    fake = FakeTransport({"POST /v1/x": answer})

    with pytest.raises(CudoError) as caught:
        fake.session().request("POST", "/v1/x", body={"password": CANARY})

    assert CANARY in fake.requests[0].content.decode()
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    assert CANARY.encode() not in pickle.dumps(caught.value)


def test_error_of_the_api_is_pickled_without_the_body_that_it_answers():
    fake = FakeTransport({"POST /v1/x": api_error("INVALID_ARGUMENT", "no")})

    with pytest.raises(CudoError) as caught:
        fake.session().request("POST", "/v1/x", body={"password": CANARY})

    assert CANARY.encode() not in pickle.dumps(caught.value)
