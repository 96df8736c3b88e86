"""The ASGI application: find the route, ask for the key, check the input, answer in one transaction."""

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from cudo_sandbox.access import bearer, caller, check_access, looks_like_token
from cudo_sandbox.clock import Clock
from cudo_sandbox.credit import charge, settle, used_up
from cudo_sandbox.faults import CONTROL_PATH, Fault, FaultTable, control, drop, spoiled
from cudo_sandbox.lifecycles import Hooks, advance
from cudo_sandbox.newcomers import welcome
from cudo_sandbox.problems import Code, Json, Problem, invalid
from cudo_sandbox.router import Call, Reply, find_route
from cudo_sandbox.routes import HOOKS, ROUTES
from cudo_sandbox.seed import seed_store
from cudo_sandbox.store import Store

if TYPE_CHECKING:
    from cudo_sandbox.tokens import TokenVerifier

_LOG = logging.getLogger("cudo_sandbox")
_NO_FAULTS = FaultTable()
_HOOKS = {**HOOKS, "billing_account": Hooks(expired=used_up)}
MAX_BODY = 4 * 2**20  # bytes; what a gRPC server takes if nothing else is set


class Application:
    """The API as an ASGI application over one store."""

    def __init__(
        self, store: Store, clock: Clock, *, api_key: str, seed: int, latency: float, envelope: str
    ) -> None:
        self.store = store
        self.clock = clock
        self.api_key = api_key
        self.seed = seed
        self.latency = latency
        self.envelope = envelope
        self.faults: FaultTable | None = None
        self.charges = False
        self.tokens: TokenVerifier | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request; uvicorn is told not to ask for a lifespan."""
        send = _with_request_id(send)
        request = Request(scope, receive)
        try:
            body = await _received(request)
        except ClientDisconnect:
            return
        except Problem as problem:
            await _json(problem.envelope(self.envelope), problem.status)(scope, receive, send)
            return
        path = scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        if self.latency:
            await asyncio.sleep(self.latency)
        if self.faults is not None and path == CONTROL_PATH:
            await self._reply(control, self.faults, request.method, body)(scope, receive, send)
            return
        fault = (self.faults or _NO_FAULTS).take(request.method, path)
        response = await self._faulty(fault, request, path, body)
        if response is None:
            await drop(scope, receive)
        else:
            await response(scope, receive, send)

    async def _faulty(self, fault: Fault | None, request: Request, path: str, body: bytes) -> Response | None:
        if fault is None:
            return await self._answered(request, path, body, self.clock)
        if fault.latency:
            await asyncio.sleep(fault.latency)
        if not fault.executes:
            return spoiled(fault, Response(), self.envelope)
        clock = self.clock.doomed() if fault.kind == "fail" else self.clock
        return spoiled(fault, await self._answered(request, path, body, clock), self.envelope)

    async def _answered(self, request: Request, path: str, body: bytes, clock: Clock) -> Response:
        try:
            user = await self._token_user(request)
        except Exception as error:  # noqa: BLE001  # a server answers, whatever happens
            return self._failed(error)
        return self._reply(self._answer, request, path, body, clock, user)

    async def _token_user(self, request: Request) -> str:
        """The email of the user whose access token this is; empty for an API key."""
        credential = bearer(request.headers.get("authorization", ""))
        if self.tokens is None or credential == self.api_key or not looks_like_token(credential):
            return ""
        # In a thread, for keys may have to be fetched while other requests are answered.
        email = await asyncio.to_thread(self.tokens.verify, credential)
        welcome(self.store, email)
        return email

    def _reply(self, answer: Any, *arguments: Any) -> Response:
        """Turn what `answer` returns or raises into a response."""
        try:
            reply: Reply = answer(*arguments)
        except Exception as error:  # noqa: BLE001  # a server answers, whatever happens
            return self._failed(error)
        return _json(reply, 200)

    def _failed(self, error: Exception) -> Response:
        if not isinstance(error, Problem):
            _LOG.error("internal error", exc_info=error)
            error = Problem(Code.INTERNAL, "internal error of the sandbox; its log has the cause")
        return _json(error.envelope(self.envelope), error.status)

    def _answer(self, request: Request, raw_path: str, body: bytes, clock: Clock, token_user: str) -> Reply:
        route, path = find_route(ROUTES, request.method, raw_path)
        advance(self.store, self.clock, _HOOKS)
        if self.charges:
            charge(self.store, self.clock)
        with self.store.transaction(write=route.writes) as tx:
            key = bearer(request.headers.get("authorization", ""))
            user = token_user or caller(tx, key, self.api_key)
            check_access(tx, user, route.access, path)
            query = route.query.read(_query(request))
            call = Call(tx, clock, user, self.seed, path, query, route.body.read(_body(body)))
            reply = route.answer(call)
            if self.charges and route.writes:
                settle(tx, self.clock)
            return reply


def _with_request_id(send: Send) -> Send:
    """Give the reply an id of its own, as servers do, to be found again in logs and reports."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"x-request-id", uuid4().hex.encode())]
        await send(message)

    return sending


def _query(request: Request) -> Json:
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return dict(pairs)


def _body(body: bytes) -> Json:
    """The JSON object in the body; nothing counts as an empty one."""
    if not body:
        return {}
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise invalid(("body", "is not valid JSON")) from None
    if not isinstance(value, dict):
        raise invalid(("body", "must be a JSON object"))
    return value


async def _received(request: Request) -> bytes:
    """The whole body; raises INVALID_ARGUMENT when it is too long to be kept."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise invalid(("body", f"is longer than {MAX_BODY} bytes"))
    return bytes(body)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _json(reply: Reply, status: int) -> Response:
    text = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return Response(text, status, media_type="application/json")


def create_app(
    state: str = ":memory:",
    *,
    api_key: str = "sandbox-key",
    vms: int = 0,
    seed: int = 1,
    speed: float = 1.0,
    latency_ms: float = 0,
    faults: bool = False,
    charges: bool = False,
    envelope: str = "wire",
    issuer: str = "",
    audience: str = "",
    clock: Clock | None = None,
) -> Application:
    """Build the simulator over a state file, or in memory.

    A new state is filled with the seed data and `vms` more VMs; a state that exists keeps what it has.
    `speed` makes lifecycles faster, `latency_ms` delays each reply, `faults` opens the control path for
    failures, `charges` lets credit run down, `envelope` is `wire` or `vendor`. With `issuer`, the URL of an
    OpenID provider, its access tokens (JWT) for `audience` are taken beside API keys. A test may bring its
    own `clock`.

    Raises OSError or sqlite3.Error if the state file cannot be used, ValueError for an issuer that cannot be
    trusted or has no audience.
    """
    clock = clock or Clock(speed=speed)
    tokens = _verifier(issuer, audience, clock)
    store = Store(state)
    seed_store(store, clock, seed=seed, vms=vms)
    app = Application(store, clock, api_key=api_key, seed=seed, latency=latency_ms / 1000, envelope=envelope)
    app.charges = charges
    app.tokens = tokens
    if faults:
        app.faults = FaultTable()
    return app


def _verifier(issuer: str, audience: str, clock: Clock) -> "TokenVerifier | None":
    if bool(issuer) != bool(audience):
        raise ValueError("an issuer and an audience belong together")
    if not issuer:
        return None
    from cudo_sandbox.tokens import TokenVerifier

    return TokenVerifier(issuer, audience, clock.now)
