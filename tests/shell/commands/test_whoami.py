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


def test_whoami_shows_all_to_a_person(run, sandbox):
    assert run("whoami").out == (
        "id            kim@example.com\n"
        "first name    Kim\n"
        "last name     Larsen\n"
        "context       sandbox\n"
        f"api url       {sandbox.url}\n"
        "login         sandbox\n"
        "key from      sandbox\n"
        "project       demo\n"
        "project from  --project\n"
    )
