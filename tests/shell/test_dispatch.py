"""From words to an exit code."""

import os
import re
import signal
import threading
import time

import pytest

from cudo_shell import dispatch
from cudo_shell.commands import KEYWORDS, NOUNS
from cudo_shell.exits import ExitCode, Instead, UsageError


@pytest.mark.parametrize(
    ("line", "err"),
    [
        ("vmm list", "There is no command 'vmm'.\nDid you mean: vm?\n"),
        ("xyzzy", "There is no command 'xyzzy'.\nSee: help\n"),
        ("vm lst", "vm: unknown verb 'lst'\nDid you mean: list?\n"),
        ("vm", "vm: the following arguments are required: VERB\nSee: vm --help\n"),
        ("vm get", "vm get: the following arguments are required: <vm-id>\nSee: vm get --help\n"),
        ("vm list --projet x", "vm list: unknown: --projet x\nDid you mean: --project?\n"),
        (
            "vm create x --datacenter no-luster-1 --machine-type a --image b --vcpus 2 --memory 4",
            "vm create: unknown: --datacenter\nDid you mean: --data-center?\n",
        ),
        (
            "vm create x --data-center no-luster-1 --machine-type a --image b --vcpu 2 --memory 4",
            "vm create: unknown: --vcpu\nDid you mean: --vcpus?\n",
        ),
        (
            "disk create x --data-centre=no-luster-1 --size 5",
            "disk create: unknown: --data-centre=no-luster-1\nDid you mean: --data-center?\n",
        ),
        ("vm resize web-2 --vcpu 2 --memory much", "vm resize: unknown: --vcpu\nDid you mean: --vcpus?\n"),
        (
            "vm list -o xml",
            (
                "vm list: unknown --output 'xml'\n"
                "Did you mean: yaml? One of: table, json, jsonl, yaml, csv, tsv, ids\n"
            ),
        ),
        (
            "disk wait data-2 --state reddy",
            (
                "disk wait: unknown --state 'REDDY'\nDid you mean: READY? One of: ATTACHED, CLONING, "
                "CREATING, DELETING, DISABLED, FAILED, READY, UPDATING, DELETED\n"
            ),
        ),
        (
            "vm list -o pdf",
            "vm list: unknown --output 'pdf'\nOne of: table, json, jsonl, yaml, csv, tsv, ids\n",
        ),
        (
            "vm list --sandbox",
            "vm list: unknown: --sandbox\n--sandbox stands before the command: cudo --sandbox vm list ...\n",
        ),
        ("vm resize web-2", "vm resize: nothing to change.\nGive --vcpus, --memory, or both.\n"),
        (
            "vm wait web-1 --timeout soon",
            (
                "vm wait: argument --timeout: 'soon' is no time such as 90s, 10m, 8h or 2d\n"
                "See: vm wait --help\n"
            ),
        ),
        ("help vmm", "There is no command 'vmm'.\nDid you mean: vm?\n"),
        ("eco hi", "There is no command 'eco'.\nDid you mean: echo, record?\n"),
        (
            "let x = 5",
            (
                "'let' is a word of the language, not a command.\n"
                "It stands at the prompt, in FILE.cudo, or behind -e: cudo -e 'let ...'\n"
            ),
        ),
    ],
)
def test_words_that_make_no_sense_are_exit_2_with_a_way_on(line, err, run):
    outcome = run(line)
    assert (outcome.code, outcome.out) == (ExitCode.USAGE, "")
    assert outcome.err == err


def test_alias_of_noun_and_verb_is_the_same_command(run):
    assert run("dc ls").out == run("data-center list").out


def test_help_option_prints_the_help_of_the_verb(run):
    outcome = run("vm get --help")
    assert outcome.code == ExitCode.OK
    assert outcome.out.startswith("usage: vm get ")
    assert "examples:\n  vm get web-1\n" in outcome.out
    assert outcome.out == run("help vm get").out


def test_help_lists_every_word_that_may_begin_a_line(run):
    first = {line.split()[0] for line in run("help").out.splitlines() if line.startswith("  ")}
    assert first == {*NOUNS, *KEYWORDS}


def test_help_of_a_word_of_the_language_is_an_example(run):
    assert run("help sleep").out == "Wait: sleep 10s\n"


