"""Secrets that are easy to recognize, through real programs: they are in no output, file or exception."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import traceback
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.shell.terminal import Terminal

from cudo_sandbox import Sandbox
from cudo_sdk import APIConfig, CudoError, Session
from cudo_sdk.testing import FakeTransport

KEY = "c4n4ry+key/of~an=account"
WRONG = "c4n4ry+wrong/key~of=nobody"
NOWHERE = "http://127.0.0.1:9"


def forms_of(secret: str) -> set[str]:
    """How a secret may be written; told here once more, so that no mistake agrees with itself."""
    encoded = {b64encode(b"x" * shift + secret.encode()).decode()[4:-4] for shift in range(3)}
    return {secret, quote(secret), quote(secret, safe=""), repr(secret)[1:-1], *encoded}


def assert_hidden(*texts: str | bytes) -> None:
    for text in texts:
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        found = [form for secret in (KEY, WRONG) for form in forms_of(secret) if form in shown]
        assert not found, f"{found} in:\n{shown}"


def contents(folder: Path) -> Iterator[bytes]:
    """Every file that was written, and its name."""
    for file in folder.rglob("*"):
        yield str(file.relative_to(folder)).encode()
        if file.is_file():
            yield file.read_bytes()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(api_key=KEY, faults=True) as running:
        yield running


def environment(url: str, home: Path, key: str) -> dict[str, Any]:
    inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    place = {"HOME": str(home), "CUDO_STATE_DIR": str(home / "state"), "CUDO_PROJECT_ID": "demo"}
    return {**inherited, **place, "CUDO_API_URL": url, "CUDO_API_KEY": key}


def cudo(*words: str, url: str, home: Path, key: str = KEY) -> subprocess.CompletedProcess[str]:
    """Run `cudo`, and look at the command line that everybody on this machine can read."""
    with subprocess.Popen(
        [sys.executable, "-m", "cudo_shell", *words],
        env=environment(url, home, key),
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        command_line = Path(f"/proc/{program.pid}/cmdline")
        assert_hidden(command_line.read_bytes() if command_line.exists() else b"")
        out, err = program.communicate(timeout=60)
    assert_hidden(out, err, *contents(home))
    return subprocess.CompletedProcess(words, program.returncode, out, err)


@contextmanager
def echoing(status: int) -> Iterator[str]:
    """Run an API that repeats in its errors what it was sent, as proxies on the way do; yield its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            header = self.headers["Authorization"]
            details = f'[{{"@type": "x/y", "sent": "{header}", "all": ["{quote(header)}"]}}]'
            body = f'{{"code": 3, "message": "bad header {header}", "details": {details}}}'.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# The program


@pytest.mark.parametrize("words", [["vm", "list"], ["-v", "vm", "list"], ["-v", "-o", "json", "vm", "list"]])
def test_command_that_succeeds_shows_no_key(words, sandbox, tmp_path):
    ran = cudo(*words, url=sandbox.url, home=tmp_path)

    assert (ran.returncode, "web-1" in ran.stdout) == (0, True)
    assert ("ListVMs GET /v1/projects/{}/vms -> 200 in" in ran.stderr) is ("-v" in words)


@pytest.mark.parametrize("words", [["vm", "list"], ["-v", "vm", "list"], ["-v", "-o", "json", "vm", "list"]])
def test_key_that_is_refused_is_not_shown(words, sandbox, tmp_path):
    ran = cudo(*words, url=sandbox.url, home=tmp_path, key=WRONG)

    assert (ran.returncode, "CUDO_API_KEY" in ran.stderr) == (3, True)
    assert ("Traceback" in ran.stderr) is ("-v" in words)


@pytest.mark.parametrize("words", [["vm", "list"], ["-v", "vm", "list"], ["-v", "-o", "json", "vm", "list"]])
def test_key_that_the_server_repeats_in_its_error_is_hidden(words, tmp_path):
    with echoing(400) as url:
        ran = cudo(*words, url=url, home=tmp_path)

    assert ran.returncode == 2
    assert "ad header Bearer ***" in ran.stderr


def test_key_is_not_shown_where_nothing_listens(tmp_path):
    assert cudo("-v", "vm", "get", "web-1", url=NOWHERE, home=tmp_path).returncode == 9


