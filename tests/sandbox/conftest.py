"""A sandbox in process with a clock that tests set, and callers of it."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from cudo_sandbox import create_app
from cudo_sandbox.clock import Clock

START = 1_800_000_000.0


class World:
    """An in-process sandbox: call it, and let time pass."""

    def __init__(self, **options: Any) -> None:
        self.now = START
        self.app = create_app(clock=Clock(lambda: self.now), **options)

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def call(self, method: str, path: str, *, key: str | None = "sandbox-key", **rest: Any) -> httpx.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return asyncio.run(self._call(method, path, headers | rest.pop("headers", {}), **rest))

    async def _call(self, method: str, path: str, headers: dict[str, str], **rest: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            return await client.request(method, path, headers=headers, **rest)

    def ok(self, method: str, path: str, **rest: Any) -> Any:
        """The JSON of a reply that must be a success."""
        response = self.call(method, path, **rest)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, method: str, path: str, **rest: Any) -> tuple[int, int, str]:
        """HTTP status, gRPC code and message of a reply that must be an error."""
        response = self.call(method, path, **rest)
        body = response.json()
        assert response.status_code >= 400, body
        return response.status_code, body["code"], body["message"]

    def refused_fields(self, method: str, path: str, **rest: Any) -> list[str]:
        """The fields that a reply of INVALID_ARGUMENT complains about."""
        response = self.call(method, path, **rest)
        assert (response.status_code, response.json()["code"]) == (400, 3), response.text
        return [str(each["field"]) for each in response.json()["details"][0]["fieldViolations"]]


@pytest.fixture
def make_world():
    worlds: list[World] = []

    def make(**options: Any) -> World:
        worlds.append(World(**options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.app.store.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


@pytest.fixture
def vm_body() -> dict[str, Any]:
    """What a small VM needs."""
    return {
        "vmId": "new-1",
        "dataCenterId": "gb-bournemouth-1",
        "machineType": "intel-broadwell",
        "vcpus": 2,
        "memoryGib": 4,
        "gpus": 0,
        "bootDiskImageId": "debian-12",
    }
