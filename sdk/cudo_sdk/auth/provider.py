"""The OpenID provider as a login needs it: discovery, device flow, renewal, revocation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cudo_sdk._http import httpx
from cudo_sdk.auth.device import EXPIRED, DeviceCode, Pace, after_poll, device_code_from
from cudo_sdk.auth.discovery import DEVICE_GRANT, LARGEST, Document, document_from, document_url
from cudo_sdk.auth.grant import InvalidGrant, refusal, tokens_from
from cudo_sdk.auth.id_token import UnknownKey, clock_hint, is_same_person, verified
from cudo_sdk.auth.login_server import PATIENCE, LoginServer, Reply
from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.tokens import Persona, TokenSet
from cudo_sdk.clock import Clock
from cudo_sdk.errors import AuthConfigError, AuthError, CudoError, LoginRequired, TransientAuth

__all__ = ["InvalidGrant", "Provider"]

_OK = 200
_KEPT = 3600.0  # seconds that a discovery document is kept
_REVOCATION = 5.0  # seconds for each token; nobody waits for a logout


class Provider:
    """The provider of one login. Blocking; nothing is sent before it is needed, nothing is sent twice.

    `http_client` replaces our own; it is used as it is and never closed. Every method but `revoke` raises
    TransientAuth where the server is out of reach or answers nonsense, and AuthConfigError where it does
    not fit the settings.
    """

    def __init__(
        self, settings: Settings, *, clock: Clock | None = None, http_client: httpx.Client | None = None
    ) -> None:
        self.settings = settings
        self._clock = clock or Clock()
        self._server = LoginServer(settings, self._clock, http_client)
        self._document: tuple[Document, float] | None = None  # and when it was read
        self._jwks: Mapping[str, Any] | None = None

    @property
    def host(self) -> str:
        """Host and port of the issuer, for messages."""
        return self._server.host

    def document(self, patience: float = PATIENCE) -> Document:
        """What the provider says of itself, checked and kept for an hour."""
        now = self._clock.time()
        if self._document is None or now - self._document[1] >= _KEPT:
            reply = self._server.get(document_url(self.settings), largest=LARGEST, patience=patience)
            self._document = document_from(self._values(reply), self.settings), now
        return self._document[0]

    def begin_device(self) -> DeviceCode:
        """Ask for a code that a person approves elsewhere."""
        document = self.document()
        self._jwks = self._fetched_jwks(document)  # what would fail after the approval fails before it
        form = self._form(scope=self.settings.scope)
        asked_at = self._clock.time()
        reply = self._server.post(document.device_authorization_endpoint, form)
        return device_code_from(reply, self.settings, asked_at)

    def await_approval(self, code: DeviceCode) -> TokenSet:
        """Poll until the person has approved. Raises LoginRequired if it is refused or too late."""
        document = self.document()
        form = self._form(grant_type=DEVICE_GRANT, device_code=code.device_code)
        end = code.asked_at + code.expires_in
        pace = Pace(code.interval)
        while (left := end - self._clock.time()) > 0:
            self._clock.sleep(min(pace.pause, left))
            if self._clock.time() >= end:
                break
            sent_at = self._clock.now()
            outcome = self._poll(document, form, pace)
            if isinstance(outcome, Reply):
                return self._login(outcome, document, sent_at)
            pace = outcome
        raise LoginRequired(EXPIRED)

    def refresh(self, tokens: TokenSet) -> TokenSet:
        """Exchange the refresh token, in one request.

        Raises InvalidGrant if the provider has ended the login, LoginRequired if these tokens are not for
        this provider or the answer is for somebody else.
        """
        if tokens.refresh_token is None:
            raise LoginRequired("the login has expired")
        document = self._document_for(tokens)
        form = self._form(grant_type="refresh_token", refresh_token=tokens.refresh_token.get_secret_value())
        sent_at = self._clock.now()
        reply = self._server.post(document.token_endpoint, form)
        if reply.status != _OK or reply.values is None:
            raise refusal(reply, self.settings)
        persona, id_token = tokens.persona, reply.values.get("id_token")
        if id_token is not None and not is_same_person(id_token, persona.sub, self.settings):
            raise LoginRequired(f"the login server {self.host} renewed the login of somebody else")
        fresh = tokens_from(reply, self.settings, document, persona, sent_at.timestamp())
        # Without a new refresh token the old one stays good (RFC 6749, 6).
        kept = fresh.refresh_token or tokens.refresh_token
        return fresh.model_copy(update={"gen": tokens.gen + 1, "refresh_token": kept})

    def revoke(self, tokens: TokenSet) -> str:
        """Tell the provider that these tokens are over. Empty if it agrees, else why it could not be done."""
        try:
            endpoint = self._document_for(tokens, _REVOCATION).revocation_endpoint
            if not endpoint:
                return "it offers no revocation"
            return self._revoke_both(endpoint, tokens)
        except CudoError as error:
            return str(error)

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def _poll(self, document: Document, form: Mapping[str, str], pace: Pace) -> Reply | Pace:
        """Ask once; the answer if it is a login, else how to go on. Raises AuthError to give up."""
        try:
            reply = self._server.post(document.token_endpoint, form)
        except TransientAuth:
            return pace.failed()
        if reply.status == _OK:  # the code is spent, whatever the answer holds
            return reply
        outcome = after_poll(reply, pace, self.settings, reply.retry_after(self._clock.now()))
        if isinstance(outcome, AuthError):
            raise outcome
        return outcome

    def _login(self, reply: Reply, document: Document, sent_at: datetime) -> TokenSet:
        if reply.values is None:
            raise refusal(reply, self.settings)
        try:
            persona = self._persona(reply.values.get("id_token"), document)
        except AuthConfigError as error:
            raise AuthConfigError(f"{error}{clock_hint(reply.date, self._clock.now())}") from None
        return tokens_from(reply, self.settings, document, persona, sent_at.timestamp())

    def _persona(self, id_token: object, document: Document) -> Persona:
        algorithms, now = document.id_token_algorithms, self._clock.now()
        jwks = self._jwks or self._fetched_jwks(document)
        try:
            return verified(id_token, jwks, algorithms, self.settings, now)
        except UnknownKey:  # the provider has changed its keys meanwhile
            self._jwks = self._fetched_jwks(document)
        try:
            return verified(id_token, self._jwks, algorithms, self.settings, now)
        except UnknownKey:
            message = f"the ID token of {self.host} cannot be trusted: its key is not one of the provider's"
            raise AuthConfigError(message) from None

    def _fetched_jwks(self, document: Document) -> Mapping[str, Any]:
        return self._values(self._server.get(document.jwks_uri))

    def _values(self, reply: Reply) -> Mapping[str, Any]:
        """The content of a document that is read, not asked for with a form."""
        if reply.status == _OK and reply.values is not None:
            return reply.values
        if reply.status == _OK or reply.is_outage:
            raise refusal(reply, self.settings)
        message = f"the login server {self.host} has no OpenID provider at this issuer (HTTP {reply.status})"
        raise AuthConfigError(message)

    def _document_for(self, tokens: TokenSet, patience: float = PATIENCE) -> Document:
        """The endpoints, if it is they that the tokens came from. Raises LoginRequired, with nothing sent."""
        if tokens.belongs_to(self.settings):
            document = self.document(patience)
            # A program that keeps logins may not know the host; it is the one that the issuer names.
            if tokens.token_host in {"", document.token_host}:
                return document
        raise LoginRequired("the stored login was made for another login server or API")

    def _revoke_both(self, endpoint: str, tokens: TokenSet) -> str:
        """Revoke the refresh token, then the access token, which not every provider can revoke."""
        refresh, failure = tokens.refresh_token, ""
        if refresh is not None:
            failure = self._revoke_one(endpoint, refresh.get_secret_value(), "refresh_token")
        late = self._revoke_one(endpoint, tokens.access_token.get_secret_value(), "access_token")
        if late == _UNSUPPORTED and refresh is not None:
            return failure
        return failure or late

    def _revoke_one(self, endpoint: str, token: str, kind: str) -> str:
        form = self._form(token=token, token_type_hint=kind)
        try:
            reply = self._server.post(endpoint, form, patience=_REVOCATION)
        except TransientAuth as error:
            return str(error)
        if reply.status == _OK:
            return ""
        if reply.error == "unsupported_token_type":
            return _UNSUPPORTED
        return f"it refused (HTTP {reply.status})"

    def _form(self, **values: str) -> dict[str, str]:
        audience = self.settings.audience
        form = {"client_id": self.settings.client_id, **values}
        if audience and "token" not in values:
            form["audience"] = audience
            if "://" in audience:  # RFC 8707 takes absolute URIs alone
                form["resource"] = audience
        return form


_UNSUPPORTED = "it cannot revoke access tokens"
