"""How commands show their results, by options, as a user gives them."""

import json
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import pytest

from cudo_shell import dispatch
from cudo_shell.exits import ExitCode, UsageError
from cudo_shell.output.fields import FieldSpec


def test_filters_sort_limit_and_query_apply_in_this_order(run):
    line = "vm list --filter gpus=0 --filter 'price<1' --sort=-price --limit 2 --query '[].id' -o json"
    outcome = run(line)

    assert (outcome.code, json.loads(outcome.out), outcome.err) == (ExitCode.OK, ["db-1", "web-1"], "")


def test_columns_may_be_named_by_their_headers(run):
    assert run("vm list --filter id=web-1 --columns id,price,memory").out == (
        "ID         PRICE  MEMORY\nweb-1  $0.0191/h   4 GiB\n"
    )


def test_wide_table_has_all_columns_and_drops_none_on_a_narrow_terminal(run):
    plain = run("vm list --limit 1", out_is_terminal=True, width=60)
    wide = run("vm list --limit 1 --wide", out_is_terminal=True, width=60)

    assert plain.err.startswith("Not shown, the terminal is narrow: ")
    assert "RENEWABLE ENERGY" in wide.out.splitlines()[0]
    assert (wide.err, len(wide.out.splitlines())) == ("", 2)


def test_columns_that_were_asked_for_stay_on_a_narrow_terminal(run):
    line = "vm list --limit 1 --columns id,data_center,machine_type,ip"
    outcome = run(line, out_is_terminal=True, width=40)

    assert outcome.out == (
        "ID     DATA CENTER       MACHINE TYPE     IP\nweb-1  gb-bournemouth-1  intel-broadwell  198.18.0.5\n"
    )
    assert outcome.err == ""


@pytest.mark.parametrize("output", ["json", "jsonl", "yaml", "csv", "tsv", "ids"])
def test_data_are_the_same_bytes_with_and_without_a_terminal(output, run):
    line = f"vm list -o {output} --filter gpus=0 --sort id"
    piped, on_terminal = run(line), run(line, out_is_terminal=True, width=40)

    assert (piped.out, piped.code) == (on_terminal.out, ExitCode.OK)
    assert piped.out


# Queries


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", '[\n  "web-1",\n  "web-2"\n]\n'),
        ("-o json", '[\n  "web-1",\n  "web-2"\n]\n'),
        ("-o jsonl", '"web-1"\n"web-2"\n'),
        ("-o yaml", "- web-1\n- web-2\n"),
        ("-o table", '[\n  "web-1",\n  "web-2"\n]\n'),
        ("-q", "web-1\nweb-2\n"),
    ],
)
def test_query_of_a_list_is_shown_in_every_format(options, expected, run):
    outcome = run(f"vm list --query '[].id' --filter id=web-* {options}")

    assert (outcome.code, outcome.out, outcome.err) == (ExitCode.OK, expected, "")


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("table", "ID     AT\nweb-1  gb-bournemouth-1\n"),
        ("csv", "id,at\nweb-1,gb-bournemouth-1\n"),
        ("tsv", "id\tat\nweb-1\tgb-bournemouth-1\n"),
    ],
)
def test_objects_that_a_query_makes_are_rows(output, expected, run):
    outcome = run(f"vm list --limit 1 -o {output} --query '[].{{id: id, at: datacenterId}}'")

    assert (outcome.code, outcome.out) == (ExitCode.OK, expected)


def test_query_of_one_thing_is_json(run):
    assert run("vm get web-1 --query state").out == '"ACTIVE"\n'
    assert run("vm get web-1 --query '[id, state]' -o jsonl").out == '"web-1"\n"ACTIVE"\n'


@pytest.mark.parametrize("output", ["csv", "tsv", "ids"])
def test_values_that_a_query_finds_are_their_plain_text(output, run):
    assert run(f"vm get web-1 --query publicIpAddress -o {output}").out == "198.18.0.5\n"
    assert run(f"vm list --limit 2 --query '[].id' -o {output}").out == "web-1\nweb-2\n"


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "vm list -q --query '[]'",
            "--query: this format needs another result.",
            "It prints ids: add .id to the expression; -o json prints any.",
        ),
        (
            "vm list -o csv --query '[].[id]'",
            "--query: this format needs another result.",
            "It prints values, or a list of objects without objects in them; -o json prints any.",
        ),
    ],
)
def test_result_that_a_format_cannot_print_is_refused(line, message, hint, run):
    outcome = run(line)

    assert (outcome.code, outcome.out, outcome.err) == (ExitCode.USAGE, "", f"{message}\n{hint}\n")


