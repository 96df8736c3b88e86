from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from cudo_sdk.auth.id_token import UnknownKey, is_same_person, verified
from cudo_sdk.auth.tokens import Persona
from cudo_sdk.errors import AuthConfigError

ALL = ("none", "HS256", "RS256", "PS256", "ES256", "EdDSA", "RS512")
BAD_SIGNATURE = "its signature is not valid"


@pytest.fixture
def check(server, public_key):
    """Verify an ID token with the provider's key, and return why it is refused."""

    def check(token, algorithms=("RS256",), jwks=None):
        with pytest.raises(AuthConfigError) as caught:
            verified(token, jwks or {"keys": [public_key]}, algorithms, server.settings(), server.clock.now())
        text = str(caught.value)
        start = "the ID token of login.example cannot be trusted: "
        assert text.startswith(start)
        return text.removeprefix(start)

    return check


def test_good_token_says_who_logged_in(server, public_key):
    persona = verified(
        server.id_token(), {"keys": [public_key]}, ("RS256",), server.settings(), server.clock.now()
    )
    assert persona == Persona(sub="alice", name="Alice Admin", email="alice@example.test")


@pytest.mark.parametrize(
    ("algorithm", "make"),
    [
        ("RS256", lambda: RSAKey.generate_key(2048, {"kid": "x"})),
        ("PS256", lambda: RSAKey.generate_key(2048, {"kid": "x"})),
        ("ES256", lambda: ECKey.generate_key("P-256", {"kid": "x"})),
        ("EdDSA", lambda: OKPKey.generate_key("Ed25519", {"kid": "x"})),
    ],
)
def test_each_algorithm_of_the_list_is_good_if_it_is_advertised(server, sign, check, algorithm, make):
    key = make()
    jwks = {"keys": [key.as_dict(private=False)]}
    token = sign(server.claims(), key, alg=algorithm, kid="x")
    assert verified(token, jwks, ALL, server.settings(), server.clock.now()).sub == "alice"
    others = tuple(name for name in ALL if name != algorithm)
    assert check(token, others, jwks) == BAD_SIGNATURE


def test_unsigned_token_is_refused(server, check):
    assert check(_unsigned(server.claims(), {"alg": "none"}) + ".", ALL) == BAD_SIGNATURE


def test_token_signed_with_the_public_key_as_a_secret_is_refused(server, check, public_key):
    for secret in (json.dumps(public_key).encode(), RSAKey.import_key(public_key).as_pem(private=False)):
        text = _unsigned(server.claims(), {"alg": "HS256", "kid": "k1"})
        signature = hmac.digest(secret, text.encode(), "sha256")
        assert check(f"{text}.{_base64(signature)}", ALL) == BAD_SIGNATURE


def test_secret_key_in_the_set_of_the_provider_is_not_used(server, check, public_key):
    text = _unsigned(server.claims(), {"alg": "HS256", "kid": "s"})
    token = f"{text}.{_base64(hmac.digest(b'k' * 32, text.encode(), 'sha256'))}"
    secret = {"kty": "oct", "k": _base64(b"k" * 32), "kid": "s"}
    assert check(token, ALL, {"keys": [secret, public_key]}) == BAD_SIGNATURE


def test_algorithm_beyond_the_list_is_refused_though_it_is_advertised(server, sign, check):
    assert check(sign(server.claims(), alg="RS512"), ALL) == BAD_SIGNATURE


def test_provider_without_a_safe_algorithm_is_refused(server, check):
    assert check(server.id_token(), ("HS256", "none")) == "the provider offers no algorithm that is safe"


def test_token_whose_claims_were_changed_is_refused(server, check):
    head, _, signature = server.id_token().split(".")
    other = _base64(json.dumps(server.claims(sub="mallory")).encode())
    assert check(f"{head}.{other}.{signature}") == BAD_SIGNATURE


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "....", "ä.ö.ü", "eyJhbGciOiJSUzI1NiJ9.e30.eA"])
def test_text_that_is_no_token_is_refused(check, token):
    assert check(token) == BAD_SIGNATURE


@pytest.mark.parametrize("token", [None, 7, {}, ["a.b.c"]])
def test_answer_without_an_id_token_is_refused(check, token):
    assert check(token) == "there is none (is 'openid' among the scopes?)"


