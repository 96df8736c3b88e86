"""Buckets from the command line."""

import json

ENDPOINT = "https://s3.no-luster-1.sandbox.invalid"


def test_list_shows_sizes_for_people(run):
    assert run("bucket list -p research").out == (
        "ID       DATA CENTER      SIZE  OBJECTS  BILLABLE  ENDPOINT\n"
        f"results  no-luster-1  96.0 GiB     1284  96.0 GiB  {ENDPOINT}\n"
    )


def test_bucket_is_found_with_and_without_its_data_center(run):
    for option in ("", " --data-center no-luster-1"):
        outcome = run(f"bucket get results -p research{option} --columns id,data_center,objects -o csv")
        assert outcome.out == "id,data_center,objects\nresults,no-luster-1,1284\n"


def test_bucket_that_is_not_there_is_exit_4(run):
    near = run("bucket get result -p research")
    assert (near.code, near.err) == (4, "Bucket 'result' not found.\nNear it: results\n")
    elsewhere = run("bucket get results -p research --data-center fr-paris-1")
    assert (elsewhere.code, elsewhere.err) == (
        4,
        "Bucket 'results' not found in project 'research'.\nSee what there is: bucket list\n",
    )


def test_session_key_needs_a_reader(run):
    line = "bucket session-key --data-center no-luster-1"
    refused = run(line, out_is_terminal=True, width=120)
    assert (refused.code, refused.err) == (
        2,
        (
            "The session key is handed out only once, and a terminal does not show it.\n"
            "Print it here with --show, or write it into a file: ... -o json > FILE\n"
        ),
    )
    keys = json.loads(run(f"{line} -o json").out)
    assert keys["endpoint"] == ENDPOINT
    assert all(len(keys[name]) > 16 for name in ("accessKey", "secretKey", "sessionToken"))
    shown = run(f"{line} --show", out_is_terminal=True, width=120)
    assert "secret key" in shown.out
    assert "***" not in shown.out
