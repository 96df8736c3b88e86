"""Row references in commands, as somebody at the prompt uses them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.shell.conftest import Outcome, with_streams, written

from cudo_completions.sources import SOURCES
from cudo_shell import dispatch
from cudo_shell.commands import find_noun
from cudo_shell.commands.kinds import LABELS
from cudo_shell.commands.parser import verbs_of
from cudo_shell.references import offered_rows
from cudo_shell.rows import Rows

CREATE = (
    "vm create {} --data-center gb-bournemouth-1 --machine-type intel-broadwell --image debian-12 "
    "--vcpus 1 --memory 2 --boot-disk 10"
)


@pytest.fixture
def prompt(workspace) -> Callable[..., Outcome]:
    """Run a line as the prompt does: its rows stay from one line to the next, stdout is a terminal."""
    workspace.rows = Rows()

    def run(line: str, stdin: str = "", **changes: object) -> Outcome:
        work = with_streams(workspace, stdin, **{"out_is_terminal": True, "width": 200, **changes})
        work.rows = workspace.rows
        code = dispatch.run(shlex.split(line), work)
        return Outcome(code, written(work.streams.out), written(work.streams.err))

    return run


# Numbering


def test_listing_at_the_prompt_numbers_its_rows(prompt):
    assert prompt("vm list --columns id,state").out == (
        "#  ID        STATE\n"
        "1  web-1     ACTIVE\n"
        "2  web-2     STOPPED\n"
        "3  db-1      ACTIVE\n"
        "4  train-1   ACTIVE\n"
        "5  render-1  FAILED\n"
    )


def test_rows_are_numbered_as_they_are_shown(prompt):
    prompt("vm list --filter state=ACTIVE --sort=-price --limit 2 --columns state")
    assert prompt("vm get @1 -q").out == "train-1\n"
    assert prompt("vm get @2 -q").out == "db-1\n"


def test_number_column_stays_in_a_narrow_terminal_and_without_headers(prompt):
    out = prompt("vm list --no-headers", width=30).out
    assert [line.split()[:2] for line in out.splitlines()][:2] == [["1", "web-1"], ["2", "web-2"]]


def test_number_is_dim(prompt):
    out = prompt("vm list --columns id --limit 1 --no-headers", out_has_color=True).out
    assert out == "\x1b[2m1\x1b[0m  \x1b[36mweb-1\x1b[0m\n"


@pytest.mark.parametrize(
    "line",
    [
        "vm list -o json",
        "vm list -o csv",
        "vm list -q",
        "vm list --query '[].id'",
        "vm get web-1",
        "vm monitor web-1",
    ],
)
def test_what_is_no_table_of_things_sets_no_rows(prompt, line):
    prompt("disk list --filter id=data-1")
    assert not prompt(line).out.startswith("#")
    assert prompt("disk get @1 -q").out == "data-1\n"


def test_pipe_sets_no_rows(prompt):
    out = prompt("vm list --columns id", out_is_terminal=False).out
    assert out.startswith("ID\n")
    assert prompt("vm get @1").code == 2


def test_script_has_no_rows(run):
    outcome = run("vm get @1")
    assert (outcome.code, outcome.err) == (2, "There is no row @1: rows are numbered at the prompt only.\n")


# Using them


def test_row_stands_for_its_id_wherever_such_an_id_stands(prompt):
    prompt("vm list")
    assert json.loads(prompt("vm get @2 -o json").out)["id"] == "web-2"
    assert prompt("disk attach data-2 --vm @3 --no-wait").code == 0
    assert json.loads(prompt("disk get data-2 -o json").out)["vmId"] == "db-1"


def test_rows_stand_in_an_option_that_may_be_repeated(prompt):
    prompt("disk create data-9 --data-center no-luster-1 --size 10")
    prompt("disk list --filter state=READY --columns id")
    place = "--data-center no-luster-1 --machine-type epyc-rome-rtx-a5000"
    sizes = "--image debian-12 --vcpus 2 --memory 4 --boot-disk 10"
    sent = prompt(f"vm create job-1 {place} {sizes} --disk @1 --disk data-9 --dry-run -o json").out
    assert json.loads(sent)["body"]["storageDiskIds"] == ["data-2", "data-9"]


def test_file_behind_an_at_sign_is_no_row(prompt, tmp_path):
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWmEO0vUYWs2R8uGMPzUnWCwxyXNPxPnvS5lOBLqGPx ada@example"
    (tmp_path / "id.pub").write_text(key)
    assert prompt(f"ssh-key create @{tmp_path}/id.pub").code == 0


def test_several_rows_where_one_thing_is_wanted_are_refused(prompt):
    prompt("vm list")
    outcome = prompt("vm get @2-3")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "@2-3 is 2 things; <vm-id> is one.\nWrite one row, such as @1.\n"


def test_last_is_what_was_made_or_named(prompt):
    prompt("vm get web-2")
    assert prompt("vm get @last -q").out == "web-2\n"
    prompt("network create lan-9 --data-center no-luster-1 --ip-range 10.9.0.0/24 --no-wait")
    assert prompt("network get @last -q").out == "lan-9\n"
    prompt("vm get nope")
    assert prompt("network get @last -q").out == "lan-9\n"


def test_row_of_a_project_can_be_the_project_of_a_command(prompt):
    prompt("project list --sort id")
    listed = prompt("project list --sort id --columns id").out.split()
    number = listed[listed.index("research") - 1]
    assert "cluster-1" in prompt(f"cluster list -p @{number}").out


# Refused


def test_row_of_another_kind_is_refused(prompt):
    prompt("disk list --columns id --filter id=data-1")
    outcome = prompt("vm stop @1")
    assert (outcome.code, outcome.err) == (2, "@1 is disk 'data-1', not a VM.\nSee: vm list\n")


def test_public_and_private_images_are_shown_alike_but_only_private_ones_deleted(prompt):
    prompt("image list --filter id=ubuntu-2404")
    assert prompt("image get @1 -q").out == "ubuntu-2404\n"
    outcome = prompt("image delete @1 --yes")
    assert (outcome.code, outcome.err) == (
        2,
        "@1 is image 'ubuntu-2404', not a private image.\nSee: image list\n",
    )


def test_row_of_another_project_is_refused_until_that_project_is_named(prompt):
    prompt("cluster list -p research")
    outcome = prompt("cluster get @1")
    assert (outcome.code, outcome.err) == (
        2,
        (
            "@1 is cluster 'cluster-1' of project 'research'; this is 'demo'.\n"
            "Add -p research, or see: cluster list\n"
        ),
    )
    assert prompt("cluster get @1 -p research -q").out == "cluster-1\n"


def test_row_is_refused_after_the_project_was_changed(prompt):
    prompt("vm list")
    prompt("project use research")
    outcome = prompt("vm stop @1")
    assert (outcome.code, outcome.err) == (
        2,
        "@1 is VM 'web-1' of project 'demo'; this is 'research'.\nAdd -p demo, or see: vm list\n",
    )


def test_row_of_no_project_stays_when_the_project_is_changed(prompt):
    prompt("data-center list --filter id=no-luster-1")
    prompt("project use research")
    assert prompt("data-center get @1 -q").out == "no-luster-1\n"


def test_row_of_another_context_or_login_is_refused(prompt, workspace):
    prompt("vm list")
    workspace.connection.generation += 1
    outcome = prompt("vm stop @1")
    assert (outcome.code, outcome.err) == (2, "@1 was listed before the login changed.\nSee: vm list\n")
    workspace.connection.target = workspace.connection.target._replace(name="live")
    outcome = prompt("vm stop @1")
    assert (outcome.code, outcome.err) == (
        2,
        "@1 is VM 'web-1' of context 'sandbox'; this is 'live'.\nSee: vm list\n",
    )


def test_row_that_is_gone_is_refused_before_a_change(prompt):
    prompt("vm list")
    prompt("vm terminate web-2 --yes")
    outcome = prompt("vm start @2")
    assert (outcome.code, outcome.err) == (4, "@2 was VM 'web-2', which is gone.\nSee: vm list\n")


def test_row_whose_id_another_thing_has_now_is_refused_before_a_change(prompt):
    prompt("vm list")
    prompt("vm terminate web-2 --yes")
    assert prompt(CREATE.format("web-2")).code == 0
    outcome = prompt("vm terminate @2 --yes")
    assert (outcome.code, outcome.err) == (
        4,
        "@2 was VM 'web-2', which is gone; another has its id.\nSee: vm list\n",
    )
    assert prompt("vm get @2 -q").out == "web-2\n"
    prompt("vm list")
    assert prompt("vm terminate @* --dry-run").code == 0


def test_of_several_rows_one_that_is_gone_stops_all(prompt):
    prompt("vm list")
    prompt("vm terminate web-2 --yes")
    outcome = prompt("vm stop @1-3")
    assert (outcome.code, outcome.err) == (4, "@2 was VM 'web-2', which is gone.\nSee: vm list\n")
    assert prompt("vm list --filter state=ACTIVE -q").out == "web-1\ndb-1\ntrain-1\n"


def test_row_beyond_the_listing_is_refused(prompt):
    prompt("vm list --limit 2")
    outcome = prompt("vm stop @3")
    assert (outcome.code, outcome.err) == (2, "There is no row @3.\nThe last listing has 2 rows.\n")


# Completion


def test_rows_are_offered_with_a_preview_where_their_kind_is_wanted(prompt, workspace):
    prompt("vm list")
    offered = offered_rows("@2", "vms", workspace.place, workspace.rows)
    assert [(each.text, each.hint) for each in offered] == [("@2", "web-2\tSTOPPED\tgb-bournemouth-1")]
    assert offered_rows("@", "disks", workspace.place, workspace.rows) == []


def test_rows_of_another_project_are_not_offered(prompt, workspace):
    prompt("vm list")
    elsewhere = replace(workspace.place, project="research")
    assert offered_rows("@", "vms", elsewhere, workspace.rows) == []


def test_every_kind_of_listing_belongs_to_a_noun_with_a_verb_that_looks_a_thing_up():
    assert set(LABELS) >= set(SOURCES) - {"payment_methods"}
    for kind, (_, word) in LABELS.items():
        found = find_noun(word)
        assert found is not None, kind
        verbs = verbs_of(dispatch.parser_for(word))
        assert "get" in verbs or word == "gpu", kind
