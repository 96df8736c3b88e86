"""API keys from the command line."""

import re

TERMINAL = {"out_is_terminal": True, "width": 120}
CREATED = "API key 'ci-runner' created. Keep it: it is not shown again.\n"


def test_key_goes_into_a_pipe_and_opens_the_api(run, sandbox):
    from cudo_sdk import Session

    outcome = run("api-key create ci-runner --columns key -o tsv --no-headers")
    assert outcome.code == 0
    assert outcome.err == CREATED
    with Session(api_key=outcome.out.strip(), base_url=sandbox.url) as session:
        assert session.users.get_current_user().email_address == "kim@example.com"


def test_key_is_not_made_where_nobody_would_see_it(run):
    outcome = run("api-key create ci-runner", **TERMINAL)
    assert (outcome.code, outcome.out, outcome.err) == (
        2,
        "",
        (
            "The key is handed out only once, and a terminal does not show it.\n"
            "Print it here with --show, or write it into a file: ... -o json > FILE\n"
        ),
    )
    assert run("api-key list -q").out == ""


def test_key_is_printed_on_a_terminal_with_consent(run):
    outcome = run("api-key create ci-runner --show", **TERMINAL)
    assert outcome.err == CREATED
    assert re.search(r"key +[0-9a-f]{64}\n", outcome.out)


def test_key_itself_is_never_shown_again(run):
    key = run("api-key create ci-runner --columns key -o tsv --no-headers").out.strip()
    for line in ("api-key list -o json", "api-key get ci-runner -o yaml", "api-key list -o csv"):
        outcome = run(line)
        assert "ci-runner" in outcome.out
        assert key not in outcome.out


def test_key_that_is_not_there_is_exit_4_with_near_ones(run):
    run("api-key create ci-runner")
    for line in ("api-key get ci-runnr", "api-key delete ci-runnr --yes"):
        outcome = run(line)
        assert (outcome.code, outcome.err) == (4, "API key 'ci-runnr' not found.\nNear it: ci-runner\n")


def test_id_that_the_api_would_refuse_is_refused_before_it_is_asked(run):
    outcome = run("api-key create ci")
    assert outcome.code == 2
    assert "'ci' cannot be an id: use 4 to 63 of a-z, 0-9 and -" in outcome.err


def test_second_key_of_an_id_is_a_conflict(run):
    run("api-key create ci-runner")
    outcome = run("api-key create ci-runner")
    assert (outcome.code, outcome.err) == (
        5,
        "API key 'ci-runner' exists already.\nChoose another id. See: api-key get ci-runner\n",
    )


def test_delete_asks_and_takes_the_key_away(run):
    run("api-key create ci-runner")
    refused = run("api-key delete ci-runner")
    assert refused.code == 8
    assert refused.err.startswith("Not done, nobody could be asked: Delete API key 'ci-runner'?\n")
    assert run("api-key delete ci-runner --yes").err == "API key 'ci-runner' deleted.\n"
    again = run("api-key delete ci-runner --yes --if-exists")
    assert (again.code, again.err) == (0, "API key 'ci-runner' is not there.\n")


def test_key_stands_in_no_trace(run):
    outcome = run("api-key create ci-runner -v --columns key -o tsv --no-headers")
    assert "1 request, " in outcome.err
    assert outcome.out.strip() not in outcome.err
