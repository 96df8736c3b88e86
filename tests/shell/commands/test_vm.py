"""VMs from the command line."""

import json
from decimal import Decimal

import pytest

CREATE = (
    "vm create job-1 --data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 "
    "--image ubuntu-2404 --vcpus 2 --memory 4 --boot-disk 10"
)


def test_list_shows_the_vms_of_the_project(run):
    assert run("vm list --columns id,state,data_center,vcpus,memory_gib,gpus,price_hr").out == (
        "ID        STATE    DATA CENTER        VCPUS  MEMORY  GPUS      PRICE\n"
        "web-1     ACTIVE   gb-bournemouth-1       2   4 GiB     0  $0.0191/h\n"
        "web-2     STOPPED  gb-bournemouth-1       2   4 GiB     0  $0.0191/h\n"
        "db-1      ACTIVE   no-luster-1            8  16 GiB     0  $0.0755/h\n"
        "train-1   ACTIVE   no-luster-1           16  32 GiB     2  $1.1966/h\n"
        "render-1  FAILED   se-smedjebacken-1      4   8 GiB     1  $0.3043/h\n"
    )


def test_list_can_be_narrowed_to_a_network(run):
    assert run("vm list --network backend -q").out == "db-1\n"


def test_list_can_be_sorted_downwards(run):
    assert run("vm list --sort=-price_hr --columns id -o csv --no-headers").out == (
        "train-1\nrender-1\ndb-1\nweb-1\nweb-2\n"
    )


def test_json_columns_keep_the_names_of_the_api(run):
    assert json.loads(run("vm get web-1 --columns memory_gib,data_center -o json").out) == {
        "memory": 4,
        "datacenterId": "gb-bournemouth-1",
    }


def test_create_tells_the_price_waits_and_shows_the_vm(run):
    outcome = run(f"{CREATE} --columns id,state,boot_disk_gib,price_hr")
    assert outcome.code == 0
    assert outcome.err.splitlines()[0] == "Price: $0.0224/h, $16.33/month"
    assert outcome.err.splitlines()[-1] == "VM 'job-1' created."
    assert outcome.out == "id         job-1\nstate      ACTIVE\nboot disk  10 GiB\nprice      $0.0224/h\n"


def test_create_sends_every_option(run, tmp_path):
    (tmp_path / "start.sh").write_text("#!/bin/sh\necho ready\n")
    outcome = run(
        f"{CREATE} --network backend --disk data-2 --ttl 8h --metadata a=1 --metadata b=x=y "
        "--start-script @start.sh --ssh-key-source user --no-wait -o json"
    )
    vm = json.loads(outcome.out)
    assert outcome.code == 0
    assert vm["metadata"] == {"a": "1", "b": "x=y"}
    assert vm["nics"][0]["networkId"] == "backend"
    assert [disk["id"] for disk in vm["storageDisks"]] == ["data-2"]
    assert vm["sshKeySource"] == "SSH_KEY_SOURCE_USER"
    assert "expireTime" in vm


@pytest.mark.parametrize("time", ["0", "0s", "0.4", "0d"])
@pytest.mark.parametrize("line", [f"{CREATE} --no-wait", "vm set-expiry web-1"])
def test_ttl_of_less_than_a_second_is_refused_for_it_would_mean_for_ever(line, time, run):
    run("vm set-expiry web-1 --ttl 8h")
    outcome = run(f"{line} --ttl {time}")
    verb = " ".join(line.split()[:2])
    assert (outcome.code, outcome.err) == (
        2,
        f"{verb}: argument --ttl: '{time}' is less than a second\nSee: {verb} --help\n",
    )
    assert run("vm get job-1").code == 4
    assert "expireTime" in json.loads(run("vm get web-1 -o json").out)


def test_create_with_a_wrong_value_names_the_option(run):
    outcome = run(CREATE.replace("--memory 4", "--memory 100"))
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1].startswith("--memory: ")


