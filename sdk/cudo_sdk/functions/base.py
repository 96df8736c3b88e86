"""What every group of operations has: its session's transport, and one body for both sessions."""

from __future__ import annotations

import copy
import functools
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Coroutine,
    Hashable,
    Iterator,
    Mapping,
)
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from cudo_sdk.creation import age, first_sent
from cudo_sdk.decoding import M, Reply, expect_id
from cudo_sdk.errors import BadReply, CudoError, FailedPrecondition, NotFound
from cudo_sdk.models import Model
from cudo_sdk.pages import Page, Paging, page_from, pages
from cudo_sdk.request import Request
from cudo_sdk.retry import failure_of
from cudo_sdk.transport import Transport, drive
from cudo_sdk.waiting import Goal, OnLook, Stateful, wait_until
from cudo_sdk.watching import Change, watched

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession, Session

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
N = TypeVar("N", bound=Model)
X = TypeVar("X", bound=Stateful)
S = TypeVar("S", "AsyncSession", "Session")
F = TypeVar("F", bound="BaseFunction[Any]")

_SETTLING = 10.0  # seconds in which a create whose answer was lost may show up


class BaseFunction(Generic[S]):
    """A group of operations, bound to one session's transport. It reads no global and no ContextVar.

    An operation's body awaits only its transport and operations of its own group: that is what lets the
    same body serve the blocking session.
    """

    def __init__(self, transport: Transport, *, sync: bool) -> None:
        self._transport = transport
        self._sync = sync

    def with_options(
        self,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        max_retries: int | None = None,
        deadline: float | None = None,
    ) -> Self:
        """A view of this group with other options; see Session.with_options."""
        view = copy.copy(self)
        view._transport = self._transport.with_options(
            self._transport.options.changed(
                timeout=timeout, headers=headers, max_retries=max_retries, deadline=deadline
            )
        )
        return view

    def _async_twin(self) -> Self:
        """Bodies run on the twin, so that `await self.get_vm()` means the same in both sessions."""
        twin = copy.copy(self)
        twin._sync = False
        return twin

    async def _items(self, request: Request, kind: type[M], key: str) -> list[M]:
        """The whole list of a listing that does not page."""
        return [item async for item in self._each(request, kind, key)]

    async def _each(self, request: Request, kind: type[M], key: str) -> AsyncGenerator[M, None]:
        """The items of a listing that does not page, as they are decoded."""
        async for item in self._transport.parse_each(kind, await self._transport.send(request), key):
            yield item

    def _pages(
        self,
        request: Request,
        kind: type[M],
        key: str,
        paging: Paging,
        identity: Callable[[M], Hashable] = lambda item: getattr(item, "id", None),
    ) -> AsyncGenerator[M, None]:
        """The items of a paged listing; `identity` tells them apart."""

        async def fetch(query: Mapping[str, Any]) -> Page[M]:
            reply = await self._transport.send(replace(request, query={**request.query, **query}))
            return page_from(await self._transport.parse_list(kind, reply, key), reply.document)

        return pages(paging, fetch, identity, request.operation)

    async def _model(self, request: Request, kind: type[M], key: str | None = None) -> M:
        """Send, and read the model in the reply."""
        return await self._read(request, await self._transport.send(request), kind, key)

    async def _read(self, request: Request, reply: Reply, kind: type[M], key: str | None) -> M:
        """Read the model in a reply; a change was made all the same if it cannot be read."""
        try:
            found = await self._transport.parse(kind, reply, key)
            if request.method == "GET" or request.repeats == "create":
                expect_id(found, request.operation, key or "", is_new=request.repeats == "create")
        except BadReply as error:
            error.outcome_unknown = request.repeats != "read"
            raise
        return found

    async def _create(
        self,
        request: Request,
        kind: type[N],
        look: Callable[[], Awaitable[M | None]],
        is_same: Callable[[M], bool],
        key: str | None = None,
    ) -> N | M:
        """Send a create once, and read what was created; if the outcome is unknown, look for it.

        What is found then is taken for ours only if it is as asked and cannot have been there before. A
        create whose outcome is unknown is never sent again: the second one would be billed, too.
        """
        request = replace(request, repeat="create")
        await self._transport.clear(request)
        began = self._transport.shared.clock.time()
        try:
            return await self._read(request, await self._transport.send(request, is_cleared=True), kind, key)
        except CudoError as error:
            found = await self._made(error, look, is_same, began) if error.outcome_unknown else None
            if found is None:
                raise
            return found

    async def _made(
        self,
        error: CudoError,
        look: Callable[[], Awaitable[M | None]],
        is_same: Callable[[M], bool],
        began: float,
    ) -> M | None:
        """What a create made although it failed with this error, or None and `outcome_unknown` settled."""
        shared = self._transport.shared
        was_refused = failure_of(error).kind in {"refused", "final"}
        found, was_absent = await self._look_for(look, 0.0 if was_refused else _SETTLING)
        if found is None:
            error.outcome_unknown = not (was_refused and was_absent)
            return None
        when = age(found, first_sent(began, shared.server_time, shared.clock), was_absent=was_absent)
        error.outcome_unknown = when != "old"
        return found if when == "new" and is_same(found) else None

    async def _look_for(
        self, look: Callable[[], Awaitable[M | None]], patience: float
    ) -> tuple[M | None, bool]:
        """What is there, and whether it was absent at first.

        Absence just after a create proves nothing, so look again for some seconds.
        """
        clock = self._transport.shared.clock
        until, was_absent = clock.time() + patience, False
        while True:
            try:
                found = await look()
            except NotFound:
                found = None
            except CudoError:
                return None, False  # the error of the create says more
            if found is not None:
                return found, was_absent
            was_absent = True
            if clock.time() >= until:
                return None, True
            await self._transport.sleep(1.0)

    async def _change(self, request: Request, is_done: Callable[[], Awaitable[bool]]) -> Reply | None:
        """Send a change that may be repeated; when a repetition is refused, look whether it is done."""
        try:
            return await self._transport.send(request)
        except FailedPrecondition as error:
            if error.outcome_unknown and await is_done():
                return None
            raise

    async def _wait(
        self,
        goal: Goal,
        look: Callable[[], Awaitable[dict[str, X]]],
        *,
        timeout: float,
        just_created: bool = False,
        on_look: OnLook[X] | None = None,
    ) -> dict[str, X]:
        """Wait on the session's clock; see cudo_sdk.waiting."""
        return await wait_until(
            goal,
            look,
            clock=self._transport.shared.clock,
            sleep=self._transport.sleep,
            timeout=timeout,
            just_created=just_created,
            on_look=on_look,
        )

    async def _wait_for(
        self,
        noun: str,
        name: str,
        get: Callable[[], Awaitable[X]],
        states: Collection[str],
        *,
        timeout: float,
        just_created: bool,
        on_look: OnLook[X] | None,
    ) -> X:
        """Wait until one thing is in one of the states, and return it."""

        async def look() -> dict[str, X]:
            return {name: await get()}

        goal = Goal(noun, (name,), frozenset(states))
        seen = await self._wait(goal, look, timeout=timeout, just_created=just_created, on_look=on_look)
        return seen[name]

    async def _wait_until_gone(
        self,
        noun: str,
        name: str,
        get: Callable[[], Awaitable[X]],
        *,
        timeout: float,
        on_look: OnLook[X] | None,
    ) -> None:
        """Wait until one thing is no more."""

        async def look() -> dict[str, X]:
            return {name: await get()}

        await self._wait(Goal(noun, (name,), is_gone=True), look, timeout=timeout, on_look=on_look)

    def _watch(
        self, look: Callable[[], Awaitable[list[M]]], interval: float
    ) -> AsyncGenerator[Change[M], None]:
        """What changes in a listing; see cudo_sdk.watching."""
        return watched(look, interval, self._transport.sleep)


