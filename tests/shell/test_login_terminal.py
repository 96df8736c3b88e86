"""The whole way of a login, in a real terminal, by the commands that docs/login.md tells a reader to type."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.idp.pages import walk
from tests.idp.provider import missing
from tests.shell.terminal import Terminal

from cudo_sandbox import Sandbox

PROJECT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TOKEN_SECONDS = 3
PROMPT = "dev/demo>"


def documented() -> list[str]:
    """The commands of "Try it" in docs/login.md."""
    text = (PROJECT / "docs" / "login.md").read_text().partition("## Try it")[2]
    return [block.strip() for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def read_until(output: int, text: str) -> str:
    """What a process has written to a pipe, as soon as a text is in it."""
    seen = ""
    while text not in seen:
        readable = select.select([output], [], [], 20)[0]
        data = os.read(output, 65536) if readable else b""
        assert data, f"{text!r} is not in:\n{seen}"
        seen += data.decode()
    return seen


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CUDO_STATE_DIR": str(tmp_path / "state"),
        "CUDO_CONFIG_DIR": str(tmp_path / "config"),
    }


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., int]]:
    """Start a command that goes on; returns the pipe that it writes to."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> int:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        running.append(process)
        assert process.stdout
        return process.stdout.fileno()

    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def test_login_renewal_and_logout_as_documented(start, environment):
    if reason := missing():
        pytest.skip(reason)
    make_provider, serve, create = documented()
    assert make_provider == "make provider"
    provider = start("node", "tests/idp/provider.mjs", "--port", "0", "--token-seconds", str(TOKEN_SECONDS))
    said = read_until(provider, "cudo --context dev\n")
    issuer = re.findall(r"http://127\.0\.0\.1:\d+", said)[0]
    for line in [serve, *create.splitlines()]:
        assert f"  {line.replace('http://127.0.0.1:8766', issuer)}\n" in said, "the document says the same"

    sandbox = start(*shlex.split(serve.replace("http://127.0.0.1:8766", issuer)), "--port", "0")
    api_url = re.findall(r"http://\S+", read_until(sandbox, "\n"))[0]
    create_context, open_shell = (
        create.replace("http://127.0.0.1:8766", issuer).replace("http://127.0.0.1:8765", api_url).splitlines()
    )
    made = run(create_context, environment)
    assert made.returncode == 0, made.stderr

    with Terminal(*at_bin(open_shell), rows=50, **environment) as shell:
        shell.wait(PROMPT)
        log_in(shell, issuer, "alice")
        assert "web-1" in answer(shell, "vm list")
        time.sleep(TOKEN_SECONDS)  # the sandbox takes no token that is over
        assert "web-1" in answer(shell, "vm list --columns id,state")
        assert shell.text.count("Logged in to") == 1
        assert answer(shell, "logout").endswith(f"Logged out (revoked at {issuer.removeprefix('http://')}).")
        decline_login(shell)
    after = run("cudo --context dev vm list", environment)
    assert (after.returncode, after.stdout) == (3, "")
    assert "logged in" in after.stderr


def test_name_full_of_terminal_escapes_does_nothing_to_the_terminal(identity_provider, environment):
    issuer, audience = identity_provider.issuer, identity_provider.audience
    with Sandbox(issuer=issuer, audience=audience) as sandbox:
        made = run(
            f"cudo context create dev --api-url {sandbox.url} --issuer {issuer} "
            f"--client-id {identity_provider.client_id} --audience {audience} --project demo",
            environment,
        )
        assert made.returncode == 0, made.stderr
        with Terminal(*at_bin("cudo --context dev"), rows=50, **environment) as shell:
            shell.wait(PROMPT)
            log_in(shell, issuer, "mallory")
            assert "mallory@example.test" in answer(shell, "whoami")
            assert '"name": "Mal' in answer(shell, "whoami -o json")
            assert "Logged in to" in shell.text, "nothing has cleared the screen"
    for hostile in ("\x1b]52", "\x1b[2JMal", "\u202e"):
        assert hostile.encode() not in shell.raw


def run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        at_bin(command),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def at_bin(command: str) -> list[str]:
    program, *arguments = shlex.split(command)
    return [str(BIN / program), *arguments]


def answer(shell: Terminal, line: str) -> str:
    """Type a line at the prompt; what is written before the next one."""
    shell.type(f"{line}\r")
    shell.wait(
        lambda terminal: re.search(f"{PROMPT} {line}\n.*{PROMPT}", terminal.text, re.DOTALL) is not None
    )
    return shell.text.rpartition(f"{PROMPT} {line}")[2].partition(PROMPT)[0].strip()


def log_in(shell: Terminal, issuer: str, name: str) -> None:
    """Type `login`, and agree in the provider's pages to what is on the screen."""
    shell.type("login\r")
    shell.wait("and enter code")
    [uri] = re.findall(r"To log in, open +(\S+)", shell.text)
    [code] = re.findall(r"and enter code +(\S+)", shell.text)
    assert walk(uri, code, name, "")[-1] == "Sign-in Success"
    shell.wait(f"Logged in to {issuer.removeprefix('http://')} as {name}@example.test.\n{PROMPT}")


def decline_login(shell: Terminal) -> None:
    """Without a login a command offers one; Ctrl-C declines."""
    codes = shell.text.count("and enter code")
    shell.type("vm list\r")
    shell.wait(lambda terminal: terminal.text.count("and enter code") == codes + 1)
    assert f"{PROMPT} vm list\nNobody is logged in.\n" in shell.text
    shell.type("\x03")
    shell.wait(f"Interrupted.\n{PROMPT}")
