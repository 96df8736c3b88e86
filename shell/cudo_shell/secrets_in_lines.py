"""Secrets in the lines and words of commands, and in results: whether there are any, and stars for them."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from cudo_sdk.redaction import STARS, redacted

_SECRET = r"(?:password|passwd|passphrase|secret|token|api[-_]?key|private[-_]?key)"  # noqa: S105  # names
# A file, standard input, a variable of a script, or stars in place of the secret itself.
_NO_SECRET = r"@\S+|-|\$\{\w+\}|\*\*\*"  # noqa: S105  # as above
# A quote may have no end: it is such lines that are shown, as slips.
_VALUE = r"""(?:'[^']*(?:'|\Z)|"(?:\\.|[^"\\])*+(?:"|\\?\Z)|\\(?:.|\Z)|[^\s'"\\])++"""
_NAMED = rf"--[\w-]{{0,40}}?{_SECRET}\s+(?!-)|{_SECRET}=|\bbearer\s+"
_IN_LINE = re.compile(rf"(?is)({_NAMED})(?!['\"]?(?:{_NO_SECRET})['\"]?(?:\s|$)){_VALUE}")
# A line is looked through between these: ${...}, @FILE and - only say where a value is, and none is a secret.
_REFERENCE = re.compile(r"(\$\{[^}]*\}|(?<=[=\s])(?:@\S+|-)(?=\s|$))")
_OPTION = re.compile(rf"(?i)--[\w-]*{_SECRET}")
_IN_WORD = re.compile(rf"(?i)({_SECRET}=)(?!(?:{_NO_SECRET})$)[^\n]+")
_NAMES_SECRET = re.compile(
    r"(?i)secret|password|passwd|passphrase|private_?key|device_?code|(?:token|api_?key)$"
)


def holds_secret(line: str) -> bool:
    """Whether a line has a secret in it: one that this program uses now, or what looks like one."""
    return starred(line) != line


def starred(line: str) -> str:
    """Put stars in place of the secrets of a line, as it was written."""
    parts = _REFERENCE.split(_IN_LINE.sub(rf"\1{STARS}", line))
    return "".join(map(redacted, parts))


def starred_words(words: Sequence[str]) -> list[str]:
    """Put stars in place of the secrets of a command, by the words in front of them and by what they are."""
    return [_starred_word(before, word) for before, word in zip(["", *words], words, strict=False)]


def _starred_word(before: str, word: str) -> str:
    if _OPTION.fullmatch(before) and not re.fullmatch(rf"-.*|{_NO_SECRET}", word):
        return STARS
    return redacted(_IN_WORD.sub(rf"\1{STARS}", word))


def starred_data(value: Any) -> Any:
    """Put stars in place of the secrets of a result; what is nested too deep for that is left out."""
    # A long list has the same few names and values again and again.
    hidden = cache(redacted)
    is_secret = cache(lambda name: _NAMES_SECRET.search(name) is not None)

    def walk(value: Any, name: str) -> Any:
        match value:
            case dict():
                return {key: walk(each, str(key)) for key, each in value.items()}
            case list() | tuple():
                return [walk(each, name) for each in value]
            case str():
                return STARS if is_secret(name) and value.strip("*") else hidden(value)
            case _:
                return value

    try:
        return walk(value, "")
    except RecursionError:
        return None
