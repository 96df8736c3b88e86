from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from cudo_sdk.auth.provider import InvalidGrant, Provider
from cudo_sdk.auth.tokens import Persona
from cudo_sdk.clock import Clock
from cudo_sdk.errors import AuthConfigError, AuthError, LoginRequired, TransientAuth
from cudo_sdk.redaction import redacted

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def pending(refused):
    return lambda **more: refused("authorization_pending", **more)


def approval(server):
    """Log in with the device flow."""
    provider = server.provider()
    return provider.await_approval(provider.begin_device())


# Device flow


def test_approved_login_yields_tokens_counted_from_the_time_of_sending(server):
    def slow(request):
        server.clock.sleep(10)
        return httpx.Response(200, json={**server.tokens, "id_token": server.id_token()})

    began = server.clock.now().timestamp()
    server.will("/token", slow)
    tokens = approval(server)
    assert (tokens.obtained_at, tokens.expires_at, tokens.lifetime) == (began + 1, began + 3601, 3600.0)
    assert (tokens.issuer, tokens.client_id, tokens.token_host) == (
        "https://login.example",
        "cudo-shell",
        "login.example",
    )
    assert tokens.api_origin == "https://rest.example"
    assert (str(tokens.persona), tokens.gen) == ("alice@example.test", 0)
    assert server.forms("/token") == [
        {"client_id": "cudo-shell", "grant_type": DEVICE_GRANT, "device_code": "device-canary"}
    ]


def test_first_poll_waits_for_the_interval(server):
    server.device["interval"] = 7
    approval(server)
    assert server.clock.naps == [7.0]


def test_each_slow_down_makes_polling_five_seconds_slower(server, refused, pending):
    server.will("/token", pending(), refused("slow_down"), refused("slow_down"))
    approval(server)
    assert server.clock.naps == [1.0, 1.0, 6.0, 11.0]


def test_polling_backs_off_while_the_server_is_unwell(server, pending):
    server.will("/token", httpx.Response(503), httpx.ReadError("gone"), pending())
    approval(server)
    assert server.clock.naps == [1.0, 2.0, 4.0, 1.0]


def test_polling_waits_as_long_as_a_busy_server_asks(server):
    server.will("/token", httpx.Response(429, headers={"Retry-After": "33"}))
    approval(server)
    assert server.clock.naps == [1.0, 33.0]


def test_polling_reads_a_date_to_wait_for(server):
    later = {"Retry-After": "Thu, 01 Jan 2026 00:00:41 GMT"}
    server.will(
        "/token", httpx.Response(503, headers=later), httpx.Response(503, headers={"Retry-After": "soon"})
    )
    approval(server)
    assert server.clock.naps == [1.0, 40.0, 60.0]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("access_denied", "the login was refused"),
        ("expired_token", "the code expired before the login was approved"),
        ("invalid_grant", "the code expired before the login was approved"),
    ],
)
def test_login_that_is_refused_or_late_ends_and_does_not_begin_again(server, refused, error, text):
    server.will("/token", refused(error))
    with pytest.raises(LoginRequired) as caught:
        approval(server)
    assert str(caught.value) == text
    assert not isinstance(caught.value, InvalidGrant)
    assert server.paths().count("/token") == 1
    assert server.paths().count("/device/auth") == 1


def test_client_that_is_refused_while_polling_ends_the_login(server, refused):
    server.will("/token", refused("invalid_client", 401))
    with pytest.raises(AuthConfigError, match=r"\(invalid_client\): look at client_id of context dev$"):
        approval(server)
    assert server.paths().count("/token") == 1


def test_polling_ends_when_the_code_expires(server, pending):
    server.device.update(expires_in=10, interval=4)
    server.will("/token", *[pending() for _ in range(5)])
    with pytest.raises(LoginRequired, match=r"^the code expired before the login was approved$"):
        approval(server)
    assert server.clock.time() == 10
    assert server.paths().count("/token") == 2


def test_time_to_read_the_code_counts_as_its_life(server):
    provider = server.provider()
    code = provider.begin_device()
    server.clock.sleep(600)
    with pytest.raises(LoginRequired, match=r"^the code expired before the login was approved$"):
        provider.await_approval(code)
    assert "/token" not in server.paths()


def _cut_off():
    yield b'{"access_token": "acc'
    raise httpx.ReadError("gone")


