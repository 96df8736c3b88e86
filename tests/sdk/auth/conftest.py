"""An OpenID provider below the HTTP client, and logins at it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from cudo_sdk.auth.provider import Provider
from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.tokens import Persona, TokenSet
from cudo_sdk.testing import VirtualClock

ISSUER = "https://login.example"
Answer = httpx.Response | BaseException | Callable[[httpx.Request], httpx.Response]


@cache
def signing_key(kid: str = "k1") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def signed(claims: dict[str, Any], key: Any = None, **header: Any) -> str:
    head = {"alg": "RS256", "kid": "k1", **header}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # EdDSA has a new name
        return jws.serialize_compact(head, json.dumps(claims), key or signing_key(), algorithms=[head["alg"]])


class LoginServer:
    """Answers as a provider should. What is put into `answers[path]` comes first, in its order.

    A request to any other host fails the test.
    """

    def __init__(self, issuer: str = ISSUER) -> None:
        self.issuer = issuer
        self.clock = VirtualClock()
        self.requests: list[httpx.Request] = []
        self.answers: dict[str, list[Answer]] = {}
        self.document: dict[str, Any] = {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/token",
            "device_authorization_endpoint": f"{issuer}/device/auth",
            "jwks_uri": f"{issuer}/jwks",
            "revocation_endpoint": f"{issuer}/revoke",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        self.device: dict[str, Any] = {
            "device_code": "device-canary",
            "user_code": "ABCD-EFGH",
            "verification_uri": f"{issuer}/device",
            "expires_in": 600,
            "interval": 1,
        }
        self.tokens: dict[str, Any] = {
            "access_token": "access-canary-1",
            "refresh_token": "refresh-canary-1",
            "token_type": "Bearer",
            "expires_in": 3600,
        }

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def settings(self, **changes: Any) -> Settings:
        values = {"context": "dev", "api_url": "https://rest.example", "issuer": self.issuer}
        return Settings.model_validate({**values, "client_id": "cudo-shell", "store": "memory", **changes})

    def provider(self, **changes: Any) -> Provider:
        return Provider(self.settings(**changes), clock=self.clock, http_client=self.client())

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims of an ID token. A value of None takes one out."""
        now = self.clock.now().timestamp()
        claims = {
            "iss": self.issuer,
            "sub": "alice",
            "aud": "cudo-shell",
            "exp": now + 3600,
            "iat": now,
            "name": "Alice Admin",
            "email": "alice@example.test",
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def id_token(self, **changes: Any) -> str:
        return signed(self.claims(**changes))

    def login(self, **changes: Any) -> TokenSet:
        """The tokens of somebody who has logged in some time ago."""
        now = self.clock.now().timestamp()
        values = {
            "access_token": "access-canary-0",
            "refresh_token": "refresh-canary-0",
            "expires_at": now + 60,
            "obtained_at": now,
            "lifetime": 60.0,
            "issuer": self.issuer,
            "client_id": "cudo-shell",
            "api_origin": "https://rest.example",
            "token_host": "login.example",
            "persona": Persona(sub="alice", name="Alice Admin", email="alice@example.test"),
        }
        return TokenSet.model_validate({**values, **changes})

    def will(self, path: str, *answers: Answer) -> None:
        """Say what the next requests to a path get."""
        self.answers.setdefault(path, []).extend(answers)

    def forms(self, path: str) -> list[dict[str, str]]:
        """The forms that were sent to a path."""
        return [
            dict(httpx.QueryParams(request.content.decode()).items())
            for request in self.requests
            if request.url.path == path
        ]

    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        assert str(request.url).startswith(f"{self.issuer}/"), f"a request went to {request.url}"
        planned = self.answers.get(request.url.path)
        if planned:
            answer = planned.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer(request) if callable(answer) else answer
        return httpx.Response(200, json=self._usual(request))

    def _usual(self, request: httpx.Request) -> dict[str, Any]:
        match request.url.path:
            case "/.well-known/openid-configuration":
                return self.document
            case "/jwks":
                return {"keys": [signing_key().as_dict(private=False)]}
            case "/device/auth":
                return self.device
            case "/token":
                return {**self.tokens, "id_token": self.id_token()}
            case "/revoke":
                return {}
        raise AssertionError(f"a request for {request.url.path}")


@pytest.fixture
def server() -> LoginServer:
    """A provider at https://login.example."""
    return LoginServer()


@pytest.fixture
def make_server() -> type[LoginServer]:
    """Providers elsewhere."""
    return LoginServer


@pytest.fixture
def sign() -> Callable[..., str]:
    """Sign claims as an ID token, with any key and header."""
    return signed


@pytest.fixture
def public_key() -> dict[str, Any]:
    """The public key that ID tokens are signed with, as a JWK."""
    return dict(signing_key().as_dict(private=False))


def refused(error: str, status: int = 400, **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"error": error, "error_description": "canary text", **more})


@pytest.fixture(name="refused")
def _refused() -> Callable[..., httpx.Response]:
    """An error of OAuth."""
    return refused


@pytest.fixture
def settings(server: LoginServer) -> Settings:
    """Those of a login that is kept in a file."""
    return server.settings(store="file")


@pytest.fixture
def tokens(server: LoginServer) -> Callable[..., TokenSet]:
    """A record, with these changes."""
    return server.login
