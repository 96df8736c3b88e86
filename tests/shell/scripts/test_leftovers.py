"""What a script leaves behind, by what the sandbox says of it."""

import os
import shlex
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from cudo_sdk.testing import FakeTransport
from cudo_shell import dispatch
from cudo_shell.commands.kinds import IN_PROJECT
from cudo_shell.connection import Connection
from cudo_shell.exits import ExitCode, Failure
from cudo_shell.scripts.inventory import LISTINGS
from cudo_shell.scripts.leftovers import Ledger, Leftover, lines
from cudo_shell.scripts.lines import Line
from cudo_shell.scripts.steps import Step
from cudo_shell.targets import Choice

VM = "vm create gpu-1 --data-center gb-bournemouth-1 --machine-type intel-broadwell --vcpus 1 --memory 1 "
VM += "--image ubuntu-2204 --boot-disk 20"
DISK = "disk create data-9 --data-center no-luster-1 --size 100"
GROUP = "security-group create web-9 --data-center no-luster-1"

Act = Callable[[str], ExitCode]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def act(workspace, ledger, run) -> Act:
    """Run a command as a script does, with the ledger told of it."""

    def act(line: str) -> ExitCode:
        failures: list[Failure | None] = []
        results: list[Any] = []
        workspace.on_failure, workspace.on_result = failures.append, results.append
        words = shlex.split(line)
        ledger.note(words, workspace)
        code: ExitCode = run(line).code
        failure, result = (failures or [None])[-1], (results or [None])[-1]
        ledger.observe(Step("a", Line(1, line, ()), words, datetime.now(UTC), 0, code, failure, result))
        return code

    return act


def test_nothing_is_left_of_a_script_that_made_nothing(ledger, act, workspace):
    assert act("vm get web-1") == ExitCode.OK
    assert ledger.left(workspace) == []
    assert lines([]) == []


def test_what_was_made_is_told_with_its_price_and_its_end(ledger, act, workspace, run):
    assert [act(line) for line in (VM, DISK, GROUP)] == [ExitCode.OK] * 3
    price = Decimal(run("vm get gpu-1 --columns price -o tsv --no-headers").out)

    assert ledger.left(workspace) == [
        Leftover("VM", "gpu-1", "demo", price, "vm terminate gpu-1 -p demo --yes"),
        Leftover("Disk", "data-9", "demo", Decimal("0.0107"), "disk delete data-9 -p demo --yes"),
        Leftover(
            "Security group", "web-9", "demo", None, "security-group delete web-9 -p demo --yes", is_free=True
        ),
    ]
    assert price > 0


def test_what_was_ended_is_not_left(ledger, act, workspace):
    assert act(VM) == ExitCode.OK
    assert act(DISK) == ExitCode.OK
    assert act("disk delete data-9 --yes") == ExitCode.OK
    assert act("vm terminate gpu-1 --yes --no-wait") == ExitCode.OK
    assert ledger.left(workspace) == []


def test_what_was_ended_but_for_its_last_seconds_is_not_left(ledger, workspace):
    states = [{"id": "gpu-1", "state": "DELETING"}, {"id": "gpu-2", "state": "STOPPED"}]
    fake = FakeTransport({"GET /v1/projects/{}/vms": {"VMs": states}})
    workspace.connection = Connection(lambda *_: fake.async_session(), workspace.target)
    for name in ("gpu-1", "gpu-2"):
        ledger.note(shlex.split(VM.replace("gpu-1", name)), workspace)
    left = ledger.left(workspace)
    workspace.connection.close()
    assert [(each.id, each.price_hr) for each in left] == [("gpu-2", None)]


def test_nothing_is_left_in_a_project_that_is_gone(ledger, act, workspace):
    made = ["project create brief --billing-account demo-billing", f"{GROUP} -p brief"]
    assert [act(line) for line in made] == [ExitCode.OK] * 2
    assert [each.command for each in ledger.left(workspace)] == [
        "project delete brief --yes",
        "security-group delete web-9 -p brief --yes",
    ]
    assert [act(each.command) for each in reversed(ledger.left(workspace))] == [ExitCode.OK] * 2
    assert ledger.left(workspace) == []