@pytest.mark.parametrize(
    "body",
    [
        {"text": "<h1>Hello</h1>"},
        {"text": "{}"},
        {"json": {"error": "authorization_pending"}},
        {"json": {"access_token": "access-canary-1", "id_token": "a.b.c"}},
        {"content": _cut_off()},
        {"content": b'{"x": "' + b"a" * (1024 * 1024) + b'"}'},
    ],
    ids=["html", "empty", "pending", "bad-id-token", "cut-off", "too-large"],
)
def test_code_that_was_accepted_is_never_used_again(server, body):
    """A device code that is used twice can revoke the tokens that it gave."""
    server.will("/token", httpx.Response(200, **body))
    with pytest.raises(AuthError):
        approval(server)
    assert server.paths().count("/token") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": ["x"]},
        {"access_token": "a\r\nX-Evil: 1"},
        {"access_token": "a" * 8193},
        {"refresh_token": 7},
        {"refresh_token": ""},
        {"token_type": "DPoP"},
        {"token_type": None},
    ],
    ids=str,
)
def test_answer_without_usable_tokens_is_no_login(server, change):
    server.tokens.update(change)
    with pytest.raises(TransientAuth) as caught:
        approval(server)
    assert str(caught.value) == "the login server login.example answered without a usable token"


def test_ctrl_c_while_waiting_passes_through(server):
    provider = server.provider()
    code = provider.begin_device()
    server.will("/token", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        provider.await_approval(code)


def test_keys_that_cannot_be_had_end_the_login_before_anybody_approves(server):
    server.will("/jwks", httpx.Response(503))
    with pytest.raises(TransientAuth):
        server.provider().begin_device()
    assert "/device/auth" not in server.paths()


# Renewal


def test_renewal_sends_the_refresh_token_once_and_counts(server):
    server.clock.sleep(50)
    now = server.clock.now().timestamp()
    old = server.login(gen=4)
    fresh = server.provider().refresh(old)
    assert server.forms("/token") == [
        {"client_id": "cudo-shell", "grant_type": "refresh_token", "refresh_token": "refresh-canary-0"}
    ]
    assert fresh.access_token.get_secret_value() == "access-canary-1"
    assert fresh.refresh_token is not None
    assert fresh.refresh_token.get_secret_value() == "refresh-canary-1"
    assert (fresh.gen, fresh.obtained_at, fresh.expires_at) == (5, now, now + 3600)
    assert fresh.persona == old.persona
    request = server.requests[-1]
    assert "refresh-canary-0" not in str(request.url)
    assert "authorization" not in request.headers


@pytest.mark.parametrize("token", [{}, {"refresh_token": None}], ids=["left out", "null"])
def test_renewal_without_a_new_refresh_token_keeps_the_old_one(server, token):
    del server.tokens["refresh_token"]
    server.tokens.update(token)
    fresh = server.provider().refresh(server.login())
    assert fresh.refresh_hash == server.login().refresh_hash
    assert fresh.gen == 1


def test_renewal_without_an_id_token_is_good(server):
    server.will("/token", httpx.Response(200, json=server.tokens))
    assert server.provider().refresh(server.login()).persona.sub == "alice"


@pytest.mark.parametrize("changes", [{"sub": "mallory"}, {"iss": "https://evil.example"}, {"aud": "other"}])
def test_renewal_for_somebody_else_is_discarded(server, changes):
    id_token = server.id_token(**changes)
    server.will("/token", httpx.Response(200, json={**server.tokens, "id_token": id_token}))
    with pytest.raises(LoginRequired) as caught:
        server.provider().refresh(server.login())
    assert str(caught.value) == "the login server login.example renewed the login of somebody else"


def test_renewal_of_a_login_that_a_program_keeps_needs_no_more_than_its_tokens(server):
    server.will("/token", httpx.Response(200, json={**server.tokens, "id_token": server.id_token()}))
    kept = server.login(token_host="", persona=Persona(sub=""))
    assert server.provider().refresh(kept).gen == 1


def test_renewal_whose_reply_is_lost_is_not_repeated_and_the_next_one_ends_the_login(server, refused):
    server.will("/token", httpx.ReadError("canary"), refused("invalid_grant"))
    provider = server.provider()
    with pytest.raises(TransientAuth) as lost:
        provider.refresh(server.login())
    assert str(lost.value) == "the login server login.example cannot be reached: the connection broke"
    with pytest.raises(InvalidGrant) as ended:
        provider.refresh(server.login())
    assert str(ended.value) == "the login has expired"
    assert server.paths().count("/token") == 2


@pytest.mark.parametrize(
    ("error", "look_at"),
    [
        ("invalid_client", "client_id"),
        ("unauthorized_client", "client_id"),
        ("unsupported_grant_type", "client_id"),
        ("invalid_scope", "scopes"),
        ("invalid_target", "audience"),
        ("invalid_request", "client_id, scopes and audience"),
    ],
)
def test_refusal_of_the_client_is_no_end_of_the_login(server, refused, error, look_at):
    server.will("/token", refused(error, 401 if error == "invalid_client" else 400))
    with pytest.raises(AuthConfigError) as caught:
        server.provider().refresh(server.login())
    assert str(caught.value) == (
        f"the login server login.example refuses this client ({error}): look at {look_at} of context dev"
    )


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (httpx.Response(400, text="<h1>blocked</h1>"), "did not answer in JSON (HTTP 400)"),
        (httpx.Response(400, json=["invalid_grant"]), "did not answer in JSON (HTTP 400)"),
        (httpx.Response(400, json={}), "refused without a known reason (HTTP 400)"),
        (httpx.Response(400, json={"error": ["invalid_grant"]}), "refused without a known reason (HTTP 400)"),
        (httpx.Response(403, json={"error": "\x1b[2J"}), "refused without a known reason (HTTP 403)"),
        (httpx.Response(500, json={"error": "invalid_grant"}), "is out of order (HTTP 500)"),
        (httpx.Response(429, json={"error": "slow_down"}), "is out of order (HTTP 429)"),
        (httpx.Response(200, text="hello"), "did not answer in JSON (HTTP 200)"),
        (httpx.ConnectTimeout("canary"), "cannot be reached: no answer in time"),
    ],
)
def test_answer_that_says_nothing_about_the_login_may_pass(server, answer, text):
    server.will("/token", answer)
    with pytest.raises(TransientAuth) as caught:
        server.provider().refresh(server.login())
    assert str(caught.value) == f"the login server login.example {text}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_of_a_renewal_is_never_followed(server, status):
    """307 and 308 would send the form, and in it the refresh token, to wherever they point."""
    server.will("/token", httpx.Response(status, headers={"Location": "https://sink.example/"}))
    with pytest.raises(TransientAuth):
        server.provider().refresh(server.login())
    assert {request.url.host for request in server.requests} == {"login.example"}
    assert server.paths().count("/token") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://other.example"},
        {"client_id": "other"},
        {"api_origin": "https://other.example"},
        {"token_host": "other.example"},
        {"token_host": "login.example:8443"},
    ],
    ids=str,
)
def test_tokens_of_another_login_are_not_sent(server, changes):
    with pytest.raises(LoginRequired) as caught:
        server.provider().refresh(server.login(**changes))
    assert str(caught.value) == "the stored login was made for another login server or API"
    assert "/token" not in server.paths()


