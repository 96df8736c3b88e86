"""What is tried again: every row of the table, with nothing but values."""

from __future__ import annotations

import httpx
import pytest

from cudo_sdk.errors import BadReply, ConnectionFailed, RequestTimeout, error_for
from cudo_sdk.request import Repeat
from cudo_sdk.retry import Failure, delay_before, failure_of, may_have_run, may_repeat

REPEATS: tuple[Repeat, ...] = ("read", "absolute", "delete", "create", "never")


def refused(code: int, *details: dict[str, object], **headers: str):
    response = httpx.Response(
        400,
        json={"code": code, "message": "m", "details": details},
        headers=headers,
        request=httpx.Request("GET", "http://api"),
    )
    return error_for(response, "X")


@pytest.mark.parametrize(
    ("kind", "repeatable"),
    [
        ("not sent", REPEATS),
        ("refused", REPEATS),
        ("no answer", ("read", "absolute", "delete")),
        ("passing", ("read", "absolute", "delete")),
        ("broken", ()),
        ("final", ()),
    ],
)
def test_only_what_cannot_happen_twice_is_repeated(kind, repeatable):
    assert tuple(repeat for repeat in REPEATS if may_repeat(Failure(kind), repeat)) == repeatable


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionFailed("x"), "not sent"),
        (RequestTimeout("x", was_sent=True), "no answer"),
        (refused(8), "refused"),
        (refused(8, {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}), "final"),
        (refused(14), "passing"),
        (refused(4), "passing"),
        (refused(10), "passing"),
        (refused(3), "final"),
        (refused(13), "broken"),
        (BadReply("x"), "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{type(value).__name__}",
)
def test_failure_is_classified_by_what_is_known_of_the_request(error, kind):
    assert failure_of(error).kind == kind


def test_change_may_have_happened_only_if_it_was_sent_and_not_refused():
    outcomes = {
        kind: may_have_run(Failure(kind), "absolute")
        for kind in ("not sent", "refused", "no answer", "passing", "broken", "final")
    }

    assert outcomes == {
        "not sent": False,
        "refused": False,
        "no answer": True,
        "passing": True,
        "broken": True,
        "final": False,
    }
    assert may_have_run(Failure("refused"), "create")  # which one look settles
    assert not may_have_run(Failure("no answer"), "read")


def test_delay_grows_to_its_cap_with_full_jitter():
    delays = [delay_before(retry, Failure("passing"), 1.0) for retry in (1, 2, 3, 20)]

    assert delays == pytest.approx([0.5, 0.8, 1.28, 30.0])
    assert delay_before(5, Failure("passing"), 0.0) == 0.0


def test_delay_is_never_shorter_than_the_server_asks():
    assert delay_before(1, failure_of(refused(8, **{"Retry-After": "12"})), 1.0) == 12.0
