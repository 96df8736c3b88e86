"""Which error a refusal becomes, and what it carries."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime

import httpx
import pytest

from cudo_sdk import errors
from cudo_sdk.details import (
    BadRequest,
    ErrorInfo,
    FieldViolation,
    QuotaFailure,
    QuotaViolation,
    UnknownDetail,
)
from cudo_sdk.errors import APIError, NotFound, error_for

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def refusal(status: int, **content) -> httpx.Response:
    return httpx.Response(status, request=httpx.Request("GET", "http://api/v1/x"), **content)


@pytest.mark.parametrize(
    ("http", "body", "kind"),
    [
        (404, {"code": 5, "message": "m", "details": []}, errors.NotFound),
        (404, {"code": 404, "status": "NOT_FOUND", "message": "m"}, errors.NotFound),
        (409, {"code": 6, "message": "m"}, errors.AlreadyExists),
        (409, {"code": 9, "message": "m"}, errors.FailedPrecondition),
        (409, {"code": 10, "message": "m"}, errors.Aborted),
        (400, {"code": 9, "message": "m"}, errors.FailedPrecondition),
        (500, {"code": 400, "status": "INVALID_ARGUMENT", "message": "m"}, errors.InvalidArgument),
        (500, {"code": True, "message": "m"}, errors.Internal),
        (503, {"code": 99, "status": "NEW_STATUS", "message": "m"}, errors.Unavailable),
        (409, {}, errors.FailedPrecondition),
        (418, {}, errors.InvalidArgument),
        (422, {"code": "x", "message": {"a": 1}, "details": "q"}, errors.InvalidArgument),
        (408, {}, errors.DeadlineExceeded),
        (425, {}, errors.Unavailable),
        (599, {}, errors.Unknown),
        (502, "<html>Bad Gateway</html>", errors.Unavailable),
        (401, "", errors.Unauthenticated),
        (403, [1, 2], errors.PermissionDenied),
    ],
)
def test_status_name_goes_before_grpc_number_and_that_before_http(http, body, kind):
    content = {"text": body} if isinstance(body, str) else {"json": body}

    assert type(error_for(refusal(http, **content), "GetX")) is kind


def test_every_canonical_status_has_its_class_by_number():
    found = [type(error_for(refusal(400, json={"code": number}), "GetX")) for number in range(1, 17)]

    assert [kind.canonical for kind in found] == [
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ]


def test_details_are_typed_and_what_is_unknown_is_kept():
    google = "type.googleapis.com/google.rpc."
    details = [
        {
            "@type": google + "BadRequest",
            "fieldViolations": [{"field": "memoryGib", "description": "too small"}],
        },
        {"@type": google + "ErrorInfo", "reason": "R", "domain": "d", "metadata": {"list": ["a"]}},
        {
            "@type": google + "QuotaFailure",
            "violations": [{"subject": "project:demo", "description": "VMs"}],
        },
        {"@type": google + "Help", "links": []},
        {"@type": google + "RetryInfo", "retryDelay": "soon"},
        "text",
    ]

    error = error_for(refusal(400, json={"code": 3, "message": "m", "details": details}), "CreateVM")

    assert error.details == (
        BadRequest((FieldViolation("memoryGib", "too small"),)),
        ErrorInfo("R", "d", {"list": ["a"]}),
        QuotaFailure((QuotaViolation("project:demo", "VMs"),)),
        UnknownDetail(details[3]),
        UnknownDetail(details[4]),
        UnknownDetail("text"),
    )


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2025 00:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("²", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None):
    response = refusal(429, json={}, headers=httpx.Headers([(b"Retry-After", header.encode())]))

    assert error_for(response, "GetX", now=NOW).retry_after == seconds


def test_retry_info_and_header_together_give_the_longer_wait():
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2.5s"}
    response = refusal(429, json={"code": 8, "details": [info]}, headers={"Retry-After": "1"})

    assert error_for(response, "GetX").retry_after == 2.5


def test_text_of_an_error_is_one_line_with_the_operation():
    error = error_for(refusal(404, json={"code": 5, "message": "no\nsuch\r\nVM"}), "GetVM")

    assert str(error) == "GetVM: NOT_FOUND: no such VM"


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])  # noqa: S301  # our own bytes
def test_error_survives_copy_and_pickle(clone):
    error = error_for(
        refusal(404, json={"code": 5, "message": "gone"}), "GetVM", credential_source="CUDO_API_KEY"
    )
    error.attempts, error.outcome_unknown = 3, True

    twin = clone(error)

    assert type(twin) is NotFound
    assert (str(twin), twin.status, twin.attempts, twin.outcome_unknown) == (str(error), "NOT_FOUND", 3, True)
    assert (twin.credential_source, twin.response.status_code) == ("CUDO_API_KEY", 404)


def test_api_error_is_an_httpx_status_error():
    error = error_for(refusal(404, json={"code": 5, "message": "gone"}), "GetVM")

    with pytest.raises(httpx.HTTPStatusError) as caught:
        raise error

    assert caught.value.response.status_code == 404
    assert caught.value.request.url.path == "/v1/x"


def test_tree_in_the_docstring_is_the_tree():
    named = set(errors.__doc__.replace("(", " ").replace(")", " ").replace(";", " ").split())

    missing = [kind.__name__ for kind in subclasses(errors.CudoError) if kind.__name__ not in named]

    assert missing == []
    assert len(APIError.__subclasses__()) == 16


def subclasses(kind: type) -> list[type]:
    below: list[type] = kind.__subclasses__()
    return [kind, *(deeper for each in below for deeper in subclasses(each))]