class api_function(Generic[F, P, R]):  # noqa: N801  # used as a decorator
    """An operation: a coroutine on AsyncSession, a plain call on Session, from one `async def`."""

    def __init__(self, body: Callable[Concatenate[F, P], Coroutine[Any, Any, R]]) -> None:
        self.body = body
        self.__doc__ = body.__doc__
        self.__wrapped__ = body

    @overload
    def __get__(self, group: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(
        self, group: BaseFunction[AsyncSession], owner: type[Any]
    ) -> Callable[P, Coroutine[Any, Any, R]]: ...
    @overload
    def __get__(self, group: BaseFunction[Session], owner: type[Any]) -> Callable[P, R]: ...
    def __get__(self, group: Any, owner: type[Any]) -> Any:
        """Bind to a group, by the kind of its session."""
        if group is None:
            return self
        if not group._sync:
            return self.body.__get__(group, owner)

        @functools.wraps(self.body)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            return drive(self.body(group._async_twin(), *args, **kwargs))

        return call


class api_iterator(Generic[F, P, T]):  # noqa: N801  # used as a decorator
    """A lazy listing: an async generator on AsyncSession, an iterator on Session."""

    def __init__(self, body: Callable[Concatenate[F, P], AsyncGenerator[T, None]]) -> None:
        self.body = body
        self.__doc__ = body.__doc__
        self.__wrapped__ = body

    @overload
    def __get__(self, group: None, owner: type[Any]) -> Self: ...
    @overload
    def __get__(
        self, group: BaseFunction[AsyncSession], owner: type[Any]
    ) -> Callable[P, AsyncGenerator[T, None]]: ...
    @overload
    def __get__(self, group: BaseFunction[Session], owner: type[Any]) -> Callable[P, Iterator[T]]: ...
    def __get__(self, group: Any, owner: type[Any]) -> Any:
        """Bind to a group, by the kind of its session."""
        if group is None:
            return self
        if not group._sync:
            return self.body.__get__(group, owner)

        @functools.wraps(self.body)
        def call(*args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            items = self.body(group._async_twin(), *args, **kwargs)
            try:
                while True:
                    yield drive(anext(items))
            except StopAsyncIteration:
                return
            finally:
                drive(items.aclose())  # an early `break` closes the body, too

        return call


def same(found: Model, **asked: object) -> bool:
    """Whether a found thing is as asked; None was not asked, and the API leaves out what is empty or zero."""
    for name, value in asked.items():
        wanted, there = list(value) if isinstance(value, tuple) else value, getattr(found, name)
        if value is not None and wanted != there and (wanted or there):
            return False
    return True
