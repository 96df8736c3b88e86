"""The sandbox as a thread and as a command: start, state files, signals, failures."""

import os
import re
import resource
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

import cudo_sandbox
from cudo_sandbox import Sandbox
from cudo_sandbox.__main__ import _open, build_parser

KEY = {"Authorization": "Bearer sandbox-key"}
DISKS = "/v1/projects/demo/disks"
SOURCE = str(Path(cudo_sandbox.__file__).parents[1])


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cudo_sandbox", *arguments]


@pytest.fixture
def start():
    """Start the command; returns the process and its URL."""
    processes = []

    def start(*arguments):
        process = subprocess.Popen(  # our own command
            command("--port", "0", *arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": SOURCE},
        )
        processes.append(process)
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + process.stderr.read()
        return process, found[0]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    return subprocess.run(  # our own command
        command(*arguments), capture_output=True, text=True, timeout=30, env=environment, check=False
    )


def test_import_loads_neither_server_nor_database():
    code = (
        "import sys, cudo_sandbox\nfrom cudo_sandbox import Sandbox\n"
        "assert not {'starlette', 'uvicorn', 'sqlite3'} & sys.modules.keys()"
    )
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=30)  # our own code


def test_url_is_known_at_once_and_requests_wait():
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="not started"):
        _ = sandbox.url
    began = time.perf_counter()
    sandbox.start()
    took = time.perf_counter() - began
    assert took < 0.1
    assert httpx.get(f"{sandbox.url}/v1/auth", headers=KEY).status_code == 200
    sandbox.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{sandbox.url}/v1/auth", headers=KEY)


def test_failed_start_hangs_nobody_and_is_raised_at_the_end(tmp_path):
    (tmp_path / "state").write_text("this is no database, and it is long enough to be looked at" * 20)
    sandbox = Sandbox(state=str(tmp_path / "state"))
    sandbox.start()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{sandbox.url}/v1/auth", headers=KEY, timeout=10)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        sandbox.close()


def test_close_right_after_start_is_clean():
    for _ in range(3):
        sandbox = Sandbox()
        sandbox.start()
        sandbox.close()


def test_state_is_private_and_survives_the_end(tmp_path):
    state = tmp_path / "new" / "state.db"
    disk = {"id": "kept", "dataCenterId": "no-luster-1", "sizeGib": 1}
    with Sandbox(state=str(state)) as sandbox:
        assert httpx.post(sandbox.url + DISKS, json=disk, headers=KEY).status_code == 200
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.parent.iterdir()}
        assert set(modes.values()) == {0o600}, modes
        assert stat.S_IMODE(state.parent.stat().st_mode) == 0o700
    with Sandbox(state=str(state)) as sandbox:
        assert httpx.get(f"{sandbox.url}{DISKS}/kept", headers=KEY).status_code == 200


def test_answered_writes_survive_kill_9(start, tmp_path):
    state = str(tmp_path / "state.db")
    created = 0
    for round_number in range(3):
        process, url = start("--state", state)
        with httpx.Client(base_url=url, headers=KEY) as client:
            for _ in range(10):
                body = {"id": f"d-{created}", "dataCenterId": "no-luster-1", "sizeGib": 1}
                assert client.post(DISKS, json=body).status_code == 200, round_number
                created += 1
            process.kill()
        process.wait(10)
    _, url = start("--state", state)
    listed = httpx.get(url + DISKS, params={"pageSize": 100}, headers=KEY).json()["disks"]
    assert [disk["id"] for disk in listed if disk["id"].startswith("d-")] == [f"d-{n}" for n in range(30)]
    with closing(sqlite3.connect(state)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_two_sandboxes_share_one_file(tmp_path):
    state = str(tmp_path / "state.db")
    with Sandbox(state=state, speed=50) as one, Sandbox(state=state, speed=50) as other:
        urls = [one.url, other.url]

        def create(number):
            body = {"id": f"d-{number}", "dataCenterId": "no-luster-1", "sizeGib": 1}
            return httpx.post(urls[number % 2] + DISKS, json=body, headers=KEY).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(create, range(40))) == {200}
        counts = {httpx.get(url + DISKS, headers=KEY).json()["totalCount"] for url in urls}
        assert counts == {48}
        duplicate = {"id": "d-1", "dataCenterId": "no-luster-1", "sizeGib": 1}
        assert [httpx.post(url + DISKS, json=duplicate, headers=KEY).status_code for url in urls] == [
            409,
            409,
        ]


