"""Runs a program that may hang or flood: with a limit in time, in what it says, and in what it inherits."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import IO, cast

from cudo_sdk.auth.stores.background import in_background
from cudo_sdk.errors import AuthConfigError, TransientAuth

PATIENCE = 30.0  # seconds
LIMIT = 64 * 1024  # bytes of each output
_INHERITED = ("PATH", "HOME", "LANG")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit status of a program, and what it wrote."""

    status: int
    output: bytes = field(repr=False)
    complaint: bytes = field(repr=False)


def run(argv: Sequence[str], text: bytes) -> Outcome:
    """Run a program without a shell, and give it a text.

    Raises AuthConfigError for a program that cannot be started or writes more than 64 KiB, TransientAuth for
    one that does not end in 30 seconds; it and its children are then gone.
    """
    process = _start(argv)
    to_it, *from_it = (cast("IO[bytes]", pipe) for pipe in (process.stdin, process.stdout, process.stderr))
    deadline = time.monotonic() + PATIENCE
    # Each thread closes its own pipe: to close one that another thread reads would wait for that thread.
    in_background(partial(_write, to_it, text))
    readings = [in_background(partial(_read, process, pipe)) for pipe in from_it]
    try:
        output, complaint = (reading.result(_left(deadline)) for reading in readings)
        status = process.wait(_left(deadline))
    except (TimeoutError, subprocess.TimeoutExpired):
        raise TransientAuth(f"{argv[0]} did not end within {PATIENCE:g} s") from None
    finally:
        _end(process)
    if max(len(output), len(complaint)) > LIMIT:
        raise AuthConfigError(f"{argv[0]} wrote more than {LIMIT // 1024} KiB")
    return Outcome(status, output, complaint)


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  # a list that the user wrote into the configuration, and no shell
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            start_new_session=True,  # a group of its own, so that it can be ended with its children
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a word of it cannot be an argument"
        raise AuthConfigError(f"{argv[0]} cannot be run: {reason}") from None


def _write(pipe: IO[bytes], text: bytes) -> None:
    with pipe:  # it need not listen: nobody asks how this ended
        pipe.write(text)


def _read(process: subprocess.Popen[bytes], pipe: IO[bytes]) -> bytes:
    with pipe:
        text = pipe.read(LIMIT + 1)
    if len(text) > LIMIT:
        _kill(process)
    return text


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what is still running; what the program left behind on purpose, after a good end, may stay."""
    if process.returncode is None:
        _kill(process)
        process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is not None:
        return  # its number may be another's by now
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
