"""The session of this program, opened when something is first asked of the API."""

from collections.abc import AsyncIterable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from cudo_shell.traffic import Traffic

if TYPE_CHECKING:
    from cudo_sdk import AsyncSession
    from cudo_sdk.hooks import Hooks
    from cudo_shell.loop import LoopThread

T = TypeVar("T")


class Connection:
    """A lazily opened session on its own loop, with a count of its traffic."""

    def __init__(self, open_session: "Callable[[Hooks], AsyncSession]") -> None:
        self._open_session = open_session
        self._session: AsyncSession | None = None
        self._loop: LoopThread | None = None
        # Commands ask in the prompt's thread, listings in another: without it two sandboxes could start.
        self._opening = RLock()
        self.traffic = Traffic()

    @property
    def session(self) -> "AsyncSession":
        """The session; every command and every listing shares it.

        Raises: LoginRequired, ConfigError.
        """
        with self._opening:
            if self._session is None:
                self._session = self._open_session(self.traffic.hooks())
            return self._session

    @property
    def loop(self) -> "LoopThread":
        """The loop's thread, started when it is first needed."""
        with self._opening:
            if self._loop is None:
                from cudo_shell.loop import LoopThread

                self._loop = LoopThread()
            return self._loop

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for work on the loop; Ctrl-C cancels it."""
        return self.loop.call(work)

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start work on the loop."""
        return self.loop.submit(work)

    def iterate(self, items: AsyncIterable[T]) -> Iterator[T]:
        """Yield what arrives, a page at a time."""
        return self.loop.iterate(items)

    def close(self) -> None:
        """Close the session and end the loop; fine to call when nothing was opened."""
        if self._loop is not None:
            self._loop.close(self._farewell())
        self._session = self._loop = None

    async def _farewell(self) -> None:
        if self._session is not None:
            await self._session.aclose()
