"""The event loop in the background: the prompt blocks on it, and Ctrl-C cancels what runs there."""

import asyncio
import concurrent.futures
import contextlib
import queue
import threading
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar

from cudo_shell.exits import RefusedError

T = TypeVar("T")

LOOK = 0.25  # seconds; a blocked wait sees Ctrl-C on Windows only when it returns
BEAT = 0.05  # seconds between two looks whether cancelled jobs have ended
GRACE = 2.0  # seconds that a cancelled call may take to close its connection
BATCH = 100  # items fetched at a time: one page of the API


class _Front:
    """A thread that waits for work on the loop, and does errands for it meanwhile.

    Everything but `serve` happens on the loop, so that no errand slips in after the end.
    """

    def __init__(self) -> None:
        self._errands: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._is_open = True

    def serve(self) -> None:
        """Do errands as they come, until the end."""
        while errand := self._next():
            ask, answer = errand
            if not answer.set_running_or_notify_cancel():
                continue  # whoever sent it waits no longer
            try:
                answer.set_result(ask())
            except Exception as error:  # noqa: BLE001  # raised where the errand came from
                answer.set_exception(error)

    def _next(self) -> tuple[Callable[[], Any], Future[Any]] | None:
        while True:
            with contextlib.suppress(queue.Empty):
                return self._errands.get(timeout=LOOK)

    async def do(self, ask: Callable[[], T]) -> T:
        """Have the waiting thread run something; return or raise what comes of it."""
        if not self._is_open:
            raise _nobody()
        answer: Future[T] = Future()
        self._errands.put((ask, answer))
        return await asyncio.wrap_future(answer)

    def post(self, tell: Callable[[], Any]) -> None:
        """Have the waiting thread run something whose outcome nobody waits for."""
        self._errands.put((tell, Future()))

    def end(self) -> None:
        """Let the thread go, after the errands that were sent before."""
        self._is_open = False
        self._errands.put(None)

    def abandon(self) -> None:
        """Refuse what the thread has not begun: it is gone."""
        self._is_open = False
        with contextlib.suppress(queue.Empty):
            while True:
                if errand := self._errands.get_nowait():
                    errand[1].cancel()


# Of the work that runs here, of all tasks that it starts, and of jobs. None: nobody waits for it.
_front: ContextVar[_Front | None] = ContextVar("front", default=None)


def _nobody() -> RefusedError:
    return RefusedError("Nobody is there to be asked.")