def test_name_that_nothing_has_is_told_beside_the_empty_result(run):
    outcome = run("vm list --query '[].idd'")

    assert (outcome.code, outcome.out) == (ExitCode.OK, "[]\n")
    assert outcome.err == "--query: nothing here has 'idd'. Did you mean: id?\n"


def test_error_of_a_query_in_json_keeps_the_caret_under_its_place(run):
    outcome = run("vm get web-1 -o json --query 'id | abs(@)'")
    error = json.loads(outcome.err)

    assert (outcome.code, error["hint"]) == (ExitCode.USAGE, "id | abs(@)\n     ^")
    assert error["message"] == "--query, character 6: abs() takes number, not string."


# What is wrong is found before anything is done


@pytest.mark.parametrize("option", ["--query '['", "--columns nosuch"])
def test_nothing_is_made_when_the_result_could_not_be_shown(option, run):
    refused = run(f"network create late --data-center gb-bournemouth-1 --ip-range 10.9.0.0/24 {option}")

    assert (refused.code, refused.out) == (ExitCode.USAGE, "")
    assert run("network get late").code == ExitCode.NOT_FOUND


@pytest.mark.parametrize(
    ("option", "error"),
    [
        ("--filter nam=x", "There is no column 'nam'.\nColumns: "),
        ("--filter pric=1", "There is no column 'pric'.\nDid you mean: price_hr? Columns: "),
        ("--sort -pric", "There is no column 'pric'.\nDid you mean: price_hr? Columns: "),
        ("--limit 0", "vm list: argument --limit: it must be 1 or more\n"),
        ("--watch 0.5s", "vm list: argument --watch: '0.5s' is less than a second\n"),
    ],
)
def test_wrong_option_of_a_list_is_a_usage_error(option, error, run):
    outcome = run(f"vm list {option.replace('--sort ', '--sort=')}")

    assert outcome.code == ExitCode.USAGE
    assert outcome.err.startswith(error)


# Watching


@pytest.mark.parametrize(
    "line", ["vm list --watch", "disk list --watch 5s -o table", "project list --watch -o csv"]
)
def test_watch_without_a_terminal_is_refused_with_the_way_that_works(line, run):
    outcome = run(line)

    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert outcome.err == "--watch needs a terminal and a table.\nInto a pipe or a file: --watch -o jsonl\n"


def test_watch_and_query_are_refused_together(run):
    outcome = run("vm list --watch --query '[].id' -o jsonl")

    assert outcome.code == ExitCode.USAGE
    assert json.loads(outcome.err)["message"] == "--watch shows rows; --query may not make any."


# Charts


def test_spend_is_drawn_for_a_person_and_listed_for_all_others(run):
    drawn = run("billing spend demo-billing", out_is_terminal=True, width=80)
    listed = run("billing spend demo-billing -o table", out_is_terminal=True, width=80)

    assert "█" in drawn.out
    assert drawn.out.splitlines()[-1].startswith("Together $")
    assert listed.out.startswith("DESCRIPTION ")
    assert run("billing spend demo-billing").out.startswith("DESCRIPTION ")


def test_monitor_draws_each_measured_value(run):
    drawn = run("vm monitor web-1", out_is_terminal=True, width=100)

    names = [
        name for name in ("cpu", "memory", "net_rx", "net_tx", "disk_read", "disk_write") if name in drawn.out
    ]
    assert len(names) == 6
    assert max(map(len, drawn.out.splitlines())) <= 100


@pytest.mark.parametrize(
    "option", ["--limit 3", "--columns cpu", "-o table", "--wide", "-o csv", "--filter cpu>=0"]
)
def test_whoever_asks_for_rows_gets_rows(option, run):
    outcome = run(f"vm monitor web-1 {option}", out_is_terminal=True, width=100)

    assert outcome.code == ExitCode.OK
    assert "⣀" not in outcome.out


def test_downwards_is_said_in_one_word_or_two(run):
    in_two = run("vm list --sort -price -o ids")
    assert in_two == run("vm list --sort=-price -o ids")
    assert in_two.out.split()[:2] == ["train-1", "render-1"]
    assert run("vm list --sort -o ids").code == 2


# What is told of a result, beside what is shown of it