def test_lifecycle_goes_on_while_nothing_runs(tmp_path):
    state = str(tmp_path / "state.db")
    with Sandbox(state=state, speed=20) as sandbox:
        assert httpx.post(f"{sandbox.url}/v1/projects/demo/vms/web-1/stop", headers=KEY).status_code == 200
    time.sleep(0.15)
    with Sandbox(state=state) as sandbox:
        vm = httpx.get(f"{sandbox.url}/v1/projects/demo/vms/web-1", headers=KEY).json()["VM"]
        assert vm["state"] == "STOPPED"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_signal_ends_the_command_with_success(start, number):
    process, url = start()
    assert httpx.get(f"{url}/v1/auth", headers=KEY).status_code == 200
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_ctrl_c_reaches_the_program_that_embeds_the_sandbox():
    code = (
        "import time, cudo_sandbox\n"
        "with cudo_sandbox.Sandbox() as sandbox:\n"
        "    print(sandbox.url, flush=True)\n"
        "    try:\n"
        "        time.sleep(30)\n"
        "    except KeyboardInterrupt:\n"
        "        print('interrupted', flush=True)\n"
    )
    process = subprocess.Popen(  # our own code
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": SOURCE},
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    assert httpx.get(f"{url}/v1/auth", headers=KEY).status_code == 200
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=10)
    assert (process.returncode, output) == (0, "interrupted\n")


def test_ready_line_names_only_the_public_key(start):
    process, url = start("--api-key", "canary-key")
    assert httpx.get(f"{url}/v1/auth", headers={"Authorization": "Bearer canary-key"}).status_code == 200
    process.terminate()
    output, errors = process.communicate(timeout=10)
    assert "canary" not in output + errors


def test_port_in_use_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"cudo-sandbox: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


def test_unusable_state_file_is_one_clear_line(tmp_path):
    path = tmp_path / "state"
    path.write_text("this is no database, and it is long enough to be looked at" * 20)
    result = run("--port", "0", "--state", str(path))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"cudo-sandbox: cannot use the state file '{path}': file is not a database\n"
    result = run("--port", "0", "--state", str(tmp_path))
    assert result.returncode == 1
    assert result.stderr == f"cudo-sandbox: cannot use the state file '{tmp_path}': Is a directory\n"


def test_state_of_another_version_is_refused(tmp_path):
    path = tmp_path / "state"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    result = run("--port", "0", "--state", str(path))
    assert result.returncode == 1
    assert result.stderr.endswith("': it was made by another version of the sandbox\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "70000"),
        ("--vms", "-1"),
        ("--speed", "0"),
        ("--speed", "nan"),
        ("--latency", "x"),
        ("extra",),
    ],
    ids=str,
)
def test_bad_option_is_a_usage_error(arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert "usage: cudo-sandbox" in result.stderr


def test_host_beyond_loopback_is_warned_about():
    process = subprocess.Popen(  # our own command
        command("--port", "0", "--host", "0.0.0.0"),  # noqa: S104  # what the warning is about
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": SOURCE},
    )
    assert process.stdout
    line = process.stdout.readline()
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert line.startswith("Sandbox ready on http://0.0.0.0:")
    assert errors == "cudo-sandbox: listening on 0.0.0.0: whoever reaches this port can use the sandbox\n"


@pytest.mark.parametrize("options", [(), ("--charge",)], ids=str)
def test_credit_is_charged_only_if_asked_for(options):
    sock, app = _open(build_parser().parse_args(["--port", "0", *options]))
    sock.close()
    app.store.close()
    assert app.charges is bool(options)


def test_many_vms_start_and_list_in_time(start):
    """Ready and listed within 20 s of processor time, which a busy machine does not stretch."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process, url = start("--vms", "100000")
    count = httpx.get(f"{url}/v1/projects/demo/count-vms", headers=KEY, timeout=60)
    assert count.json() == {"count": 100_005}
    with httpx.stream("GET", f"{url}/v1/projects/demo/vms", headers=KEY, timeout=60) as response:
        size = sum(len(chunk) for chunk in response.iter_bytes())
    assert size == int(response.headers["content-length"]) > 100_000_000
    process.kill()
    process.wait(10)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 20