class LoopThread:
    """Owns a loop for the whole life of the program; sessions belong to the loop they were used on.

    `call` blocks (a command), `submit` never does (the refresh of a listing). Work that somebody waits for
    may send that thread on an `errand`: only there can a person be asked.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._calls: set[asyncio.Task[Any]] = set()  # that threads wait for; touched on the loop only
        self._thread = threading.Thread(target=self._loop.run_forever, name="cudo-loop", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work on the loop and return at once; nobody can be asked for it."""

        async def unattended() -> T:
            _front.set(None)  # also where a command started it
            return await work

        wrapped = unattended()
        try:
            return asyncio.run_coroutine_threadsafe(wrapped, self._loop)
        except RuntimeError:  # the loop is closed
            wrapped.close()
            raise

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work on the loop and return what it returns, or raise what it raises.

        Meanwhile this thread does the errands that the work sends it on.

        Raises: KeyboardInterrupt after Ctrl-C, when the work has been cancelled and has ended, or after 2 s.
        """
        # The future of run_coroutine_threadsafe is done the moment it is cancelled, while the
        # coroutine still unwinds. This one is done only when the task is.
        ended: Future[asyncio.Task[T]] = Future()
        tasks: list[asyncio.Task[T]] = []
        crew = _front.get()  # of a job: errands are done where all jobs are waited for
        front = crew or _Front()

        def start() -> None:
            _front.set(front)  # in the context of this callback, which the task copies
            tasks.append(self._loop.create_task(work))
            self._calls.add(tasks[0])
            tasks[0].add_done_callback(self._calls.discard)
            tasks[0].add_done_callback(ended.set_result)
            if crew is None:
                tasks[0].add_done_callback(lambda _: front.end())

        def cancel() -> None:
            front.abandon()
            for task in tasks:
                task.cancel()

        try:
            self._loop.call_soon_threadsafe(start)
            if crew is None:
                front.serve()
            return ended.result().result()
        except KeyboardInterrupt:
            self._loop.call_soon_threadsafe(cancel)
            concurrent.futures.wait([ended], GRACE)
            raise

    def together(
        self, jobs: Sequence[Callable[[], object]], at_once: int, told: Callable[[int], None]
    ) -> None:
        """Run jobs that use `call`, each in a thread, so many at once; return when all have ended.

        This thread meanwhile does the errands of all, and `told` with the place of each job that has ended.
        A job raises nothing.
        Raises: KeyboardInterrupt after Ctrl-C: none begins any more, and the calls of the others have been
        cancelled, which is a CancelledError to them; when all have ended, or after 2 s.
        """
        if not jobs:
            return  # no job would end it
        front = _Front()
        left = len(jobs)

        def ended(place: int) -> None:
            nonlocal left
            left -= 1
            front.post(lambda: told(place))
            if not left:
                front.end()

        context = copy_context()
        context.run(_front.set, front)
        pool = ThreadPoolExecutor(at_once, "cudo-job")
        running = [pool.submit(context.copy().run, job) for job in jobs]
        for place, job in enumerate(running):
            job.add_done_callback(partial(self._soon, ended, place))
        try:
            front.serve()
        except KeyboardInterrupt:
            self._loop.call_soon_threadsafe(front.abandon)
            self._stop(running)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _soon(self, ended: Callable[[int], None], place: int, _job: Future[Any]) -> None:
        self._loop.call_soon_threadsafe(ended, place)

    def _stop(self, jobs: Sequence[Future[Any]]) -> None:
        """Keep jobs from beginning and cancel the calls of those that run, for 2 s at most."""
        for job in jobs:
            job.cancel()
        until = time.monotonic() + GRACE
        while not all(job.done() for job in jobs) and time.monotonic() < until:
            # Again and again: a job may be between two calls.
            self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._calls])
            concurrent.futures.wait(jobs, BEAT)

    @staticmethod
    def is_attended() -> bool:
        """On the loop: whether a thread waits in `call` for this work, and could run an errand."""
        return _front.get() is not None

    @staticmethod
    async def errand(ask: Callable[[], T]) -> T:
        """On the loop: have the thread that waits in `call` for this work run something.

        Returns or raises what comes of it; a Ctrl-C there ends the whole call.
        Raises: RefusedError where nobody waits, as for the refresh of a listing.
        """
        front = _front.get()
        if front is None:
            raise _nobody()
        return await front.do(ask)

    def iterate(self, items: AsyncIterable[T]) -> Iterator[T]:
        """Yield the items of an asynchronous iteration, a page at a time."""
        source = aiter(items)
        is_more = True
        while is_more:
            batch, error = self.call(_take(source))
            yield from batch
            if error is not None:
                raise error
            is_more = len(batch) == BATCH

    def close(self, farewell: Coroutine[Any, Any, Any]) -> None:
        """Cancel what still runs, run the farewell, end the thread."""

        async def end() -> None:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            # Before the farewell: a listing that goes on would open a connection on the closed client.
            await asyncio.gather(*rest, return_exceptions=True)
            with contextlib.suppress(Exception):
                await asyncio.wait_for(farewell, GRACE)

        # An interrupt in the middle of an import can leave the thread waiting for a lock for ever.
        concurrent.futures.wait([self.submit(end())], 2 * GRACE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GRACE)
        if not self._thread.is_alive():
            self._loop.close()


async def _take(source: AsyncIterator[T]) -> tuple[list[T], Exception | None]:
    """Return what arrives next, and the error that ended it: what came before an error is not lost."""
    batch: list[T] = []
    try:
        while len(batch) < BATCH:
            batch.append(await anext(source))
    except StopAsyncIteration:
        pass
    except Exception as error:  # noqa: BLE001  # raised by the caller, in its turn
        return batch, error
    return batch, None