def test_login_without_a_refresh_token_is_over_without_a_call(server):
    with pytest.raises(LoginRequired, match=r"^the login has expired$"):
        server.provider().refresh(server.login(refresh_token=None))
    assert server.requests == []


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [(3, 3.0), ("3600", 3600.0), (0, 1.0), (-1, 1.0), (1e12, 86400.0), (None, 300.0), ({}, 300.0)],
    ids=str,
)
def test_life_of_a_token_is_a_number_of_ours(server, expires_in, lifetime):
    server.tokens["expires_in"] = expires_in
    assert server.provider().refresh(server.login()).lifetime == lifetime


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"error": "invalid_grant", "error_description": "refresh-canary-0"}),
        httpx.Response(400, json={"error": "invalid_client", "error_description": "refresh-canary-0"}),
        httpx.Response(200, text='{"access_token": "access-canary-1", "refresh_token": "refresh-canary-1"'),
        httpx.Response(200, json={"access_token": "access-canary-1", "id_token": "canary"}),
        httpx.Response(200, json={"access_token": "access canary", "refresh_token": "refresh-canary-1"}),
        httpx.ReadError("refresh-canary-0"),
    ],
    ids=["invalid_grant", "invalid_client", "broken JSON", "ID token", "tokens", "network"],
)
def test_errors_hold_no_token_and_no_text_of_the_server(server, answer):
    server.will("/token", answer)
    with pytest.raises(AuthError) as caught:
        server.provider().refresh(server.login())
    error = caught.value
    assert error.__suppress_context__ or error.__context__ is None
    assert error.__cause__ is None
    for text in (str(error), repr(error), repr(error.args)):
        assert "canary" not in text
        assert "\n" not in text


def test_new_tokens_are_hidden_in_what_is_written_from_now_on(server):
    fresh = server.provider().refresh(server.login())
    assert "canary" not in repr(fresh)
    assert redacted("access-canary-1 and refresh-canary-1") == "*** and ***"


# Revocation


