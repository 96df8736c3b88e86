"""The programs behind a `|` at the prompt: how they are run, and how they ended."""

import shlex
from dataclasses import fields
from pathlib import PurePath
from shutil import which

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


def why_ended(command: str) -> str:
    """Say why the programs behind a pipe have ended before there was anything for them to read."""
    missing = next((name for name in _programs(command) if which(name) is None), None)
    if missing is not None:
        return f"There is no program '{missing}' on this computer. Nothing was run."
    return f"Nothing was run: '{command}' ended before it had read anything."


def _programs(command: str) -> list[str]:
    """The first word of each part of a pipe; none where they cannot be read."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return []
    return [word for before, word in zip(["|", *words], words, strict=False) if before == "|"]


def status_of(returncode: int) -> int:
    """Return the exit status of a program as a Unix shell counts it."""
    return returncode if returncode >= 0 else _SIGNALLED - returncode
