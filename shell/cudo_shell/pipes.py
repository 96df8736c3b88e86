"""The programs behind a `|` at the prompt: how they are run, and how they ended."""

from dataclasses import fields
from pathlib import PurePath

from cmd2 import Statement

_KNOW_PIPEFAIL = frozenset({"bash", "ksh", "zsh"})
_SIGNALLED = 128  # what a Unix shell adds to the number of the signal that ended a program


def with_pipefail(line: Statement, shell: str) -> Statement:
    """Return the line so that any program in its pipe may fail it, if the person's shell can do that."""
    if PurePath(shell).name not in _KNOW_PIPEFAIL:
        return line
    parts = {part.name: getattr(line, part.name) for part in fields(line)}
    parts["redirect_to"] = f"set -o pipefail; {line.redirect_to}"
    return Statement(parts.pop("args"), **parts)


def status_of(returncode: int) -> int:
    """Return the exit status of a program as a Unix shell counts it."""
    return returncode if returncode >= 0 else _SIGNALLED - returncode
