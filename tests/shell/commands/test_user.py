"""The own account from the command line."""

from cudo_sandbox import Sandbox

PERSON = {"in_is_terminal": True, "err_is_terminal": True}


def question(sandbox: Sandbox) -> str:
    return (
        f"Delete the account of kim@example.com at {sandbox.url} for good, with all its API keys and roles? "
        "There is no way back.\n"
    )


def test_get_shows_the_profile(run):
    assert run("user get --columns id,first_name,last_name -o csv").out == (
        "id,first_name,last_name\nkim@example.com,Kim,Larsen\n"
    )


def test_delete_wants_the_address_and_no_yes_will_do(run, sandbox):
    refused = run("user delete")
    assert (refused.code, refused.err) == (
        8,
        (
            f"Not done, nobody could be asked: {question(sandbox)}"
            "Add --confirm kim@example.com to do it without a question.\n"
        ),
    )
    assert run("user delete --yes").code == 2
    wrong = run("user delete --confirm yes")
    assert wrong.code == 8
    assert wrong.err == f"Not done: --confirm has to repeat kim@example.com. {question(sandbox)}"
    for answer in ("y\n", "\n", "", "kim\n"):
        asked = run("user delete", stdin=answer, **PERSON)
        assert asked.code == 8
        assert asked.err.startswith(f"{question(sandbox)}Type kim@example.com to do it: ")
        assert asked.err.endswith("Nothing was changed.\n")
    assert run("user get -q").out == "kim@example.com\n"


def test_delete_is_refused_while_there_are_resources(run):
    outcome = run("user delete --confirm kim@example.com")
    assert (outcome.code, outcome.err) == (
        5,
        "User 'kim@example.com' still has resources in project 'demo'.\n",
    )


def test_deleted_account_opens_nothing_any_more(sandbox, workspace, run):
    from cudo_sdk import APIConfig, AsyncSession
    from cudo_shell.connection import Connection

    config = APIConfig(api_key="viewer-key", api_url=sandbox.url, environ={})
    workspace.connection = Connection(lambda *_: AsyncSession(config), workspace.target)
    try:
        done = run("user delete --confirm vera@example.com")
        assert (done.code, done.err) == (0, "The account of vera@example.com is deleted.\n")
        assert run("user get").code == 3
    finally:
        workspace.connection.close()
