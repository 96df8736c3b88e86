"""A login that renews itself: ahead of time, once for all who wait, and under the lock of all processes."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from cudo_sdk.auth.budget import Budget, budget
from cudo_sdk.auth.provider import InvalidGrant, Provider
from cudo_sdk.auth.tokens import TokenSet
from cudo_sdk.clock import Clock
from cudo_sdk.errors import AuthError, LoginRequired, TransientAuth
from cudo_sdk.logs import logger

if TYPE_CHECKING:
    from cudo_sdk.auth.vault import Vault
    from cudo_sdk.errors import Unauthenticated

_PATIENCE = Budget().patience
_NEW = 30.0  # seconds in which a token that the API refuses is not worth a renewal
_PAUSE = 15.0  # seconds after a failed renewal in which a token that still works is not renewed
NO_LOGIN = "nobody is logged in"
LOGIN_OVER = "the login has expired"


@dataclass(frozen=True, slots=True)
class _Flight:
    """A renewal under way, and what it was asked."""

    future: Future[str]
    refused: str
    patience: float

    def serves(self, refused: str, patience: float) -> bool:
        is_same = not refused or refused == self.refused
        return is_same and self.patience >= patience and not self.future.done()


class TokenSource:
    """The credential of somebody who logged in at an OpenID provider; for as many threads as there are.

    Renewing runs in a thread of its own, so that a Ctrl-C of whoever waits never loses a rotated token, and
    in the lock that all processes share: the record is read again before anything is sent. It never logs in:
    LoginRequired says that somebody has to.
    """

    kind = "login"

    def __init__(
        self, vault: Vault, provider: Provider, *, clock: Clock | None = None, source: str = ""
    ) -> None:
        self._vault = vault
        self._provider = provider
        self._clock = clock or Clock()
        self.source = source or f"context {vault.settings.context}"
        self.api_url = vault.settings.api_url
        self._tokens: TokenSet | None = None
        self._seen_at = 0.0  # on the clock that never jumps
        self._stamp: object = None
        self._is_checked = False  # whether the record was looked at since the command began
        self._is_unsaved = False  # the disk was full: what is in memory is newer than the record
        self._rests_until = 0.0  # on the clock that never jumps
        self._flight: _Flight | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._boarding = Lock()
        self._pid = os.getpid()

    def fingerprint(self) -> str:
        """Tells two logins apart without telling what they are."""
        return self._vault.settings.record_name

    @property
    def known(self) -> TokenSet | None:
        """The tokens in memory, whatever their age; nothing is read or sent."""
        return self._tokens

    def look(self) -> None:
        """Begin a command: what another process did to the login in the meantime is noticed."""
        if self._vault.stamp() != self._stamp:
            self._is_checked = False

    def close(self) -> None:
        """End the connection to the provider; what is being renewed is saved before."""
        if self._thread is not None:
            self._thread.shutdown()
        self._provider.close()

    # What a transport asks

    def header(self) -> str | Future[str]:
        """The value of the Authorization header, or a future where it must first be read or renewed.

        The future raises LoginRequired, TransientAuth, AuthConfigError.
        """
        tokens = self._tokens
        if tokens is not None and self._is_checked and self._is_good(tokens):
            return tokens.bearer
        return self._renewal("")

    def renewed(self, refused: str, error: Unauthenticated) -> Future[str] | None:
        """Another value after the API refused this one; None where a renewal cannot be the answer."""
        if "insufficient_scope" in error.response.headers.get("WWW-Authenticate", ""):
            return None
        tokens = self._tokens
        if tokens is not None and tokens.bearer == refused and self._is_new(tokens):
            return None
        return self._renewal(refused)

    def _renewal(self, refused: str) -> Future[str]:
        spent = budget.get()
        if spent is not None and spent.failure is not None:
            failed: Future[str] = Future()
            failed.set_exception(spent.failure)
            return failed
        patience = spent.patience if spent else _PATIENCE
        with self._boarding:
            flight = self._flight
            if flight is None or not flight.serves(refused, patience):
                future = self._worker().submit(self._renew, refused, patience)
                self._flight = flight = _Flight(future, refused, patience)
        if spent is not None:
            flight.future.add_done_callback(lambda done: _remember(spent, done))
        return flight.future

    def _worker(self) -> ThreadPoolExecutor:
        # The interpreter waits for this thread at its end: a renewal that was sent is saved. A fork has none.
        if self._thread is None or self._pid != os.getpid():
            self._thread, self._pid = ThreadPoolExecutor(1, thread_name_prefix="cudo-login"), os.getpid()
        return self._thread

    # In the thread

    def _renew(self, refused: str, patience: float) -> str:
        tokens = self._stored()
        if self._serves(tokens, refused):  # the usual case at the start, and it needs no lock
            return self._adopt(tokens)
        try:
            with self._vault.lock(patience):
                return self._adopt(self._renew_locked(refused))
        except TransientAuth:
            if tokens.bearer == refused or not tokens.is_usable(self._now()):
                raise
            self._rests_until = self._clock.time() + _PAUSE
            return self._adopt(tokens)

    def _renew_locked(self, refused: str) -> TokenSet:
        tokens = self._stored()
        if self._serves(tokens, refused):  # another process was faster
            return tokens
        if tokens.refresh_token is None:
            raise LoginRequired(LOGIN_OVER)
        try:
            fresh = self._provider.refresh(tokens)
        except InvalidGrant:
            return self._end(tokens)
        self._save(fresh)
        return fresh

    def _stored(self) -> TokenSet:
        """The newest tokens there are. Raises LoginRequired, also for those of another login."""
        stamp = self._vault.stamp()
        record = self._vault.read()
        if not isinstance(record, TokenSet) or not record.belongs_to(self._vault.settings):
            self._tokens, self._is_unsaved = None, False
            raise LoginRequired(NO_LOGIN)
        self._stamp = stamp
        ours = self._tokens
        if ours is not None and ours.persona.sub == record.persona.sub and self._is_newer(ours, record):
            return ours
        return record

    def _is_newer(self, ours: TokenSet, record: TokenSet) -> bool:
        # A keyring keeps no access token: there ours is the better one as long as it lasts.
        return (self._is_unsaved and ours.gen > record.gen) or (
            ours.gen == record.gen and ours.expires_at > record.expires_at
        )

    def _serves(self, tokens: TokenSet, refused: str) -> bool:
        return tokens.bearer != refused and not self._is_stale(tokens)

    def _is_good(self, tokens: TokenSet) -> bool:
        """Whether to send it as it is: not due for renewal, or usable while the provider is out of reach."""
        is_resting = self._clock.time() < self._rests_until and tokens.is_usable(self._now())
        return is_resting or not self._is_stale(tokens)

    def _is_new(self, tokens: TokenSet) -> bool:
        return self._now() - tokens.obtained_at < min(_NEW, tokens.lifetime / 2)

    def _end(self, tokens: TokenSet) -> TokenSet:
        """The provider ended this login: forget it, unless somebody has logged in meanwhile."""
        record = self._vault.read()
        if isinstance(record, TokenSet) and record.refresh_hash != tokens.refresh_hash:
            return self._stored()
        self._vault.delete()
        self._tokens, self._is_unsaved = None, False
        raise LoginRequired(LOGIN_OVER) from None

    def _save(self, tokens: TokenSet) -> None:
        try:
            self._vault.write(tokens)
        except (OSError, AuthError) as error:
            if not self._is_unsaved:
                reason = error.strerror if isinstance(error, OSError) else error
                logger.warning("the renewed login is in memory only, it cannot be saved: %s", reason)
            self._is_unsaved = True
        else:
            self._is_unsaved = False
            self._stamp = self._vault.stamp()

    def _adopt(self, tokens: TokenSet) -> str:
        if self._tokens is None or self._tokens.bearer != tokens.bearer:
            self._seen_at = self._clock.time()
        self._tokens, self._is_checked = tokens, True
        return tokens.bearer

    def _is_stale(self, tokens: TokenSet) -> bool:
        is_ours = self._tokens is not None and self._tokens.bearer == tokens.bearer
        age = self._clock.time() - self._seen_at if is_ours else 0.0
        return tokens.is_stale(self._now(), age)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _remember(spent: Budget, done: Future[str]) -> None:
    error = done.exception()
    if isinstance(error, AuthError):
        spent.failure = error
