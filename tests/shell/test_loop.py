"""The loop in the background, and Ctrl-C."""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import AsyncIterator

import pytest

from cudo_shell.loop import LoopThread


@pytest.fixture
def loop():
    loop = LoopThread()
    yield loop
    loop.close(asyncio.sleep(0))


async def answer(value: object) -> object:
    await asyncio.sleep(0)
    return value


def interrupt_after(seconds: float) -> None:
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()


def test_call_returns_what_the_work_returns(loop):
    assert loop.call(answer(3)) == 3


def test_call_raises_what_the_work_raises(loop):
    async def fail() -> None:
        raise TimeoutError("of the work itself")

    with pytest.raises(TimeoutError, match="of the work itself"):
        loop.call(fail())


def test_ctrl_c_cancels_the_work_at_once_and_the_loop_lives_on(loop):
    ended = []

    async def slow() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            await asyncio.sleep(0.01)  # as closing a connection takes a moment
            ended.append("closed")

    interrupt_after(0.1)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        loop.call(slow())
    assert time.monotonic() - started < 0.1 + 0.3
    assert ended == ["closed"]
    assert loop.call(answer("next")) == "next"


def test_work_that_does_not_end_is_given_up(loop, monkeypatch):
    monkeypatch.setattr("cudo_shell.loop.GRACE", 0.1)
    free = threading.Event()

    async def stubborn() -> None:
        while not free.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.02)

    interrupt_after(0.05)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        loop.call(stubborn())
    assert time.monotonic() - started < 1
    free.set()


def test_iteration_fetches_only_as_far_as_it_is_read(loop):
    fetched = []

    async def numbers() -> AsyncIterator[int]:
        for number in range(1000):
            fetched.append(number)
            yield number

    items = loop.iterate(numbers())
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    assert len(fetched) == 100
    assert list(items) == list(range(3, 1000))


def test_error_in_the_middle_of_an_iteration_comes_after_what_arrived(loop):
    async def broken() -> AsyncIterator[int]:
        yield 1
        raise ValueError("then this")

    items = loop.iterate(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="then this"):
        next(items)


def test_close_cancels_what_is_left():
    loop = LoopThread()
    started = threading.Event()
    cancelled = []

    async def endless() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    loop.submit(endless())
    assert started.wait(2)
    loop.close(asyncio.sleep(0))
    assert cancelled == [True]
