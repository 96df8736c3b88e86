"""What is said about each error; checked over a transport that refuses."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from cudo_sdk import errors
from cudo_sdk._http import httpx
from cudo_sdk.errors import error_for
from cudo_shell.exits import ExitCode, Failure, RefusedError, UsageError
from cudo_shell.failures import Subject, explain

WEB = Subject("VM", "vm", "web-9", "vms", "prod", near=("web-1", "web-2"), options={"memoryGib": "--memory"})
TYPE = "type.googleapis.com/google.rpc."


def refused(
    http: int, message: str = "no", *details: dict[str, Any], code: int | None = None
) -> errors.APIError:
    body: dict[str, Any] = {"message": message, "details": list(details)}
    if code is not None:
        body["code"] = code
    response = httpx.Response(http, json=body, request=httpx.Request("POST", "http://api"))
    return error_for(response, "CreateVM", credential_source="CUDO_API_KEY")


@pytest.mark.parametrize(
    ("error", "code", "message", "hint"),
    [
        (refused(404), 4, "VM 'web-9' not found in project 'prod'.", "Near it: web-1, web-2"),
        (
            refused(409, code=6),
            5,
            "VM 'web-9' in project 'prod' exists already.",
            "Choose another id. See: vm get web-9",
        ),
        (
            refused(400, "Cannot stop it", code=9),
            5,
            "VM 'web-9': Cannot stop it.",
            "See: vm get web-9",
        ),
        (
            refused(
                400,
                "bad",
                {
                    "@type": TYPE + "BadRequest",
                    "fieldViolations": [{"field": "memoryGib", "description": "too small"}],
                },
            ),
            2,
            "--memory: too small.",
            "",
        ),
        (
            refused(
                400,
                "gone",
                {
                    "@type": TYPE + "ErrorInfo",
                    "reason": "MACHINE_TYPE_UNAVAILABLE",
                    "metadata": {"availableMachineTypes": ["a", "b"]},
                },
            ),
            5,
            "Gone.",
            "Types with room for it: a, b",
        ),
        (
            refused(400, "no host for this VM"),
            5,
            "No host for this VM.",
            "See what is free: machine-type list",
        ),
        (
            refused(401),
            3,
            "The API key from CUDO_API_KEY was not accepted.",
            "Check the key and where it is meant for.",
        ),
        (
            refused(403, "viewers only look"),
            3,
            "The API key from CUDO_API_KEY may not do this: Viewers only look.",
            "",
        ),
        (
            refused(
                429,
                "full",
                {
                    "@type": TYPE + "QuotaFailure",
                    "violations": [{"subject": "vcpus", "description": "20 of 20"}],
                },
            ),
            5,
            "A quota is used up: Vcpus: 20 of 20.",
            "",
        ),
        (
            refused(429, "slow down", {"@type": TYPE + "RetryInfo", "retryDelay": "30s"}),
            9,
            "Too many requests: Slow down.",
            "Try again in 30 s.",
        ),
        (refused(503, "overloaded"), 9, "The server failed: Overloaded.", "Try again in a moment."),
        (refused(501, "not yet"), 1, "VM 'web-9': Not yet.", ""),
    ],
    ids=[
        "absent",
        "taken",
        "state",
        "field",
        "stock",
        "capacity",
        "key",
        "role",
        "quota",
        "rate",
        "server",
        "unimplemented",
    ],
)
def test_refusal_of_the_api_is_explained(error, code, message, hint):
    failure = explain(error, WEB)
    assert (failure.code, failure.message, failure.hint) == (code, message, hint)
    assert failure.status == error.status


@pytest.mark.parametrize(
    ("reason", "message", "hint"),
    [
        (
            "the login has expired",
            "Not logged in (the login has expired). Run 'cudo auth login', or set CUDO_API_KEY.",
            "",
        ),
        ("nobody is logged in", "Not logged in. Run 'cudo auth login', or set CUDO_API_KEY.", ""),
        (
            "there is no API key",
            "Not logged in (there is no API key).",
            "Run 'cudo auth login', set CUDO_API_KEY, or use the embedded sandbox: cudo --sandbox ...",
        ),
    ],
    ids=["expired", "nobody", "no key"],
)
def test_missing_login_says_why_and_what_to_run(reason, message, hint):
    assert explain(errors.LoginRequired(reason)) == Failure(message, ExitCode.AUTH, hint, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("http", "message", "hint"),
    [
        (
            401,
            "The API rejects a fresh token from context dev.",
            "Look at the API URL, the audience and the scopes of the context.",
        ),
        (403, "The login from context dev may not do this: No.", ""),
    ],
)
def test_refused_login_is_not_called_a_key(http, message, hint):
    response = httpx.Response(http, json={"message": "no"}, request=httpx.Request("GET", "http://api"))
    error = error_for(response, "ListVMs", credential_kind="login", credential_source="context dev")
    failure = explain(error)
    assert (failure.code, failure.message, failure.hint) == (ExitCode.AUTH, message, hint)


def test_html_of_a_proxy_is_not_shown():
    response = httpx.Response(502, html="<h1>Bad gateway</h1>", request=httpx.Request("GET", "http://api"))
    failure = explain(error_for(response, "ListVMs"))
    assert failure.message == "The server failed: HTTP 502, and the answer is no JSON."
    assert failure.code is ExitCode.UNAVAILABLE


def test_details_are_those_of_the_api():
    detail = {"@type": TYPE + "ErrorInfo", "reason": "X", "metadata": {"a": "b"}}
    assert explain(refused(400, "no", detail)).details == [detail]


def test_unknown_outcome_says_that_it_may_have_happened():
    error = errors.ConnectionFailed("CreateVM: the connection broke", was_sent=True)
    error.outcome_unknown = True
    assert explain(error, WEB) == Failure(
        "CreateVM: the connection broke.",
        ExitCode.UNAVAILABLE,
        "It may have happened all the same. "
        "Check the network, and CUDO_API_URL if it is set. See: vm get web-9",
        "UNAVAILABLE",
    )


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (refused(404), "It may have happened all the same. See what there is: vm list"),
        (refused(400, "busy", code=9), "It may have happened all the same. See: vm get zz-2"),
        (
            refused(409, code=6),
            "It may have happened all the same. Choose another id. See: vm get zz-2",
        ),
        (
            errors.ConnectionFailed("broken", was_sent=True),
            (
                "It may have happened all the same. "
                "Check the network, and CUDO_API_URL if it is set. See: vm get zz-2"
            ),
        ),
    ],
    ids=["absent", "state", "taken", "connection"],
)
def test_unknown_outcome_is_one_hint_of_whole_sentences(error, hint):
    error.outcome_unknown = True
    assert explain(error, Subject("VM", "vm", "zz-2", "vms", "demo")).hint == hint


def test_hints_end_before_the_next_begins():
    error = refused(400, "no", {"@type": TYPE + "ErrorInfo", "metadata": {"types": ["a", "b"]}})
    error.outcome_unknown = True
    assert explain(error, WEB).hint == ("It may have happened all the same. Types: a, b. See: vm get web-9")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.LoginRequired("x"), 3),
        (errors.AuthConfigError("x"), 2),
        (errors.TransientAuth("x"), 9),
        (errors.ConfigError("x"), 2),
        (errors.RequestTimeout("x"), 9),
        (errors.ConnectionFailed("x"), 9),
        (errors.BadReply("x"), 1),
        (errors.WaitTimeout("x"), 6),
        (errors.WaitFailed("x"), 1),
        (errors.CudoError("x"), 1),
        (UsageError("x"), 2),
        (RefusedError("x"), 8),
        (KeyboardInterrupt(), 130),
        (OSError(errno.ENOSPC, "full"), 1),
        (RuntimeError("x"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_every_error_has_a_sentence_and_an_exit_code(error, code):
    failure = explain(error)
    assert failure.code == code
    assert failure.message.endswith((".", "x"))
    assert failure.status


def test_every_class_of_the_api_is_explained_without_calling_it_a_defect():
    for kind in errors.APIError.__subclasses__():
        response = httpx.Response(500, request=httpx.Request("GET", "http://api"))
        assert "defect" not in explain(kind("words", response=response)).message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("cannot resize VM 'web-9' in state ACTIVE; it must be STOPPED", "Stop it first: vm stop web-9"),
        (
            "cannot connect to VM 'web-9' in state STOPPED; it must be ACTIVE",
            "Start it first: vm start web-9",
        ),
        ("cannot attach disk 'a' in state ATTACHED; it must be READY", "Detach it first: disk detach a"),
        ("network 'lan' is STOPPED; it must be ACTIVE", "Start it first: network start lan"),
        (
            "cannot resize VM 'web-9' in state STOPPING; it must be STOPPED",
            "It is on its way. Wait for it: vm wait web-9 --state STOPPED",
        ),
        ("cannot stop VM 'web-9' in state STOPPED; it must be ACTIVE", "See: vm get web-9"),
        ("cannot resize VM 'web-9' in state FAILED; it must be STOPPED", "See: vm get web-9"),
        ("cannot resize VM 'web-9' in state ACTIVE; it must be STOPPED or FAILED", "See: vm get web-9"),
        ("cannot resize VM 'a; rm' in state ACTIVE; it must be STOPPED", "See: vm get web-9"),
        ("it is too late", "See: vm get web-9"),
    ],
)
def test_wrong_state_is_told_with_the_verb_that_leads_out_of_it(text, hint):
    failure = explain(refused(400, text, code=9), Subject("VM", "vm", "web-9"))
    assert (failure.code, failure.hint) == (5, hint)
