"""What proves who is calling; and the key, from an argument, the environment or `.env`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from cudo_sdk.errors import ConfigError
from cudo_sdk.redaction import guard

if TYPE_CHECKING:
    from cudo_sdk.errors import Unauthenticated

_LONGEST = 8192  # bytes; nothing that a provider hands out comes near


class Credential(Protocol):
    """What proves who is calling: an API key, a login that renews itself, or whatever you bring."""

    @property
    def kind(self) -> str:
        """What it is, for messages: "API key", "login" ..."""

    @property
    def source(self) -> str:
        """Where it came from, for messages."""

    @property
    def api_url(self) -> str:
        """The API that it is for; empty for whichever a session names."""

    def fingerprint(self) -> str:
        """Tells two credentials apart without telling what they are."""

    def header(self) -> str | Future[str]:
        """The value of the Authorization header, or a future where it must first be made."""

    def renewed(self, refused: str, error: Unauthenticated) -> Future[str] | None:
        """Another value after the API refused this one; None where that would not help."""


@dataclass(frozen=True, slots=True)
class APIKey:
    """An API key and where it came from."""

    value: str = field(repr=False)
    source: str
    kind: ClassVar[str] = "API key"
    api_url: ClassVar[str] = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", _checked(self.value, self.source))
        guard(self.value)

    def header(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self.value}"

    def fingerprint(self) -> str:
        """Tells two keys apart without telling what they are."""
        return sha256(self.value.encode()).hexdigest()[:16]

    def renewed(self, refused: str, error: Unauthenticated) -> None:  # noqa: ARG002  # as the protocol says
        """A key that is refused stays refused."""
        return


def _checked(value: str, source: str) -> str:
    key = value.removesuffix("\n").removesuffix("\r")
    if not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable() or " " in key:
        msg = f"the API key from {source} cannot be one: it is empty, too long, or has characters no key has"
        raise ConfigError(msg)
    return key


def dotenv_values(directory: Path) -> Mapping[str, str]:
    """The settings in `.env` of a directory, as text: nothing is expanded, nothing reaches os.environ."""
    file = directory / ".env"
    try:
        if not file.is_file():
            return {}
        from dotenv import dotenv_values as read

        return {name: value for name, value in read(file, interpolate=False).items() if value is not None}
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}"
        raise ConfigError(msg) from None
    except UnicodeDecodeError:
        msg = f"{file} cannot be read: it is not UTF-8 text"
        raise ConfigError(msg) from None
