"""Where the settings of a session come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from cudo_sdk import APIConfig, ConfigError, LoginRequired, Session
from cudo_sdk.config import DEFAULT_URL


def test_argument_goes_before_environment_and_environment_before_dotenv(tmp_path: Path):
    (tmp_path / ".env").write_text("CUDO_API_KEY=c\nCUDO_PROJECT_ID=c\nCUDO_BILLING_ACCOUNT_ID=c\n")
    environ = {"CUDO_API_KEY": "b", "CUDO_PROJECT_ID": "b"}

    config = APIConfig(api_key="a", environ=environ, directory=tmp_path)

    assert (config.api_key, config.project_id, config.billing_account_id) == ("a", "b", "c")
    assert config.api_url == DEFAULT_URL
    assert config.sources == {
        "api_key": "argument",
        "api_url": "default",
        "project_id": "CUDO_PROJECT_ID",
        "billing_account_id": ".env",
    }


def test_dotenv_that_supplies_the_key_may_set_the_url(tmp_path: Path):
    (tmp_path / ".env").write_text("CUDO_API_KEY=c\nCUDO_API_URL=https://api.example\n")

    config = APIConfig(environ={}, directory=tmp_path)

    assert config.api_url == "https://api.example"


def test_dotenv_cannot_redirect_a_key_that_comes_from_elsewhere(tmp_path: Path, caplog):
    (tmp_path / ".env").write_text("CUDO_API_KEY=theirs\nCUDO_API_URL=https://evil.example\n")

    config = APIConfig(environ={"CUDO_API_KEY": "mine"}, directory=tmp_path)

    assert config.api_url == DEFAULT_URL
    assert config.notes == ("CUDO_API_URL in .env is ignored: the API key does not come from there",)
    assert caplog.messages == list(config.notes)


def test_dotenv_is_not_expanded_and_not_searched_for_in_parents(tmp_path: Path):
    (tmp_path / ".env").write_text("CUDO_API_KEY=${PATH}\n")
    (tmp_path / "below").mkdir()

    assert APIConfig(environ={}, directory=tmp_path).api_key == "${PATH}"
    assert APIConfig(environ={}, directory=tmp_path / "below").api_key is None


def test_environment_that_is_given_leaves_the_dotenv_of_the_working_directory_alone(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"\xff\xfe")

    assert APIConfig(environ={}).api_key is None


def test_changed_value_is_an_argument_and_the_others_keep_their_source(tmp_path: Path):
    config = APIConfig(environ={"CUDO_API_KEY": "k", "CUDO_API_URL": "https://a.example"}, directory=tmp_path)

    changed = config.changed(api_url="https://b.example")

    assert (changed.api_key, changed.api_url) == ("k", "https://b.example")
    assert (changed.sources["api_key"], changed.sources["api_url"]) == ("CUDO_API_KEY", "argument")
    assert config.api_url == "https://a.example"


def test_unreadable_dotenv_is_named(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"CUDO_API_KEY=\xff\xfe")

    with pytest.raises(ConfigError, match=r"\.env cannot be read: it is not UTF-8 text"):
        APIConfig(environ={}, directory=tmp_path)


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel", "x" * 8193], ids=ascii)
def test_value_that_cannot_be_a_key_is_refused_without_showing_it(key: str):
    config = APIConfig(api_key=key, environ={})

    with pytest.raises(ConfigError) as caught:
        Session(config)

    assert str(caught.value).startswith("the API key from argument cannot be one")
    assert not key or key not in str(caught.value)


def test_one_final_newline_belongs_to_the_file_and_not_to_the_key():
    credential = APIConfig(api_key="secret\n", environ={}).credential

    assert credential is not None
    assert credential.header() == "Bearer secret"


@pytest.mark.parametrize("port", [0, 65536, 99999])
def test_url_with_a_port_that_cannot_be_is_refused(port: int):
    with pytest.raises(ConfigError) as caught:
        Session(APIConfig(api_key="k", api_url=f"http://127.0.0.1:{port}", environ={}))

    message = f"the API URL http://127.0.0.1:{port} names port {port}, and there is no such port (1 to 65535)"
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "url",
    ["http://api.example", "ftp://api.example", "https://u:p@api.example", "https://api.example?x=1", "api"],
)
def test_url_that_would_expose_the_key_is_refused(url: str):
    with pytest.raises(ConfigError):
        Session(api_key="k", base_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "https://a.b"])
def test_http_is_for_this_machine_only(url: str):
    assert str(Session(api_key="k", base_url=url).origin) == url


def test_key_is_in_no_repr():
    config = APIConfig(api_key="canary", environ={})

    assert "canary" not in repr(config) + repr(config.credential) + repr(Session(config))


def test_session_without_a_key_sends_nothing_and_says_what_to_do():
    with pytest.raises(LoginRequired, match="CUDO_API_KEY"):
        Session(base_url="http://127.0.0.1:9").vms.list_vms("demo")


def test_two_sessions_keep_their_own_keys():
    first, second = Session(api_key="one"), Session(api_key="two")

    assert first.credential is not None
    assert second.credential is not None
    assert first.credential.header() != second.credential.header()
    assert first.credential.fingerprint() != second.credential.fingerprint()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "https://kim:canary-1@api.example/?key=canary-1#canary-1",
            "the API URL https://api.example/ must look like https://host, without user, query or fragment",
        ),
        ("https://kim:canary-1@api.example:port", "the API URL cannot be read: Invalid port: 'port'"),
    ],
    ids=["userinfo", "unreadable"],
)
def test_api_url_with_a_secret_in_it_is_refused_without_repeating_it(url: str, message: str):
    with pytest.raises(ConfigError) as caught:
        Session(APIConfig(api_key="a", api_url=url, environ={}))

    assert str(caught.value) == message
