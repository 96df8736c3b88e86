"""The loop in the background, and Ctrl-C."""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import AsyncIterator

import pytest

from cudo_shell.exits import RefusedError
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
    assert time.monotonic() - started < 10
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
    assert time.monotonic() - started < 10
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


def test_errand_runs_in_the_thread_that_waits_and_its_answer_comes_back(loop):
    async def work() -> tuple[object, object]:
        return await loop.errand(threading.current_thread), threading.current_thread()

    asked, worked = loop.call(work())
    assert asked is threading.current_thread()
    assert worked is not asked


def test_errand_of_a_task_that_the_work_started_is_done_as_well(loop):
    async def work() -> int:
        return sum(await asyncio.gather(loop.errand(lambda: 1), loop.errand(lambda: 2)))

    assert loop.call(work()) == 3


def test_errand_may_call_the_loop_again(loop):
    async def work() -> object:
        return await loop.errand(lambda: loop.call(answer("inner")))

    assert loop.call(work()) == "inner"


def test_errand_that_fails_fails_where_it_came_from(loop):
    def fail() -> None:
        raise ValueError("of the errand")

    async def work() -> str:
        try:
            await loop.errand(fail)
        except ValueError as error:
            return f"caught: {error}"
        return "nothing"

    assert loop.call(work()) == "caught: of the errand"


def test_errand_of_work_that_nobody_waits_for_is_refused_also_while_somebody_waits_for_other_work(loop):
    done = []

    async def command() -> None:
        with pytest.raises(RefusedError, match="Nobody is there"):
            await asyncio.wrap_future(loop.submit(loop.errand(lambda: done.append("asked"))))

    loop.call(command())
    with pytest.raises(RefusedError):
        loop.submit(loop.errand(lambda: done.append("asked"))).result(2)
    assert done == []


def test_errand_after_the_end_of_its_call_is_refused(loop):
    left: list[asyncio.Task[object]] = []

    async def late() -> object:
        await asyncio.sleep(0.05)
        return await loop.errand(lambda: "asked")

    async def work() -> None:
        left.append(asyncio.create_task(late()))

    async def look() -> object:
        return await asyncio.wait_for(left[0], 2)

    loop.call(work())
    with pytest.raises(RefusedError):
        loop.call(look())


def test_ctrl_c_during_an_errand_ends_the_errand_and_the_call(loop):
    ended = []

    async def work() -> None:
        try:
            await loop.errand(lambda: time.sleep(30))
        finally:
            ended.append("work")

    interrupt_after(0.1)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        loop.call(work())
    assert time.monotonic() - started < 10
    assert ended == ["work"]
    assert loop.call(answer("next")) == "next"


def test_errand_that_an_interrupt_left_behind_is_not_waited_for(loop):
    waiting: list[asyncio.Task[object]] = []

    async def work() -> None:
        waiting.append(asyncio.create_task(loop.errand(lambda: "never asked")))
        await loop.errand(_interrupt)

    with pytest.raises(KeyboardInterrupt):
        loop.call(work())

    async def look() -> bool:
        await asyncio.wait(waiting, timeout=2)
        return waiting[0].cancelled()

    assert loop.call(look())


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_errand_whose_sender_gave_up_is_skipped(loop):
    done = []

    async def work() -> None:
        first = asyncio.create_task(loop.errand(lambda: time.sleep(0.1)))
        second = asyncio.create_task(loop.errand(lambda: done.append("asked")))
        await asyncio.sleep(0.02)
        second.cancel()
        await first

    loop.call(work())
    assert done == []


def test_end_of_a_call_is_noticed_at_once(loop):
    started = time.monotonic()
    for _ in range(100):
        loop.call(answer(None))
    assert time.monotonic() - started < 5  # each wait that is cut into looks of 0.25 s would take 25 s


def test_jobs_run_together_and_each_end_is_told_in_the_thread_that_waits(loop):
    found: list[object] = []
    told: list[tuple[int, threading.Thread]] = []
    jobs = [lambda number=number: found.append(loop.call(answer(number))) for number in range(20)]
    loop.together(jobs, 4, lambda place: told.append((place, threading.current_thread())))
    assert sorted(map(str, found)) == sorted(map(str, range(20)))
    assert sorted(place for place, _ in told) == list(range(20))
    assert {thread for _, thread in told} == {threading.main_thread()}


def test_question_of_a_job_is_asked_in_the_thread_that_waits(loop):
    asked: list[object] = []

    async def ask() -> None:
        asked.append(await loop.errand(threading.current_thread))

    loop.together([lambda: loop.call(ask())] * 2, 2, lambda _place: None)
    assert asked == [threading.main_thread()] * 2


def test_no_jobs_end_at_once(loop):
    ended: list[int] = []
    loop.together([], 8, ended.append)
    assert ended == []


def test_ctrl_c_keeps_jobs_from_beginning_and_cancels_the_calls_of_others(loop):
    begun: list[str] = []

    def job(name: str) -> None:
        begun.append(name)
        with contextlib.suppress(asyncio.CancelledError):
            loop.call(asyncio.sleep(30))
        begun.append(f"{name} ended")

    interrupt_after(0.2)
    with pytest.raises(KeyboardInterrupt):
        loop.together([lambda: job("a"), lambda: job("b")], 1, lambda _place: None)
    assert begun == ["a", "a ended"]
    assert loop.call(answer(3)) == 3
