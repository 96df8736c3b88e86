"""Takes secrets out of text that leaves: those that this process holds, and what looks like one.

It imports the standard library alone, and little of it: the shell's prompt loads it without the rest.
"""

from __future__ import annotations

import re
from functools import cache
from threading import Lock

STARS = "***"
SHORTEST = 6  # characters; hiding a shorter text would spoil words that merely contain it
_KEPT = 256  # secrets; each renewal of a login brings two

# Possessive and bounded throughout: the text may come from a server, and must not cost more than its length.
_SPACE = r"[ \t]{0,4}"
_ANY_SPACE = r"(?:\s{1,4}|%20|\+)"
_NAMES = (
    r"(?:(?:access|refresh|id|session)[_-]?token|client[_-]?secret|device[_-]?code|api[_-]?key"
    r"|secret[_-]?(?:access[_-]?)?key|private[_-]?key|password|passwd|passphrase)"
)
_NAMED = rf"{_NAMES}(?:\\{{0,8}}[\"'])?{_SPACE}[:=]{_SPACE}"
_OPENED = r"(?:[a-z]{1,20}\()?b?\\{0,8}[\"']"  # also SecretStr('x'), b'x', and JSON inside of JSON
_INSIDE = r"(?:(?<=[^\\]\")(?:[^\"\\\n]|\\.)++|(?<=[^\\]')(?:[^'\\\n]|\\.)++|(?<=\\[\"'])[^\"'\\\n]++)"
_BARE = r"[^\s\"'\\&,;(){}<>\[\]]"
_LIKE_BASE64 = r"(?=[A-Za-z]{0,64}[0-9+/=]|[a-z]{1,64}[A-Z]|[A-Z]{2})"  # and unlike a word


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    spelled = re.IGNORECASE
    return (
        re.compile(
            r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)"
            r'(?!\*\*\*)[^"]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|(?=")|\Z)',
        ),
        re.compile(
            # The last part is how httpcore writes headers: as pairs of bytes.
            rf"(authorization[\"']?{_SPACE}[:=,]{_SPACE}(?:b?[\"'])?+)"
            rf"(?!\*\*\*)(?:(?:basic|bearer|dpop){_ANY_SPACE})?[^\s\"'\\,;&]++",
            spelled,
        ),
        re.compile(rf"\b(bearer{_ANY_SPACE})[a-z0-9._~+/=%-]{{6,}}+", spelled),
        re.compile(rf"\b([Bb]asic{_ANY_SPACE}){_LIKE_BASE64}[A-Za-z0-9+/]{{6,}}+=*+"),
        re.compile(rf"({_NAMED}{_OPENED}){_INSIDE}", spelled),
        re.compile(rf"({_NAMES}(?:=|%3d)){_BARE}++", spelled),
        # After a colon there may be a sentence: a secret is long and has a digit.
        re.compile(rf"({_NAMED})(?=[^\s\"'\\]{{0,64}}\d){_BARE}{{8,}}+", spelled),
        # "token" is a word, too: only in a form and in JSON.
        re.compile(rf"((?<![\w-])token=){_BARE}++", spelled),
        re.compile(rf"([\"']token\\{{0,8}}[\"']{_SPACE}:{_SPACE}{_OPENED}){_INSIDE}", spelled),
    )


_WORD = re.compile(r"[\w.-]{20,}+")  # a JWT is one


class _Registry:
    """The secrets that were seen last, each with the other ways in which it may be written."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forms: dict[str, frozenset[str]] = {}
        self.longest_first: tuple[str, ...] = ()  # replaced as a whole, so that readers need no lock

    def add(self, secret: str) -> None:
        with self._lock:
            forms = self._forms.pop(secret, None) or forms_of(secret)
            self._forms[secret] = forms  # the newest is the last
            while len(self._forms) > _KEPT:
                del self._forms[next(iter(self._forms))]
            every = frozenset[str]().union(*self._forms.values())
            self.longest_first = tuple(sorted(every, key=lambda form: (-len(form), form)))


_registry = _Registry()


def guard(secret: str) -> None:
    """Hide a secret from now on, in `redacted`, also where it is quoted or in base64.

    One of fewer than 6 characters is not hidden; of very many the oldest are forgotten.
    """
    secret = secret.strip()
    if len(secret) >= SHORTEST:
        _registry.add(secret)


def redacted(text: str) -> str:
    """Put stars in place of secrets: the guarded ones, and values that say what they are.

    These are `Bearer` and `Basic` values, tokens, keys and passwords in forms, JSON and assignments, JWTs,
    and private keys in PEM.
    """
    for form in _registry.longest_first:
        text = text.replace(form, STARS)
    for pattern in _patterns():
        text = pattern.sub(rf"\1{STARS}", text)
    return _WORD.sub(_without_jwt, text) if "eyJ" in text else text


def _without_jwt(found: re.Match[str]) -> str:
    before, start, token = found[0].partition("eyJ")  # base64 of '{"'
    return before + STARS if start and token.count(".") > 1 else found[0]


def forms_of(secret: str) -> frozenset[str]:
    """The ways in which a secret may be written: in a URL, a form, JSON, Python, and base64 around it."""
    import json
    from urllib.parse import quote, quote_plus

    raw = secret.encode(errors="surrogatepass")
    quoted = {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    return frozenset({secret} | quoted | escaped | set(_in_base64(raw)))


def _in_base64(raw: bytes) -> list[str]:
    """Return what stays the same in base64 whatever stands before and after: one text for each alignment."""
    from base64 import b64encode

    texts = []
    for before in range(3):
        text = b64encode(b"\0" * before + raw).decode()
        shared = (3 - len(raw) - before) % 3  # bytes of the last group that are not ours
        same = text[(0, 2, 3)[before] : len(text) - (0, 2, 3)[shared]]
        texts += [same, same.replace("+", "-").replace("/", "_")]
    return texts
