"""Failures on request, over a real socket."""

from typing import Any

import httpx
import pytest
from tests.sandbox.cases import METAL
from tests.sandbox.conftest import World

from cudo_sandbox import Sandbox

DISK = {"id": "new-disk", "dataCenterId": "no-luster-1", "sizeGib": 1}
DISKS = "/v1/projects/demo/disks"
PLACE = {"dataCenterId": "fr-paris-1"}
NETWORK = {"id": "n", "dataCenterId": "no-luster-1", "ipRange": "10.0.0.0/24"}
# method, path under the project, where the resource is shown, body
DOOMED: list[tuple[str, str, str, Any]] = [
    ("POST", "vm", "vms/new-1", None),
    ("POST", "disks", "disks/new-disk", DISK),
    ("POST", "networks", "networks/n", NETWORK),
    ("POST", "machines", "machines/m", {"id": "m", "os": "ubuntu/noble", **METAL}),
    ("POST", "clusters", "clusters/c", {"id": "c", "machineCount": 2, **METAL}),
    ("POST", "volumes", "volumes/v", {"id": "v", "sizeGib": 1, **PLACE}),
    ("POST", "vms/web-1/stop", "vms/web-1", {}),
    ("DELETE", "disks/data-2", "disks/data-2", {}),
]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(faults=True, speed=1000) as sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox):
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    with httpx.Client(base_url=sandbox.url, headers=headers, timeout=10) as client:
        yield client
        client.delete("/sandbox/faults")
        client.delete(f"{DISKS}/new-disk")


def order(client: httpx.Client, **fault: Any) -> None:
    response = client.post("/sandbox/faults", json=fault)
    assert response.status_code == 200, response.text


def test_status_with_retry_after_comes_as_often_as_ordered(client):
    order(client, kind="status", match="GET /v1/auth", status=429, retry_after=2, times=2)
    replies = [client.get("/v1/auth") for _ in range(3)]
    assert [(reply.status_code, reply.headers.get("retry-after")) for reply in replies] == [
        (429, "2"),
        (429, "2"),
        (200, None),
    ]
    assert replies[0].json() == {"code": 8, "message": "fault on request: 429", "details": []}


def test_status_with_retry_info(client):
    order(client, kind="status", status=503, retry_info=1.5)
    assert client.get("/v1/auth").json()["details"] == [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.5s"}
    ]


def test_html_body_of_a_proxy(client):
    order(client, kind="html")
    response = client.get("/v1/auth")
    assert (response.status_code, response.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert response.text.startswith("<html>")


def test_truncated_body(client):
    order(client, kind="truncate", match="GET /v1/vms/*")
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        client.get("/v1/vms/data-centers")
    assert client.get("/v1/vms/data-centers").status_code == 200


@pytest.mark.parametrize(("execute", "status"), [(False, 404), (True, 200)], ids=["before", "after"])
def test_dropped_connection_before_and_after_the_work(client, execute, status):
    order(client, kind="drop", match=f"POST {DISKS}", execute=execute)
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        client.post(DISKS, json=DISK)
    assert client.get(f"{DISKS}/new-disk").status_code == status


def test_latency_and_times_without_end(client):
    order(client, kind="latency", latency_ms=40, times=0)
    assert all(client.get("/v1/auth").elapsed.total_seconds() >= 0.04 for _ in range(2))


def test_match_leaves_other_requests_alone(client):
    order(client, kind="status", match="GET /v1/projects/*/vms")
    assert client.get("/v1/projects/demo/disks").status_code == 200
    assert client.get("/v1/projects/demo/vms").status_code == 503


def test_faults_are_listed_and_cleared(client):
    client.post("/sandbox/faults", json=[{"kind": "drop"}, {"kind": "html", "times": 3}])
    listed = client.get("/sandbox/faults").json()["faults"]
    assert [(fault["kind"], fault["match"], fault["times"]) for fault in listed] == [
        ("drop", "*", 1),
        ("html", "*", 3),
    ]
    assert client.delete("/sandbox/faults").json() == {"faults": []}


@pytest.mark.parametrize("fault", [{}, {"kind": "fire"}, {"kind": "drop", "colour": "red"}, [1], 1], ids=str)
def test_bad_fault_is_refused(client, fault):
    assert client.post("/sandbox/faults", json=fault).status_code == 400
    assert client.get("/sandbox/faults").json() == {"faults": []}


def test_method_of_the_sandbox_adds_a_fault(sandbox, client):
    sandbox.add_fault(kind="status", status=500)
    assert client.get("/v1/auth").status_code == 500


def test_control_path_is_closed_without_the_option(world):
    assert world.refused("GET", "/sandbox/faults") == (404, 5, "Not Found")
    with Sandbox() as sandbox, pytest.raises(RuntimeError, match="faults=True"):
        sandbox.add_fault(kind="drop")


def state_of(world: World, path: str) -> str:
    reply = world.ok("GET", path)
    body = reply.get("VM") or reply.get("disk") or reply
    return str(body.get("diskState") or body["state"])


@pytest.mark.parametrize(("method", "path", "shown", "body"), DOOMED, ids=lambda value: str(value)[-22:])
def test_doomed_lifecycle_ends_failed_and_its_resource_can_go(make_world, vm_body, method, path, shown, body):
    world = make_world(faults=True)
    path, shown = f"/v1/projects/demo/{path}", f"/v1/projects/demo/{shown}"
    world.ok("POST", "/sandbox/faults", json={"kind": "fail", "match": f"{method} {path}"})
    world.ok(method, path, json=vm_body if body is None else body)
    assert state_of(world, shown) not in {"FAILED", "ACTIVE", "READY"}
    world.wait(10)
    assert state_of(world, shown) == "FAILED"
    if "/vms/" in shown:
        world.ok("POST", f"{shown}/terminate")
    else:
        world.ok("DELETE", shown)
    world.wait(10)
    assert world.refused("GET", shown)[1] == 5


def test_refused_request_dooms_nothing(make_world):
    world = make_world(faults=True)
    world.ok("POST", "/sandbox/faults", json={"kind": "fail", "match": f"POST {DISKS}"})
    assert world.refused("POST", DISKS, json=DISK | {"id": "data-1"})[1] == 6
    assert world.ok("GET", "/sandbox/faults") == {"faults": []}