def test_thing_in_another_project_is_looked_for_there(ledger, act, workspace):
    assert act(f"{GROUP} -p research") == ExitCode.OK
    assert [(each.project, each.command) for each in ledger.left(workspace)] == [
        ("research", "security-group delete web-9 -p research --yes")
    ]


def test_what_was_there_before_is_not_left_behind(ledger, act, workspace):
    assert act(VM.replace("gpu-1", "web-1")) == ExitCode.CONFLICT
    assert ledger.left(workspace) == []


def test_command_that_asked_nothing_of_the_api_made_nothing(ledger, act, workspace):
    assert act(VM.replace("gpu-1", "web-1") + " --start-script @nowhere") == ExitCode.USAGE
    assert ledger.left(workspace) == []


def test_machine_of_a_cluster_with_a_new_name_is_not_made(ledger, act, workspace, connection):
    (machine, *_) = connection.call(LISTINGS["cluster_machines"](connection.session, "research"))
    assert act(f"cluster-machine rename {machine.id} other-9 -p research") == ExitCode.OK
    assert ledger.left(workspace) == []


def test_key_that_the_api_has_named_is_left_behind(ledger, act, workspace):
    assert act(f"ssh-key create 'ssh-ed25519 {'AAAAC3NzaC1lZDI1NTE5AAAAI' + 'A' * 43} me'") == ExitCode.OK
    (left,) = ledger.left(workspace)
    assert (left.label, left.project, left.is_free) == ("SSH key", "", True)
    assert act(left.command) == ExitCode.OK
    assert ledger.left(workspace) == []


def test_what_was_made_first_is_left_behind_when_it_is_made_again(ledger, act, workspace):
    assert [act(GROUP), act(GROUP)] == [ExitCode.OK, ExitCode.CONFLICT]
    assert [each.id for each in ledger.left(workspace)] == ["web-9"]


def test_command_that_was_cut_off_may_have_made_something(ledger, workspace, run):
    ledger.note(shlex.split(GROUP), workspace)
    run(GROUP)
    assert [each.id for each in ledger.left(workspace)] == ["web-9"]


def test_what_a_failed_clean_up_was_to_end_is_left_behind(ledger, workspace):
    for line in (
        "vm terminate web-1 gone web-2 --yes",
        "disk delete data-1 --yes",
        "vm terminate gone",
        "",
    ):
        ledger.note_failed_cleanup(shlex.split(line), workspace)
    assert [each.id for each in ledger.left(workspace)] == ["web-1", "web-2", "data-1"]


@pytest.mark.parametrize("line", ["vm get web-1", "vm start web-1", "disk attach data-1 --vm train-1"])
def test_thing_that_was_not_to_be_ended_is_not_said_to_be_left(ledger, workspace, line):
    """What failed at the end of a script may be about a machine that is to go on."""
    ledger.note_failed_cleanup(shlex.split(line), workspace)
    assert ledger.left(workspace) == []


def test_words_that_are_no_command_are_no_matter(ledger, workspace):
    for words in ([], ["nonsense"], ["vm", "create"], ["vm", "--help"]):
        ledger.note(words, workspace)
        ledger.note_failed_cleanup(words, workspace)
    assert ledger.left(workspace) == []


# When it cannot be asked

UNKNOWN = Leftover(
    "Security group", "web-9", "demo", None, "security-group delete web-9 -p demo --yes", is_sure=False
)


def test_what_a_dead_server_had_may_still_be_there(ledger, act, workspace, sandbox):
    act(GROUP)
    sandbox.close()
    assert ledger.left(workspace) == [UNKNOWN]


def test_slow_listing_costs_seconds_and_no_other_answer(ledger, act, workspace, sandbox, monkeypatch):
    monkeypatch.setattr("cudo_shell.scripts.leftovers.PATIENCE", 1.0)
    act(GROUP)
    act(DISK)
    sandbox.add_fault(kind="latency", match="GET *security-groups*", latency_ms=2500, times=0)
    assert [(each.id, each.is_sure) for each in ledger.left(workspace)] == [
        ("web-9", False),
        ("data-9", True),
    ]