@pytest.mark.parametrize(
    ("name", "code"), [("Job", 2), ("-job", 2), ("job-", 2), ("a" * 64, 2), ("job 1", 2), ("a" * 63, 0)]
)
def test_new_id_is_checked_before_anything_is_sent(name, code, run):
    assert run(f"{CREATE.replace('job-1', repr(name))} --no-wait").code == code


def test_stop_and_start_say_what_happened_and_give_programs_the_vm(run):
    stopped = run("vm stop web-1")
    assert (stopped.code, stopped.out) == (0, "")
    assert stopped.err.splitlines()[-1] == "VM 'web-1' stopped."
    started = run("vm start web-1 -o json")
    assert json.loads(started.out)["state"] == "ACTIVE"


def test_change_without_waiting_says_how_to_follow(run):
    assert (
        run("vm stop web-1 --no-wait").err == "VM 'web-1': stopped soon; see: vm wait web-1 --state STOPPED\n"
    )


def test_resize_needs_a_stopped_vm(run):
    outcome = run("vm resize web-1 --vcpus 4")
    assert outcome.code == 5
    assert outcome.err.splitlines()[1:] == [
        "VM 'web-1': Cannot resize VM 'web-1' in state ACTIVE; it must be STOPPED.",
        "Stop it first: vm stop web-1",
    ]
    assert run("vm resize web-2 --vcpus 4 --memory 8").code == 0
    assert run("vm get web-2 --columns vcpus,memory_gib -o tsv --no-headers").out == "4\t8\n"


@pytest.mark.parametrize("sizes", ["--vcpus 4", "--memory 8", "--vcpus 4 --memory 16"])
@pytest.mark.parametrize("term", ["", "vm commit web-2 --term 1-month --confirm web-2"])
def test_resize_tells_first_what_the_vm_costs_afterwards(term, sizes, run):
    """The rates are those of the VM: of its commitment, where it has one."""
    if term:
        run(term)
    rehearsed = run(f"vm resize web-2 {sizes} --dry-run").out.splitlines()[-1]
    told = run(f"vm resize web-2 {sizes}").err.splitlines()[0]
    price = json.loads(run("vm get web-2 -o json").out)["price"]["totalPriceHr"]["value"]
    assert rehearsed == told
    assert told.startswith(f"Price: ${Decimal(price):.4f}/h, ")


@pytest.mark.parametrize("network", ["", "--network backend"])
def test_create_tells_first_what_the_vm_costs_afterwards(network, run):
    """A VM on a network has no public address, and pays for none."""
    told = run(f"{CREATE} {network} --no-wait").err.splitlines()[0]
    price = json.loads(run("vm get job-1 -o json").out)["price"]["totalPriceHr"]["value"]
    assert told.startswith(f"Price: ${Decimal(price):.4f}/h, ")


def test_terminate_asks_with_name_project_and_price(run):
    outcome = run("vm terminate web-2", stdin="n\n", in_is_terminal=True, err_is_terminal=True)
    assert outcome.code == 8
    assert outcome.err == (
        "Terminate VM 'web-2' and its boot disk in project 'demo'? That saves $0.0191/h. [y/N] "
        "Nothing was changed.\n"
    )
    assert run("vm get web-2 -q").out == "web-2\n"


def test_terminate_after_a_yes_waits_until_the_vm_is_gone(run):
    outcome = run("vm rm web-2", stdin="y\n", in_is_terminal=True, err_is_terminal=True)
    assert outcome.code == 0
    assert outcome.err.splitlines()[-1] == "VM 'web-2' deleted."
    assert run("vm get web-2").code == 4


def test_terminate_without_a_terminal_or_yes_is_refused_and_never_hangs(run):
    outcome = run("vm terminate web-2", stdin="y\n")
    assert outcome.code == 8
    assert outcome.err.endswith("\nAdd --yes to do it without a question.\n")
    assert run("vm get web-2 -q").code == 0


def test_terminate_of_an_absent_vm_can_be_fine(run):
    assert run("vm terminate web-9 --yes").code == 4
    outcome = run("vm terminate web-9 --yes --if-exists")
    assert (outcome.code, outcome.err) == (0, "VM 'web-9' is not there.\n")


