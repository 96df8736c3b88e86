"""One of several processes that share a login: calls the API over and over, and says how it went.

Usage: python shared_login.py SYNC_OR_ASYNC SECONDS SETTINGS_JSON STATE_DIR
It writes "ready", begins at the first line of stdin, and ends with an object of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from cudo_sdk import AsyncSession, Session
from cudo_sdk.auth.provider import Provider
from cudo_sdk.auth.refresh import TokenSource
from cudo_sdk.auth.settings import Settings
from cudo_sdk.auth.vault import open_vault
from cudo_sdk.errors import CudoError

_PAUSE = 0.2  # seconds between two calls
_TASKS = 4


class Tally:
    """How many calls succeeded, and what the others said."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.calls = 0
        self.failures: list[str] = []

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self._end

    def failed(self, error: CudoError) -> None:
        self.failures.append(f"{type(error).__name__}: {error}")


def with_session(source: TokenSource, tally: Tally) -> None:
    with Session(credential=source) as session:
        while tally.goes_on:
            try:
                session.users.get_current_user()
                tally.calls += 1
            except CudoError as error:
                tally.failed(error)
            time.sleep(_PAUSE)


async def with_async_session(source: TokenSource, tally: Tally) -> None:
    async def one(session: AsyncSession) -> None:
        while tally.goes_on:
            try:
                await session.users.get_current_user()
                tally.calls += 1
            except CudoError as error:
                tally.failed(error)
            await asyncio.sleep(_PAUSE)

    async with AsyncSession(credential=source) as session:
        await asyncio.gather(*(one(session) for _ in range(_TASKS)))


def main(kind: str, seconds: str, settings: str, state_dir: str) -> None:
    login = Settings.model_validate_json(settings)
    source = TokenSource(open_vault(login, Path(state_dir)), Provider(login))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    tally = Tally(float(seconds))
    was_interrupted = False
    try:
        if kind == "sync":
            with_session(source, tally)
        else:
            asyncio.run(with_async_session(source, tally))
    except KeyboardInterrupt:
        was_interrupted = True
    source.close()
    outcome = {"calls": tally.calls, "failures": tally.failures, "interrupted": was_interrupted}
    sys.stdout.write(json.dumps(outcome))


if __name__ == "__main__":
    main(*sys.argv[1:])
