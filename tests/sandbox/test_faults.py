"""Failures on request, over a real socket."""

from typing import Any

import httpx
import pytest

from cudo_sandbox import Sandbox

DISK = {"id": "new-disk", "dataCenterId": "no-luster-1", "sizeGib": 1}
DISKS = "/v1/projects/demo/disks"


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
