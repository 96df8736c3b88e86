"""What one command may spend on its credential: one failed renewal, and so much patience."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from cudo_sdk.errors import AuthError


@dataclass(slots=True)
class Budget:
    """Shared by everything that one command does.

    `patience`: seconds to wait for another process that renews. `failure` is why a renewal failed: the
    command is told the same again instead of asking the login server once more.
    """

    patience: float = 30.0
    failure: AuthError | None = None


# None outside of any command: a program that uses the SDK alone asks each time.
budget: ContextVar[Budget | None] = ContextVar("budget", default=None)
