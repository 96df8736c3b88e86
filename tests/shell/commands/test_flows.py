"""How common verbs go, on a sandbox that takes its time from state to state."""

from collections.abc import Iterator

import pytest

from cudo_sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=5) as sandbox:
        yield sandbox


def test_terminate_of_a_vm_that_is_starting_waits_until_it_can_be(run):
    assert run("vm start web-2 --no-wait").code == 0
    outcome = run("vm terminate web-2 --yes")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.startswith("VM 'web-2': STARTING")
    assert outcome.err.endswith("VM 'web-2' deleted.\n")


def test_terminate_that_does_not_wait_is_refused_while_a_vm_is_starting(run):
    run("vm start web-2 --no-wait")
    assert run("vm terminate web-2 --yes --no-wait").code == 5


def test_terminate_of_a_vm_that_is_being_deleted_waits_for_its_end(run):
    assert run("vm terminate web-2 --yes --no-wait").code == 0
    outcome = run("vm terminate web-2 --yes")
    assert (outcome.code, outcome.err.splitlines()[-1]) == (0, "VM 'web-2' deleted.")


def test_deletion_that_is_refused_for_another_reason_is_refused_at_once(run):
    outcome = run("disk delete data-1 --yes")
    assert (outcome.code, outcome.err.count("\n")) == (5, 2)