def test_key_that_cannot_be_one_is_not_shown(tmp_path):
    ran = cudo("-v", "vm", "list", url=NOWHERE, home=tmp_path, key=f"{KEY} and a space")

    assert (ran.returncode, "the API key from CUDO_API_KEY cannot be one" in ran.stderr) == (2, True)


def test_key_that_is_typed_at_the_prompt_is_in_no_file(sandbox, tmp_path):
    command = (sys.executable, "-m", "cudo_shell", "-v")
    with Terminal(*command, **environment(sandbox.url, tmp_path, KEY)) as shell:
        shell.wait("/demo>")
        for line in ("vm list", f"vm get {KEY}", f"vm get x{quote(KEY, safe='')}", "vm count"):
            shell.type(f"{line}\r")
            shell.wait(partial(_is_done, line=line))
        shell.type("exit\r")
        assert shell.exit_status() is not None

    history = (tmp_path / "state" / "history").read_text()
    assert history == "vm list\nvm count\nexit\n"
    assert_hidden(*contents(tmp_path))


def _is_done(shell: Terminal, line: str) -> bool:
    """Whether the prompt is back after a line."""
    after = shell.text.rpartition(line)[2]
    return "/demo>" in after


# Programs with the SDK

PROGRAM = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from cudo_sdk import Session, CudoError
with Session() as session:
    print(session, session.config, session.credential, session.origin)
    session.vms.list_vms("demo")
    key = session.object_storage.get_object_storage_session_key("demo", "gb-bournemouth-1")
    print(key)
    open("secret", "w").write(key.secret_key.get_secret_value())
    session.vms.get_vm("demo", "no-such-vm")
"""


def test_debug_log_and_traceback_of_a_program_show_no_secret(sandbox, tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env=environment(sandbox.url, tmp_path, KEY),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.returncode == 1
    assert "DEBUG:httpcore" in run.stderr
    assert "INFO:cudo_sdk:ListVMs GET" in run.stderr
    assert "Traceback (most recent call last):" in run.stderr
    assert_hidden(run.stdout, run.stderr)
    secret = (tmp_path / "secret").read_text()
    assert len(secret) > 20
    assert secret not in run.stdout + run.stderr


def everything_about(error: BaseException) -> Iterator[str | bytes]:
    """All that a program, a log or a crash report could show of an error."""
    yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
    yield "".join(traceback.format_exception(error))
    yield "".join(traceback.TracebackException.from_exception(error).format())
    for value in vars(error).values():
        yield repr(vars(value)) if hasattr(value, "__dict__") else repr(value)
    yield pickle.dumps(error)
    for below in (error.__cause__, error.__context__):
        if below is not None:
            yield from everything_about(below)


def raised_by(url: str, key: str) -> CudoError:
    config = APIConfig(api_key=key, api_url=url, environ={})
    with pytest.raises(CudoError) as caught, Session(config).with_options(max_retries=0) as session:
        session.vms.list_vms("demo")
    return caught.value


def test_error_of_a_refused_key_holds_no_key(sandbox):
    assert_hidden(*everything_about(raised_by(sandbox.url, WRONG)))


def test_error_where_nothing_listens_holds_no_key():
    assert_hidden(*everything_about(raised_by(NOWHERE, KEY)))


def test_error_of_a_key_that_cannot_be_one_holds_no_key():
    assert_hidden(*everything_about(raised_by(NOWHERE, f"{KEY}\x00")))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadError("broken"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectTimeout("slow"),
        httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(502, text="<html>"),
    ],
    ids=lambda answer: getattr(answer, "status_code", type(answer).__name__),
)
def test_error_of_a_broken_exchange_holds_no_key(answer):
    fake = FakeTransport({"GET /v1/projects/{}/vms": answer})
    config = APIConfig(api_key=KEY, api_url=NOWHERE, environ={})
    session = Session(config, http_client=httpx.Client(transport=fake)).with_options(max_retries=0)

    with pytest.raises(CudoError) as caught:
        session.vms.list_vms("demo")

    assert_hidden(*everything_about(caught.value))
