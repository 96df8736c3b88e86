"""Data centers, GPU models, search and whoami from the command line."""

import json


def test_data_center_of_an_unknown_name_is_exit_4_with_near_ones(run):
    outcome = run("data-center get no-luster-2")
    assert outcome.code == 4
    assert outcome.err.startswith("Data center 'no-luster-2' not found.\nNear it: no-luster-1")


def test_data_centers_are_listed(run):
    assert "gb-bournemouth-1" in run("data-center list -q").out.split()


def test_gpu_models_have_their_memory(run):
    rows = run("gpu list --columns model,memory_gib -o csv").out.splitlines()
    assert "RTX A5000,24" in rows


def test_search_finds_resources_of_any_kind(run):
    assert "web-1,virtualMachine" in run("resource search web --columns id,type -o csv").out.splitlines()


def test_search_that_finds_nothing_is_no_failure(run):
    outcome = run("resource search xyzzy")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "Nothing found.\n")


def test_whoami_says_who_and_where_and_never_the_key(run, sandbox):
    outcome = run("whoami -o json")
    assert sandbox.api_key not in outcome.out
    told = json.loads(outcome.out)
    assert (told["emailAddress"], told["project"], told["projectFrom"]) == (
        "kim@example.com",
        "demo",
        "--project",
    )
    assert told["apiUrl"] == sandbox.url
