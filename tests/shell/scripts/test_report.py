"""The report of a script: a line for each command, on whatever it is written."""

import errno
import json
import os
import resource
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.shell.conftest import with_streams, written

from cudo_sdk.redaction import guard
from cudo_shell.exits import ExitCode, Failure, RefusedError, UsageError
from cudo_shell.locked import Lock
from cudo_shell.scripts.lines import Line
from cudo_shell.scripts.options import Options
from cudo_shell.scripts.report import Report
from cudo_shell.scripts.steps import Step
from cudo_shell.workspace import Workspace

STEP = Step(
    file="deploy.cudo",
    line=Line(7, "let vm = vm get ${name}", ()),
    words=["vm", "get", "web-1"],
    started=datetime(2026, 1, 2, 3, 4, 5, 600_000, UTC),
    seconds=1.23456,
    code=ExitCode.OK,
    result={"id": "web-1", "vcpus": 2, "price": {"value": "0.0191"}},
    request_ids=("r-1", "r-2"),
)


def lines_of(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def reported(step: Step, work: Workspace, path: Path) -> Any:
    with Report(str(path), work) as report:
        report.add(step)
    return lines_of(path)[-1]


def test_report_in_the_home_of_nobody_is_one_clear_line(workspace):
    with pytest.raises(UsageError) as caught:
        Report("~nobody-at-all/report.jsonl", workspace)
    assert str(caught.value) == (
        "Cannot write the report '~nobody-at-all/report.jsonl': Could not determine home directory."
    )


def test_command_is_one_line_with_all_that_is_known(workspace, tmp_path):
    path = tmp_path / "report.jsonl"
    assert reported(STEP, workspace, path) == {
        "file": "deploy.cudo",
        "line": 7,
        "command": "let vm = vm get ${name}",
        "arguments": ["vm", "get", "web-1"],
        "dry_run": False,
        "started": "2026-01-02T03:04:05.600000Z",
        "seconds": 1.235,
        "exit_code": 0,
        "request_ids": ["r-1", "r-2"],
        "result": {"id": "web-1", "vcpus": 2, "price": {"value": "0.0191"}},
        "error": None,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_failed_command_has_its_error(workspace, tmp_path):
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "X"}]
    failure = Failure("VM 'a' not found.", ExitCode.NOT_FOUND, "See: vm list", "NOT_FOUND", details)
    found = reported(
        replace(STEP, code=ExitCode.NOT_FOUND, failure=failure, result=None), workspace, tmp_path / "r"
    )
    assert (found["exit_code"], found["result"]) == (4, None)
    assert found["error"] == {
        "status": "NOT_FOUND",
        "message": "VM 'a' not found.",
        "hint": "See: vm list",
        "details": details,
    }


def test_several_runs_add_to_one_report(workspace, tmp_path):
    path = tmp_path / "report"
    path.write_text("{}\n")
    reported(STEP, workspace, path)
    reported(replace(STEP, file="other.cudo"), workspace, path)
    assert [line.get("file") for line in lines_of(path)] == [None, "deploy.cudo", "other.cudo"]


def test_line_is_there_before_the_next_command_begins(workspace, tmp_path):
    path = tmp_path / "report"
    with Report(str(path), workspace) as report:
        report.add(STEP)
        assert len(lines_of(path)) == 1


def test_record_of_a_dry_run_says_so(script, tmp_path):
    """Else a change that nobody sent would look like one that has worked."""
    path = tmp_path / "report"
    for dry_run in (True, False):
        script("vm count\nvm stop db-1 --no-wait\n", options=Options(report=str(path), dry_run=dry_run))
    found = [(line["command"], line["exit_code"], line["dry_run"]) for line in lines_of(path)]
    assert found == [
        ("vm count", 0, True),
        ("vm stop db-1 --no-wait", 0, True),
        ("vm count", 0, False),
        ("vm stop db-1 --no-wait", 0, False),
    ]


def test_hostile_text_stays_in_its_line(workspace, tmp_path):
    hostile = "a\nb\x1b[31m\u2028\u202e\udcff"
    path = tmp_path / "report"
    found = reported(replace(STEP, file=hostile, words=[hostile], result={"id": hostile}), workspace, path)
    assert len(path.read_bytes().splitlines()) == 1
    assert b"\x1b" not in path.read_bytes()
    assert found["result"]["id"].startswith("a\nb\x1b[31m\u2028\u202e")


