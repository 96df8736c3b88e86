"""The one seam to the outside: send, try again, decode; async and sync differ by one method."""

from __future__ import annotations

import asyncio
import copy
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from cudo_sdk._http import httpx
from cudo_sdk.auth.budget import budget
from cudo_sdk.client import ClientSlot
from cudo_sdk.clock import http_date
from cudo_sdk.creation import ServerTime
from cudo_sdk.decoding import BIG, M, Reply, items_of, model_from, models_from
from cudo_sdk.errors import APIError, ConnectionFailed, CudoError, LoginRequired, NotFound, Unauthenticated
from cudo_sdk.exchange import (
    ACCEPTED,
    Body,
    Outgoing,
    body_text,
    check,
    forget_credential,
    no_credential,
    translated,
)
from cudo_sdk.hooks import Change, Hooks, RawReply, ReplySeen, RequestSeen, RetrySeen, notify, request_id_of
from cudo_sdk.logs import log_answered, log_headers, log_retry, log_sent
from cudo_sdk.retry import Failure, delay_before, failure_of, may_have_run, may_repeat

if TYPE_CHECKING:
    from cudo_sdk.auth.credentials import Credential
    from cudo_sdk.auth.origin import Origin
    from cudo_sdk.clock import Clock
    from cudo_sdk.options import Options
    from cudo_sdk.request import Request

R = TypeVar("R")
POOL_SIZE = 20
_POOL_WAIT = 5.0  # seconds; behind our own queue, a longer wait can only be a leaked slot
_TOO_SLOW = "the answer did not end in time"
_STEP = 200  # items decoded at a time


@dataclass(slots=True)
class Shared:
    """What a session has in common with its views (`with_options`)."""

    origin: Origin
    credential: Credential | None
    clock: Clock
    hooks: Hooks
    user_agent: str
    login: Callable[[LoginRequired], Any] | None = None
    approve: Callable[[Change], Any] | None = None
    not_before: float = 0.0  # one 429 slows the whole session
    server_time: ServerTime | None = None  # as the last reply with a date told it
    captures: ContextVar[tuple[list[RawReply], ...]] = field(
        default_factory=lambda: ContextVar("captures", default=())
    )


