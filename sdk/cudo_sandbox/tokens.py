"""JWT access tokens of an OpenID provider: who is calling, if every rule is kept."""

import json
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jws import CompactSignature, JWSRegistry

from cudo_sandbox.issuer import Issuer
from cudo_sandbox.problems import Code, Json, Problem

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_LONGEST = 254  # characters of an email address


class TokenVerifier:
    """Tells whether an access token is good: signed by the issuer, for this audience, not expired.

    There is no leeway: a token that expired is refused in the same second. `now` tells the time in seconds
    since 1970. Raises ValueError if the issuer is no URL to be trusted.
    """

    def __init__(self, issuer: str, audience: str, now: Callable[[], float]) -> None:
        self._issuer = Issuer(issuer, now)
        self._audience = audience
        self._now = now

    def verify(self, token: str) -> str:
        """The email of the caller. Blocks while keys are fetched.

        Raises UNAUTHENTICATED, which names the broken rule, and UNAVAILABLE.
        """
        signed = _taken_apart(token)
        self._check_signature(signed)
        claims = _claims(signed)
        if broken := _broken_rule(claims, self._issuer.url, self._audience, self._now()):
            raise _refused(broken)
        return _email(claims, self._issuer.host)

    def _check_signature(self, signed: CompactSignature) -> None:
        header = signed.headers()
        if header.get("alg") not in ALGORITHMS:
            raise _refused(f"its algorithm is none of {', '.join(ALGORITHMS)}")
        kid = header.get("kid")
        key = self._issuer.key(kid if isinstance(kid, str) else None)
        if key is None:
            raise _refused(f"{self._issuer.url} has no key for it")
        try:
            is_good = jws.validate_compact(signed, key, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError):
            is_good = False
        if not is_good:
            raise _refused(f"it was not signed by {self._issuer.url}")


class _Registry(JWSRegistry):
    """The algorithms above. joserfc would warn of EdDSA, which has another name since RFC 9864."""

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


# Not strict: a provider may put members into the header that we do not know, unless it calls them critical.
_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


def _refused(rule: str) -> Problem:
    return Problem(Code.UNAUTHENTICATED, f"the access token is refused: {rule}")


def _taken_apart(token: str) -> CompactSignature:
    try:
        return jws.extract_compact(token.encode(), registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise _refused("it is no signed JWT") from None


def _claims(signed: CompactSignature) -> Json:
    try:
        claims = json.loads(signed.payload)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise _refused("its payload is no JSON object")
    return claims


def _broken_rule(claims: Json, issuer: str, audience: str, now: float) -> str:
    """The first rule that the claims break; empty if they keep all."""
    audiences = claims.get("aud")
    if claims.get("iss") != issuer:
        return f"it was not issued by {issuer}"
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        return f"it is not for the audience {audience}"
    if not now < _moment(claims.get("exp")):
        return "it has expired"
    if not _moment(claims.get("nbf", 0)) <= now:
        return "it is not valid yet"
    sub = claims.get("sub")
    if not isinstance(sub, str) or not 0 < len(sub) <= 255 or not _is_plain(sub):  # noqa: PLR2004  # OpenID Connect
        return "it does not say for whom it speaks"
    return ""


def _moment(value: object) -> float:
    """Seconds since 1970; NaN, which compares with nothing, for what is no number."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


def _email(claims: Json, host: str) -> str:
    """The email address, unless the issuer says that nobody has verified it; else one made of `sub`."""
    email = claims.get("email")
    is_address = isinstance(email, str) and "@" in email and len(email) <= _LONGEST and _is_plain(email)
    if is_address and claims.get("email_verified") is not False:
        return str(email)
    return f"{claims['sub']}@{host}"


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text
