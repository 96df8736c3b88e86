"""Verbs on several things: from the command line, in scripts, at the prompt."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time

import pytest

from cudo_sandbox import Sandbox
from cudo_sdk import Session
from cudo_shell.bulk import AT_ONCE
from cudo_shell.contexts import Context
from cudo_shell.loop import GRACE
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.runner import run as run_script

PERSON = {"in_is_terminal": True, "err_is_terminal": True}
LOSSES = (
    "  Terminate VM 'web-1' and its boot disk: $0.0191/h\n"
    "  Terminate VM 'db-1' and its boot disk: $0.0755/h\n"
)
QUESTION = "Do this to 2 things in project 'demo'? That saves $0.0946/h."


def states(run) -> dict[str, str]:
    rows = run("vm list -o csv --no-headers --columns id,state").out.splitlines()
    return dict(row.split(",") for row in rows)


# Acting


def test_each_thing_has_a_line_in_the_order_given(run):
    outcome = run("vm stop db-1 web-1")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "db-1: stopped\nweb-1: stopped\n")
    assert states(run) == {
        "web-1": "STOPPED",
        "web-2": "STOPPED",
        "db-1": "STOPPED",
        "train-1": "ACTIVE",
        "render-1": "FAILED",
    }


def test_one_thing_is_as_ever(run):
    assert run("vm stop web-1 --no-wait").err == (
        "VM 'web-1': stopped soon; see: vm wait web-1 --state STOPPED\n"
    )


def test_thing_that_is_named_twice_is_one(run):
    assert run("vm stop web-1 web-1 --no-wait").err == (
        "VM 'web-1': stopped soon; see: vm wait web-1 --state STOPPED\n"
    )


def test_ids_may_stand_before_and_behind_options(run):
    outcome = run("vm stop web-1 --timeout 5m db-1 -o ids")
    assert (outcome.code, outcome.out) == (0, "web-1\ndb-1\n")


def test_some_that_fail_are_told_and_ready_to_retry_with_the_same_options(run):
    outcome = run("vm stop web-1 nope --timeout 5m web-2 -p demo")
    assert outcome.code == 7
    assert outcome.err == (
        "web-1: stopped\n"
        "nope: not found in project 'demo'\n"
        "web-2: Cannot stop VM 'web-2' in state STOPPED; it must be ACTIVE\n"
        "Retry: vm stop --timeout 5m -p demo nope web-2\n"
    )


def test_failure_of_the_server_for_one_leaves_the_others(run, sandbox):
    sandbox.add_fault(kind="status", status=403, match="POST */vms/db-1/stop", times=0)
    outcome = run("vm stop web-1 db-1 train-1")
    assert outcome.code == 7
    assert outcome.err.splitlines()[0] == "web-1: stopped"
    assert outcome.err.splitlines()[1].startswith("db-1: The API key from argument may not do this")
    assert outcome.err.splitlines()[2:] == ["train-1: stopped", "Retry: vm stop db-1"]


def test_all_that_fail_alike_have_the_exit_code_of_one(run):
    outcome = run("vm stop x y")
    assert outcome.code == 4
    assert outcome.err == (
        "x: not found in project 'demo'\ny: not found in project 'demo'\nRetry: vm stop x y\n"
    )


def test_all_that_fail_each_in_its_way_are_a_failure(run):
    assert run("vm stop x web-2").code == 1


def test_json_has_a_record_for_each_with_its_error(run):
    outcome = run("vm stop web-1 nope -o json")
    assert outcome.code == 7
    assert json.loads(outcome.out) == [
        {"id": "web-1", "ok": True, "error": None},
        {"id": "nope", "ok": False, "error": "VM 'nope' not found in project 'demo'."},
    ]
    assert outcome.err == "Retry: vm stop -o json nope\n"


def test_csv_and_a_query_are_of_the_records_too(run):
    assert run("vm stop web-1 db-1 -o csv").out == "id,ok,error\nweb-1,true,\ndb-1,true,\n"
    assert json.loads(run("vm start web-1 nope --query '[?!ok].id'").out) == ["nope"]


def test_ids_are_those_that_it_was_done_to(run):
    assert run("vm stop web-1 nope db-1 -q").out == "web-1\ndb-1\n"


def test_column_that_only_one_thing_would_have_is_refused_before_anything_is_done(run):
    outcome = run("vm stop web-1 db-1 --columns state")
    assert (outcome.code, outcome.err) == (2, "There is no column 'state'.\nColumns: id, ok, error\n")
    assert states(run)["web-1"] == "ACTIVE"


def test_script_lets_a_variable_have_the_records(workspace, run):
    text = "let done = vm stop web-1 db-1\nvm get ${done[1].id} -q\n"
    run_script(Script("s.cudo", text), workspace)
    assert workspace.streams.out.getvalue() == "db-1\n"


def test_no_more_than_eight_are_under_way_at_once(run, sandbox):
    sandbox.add_fault(kind="latency", match="POST */stop", latency_ms=300, times=0)
    names = " ".join(f"vm-{number}" for number in range(17))
    started = time.monotonic()
    assert run(f"vm stop {names}").code == 4
    assert 3 * 0.3 <= time.monotonic() - started < 17 * 0.3


# Confirming


def test_destroying_several_wants_their_number_typed(run):
    refused = run("vm terminate web-1 db-1", stdin="y\n", **PERSON)
    assert (refused.code, refused.err) == (
        8,
        f"{LOSSES}{QUESTION}\nType 2 to do it: Nothing was changed.\n",
    )
    assert set(states(run)) >= {"web-1", "db-1"}
    done = run("vm terminate web-1 db-1", stdin="2\n", **PERSON)
    assert (done.code, done.err) == (
        0,
        f"{LOSSES}{QUESTION}\nType 2 to do it: web-1: deleted\ndb-1: deleted\n",
    )
    assert set(states(run)) == {"web-2", "train-1", "render-1"}


class WhileAsked(io.StringIO):
    """A person who answers, and takes so long that a VM is made anew meanwhile, in another shell."""

    def __init__(self, answer: str, sandbox: Sandbox) -> None:
        super().__init__(answer)
        self._sandbox = sandbox

    def readline(self, *_: object) -> str:  # type: ignore[override]  # of one line, always
        with Session(api_key=self._sandbox.api_key, base_url=self._sandbox.url) as session:
            session.vms.terminate_vm("demo", "web-1")
            session.vms.wait_for_vm_deleted("demo", "web-1")
            session.vms.create_vm(
                "demo", "web-1", "gb-bournemouth-1", "intel-broadwell", "debian-12", 1, 2, 0
            )
        return super().readline()


@pytest.mark.parametrize(("things", "answer"), [("web-1", "y\n"), ("web-1 web-2", "2\n")])
def test_another_thing_that_got_the_id_since_the_question_is_kept(things, answer, run, sandbox):
    done = run(f"vm terminate {things}", stdin=WhileAsked(answer, sandbox), **PERSON)
    assert done.code in {5, 7}
    assert "Not done: what has this id now was made since the question" in done.err
    assert "web-1" in states(run)


def test_number_to_type_is_that_of_the_things_that_are_there(run):
    outcome = run("vm terminate web-1 nope db-1", stdin="2\n", **PERSON)
    assert outcome.err == (
        f"{LOSSES}{QUESTION}\nType 2 to do it: web-1: deleted\nnope: not found in project 'demo'\n"
        "db-1: deleted\nRetry: vm terminate nope\n"
    )


def test_yes_does_not_answer_for_several(run):
    outcome = run("vm terminate web-1 db-1 --yes")
    assert (outcome.code, outcome.err) == (
        8,
        (
            f"{LOSSES}Not done, nobody could be asked: {QUESTION}\n"
            "Add --confirm 2 to do it without a question.\n"
        ),
    )
    assert set(states(run)) >= {"web-1", "db-1"}


def test_script_repeats_the_number(run):
    wrong = run("vm terminate web-1 db-1 --confirm 3")
    assert (wrong.code, wrong.err) == (
        8,
        f"{LOSSES}Not done: --confirm has to repeat 2. {QUESTION}\n",
    )
    assert run("vm terminate web-1 db-1 --confirm 2").code == 0


def test_what_is_not_there_fails_and_the_rest_is_destroyed(run):
    outcome = run("vm terminate nope web-1 db-1 --confirm 3")
    assert outcome.code == 7
    assert outcome.err == (
        f"{LOSSES}nope: not found in project 'demo'\nweb-1: deleted\ndb-1: deleted\n"
        "Retry: vm terminate nope\n"
    )


def test_what_need_not_exist_is_fine_when_it_is_not_there(run):
    outcome = run("vm terminate nope web-1 --confirm 2 --if-exists")
    assert outcome.code == 0
    assert outcome.err.splitlines()[1:] == ["nope: is not there", "web-1: deleted"]


def test_nothing_is_asked_when_nothing_is_there(run):
    outcome = run("vm terminate x y", stdin="2\n", **PERSON)
    assert outcome.code == 4
    assert outcome.err.splitlines()[-1] == "Retry: vm terminate x y"
    assert "Type" not in outcome.err


def test_what_costs_nothing_saves_nothing(run):
    create = "security-group create {} --data-center no-luster-1"
    run(create.format("a-1"))
    run(create.format("a-2"))
    outcome = run("security-group delete a-1 a-2 --confirm 2")
    assert outcome.err == (
        "  Delete security group 'a-1' and take it from its VMs\n"
        "  Delete security group 'a-2' and take it from its VMs\n"
        "a-1: deleted\na-2: deleted\n"
    )


def test_protected_context_wants_its_name_once_for_all(run, connection):
    context = Context("prod", "http://127.0.0.1", protected=True)
    connection.target = connection.target._replace(name="prod", context=context)
    refused = run("vm terminate web-1 db-1 --confirm 2", stdin="2\n", **PERSON)
    assert (refused.code, refused.err) == (
        8,
        f"{LOSSES}{QUESTION}\nType prod to do it: Nothing was changed.\n",
    )
    stopped = run("vm stop web-1 db-1", stdin="prod\n", **PERSON)
    assert (stopped.code, stopped.err) == (
        0,
        (
            "Context 'prod' is protected, and this changes 2 things.\n"
            "Type prod to do it: web-1: stopped\ndb-1: stopped\n"
        ),
    )


def test_dry_run_shows_every_request_in_order_and_sends_none(run):
    outcome = run("vm terminate db-1 web-1 --dry-run -o jsonl")
    assert outcome.code == 0
    assert [json.loads(line)["path"] for line in outcome.out.splitlines()] == [
        "/v1/projects/demo/vms/db-1/terminate",
        "/v1/projects/demo/vms/web-1/terminate",
    ]
    assert set(states(run)) >= {"web-1", "db-1"}


# Conditions


def test_conditions_select_from_the_listing_and_say_what(run):
    outcome = run("vm stop --filter state=ACTIVE --filter 'price<1' --yes")
    assert (outcome.code, outcome.err) == (
        0,
        "Selected: web-1, db-1\nweb-1: stopped\ndb-1: stopped\n",
    )
    assert states(run)["train-1"] == "ACTIVE"


def test_selection_is_confirmed_also_where_one_that_is_named_is_not(run):
    refused = run("vm stop --filter state=ACTIVE")
    assert (refused.code, refused.err) == (
        8,
        (
            "Selected: web-1, db-1, train-1\n"
            "Not done, nobody could be asked: Run 'vm stop' on 3 things?\n"
            "Add --yes to do it without a question.\n"
        ),
    )
    asked = run("vm stop --filter id=web-1", stdin="n\n", **PERSON)
    assert (asked.code, asked.err) == (
        8,
        "Selected: web-1\nRun 'vm stop' on 1 thing? [y/N] Nothing was changed.\n",
    )


def test_selection_that_is_destroyed_wants_the_number(run):
    assert run("vm terminate --filter state=ACTIVE --yes").code == 8
    assert run("vm terminate --filter state=ACTIVE --confirm 3").code == 0
    assert set(states(run)) == {"web-2", "render-1"}


def test_one_that_is_selected_and_destroyed_is_asked_about_as_ever(run):
    outcome = run("vm terminate --filter id=web-2", stdin="n\n", **PERSON)
    assert outcome.err == (
        "Selected: web-2\n"
        "Terminate VM 'web-2' and its boot disk in project 'demo'? That saves $0.0191/h. [y/N] "
        "Nothing was changed.\n"
    )


def test_selection_of_nothing_does_nothing(run):
    outcome = run("vm stop --filter state=SUSPENDED")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "Nothing was selected.\n")


def test_private_images_are_selected_from_their_own_listing(run):
    run("image create base-9 --vm web-2")
    outcome = run("image delete --filter id=base-9 --yes")
    assert (outcome.code, outcome.err.splitlines()[0]) == (0, "Selected: base-9")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("vm stop", "vm stop: give an id, several, or --filter\nSee: vm stop --help\n"),
        (
            "vm stop web-1 --filter state=ACTIVE",
            "vm stop: ids and --filter exclude each other\nSee: vm stop --help\n",
        ),
        ("vm stop web-1 --no-wiat db-1", "vm stop: unknown: --no-wiat db-1\nDid you mean: --no-wait?\n"),
    ],
)
def test_words_that_select_nothing_or_too_much_are_refused(line, problem, run):
    outcome = run(line)
    assert (outcome.code, outcome.err) == (2, problem)
    assert states(run)["web-1"] == "ACTIVE"


def test_unknown_column_of_a_condition_is_refused(run):
    outcome = run("vm stop --filter sate=ACTIVE")
    assert outcome.code == 2
    assert "There is no column 'sate'." in outcome.err


# Ctrl-C


def interrupt_when(condition, limit: float = 10) -> None:
    """Press Ctrl-C once something is so."""

    def wait() -> None:
        until = time.monotonic() + limit
        while not condition() and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()


def test_ctrl_c_tells_what_is_done_and_what_is_not(run, sandbox):
    sandbox.add_fault(kind="latency", match="POST */vms/db-1/stop", latency_ms=30_000)
    others = " ".join(f"vm-{number}" for number in range(AT_ONCE + 3))
    sandbox.add_fault(kind="latency", match="POST */vms/vm-*", latency_ms=30_000, times=0)
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    outcome = run(f"vm stop web-1 db-1 {others}")
    assert time.monotonic() - started < 5
    assert outcome.code == 130
    lines = outcome.err.splitlines()
    assert lines[:2] == ["web-1: stopped", "db-1: interrupted: it may have happened"]
    assert lines[-2] == f"vm-{AT_ONCE + 2}: not begun"
    assert lines[-1] == f"Retry: vm stop db-1 {others}"
    assert run("vm count").code == 0


def test_ctrl_c_before_the_question_changes_nothing(run, sandbox, connection):
    sandbox.add_fault(kind="latency", match="GET */vms/db-1", latency_ms=30_000)
    interrupt_when(lambda: connection.traffic.requests >= 2)
    started = time.monotonic()
    outcome = run("vm terminate web-1 db-1 --confirm 2")
    assert time.monotonic() - started < GRACE + 2
    assert (outcome.code, outcome.err) == (130, "Interrupted.\n")
    assert set(states(run)) >= {"web-1", "db-1"}