def test_revocation_ends_the_refresh_token_and_then_the_access_token(server):
    assert server.provider().revoke(server.login()) == ""
    assert server.forms("/revoke") == [
        {"client_id": "cudo-shell", "token": "refresh-canary-0", "token_type_hint": "refresh_token"},
        {"client_id": "cudo-shell", "token": "access-canary-0", "token_type_hint": "access_token"},
    ]


def test_access_token_that_cannot_be_revoked_does_not_matter_after_its_refresh_token(server, refused):
    server.will("/revoke", httpx.Response(200), refused("unsupported_token_type"))
    assert server.provider().revoke(server.login()) == ""


def test_access_token_alone_that_cannot_be_revoked_is_told(server, refused):
    server.will("/revoke", refused("unsupported_token_type"))
    assert server.provider().revoke(server.login(refresh_token=None)) == "it cannot revoke access tokens"


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ([httpx.Response(503), httpx.Response(200)], "it refused (HTTP 503)"),
        (
            [httpx.Response(200), httpx.Response(400, json={"error": "invalid_request"})],
            "it refused (HTTP 400)",
        ),
        ([httpx.Response(307, headers={"Location": "https://sink.example/"})], "it refused (HTTP 307)"),
        (
            [httpx.ConnectError("[Errno 111] Connection refused")],
            "the login server login.example cannot be reached: [Errno 111] Connection refused",
        ),
    ],
)
def test_revocation_that_fails_says_why_and_still_tries_the_other_token(server, answers, failure):
    server.will("/revoke", *answers)
    assert server.provider().revoke(server.login()) == failure
    assert server.paths().count("/revoke") == 2


def test_provider_that_is_down_cannot_revoke(server):
    server.will("/.well-known/openid-configuration", httpx.ConnectTimeout("x"))
    assert server.provider().revoke(server.login()) == (
        "the login server login.example cannot be reached: no answer in time"
    )


def test_provider_without_revocation_says_so(server):
    del server.document["revocation_endpoint"]
    assert server.provider().revoke(server.login()) == "it offers no revocation"


def test_tokens_of_another_login_are_not_sent_to_be_revoked(server):
    failure = server.provider().revoke(server.login(token_host="evil.example"))
    assert failure == "the stored login was made for another login server or API"
    assert "/revoke" not in server.paths()


def test_revocation_waits_five_seconds_and_renewal_twenty(server):
    provider = server.provider()
    provider.refresh(server.login())
    provider.revoke(server.login())
    limits = {request.url.path: request.extensions["timeout"] for request in server.requests}
    assert limits["/token"] == {"connect": 5.0, "read": 20.0, "write": 20.0, "pool": 20.0}
    assert limits["/revoke"] == {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": 5.0}


def test_bundle_of_certificates_that_is_missing_is_told(server, tmp_path):
    settings = server.settings(ca_bundle=str(tmp_path / "none.pem"))
    with pytest.raises(AuthConfigError, match=r"^the CA bundle .*none\.pem cannot be read: No such file"):
        Provider(settings, clock=server.clock).document()
    assert "none.pem" in Provider(settings, clock=server.clock).revoke(server.login())


# The client


def test_habits_of_a_given_client_do_not_reach_the_login_server(server):
    """Its redirects would send the refresh token elsewhere, its credential is for something else."""
    client = server.client()
    client.follow_redirects, client.auth = True, ("user", "canary")
    server.will("/token", httpx.Response(307, headers={"Location": "https://sink.example/"}))
    with pytest.raises(TransientAuth):
        Provider(server.settings(), clock=server.clock, http_client=client).refresh(server.login())
    assert {request.url.host for request in server.requests} == {"login.example"}
    assert all("authorization" not in request.headers for request in server.requests)


def test_client_is_replaced_after_ctrl_c(server, monkeypatch):
    """A pool that was interrupted may be locked for ever."""
    used = []

    def interrupted(transport, request):
        used.append(transport)
        raise KeyboardInterrupt

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", interrupted)
    provider = Provider(server.settings(), clock=server.clock)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            provider.document()
    assert used[0] is not used[1]


@contextmanager
def on_this_machine(make_server):
    """A provider behind a real socket, which knows how to describe itself."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(provider.document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as web:
        provider = make_server(f"http://127.0.0.1:{web.server_port}")
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            web.shutdown()
            thread.join()


def test_proxy_of_the_environment_never_sees_calls_to_this_machine(make_server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    with on_this_machine(make_server) as server:
        provider = Provider(server.settings(), clock=Clock())
        assert provider.document().token_host == provider.host
        provider.close()
