"""Every file in examples/ runs as a reader would run it, and does what it should."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from cudo_sandbox import Sandbox
from cudo_sdk import Session
from cudo_sdk.functions.billing_accounts import BillingAccount

PROJECT = Path(__file__).resolve().parent.parent
EXAMPLES = PROJECT / "examples"
NEW_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBgNu984ttwE9+2kQ2FSzKU6YFx/5hBpM/gRHfJojnNc new@laptop"

SAYS = {
    "cheapest_gpu.py": r"(\S+ in \S+: .+, \$\d+\.\d+/h\n){3}",
    "fleet.py": r"fleet-1 is ACTIVE, \$0\.\d+/h\nfleet-2 is .+\nfleet-3 is .+\n\d+ VMs left in demo\n",
    "flat_sdk.py": r"\d+ projects, \d+ data centers\nno-such-vm: not found\n\d+ VMs in demo\n",
}
SCRIPTS = sorted(path.name for path in EXAMPLES.glob("*.cudo"))


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
    here = Path(__file__).read_text()
    tested = {*SAYS, *(name for name in SCRIPTS if f'run_script("{name}"' in here)}

    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == tested


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=1000, faults=True) as running:
        yield running


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    with Session(api_key=sandbox.api_key, base_url=sandbox.url) as opened:
        yield opened


def run_script(name: str, url: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    process = start_script(name, url, home, *words)
    with process:
        out, err = process.communicate(timeout=240)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def start_script(name: str, url: str, home: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cudo_shell", str(EXAMPLES / name), *words],
        env={
            "CUDO_API_KEY": "sandbox-key",
            "CUDO_API_URL": url,
            "CUDO_PROJECT_ID": "demo",
            "HOME": str(home),
            "PATH": "/usr/bin:/bin",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def states(session: Session) -> dict[str, str]:
    return {str(vm.id): str(vm.state) for vm in session.vms.list_vms("demo")}


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_passes_the_check_without_a_network(name: str, tmp_path: Path):
    done = run_script(name, "http://127.0.0.1:9", tmp_path, "--check")

    assert done.returncode == 0, done.stderr


def test_tour_runs_on_a_slow_sandbox(tmp_path: Path):
    with Sandbox(latency_ms=200, speed=50) as sandbox:
        done = run_script("tour.cudo", sandbox.url, tmp_path)

    assert done.returncode == 0, done.stderr


def test_life_of_every_resource_runs_twice_and_leaves_nothing(
    sandbox: Sandbox, session: Session, tmp_path: Path
):
    before = [(account.id, account.hourly_spend_rate) for account in _accounts(session)]
    for _ in range(2):
        done = run_script("every_resource.cudo", sandbox.url, tmp_path)
        assert done.returncode == 0, done.stderr
    assert [(account.id, account.hourly_spend_rate) for account in _accounts(session)] == before
    assert "every" not in {project.id for project in session.projects.list_projects()}
    assert session.api_keys.list_api_keys() == []


def _accounts(session: Session) -> list[BillingAccount]:
    accounts = session.billing_accounts.list_billing_accounts()
    return [account for account in accounts if account.state != "STATE_DELETED"]


class TestGPUBox:
    def left(self, session: Session) -> set[str]:
        groups = session.security_groups.list_security_groups("demo")
        return {"gpu-box"} & {*states(session), *(group.id for group in groups)}

    def test_run_to_its_end_says_how_to_reach_the_box_and_leaves_nothing(
        self, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        done = run_script("gpu_box.cudo", sandbox.url, tmp_path)

        assert done.returncode == 0, done.stderr
        assert re.search(r"^ssh root@[\d.]+$", done.stdout, re.MULTILINE)
        assert self.left(session) == set()

    def test_keep_leaves_a_running_box_of_the_cheapest_type_behind_its_group(
        self, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        done = run_script("gpu_box.cudo", sandbox.url, tmp_path, "keep=true")

        assert done.returncode == 0, done.stderr
        box = session.vms.get_vm("demo", "gpu-box")
        assert (box.state, box.machine_type, box.gpus) == ("ACTIVE", "epyc-rome-rtx-a4000", 1)
        assert box.security_group_ids == ["gpu-box"]
        [rule] = session.security_groups.get_security_group("demo", "gpu-box").rules
        assert (rule.ports, rule.ip_range_cidr) == ("22", "0.0.0.0/0")

        again = run_script("gpu_box.cudo", sandbox.url, tmp_path)

        assert again.returncode == 1
        assert "There is a 'gpu-box' already" in again.stderr
        assert states(session)["gpu-box"] == "ACTIVE"

    @pytest.mark.parametrize(("kind", "code"), [("fail", 1), ("status", 3)])
    def test_creation_that_fails_leaves_nothing(
        self, kind: str, code: int, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        sandbox.add_fault(kind=kind, match="POST /v1/projects/demo/vm", status=403, times=0)

        done = run_script("gpu_box.cudo", sandbox.url, tmp_path)

        assert done.returncode == code, done.stderr
        assert "gpu_box.cudo:" in done.stderr
        assert self.left(session) == set()

    def test_end_of_the_job_while_the_box_starts_leaves_nothing(self, tmp_path: Path):
        with Sandbox(speed=5) as sandbox, Session(api_key=sandbox.api_key, base_url=sandbox.url) as session:
            with start_script("gpu_box.cudo", sandbox.url, tmp_path) as process:
                limit = time.monotonic() + 60
                while (
                    states(session).get("gpu-box") not in {"STARTING", "ACTIVE"} and time.monotonic() < limit
                ):
                    time.sleep(0.02)
                process.terminate()
                _, told = process.communicate(timeout=60)

            assert process.returncode == 143, told
            assert self.left(session) == set()

    def test_nothing_that_fits_ends_with_5_and_makes_nothing(
        self, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        done = run_script("gpu_box.cudo", sandbox.url, tmp_path, "gpus=64")

        assert done.returncode == 5, done.stderr
        assert done.stdout == "No machine in no-luster-1 has 64 free GPUs like '*'.\n"
        assert self.left(session) == set()

    def test_account_without_ssh_key_makes_nothing(self, sandbox: Sandbox, session: Session, tmp_path: Path):
        for key in session.ssh_keys.list_ssh_keys():
            session.ssh_keys.delete_ssh_key(str(key.id))

        done = run_script("gpu_box.cudo", sandbox.url, tmp_path)

        assert done.returncode == 1
        assert "You have no SSH key." in done.stderr
        assert self.left(session) == set()


class TestNightlyStop:
    def test_running_vms_are_stopped_but_those_to_keep(
        self, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        session.vms.update_vm_metadata("demo", "web-1", {"nightly": "keep"})

        done = run_script("nightly_stop.cudo", sandbox.url, tmp_path)

        assert done.returncode == 0, done.stderr
        assert states(session) == {
            "web-1": "ACTIVE",  # says so itself
            "db-1": "ACTIVE",  # keep=db-*
            "train-1": "STOPPED",
            "web-2": "STOPPED",
            "render-1": "FAILED",
        }
        told = "1 to stop: train-1\nThey cost $1.1966/h, stopped or not.\n"
        assert done.stdout.endswith(told)

    def test_nothing_that_runs_is_no_failure(self, sandbox: Sandbox, tmp_path: Path):
        done = run_script("nightly_stop.cudo", sandbox.url, tmp_path, "match=no-such-*")

        assert (done.returncode, done.stdout) == (0, "Nothing to stop.\n")

    def test_one_that_cannot_be_stopped_ends_with_7_after_the_others_are(
        self, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        sandbox.add_fault(kind="status", match="POST /v1/projects/demo/vms/web-1/stop", status=403, times=0)

        done = run_script("nightly_stop.cudo", sandbox.url, tmp_path, "keep=")

        assert done.returncode == 7, done.stderr
        assert "web-1" in done.stderr
        now = states(session)
        assert (now["web-1"], now["db-1"], now["train-1"]) == ("ACTIVE", "STOPPED", "STOPPED")


class TestCheapestGPU:
    def test_cheapest_type_that_has_the_gpus_free_is_printed(
        self, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        done = run_script("cheapest_gpu.cudo", sandbox.url, tmp_path, "model=a5000", "gpus=2")

        fitting = [
            (each.gpu_price_hr or 0, each.id, each.data_center_id)
            for each in session.machine_types.list_vm_machine_types()
            if "A5000" in (each.gpu_model or "") and (each.max_gpu_free or 0) >= 2
        ]
        price, machine_type, data_center = min(fitting)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{machine_type} {data_center} {price}\n"

    @pytest.mark.parametrize("words", [["max_price=0.1"], ["gpus=64"], ["model=no-such"]])
    def test_nothing_that_fits_ends_with_5_and_prints_no_data(
        self, words: list[str], sandbox: Sandbox, tmp_path: Path
    ):
        done = run_script("cheapest_gpu.cudo", sandbox.url, tmp_path, *words)

        assert (done.returncode, done.stdout) == (5, ""), done.stderr


class TestRotateSSHKeys:
    @pytest.fixture
    def new_key(self, tmp_path: Path) -> str:
        file = tmp_path / "id_new.pub"
        file.write_text(NEW_KEY + "\n")
        return f"key=@{file}"

    def comments(self, session: Session) -> list[str]:
        return sorted(str(key.comment) for key in session.ssh_keys.list_ssh_keys())

    def test_new_key_takes_the_place_of_the_old_ones(
        self, new_key: str, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        done = run_script("rotate_ssh_keys.cudo", sandbox.url, tmp_path, new_key)

        assert done.returncode == 0, done.stderr
        assert self.comments(session) == ["new@laptop"]

    def test_old_key_that_is_not_meant_stays(
        self, new_key: str, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        done = run_script("rotate_ssh_keys.cudo", sandbox.url, tmp_path, new_key, "old=sam@*")

        assert done.returncode == 0, done.stderr
        assert self.comments(session) == ["kim@laptop", "new@laptop"]

    def test_key_that_is_none_deletes_nothing(self, sandbox: Sandbox, session: Session, tmp_path: Path):
        done = run_script("rotate_ssh_keys.cudo", sandbox.url, tmp_path, "key=no-key")

        assert done.returncode == 2, done.stderr
        assert self.comments(session) == ["kim@laptop"]

    def test_list_that_cannot_be_had_deletes_nothing(
        self, new_key: str, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        sandbox.add_fault(kind="status", match="GET /v1/ssh-keys", status=403)

        done = run_script("rotate_ssh_keys.cudo", sandbox.url, tmp_path, new_key)

        assert done.returncode == 3, done.stderr
        assert self.comments(session) == ["kim@laptop", "new@laptop"]


class TestImageBackup:
    def backups(self, session: Session) -> list[str]:
        ids = [str(image.id) for image in session.images.list_private_images("demo")]
        return sorted(each for each in ids if each.startswith("backup-"))

    def test_latest_images_are_kept_and_the_vm_runs_again(
        self, sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        for stamp in ("20260131", "20260201", "20260202"):
            done = run_script("image_backup.cudo", sandbox.url, tmp_path, f"stamp={stamp}", "keep=2")
            assert done.returncode == 0, done.stderr

        assert self.backups(session) == ["backup-web-1-20260201", "backup-web-1-20260202"]
        assert states(session)["web-1"] == "ACTIVE"

    def test_vm_that_was_stopped_stays_so(self, sandbox: Sandbox, session: Session, tmp_path: Path):
        done = run_script("image_backup.cudo", sandbox.url, tmp_path, "vm=web-2")

        assert done.returncode == 0, done.stderr
        assert self.backups(session) == ["backup-web-2-1"]
        assert states(session)["web-2"] == "STOPPED"

    def test_image_that_fails_leaves_the_vm_running(self, sandbox: Sandbox, session: Session, tmp_path: Path):
        sandbox.add_fault(kind="status", match="POST /v1/projects/demo/images", status=403, times=0)

        done = run_script("image_backup.cudo", sandbox.url, tmp_path)

        assert done.returncode == 3, done.stderr
        assert self.backups(session) == []
        assert states(session)["web-1"] == "ACTIVE"

    @pytest.mark.parametrize("words", [["keep=0"], ["stamp=7"]])
    def test_what_cannot_work_stops_no_vm(
        self, words: list[str], sandbox: Sandbox, session: Session, tmp_path: Path
    ):
        session.images.create_private_image("demo", "backup-web-1-7", vm_id="web-1")
        sandbox.add_fault(kind="status", match="POST */stop", status=403, times=0)  # would end with 3

        done = run_script("image_backup.cudo", sandbox.url, tmp_path, *words)

        assert done.returncode == 1, done.stderr
        assert self.backups(session) == ["backup-web-1-7"]


def test_cost_report_is_csv_whose_last_line_is_the_sum(sandbox: Sandbox, session: Session, tmp_path: Path):
    done = run_script("cost_report.cudo", sandbox.url, tmp_path)

    assert done.returncode == 0, done.stderr
    *rows, total = csv.DictReader(done.stdout.splitlines())
    assert {row["project"] for row in rows} == {"demo", "research"}
    assert total["project"] == "total"
    account = session.billing_accounts.get_billing_account("demo-billing")
    for column, wanted in (("per_hour", account.hourly_spend_rate), ("per_month", account.monthly_spend)):
        assert sum(Decimal(row[column]) for row in rows) == Decimal(total[column]) == wanted