COMMITMENT = (
    "Commit to VM 'web-1' in project 'demo' for 1 month? It costs at most $0.0191/h, $13.96 in all. "
    "It cannot be deleted before the end.\n"
)


def test_commit_wants_the_id_typed_for_it_spends_money(run):
    asked = run("vm commit web-1 --term 1-month", stdin="y\n", in_is_terminal=True, err_is_terminal=True)
    assert (asked.code, asked.err) == (8, f"{COMMITMENT}Type web-1 to do it: Nothing was changed.\n")
    done = run("vm commit web-1 --term 1-month", stdin="web-1\n", in_is_terminal=True, err_is_terminal=True)
    assert done.code == 0
    assert done.err == f"{COMMITMENT}Type web-1 to do it: VM 'web-1' is committed for 1 month.\n"
    assert run("vm terminate web-1 --yes").code == 5


def test_commit_in_a_script_wants_the_id_repeated(run):
    refused = run("vm commit web-1 --term 1-month")
    assert (refused.code, refused.err) == (
        8,
        f"Not done, nobody could be asked: {COMMITMENT}Add --confirm web-1 to do it without a question.\n",
    )
    wrong = run("vm commit web-1 --term 1-month --confirm web-2")
    assert (wrong.code, wrong.err) == (8, f"Not done: --confirm has to repeat web-1. {COMMITMENT}")
    assert json.loads(run("vm get web-1 -o json").out)["commitmentTerm"] == "COMMITMENT_TERM_NONE"
    assert run("vm commit web-1 --term 1-month --confirm web-1").code == 0


def test_create_with_a_term_wants_the_id_repeated(run):
    refused = run(f"{CREATE} --term 3-months")
    assert refused.code == 8
    assert refused.err == (
        "Price: $0.0211/h, $15.42/month\n"
        "Not done, nobody could be asked: Commit to VM 'job-1' in project 'demo' for 3 months? "
        "It costs $0.0211/h, $46.26 in all. It cannot be deleted before the end.\n"
        "Add --confirm job-1 to do it without a question.\n"
    )
    assert run("vm get job-1").code == 4
    created = run(f"{CREATE} --term 3-months --confirm job-1 --columns price_hr")
    assert (created.code, created.out) == (0, "price  $0.0211/h\n")


def test_wait_gives_up_with_its_own_exit_code(run):
    outcome = run("vm wait web-1 --state STOPPED --timeout 0")
    assert outcome.code == 6
    assert outcome.err.splitlines()[-1] == "It may still get there. See: vm get web-1"


def test_wait_for_the_end_of_a_vm(run):
    run("vm terminate web-2 --yes --no-wait")
    outcome = run("vm wait web-2 --state deleted")
    assert (outcome.code, outcome.err.splitlines()[-1]) == (0, "VM 'web-2' is gone.")


def test_token_of_the_console_stays_hidden_on_a_terminal(run):
    hidden = run("vm connect web-1", out_is_terminal=True, width=200)
    assert "token        **********\n" in hidden.out
    assert hidden.err == "The token opens the console for whoever has it. Print it with --show.\n"
    for shown in (run("vm connect web-1 --show", out_is_terminal=True, width=200), run("vm connect web-1")):
        assert "token" in shown.out
        assert "*****" not in shown.out
        assert shown.err == ""


def test_password_comes_from_stdin_or_a_file_and_never_from_the_line(run, tmp_path):
    (tmp_path / "secret").write_text("correct-horse-9\n")
    assert run("vm set-password web-1 @secret").err == "The password of VM 'web-1' is set.\n"
    assert run("vm set-password web-1 -", stdin="correct-horse-9\n").code == 0
    refused = run("vm set-password web-1 canary-123")
    assert refused.code == 2
    assert "canary" not in refused.err
    assert run("vm set-password web-1").code == 8


def test_metadata_are_merged_or_replaced(run):
    run("vm set-metadata web-1 env=test")
    assert json.loads(run("vm get web-1 -o json").out)["metadata"] == {"role": "web", "env": "test"}
    run("vm set-metadata web-1 env=test --replace")
    assert json.loads(run("vm get web-1 -o json").out)["metadata"] == {"env": "test"}


