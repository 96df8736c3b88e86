"""Rows and verbs on several things, in a real pseudo-terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.shell.terminal import line_of, run

from cudo_sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=1000, faults=True) as running:
        yield running


def test_row_is_previewed_completed_and_used(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm list --columns id,state")
    assert "2  web-2     STOPPED" in shell.lines
    shell.type("vm get @\t")
    shell.wait("@2     web-2")
    row = next(line for line in shell.lines if "@2 " in line)
    assert row.split() == ["@2", "web-2", "STOPPED", "gb-bournemouth-1"]
    shell.type("\x15")
    run(shell, "vm get @2 -q")
    assert shell.lines.count("web-2") == 1
    run(shell, "vm stop @last --no-wait")
    assert any("Cannot stop VM 'web-2' in state STOPPED" in line for line in shell.lines)


def test_rows_of_one_project_are_refused_in_another(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm list")
    shell.type("project use research\r")
    shell.wait("/research>")
    shell.type("vm stop @1\r")
    shell.wait("@1 is VM 'web-1' of project 'demo'; this is 'research'.")


def test_rows_are_for_the_screen_and_not_for_a_pipe(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm list --columns id | head -2")
    assert "ID" in shell.lines
    shell.type("vm get @1\r")
    shell.wait("There is no row @1: no listing here has numbers yet.")


def test_second_id_is_completed_without_the_first(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm terminate web-1 web\t")
    shell.wait(lambda it: line_of(it) == "vm terminate web-1 web-2")


def test_several_are_destroyed_after_their_number_was_typed(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm list --columns id")
    shell.type("vm terminate @1,2\r")
    shell.wait("Type 2 to do it:")
    shell.type("2\r")
    shell.wait("web-2: deleted")
    assert "web-1: deleted" in shell.text


def test_ctrl_c_stops_several_and_gives_the_prompt_back(sandbox, shell_at):
    sandbox.add_fault(kind="latency", match="POST */vms/db-1/stop", latency_ms=60_000)
    shell = shell_at(sandbox.url)
    shell.type("vm stop web-1 db-1\r")
    shell.wait("web-1: stopped")
    shell.type("\x03")
    shell.wait("Retry: vm stop db-1", limit=5)
    assert "db-1: interrupted: it may have happened" in shell.lines
    shell.wait(lambda it: line_of(it) == "")
    run(shell, "vm count -o ids")
