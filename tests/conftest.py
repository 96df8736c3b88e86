"""What every test starts with: an empty environment, and no network beyond this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import hypothesis
import pytest

from cudo_sdk import redaction

# How long an example takes is a matter of the machine, and of what else it does.
hypothesis.settings.register_profile("cudo", deadline=None, max_examples=50)
hypothesis.settings.load_profile("cudo")

pytest_plugins = ("tests.idp.fixtures",)


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer reaches a test, and no test writes into the developer's home."""
    for name in list(os.environ):
        if name.startswith(("CUDO", "XDG_")) or name in {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "CI", "PAGER"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CUDO_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CUDO_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails by name instead of hanging."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        assert host in {"127.0.0.1", "::1", "localhost", ""}, f"a test reached for {host}"
        connect(self, address)  # type: ignore[arg-type]  # as wide as the original

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def no_guarded_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The "secret" of one test is a word of the messages that another one reads."""
    monkeypatch.setattr(redaction, "_registry", redaction._Registry())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole programs first: no worker is left alone with them at the end."""
    items.sort(key=lambda item: item.path.parent != Path(__file__).parent)
