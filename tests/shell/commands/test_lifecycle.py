"""What can be waited for: the states of the SDK, and no other."""

from typing import Any, get_args

import pytest

from cudo_sdk.functions.clusters import ClusterState
from cudo_sdk.functions.disks import DiskState
from cudo_sdk.functions.machines import MachineState
from cudo_sdk.functions.networks import NetworkState
from cudo_sdk.functions.vms import VMState
from cudo_sdk.functions.volumes import VolumeState
from cudo_shell.commands.cluster import CLUSTER
from cudo_shell.commands.disk import DISK
from cudo_shell.commands.lifecycle import Lifecycle
from cudo_shell.commands.machine import MACHINE
from cudo_shell.commands.network import NETWORK
from cudo_shell.commands.vm_state import VM
from cudo_shell.commands.volume import VOLUME

LIFECYCLES: list[tuple[Lifecycle, Any]] = [
    (VM, VMState),
    (DISK, DiskState),
    (NETWORK, NetworkState),
    (VOLUME, VolumeState),
    (MACHINE, MachineState),
    (CLUSTER, ClusterState),
]


@pytest.mark.parametrize(("lifecycle", "union"), LIFECYCLES, ids=lambda value: getattr(value, "noun", ""))
def test_states_are_those_of_the_sdk_but_for_not_knowing(lifecycle, union):
    literal, _ = get_args(union)
    known = {state for state in get_args(literal) if not state.endswith(("UNKNOWN", "UNSPECIFIED"))}
    assert set(lifecycle.states) == known
    assert lifecycle.rest in known


@pytest.mark.parametrize("lifecycle", [row[0] for row in LIFECYCLES], ids=lambda lifecycle: lifecycle.noun)
def test_wait_for_a_state_that_there_is_not_is_refused_before_anything_is_asked(lifecycle, sandbox, run):
    sandbox.add_fault(match="*", kind="status", status=503, times=0)
    outcome = run(f"{lifecycle.noun} wait x-1 --state BOGUS")
    assert (outcome.code, outcome.err.splitlines()[0]) == (
        2,
        f"{lifecycle.noun} wait: unknown --state 'BOGUS'",
    )
    assert f"{', '.join(lifecycle.states)}" in outcome.err


def test_wait_for_the_end_of_a_disk(run):
    run("disk delete data-2 --yes --no-wait")
    outcome = run("disk wait data-2 --state deleted")
    assert (outcome.code, outcome.err.splitlines()[-1]) == (0, "Disk 'data-2' is gone.")


def test_vm_that_is_being_created_can_be_followed(run):
    outcome = run(
        "vm create job-1 --data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 "
        "--image ubuntu-2404 --vcpus 2 --memory 4 --no-wait"
    )
    assert outcome.err.splitlines()[-1] == "VM 'job-1' is being created. See: vm wait job-1"
    assert run("vm wait job-1").err.splitlines()[-1] == "VM 'job-1' is ACTIVE."
