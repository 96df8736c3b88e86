"""A stand-in for the API, below retries and decoding, and a clock on which waiting takes no time.

fake = FakeTransport({"GET /v1/projects/{}/vms": {"VMs": [{"id": "web-1"}]}})
with fake.session() as session:
    assert [vm.id for vm in session.vms.list_vms("demo")] == ["web-1"]
fake.check_used()
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cudo_sdk._http import httpx
from cudo_sdk.clock import Clock
from cudo_sdk.config import APIConfig
from cudo_sdk.errors import APIError
from cudo_sdk.hooks import Hooks
from cudo_sdk.options import Options
from cudo_sdk.session import AsyncSession, Session

Answer = Mapping[str, Any] | Callable[[httpx.Request], Any] | Exception | httpx.Response
_NUMBERS = {kind.canonical: number for number, kind in enumerate(APIError.__subclasses__(), 1)}


class VirtualClock(Clock):
    """Time that moves only when somebody waits. `naps` are the waits, in seconds."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self._time = 0.0

    def time(self) -> float:
        """Seconds since this clock was made."""
        return self._time

    def now(self) -> datetime:
        """The first of January 2026, and what was waited since."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._time)

    def random(self) -> float:
        """Always 1: the longest jitter."""
        return 1.0

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self._time += seconds
        if seconds:
            self.naps.append(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Move on, and let other tasks run."""
        self.sleep(seconds)
        await Clock().async_sleep(0)


class FakeTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers by method and path template, for both sessions.

    A route is "METHOD /path/with/{}"; what is in the braces does not matter. Its answer is a JSON object, a
    function of the request, an `httpx.Response`, an exception to raise, or a list of these, one for each
    request. A request without a route, and one more than a list has, raise AssertionError.
    """

    def __init__(self, routes: Mapping[str, Answer | Sequence[Answer]] | None = None) -> None:
        self.routes: dict[str, Answer | Sequence[Answer]] = dict(routes or {})
        self.requests: list[httpx.Request] = []
        self.clock = VirtualClock()
        self._used: dict[str, int] = {}

    def session(self, *, options: Options | None = None, hooks: Hooks | None = None) -> Session:
        """A blocking session that talks to this."""
        client = httpx.Client(transport=self)
        return Session(_config(options), http_client=client, clock=self.clock, hooks=hooks)

    def async_session(self, *, options: Options | None = None, hooks: Hooks | None = None) -> AsyncSession:
        """An async session that talks to this."""
        client = httpx.AsyncClient(transport=self)
        return AsyncSession(_config(options), http_client=client, clock=self.clock, hooks=hooks)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a blocking session."""
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an async session."""
        await request.aread()
        return self._answer(request)

    def bodies(self) -> list[Any]:
        """The JSON bodies that were sent, None where there was none."""
        return [json.loads(request.content) if request.content else None for request in self.requests]

    def check_used(self) -> None:
        """Raise AssertionError for routes that nothing asked for."""
        unused = [route for route in self.routes if route not in self._used]
        if unused:
            msg = f"never asked for: {', '.join(unused)}"
            raise AssertionError(msg)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        route = self._route(request)
        answer = self.routes[route]
        count = self._used[route] = self._used.get(route, 0) + 1
        if isinstance(answer, Sequence):
            if count > len(answer):
                msg = f"request {count} to {route}, which has {len(answer)} answers"
                raise AssertionError(msg)
            answer = answer[count - 1]
        return _response(answer(request) if callable(answer) else answer)

    def _route(self, request: httpx.Request) -> str:
        line = f"{request.method} {request.url.raw_path.decode().partition('?')[0]}"
        for route in self.routes:
            parts = (re.escape(part) for part in re.split(r"\{[^}]*\}", route))
            if re.fullmatch("[^/:]+".join(parts), line):
                return route
        msg = f"no route for {line}"
        raise AssertionError(msg)


def _config(options: Options | None) -> APIConfig:
    return APIConfig(api_key="fake-key", api_url="http://127.0.0.1", options=options or Options(), environ={})


def _response(answer: Any) -> httpx.Response:
    if isinstance(answer, Exception):
        raise answer
    return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


def api_error(
    status: str, message: str = "", *, http: int | None = None, details: Sequence[Mapping[str, Any]] = ()
) -> httpx.Response:
    """An error of the API by its canonical name, in the envelope that the API sends."""
    body = {"code": _NUMBERS[status], "message": message or status, "details": list(details)}
    return httpx.Response(http or _HTTP[status], json=body)


def drop_after_send() -> httpx.ReadError:
    """The request arrived, and the connection broke before the answer."""
    return httpx.ReadError("connection reset by peer")


_HTTP = {
    "CANCELLED": 499,
    "UNKNOWN": 500,
    "INVALID_ARGUMENT": 400,
    "DEADLINE_EXCEEDED": 504,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "PERMISSION_DENIED": 403,
    "RESOURCE_EXHAUSTED": 429,
    "FAILED_PRECONDITION": 400,
    "ABORTED": 409,
    "OUT_OF_RANGE": 400,
    "UNIMPLEMENTED": 501,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DATA_LOSS": 500,
    "UNAUTHENTICATED": 401,
}
