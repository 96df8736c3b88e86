"""Access tokens of an OpenID provider: rules, API keys beside, and how keys are fetched."""

import hmac
import json
import subprocess
import sys
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from cudo_sandbox import Sandbox, create_app
from cudo_sandbox.__main__ import build_parser, main
from cudo_sandbox.issuer import checked_url

AUDIENCE = "https://api.example.test"
START = 1_800_000_000  # what the clock of `make_world` begins with
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
KEYS: dict[str, Any] = {
    "RS256": RSA,
    "PS256": RSA,
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}
REFUSED = "the access token is refused: "


class Provider:
    """The two documents of an issuer on a loopback port, and how often they were asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.keys: list[Any] = [RSA, KEYS["ES256"], KEYS["EdDSA"]]
        self.replies: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.gate = threading.Event()
        self.gate.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def discovery(self, **changes: object) -> None:
        """Publish another document than the right one."""
        document = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"} | changes
        self.replies["/.well-known/openid-configuration"] = (200, {}, json.dumps(document).encode())

    def reply(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.paths.append(path)
        self.gate.wait(10)
        if path == "/jwks" and path not in self.replies:
            return 200, {}, json.dumps(KeySet(self.keys).as_dict(private=False)).encode()
        return self.replies[path]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = provider.reply(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def token(self, alg: str = "RS256", key: Any = None, header: Any = None, **claims: Any) -> str:
        """A good token, with what is to be different; a claim of None is left out."""
        key = key or KEYS[alg]
        good = {"iss": self.issuer, "aud": AUDIENCE, "exp": START + 60, "sub": "alice"}
        return jwt.encode(
            {"alg": alg, "kid": key.kid} | (header or {}),
            {name: value for name, value in (good | claims).items() if value is not None},
            key,
            algorithms=[alg],
        )


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    provider.discovery()
    yield provider
    provider.close()


@pytest.fixture
def world(make_world: Callable[..., Any], provider: Provider) -> Any:
    return make_world(issuer=provider.issuer, audience=AUDIENCE)


def email_of(world: Any, token: str) -> str:
    return str(world.ok("GET", "/v1/auth", key=token)["emailAddress"])


def rule_broken_by(world: Any, token: str) -> str:
    status, code, message = world.refused("GET", "/v1/auth", key=token)
    assert (status, code) == (401, 16)
    assert token not in message
    assert message.startswith(REFUSED)
    return str(message.removeprefix(REFUSED))


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # joserfc, where the test signs
@pytest.mark.parametrize("alg", KEYS)
def test_token_of_the_issuer_is_a_caller(world, provider, alg):
    assert email_of(world, provider.token(alg)) == "alice@127.0.0.1"


def test_token_for_several_audiences_is_taken(world, provider):
    assert email_of(world, provider.token(aud=["https://other.example.test", AUDIENCE])) == "alice@127.0.0.1"


def test_email_of_the_token_is_who_calls(world, provider):
    assert email_of(world, provider.token(email="vera@example.com")) == "vera@example.com"
    assert (
        world.refused("DELETE", "/v1/projects/demo", key=provider.token(email="vera@example.com"))[0] == 403
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "kim@example.com", "email_verified": False},
        {"email": "kim"},
        {"email": "kim\x1b[2J@example.com"},
        {"email": 7},
    ],
    ids=str,
)
def test_email_that_proves_nothing_is_not_who_calls(world, provider, claims):
    assert email_of(world, provider.token(**claims)) == "alice@127.0.0.1"


def test_newcomer_owns_what_was_seeded_and_stays(world, provider):
    token = provider.token()

    projects = world.ok("GET", "/v1/projects", key=token)["projects"]

    assert [project["id"] for project in projects] == ["demo", "research"]
    assert world.ok("GET", "/v1/auth", key=token) == {
        "emailAddress": "alice@127.0.0.1",
        "firstName": "",
        "lastName": "",
        "picture": "",
    }
    disk = {"id": "hers", "dataCenterId": "no-luster-1", "sizeGib": 1}
    world.ok("POST", "/v1/projects/demo/disks", key=token, json=disk)
    members = world.ok("GET", "/v1/billing-accounts/demo-billing:list-permissions", key=token)["permissions"]
    assert [each["userEmail"] for each in members if each["permissionRole"] == "OWNER"] == [
        "kim@example.com",
        "alice@127.0.0.1",
    ]


def test_role_that_was_taken_away_is_not_given_back(world, provider):
    token = provider.token()
    email_of(world, token)
    body = {"userEmail": "alice@127.0.0.1", "permissionRole": "OWNER"}
    world.ok("POST", "/v1/projects/demo:remove-permission", json=body)

    assert world.refused("GET", "/v1/projects/demo", key=token)[0] == 403


def test_api_keys_are_taken_beside_tokens(world, provider):
    assert world.ok("GET", "/v1/auth")["emailAddress"] == "kim@example.com"
    assert world.ok("GET", "/v1/auth", key="viewer-key")["emailAddress"] == "vera@example.com"
    assert world.refused("GET", "/v1/auth", key="nothing")[2] == "the API key is not valid"
    assert world.refused("GET", "/v1/auth", key=None)[0] == 401
    assert provider.paths == []


def test_api_key_with_two_dots_is_still_a_key(make_world, provider):
    world = make_world(issuer=provider.issuer, audience=AUDIENCE, api_key="a.b.c")
    assert world.ok("GET", "/v1/auth", key="a.b.c")["emailAddress"] == "kim@example.com"


def test_token_without_an_issuer_is_an_unknown_key(make_world, provider):
    assert make_world().refused("GET", "/v1/auth", key=provider.token()) == (
        401,
        16,
        "the API key is not valid",
    )


ALGORITHM = "its algorithm is none of RS256, PS256, ES256, EdDSA"


def unsigned(provider: Provider) -> str:
    _, payload, _ = provider.token().split(".")
    return f"{part(alg='none', kid='rsa')}.{payload}."


def part(**values: object) -> str:
    return base64url(json.dumps(values).encode())


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def test_unsigned_token_is_refused(world, provider):
    assert rule_broken_by(world, unsigned(provider)) == ALGORITHM


def test_token_signed_with_the_public_key_as_a_secret_is_refused(world, provider):
    _, payload, _ = provider.token().split(".")
    signed = f"{part(alg='HS256', kid='rsa')}.{payload}"
    code = hmac.new(RSA.as_pem(private=False), signed.encode(), "sha256").digest()
    assert rule_broken_by(world, f"{signed}.{base64url(code)}") == ALGORITHM


def test_other_algorithm_of_the_right_key_is_refused(world, provider):
    assert rule_broken_by(world, provider.token("RS512", RSA)) == ALGORITHM


def test_tampered_token_is_refused(world, provider):
    header, _, signature = provider.token().split(".")
    payload = part(iss=provider.issuer, aud=AUDIENCE, exp=START + 60, sub="root")
    assert rule_broken_by(world, f"{header}.{payload}.{signature}") == (
        f"it was not signed by {provider.issuer}"
    )


def test_foreign_key_under_a_known_id_is_refused(world, provider):
    foreign = RSAKey.generate_key(2048, {"kid": "rsa"})
    assert rule_broken_by(world, provider.token(key=foreign)) == f"it was not signed by {provider.issuer}"


def test_key_of_another_kind_than_the_algorithm_is_refused(world, provider):
    token = provider.token(header={"kid": "ec"})
    assert rule_broken_by(world, token) == f"it was not signed by {provider.issuer}"


def test_critical_extension_that_nobody_knows_is_refused(world, provider):
    header, payload, signature = provider.token().split(".")
    header = part(alg="RS256", kid="rsa", crit=["exotic"], exotic=1)
    assert rule_broken_by(world, f"{header}.{payload}.{signature}") == (
        f"it was not signed by {provider.issuer}"
    )


@pytest.mark.parametrize(
    ("claims", "rule"),
    [
        ({"iss": "https://evil.example.test"}, "it was not issued by ISSUER"),
        ({"iss": None}, "it was not issued by ISSUER"),
        ({"iss": "ISSUER/"}, "it was not issued by ISSUER"),
        ({"aud": "https://other.example.test"}, f"it is not for the audience {AUDIENCE}"),
        ({"aud": f"{AUDIENCE}/"}, f"it is not for the audience {AUDIENCE}"),
        ({"aud": []}, f"it is not for the audience {AUDIENCE}"),
        ({"aud": None}, f"it is not for the audience {AUDIENCE}"),
        ({"exp": START}, "it has expired"),
        ({"exp": START - 3600}, "it has expired"),
        ({"exp": None}, "it has expired"),
        ({"exp": "never"}, "it has expired"),
        ({"exp": float("nan")}, "it has expired"),
        ({"exp": True}, "it has expired"),
        ({"nbf": START + 1}, "it is not valid yet"),
        ({"nbf": "soon"}, "it is not valid yet"),
        ({"sub": None}, "it does not say for whom it speaks"),
        ({"sub": ""}, "it does not say for whom it speaks"),
        ({"sub": "a\x1b[2J"}, "it does not say for whom it speaks"),
        ({"sub": "a" * 256}, "it does not say for whom it speaks"),
    ],
    ids=str,
)
def test_claim_that_breaks_a_rule_is_refused_by_name(world, provider, claims, rule):
    claims = {
        name: value.replace("ISSUER", provider.issuer) if isinstance(value, str) else value
        for name, value in claims.items()
    }
    assert rule_broken_by(world, provider.token(**claims)) == rule.replace("ISSUER", provider.issuer)


def test_token_expires_in_its_last_second_and_not_later(world, provider):
    token = provider.token(exp=START + 3)
    world.wait(2.9)
    assert email_of(world, token) == "alice@127.0.0.1"
    world.wait(0.1)
    assert rule_broken_by(world, token) == "it has expired"


@pytest.mark.parametrize(
    "token",
    ["a.b.c", "..", "e30.e30.", f"{'[' * 60_000}.e30.", f"{part(alg=['RS256'])}.e30.", "é.é.é"],
    ids=["letters", "dots", "empty", "nested", "list", "accents"],
)
def test_garbage_with_two_dots_is_refused(world, provider, token):
    response = world.call("GET", "/v1/auth", key=None, headers={b"Authorization": f"Bearer {token}".encode()})
    assert (response.status_code, response.json()["code"]) == (401, 16)


def test_payload_that_is_no_object_is_refused(world, provider):
    from joserfc import jws

    token = jws.serialize_compact({"alg": "RS256", "kid": "rsa"}, b"[]", RSA)
    assert rule_broken_by(world, token) == "its payload is no JSON object"


# How keys are fetched


def test_keys_are_fetched_once_for_many_tokens(world, provider):
    for _ in range(5):
        email_of(world, provider.token())
    assert provider.paths == ["/.well-known/openid-configuration", "/jwks"]


def test_new_key_is_found_by_one_more_look(world, provider):
    email_of(world, provider.token())
    provider.keys.append(new := RSAKey.generate_key(2048, {"kid": "new"}))
    world.wait(5)
    assert email_of(world, provider.token(key=new)) == "alice@127.0.0.1"
    assert provider.paths.count("/jwks") == 2


def test_unknown_keys_do_not_make_it_hammer(world, provider):
    foreign = RSAKey.generate_key(2048, {"kid": "foreign"})
    for _ in range(5):
        assert rule_broken_by(world, provider.token(key=foreign)) == f"{provider.issuer} has no key for it"
    assert provider.paths.count("/jwks") == 1
    world.wait(5)
    rule_broken_by(world, provider.token(key=foreign))
    assert provider.paths.count("/jwks") == 2


def test_withdrawn_key_is_forgotten_in_time(world, provider):
    email_of(world, provider.token())
    provider.keys = [KEYS["ES256"]]
    world.wait(3600)
    assert rule_broken_by(world, provider.token(exp=START + 7200)) == f"{provider.issuer} has no key for it"


def test_only_key_needs_no_id(world, provider):
    token = jwt.encode(
        {"alg": "RS256"}, {"iss": provider.issuer, "aud": AUDIENCE, "exp": START + 9, "sub": "alice"}, RSA
    )
    assert rule_broken_by(world, token) == f"{provider.issuer} has no key for it"
    provider.keys = [RSA]
    world.wait(5)
    assert email_of(world, token) == "alice@127.0.0.1"


def test_keys_that_cannot_sign_are_passed_over(world, provider):
    kinds = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "rsa"},
        {"kty": "RSA", "kid": "rsa"},
        {**RSA.as_dict(private=False), "use": "enc"},
        {"kty": "new"},
        None,
        {**RSA.as_dict(private=False), "use": "sig"},
    ]
    provider.replies["/jwks"] = (200, {}, json.dumps({"keys": kinds}).encode())
    assert email_of(world, provider.token()) == "alice@127.0.0.1"


def why_unavailable(world: Any, token: str, issuer: str) -> str:
    status, code, message = world.refused("GET", "/v1/auth", key=token)
    assert (status, code) == (503, 14)
    return str(message.removeprefix(f"the keys of {issuer} cannot be had: "))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((503, {}, b"no"), "it answers with status 503"),
        ((302, {"Location": "/jwks"}, b""), "it answers with a redirect"),
        ((200, {}, b"<html>"), "its document is not JSON"),
        ((200, {}, b"\xff"), "its document is not JSON"),
        ((200, {}, b"[]"), "its document is no JSON object"),
        ((200, {}, b" " * (256 * 1024 + 1)), "its document is too long"),
    ],
    ids=["status", "redirect", "html", "bytes", "list", "long"],
)
def test_issuer_that_answers_wrongly_is_unavailable(world, provider, reply, reason):
    provider.replies["/.well-known/openid-configuration"] = reply
    assert why_unavailable(world, provider.token(), provider.issuer) == reason
    assert "/jwks" not in provider.paths


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issuer": "https://evil.example.test"}, "it calls itself by another name"),
        ({"jwks_uri": None}, "it publishes no keys"),
        ({"jwks_uri": "http://keys.example.test/jwks"}, "it must be https; http is for this machine"),
        ({"jwks_uri": "file:///etc/passwd"}, "it must look like https://host, without user or fragment"),
    ],
    ids=str,
)
def test_discovery_that_cannot_be_trusted_is_unavailable(world, provider, changes, reason):
    provider.discovery(**changes)
    assert why_unavailable(world, provider.token(), provider.issuer) == reason


def test_issuer_that_is_down_is_unavailable_and_not_asked_each_time(make_world, provider):
    provider.close()
    world = make_world(issuer=provider.issuer, audience=AUDIENCE)
    for _ in range(3):
        assert why_unavailable(world, provider.token(), provider.issuer) == "it cannot be reached"
    assert world.ok("GET", "/v1/auth")["emailAddress"] == "kim@example.com"


def test_issuer_that_comes_back_is_asked_again(world, provider):
    provider.replies["/jwks"] = (500, {}, b"")
    assert why_unavailable(world, provider.token(), provider.issuer) == "it answers with status 500"
    del provider.replies["/jwks"]
    world.wait(5)
    assert email_of(world, provider.token()) == "alice@127.0.0.1"


def test_known_keys_serve_while_the_issuer_is_down(world, provider):
    email_of(world, provider.token())
    provider.replies["/jwks"] = (500, {}, b"")
    world.wait(5)
    foreign = RSAKey.generate_key(2048, {"kid": "foreign"})
    assert (
        why_unavailable(world, provider.token(key=foreign), provider.issuer) == "it answers with status 500"
    )
    assert email_of(world, provider.token()) == "alice@127.0.0.1"


def test_proxy_sees_nothing_of_a_loopback_issuer(world, provider, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert email_of(world, provider.token()) == "alice@127.0.0.1"


def test_others_are_served_while_keys_are_fetched(provider):
    with Sandbox(issuer=provider.issuer, audience=AUDIENCE) as sandbox:
        httpx.get(f"{sandbox.url}/v1/auth")
        provider.gate.clear()
        token = provider.token(exp=int(time.time()) + 60)
        answers: list[httpx.Response] = []

        def ask() -> None:
            header = {"Authorization": f"Bearer {token}"}
            answers.append(httpx.get(f"{sandbox.url}/v1/auth", headers=header, timeout=10))

        waiting = threading.Thread(target=ask)
        waiting.start()
        while not provider.paths:
            time.sleep(0.01)
        key = {"Authorization": "Bearer sandbox-key"}
        assert httpx.get(f"{sandbox.url}/v1/auth", headers=key, timeout=3).status_code == 200
        assert answers == []
        provider.gate.set()
        waiting.join(10)
    assert [answer.status_code for answer in answers] == [200]


# What may be an issuer


@pytest.mark.parametrize(
    "url",
    [
        "https://login.example.test",
        "https://login.example.test/realm/",
        "http://127.0.0.1:80",
        "http://[::1]:1",
    ],
)
def test_url_that_can_be_trusted_is_an_issuer(url):
    assert checked_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.test",
        "http://127.0.0.1.example.test",
        "https://user@login.example.test",
        "https://login.example.test#part",
        "https://login.example.test/\x1b[2J",
        "https://login.example.test/a b",
        "https://l\u00f6gin.example.test",
        "file:///etc/passwd",
        "login.example.test",
        "https://",
        f"https://{'a' * 2048}",
    ],
)
def test_url_that_cannot_be_trusted_is_no_issuer(url, capsys):
    with pytest.raises(ValueError, match=r"it must|a URL has"):
        create_app(issuer=url, audience=AUDIENCE)
    with pytest.raises(SystemExit, match="2"):
        main(["--issuer", url, "--audience", AUDIENCE])
    assert "argument --issuer: " in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--issuer", "https://a.example"], ["--audience", "a"]], ids=str)
def test_issuer_and_audience_belong_together(options, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert capsys.readouterr().err.endswith("error: --issuer and --audience belong together\n")
    parsed = build_parser().parse_args(options)
    with pytest.raises(ValueError, match="belong together"):
        create_app(issuer=parsed.issuer, audience=parsed.audience)


def test_command_says_whose_tokens_it_takes(provider):
    process = subprocess.Popen(  # our own command
        [
            sys.executable,
            "-m",
            "cudo_sandbox",
            "--port",
            "0",
            "--issuer",
            provider.issuer,
            "--audience",
            AUDIENCE,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    url = line.split()[3]
    token = provider.token(exp=int(time.time()) + 60)
    reply = httpx.get(f"{url}/v1/auth", headers={"Authorization": f"Bearer {token}"})
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert line == f"Sandbox ready on {url} (API key: sandbox-key; tokens of {provider.issuer})\n"
    assert (reply.status_code, errors, process.returncode) == (200, "", 0)
