"""Many calls with a limit on how many run at once, and a result for each."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from cudo_sdk.errors import AuthError, CudoError, Unauthenticated

I = TypeVar("I")  # noqa: E741  # the item
R = TypeVar("R")


@dataclass(slots=True)
class BulkResult(Generic[I, R]):
    """What became of one item: a value, an error, or nothing because the rest was skipped."""

    item: I
    value: R | None = None
    error: CudoError | None = None
    skipped: bool = True

    def settle(self, call: Callable[[], R]) -> None:
        """Run the call and keep what comes of it."""
        self.skipped = False
        try:
            self.value = call()
        except CudoError as error:
            self.error = error


def _is_fatal(result: BulkResult[I, R]) -> bool:
    """A credential that is refused once will be refused for the rest."""
    return isinstance(result.error, Unauthenticated | AuthError)


async def bulk_async(
    call: Callable[[I], Awaitable[R]], items: Sequence[I], limit: int
) -> list[BulkResult[I, R]]:
    """Run the calls as tasks; see AsyncSession.bulk."""
    results: list[BulkResult[I, R]] = [BulkResult(item) for item in items]
    turns = asyncio.Semaphore(limit)

    async def work(result: BulkResult[I, R]) -> None:
        async with turns:
            if any(map(_is_fatal, results)):
                return
            result.skipped = False
            try:
                result.value = await call(result.item)
            except CudoError as error:
                result.error = error

    async with asyncio.TaskGroup() as tasks:
        for result in results:
            tasks.create_task(work(result))
    return results


def bulk_sync(call: Callable[[I], R], items: Sequence[I], limit: int) -> list[BulkResult[I, R]]:
    """Run the calls in threads; see Session.bulk."""
    results: list[BulkResult[I, R]] = [BulkResult(item) for item in items]

    def work(result: BulkResult[I, R]) -> None:
        if not any(map(_is_fatal, results)):
            result.settle(lambda: call(result.item))

    pool = ThreadPoolExecutor(limit, thread_name_prefix="cudo-bulk")
    try:
        running: list[Future[None]] = [
            pool.submit(contextvars.copy_context().run, work, result) for result in results
        ]
        for future in running:
            future.result()
    finally:  # on Ctrl-C: what has not begun never will, and nobody waits for the rest
        pool.shutdown(wait=False, cancel_futures=True)
    return results
