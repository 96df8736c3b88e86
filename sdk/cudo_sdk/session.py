"""The two sessions: one credential, one client, every function group."""

from __future__ import annotations

import copy
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar, Token
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from cudo_sdk._http import httpx
from cudo_sdk.auth.origin import Origin
from cudo_sdk.bulk import BulkResult, bulk_async, bulk_sync
from cudo_sdk.client import ClientSlot, ssl_context
from cudo_sdk.clock import Clock
from cudo_sdk.config import APIConfig
from cudo_sdk.decoding import Reply
from cudo_sdk.errors import ConfigError, CudoError, LoginRequired
from cudo_sdk.groups import Groups
from cudo_sdk.hooks import Change, Hooks, RawReply
from cudo_sdk.request import Path, Request
from cudo_sdk.transport import POOL_SIZE, AsyncTransport, Shared, SyncTransport, Transport, drive

if TYPE_CHECKING:
    from cudo_sdk.auth.credentials import Credential

I = TypeVar("I")  # noqa: E741  # an item of bulk()
R = TypeVar("R")

api_session: ContextVar[AsyncSession | Session] = ContextVar("api_session")
"""The session that a `with` block has opened here. For user code: function groups never read it."""


def current_session() -> AsyncSession | Session:
    """The innermost open session. Raises CudoError outside of any `with` block."""
    try:
        return api_session.get()
    except LookupError:
        msg = "no session is open here: use `with Session() as session:` around this call"
        raise CudoError(msg) from None


def _check_origin(credential: Credential, origin: Origin) -> None:
    """Refuse to send a credential to an API that it is not for."""
    if credential.api_url and str(Origin.of(credential.api_url)) != str(origin):
        msg = f"the {credential.kind} from {credential.source} is for {credential.api_url}, not for {origin}"
        raise ConfigError(msg)


def client_settings(origin: Origin, ca_bundle: str) -> dict[str, Any]:
    """How an httpx client of ours is set up for an origin. Raises ConfigError for a bundle of no use."""
    limits = httpx.Limits(max_connections=POOL_SIZE, max_keepalive_connections=POOL_SIZE)
    if origin.is_loopback:  # a proxy from the environment would catch calls to this machine, too
        verify = origin.scheme == "https" and ssl_context(ca_bundle)
        return {"limits": limits, "trust_env": False, "verify": verify}
    return {"limits": limits, "verify": ssl_context(ca_bundle)}


class _BaseSession:
    """What both sessions do alike."""

    _transport: Transport

    def __init__(
        self,
        config: APIConfig | None,
        *,
        api_key: str | None,
        credential: Credential | None,
        base_url: str | None,
        timeout: float | None,
        hooks: Hooks | None,
        clock: Clock | None,
        login: Callable[[LoginRequired], Any] | None,
        approve: Callable[[Change], Any] | None,
    ) -> None:
        if config is None:
            if credential is not None and base_url is None:
                base_url = credential.api_url or None
            config = APIConfig(api_key=api_key, api_url=base_url)
        elif api_key is not None or base_url is not None:
            config = config.changed(api_key=api_key, api_url=base_url)
        self.config = config
        self._options = config.options.changed(timeout=timeout)
        self._shared = Shared(
            origin=Origin.of(config.api_url or ""),
            credential=config.credential if credential is None else credential,
            login=login,
            approve=approve,
            clock=clock or Clock(),
            hooks=hooks or Hooks(),
            user_agent=user_agent(config.app),
        )
        self._tokens: list[Token[AsyncSession | Session]] = []
        if credential is not None:
            _check_origin(credential, self.origin)

    @property
    def credential(self) -> Credential | None:
        """What this session proves itself with."""
        return self._shared.credential

    @property
    def origin(self) -> Origin:
        """Where this session's calls, and its credential, go."""
        return self._shared.origin

    def with_options(
        self,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        max_retries: int | None = None,
        deadline: float | None = None,
    ) -> Self:
        """A view of this session with other options, on the same client.

        `timeout`: seconds for one attempt. `deadline`: seconds for all attempts and the waits between them.
        Raises ConfigError for headers that are ours to set, and for line breaks in them.
        """
        options = self._transport.options.changed(
            timeout=timeout, headers=headers, max_retries=max_retries, deadline=deadline
        )
        view = copy.copy(self)
        view._transport = self._transport.with_options(options)  # noqa: SLF001  # our own copy
        view._tokens = []  # noqa: SLF001  # our own copy
        for name in [
            name for name in vars(view) if isinstance(getattr(type(view), name, None), cached_property)
        ]:
            del vars(view)[name]  # groups that were built for the original
        return view

    def capture(self) -> AbstractContextManager[list[RawReply]]:
        """Record the raw reply of each attempt made in the block, by this task or thread."""
        return self._transport.capture()

    def _enter(self, session: AsyncSession | Session) -> None:
        self._tokens.append(api_session.set(session))

    def _leave(self) -> None:
        with suppress(ValueError):  # left in another task than it was entered in
            api_session.reset(self._tokens.pop())


