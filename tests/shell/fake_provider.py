"""An OpenID provider on a loopback port, small enough to be told what to do. Its tokens are real JWTs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

from joserfc import jws
from joserfc.jwk import ECKey

AUDIENCE = "https://api.example"
CLIENT = "cudo-shell"
Answer = tuple[int, dict[str, Any]]


@cache
def _key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})


class FakeProvider:
    """Approves every device login after `pending` polls, as `person`.

    `answers[path]` are given before anything else, in their order. `lifetime`: seconds of an access token.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.person = {"sub": "u-1", "name": "Alice Admin", "email": "alice@example.test"}
        self.pending = 0
        self.lifetime = 600
        self.device = {"user_code": "ABCD-EFGH", "verification_uri": f"{url}/device", "expires_in": 600}
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._made = 0

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    @property
    def secrets(self) -> list[str]:
        """Everything that nobody may ever see."""
        signatures = [self._access_token(number) for number in range(1, self._made + 1)]
        return ["device-canary", "refresh-canary", *(token.rpartition(".")[2][:20] for token in signatures)]

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return [each for each, _ in self.requests].count(path)

    def forms(self, path: str) -> list[dict[str, str]]:
        """What was sent to a path."""
        return [form for each, form in self.requests if each == path]

    def answer(self, path: str, form: dict[str, str]) -> Answer:
        self.requests.append((path, form))
        if planned := self.answers.get(path):
            return planned.pop(0)
        usual = {
            "/.well-known/openid-configuration": self._document,
            "/jwks": lambda: {"keys": [_key().as_dict(private=False)]},
            "/device/auth": lambda: {"device_code": "device-canary", "interval": 1, **self.device},
            "/revoke": dict,
        }
        if path == "/token":
            return self._token(form)
        return (200, usual[path]()) if path in usual else (404, {})

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "token_endpoint": f"{self.url}/token",
            "device_authorization_endpoint": f"{self.url}/device/auth",
            "jwks_uri": f"{self.url}/jwks",
            "revocation_endpoint": f"{self.url}/revoke",
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def _token(self, form: dict[str, str]) -> Answer:
        if "device_code" in form and self.pending > 0:
            self.pending -= 1
            return 400, {"error": "authorization_pending"}
        self._made += 1
        return 200, {
            "access_token": self._access_token(self._made),
            "refresh_token": f"refresh-canary-{self._made}",
            "id_token": self._jwt({**self.person, "aud": CLIENT}),
            "token_type": "Bearer",
            "expires_in": self.lifetime,
        }

    @cache  # noqa: B019  # a signature has chance in it, and a provider lives for one test
    def _access_token(self, number: int) -> str:
        return self._jwt({**self.person, "aud": AUDIENCE, "jti": f"token-{number}"})

    def _jwt(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "iat": now, "exp": now + self.lifetime, **claims}
        return jws.serialize_compact(
            {"alg": "ES256", "kid": "k1"}, json.dumps(claims), _key(), algorithms=["ES256"]
        )


@contextmanager
def fake_provider() -> Iterator[FakeProvider]:
    """Run a provider; its address is its issuer."""

    class Requests(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(dict(parse_qsl(body)))

        def _answer(self, form: dict[str, str]) -> None:
            status, values = provider.answer(self.path, form)
            body = json.dumps(values).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Requests) as server:
        server.daemon_threads = True
        provider = FakeProvider(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
