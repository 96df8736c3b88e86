"""The session of this program, opened when something is first asked of the API."""

from collections.abc import AsyncIterable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import suppress
from importlib import import_module
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from cudo_shell.targets import Target
from cudo_shell.traffic import Traffic

if TYPE_CHECKING:
    import asyncio

    from cudo_sdk import AsyncSession
    from cudo_sdk.auth.budget import Budget
    from cudo_sdk.auth.refresh import TokenSource
    from cudo_sdk.errors import LoginRequired
    from cudo_sdk.hooks import Change
    from cudo_shell.loop import LoopThread

    OpenSession = Callable[[Target, "Connection"], AsyncSession]

T = TypeVar("T")
Approval = Callable[[str], None]
Hold = Callable[["Change"], None]
Login = Callable[["LoginRequired"], bool]

COMPLETION_PATIENCE = 0.3  # seconds that a listing waits for another process that renews the login


def _nobody_asks(_operation: str) -> None:
    """Outside of any command, nothing is changed."""


def _nobody_holds(_change: "Change") -> None:
    """Every change may go on."""


def _nobody_logs_in(_reason: "LoginRequired") -> bool:
    return False


class Connection:
    """A lazily opened session on its own loop, with a count of its traffic.

    `open_session` makes the session for a target. `generation` grows with each switch to another target.
    `token_source` is the login that the session uses, if it uses one.
    """

    def __init__(self, open_session: "OpenSession", target: Target) -> None:
        self._open_session = open_session
        self._session: AsyncSession | None = None
        self._loop: LoopThread | None = None
        # Commands ask in the prompt's thread, listings in another: without it two sandboxes could start.
        self._opening = RLock()
        self._budget: Budget | None = None
        self._ask: Approval = _nobody_asks
        self._hold: Hold = _nobody_holds
        self._ask_login: Login = _nobody_logs_in
        self._login: asyncio.Task[bool] | None = None  # the one of this command
        self._approval: asyncio.Task[None] | None = None  # as above
        self.target = target
        self.generation = 0
        self.token_source: TokenSource | None = None
        self.is_approved = False  # the command may change what is protected
        self._stamp: Callable[[], object] | None = None
        self._stamped: object = None
        self.traffic = Traffic()

    @property
    def session(self) -> "AsyncSession":
        """The session; every command and every listing shares it.

        Raises: LoginRequired, ConfigError, UsageError.
        """
        with self._opening:
            if self._session is None:
                self._session = self._open_session(self.target, self)
            return self._session

    @property
    def is_open(self) -> bool:
        """Whether there is a session: something was asked of the API."""
        return self._session is not None

    @property
    def loop(self) -> "LoopThread":
        """The loop's thread, started when it is first needed."""
        with self._opening:
            if self._loop is None:
                from cudo_shell.loop import LoopThread

                self._loop = LoopThread()
            return self._loop

    def begin(
        self,
        ask: Approval = _nobody_asks,
        log_in: Login = _nobody_logs_in,
        hold: Hold = _nobody_holds,
    ) -> None:
        """Begin a command: nothing is approved yet, nothing spent on the login.

        `ask` is called, with the name of an operation, before the first change in a protected context;
        it raises to stop the change. `log_in` is called, with the reason, where no login is usable; it says
        whether there is one now. `hold` is called on the loop with every change, before anybody is asked; it
        raises to stop it.
        """
        self._ask, self._approval = ask, None
        self._hold = hold
        self._ask_login, self._login = log_in, None
        self._budget = None
        self.is_approved = False
        self.traffic.reset()
        if self.token_source is not None:
            self.token_source.look()
        if self._stamp is not None and self._stamp() != self._stamped:
            with self._opening:
                self._drop_session()

    def watch(self, stamp: Callable[[], object]) -> None:
        """Open the session anew when a command begins after this has changed: the key of another login."""
        self._stamp, self._stamped = stamp, stamp()

    def elsewhere(self, target: Target) -> "Connection":
        """Another connection, to another target, for the caller to close; this one is as it was."""
        return Connection(self._open_session, target)

    def switch(self, target: Target) -> None:
        """Go on elsewhere or as somebody else: what the old session knew is dropped."""
        with self._opening:
            self._drop_session()
            self.target = target
            self.generation += 1

    def _drop_session(self) -> None:
        session, self._session = self._session, None
        source, self.token_source, self._stamp = self.token_source, None, None
        if session is not None:
            with suppress(Exception):  # whatever it says, it is over
                self.loop.call(session.aclose())
        if source is not None:
            source.close()

    # Work

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for work on the loop; Ctrl-C cancels it."""
        self._spend_from_one_budget()
        return self.loop.call(work)

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Start work on the loop that nobody waits for; it has little patience with a login."""
        hurried = _hurried(work)
        try:
            return self.loop.submit(hurried)
        except RuntimeError:  # the loop is closed
            hurried.close()
            raise

    def iterate(self, items: AsyncIterable[T]) -> Iterator[T]:
        """Yield what arrives, a page at a time."""
        self._spend_from_one_budget()
        return self.loop.iterate(items)

    def _spend_from_one_budget(self) -> None:
        """Let all that a command does on the loop share what it may spend on its login."""
        from cudo_sdk.auth.budget import Budget, budget

        if self._budget is None:
            self._budget = Budget()
        budget.set(self._budget)

    # What the loop asks of the person in front of it

    async def in_front(self, ask: Callable[[], T]) -> T:
        """On the loop: have the thread that waits for this work ask a question, and return what comes of it.

        Raises: RefusedError where nobody waits, as for a listing; whatever `ask` raises.
        """
        return await self.loop.errand(ask)

    async def approve(self, change: "Change") -> None:
        """On the loop, before a change: ask, once for each command, if the context is protected.

        Raises: RefusedError; whatever holds the change back.
        """
        import asyncio

        self._hold(change)
        if not self.target.is_protected or self.is_approved:
            return
        if self._approval is None:
            self._approval = asyncio.create_task(self.in_front(lambda: self._ask(change.operation)))
        await asyncio.shield(self._approval)  # other changes of the command wait for it, too
        self.is_approved = True

    async def log_in(self, reason: "LoginRequired") -> bool:
        """On the loop, where no login is usable: have somebody log in, once for each command.

        Returns whether there is a login now; False at once where nobody waits. Raises what the login raises.
        """
        import asyncio

        if not self.loop.is_attended():
            return False
        if self._login is None:
            self._login = asyncio.create_task(self._log_in(reason))
        return await asyncio.shield(self._login)  # other calls of the command wait for it, too

    async def _log_in(self, reason: "LoginRequired") -> bool:
        is_done = await self.in_front(lambda: self._ask_login(reason))
        self.generation += is_done  # it may be somebody else
        return is_done

    def close(self) -> None:
        """Close the session and end the loop; fine to call when nothing was opened."""
        if self._loop is not None:
            self._loop.close(self._farewell())
        if self.token_source is not None:
            self.token_source.close()
        self._session = self._loop = self.token_source = None

    async def _farewell(self) -> None:
        if self._session is not None:
            await self._session.aclose()


async def _hurried(work: Coroutine[Any, Any, T]) -> T:
    import asyncio

    # In a thread, because it may be the first that loads the SDK, and other work goes on here.
    budgets = await asyncio.to_thread(import_module, "cudo_sdk.auth.budget")
    budgets.budget.set(budgets.Budget(patience=COMPLETION_PATIENCE))
    return await work
