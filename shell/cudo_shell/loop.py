"""The event loop in the background: the prompt blocks on it, and Ctrl-C cancels what runs there."""

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import AsyncIterable, AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

LOOK = 0.25  # seconds; a blocked wait sees Ctrl-C on Windows only when it returns
GRACE = 2.0  # seconds that a cancelled call may take to close its connection
BATCH = 100  # items fetched at a time: one page of the API


class LoopThread:
    """Owns a loop for the whole life of the program; sessions belong to the loop they were used on.

    `call` blocks (a command), `submit` never does (the refresh of a listing).
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cudo-loop", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work on the loop and return at once."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work on the loop and return what it returns, or raise what it raises.

        Raises: KeyboardInterrupt after Ctrl-C, when the work has been cancelled and has ended, or after 2 s.
        """
        # The future of run_coroutine_threadsafe is done the moment it is cancelled, while the
        # coroutine still unwinds. This one is done only when the task is.
        ended: Future[asyncio.Task[T]] = Future()
        tasks: list[asyncio.Task[T]] = []

        def start() -> None:
            tasks.append(self._loop.create_task(work))
            tasks[0].add_done_callback(ended.set_result)

        def cancel() -> None:
            for task in tasks:
                task.cancel()

        try:
            self._loop.call_soon_threadsafe(start)
            while not ended.done():
                # wait(), since result(timeout) could not tell our own time-out from one of the work
                concurrent.futures.wait([ended], LOOK)
            return ended.result().result()
        except KeyboardInterrupt:
            self._loop.call_soon_threadsafe(cancel)
            concurrent.futures.wait([ended], GRACE)
            raise

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