def test_monitor_gives_samples_as_data(run):
    header, *rows = run("vm monitor web-1 -o csv").out.splitlines()
    assert header == "timestamp,cpu,memory,net_rx,net_tx,disk_read,disk_write"
    assert rows
    assert all(row.split(",")[0].isdecimal() for row in rows)


def test_changes_tell_completion_which_listings_are_stale(run, workspace):
    stale = []
    workspace.on_write = lambda *kinds: stale.append(kinds)
    run(f"{CREATE} --no-wait")
    run("vm list")
    run("vm terminate web-2 --yes --no-wait")
    assert stale == [("vms", "disks"), ("vms", "disks")]


@pytest.mark.parametrize("line", ["vm list --filter state=runing", "vm stop --filter state=runing --yes"])
@pytest.mark.parametrize("output", ["table", "csv", "jsonl"])
def test_filter_on_a_state_that_there_is_not_fails_and_shows_nothing(line, output, run):
    outcome = run(f"{line} -o {output}")
    assert (outcome.code, outcome.out) == (2, "")
    assert "there is no state 'runing'." in outcome.err


def test_memory_takes_the_unit_of_the_table(run):
    outcome = run("vm resize web-2 --vcpus 4 --memory 16GiB -o json")
    assert (outcome.code, json.loads(outcome.out)["memory"]) == (0, 16)
    refused = run("vm resize web-2 --memory 16GB")
    assert (refused.code, refused.err) == (
        2,
        "vm resize: argument --memory: '16GB': a GB is less than a GiB; write 16GiB\nSee: vm resize --help\n",
    )


def test_filter_on_a_part_of_a_value_is_told_the_whole_one(run):
    outcome = run("vm list --filter gpu_model=A5000 -q")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == (
        "No gpu_model is 'A5000'. There is: RTX A5000. Part of a value: --filter 'gpu_model=*A5000*'\n"
    )


A5000, LUSTER = "epyc-rome-rtx-a5000", "no-luster-1"
BIG = "--vcpus 20 --memory 40 --gpus 5"


@pytest.mark.parametrize(
    ("before", "after", "code", "problem", "hint"),
    [
        (
            LUSTER,
            "gb-london-1",
            4,
            f"Machine type '{A5000}' is not in data center 'gb-london-1'.",
            "It is in: no-luster-1",
        ),
        (
            A5000,
            "intel-broadwell-v100",
            4,
            "Machine type 'intel-broadwell-v100' is not in data center 'no-luster-1'.",
            "It is in: us-newyork-1, us-santaclara-1",
        ),
        (LUSTER, "no-luster", 4, "Data center 'no-luster' not found.", "Near it: no-luster-1"),
        (
            A5000,
            "epyc-rome-rtx-a500",
            4,
            "Machine type 'epyc-rome-rtx-a500' not found.",
            "Near it: epyc-rome-rtx-a5000, epyc-rome-rtx-a4000, epyc-rome-rtx-a6000",
        ),
        ("ubuntu-2404", "debain-12", 2, "--image: there is no image 'debain-12'.", "Near it: debian-12"),
        ("ubuntu-2404", "xyz", 2, "--image: there is no image 'xyz'.", "See what there is: image list"),
        ("--boot-disk 10", "--boot-disk 2", 2, "--boot-disk: image 'ubuntu-2404' needs at least 4 GiB.", ""),
        (
            "--vcpus 2 --memory 4 --boot-disk 10",
            BIG,
            5,
            f"No host available for machine type '{A5000}' in data center 'no-luster-1'.",
            "Types with room for it: epyc-rome-rtx-a4000",
        ),
    ],
)
def test_create_with_what_cannot_be_had_tells_where_it_is_or_what_is_near(
    before, after, code, problem, hint, run
):
    outcome = run(CREATE.replace(before, after))
    lines = [line for line in outcome.err.splitlines() if not line.startswith("Price: ")]
    assert (outcome.code, outcome.out) == (code, "")
    assert lines == list(filter(None, [problem, hint]))
