"""Every file in examples/ runs as a reader would run it, and says what it should."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cudo_sandbox import Sandbox
from cudo_sdk import Session
from cudo_sdk.functions.billing_accounts import BillingAccount

PROJECT = Path(__file__).resolve().parent.parent
EXAMPLES = PROJECT / "examples"

SAYS = {
    "cheapest_gpu.py": r"(\S+ in \S+: .+, \$\d+\.\d+/h\n){3}",
    "fleet.py": r"fleet-1 is ACTIVE, \$0\.\d+/h\nfleet-2 is .+\nfleet-3 is .+\n\d+ VMs left in demo\n",
    "flat_sdk.py": r"\d+ projects, \d+ data centers\nno-such-vm: not found\n\d+ VMs in demo\n",
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_sdk_example_runs(name: str):
    done = run(str(EXAMPLES / name))

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(SAYS[name], done.stdout), done.stdout


def test_no_example_is_untested():
    tested = {*SAYS, "tour.cudo", "every_resource.cudo"}

    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == tested


def run_script(name: str, sandbox: Sandbox, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cudo_shell", str(EXAMPLES / name)],
        env={
            "CUDO_API_KEY": sandbox.api_key,
            "CUDO_API_URL": sandbox.url,
            "CUDO_PROJECT_ID": "demo",
            "HOME": str(home),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_tour_runs_on_a_slow_sandbox(tmp_path: Path):
    with Sandbox(latency_ms=200, speed=50) as sandbox:
        done = run_script("tour.cudo", sandbox, tmp_path)

    assert done.returncode == 0, done.stderr


def test_life_of_every_resource_runs_twice_and_leaves_nothing(tmp_path: Path):
    with Sandbox(speed=1000) as sandbox, Session(api_key=sandbox.api_key, base_url=sandbox.url) as session:
        before = [(account.id, account.hourly_spend_rate) for account in _accounts(session)]
        for _ in range(2):
            done = run_script("every_resource.cudo", sandbox, tmp_path)
            assert done.returncode == 0, done.stderr
        assert [(account.id, account.hourly_spend_rate) for account in _accounts(session)] == before
        assert "every" not in {project.id for project in session.projects.list_projects()}
        assert session.api_keys.list_api_keys() == []


def _accounts(session: Session) -> list[BillingAccount]:
    accounts = session.billing_accounts.list_billing_accounts()
    return [account for account in accounts if account.state != "STATE_DELETED"]