OTHER_ISSUER = "it is from another issuer (iss)"
OTHER_CLIENT = "it is for another client (aud)"
OTHER_PARTY = "it was given to another client (azp)"
NO_PERSON = "it does not say who logged in (sub)"
NO_TIMES = "it has no valid times (exp, iat)"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://login.example/"}, OTHER_ISSUER),
        ({"iss": None}, OTHER_ISSUER),
        ({"aud": "other"}, OTHER_CLIENT),
        ({"aud": []}, OTHER_CLIENT),
        ({"aud": None}, OTHER_CLIENT),
        ({"aud": {"cudo-shell": 1}}, OTHER_CLIENT),
        ({"aud": ["cudo-shell", "other"]}, OTHER_PARTY),
        ({"aud": ["cudo-shell", "other"], "azp": "other"}, OTHER_PARTY),
        ({"azp": "other"}, OTHER_PARTY),
        ({"azp": ["cudo-shell"]}, OTHER_PARTY),
        ({"sub": None}, NO_PERSON),
        ({"sub": ""}, NO_PERSON),
        ({"sub": 7}, NO_PERSON),
        ({"sub": "a" * 201}, NO_PERSON),
        ({"exp": None}, NO_TIMES),
        ({"iat": None}, NO_TIMES),
        ({"exp": "3600"}, NO_TIMES),
        ({"exp": float("nan")}, NO_TIMES),
        ({"exp": float("inf")}, NO_TIMES),
        ({"exp": True}, NO_TIMES),
        ({"exp": 10**400}, NO_TIMES),
        ({"iat": float("nan")}, NO_TIMES),
    ],
)
def test_claim_that_does_not_fit_is_told(server, check, changes, reason):
    assert check(server.id_token(**changes)) == reason


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["cudo-shell"]},
        {"azp": "cudo-shell"},
        {"aud": ["other", "cudo-shell"], "azp": "cudo-shell"},
    ],
)
def test_audience_that_is_meant_for_us_is_good(server, public_key, changes):
    token = server.id_token(**changes)
    now, settings = server.clock.now(), server.settings()
    assert verified(token, {"keys": [public_key]}, ("RS256",), settings, now).sub == "alice"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": -60}, ""),
        ({"exp": -61}, "it has expired (exp)"),
        ({"iat": 60}, ""),
        ({"iat": 61}, "it is from the future (iat)"),
    ],
)
def test_clocks_may_differ_by_a_minute(server, public_key, check, changes, reason):
    now = server.clock.now().timestamp()
    token = server.id_token(**{name: now + offset for name, offset in changes.items()})
    if reason:
        assert check(token) == reason
    else:
        verified(token, {"keys": [public_key]}, ("RS256",), server.settings(), server.clock.now())


def test_claims_that_are_no_text_or_too_long_are_left_out(server, public_key):
    token = server.id_token(name="n" * 201, email=["alice@example.test"])
    persona = verified(token, {"keys": [public_key]}, ("RS256",), server.settings(), server.clock.now())
    assert persona == Persona(sub="alice")


def test_odd_keys_do_not_spoil_the_good_one(server, public_key):
    odd = [7, {}, {"kty": "RSA"}, {"kty": "RSA", "n": "!", "e": "!"}, {"kty": ["RSA"]}, {"kty": "ML-DSA"}]
    jwks = {"keys": [*odd, public_key]}
    assert verified(server.id_token(), jwks, ("RS256",), server.settings(), server.clock.now()).sub == "alice"


@pytest.mark.parametrize("jwks", [{}, {"keys": None}, {"keys": []}, {"keys": "k1"}])
def test_set_without_keys_knows_no_key(server, jwks):
    with pytest.raises(UnknownKey):
        verified(server.id_token(), jwks, ("RS256",), server.settings(), server.clock.now())


def test_keys_are_fetched_once_more_when_the_token_has_another(server, sign, public_key):
    new = RSAKey.generate_key(2048, {"kid": "k2"})
    new_set = {"keys": [public_key, new.as_dict(private=False)]}
    server.will("/jwks", httpx.Response(200, json={"keys": [public_key]}), httpx.Response(200, json=new_set))
    server.will("/token", _answer(server, sign(server.claims(), new, kid="k2")))
    provider = server.provider()
    assert provider.await_approval(provider.begin_device()).persona.sub == "alice"
    assert server.paths().count("/jwks") == 2


def test_keys_are_not_fetched_a_third_time(server, sign):
    new = RSAKey.generate_key(2048, {"kid": "k2"})
    server.will("/token", _answer(server, sign(server.claims(), new, kid="k2")))
    provider = server.provider()
    code = provider.begin_device()
    with pytest.raises(AuthConfigError) as caught:
        provider.await_approval(code)
    assert str(caught.value) == (
        "the ID token of login.example cannot be trusted: its key is not one of the provider's"
    )
    assert server.paths().count("/jwks") == 2
    assert server.paths().count("/token") == 1


@pytest.mark.parametrize(
    ("off", "hint"),
    [(-7200, "; your clock is off by about 7200 s"), (7200, "; your clock is off by about 7200 s"), (5, "")],
)
def test_error_tells_by_how_much_the_clock_is_off(server, off, hint):
    provider = server.provider()
    code = provider.begin_device()
    true_time = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC) + timedelta(seconds=off)
    old = server.id_token(exp=server.clock.now().timestamp() - 3600)
    answer = _answer(server, old)
    answer.headers["Date"] = format_datetime(true_time, usegmt=True)
    server.will("/token", answer)
    with pytest.raises(AuthConfigError) as caught:
        provider.await_approval(code)
    assert str(caught.value) == (
        f"the ID token of login.example cannot be trusted: it has expired (exp){hint}"
    )


def test_renewed_token_for_the_same_person_needs_no_signature(server):
    claims = _unsigned(server.claims(), {"alg": "none"}) + "."
    assert is_same_person(claims, "alice", server.settings())


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "mallory"},
        {"sub": None},
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"aud": ["cudo-shell", "other"]},
    ],
)
def test_renewed_token_for_anybody_else_is_noticed(server, changes):
    assert not is_same_person(server.id_token(**changes), "alice", server.settings())


@pytest.mark.parametrize("token", [7, "", "x", "a.b.c", "a." + "W" * 9 + ".c", "a.W10.c", "a.bnVsbA.c"])
def test_renewed_token_that_cannot_be_read_is_for_nobody(server, token):
    assert not is_same_person(token, "alice", server.settings())


def _answer(server, id_token):
    return httpx.Response(200, json={**server.tokens, "id_token": id_token})


def _unsigned(claims, header):
    return ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))


def _base64(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()
