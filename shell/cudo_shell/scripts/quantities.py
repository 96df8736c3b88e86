"""The numbers in statements: how long, how often, which exit code."""

import re
from argparse import ArgumentTypeError

from cudo_shell.commands.values import amount, duration
from cudo_shell.exits import UsageError

_LAST_CODE = 255  # it has a byte


def duration_of(text: str) -> float:
    """Read a span such as 90s or 10m, in seconds. Raises: UsageError."""
    try:
        return duration(text)
    except ArgumentTypeError as error:
        raise UsageError(f"{error}.") from None


def times_of(text: str) -> int:
    """Read how often something is tried, from 1. Raises: UsageError."""
    try:
        return amount(text)
    except ArgumentTypeError:
        raise UsageError(f"'{text}' is no number of times.", "Write a whole number from 1.") from None


def exit_code_of(text: str) -> int:
    """Read an exit code. Raises: UsageError."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > _LAST_CODE:
        raise UsageError(f"'{text}' is no exit code.", f"Write a number from 0 to {_LAST_CODE}.")
    return int(text)