@pytest.fixture
def told(workspace) -> list[Any]:
    """Return what `on_result` is called with, call after call."""
    results: list[Any] = []
    workspace.on_result = results.append
    return results


@pytest.mark.parametrize(
    "options", ["", "-o json", "-o csv", "-q", "--query '[].id'", "--columns id", "-o json --columns id"]
)
def test_whole_things_of_a_list_are_told_once_whatever_is_shown_of_them(options, run, told):
    whole = json.loads(run("vm list -o json").out)
    assert told == [whole]
    assert run(f"vm list {options}").code == ExitCode.OK
    assert told[1:] == [whole]


@pytest.mark.parametrize("options", ["", "-o json", "--query id", "--columns id"])
def test_whole_thing_is_told_once_whatever_is_shown_of_it(options, run, told):
    whole = json.loads(run("vm get web-1 -o json").out)
    assert run(f"vm get web-1 {options}").code == ExitCode.OK
    assert told == [whole, whole]


def test_only_what_was_selected_is_told(run, told):
    run("vm list --filter gpus=0 --sort=-price --limit 2 --columns price")
    assert [[vm["id"] for vm in vms] for vms in told] == [["db-1", "web-1"]]


def test_samples_of_a_chart_are_told(run, told):
    assert "cpu" in run("vm monitor web-1", out_is_terminal=True, width=100).out
    ((first, *rest),) = told
    assert "cpu" in first
    assert len(rest) > 1


def test_list_that_breaks_off_is_not_told(workspace, told):
    def broken() -> Iterator[dict[str, str]]:
        yield {"id": "a"}
        raise UsageError("no more")

    with pytest.raises(UsageError):
        workspace.show_list(broken(), [FieldSpec("id")], Namespace())
    assert told == []


@pytest.mark.parametrize("output", ["table", "json"])
def test_thing_that_was_changed_is_told_to_people_and_programs(output, run, told):
    assert run(f"vm stop web-1 --wait -o {output}").code == ExitCode.OK
    assert [(vm["id"], vm["state"]) for vm in told] == [("web-1", "STOPPED")]


@pytest.mark.parametrize("output", ["table", "json"])
def test_id_of_what_was_deleted_is_told(output, run, told):
    assert run(f"ssh-key list -q -o {output}").code == ExitCode.OK
    assert run(f"vm terminate web-1 --yes -o {output}").code == ExitCode.OK
    assert told[1:] == [{"id": "web-1"}]


@pytest.mark.parametrize("options", ["", "-o json", "-q", "--query '[].id'"])
def test_records_of_several_are_told_together_with_those_that_failed(options, run, told):
    assert run(f"vm stop web-1 nobody --yes {options}").code == ExitCode.PARTIAL
    ((good, bad),) = told
    assert good == {"id": "web-1", "ok": True, "error": None}
    assert (bad["id"], bad["ok"], bad["error"]) == (
        "nobody",
        False,
        "VM 'nobody' not found in project 'demo'.",
    )


def test_things_that_a_condition_selects_are_not_told_on_the_way(run, told):
    assert run("vm stop --filter id=web-1 --yes").code == ExitCode.OK
    assert [vm["id"] for vm in told] == ["web-1"]


MAKE_USER = "storage-user create app-1 --data-center no-luster-1"


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("api-key create ci-runner -o json", "key"),
        ("storage-user key-create app-1 -o json", "secretKey"),
        ("vm connect web-1 -o json", "token"),
    ],
)
def test_secret_that_is_shown_is_told_as_stars(line, secret, run, told):
    run(MAKE_USER)
    shown = json.loads(run(line).out)
    assert shown[secret].strip("*")
    assert told[1:] == [{**shown, secret: "**********"}]


def test_secret_keys_within_a_list_of_keys_are_told_as_stars(run, told):
    run(MAKE_USER)
    shown = json.loads(run("storage-user get app-1 -o json").out)
    assert all(key["secretKey"].strip("*") for key in shown["keys"])
    assert [{key["secretKey"] for key in user["keys"]} for user in told] == [{"**********"}] * 2


def test_result_that_is_kept_is_whole_and_told_with_stars(workspace, told):
    work, captured = workspace.capturing()
    assert dispatch.run(["api-key", "create", "ci-runner"], work) == ExitCode.OK
    assert captured.value["key"].strip("*")
    assert told == [{**captured.value, "key": "**********"}]