@pytest.mark.parametrize(
    ("line", "err"),
    [
        ("vm get web-9", "VM 'web-9' not found in project 'demo'.\nNear it: web-1, web-2\n"),
        ("vm get sim-1 -p research -q", ""),
        ("vm list -p reserch", "Project 'reserch' not found.\nNear it: research\n"),
        (
            "disk attach data-2 --vm db-9",
            "VM 'db-9' not found in project 'demo'.\nNear it: db-1\n",
        ),
        (
            (
                "vm create job-1 --data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 "
                "--image ubuntu-2404 --vcpus 2 --memory 4 --disk data-2 --disk data-99"
            ),
            (
                "Price: at least $0.0213/h, $15.55/month\n"
                "Disk 'data-99' not found in project 'demo'.\nNear it: data-1, data-2\n"
            ),
        ),
        (
            "machine-type get epyc-rome-rtx-a500 --data-center no-luster-1",
            (
                "Machine type 'epyc-rome-rtx-a500' not found.\n"
                "Near it: epyc-rome-rtx-a5000, epyc-rome-rtx-a4000, epyc-rome-rtx-a6000\n"
            ),
        ),
        (
            (
                "vm create web-1 --data-center gb-bournemouth-1 --machine-type intel-broadwell "
                "--image ubuntu-2404 --vcpus 2 --memory 4"
            ),
            (
                "Price: at least $0.0187/h, $13.65/month\n"
                "VM 'web-1' in project 'demo' exists already.\nChoose another id. See: vm get web-1\n"
            ),
        ),
    ],
)
def test_error_names_the_thing_and_what_is_near(line, err, run):
    assert run(line).err == err


def test_error_with_json_output_is_one_json_object(run):
    outcome = run("vm get web-9 -o json")
    assert outcome.err == (
        '{"status": "NOT_FOUND", "message": "VM \'web-9\' not found in project \'demo\'.", '
        '"details": [], "hint": "Near it: web-1, web-2"}\n'
    )


def test_verbose_adds_a_line_for_each_request_and_one_of_timing(run):
    outcome = run("vm count -v")
    assert outcome.out == "count  5\n"
    request, timing, end = outcome.err.split("\n")
    assert re.fullmatch(r"CountVMs GET /v1/projects/\{}/count-vms -> 200 in \d+ ms, attempt 1", request)
    assert timing.startswith("1 request, 0 B sent, ")
    assert timing.endswith(" s in all")
    assert end == ""


def test_verbose_adds_the_trace_of_an_error_without_secrets(run, sandbox):
    outcome = run("vm get web-9 -v")
    assert "Traceback (most recent call last):" in outcome.err
    assert sandbox.api_key not in outcome.err


def test_ctrl_c_during_a_slow_request_gives_130_and_the_next_command_works(workspace, sandbox, run):
    sandbox.add_fault(kind="latency", match="GET *", latency_ms=30_000)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    outcome = run("vm list")
    assert time.monotonic() - started < 10  # of the 30 s of the request
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "Interrupted.\n")
    assert run("vm count").code == ExitCode.OK


def test_ctrl_c_during_a_change_says_that_it_may_have_happened(sandbox, run):
    sandbox.add_fault(kind="latency", match="POST */stop", latency_ms=30_000)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert run("vm stop web-1").err == (
        "Interrupted.\n'vm stop' was on its way: it may have happened. See: vm get web-1\n"
    )


def test_ctrl_c_during_a_create_says_where_to_see_whether_it_happened(sandbox, run):
    sandbox.add_fault(kind="latency", match="POST */networks", latency_ms=30_000)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert run("network create zq --data-center no-luster-1 --ip-range 10.9.0.0/24").err == (
        "Price: $0.0050/h, $3.65/month\n"
        "Interrupted.\n'network create' was on its way: it may have happened. See: network get zq\n"
    )


def test_ctrl_c_during_a_wait_says_how_to_follow(sandbox, run):
    sandbox.add_fault(kind="latency", match="GET */web-1", latency_ms=30_000, times=0)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    outcome = run("vm stop web-1")
    assert outcome.code == ExitCode.INTERRUPTED
    assert outcome.err == (
        "VM 'web-1' goes on without us. Follow it: vm wait web-1 --state STOPPED\nInterrupted.\n"
    )


@pytest.mark.parametrize(
    ("fault", "code", "start"),
    [
        (
            {"kind": "html", "times": 0},
            9,
            "The server failed (tried 4 times): HTTP 502, and the answer is no JSON.",
        ),
        ({"kind": "truncate", "times": 0}, 9, "ListVMs: "),
        ({"kind": "drop", "times": 0}, 9, "ListVMs: "),
        ({"kind": "status", "status": 403}, 3, "The API key from argument may not do this: "),
    ],
    ids=["html", "truncated", "dropped", "forbidden"],
)
def test_broken_server_is_one_or_two_lines(fault, code, start, sandbox, run):
    sandbox.add_fault(match="GET */vms", **fault)
    outcome = run("vm list")
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith(start)
    assert outcome.err.count("\n") <= 2


def test_no_words_are_no_command(workspace):
    assert dispatch.run([], workspace) == ExitCode.OK


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("vm create x --datacenter no-luster-1", Instead("--datacenter", "--data-center")),
        ("vm create x --vcpu=2", Instead("--vcpu", "--vcpus")),
    ],
)
def test_unknown_option_has_its_correction_also_where_others_are_missing(line, instead):
    noun, *words = line.split()
    with pytest.raises(UsageError) as caught:
        dispatch.parser_for(noun).parse_args(words)
    assert caught.value.instead == instead
