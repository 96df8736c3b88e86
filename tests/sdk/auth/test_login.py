from __future__ import annotations

import httpx
import pytest

from cudo_sdk.auth.login import LoggedOut, keep_key, log_in, log_out
from cudo_sdk.auth.stores.file import FileStore
from cudo_sdk.auth.tokens import Persona, StoredKey, TokenSet
from cudo_sdk.auth.vault import Vault
from cudo_sdk.errors import AuthConfigError, ConfigError, LoginRequired, TransientAuth


@pytest.fixture
def vault(server, tmp_path):
    settings = server.settings(store="file")
    folder = tmp_path / "credentials"
    return Vault(settings, FileStore(settings, folder), folder)


@pytest.fixture
def shown():
    return []


def put(vault, record):
    with vault.lock():
        vault.write(record)


def test_login_shows_the_code_and_stores_the_tokens(server, vault, shown):
    tokens = log_in(vault, server.provider(), shown.append)
    assert [code.user_code for code in shown] == ["ABCD-EFGH"]
    record = vault.read()
    assert isinstance(record, TokenSet)
    assert record.to_store() == tokens.to_store()
    assert "/revoke" not in server.paths()


def test_login_waits_for_the_person_without_holding_the_lock(server, vault):
    free = []

    def show(code):
        with vault.lock(0):
            free.append(code.user_code)

    log_in(vault, server.provider(), show)
    assert free == ["ABCD-EFGH"]


def test_login_of_another_person_revokes_the_tokens_it_replaces_after_saving(server, vault, shown):
    saved = []

    def revoking(_):
        saved.append(vault.read())
        return httpx.Response(200)

    put(vault, server.login(persona=Persona(sub="bob")))
    server.will("/revoke", revoking)
    tokens = log_in(vault, server.provider(), shown.append)
    assert [record.to_store() for record in saved] == [tokens.to_store()]
    assert [form["token"] for form in server.forms("/revoke")] == ["refresh-canary-0", "access-canary-0"]


def test_second_login_of_the_same_person_revokes_nothing(server, vault, shown):
    """Both logins may be one grant, which a provider revokes as a whole: the new tokens would be dead."""
    put(vault, server.login())
    log_in(vault, server.provider(), shown.append)
    assert "/revoke" not in server.paths()


def test_login_revokes_what_a_sibling_renewed_while_it_waited(server, vault):
    put(vault, server.login(persona=Persona(sub="bob")))
    renewed = server.login(persona=Persona(sub="bob"), refresh_token="refresh-of-a-sibling", gen=1)
    log_in(vault, server.provider(), lambda _: put(vault, renewed))
    assert server.forms("/revoke")[0]["token"] == "refresh-of-a-sibling"


def test_login_succeeds_though_the_old_tokens_cannot_be_revoked(server, vault, shown):
    put(vault, server.login(persona=Persona(sub="bob")))
    server.will("/revoke", httpx.ConnectError("x"), httpx.ConnectError("x"))
    assert log_in(vault, server.provider(), shown.append).persona.sub == "alice"


@pytest.mark.parametrize("answer", [httpx.ConnectError("x"), KeyboardInterrupt()], ids=["down", "Ctrl-C"])
def test_login_that_does_not_come_about_leaves_the_old_one(server, vault, shown, answer):
    put(vault, server.login())
    server.will("/device/auth", answer)
    with pytest.raises((TransientAuth, KeyboardInterrupt)):
        log_in(vault, server.provider(), shown.append)
    record = vault.read()
    assert isinstance(record, TokenSet)
    assert record.to_store() == server.login().to_store()


def test_login_that_is_refused_stores_nothing(server, vault, shown, refused):
    server.will("/token", refused("access_denied"))
    with pytest.raises(LoginRequired, match=r"^the login was refused$"):
        log_in(vault, server.provider(), shown.append)
    assert vault.read() is None


def test_login_replaces_a_record_that_cannot_be_read(server, vault, shown):
    put(vault, server.login())
    _file_of(vault).write_text("{")
    assert log_in(vault, server.provider(), shown.append).persona.sub == "alice"
    assert isinstance(vault.read(), TokenSet)


def test_login_over_a_record_of_a_newer_version_fails_before_anybody_approves(server, vault, shown):
    put(vault, server.login())
    _file_of(vault).write_text('{"version": 99}')
    with pytest.raises(AuthConfigError):
        log_in(vault, server.provider(), shown.append)
    assert (shown, server.requests) == ([], [])
    assert _file_of(vault).read_text() == '{"version": 99}'


def test_key_is_kept_with_the_origin_it_is_for(server, vault):
    keep_key(vault, "key-canary-123\n", server.clock)
    record = vault.read()
    assert isinstance(record, StoredKey)
    assert record.api_key.get_secret_value() == "key-canary-123"
    assert (record.api_origin, record.obtained_at) == (
        "https://rest.example",
        server.clock.now().timestamp(),
    )


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "a\0", "schlüssel"])
def test_text_that_cannot_be_a_key_is_not_kept(server, vault, key):
    with pytest.raises(ConfigError):
        keep_key(vault, key, server.clock)
    assert vault.read() is None


def test_logout_revokes_and_forgets(server, vault):
    put(vault, server.login())
    assert log_out(vault, server.provider()) == LoggedOut(was_logged_in=True, host="login.example")
    assert vault.read() is None
    assert len(server.forms("/revoke")) == 2


def test_logout_with_the_provider_down_forgets_and_says_why_it_was_not_revoked(server, vault):
    put(vault, server.login())
    server.will("/.well-known/openid-configuration", httpx.ConnectError("[Errno 111] Connection refused"))
    assert log_out(vault, server.provider()) == LoggedOut(
        was_logged_in=True,
        host="login.example",
        failure="the login server login.example cannot be reached: [Errno 111] Connection refused",
    )
    assert vault.read() is None


def test_logout_that_is_interrupted_still_forgets(server, vault):
    put(vault, server.login())
    server.will("/revoke", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        log_out(vault, server.provider())
    assert vault.read() is None


def test_logout_keeps_renewals_out_until_it_is_done(server, vault):
    def revoking(_):
        with pytest.raises(TransientAuth), vault.lock(0):
            pass
        return httpx.Response(200)

    put(vault, server.login())
    server.will("/revoke", revoking)
    assert log_out(vault, server.provider()).failure == ""


def test_logout_without_a_provider_forgets(server, vault):
    put(vault, server.login())
    outcome = log_out(vault, None)
    assert (outcome.was_logged_in, outcome.failure) == (True, "no login server is configured")
    assert vault.read() is None


def test_logout_of_a_key_forgets_it_and_asks_nobody(server, vault):
    keep_key(vault, "key-canary-123", server.clock)
    assert log_out(vault, server.provider()) == LoggedOut(
        was_logged_in=True, host="rest.example", is_key=True
    )
    assert vault.read() is None
    assert server.requests == []


def test_logout_of_nobody_says_so(server, vault):
    assert log_out(vault, server.provider()) == LoggedOut(was_logged_in=False, host="login.example")
    assert server.requests == []


def test_logout_of_a_record_of_a_newer_version_leaves_it(server, vault):
    put(vault, server.login())
    _file_of(vault).write_text('{"version": 99}')
    with pytest.raises(AuthConfigError):
        log_out(vault, server.provider())
    assert _file_of(vault).read_text() == '{"version": 99}'


def _file_of(vault):
    (file,) = vault._directory.glob("*.json")
    return file
