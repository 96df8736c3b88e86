"""What the documents tell a reader to type works as it stands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cudo_sandbox import Sandbox

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Block:
    """A fenced block: its text, the words behind its language, and the output that is shown below it."""

    text: str
    words: Sequence[str]
    shown: str | None

    def word(self, name: str, default: str) -> str:
        """Return what `name=` says among the words."""
        return next((word.partition("=")[2] for word in self.words if word.startswith(f"{name}=")), default)


def fenced(document: Path, language: str) -> Iterator[tuple[int, Block]]:
    """Yield every block of a language with the line where it begins."""
    text = document.read_text()
    block = rf"^```{language}( [^\n]*)?\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?"
    for match in re.finditer(block, text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start()) + 1, Block(match[2], (match[1] or "").split(), match[3])


def blocks(language: str) -> list[Any]:
    """Every fenced block of a language, named by its document and line."""
    return [
        pytest.param(block, id=f"{document.name}:{line}")
        for document in DOCUMENTS
        for line, block in fenced(document, language)
    ]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=1000) as running:
        yield running


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody with a key, whose `cudo` is ours."""
    return {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "CUDO_STATE_DIR": str(tmp_path / "state"),
        "CUDO_API_KEY": sandbox.api_key,
        "CUDO_API_URL": sandbox.url,
        "CUDO_PROJECT_ID": "demo",
    }


def run(
    *command: str, env: dict[str, str], cwd: Path | None = None, together: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a program without a terminal; `together` puts stderr into stdout, as a terminal shows them."""
    return subprocess.run(
        command,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if together else subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("code", blocks("python"))
def test_python_block_runs(code: Block, environment: dict[str, str]):
    done = run(sys.executable, "-W", "error", "-c", code.text, env=environment)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", blocks("cudo"))
def test_cudo_block_does_what_is_shown(script: Block, environment: dict[str, str], tmp_path: Path):
    """The words behind ```cudo are `file=` and `exit=`, and what the script is given."""
    for _, other in fenced(PROJECT / "docs" / "language.md", "cudo"):
        (tmp_path / other.word("file", "other.cudo")).write_text(other.text)
    file = script.word("file", "block.cudo")
    (tmp_path / file).write_text(script.text)
    given = [word for word in script.words if not word.startswith(("file=", "exit="))]

    done = run(str(BIN / "cudo"), file, *given, env=environment, cwd=tmp_path, together=True)

    assert done.returncode == int(script.word("exit", "0")), done.stdout
    if script.shown is not None:
        assert steady(done.stdout) == steady(script.shown)


def steady(text: str) -> str:
    """Return an output without how long things took."""
    return re.sub(r"\(\d+ s\)", "(0 s)", text)


def test_report_has_the_fields_that_its_page_lists(environment: dict[str, str], tmp_path: Path):
    page = (PROJECT / "docs" / "language.md").read_text().partition("\n## Reports\n")[2].partition("\n## ")[0]
    [[_, shown]] = fenced(PROJECT / "docs" / "language.md", "json")
    listed = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)))
    (tmp_path / "stop.cudo").write_text("echo before\nvm stop web-9\n")

    run(str(BIN / "cudo"), "--report", "run.jsonl", "stop.cudo", env=environment, cwd=tmp_path)

    [line] = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert list(line) == listed == list(json.loads(shown.text))
    unlike = {"started", "seconds", "request_ids"}
    assert {k: v for k, v in line.items() if k not in unlike} == {
        k: v for k, v in json.loads(shown.text).items() if k not in unlike
    }


TYPED = "tests/shell/test_login_terminal.py types it"
# By what other means they are run.
NOT_RUN_AS_THEY_ARE = {
    ".venv/bin/cudo --sandbox": "tests/shell/test_terminal.py opens it",
    "make demo": "test_demo_works_without_a_terminal runs it",
    "cudo --sandbox examples/tour.cudo": "is what `make demo` does",
    "make test": "is what runs this",
    "make check": "is the first half of what runs this",
    "make test-lowest": "installs another environment",
    "make picture": "writes into the tree; tests/test_docs.py checks its target",
    "make bench": "takes its time; tests/test_docs.py checks its target",
    "cudo-sandbox --port 0 --vms 100": "tests/sandbox/test_server.py starts it",
    "make provider": TYPED,
    "cudo-sandbox --issuer http://127.0.0.1:8766 --audience https://api.example.test": TYPED,
    "cudo context create dev --api-url http://127.0.0.1:8765 --issuer http://127.0.0.1:8766"
    " --client-id cudo-shell --audience https://api.example.test --project demo": TYPED,
    "cudo --context dev": TYPED,
}


def shell_lines() -> list[str]:
    """Each line of the `sh` blocks, without the ones that are run by other means."""
    commands = {
        line.partition("  #")[0].strip()
        for block in blocks("sh")
        for line in block.values[0].text.splitlines()
    }
    return sorted(commands - {""} - set(NOT_RUN_AS_THEY_ARE))


@pytest.mark.parametrize("command", shell_lines())
def test_shell_line_runs(command: str, environment: dict[str, str]):
    make = f"make VENV={BIN.parent}"
    line = re.sub(r"^make\b", make, command)

    done = run("bash", "-o", "pipefail", "-c", line, env=environment, cwd=PROJECT)

    assert done.returncode in {0, 141}, done.stderr
    assert done.stdout


def test_make_targets_that_documents_name_are_there():
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name
        for document in DOCUMENTS
        for name in re.findall(r"(?:^|`)make ([a-z-]+)", document.read_text(), re.MULTILINE)
    }

    assert named <= targets


def test_links_between_documents_lead_somewhere():
    broken = [
        f"{document.name}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text())
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_pictures_can_be_drawn_again(environment: dict[str, str], tmp_path: Path):
    """The tool waits for what each picture tells; what it finds on the screen passes with time."""
    done = run(sys.executable, str(PROJECT / "tools" / "screenshot.py"), str(tmp_path), env=environment)

    assert done.returncode == 0, done.stderr
    drawn, shown = ({file.name for file in where.glob("*.svg")} for where in (tmp_path, PROJECT / "docs"))
    assert drawn == shown


def test_demo_works_without_a_terminal(environment: dict[str, str]):
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    done = run("make", f"VENV={BIN.parent}", "demo", env=environment, cwd=PROJECT)

    assert done.returncode == 0, done.stderr
    assert "Open the shell yourself" in done.stdout
