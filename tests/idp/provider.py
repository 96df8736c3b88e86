"""Starts, drives and stops the loopback OpenID provider of provider.mjs.

    with IdentityProvider(accessTokenTTL=3) as provider:
        provider.issuer, provider.client_id, provider.audience, provider.scopes
        provider.browser(verification_uri, user_code)  # walks the real pages
        provider.fault(path="/token", status=503)

The options are those at the top of provider.mjs; times are seconds.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Self

import httpx
from tests.idp.pages import walk

HERE = Path(__file__).resolve().parent
_PASSED_ON = ("PATH", "SYSTEMROOT")  # nothing else of the environment: no proxy, no CUDO_*
_OLDEST_NODE = 20
_START_SECONDS = 20
_STOP_SECONDS = 5


@cache
def missing() -> str:
    """What the provider lacks on this machine; empty if it can run."""
    if _node_version() < _OLDEST_NODE:
        return f"the OpenID provider needs Node.js {_OLDEST_NODE} or newer"
    if not (HERE / "node_modules" / "oidc-provider").is_dir():
        return "the OpenID provider is not installed: 'make test' does that where npm is"
    return ""


def _node_version() -> int:
    """The major version of Node.js; 0 without it."""
    if shutil.which("node") is None:
        return 0
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=30, check=False)
    return int(said.stdout.strip().removeprefix("v").partition(".")[0] or 0)


class IdentityProvider:
    """A provider in a process of its own. It ends with this one, whatever way that ends."""

    def __init__(self, **options: object) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._process = subprocess.Popen(
            ["node", str(HERE / "provider.mjs"), "--test", json.dumps(options)],
            cwd=HERE,
            env=environment,
            stdin=subprocess.PIPE,  # its end is the sign to stop
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        hello = json.loads(self._first_line())
        self.issuer: str = hello["issuer"]
        self.client_id: str = hello["client_id"]
        self.audience: str = hello["audience"]
        self.scopes: tuple[str, ...] = tuple(hello["scopes"])
        self._control = httpx.Client(
            base_url=f"{self.issuer}/__control/", headers={"X-Control-Key": hello["key"]}, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the process."""
        self._control.close()
        self._stop()

    def browser(
        self, verification_uri: str, user_code: str, login: str = "alice", abort_at: str = ""
    ) -> list[str]:
        """Walk the pages as a person; returns their titles. `abort_at`: confirm, login or consent."""
        return walk(verification_uri, user_code, login, abort_at)

    def approve(self, user_code: str, sub: str = "alice") -> None:
        """Agree without the pages."""
        self._order("approve", user_code=user_code, sub=sub)

    def deny(self, user_code: str) -> None:
        """Refuse without the pages."""
        self._order("deny", user_code=user_code)

    def expire_device(self, user_code: str) -> None:
        """Let the user code run out now."""
        self._order("expire_device", user_code=user_code)

    def revoke_all(self) -> None:
        """End every login."""
        self._order("revoke_all")

    def fault(self, **fault: object) -> None:
        """Spoil the next `times` requests.

        `when="before"` with `path`: the provider never sees them. `when="after"` with `kind` (discovery,
        device_auth, poll, refresh, revoke): it has acted, and only the reply is spoiled. What happens:
        `drop`, or `status`, `headers`, `body`; `delay_ms` first.
        """
        self._order("fault", **fault)

    def patch(
        self, discovery: dict[str, object] | None = None, **responses: dict[str, object] | None
    ) -> None:
        """Overwrite members of successful replies, by the kinds of `fault`; None takes a member out."""
        self._order("patch", discovery=discovery or {}, responses=responses)

    def change(self, **options: object) -> None:
        """Change interval, enforceInterval, jwt or accessTokenTTL; `reset` does not undo it."""
        self._order("set", **options)

    def stats(self) -> dict[str, int]:
        """How often what happened since the last reset."""
        return self._order("stats")

    def reset(self) -> None:
        """Forget counts, faults and patches."""
        self._order("reset")

    def _order(self, verb: str, **body: object) -> dict[str, Any]:
        reply = self._control.post(verb, json=body)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def _first_line(self) -> bytes:
        assert self._process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            line = self._process.stdout.readline() if selector.select(_START_SECONDS) else b""
        if not line:
            self._stop()
            raise RuntimeError("the OpenID provider did not start; run: node tests/idp/provider.mjs")
        return line

    def _stop(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
