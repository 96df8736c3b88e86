"""Logging in at a terminal: what is shown of a device flow, and whether anybody is there to see it."""

import os
import select
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from cudo_sdk.auth.login import log_in
from cudo_sdk.auth.provider import Provider
from cudo_sdk.auth.tokens import TokenSet
from cudo_sdk.auth.vault import Vault, open_vault
from cudo_sdk.clock import Clock
from cudo_sdk.errors import LoginRequired
from cudo_shell.directories import state_dir
from cudo_shell.exits import CommandError, ExitCode
from cudo_shell.failures import NOBODY
from cudo_shell.locked import OPEN, Lock
from cudo_shell.output.clean import notice
from cudo_shell.progress import paused
from cudo_shell.settings import Settings
from cudo_shell.streams import Streams

if TYPE_CHECKING:
    from cudo_sdk.auth.device import DeviceCode
    from cudo_shell.contexts import Context
    from cudo_shell.workspace import Workspace

MINUTE = 60  # seconds
CHUNK = 4096  # bytes; the longest line that a terminal takes
WARNING = "Only continue if you started this login yourself. If someone sent you this code, stop."
OFFER = "Press Enter to open it in a browser, or use another device."


class NobodyToLogInError(CommandError):
    """A login needs a person at a terminal, and there is none."""

    code = ExitCode.AUTH
    status = "UNAUTHENTICATED"


def vault_of(context: "Context", settings: Settings) -> Vault:
    """Where the credential of a context is kept. Raises: AuthConfigError."""
    return open_vault(context.settings(), state_dir(settings["state_dir"]))


def tell_notes(work: "Workspace", vault: Vault) -> None:
    """Say what a store has noticed, such as that others could read it."""
    for note in vault.store.notes:
        work.say(note)


def tell_kept(work: "Workspace", vault: Vault) -> None:
    """Say after a login what a person would not expect of where it is kept."""
    tell_notes(work, vault)
    if not vault.store.persistent:
        work.say(f"The login is kept in {vault.store.describe()} only.")


def stored_login(vault: Vault) -> TokenSet:
    """The tokens of a login, whatever their age; nothing is sent. Raises: AuthError."""
    record = vault.read()
    if not isinstance(record, TokenSet) or not record.belongs_to(vault.settings):
        raise LoginRequired(NOBODY)
    return record


def valid_login(vault: Vault) -> TokenSet | None:
    """The tokens of a login that the API still takes; nothing is sent."""
    try:
        tokens = stored_login(vault)
    except LoginRequired:
        return None
    return tokens if tokens.is_usable(Clock().now().timestamp()) else None


def may_log_in(work: "Workspace") -> bool:
    """Whether a person is there to log in: a terminal, no script, no CI, nothing that forbids questions."""
    return work.may_ask and work.environ.get("CI", "").lower() in {"", "0", "false"}


def demand_person(work: "Workspace") -> None:
    """Refuse a login that nobody could approve. Raises: NobodyToLogInError."""
    if not may_log_in(work):
        raise NobodyToLogInError(
            "Not logged in, and nobody can be asked here.",
            "Run 'cudo auth login' at a terminal, or set CUDO_API_KEY.",
        )


def log_in_again(work: "Workspace", reason: LoginRequired) -> bool:
    """Within a command: log in at the login server of the context, if it has one and a person is there.

    Raises: AuthError.
    """
    context = work.target.context
    if context is None or context.auth != "oidc" or not may_log_in(work):
        return False
    why = str(reason)
    work.say(f"{why[:1].upper()}{why[1:]}.")
    device_login(work.streams, vault_of(context, work.settings), work.environ, work.lock)
    return True


def device_login(streams: Streams, vault: Vault, environ: Mapping[str, str], lock: Lock = OPEN) -> TokenSet:
    """Run the device flow in this thread and show it on stderr; return what was stored.

    Raises: LoginRequired (refused, too late), TransientAuth, AuthConfigError, KeyboardInterrupt.
    """
    lookout = _Lookout(streams)
    provider = Provider(vault.settings, clock=lookout)
    has_browser = not lock.is_on and _has_browser(streams, environ)

    def show(code: "DeviceCode") -> None:
        _show(code, streams, has_browser=has_browser)
        if has_browser:
            lookout.watch(code.verification_uri_complete or code.verification_uri)

    with closing(provider), paused():
        tokens = log_in(vault, provider, show)
        _say(streams, f"Logged in to {provider.host} as {tokens.persona}.")
    return tokens


def _show(code: "DeviceCode", streams: Streams, *, has_browser: bool) -> None:
    left = code.expires_in
    valid = f"{left // MINUTE:.0f} min" if left >= MINUTE else f"{left:.0f} s"
    _say(
        streams,
        f"To log in, open   {code.verification_uri}",
        f"and enter code    {code.user_code}        (valid {valid})",
        WARNING,
        *([OFFER] if has_browser else []),
    )


def _say(streams: Streams, *lines: str) -> None:
    streams.err.write("".join(f"{notice(line)}\n" for line in lines))
    streams.err.flush()


def _has_browser(streams: Streams, environ: Mapping[str, str]) -> bool:
    """Whether a browser that we open would be seen by the person who typed."""
    is_remote = environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")
    has_display = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin"
    return bool(streams.in_is_terminal and has_display and not is_remote)


class _Lookout(Clock):
    """The clock of a device flow: while it waits for the next poll, Enter opens the browser, once."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._url = ""  # empty when there is nothing to look for

    def watch(self, url: str) -> None:
        """Open this as soon as Enter is pressed, from now on."""
        self._url = url
        _forget_typed(self._stdin)

    def sleep(self, seconds: float) -> None:
        """Wait, and look for Enter."""
        end = self.time() + seconds
        while self._url and (left := end - self.time()) > 0:
            if select.select([self._stdin], [], [], left)[0]:
                self._typed()
        super().sleep(max(0.0, end - self.time()))

    @property
    def _stdin(self) -> int:
        assert self._streams.stdin is not None  # noqa: S101  # it is a terminal
        return self._streams.stdin.fileno()

    def _typed(self) -> None:
        keys = b""
        with suppress(OSError):  # the terminal is gone
            keys = os.read(self._stdin, CHUNK)  # past Python's buffer, which select cannot see
        if b"\n" in keys and not _open(self._url):
            _say(self._streams, "No browser could be opened: open the address yourself.")
        if b"\n" in keys or not keys:  # nobody is going to press it
            self._url = ""


def _forget_typed(terminal: int) -> None:
    """Drop what was typed ahead: an Enter that was meant for something else opens nothing."""
    import termios

    with suppress(termios.error):
        termios.tcflush(terminal, termios.TCIFLUSH)


def _open(url: str) -> bool:
    """Open a browser; no shell has a part in it."""
    import webbrowser

    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False
