"""Projects from the command line."""

from cudo_shell.settings import Setting


def test_use_changes_the_project_of_what_follows(run):
    assert run("project use research").err == "Project 'research' is in use.\n"
    assert run("vm list -q").out == "sim-1\nsim-2\nnotebook-1\n"


def test_use_of_an_unknown_project_changes_nothing(run):
    outcome = run("project use reserch")
    assert (outcome.code, outcome.err) == (4, "Project 'reserch' not found.\nNear it: research\n")
    assert run("vm count").out == "count  5\n"


def test_life_of_a_project(run):
    created = run("project create lab --billing-account demo-billing --columns id,billing_account -o csv")
    assert created.out == "id,billing_account\nlab,demo-billing\n"
    assert run("project delete lab").code == 8
    assert run("project delete lab --yes").err == "Project 'lab' deleted.\n"
    assert "lab" not in run("project list -q").out.split()


def test_billing_account_of_the_context_pays_for_a_new_project(run, workspace):
    missing = run("project create lab")
    assert (missing.code, missing.err) == (
        2,
        (
            "No billing account is chosen.\n"
            "Choose one: --billing-account, CUDO_BILLING_ACCOUNT_ID, or in the context\n"
        ),
    )
    workspace.settings.aim({"billing_account": Setting("demo-billing", "context dev")}, {}, elsewhere=False)
    assert run("project create lab -o csv --columns billing_account").out.endswith("demo-billing\n")


def test_delete_of_a_project_with_resources_is_a_conflict(run):
    assert run("project delete demo --yes").code == 5


def test_permissions_are_given_and_taken(run):
    assert run("project permission-add demo --user sam@example.com --role editor").err == (
        "'sam@example.com' is editor of project 'demo'.\n"
    )
    assert "sam@example.com,EDITOR" in run("project permission-list demo --columns user,role -o csv").out
    remove = "project permission-remove demo --user sam@example.com --role editor"
    assert run(remove).code == 8
    assert run(f"{remove} --yes").code == 0
    assert "sam@example.com" not in run("project permission-list demo -q").out
