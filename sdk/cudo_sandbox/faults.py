"""Failures on request: a table of faults, the control path that fills it, and what a fault does."""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cudo_sandbox.fields import Fields, boolean, filled, integer, number, one_of
from cudo_sandbox.problems import HTTP_STATUS, Code, Json, Problem, invalid, retry_info

if TYPE_CHECKING:
    import asyncio

CONTROL_PATH = "/sandbox/faults"
ALWAYS = -1
HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

_FIELDS = Fields(
    required={"kind": one_of("latency", "status", "html", "truncate", "drop", "fail")},
    optional={
        "match": filled,
        "times": integer(),
        "latency_ms": number,
        "status": integer(400, 599),
        "retry_after": number,
        "retry_info": number,
        "execute": boolean,
    },
)


@dataclass
class Fault:
    """One kind of failure for requests that match, so many times.

    `match` is "METHOD PATH" with `*` for anything. With `execute` the work is done all the same, and
    only the answer is spoiled. With `fail` the answer is whole, and what the request began ends in FAILED.
    """

    kind: str
    match: str = "*"
    times: int = 1
    latency_ms: float = 0
    status: int = 503
    retry_after: float | None = None
    retry_info: float | None = None
    execute: bool = False

    @property
    def latency(self) -> float:
        """Seconds to wait before the answer."""
        return self.latency_ms / 1000

    @property
    def executes(self) -> bool:
        """Whether the operation is carried out."""
        return self.execute or self.kind in {"latency", "truncate", "fail"}


class FaultTable:
    """The faults still to come, tried in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, **fields: Any) -> None:
        """Add a fault; raises INVALID_ARGUMENT. `times` 0 means always."""
        fault = Fault(**_FIELDS.read(fields))
        fault.times = fault.times or ALWAYS
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def listed(self) -> list[Json]:
        return [vars(fault) for fault in self._faults]

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that matches; it counts as used."""
        for fault in self._faults:
            if fnmatchcase(f"{method} {path}", fault.match):
                fault.times -= 1 if fault.times > 0 else 0
                if fault.times == 0:
                    self._faults.remove(fault)
                return fault
        return None


def control(table: FaultTable, method: str, body: bytes) -> Json:
    """Answer the control path: GET lists, POST adds one object or a list of them, DELETE clears."""
    if method == "POST":
        for fields in _objects(body):
            table.add(**fields)
    elif method == "DELETE":
        table.clear()
    elif method != "GET":
        raise Problem(Code.UNIMPLEMENTED, "Method Not Allowed")
    return {"faults": table.listed()}


def _objects(body: bytes) -> list[Json]:
    try:
        given = json.loads(body)
    except ValueError:
        raise invalid(("body", "is not valid JSON")) from None
    objects = given if isinstance(given, list) else [given]
    if not all(isinstance(item, dict) for item in objects):
        raise invalid(("body", "must be an object or a list of objects"))
    return objects


def spoiled(fault: Fault, response: Response, envelope: str) -> Response | None:
    """What the client gets instead of the response; None drops the connection."""
    if fault.kind == "drop":
        return None
    if fault.kind == "html":
        return Response(HTML, 502, media_type="text/html")
    if fault.kind == "truncate":
        return _Truncated(response)
    if fault.kind == "status":
        return _refusal(fault, envelope)
    return response


def _refusal(fault: Fault, envelope: str) -> Response:
    code = next((code for code, status in HTTP_STATUS.items() if status == fault.status), Code.UNKNOWN)
    details = [] if fault.retry_info is None else [retry_info(fault.retry_info)]
    body = Problem(code, f"fault on request: {fault.status}", *details).envelope(envelope)
    if envelope == "vendor":
        body["code"] = fault.status
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    return Response(json.dumps(body), fault.status, headers, "application/json")


class _Truncated(Response):
    """Promises the whole length, sends half of the body and then drops the connection."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code, media_type=whole.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await drop(scope, receive)


async def drop(scope: Scope, receive: Receive) -> None:
    """End the connection without a further byte; raises ConnectionAbortedError in process."""
    transport: asyncio.Transport | None = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionAbortedError("dropped on request")
    transport.close()
    # The server sends a 500 for an application that returns before it knows of the disconnection.
    while (await receive())["type"] != "http.disconnect":
        pass
