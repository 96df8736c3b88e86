"""Everything that can go wrong, named by what the caller can do about it.

CudoError
  ConfigError (ValueError)      a setting or an argument is wrong; nothing was sent
  AuthError
    LoginRequired               there is no usable credential
      InvalidGrant              ... because the provider has ended the login (in cudo_sdk.auth)
    TransientAuth               the login server is out of reach just now
    AuthConfigError             the login is set up wrongly
  ConnectionFailed              no connection, or it broke
  RequestTimeout (TimeoutError) no answer in time
  BadReply                      an answer that is no JSON, or of the wrong shape
  WaitFailed                    the thing waited for has failed
  WaitTimeout (TimeoutError)    it did not get there in time
  APIError (httpx.HTTPStatusError)  the API refused; one class for each canonical status:
    Cancelled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied
    ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable
    DataLoss Unauthenticated
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from cudo_sdk._http import httpx
from cudo_sdk.clock import http_date
from cudo_sdk.details import Detail, QuotaFailure, RetryInfo, details_from


class CudoError(Exception):
    """Any error of this SDK.

    `outcome_unknown`: the change may have happened although this error was raised.
    """

    outcome_unknown: bool = False


class ConfigError(CudoError, ValueError):
    """A setting or an argument cannot be used; nothing was sent."""


class AuthError(CudoError):
    """The credential is the problem, not the call."""


class LoginRequired(AuthError):
    """There is no usable credential."""


class TransientAuth(AuthError):
    """The login server is out of reach; the same call may work later."""


class AuthConfigError(AuthError):
    """The login is set up wrongly; trying again does not help."""


class ConnectionFailed(CudoError):
    """No connection, or it broke. `was_sent`: the request may have reached the server."""

    def __init__(self, message: str, *, was_sent: bool = False, attempts: int = 1) -> None:
        super().__init__(message)
        self.was_sent = was_sent
        self.attempts = attempts


class RequestTimeout(ConnectionFailed, TimeoutError):
    """No answer in time."""


class BadReply(CudoError):
    """The answer is not what the API documents; the message names the operation and the fields."""

    def __init__(self, message: str, *, operation: str = "") -> None:
        super().__init__(message)
        self.operation = operation


class WaitFailed(CudoError):
    """What was waited for went into a failed state; `resource` is what was seen last."""

    def __init__(self, message: str, *, resource: Any = None) -> None:
        super().__init__(message)
        self.resource = resource


class WaitTimeout(CudoError, TimeoutError):
    """What was waited for did not get there in time; `resource` is what was seen last."""

    def __init__(self, message: str, *, resource: Any = None) -> None:
        super().__init__(message)
        self.resource = resource


class APIError(CudoError, httpx.HTTPStatusError):
    """The API refused.

    `status` is the canonical name ("NOT_FOUND"), `message` the server's text, `details` the typed details,
    `operation` the API's name of the call, `attempts` how often it was sent, `retry_after` the seconds that
    the server asks to wait, `credential_kind` and `credential_source` what was sent for a credential ("API
    key", "login") and where it came from; never the credential.
    """

    canonical: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        response: httpx.Response,
        status: str = "",
        details: tuple[Detail, ...] = (),
        operation: str = "",
        retry_after: float | None = None,
        credential_kind: str = "",
        credential_source: str = "",
    ) -> None:
        self.status = status or self.canonical
        httpx.HTTPStatusError.__init__(
            self, _one_line(self.status, message, operation), request=response.request, response=response
        )
        self.message = message
        self.details = details
        self.operation = operation
        self.retry_after = retry_after
        self.credential_kind = credential_kind
        self.credential_source = credential_source
        self.attempts = 1

    def __reduce__(self) -> tuple[Any, ...]:
        # HTTPStatusError takes keywords only, which pickle and copy cannot know. The request goes without its
        # headers and body, which may hold a password.
        response = copy.copy(self.response)
        response.request = httpx.Request(self.request.method, self.request.url)
        state = {name: value for name, value in vars(self).items() if name not in {"_request", "response"}}
        return _rebuilt, (type(self), response.request, response, state)


def _rebuilt(
    kind: type[APIError], request: httpx.Request, response: httpx.Response, state: dict[str, Any]
) -> APIError:
    response.request = request
    error = kind(state["message"], response=response)
    error.__dict__.update(state)
    error.args = (_one_line(error.status, error.message, error.operation),)
    return error


def _one_line(status: str, message: str, operation: str) -> str:
    text = " ".join(message.split())[:500]
    return f"{operation or 'request'}: {status}: {text}" if text else f"{operation or 'request'}: {status}"


class Cancelled(APIError):
    """The call was cancelled."""

    canonical = "CANCELLED"


class Unknown(APIError):
    """The server gives no reason."""

    canonical = "UNKNOWN"


class InvalidArgument(APIError):
    """A value cannot be accepted. A machine type that is sold out comes as this, too."""

    canonical = "INVALID_ARGUMENT"


class DeadlineExceeded(APIError):
    """The server ran out of time."""

    canonical = "DEADLINE_EXCEEDED"


class NotFound(APIError):
    """There is no such thing, or not for this credential."""

    canonical = "NOT_FOUND"


class AlreadyExists(APIError):
    """The id is taken."""

    canonical = "ALREADY_EXISTS"


class PermissionDenied(APIError):
    """The credential may not do this."""

    canonical = "PERMISSION_DENIED"


class ResourceExhausted(APIError):
    """Too many calls, or a quota (QuotaFailure in `details`) is used up."""

    canonical = "RESOURCE_EXHAUSTED"


class FailedPrecondition(APIError):
    """The thing is in the wrong state for this."""

    canonical = "FAILED_PRECONDITION"


class Aborted(APIError):
    """Something else happened at the same time."""

    canonical = "ABORTED"


class OutOfRange(APIError):
    """A number is beyond what is possible."""

    canonical = "OUT_OF_RANGE"


class Unimplemented(APIError):
    """The server does not offer this."""

    canonical = "UNIMPLEMENTED"


class Internal(APIError):
    """The server failed."""

    canonical = "INTERNAL"


class Unavailable(APIError):
    """The server cannot answer just now."""

    canonical = "UNAVAILABLE"


class DataLoss(APIError):
    """The server has lost data."""

    canonical = "DATA_LOSS"


class Unauthenticated(APIError):
    """The credential was not accepted."""

    canonical = "UNAUTHENTICATED"


# In the order of the gRPC numbers, which start with 1.
_CLASSES: tuple[type[APIError], ...] = (
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
)
_BY_STATUS: Mapping[str, type[APIError]] = {kind.canonical: kind for kind in _CLASSES}
_BY_HTTP: Mapping[int, type[APIError]] = {
    400: InvalidArgument,
    401: Unauthenticated,
    403: PermissionDenied,
    404: NotFound,
    408: DeadlineExceeded,
    409: FailedPrecondition,
    425: Unavailable,
    429: ResourceExhausted,
    499: Cancelled,
    500: Internal,
    501: Unimplemented,
    502: Unavailable,
    503: Unavailable,
    504: DeadlineExceeded,
}
_REFUSALS = range(400, 500)


class _Body(NamedTuple):
    status: object
    code: object
    message: str
    details: tuple[Detail, ...]


def error_for(
    response: httpx.Response,
    operation: str,
    *,
    credential_kind: str = "",
    credential_source: str = "",
    now: datetime | None = None,
) -> APIError:
    """The error that a refusing response means, whichever of the two envelopes it came in.

    `now` is the time by which a Retry-After date is read.
    """
    body = _body_of(response)
    kind = _class_for(body, response.status_code)
    return kind(
        body.message,
        response=response,
        details=body.details,
        operation=operation,
        retry_after=_retry_after(response, body.details, now or datetime.now(UTC)),
        credential_kind=credential_kind,
        credential_source=credential_source,
    )


def _body_of(response: httpx.Response) -> _Body:
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):  # the proxy in front answers in HTML
        return _Body(None, None, f"HTTP {response.status_code}, and the answer is no JSON", ())
    message = body.get("message")
    text = message if isinstance(message, str) and message else f"HTTP {response.status_code}"
    return _Body(body.get("status"), body.get("code"), text, details_from(body.get("details")))


def _class_for(body: _Body, http: int) -> type[APIError]:
    if isinstance(body.status, str) and body.status in _BY_STATUS:
        return _BY_STATUS[body.status]
    if type(body.code) is int and 1 <= body.code <= len(_CLASSES):  # True is an int, too
        return _CLASSES[body.code - 1]
    # RFC 9110 (15): a client treats a 4xx that it does not know as 400.
    return _BY_HTTP.get(http, InvalidArgument if http in _REFUSALS else Unknown)


def _retry_after(response: httpx.Response, details: tuple[Detail, ...], now: datetime) -> float | None:
    delays = [detail.retry_delay for detail in details if isinstance(detail, RetryInfo)]
    header = _header_delay(response.headers.get("Retry-After", ""), now)
    return max([*delays, *header], default=None)


def _header_delay(text: str, now: datetime) -> list[float]:
    if text.isascii() and text.isdigit():
        return [float(text)]
    date = http_date(text)
    return [max(0.0, (date - now).total_seconds())] if date else []


def has_quota_failure(error: APIError) -> bool:
    """Whether a quota is used up: waiting and trying again would not help."""
    return any(isinstance(detail, QuotaFailure) for detail in error.details)