class AsyncSession(_BaseSession, Groups["AsyncSession"]):
    """Calls as coroutines, over one lazily built `httpx.AsyncClient`.

    Give an `APIConfig`, or its parts; what is missing comes from the environment and `.env`. `timeout` is in
    seconds, for one attempt. `http_client` is a client (never closed by us) or a function that makes one.
    Nothing is sent on entering. Raises ConfigError for settings that cannot be used.

    `credential` is an APIKey, a TokenSource, or anything else of that protocol, in place of a key. No session
    logs in by itself: where no login is usable it awaits `login(error)`, and goes on if that returns True;
    without one it raises LoginRequired. `approve(change)` is awaited before anything is changed, and may
    raise to stop it.
    """

    def __init__(
        self,
        config: APIConfig | None = None,
        *,
        api_key: str | None = None,
        credential: Credential | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        http_client: httpx.AsyncClient | Callable[[], httpx.AsyncClient] | None = None,
        hooks: Hooks | None = None,
        clock: Clock | None = None,
        login: Callable[[LoginRequired], Awaitable[bool]] | None = None,
        approve: Callable[[Change], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(
            config,
            api_key=api_key,
            credential=credential,
            base_url=base_url,
            timeout=timeout,
            hooks=hooks,
            clock=clock,
            login=login,
            approve=approve,
        )
        origin, bundle = self.origin, self.config.ca_bundle  # not self: the slot would keep its session alive
        slot = ClientSlot(http_client, lambda: httpx.AsyncClient(**client_settings(origin, bundle)))
        self._transport: AsyncTransport = AsyncTransport(self._shared, self._options, slot)
        self._sync = False

    @property
    def client(self) -> httpx.AsyncClient:
        """The HTTP client. Assign another to use it from now on; it stays yours to close."""
        return self._transport.slot.client

    @client.setter
    def client(self, client: httpx.AsyncClient) -> None:
        self._transport.slot.put(client)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Call what the SDK does not offer. `path` begins with "/v1/" and is sent as it is.

        Raises the errors of any call. A POST is not repeated once it may have been executed.
        """
        return await self._transport.send(raw_request(method, path, query, body))

    async def bulk(
        self, call: Callable[[I], Awaitable[R]], items: Sequence[I], *, limit: int = 8
    ) -> list[BulkResult[I, R]]:
        """Call for each item, `limit` at a time; one result each, in the order of the items.

        An error of one item does not stop the others, except a credential that is refused: the rest is
        skipped.
        """
        return await bulk_async(call, items, limit)

    async def aclose(self) -> None:
        """Close the client, if it is ours."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        self._enter(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        await self.aclose()


class Session(_BaseSession, Groups["Session"]):
    """The blocking twin of AsyncSession, with the same groups, names and errors, over an `httpx.Client`.

    May be used by several threads at once, and inside a running event loop (notebooks). `login` and `approve`
    are plain functions here.
    """

    def __init__(
        self,
        config: APIConfig | None = None,
        *,
        api_key: str | None = None,
        credential: Credential | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        http_client: httpx.Client | Callable[[], httpx.Client] | None = None,
        hooks: Hooks | None = None,
        clock: Clock | None = None,
        login: Callable[[LoginRequired], bool] | None = None,
        approve: Callable[[Change], None] | None = None,
    ) -> None:
        super().__init__(
            config,
            api_key=api_key,
            credential=credential,
            base_url=base_url,
            timeout=timeout,
            hooks=hooks,
            clock=clock,
            login=login,
            approve=approve,
        )
        origin, bundle = self.origin, self.config.ca_bundle  # not self: the slot would keep its session alive
        slot = ClientSlot(http_client, lambda: httpx.Client(**client_settings(origin, bundle)))
        self._transport: SyncTransport = SyncTransport(self._shared, self._options, slot)
        self._sync = True

    @property
    def client(self) -> httpx.Client:
        """The HTTP client. Assign another to use it from now on; it stays yours to close."""
        return self._transport.slot.client

    @client.setter
    def client(self, client: httpx.Client) -> None:
        self._transport.slot.put(client)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Call what the SDK does not offer; see AsyncSession.request."""
        return drive(self._transport.send(raw_request(method, path, query, body)))

    def bulk(self, call: Callable[[I], R], items: Sequence[I], *, limit: int = 8) -> list[BulkResult[I, R]]:
        """Call for each item in threads, `limit` at a time; see AsyncSession.bulk."""
        return bulk_sync(call, items, limit)

    def close(self) -> None:
        """Close the client, if it is ours."""
        self._transport.close()

    def __enter__(self) -> Self:
        self._enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        self.close()


def raw_request(
    method: str, path: str, query: Mapping[str, Any] | None, body: Mapping[str, Any] | None
) -> Request:
    """A request that no operation describes."""
    return Request(f"{method} {path}", method.upper(), Path(path, path), query or {}, body)


def user_agent(app: str) -> str:
    """The application's own name in front of ours."""
    ours = f"cudo-sdk/{sdk_version()} python/{platform.python_version()} httpx/{httpx.__version__}"
    return f"{app} {ours}" if app else ours


def sdk_version() -> str:
    """The version of the distribution that this SDK came in."""
    try:
        return version("cudo-shell")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0"
