"""The errors of the API: canonical codes, typed details, and the two envelopes around them."""

from enum import IntEnum
from typing import Any

Json = dict[str, Any]

_TYPE = "type.googleapis.com/google.rpc."
DOMAIN = "compute.cudo.org"


_NOUNS = {"vm": "VM", "ssh_key": "SSH key", "api_key": "API key", "vm_machine_type": "machine type"}


class Code(IntEnum):
    """The gRPC codes."""

    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


HTTP_STATUS = {
    Code.CANCELLED: 499,
    Code.UNKNOWN: 500,
    Code.INVALID_ARGUMENT: 400,
    Code.DEADLINE_EXCEEDED: 504,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.FAILED_PRECONDITION: 400,
    Code.ABORTED: 409,
    Code.OUT_OF_RANGE: 400,
    Code.UNIMPLEMENTED: 501,
    Code.INTERNAL: 500,
    Code.UNAVAILABLE: 503,
    Code.DATA_LOSS: 500,
    Code.UNAUTHENTICATED: 401,
}


class Problem(Exception):  # noqa: N818  # a refusal is the API's answer, not a failure of the sandbox
    """A refusal, to be sent in one of the envelopes."""

    def __init__(self, code: Code, message: str, *details: Json) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    @property
    def status(self) -> int:
        """The HTTP status of the reply."""
        return HTTP_STATUS[self.code]

    def envelope(self, style: str) -> Json:
        """The body: `wire` carries the gRPC number, `vendor` the HTTP status and the name."""
        if style == "vendor":
            code: Json = {"code": self.status, "status": self.code.name}
        else:
            code = {"code": int(self.code)}
        return {**code, "message": self.message, "details": list(self.details)}


def noun_of(kind: str) -> str:
    """What a person calls a kind of resource."""
    return _NOUNS.get(kind, kind.replace("_", " "))


def invalid(*violations: tuple[str, str]) -> Problem:
    """INVALID_ARGUMENT, naming each field of the request that is wrong."""
    listed = [{"field": field, "description": text} for field, text in violations]
    message = "; ".join(f"{field}: {text}" for field, text in violations)
    detail = {"@type": f"{_TYPE}BadRequest", "fieldViolations": listed}
    return Problem(Code.INVALID_ARGUMENT, message, detail)


def not_found(noun: str, name: str) -> Problem:
    return Problem(Code.NOT_FOUND, f"{noun} '{name}' not found")


def already_exists(noun: str, name: str) -> Problem:
    return Problem(Code.ALREADY_EXISTS, f"{noun} '{name}' already exists")


def wrong_state(message: str, *details: Json) -> Problem:
    """FAILED_PRECONDITION: the request is fine, the state of the resource is not."""
    return Problem(Code.FAILED_PRECONDITION, message, *details)


def denied(message: str) -> Problem:
    return Problem(Code.PERMISSION_DENIED, message)


def quota(subject: str, description: str) -> Problem:
    """RESOURCE_EXHAUSTED that no retry will cure."""
    violation = {"subject": subject, "description": description}
    detail = {"@type": f"{_TYPE}QuotaFailure", "violations": [violation]}
    return Problem(Code.RESOURCE_EXHAUSTED, description, detail)


def error_info(reason: str, **metadata: Any) -> Json:
    """The machine-readable cause of a refusal."""
    return {"@type": f"{_TYPE}ErrorInfo", "reason": reason, "domain": DOMAIN, "metadata": metadata}


def retry_info(seconds: float) -> Json:
    return {"@type": f"{_TYPE}RetryInfo", "retryDelay": f"{seconds:g}s"}
