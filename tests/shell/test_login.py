"""The device flow as a person at a terminal sees it."""

from __future__ import annotations

import io
import os
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from tests.shell.fake_provider import CLIENT, FakeProvider

from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.vault import Vault, open_vault
from cudo_sdk.errors import LoginRequired, TransientAuth
from cudo_shell.login import device_login
from cudo_shell.streams import Streams

DISPLAY = {"DISPLAY": ":0"}
FOREVER = 10_000  # polls
OFFER = "Press Enter to open it in a browser, or use another device.\n"


@pytest.fixture
def vault(provider: FakeProvider, tmp_path: Path) -> Vault:
    settings = Settings(
        context="dev", api_url="https://api.example", issuer=provider.url, client_id=CLIENT, store="file"
    )
    return open_vault(settings, tmp_path)


class Terminal:
    """A pseudo-terminal as stdin, and what was written to stderr."""

    def __init__(self) -> None:
        self.keyboard, inner = os.openpty()
        self.stdin = os.fdopen(inner)
        self.is_there = True
        self.err = io.StringIO()
        self.streams = Streams(self.stdin, io.StringIO(), self.err, in_is_terminal=True, err_is_terminal=True)

    def type(self, keys: bytes) -> None:
        os.write(self.keyboard, keys)

    def hang_up(self) -> None:
        if self.is_there:
            os.close(self.keyboard)
        self.is_there = False

    def when(self, text: str, do: Callable[[], None]) -> threading.Thread:
        """Do something as soon as a text is on the screen."""

        def watch() -> None:
            until = time.monotonic() + 5
            while text not in self.err.getvalue() and time.monotonic() < until:
                time.sleep(0.005)
            do()

        thread = threading.Thread(target=watch)
        thread.start()
        return thread


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.hang_up()
    terminal.stdin.close()


@pytest.fixture
def opened(monkeypatch, provider: FakeProvider) -> list[str]:
    """The addresses that a browser was opened with; the login is approved there."""
    addresses: list[str] = []

    def note(url: str) -> bool:
        addresses.append(url)
        provider.pending = 1
        return True

    monkeypatch.setattr(webbrowser, "open", note)
    return addresses


def test_device_login_says_where_to_go_what_to_enter_and_who_came(provider, vault, terminal):
    tokens = device_login(terminal.streams, vault, {})
    assert terminal.err.getvalue() == (
        f"To log in, open   {provider.url}/device\n"
        "and enter code    ABCD-EFGH        (valid 10 min)\n"
        "Only continue if you started this login yourself. If someone sent you this code, stop.\n"
        f"Logged in to {provider.host} as alice@example.test.\n"
    )
    assert vault.read() == tokens


def test_short_time_is_told_in_seconds(provider, vault, terminal):
    provider.device["expires_in"] = 45
    device_login(terminal.streams, vault, {})
    assert "(valid 45 s)" in terminal.err.getvalue()


def test_persona_cannot_steer_the_terminal(provider, vault, terminal):
    provider.person["email"] = "\x1b]52;c;aGk=\x07\u202ealice\x9b2J@example.test"
    device_login(terminal.streams, vault, {})
    last = terminal.err.getvalue().splitlines()[-1]
    assert last == f"Logged in to {provider.host} as alice@example.test."


def test_enter_opens_the_browser_once_while_polling_goes_on(provider, vault, terminal, opened):
    provider.pending = FOREVER
    complete = f"{provider.url}/device?user_code=ABCD-EFGH"
    provider.device["verification_uri_complete"] = complete

    def press() -> None:
        time.sleep(0.3)  # as a person does: what is typed while the offer is written is forgotten
        terminal.type(b"\n\n")

    thread = terminal.when(OFFER, press)
    device_login(terminal.streams, vault, DISPLAY)
    thread.join()
    assert opened == [complete]
    assert OFFER in terminal.err.getvalue()


def test_nothing_is_opened_unasked(provider, vault, terminal, opened):
    provider.pending = 3
    device_login(terminal.streams, vault, DISPLAY)
    assert OFFER in terminal.err.getvalue()
    assert opened == []


def test_enter_typed_ahead_opens_nothing(provider, vault, terminal, opened):
    provider.pending = 3
    terminal.type(b"vm list\n\n")
    device_login(terminal.streams, vault, DISPLAY)
    assert opened == []


def test_terminal_that_goes_away_is_looked_at_once_and_the_login_goes_on(
    provider, vault, terminal, opened, monkeypatch
):
    provider.pending = FOREVER
    read, reads = os.read, []

    def note(file: int, size: int) -> bytes:
        reads.append(file)
        if provider.pending == FOREVER:
            provider.pending = 3
        return read(file, size)

    monkeypatch.setattr(os, "read", note)
    thread = terminal.when(OFFER, terminal.hang_up)
    device_login(terminal.streams, vault, DISPLAY)
    thread.join()
    assert reads == [terminal.stdin.fileno()]
    assert opened == []
    assert "Logged in" in terminal.err.getvalue()


def test_browser_that_cannot_be_opened_is_told(provider, vault, terminal, monkeypatch):
    def fail(_: str) -> bool:
        provider.pending = 1
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "open", fail)
    provider.pending = FOREVER
    thread = terminal.when(OFFER, lambda: terminal.type(b"\n"))
    device_login(terminal.streams, vault, DISPLAY)
    thread.join()
    assert "No browser could be opened: open the address yourself.\n" in terminal.err.getvalue()


@pytest.mark.parametrize(
    ("environ", "is_offered"),
    [
        (DISPLAY, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({}, False),
        ({**DISPLAY, "SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, False),
        ({**DISPLAY, "SSH_TTY": "/dev/pts/0"}, False),
    ],
    ids=["x11", "wayland", "no display", "ssh", "ssh terminal"],
)
def test_browser_is_offered_only_where_the_person_would_see_it(
    provider, vault, terminal, environ: Mapping[str, str], is_offered
):
    device_login(terminal.streams, vault, environ)
    assert (OFFER in terminal.err.getvalue()) is is_offered


def test_what_is_typed_after_the_login_is_left_to_the_prompt(provider, vault, terminal, opened):
    device_login(terminal.streams, vault, DISPLAY)
    terminal.type(b"next\n")
    time.sleep(0.05)  # for a thread that was left behind, to take it
    assert terminal.stdin.readline() == "next\n"


def test_interrupt_stops_polling_and_stores_nothing(provider, vault, terminal, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("select.select", interrupt)  # where Ctrl-C arrives while Enter is looked for
    with pytest.raises(KeyboardInterrupt):
        device_login(terminal.streams, vault, DISPLAY)
    assert provider.count("/token") == 0
    assert vault.read() is None


def test_refusal_is_not_asked_again(provider, vault, terminal):
    provider.answers["/token"] = [(400, {"error": "access_denied"})]
    with pytest.raises(LoginRequired, match="refused"):
        device_login(terminal.streams, vault, {})
    assert provider.count("/device/auth") == 1
    assert vault.read() is None


def test_address_that_is_not_safe_is_never_shown(provider, vault, terminal):
    provider.device["verification_uri"] = "https://login.example/\x1b]8;;https://evil\x07"
    with pytest.raises(TransientAuth):
        device_login(terminal.streams, vault, {})
    assert terminal.err.getvalue() == ""
