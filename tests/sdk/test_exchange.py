"""One exchange with a server that is slow, or that sends more than it should, over a real connection."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from cudo_sdk import AsyncSession, BadReply, RequestTimeout, Session, exchange

both_sessions = pytest.mark.parametrize("kind", ["sync", "async"])
Send = Callable[[socket.socket, threading.Event], None]


@contextmanager
def served(send: Send) -> Iterator[str]:
    """The URL of a server that answers each request in this way, until the block ends."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection, hanging_up():
            while connection.recv(65536):
                send(connection, over)

    def serve() -> None:
        while not over.is_set():
            connection, _ = listener.accept()
            threads.append(threading.Thread(target=answer, args=(connection,), daemon=True))
            threads[-1].start()

    threads = [threading.Thread(target=serve, daemon=True)]
    threads[0].start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        socket.create_connection(listener.getsockname()).close()
        for thread in threads:
            thread.join(5)
        listener.close()


@contextmanager
def hanging_up() -> Iterator[None]:
    """The client may hang up at any moment."""
    with suppress(OSError):
        yield


def list_vms(kind: str, url: str, *, deadline: float = 20) -> list[str | None]:
    """The ids of the VMs that a server lists."""
    if kind == "sync":
        with Session(api_key="k", base_url=url) as session:
            return [vm.id for vm in session.with_options(deadline=deadline).vms.list_vms("demo")]

    async def awaited() -> list[str | None]:
        async with AsyncSession(api_key="k", base_url=url) as session:
            return [vm.id for vm in await session.with_options(deadline=deadline).vms.list_vms("demo")]

    return asyncio.run(awaited())


def replying(body: bytes, *headers: str) -> Send:
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""])
    return lambda connection, _: connection.sendall(head.encode() + body)


def dripping(head: bytes, drop: bytes) -> Send:
    """Send the head, and then a drop twenty times a second without an end."""

    def send(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(head)
        while not over.wait(0.05):
            connection.sendall(drop)

    return send


BODY = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b" ")
HEADERS = dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")


@pytest.mark.parametrize(
    ("kind", "send"),
    [("async", BODY), ("async", HEADERS), ("sync", BODY)],
    ids=["async-body", "async-headers", "sync-body"],
)
def test_answer_that_drips_ends_at_the_deadline(kind: str, send: Send):
    began = time.monotonic()

    with served(send) as url, pytest.raises(RequestTimeout, match="did not answer in time"):
        list_vms(kind, url, deadline=0.4)

    assert 0.3 < time.monotonic() - began < 3


@both_sessions
def test_session_goes_on_after_an_answer_that_dripped(kind: str):
    answers = iter([BODY, replying(b'{"VMs": [{"id": "web-1"}]}')])

    def send(connection: socket.socket, over: threading.Event) -> None:
        next(answers)(connection, over)

    with served(send) as url:
        with pytest.raises(RequestTimeout):
            list_vms(kind, url, deadline=0.3)
        assert list_vms(kind, url) == ["web-1"]


@both_sessions
def test_packed_answer_is_unpacked(kind: str):
    body = gzip.compress(json.dumps({"VMs": [{"id": "web-1"}]}).encode())

    with served(replying(body, "Content-Encoding: gzip")) as url:
        assert list_vms(kind, url) == ["web-1"]


@both_sessions
def test_answer_that_unpacks_beyond_the_limit_is_left(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exchange, "LARGEST", 1024 * 1024)
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b" " * 1024 * 1024) for _ in range(40)) + packer.flush()

    with (
        served(replying(bomb, "Content-Encoding: gzip")) as url,
        pytest.raises(BadReply, match=r"^the reply of ListVMs does not fit: it is larger than 1 MiB$"),
    ):
        list_vms(kind, url)


@both_sessions
def test_answer_without_an_end_is_left(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exchange, "LARGEST", 1024 * 1024)

    def send(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            connection.sendall(b" " * 65536)

    with served(send) as url, pytest.raises(BadReply, match="larger than 1 MiB"):
        list_vms(kind, url)


@both_sessions
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "sausage"])
def test_answer_that_is_packed_in_another_way_is_refused(kind: str, coding: str):
    with served(replying(b"{}", f"Content-Encoding: {coding}")) as url, pytest.raises(BadReply) as caught:
        list_vms(kind, url)

    said = "the reply of ListVMs does not fit: it is packed in a way that was not asked for"
    assert str(caught.value) == said


def test_captured_reply_is_unpacked_and_has_the_headers_that_came():
    body: dict[str, Any] = {"VMs": []}
    send = replying(gzip.compress(json.dumps(body).encode()), "Content-Encoding: gzip", "X-Request-Id: 7")

    with served(send) as url, Session(api_key="k", base_url=url) as session, session.capture() as seen:
        session.vms.list_vms("demo")

    assert json.loads(seen[0].content) == body
    assert dict(seen[0].headers)["x-request-id"] == "7"