def test_interrupt_ends_the_questions_and_the_list_is_told_all_the_same(ledger, act, workspace, sandbox):
    act(GROUP)
    sandbox.add_fault(kind="latency", match="GET *", latency_ms=2500, times=0)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    assert ledger.left(workspace) == [UNKNOWN]


def test_thing_of_another_context_may_still_be_there(ledger, act, workspace, connection):
    act(GROUP)
    connection.target = connection.target._replace(name="elsewhere")
    assert ledger.left(workspace) == [replace(UNKNOWN, command=f"--context sandbox {UNKNOWN.command}")]


def test_command_names_the_context_that_was_named(ledger, act, workspace, connection):
    act(GROUP)
    connection.target = connection.target._replace(choice=Choice(context="prod"))
    assert ledger.left(workspace)[0].command == "--context prod security-group delete web-9 -p demo --yes"


def test_command_has_a_name_in_quotes_of_the_unix_shell(ledger, workspace, connection):
    """It is copied from the terminal, where a bare `*` would be the names of files."""
    ledger.note_failed_cleanup(["security-group", "delete", "its*"], workspace)
    connection.target = connection.target._replace(name="elsewhere")
    (left,) = ledger.left(workspace)
    assert left.command == "--context sandbox security-group delete 'its*' -p demo --yes"


# Each kind


@pytest.mark.parametrize("kind", sorted(LISTINGS))
def test_each_kind_is_listed_and_its_end_is_a_command(kind, ledger, workspace, connection, sandbox):
    things = connection.call(LISTINGS[kind](connection.session, "research"))
    assert all(thing.id for thing in things)
    assert all(thing.is_free or thing.price_hr or kind == "private_images" for thing in things)

    noun = {"vms": "vm terminate"}.get(kind, f"{kind.removeprefix('private_').replace('_', '-')[:-1]} delete")
    project = "research" if kind in IN_PROJECT else ""
    options = ["-p", project] if project else []
    ledger.note_failed_cleanup([*noun.split(), "thing-1", *options, "--yes"], workspace)
    sandbox.close()
    (left,) = ledger.left(workspace)
    (named,) = dispatch.subjects_of(left.command.split(), workspace)
    assert (named.kind, named.id, named.project, left.project) == (kind, "thing-1", project, project)


def test_disk_in_a_data_center_with_several_prices_has_none_that_is_known(ledger):
    from cudo_sdk.functions.data_centers import VMDataCenter
    from cudo_shell.commands.disk import gib_price

    def center(*prices: str) -> VMDataCenter:
        pools = [{"diskGibPriceHr": {"value": price}} for price in prices]
        return VMDataCenter.model_validate({"id": "a", "diskPoolPricing": pools})

    found = [gib_price(center(*prices)) for prices in (("1",), ("1", "1"), ("1", "2"), ())]
    assert found == [1, 1, None, None]


# The lines


def test_lines_name_each_thing_and_add_up_the_prices():
    machine = Leftover("VM", "gpu-1", "demo", Decimal("1.23"), "vm terminate gpu-1 -p demo --yes")
    disk = Leftover("Disk", "d", "demo", Decimal("0.10"), "disk delete d -p demo --yes")
    key = Leftover("SSH key", "k", "", None, "ssh-key delete k --yes", is_free=True)
    image = Leftover("Private image", "i", "demo", None, "image delete i -p demo --yes")

    assert lines([machine]) == [
        "Left behind:",
        "  VM 'gpu-1' in project 'demo': $1.23/h. To end it: vm terminate gpu-1 -p demo --yes",
    ]
    assert lines([machine, key, disk])[2:] == [
        "  SSH key 'k'. To end it: ssh-key delete k --yes",
        "  Disk 'd' in project 'demo': $0.10/h. To end it: disk delete d -p demo --yes",
        "Together: $1.33/h",
    ]
    assert lines([image, machine])[1::2] == [
        "  Private image 'i' in project 'demo': price unknown. To end it: image delete i -p demo --yes",
        "Together: at least $1.23/h",
    ]
    assert lines([UNKNOWN])[1].startswith(
        "  Security group 'web-9' in project 'demo' may still be there. To "
    )
    assert lines([UNKNOWN, machine])[-1] == "Together: at least $1.23/h"