class Transport(ABC):
    """What an operation's body may await: `clear`, `send`, `parse`, `parse_list`, `sleep`, `gather`."""

    def __init__(self, shared: Shared, options: Options) -> None:
        self.shared = shared
        self.options = options

    def with_options(self, options: Options) -> Self:
        """A view with other options on the same client."""
        view = copy.copy(self)
        view.options = options
        return view

    @abstractmethod
    async def exchange(self, outgoing: Outgoing) -> httpx.Response:
        """Send one request once, and read the whole answer."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Wait on the session's clock."""

    @abstractmethod
    async def outcome(self, future: Future[str]) -> str:
        """Wait for what a thread works on; it goes on whatever happens to the one who waits."""

    @abstractmethod
    async def answer(self, asked: Any) -> Any:
        """What a callback of the caller returned: awaitable in an AsyncSession, plain in a Session."""

    async def gather(self, *calls: Awaitable[R]) -> list[R]:
        """The results of several calls, in order."""
        return [await call for call in calls]

    async def clear(self, request: Request) -> None:
        """Have whatever a person must do first done: they may take longer than a call may last."""
        await self._ask_approval(request)
        await self._authorization(request)

    async def send(self, request: Request, *, is_cleared: bool = False) -> Reply:
        """Send a request, again where that is safe, and return the answer.

        Raises the CudoError of the last attempt; its `outcome_unknown` says that a change may have happened.
        """
        if not is_cleared:
            await self.clear(request)
        started = self.shared.clock.time()
        maybe_done, attempt = False, 1
        while True:
            await self._wait_for_turn()
            try:
                return await self._attempt(request, attempt, started)
            except CudoError as error:
                error.__context__ = None  # what was raised below holds the request: "from None" only mutes it
                if isinstance(error, NotFound) and maybe_done and request.repeats == "delete":
                    return Reply(
                        request.operation, b"{}", error.response
                    )  # an attempt before this deleted it
                failure = failure_of(error)
                maybe_done = maybe_done or may_have_run(failure, request.repeats)
                error.outcome_unknown = maybe_done
                if isinstance(error, APIError | ConnectionFailed):
                    error.attempts = attempt
                delay = delay_before(attempt, failure, self.shared.clock.random())
                if not (may_repeat(failure, request.repeats) and self._has_time(attempt, started, delay)):
                    raise
                await self._hold(request, attempt, delay, error, failure)
            attempt += 1

    async def parse(self, kind: type[M], reply: Reply, key: str | None = None) -> M:
        """The model in a reply, or the one under its key. Raises BadReply."""
        values = reply.expect_document()
        return model_from(kind, values if key is None else values.get(key), reply.operation, key or "")

    async def parse_list(self, kind: type[M], reply: Reply, key: str) -> list[M]:
        """The models in the list under a key. Raises BadReply."""
        return [item async for item in self.parse_each(kind, reply, key)]

    async def parse_each(self, kind: type[M], reply: Reply, key: str) -> AsyncGenerator[M, None]:
        """The models in the list under a key, as they are decoded. Raises BadReply.

        A thread would not help with a big reply (one call holds the GIL), so it is decoded in steps.
        """
        items = items_of(reply.expect_document(), key, reply.operation)
        for start in range(0, len(items), _STEP):
            for item in models_from(kind, items[start : start + _STEP], reply.operation, key, start):
                yield item
            if len(reply.content) > BIG:
                await self.sleep(0)

    @contextmanager
    def capture(self) -> Iterator[list[RawReply]]:
        """Record the raw reply of each attempt that this task or thread makes."""
        seen: list[RawReply] = []
        captures = self.shared.captures
        token = captures.set((*captures.get(), seen))
        try:
            yield seen
        finally:
            captures.reset(token)

    async def _wait_for_turn(self) -> None:
        delay = self.shared.not_before - self.shared.clock.time()
        if delay > 0:
            await self.sleep(delay)

    def _has_time(self, attempt: int, started: float, delay: float) -> bool:
        left = self.options.deadline - (self.shared.clock.time() - started)
        return attempt <= self.options.max_retries and delay < left

    async def _hold(
        self, request: Request, attempt: int, delay: float, error: CudoError, failure: Failure
    ) -> None:
        reason = error.status if isinstance(error, APIError) else failure.kind
        log_retry(request.operation, attempt, delay, reason)
        notify(self.shared.hooks.on_retry, RetrySeen(request.operation, attempt, delay, reason))
        if failure.kind == "refused":
            self.shared.not_before = max(self.shared.not_before, self.shared.clock.time() + delay)
        else:
            await self.sleep(delay)

    async def _ask_approval(self, request: Request) -> None:
        approve = self.shared.approve
        if approve is not None and request.repeats != "read":
            where = (request.operation, request.method, request.path.filled)
            await self.answer(approve(Change(*where, request.wire_query(), request.shown_body())))

    async def _attempt(self, request: Request, attempt: int, started: float) -> Reply:
        """Send once; once more where the credential could be renewed after it was refused."""
        authorization = await self._authorization(request)
        try:
            return await self._once(request, attempt, started, authorization)
        except Unauthenticated as error:
            authorization = await self._renewed(authorization, error)
            if not authorization:
                raise
            return await self._once(request, attempt, self.shared.clock.time(), authorization)

    async def _authorization(self, request: Request) -> str:
        credential = self.shared.credential
        if credential is None:
            if request.is_public:
                return ""
            raise no_credential()
        try:
            return await self._ready(credential.header())
        except LoginRequired as error:
            if request.is_public:
                return ""
            await self._log_in(error)
            return await self._ready(credential.header())

    async def _renewed(self, refused: str, error: Unauthenticated) -> str:
        credential = self.shared.credential
        future = credential.renewed(refused, error) if credential and refused else None
        if credential is None or future is None:
            return ""
        try:
            return await self.outcome(future)
        except LoginRequired as reason:
            await self._log_in(reason)
            return await self._ready(credential.header())

    async def _log_in(self, reason: LoginRequired) -> None:
        """Have the caller's callback log in. Raises the reason where there is none, or it declines."""
        login = self.shared.login
        if login is None or not await self.answer(login(reason)):
            raise reason
        if (spent := budget.get()) is not None:
            spent.failure = None

    async def _ready(self, header: str | Future[str]) -> str:
        return header if isinstance(header, str) else await self.outcome(header)

    async def _once(self, request: Request, attempt: int, started: float, authorization: str) -> Reply:
        shared = self.shared
        outgoing = self._outgoing(request, started, authorization)
        where = (request.operation, request.method, request.path.template)
        log_sent(request.operation, request.wire_query(), request.wire_body())
        notify(shared.hooks.on_request, RequestSeen(*where, attempt, outgoing.size))
        began = shared.clock.time()
        with translated(request.operation, shared.origin):
            response = await self.exchange(outgoing)
        seconds = shared.clock.time() - began
        log_answered(*where, response.status_code, seconds, attempt)
        log_headers(request.operation, response.headers)
        for seen in shared.captures.get():
            seen.append(_raw(request.operation, response))
        status, size = response.status_code, len(response.content)
        name, sent = request_id_of(response.headers), outgoing.size
        notify(shared.hooks.on_response, ReplySeen(*where, attempt, sent, status, seconds, size, name))
        if date := http_date(response.headers.get("Date", "")):
            shared.server_time = ServerTime(date, shared.clock.time())
        check(response, request.operation, shared.credential if authorization else None, shared.clock)
        reply = Reply(request.operation, response.content, response)
        if request.repeats != "read":  # a page of a portal in between does not say that a change was made
            _ = reply.document  # raises BadReply
        return reply

    def _outgoing(self, request: Request, started: float, authorization: str) -> Outgoing:
        shared, options = self.shared, self.options
        left = max(0.1, options.deadline - (shared.clock.time() - started))
        content = body_text(request.wire_body())
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
            "User-Agent": shared.user_agent,
            **options.headers,
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        return Outgoing(
            request.operation,
            request.method,
            shared.origin.url(request.path.filled),
            request.wire_query(),
            headers,
            content,
            httpx.Timeout(min(options.timeout, left), pool=_POOL_WAIT),
            left,
            shared.origin,
            authorization,
        )


