"""The device authorization grant (RFC 8628): what a person is shown, and how often is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cudo_sdk.auth.discovery import is_fit
from cudo_sdk.auth.grant import is_token, refusal
from cudo_sdk.auth.login_server import Reply, host_of
from cudo_sdk.auth.settings import Settings
from cudo_sdk.errors import AuthError, LoginRequired, TransientAuth
from cudo_sdk.redaction import guard

_USER_CODE = re.compile(r"[A-Za-z0-9 _-]{4,64}")
_SHORTEST_PAUSE, _LONGEST_PAUSE, _USUAL_PAUSE = 1.0, 60.0, 5.0  # seconds
_SLOWER = 5.0  # seconds more after each slow_down (RFC 8628, 3.5)
_LONGEST_LIFE, _USUAL_LIFE = 1800.0, 300.0  # seconds
EXPIRED = "the code expired before the login was approved"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person opens and enters, checked. `expires_in`, `interval`: seconds.

    `verification_uri_complete` is empty where there is none that is safe. `asked_at` is on the clock that
    never goes back.
    """

    verification_uri: str
    user_code: str
    verification_uri_complete: str
    expires_in: float
    interval: float
    device_code: str = field(repr=False)
    asked_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait before the next poll, in seconds."""

    interval: float
    setback: float = 0.0  # after a failure, instead of the interval

    @property
    def pause(self) -> float:
        """Seconds until the next poll."""
        return max(self.interval, self.setback)

    def pending(self) -> Pace:
        """After an answer: nobody has approved it yet."""
        return Pace(self.interval)

    def slower(self, asked: object) -> Pace:
        """After slow_down: 5 s more for good, or what the server asks for if that is more."""
        wished = seconds(asked, 0.0, _LONGEST_PAUSE, 0.0)
        return Pace(max(self.interval + _SLOWER, wished))

    def failed(self, retry_after: float = 0.0) -> Pace:
        """After a failure: twice as long up to a minute, or what the server asks for if that is more."""
        return replace(self, setback=max(min(2 * self.pause, _LONGEST_PAUSE), retry_after))


def device_code_from(reply: Reply, settings: Settings, asked_at: float) -> DeviceCode:
    """Check what a person is going to be shown. Raises AuthError."""
    if reply.status != 200 or reply.values is None:  # noqa: PLR2004  # OK
        raise refusal(reply, settings)
    values = reply.values
    code, user_code, uri = (values.get(name) for name in ("device_code", "user_code", "verification_uri"))
    if not (is_token(code) and is_user_code(user_code) and is_fit(uri)):
        raise TransientAuth(
            f"the login server {host_of(settings.issuer)} answered with a code or an address"
            " that is not safe to show"
        )
    guard(str(code))
    return DeviceCode(
        verification_uri=str(uri),
        user_code=str(user_code),
        verification_uri_complete=_complete(values, str(uri)),
        expires_in=seconds(values.get("expires_in"), 1.0, _LONGEST_LIFE, _USUAL_LIFE),
        interval=seconds(values.get("interval"), _SHORTEST_PAUSE, _LONGEST_PAUSE, _USUAL_PAUSE),
        device_code=str(code),
        asked_at=asked_at,
    )


def is_user_code(code: object) -> bool:
    """Whether this may be shown to be typed: letters, digits, spaces, dashes."""
    return isinstance(code, str) and _USER_CODE.fullmatch(code) is not None


def _complete(values: Mapping[str, Any], uri: str) -> str:
    complete = values.get("verification_uri_complete")
    if not isinstance(complete, str) or not is_fit(complete):
        return ""
    return complete if host_of(complete) == host_of(uri) else ""


def after_poll(reply: Reply, pace: Pace, settings: Settings, retry_after: float) -> Pace | AuthError:
    """What to do after an answer that is not 200: go on at another pace, or give up."""
    if reply.is_outage:
        return pace.failed(retry_after)
    if reply.error == "authorization_pending":
        return pace.pending()
    if reply.error == "slow_down":
        return pace.slower((reply.values or {}).get("interval"))
    if reply.error == "access_denied":
        return LoginRequired("the login was refused")
    if reply.error in {"expired_token", "invalid_grant"}:
        return LoginRequired(EXPIRED)
    return refusal(reply, settings)


def seconds(value: object, low: float, high: float, default: float) -> float:
    """A number of seconds that a server names, within limits; its word is not trusted to be a number."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:12])
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  # NaN
        return default
    return float(max(low, min(value, high)))
