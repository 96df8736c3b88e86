from __future__ import annotations

import json

import httpx
import pytest

from cudo_sdk.auth.device import Pace, seconds
from cudo_sdk.errors import AuthConfigError, TransientAuth
from cudo_sdk.redaction import redacted


def test_code_and_address_are_what_the_provider_sent(server):
    server.device["verification_uri_complete"] = "https://login.example/device?user_code=ABCD-EFGH"
    code = server.provider().begin_device()
    assert code.verification_uri == "https://login.example/device"
    assert code.user_code == "ABCD-EFGH"
    assert code.verification_uri_complete == "https://login.example/device?user_code=ABCD-EFGH"
    assert (code.expires_in, code.interval) == (600.0, 1.0)
    assert "device-canary" not in repr(code)
    assert "device-canary" not in redacted("the code device-canary in a log")


def test_device_request_names_client_and_scopes_and_no_secret(server):
    server.provider().begin_device()
    assert server.forms("/device/auth") == [
        {"client_id": "cudo-shell", "scope": "openid offline_access profile email"}
    ]
    assert all("authorization" not in request.headers for request in server.requests)


@pytest.mark.parametrize(
    ("audience", "sent"),
    [
        ("https://rest.example", {"audience": "https://rest.example", "resource": "https://rest.example"}),
        ("cudo-api", {"audience": "cudo-api"}),
    ],
)
def test_audience_is_asked_for_everywhere_and_as_a_resource_if_it_is_a_uri(server, audience, sent):
    provider = server.provider(audience=audience)
    provider.refresh(provider.await_approval(provider.begin_device()))
    for form in (*server.forms("/device/auth"), *server.forms("/token")):
        assert {name: form.get(name) for name in ("audience", "resource") if name in form} == sent


UNSAFE = "the login server login.example answered with a code or an address that is not safe to show"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verification_uri", "https://login.example/\x1b[2J"),
        ("verification_uri", "file:///etc/passwd"),
        ("verification_uri", "https://a@login.example/"),
        ("verification_uri", "http://login.example/device"),
        ("verification_uri", "-https://login.example/"),
        ("verification_uri", None),
        ("user_code", "ABCD\x1b]52;c;ZXZpbA==\x07"),
        ("user_code", "AB\u202eCD"),
        ("user_code", "ABCD\n"),
        ("user_code", "ABC"),
        ("user_code", "A" * 65),
        ("user_code", ["ABCD-EFGH"]),
        ("user_code", None),
        ("device_code", None),
        ("device_code", ""),
        ("device_code", "a\r\nb"),
        ("device_code", "a" * 8193),
    ],
)
def test_code_or_address_that_could_deceive_is_never_shown(server, field, value):
    server.device[field] = value
    with pytest.raises(TransientAuth) as caught:
        server.provider().begin_device()
    assert str(caught.value) == UNSAFE


@pytest.mark.parametrize(
    "complete",
    [
        "https://evil.example/device?user_code=ABCD-EFGH",
        "https://login.example:444/device?user_code=ABCD-EFGH",
        "http://login.example/device",
        "https://login.example/\x1b[2J",
        "https://login.example.evil.example/",
        7,
        None,
    ],
)
def test_complete_address_that_leads_elsewhere_is_left_out(server, complete):
    server.device["verification_uri_complete"] = complete
    assert server.provider().begin_device().verification_uri_complete == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7.0),
        (2.5, 2.5),
        ("8", 8.0),
        (-5, 1.0),
        (0, 1.0),
        (1e9, 60.0),
        (float("inf"), 60.0),
        (float("nan"), 5.0),
        pytest.param(10**400, 60.0, id="10**400"),
        (None, 5.0),
        ("x", 5.0),
        (True, 5.0),
        ([7], 5.0),
    ],
)
def test_interval_of_the_server_stays_within_limits(server, value, expected):
    server.device["interval"] = value
    # Written by hand: httpx refuses to write NaN.
    server.will("/device/auth", httpx.Response(200, content=json.dumps(server.device).encode()))
    assert server.provider().begin_device().interval == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, 300.0), (0, 1.0), (1e9, 1800.0), ("600", 600.0), ({}, 300.0)],
)
def test_life_of_a_code_stays_within_limits(server, value, expected):
    server.device["expires_in"] = value
    assert server.provider().begin_device().expires_in == expected


def test_refused_device_request_says_what_to_look_at(server, refused):
    server.will("/device/auth", refused("invalid_scope"))
    with pytest.raises(AuthConfigError) as caught:
        server.provider().begin_device()
    assert str(caught.value) == (
        "the login server login.example refuses this client (invalid_scope): look at scopes of context dev"
    )


def test_pace_after_slow_down_is_five_seconds_slower_for_good():
    pace = Pace(1.0).slower(None)
    assert pace.pending().pause == 6.0
    assert pace.failed().pending().pause == 6.0


@pytest.mark.parametrize(("asked", "pause"), [(3, 6.0), (20, 20.0), (1e9, 60.0), ("x", 6.0), (-1, 6.0)])
def test_pace_after_slow_down_follows_a_larger_wish_of_the_server(asked, pause):
    assert Pace(1.0).slower(asked).pause == pause


def test_pace_after_failures_doubles_up_to_a_minute_and_recovers():
    pace, pauses = Pace(5.0), []
    for _ in range(5):
        pace = pace.failed()
        pauses.append(pace.pause)
    assert pauses == [10.0, 20.0, 40.0, 60.0, 60.0]
    assert pace.pending().pause == 5.0


def test_pace_after_a_failure_honours_what_the_server_asks():
    assert Pace(1.0).failed(retry_after=90.0).pause == 90.0
    assert Pace(30.0).failed(retry_after=1.0).pause == 60.0


def test_seconds_of_digits_without_end_are_limited():
    assert seconds("9" * 5000, 1.0, 60.0, 5.0) == 60.0
