"""Server text made safe to show: no control characters, no escape sequences, no text that turns around."""

import re

# CSI, OSC and the other escape sequences first, so that their letters go with them.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]",
    re.DOTALL,
)
# Zero-width and bidirectional marks can make one id look like another.
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
_HOSTILE = re.compile(rf"[\x00-\x1f\x7f-\x9f{_INVISIBLE}\u2028\u2029\ud800-\udfff]")
_HOSTILE_IN_JSON = re.compile(rf"[\x7f-\x9f{_INVISIBLE}\u2028\u2029\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\n\r\x0b\x0c\u2028\u2029]+")


def clean(text: str) -> str:
    """Return the text on one line, without anything that could steer a terminal."""
    return _HOSTILE.sub("", _ESCAPES.sub("", _BREAKS.sub(" ", text)))


def escaped(text: str, keep: str = "") -> str:
    r"""Write what `clean` would leave out as `\uXXXX`: one id does not become another, but for `keep`."""
    return _HOSTILE.sub(lambda match: match[0] if match[0] in keep else f"\\u{ord(match[0]):04x}", text)


def notice(text: str) -> str:
    """Return what a person is told besides the result: its lines as `clean` leaves them, without secrets."""
    from cudo_sdk.redaction import redacted

    # Cleaned first: a character that is not shown could cut a secret in two.
    return redacted("\n".join(map(clean, text.splitlines())))


def is_clean(text: str) -> bool:
    """Whether a text holds nothing but characters that can be shown, and line breaks."""
    return _HOSTILE.search(text.replace("\n", "").replace("\t", "")) is None


def escape_json(document: str) -> str:
    r"""Write what JSON allows but a terminal should not see as `\uXXXX`: the same value, harmless."""
    return _HOSTILE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", document)