def test_no_secret_comes_into_a_report(workspace, tmp_path):
    guard("canary-of-the-report")
    failure = Failure("no canary-of-the-report", ExitCode.FAILURE, details=[{"text": "canary-of-the-report"}])
    step = replace(
        STEP,
        line=Line(1, "vm create canary-of-the-report --password canary-2", ()),
        words=["vm", "create", "canary-of-the-report", "--password", "canary-2"],
        result={"metadata": {"a": "canary-of-the-report"}, "token": "canary-3"},
        failure=failure,
    )
    found = reported(step, workspace, tmp_path / "report")
    assert "canary" not in json.dumps(found)
    assert found["arguments"] == ["vm", "create", "***", "--password", "***"]


def test_secret_that_a_command_made_is_in_no_later_line(workspace, run, tmp_path):
    key = json.loads(run("api-key create ci-runner -o json").out)["key"]
    step = replace(STEP, words=["vm", "create", "--start-script", f"echo {key}"])
    assert reported(step, workspace, tmp_path / "report")["arguments"][-1] == "echo ***"


# What cannot be written


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_told_once_and_the_script_goes_on(workspace):
    work = with_streams(workspace)
    with Report("/dev/full", work) as report:
        assert not report.failed
        report.add(STEP)
        report.add(STEP)
        assert report.failed
    assert written(work.streams.err) == (
        "The report '/dev/full' ends here: No space left on device. The script goes on.\n"
    )


def test_file_that_may_not_grow_is_told_by_the_record_that_does_not_fit(workspace, tmp_path):
    """A write may take a part of a record; what it left out is tried again, and then fails."""
    work, path = with_streams(workspace), tmp_path / "report"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Report(str(path), work) as report:
        report.add(STEP)
        size = path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))
        try:
            report.add(STEP)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert report.failed
    assert path.stat().st_size == size + 10
    assert (
        written(work.streams.err) == f"The report '{path}' ends here: File too large. The script goes on.\n"
    )


def test_disk_that_tells_only_at_a_close_that_it_is_full_fails_the_script(script, tmp_path, monkeypatch):
    """So does NFS, for each close of a file, also of a duplicate; then it is too late for the exit code."""
    path, close = tmp_path / "report", os.close

    def close_on_full_disk(descriptor: int) -> None:
        is_report = path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())
        close(descriptor)
        if is_report:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "close", close_on_full_disk)
    ran = script("vm count\nvm count\n", options=Options(report=str(path)))
    assert (ran.code, ran.out) == (1, "count  5\ncount  5\n")
    assert ran.err == f"The report '{path}' ends here: No space left on device. The script goes on.\n"


def test_reader_that_leaves_is_told_once_and_the_script_goes_on(workspace, tmp_path):
    work, path = with_streams(workspace), tmp_path / "fifo"
    os.mkfifo(path)
    read: list[bytes] = []

    def read_a_line() -> None:
        with path.open("rb", buffering=0) as fifo:
            read.append(fifo.readline())

    reader = threading.Thread(target=read_a_line)
    reader.start()
    with Report(str(path), work) as report:
        report.add(STEP)
        reader.join()
        report.add(STEP)
        assert report.failed
    assert json.loads(read[0])["line"] == 7
    assert written(work.streams.err) == f"The report '{path}' ends here: Broken pipe. The script goes on.\n"


@pytest.mark.parametrize(
    ("name", "why"), [("", "Is a directory"), ("none/report", "No such file or directory"), ("a\0", "null")]
)
def test_report_that_cannot_be_opened_is_a_usage_error(name, why, workspace, tmp_path):
    with pytest.raises(UsageError, match=f"Cannot write the report '.*': .*{why}"):
        Report(f"{tmp_path}/{name}", workspace)


def test_locked_shell_writes_reports_into_its_folder_alone(workspace, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    workspace.lock = Lock(is_on=True, folder=folder)
    reported(STEP, workspace, folder / "report")
    (folder / "link").symlink_to(tmp_path / "outside")
    for name in (tmp_path / "outside", folder / "link", folder / ".." / "outside"):
        with pytest.raises(RefusedError):
            Report(str(name), workspace)
    assert not (tmp_path / "outside").exists()
