"""Where the key comes from: an argument, the environment, or a `.env` file in the working directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cudo_sdk.errors import ConfigError

_LONGEST = 8192  # bytes; nothing that a provider hands out comes near


class Credential(Protocol):
    """What proves who is calling."""

    @property
    def source(self) -> str:
        """Where it came from, for messages."""

    def header(self) -> str:
        """The value of the Authorization header."""

    def fingerprint(self) -> str:
        """Tells two credentials apart without telling what they are."""


@dataclass(frozen=True, slots=True)
class APIKey:
    """An API key and where it came from."""

    value: str = field(repr=False)
    source: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", _checked(self.value, self.source))

    def header(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self.value}"

    def fingerprint(self) -> str:
        """Tells two keys apart without telling what they are."""
        return sha256(self.value.encode()).hexdigest()[:16]


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