def _raw(operation: str, response: httpx.Response) -> RawReply:
    return RawReply(operation, response.status_code, tuple(response.headers.items()), response.content)


async def arrived(future: Future[R]) -> R:
    """Wait for what a thread works on. A cancelled task does not stop the thread, as wrap_future() would."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def tell(_: Future[R]) -> None:
        with suppress(RuntimeError):  # the loop has ended before the thread
            loop.call_soon_threadsafe(done.set)

    future.add_done_callback(tell)
    await done.wait()
    return future.result()


class AsyncTransport(Transport):
    """Sends through an `httpx.AsyncClient`."""

    def __init__(self, shared: Shared, options: Options, slot: ClientSlot[httpx.AsyncClient]) -> None:
        super().__init__(shared, options)
        self.slot = slot
        # Measured on httpcore 1.0: a cancelled task that queues in the pool can leak its slot for good.
        self._queue = asyncio.Semaphore(POOL_SIZE)

    async def exchange(self, outgoing: Outgoing) -> httpx.Response:
        """Send one request once; a pool that has leaked its slots is replaced first."""
        async with self._queue:
            try:
                return await self._through(outgoing)
            except httpx.PoolTimeout:  # nothing was sent
                if not self.slot.can_heal:
                    raise
                self.slot.retire_present()
                return await self._through(outgoing)

    async def _through(self, outgoing: Outgoing) -> httpx.Response:
        with self.slot.use() as lease:
            request = outgoing.on(lease.client)
            try:
                async with asyncio.timeout(outgoing.seconds):
                    response = await self._whole(lease.client, request, outgoing.operation)
            except TimeoutError:
                raise httpx.ReadTimeout(_TOO_SLOW) from None
            finally:
                forget_credential(request)
        await self._close_idle()
        return response

    async def _whole(
        self, client: httpx.AsyncClient, request: httpx.Request, operation: str
    ) -> httpx.Response:
        response = await client.send(request, auth=None, follow_redirects=False, stream=True)
        try:
            body = Body(response, operation)
            async for chunk in response.aiter_bytes():
                body.add(chunk)
        finally:
            await response.aclose()
        return body.whole()

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run meanwhile."""
        await self.shared.clock.async_sleep(seconds)

    async def outcome(self, future: Future[str]) -> str:
        """Let other tasks run meanwhile."""
        return await arrived(future)

    async def answer(self, asked: Any) -> Any:
        """Await the callback."""
        return await asked

    async def gather(self, *calls: Awaitable[R]) -> list[R]:
        """The results of several calls that run side by side."""
        return await asyncio.gather(*calls)

    async def _close_idle(self) -> None:
        for client in self.slot.take_idle():
            await client.aclose()

    async def aclose(self) -> None:
        """Close every client that we made."""
        for client in self.slot.take_all():
            await client.aclose()


