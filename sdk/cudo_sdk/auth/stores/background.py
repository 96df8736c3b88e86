"""A call that may never come back, in a thread that keeps no program from ending."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

_T = TypeVar("_T")


def in_background(call: Callable[[], _T]) -> Future[_T]:
    """Start a call; the future has its outcome. Wait with a limit, and leave it behind after that."""
    future: Future[_T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001  # whoever waits is told
            future.set_exception(error)

    Thread(target=run, name="cudo-store", daemon=True).start()
    return future
