"""Tokens that are easy to recognize, through a whole login: only the stored record may hold them."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from cudo_sdk import APIConfig, CudoError, LoginRequired, Session
from cudo_sdk.auth.login import log_in, log_out
from cudo_sdk.auth.refresh import TokenSource
from cudo_sdk.auth.stores.file import FileStore
from cudo_sdk.auth.vault import Vault
from cudo_sdk.redaction import redacted

CANARIES = ("device-canary", "access-canary", "refresh-canary")


def assert_hidden(text: str | bytes, *more: str) -> None:
    shown = text.decode(errors="replace") if isinstance(text, bytes) else text
    found = [canary for canary in (*CANARIES, *more) if canary in shown]
    assert not found, f"{found} in:\n{shown}"


def everything_about(error: BaseException) -> Iterator[str | bytes]:
    """All that a program, a log or a crash report could show of an error."""
    yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
    yield "".join(traceback.format_exception(error))
    yield pickle.dumps(error)
    for value in vars(error).values():
        yield repr(vars(value)) if hasattr(value, "__dict__") else repr(value)
    for below in (error.__cause__, error.__context__):
        if below is not None:
            yield from everything_about(below)


@pytest.fixture
def log(caplog) -> Callable[[], str]:
    """All that was logged, before any formatter could hide something."""
    caplog.set_level(logging.DEBUG)
    return lambda: caplog.text


@pytest.fixture
def vault(server, tmp_path) -> Vault:
    settings = server.settings(store="file")
    return Vault(settings, FileStore(settings, tmp_path), tmp_path)


@pytest.fixture
def source(server, vault) -> Iterator[TokenSource]:
    """The login of somebody whose access token is over."""
    with vault.lock():
        vault.write(server.login(expires_at=server.clock.now().timestamp() - 1))
    source = TokenSource(vault, server.provider(), clock=server.clock)
    yield source
    source.close()


def header_of(source: TokenSource) -> str:
    header = source.header()
    return header if isinstance(header, str) else header.result()


def api_session(source: TokenSource, answer: httpx.Response, clock: Any) -> Session:
    client = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    config = APIConfig(api_url="https://rest.example", environ={})
    return Session(config, credential=source, http_client=client, clock=clock)


def test_login_leaves_its_secrets_in_the_record_alone(server, vault, tmp_path, log, capfd):
    shown: list[object] = []

    tokens = log_in(vault, server.provider(), shown.append)

    stored = {file.name: file.read_text() for file in tmp_path.iterdir()}
    record = next(text for name, text in stored.items() if name.endswith(".json"))
    assert "access-canary-1" in record
    assert "refresh-canary-1" in record
    assert "device-canary" not in record
    assert "eyJ" not in record  # the ID token is read and thrown away
    assert_hidden("".join([*stored, *(text for text in stored.values() if text != record)]))
    assert_hidden(log() + repr([tokens, tokens.persona, shown, vault, vault.settings]), server.id_token())
    assert_hidden("".join(capfd.readouterr()))
    assert redacted("device-canary access-canary-1 refresh-canary-1") == "*** *** ***"


def test_renewed_login_shows_neither_the_old_tokens_nor_the_new(server, source, vault, log):
    assert header_of(source) == "Bearer access-canary-1"

    assert_hidden(log() + repr([source, vars(source)]))
    assert redacted("access-canary-1 refresh-canary-1") == "*** ***"


def refusals() -> list[Any]:
    """What a login server may answer when it is asked to renew, with all that it was sent."""
    echo = "refresh-canary-0 access-canary-9 device-canary"
    return [
        pytest.param(
            httpx.Response(400, json={"error": "invalid_grant", "error_description": echo}), id="over"
        ),
        pytest.param(
            httpx.Response(401, json={"error": "invalid_client", "error_description": echo}), id="client"
        ),
        pytest.param(httpx.Response(400, text=f"<html>{echo}"), id="HTML"),
        pytest.param(httpx.Response(503, text=echo), id="down"),
        pytest.param(httpx.Response(200, json={"access_token": [echo]}), id="list"),
        pytest.param(httpx.Response(200, text=f'{{"access_token": "{echo}'), id="cut off"),
        pytest.param(httpx.Response(302, headers={"Location": f"https://x.example/{echo}"}), id="redirect"),
        pytest.param(httpx.ConnectError("down"), id="network"),
    ]


@pytest.mark.parametrize("answer", refusals())
def test_renewal_that_fails_says_nothing_that_is_secret(answer, server, source, log):
    server.will("/token", *[answer] * 3)

    with pytest.raises(CudoError) as caught:
        header_of(source)

    for text in everything_about(caught.value):
        assert_hidden(text)
    assert_hidden(log())


@pytest.mark.parametrize("answer", refusals())
def test_login_that_fails_says_nothing_that_is_secret(answer, server, vault, log):
    server.will("/token", *[answer] * 700)
    shown: list[object] = []

    with pytest.raises(CudoError) as caught:
        log_in(vault, server.provider(), shown.append)

    for text in everything_about(caught.value):
        assert_hidden(text)
    assert_hidden(log() + repr(shown))


@pytest.mark.parametrize("status", [401, 403, 500])
def test_api_that_refuses_a_login_gets_no_token_into_an_error(status, server, vault, log):
    with vault.lock():
        vault.write(server.login())
    source = TokenSource(vault, server.provider(), clock=server.clock)
    answer = httpx.Response(status, json={"code": 16, "message": "no"})

    with api_session(source, answer, server.clock) as session, pytest.raises(CudoError) as caught:
        session.with_options(max_retries=1).request("GET", "/v1/x")
    source.close()

    for text in everything_about(caught.value):
        assert_hidden(text)
    assert_hidden(log() + repr([session, vars(session)]))


def test_record_that_is_damaged_shows_none_of_its_tokens(server, vault, tmp_path, log):
    with vault.lock():
        vault.write(server.login())
    file = next(tmp_path.glob("*.json"))
    file.write_text(file.read_text()[:-5])

    with pytest.raises(LoginRequired) as caught:
        vault.read()

    for text in everything_about(caught.value):
        assert_hidden(text)
    assert_hidden(log())


def test_logout_leaves_no_secret_behind(server, vault, tmp_path, log):
    with vault.lock():
        vault.write(server.login())
    server.will("/revoke", httpx.Response(400, json={"error": "x", "error_description": "refresh-canary-0"}))

    outcome = log_out(vault, server.provider())

    assert_hidden(log() + repr(outcome) + "".join(_contents(tmp_path)))


def _contents(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*"):
        yield file.name
        with suppress(IsADirectoryError):
            yield file.read_text()