class SyncTransport(Transport):
    """Looks async and never suspends: the blocking happens inside the call."""

    def __init__(self, shared: Shared, options: Options, slot: ClientSlot[httpx.Client]) -> None:
        super().__init__(shared, options)
        self.slot = slot

    async def exchange(self, outgoing: Outgoing) -> httpx.Response:
        """Send one request once; an interrupt costs the client, which may be left locked."""
        with self.slot.use() as lease:
            request = outgoing.on(lease.client)
            try:
                response = self._whole(lease.client, request, outgoing)
            except Exception:
                raise
            except BaseException:
                # Measured: KeyboardInterrupt can leave the pool's lock held, and close() takes the same lock.
                self.slot.drop(lease)
                raise
            finally:
                forget_credential(request)
        self._close_idle()
        return response

    def _whole(self, client: httpx.Client, request: httpx.Request, outgoing: Outgoing) -> httpx.Response:
        end = time.monotonic() + outgoing.seconds  # looked at between chunks: nothing cuts a thread off
        response = client.send(request, auth=None, follow_redirects=False, stream=True)
        try:
            body = Body(response, outgoing.operation)
            for chunk in response.iter_bytes():
                body.add(chunk)
                if time.monotonic() > end:
                    raise httpx.ReadTimeout(_TOO_SLOW)
        finally:
            response.close()
        return body.whole()

    async def sleep(self, seconds: float) -> None:
        """Block this thread."""
        self.shared.clock.sleep(seconds)

    async def outcome(self, future: Future[str]) -> str:
        """Block this thread."""
        return future.result()

    async def answer(self, asked: Any) -> Any:
        """The callback has answered already."""
        return asked

    def _close_idle(self) -> None:
        for client in self.slot.take_idle():
            client.close()

    def close(self) -> None:
        """Close every client that we made."""
        for client in self.slot.take_all():
            client.close()


def drive(step: Coroutine[Any, Any, R]) -> R:
    """Run a coroutine that never suspends to its end, and return its result."""
    try:
        step.send(None)
    except StopIteration as done:
        return cast("R", done.value)
    step.close()
    msg = "an operation body awaited something other than its transport"
    raise RuntimeError(msg)
