"""Who am I, from the command line."""

import json


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
