"""Contexts from the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cudo_sandbox import Sandbox
from cudo_shell.contexts import Contexts
from cudo_shell.targets import Choice, Sources, resolve

PERSON = {"in_is_terminal": True, "err_is_terminal": True}
CUDOCTL = """\
configVersion: v0
keys: [{name: laptop, key: canary-0123}]
contexts: [{name: demo, key: laptop, billing-account: acme, project: demo}]
current-context: demo
"""


@pytest.fixture(autouse=True)
def home(workspace, tmp_path: Path) -> Path:
    """The files of a user, whose environment says where they are."""
    workspace.environ = {"HOME": str(tmp_path), "CUDO_CONFIG_DIR": str(tmp_path / "config")}
    return tmp_path


@pytest.fixture
def cudoctl(home: Path) -> Path:
    file = home / ".config" / "cudo" / "cudo.yml"
    file.parent.mkdir(parents=True)
    file.write_text(CUDOCTL)
    return file


def saved(home: Path) -> Contexts:
    return Contexts.read(home / "config" / "config.yaml")


def create(run, sandbox: Sandbox, name: str = "dev", options: str = "--project demo"):
    outcome = run(f"context create {name} --api-url {sandbox.url} {options}")
    assert outcome.code == 0, outcome


def test_life_of_a_context(run, sandbox, home):
    create(run, sandbox)
    assert run("context get dev -o csv --columns id,in_use,project,protected").out == (
        "id,in_use,project,protected\ndev,false,demo,false\n"
    )
    assert run("context use dev").err == f"Context 'dev' is in use: {sandbox.url}, project 'demo'.\n"
    assert run("context list -q").out == "dev\n"
    assert run("context update dev --project research").err == "Context 'dev' updated.\n"
    assert saved(home).by_name["dev"].project == "research"
    deleted = run("context delete dev --yes")
    assert (deleted.code, deleted.err) == (
        0,
        "Nobody was logged in.\nContext 'dev' deleted.\nCommands now go to live, without a login.\n",
    )
    assert saved(home) == Contexts()


def test_create_holds_all_that_it_is_told(run, home):
    run(
        "context create sso --issuer https://login.test --client-id cudo --scopes 'openid email' "
        "--audience https://api.test --billing-account acme --default-output json --protected "
        "--store command --store-command '/bin/keep --in safe'"
    )
    context = saved(home).by_name["sso"]
    assert (context.auth, context.scopes, context.protected, context.output) == (
        "oidc",
        ("openid", "email"),
        True,
        "json",
    )
    assert context.store_options == {"command": ["/bin/keep", "--in", "safe"]}
    assert (context.api_url, context.billing_account) == ("https://rest.compute.cudo.org", "acme")


def test_update_takes_away_what_is_given_empty(run, home):
    run("context create a --issuer https://login.test --client-id cudo --project demo --scopes openid")
    assert run("context update a --issuer= --client-id= --project= --scopes=").err == (
        "Context 'a' updated.\nIt needs another login than before: auth login --context a\n"
    )
    context = saved(home).by_name["a"]
    assert (context.auth, context.issuer, context.project, context.scopes) == ("api_key", "", "", ())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("create ../x", "'../x' cannot name a context.\n"),
        ("create CON", "'CON' cannot name a context.\n"),
        ("create live", "'live' cannot name a context: the prompt says it of something else.\n"),
        ("create a --api-url http://api.test", "The API URL http://api.test would send the key in clear: "),
        (
            "create a --issuer http://a.test --client-id c",
            "The issuer of context a must look like https://host",
        ),
        ("create a --issuer https://a.test", "A login server needs both --issuer and --client-id.\n"),
        ("create a --ca-bundle /nowhere.pem", "The CA bundle /nowhere.pem cannot be "),
        (
            "create a --default-output xml",
            "context create: unknown --default-output 'xml'\nDid you mean: yaml? One of: table, json, ",
        ),
        ("create a --store attic", "There is no credential store 'attic'; "),
        ("""create a --store command --store-command "'x" """, "--store-command: a quote is not closed.\n"),
        ("create a --store command", "The credential store 'command' needs store_options.command: "),
        ("create cudoctl/a", "'cudoctl/a' is cudoctl's: cudo reads that file and never writes it.\n"),
        ("update a", "Context 'a' not found.\n"),
    ],
)
def test_context_that_could_not_work_is_not_written(words, told, run, home):
    outcome = run(f"context {words}")
    assert outcome.code in {2, 3, 4}
    assert outcome.err.startswith(told)
    assert not (home / "config").exists()


def test_name_that_is_taken_is_a_conflict(run, sandbox, home):
    create(run, sandbox)
    outcome = run("context create dev --project other")
    assert (outcome.code, outcome.err) == (
        5,
        "Context 'dev' exists already.\nChange it: context update dev ...\n",
    )
    assert saved(home).by_name["dev"].project == "demo"


def test_name_that_is_near_is_offered(run, sandbox):
    create(run, sandbox)
    for verb in ("use", "get", "update", "delete"):
        outcome = run(f"context {verb} dve")
        assert (outcome.code, outcome.err) == (4, "Context 'dve' not found.\nNear it: dev\n")
    assert run("context delete dve --if-exists").code == 0


def test_use_moves_this_shell_and_the_next_one(run, sandbox, home, workspace):
    create(run, sandbox, options="--project research")
    run("project use demo")
    run("context use dev")
    assert (workspace.context, workspace.project) == ("dev", "research")
    assert workspace.settings.origin("project") == "context dev"
    assert workspace.connection.generation == 1
    assert run("vm list -q").out == "sim-1\nsim-2\nnotebook-1\n"
    assert saved(home).current == "dev"


def test_use_of_a_context_without_its_project_changes_nothing(run, sandbox, home, workspace):
    create(run, sandbox, options="--project gone")
    outcome = run("context use dev")
    assert (outcome.code, outcome.err) == (
        4,
        (
            "Project 'gone' of context 'dev' not found; nothing was changed.\n"
            "Choose another: context update dev --project <project-id>\n"
        ),
    )
    assert (workspace.context, saved(home).current) == ("sandbox", "")


def test_use_goes_on_where_the_project_cannot_be_checked(run, sandbox, workspace):
    create(run, sandbox)
    sandbox.add_fault(kind="status", match="GET */projects/*", status=503, times=0)
    outcome = run("context use dev")
    assert outcome.code == 0
    assert outcome.err.startswith("Whether project 'demo' is there could not be checked: ")
    assert workspace.context == "dev"


def test_use_outranks_the_key_of_the_environment_in_this_shell_alone(run, sandbox, home, workspace):
    workspace.environ = {**workspace.environ, "CUDO_API_KEY": "k", "CUDO_PROJECT_ID": "elsewhere"}
    create(run, sandbox)
    assert run("context use dev").err.endswith(
        "CUDO_API_KEY outranks it in the next shell; here it does not.\n"
    )
    assert (workspace.context, workspace.target.shadowed) == ("dev", ("CUDO_API_KEY",))
    after = resolve(Choice(), Sources(workspace.environ, {}, saved(home)))
    assert after.source == "CUDO_API_KEY"


def test_delete_asks_and_says_that_it_is_in_use(run, sandbox, home):
    create(run, sandbox)
    run("context use dev")
    refused = run("context delete dev")
    assert (refused.code, refused.err.split("\n")[0]) == (
        8,
        "Not done, nobody could be asked: Delete context 'dev', which is in use, and its login?",
    )
    assert run("context delete dev", stdin="n\n", **PERSON).code == 8
    assert saved(home).names == ["dev"]


@pytest.mark.parametrize("words", ["delete prod --yes", "update prod --no-protected"])
def test_protected_context_is_not_changed_by_a_mere_yes(words, run, sandbox, home, workspace):
    create(run, sandbox, "prod", "--protected")
    refused = run(f"context {words}")
    assert (refused.code, refused.err.splitlines()[-1]) == (
        8,
        "Add --confirm-context prod to do it without a question.",
    )
    assert run(f"context {words}", stdin="y\n", **PERSON).code == 8
    assert saved(home).by_name["prod"].protected
    assert run(f"context {words}", stdin="prod\n", **PERSON).code == 0


def test_contexts_of_cudoctl_are_shown_and_used_and_never_changed(run, cudoctl, workspace, home):
    before = cudoctl.read_bytes()
    rows = list(csv.DictReader(io.StringIO(run("context list -o csv").out)))
    assert [(row["id"], row["project"], row["billing_account"]) for row in rows] == [
        ("cudoctl/demo", "demo", "acme")
    ]
    assert "canary" not in run("context get cudoctl/demo -o json").out
    assert run("context use cudoctl/demo").code == 0
    assert (workspace.context, workspace.target.source, saved(home).current) == (
        "cudoctl/demo",
        "cudoctl/demo",
        "cudoctl/demo",
    )
    for verb in ("update", "delete"):
        outcome = run(f"context {verb} cudoctl/demo")
        assert (outcome.code, outcome.err.split("\n")[0]) == (
            2,
            "'cudoctl/demo' is cudoctl's: cudo reads that file and never writes it.",
        )
    assert cudoctl.read_bytes() == before


def test_what_is_wrong_with_cudoctls_file_is_said_in_the_list(run, cudoctl):
    cudoctl.write_text("configVersion: v1\n")
    assert run("context list -q").err == f"cudoctl's contexts are left out: {cudoctl} is not of version v0\n"


def test_options_of_a_store_are_shown_by_nothing(run, home):
    run("context create a")
    file = home / "config" / "config.yaml"
    file.write_text(file.read_text() + "    store_options: {token: canary-99}\n")
    for line in ("context get a -o json", "context list -o json", "config show -o json"):
        outcome = run(line)
        assert (outcome.code, "canary" in outcome.out + outcome.err) == (0, False)
    run("context update a --project x")
    assert json.loads(run("context get a -o json").out)["project"] == "x"
    assert "canary-99" in file.read_text()


# What a protected context asks


@pytest.fixture
def prod(run, sandbox):
    create(run, sandbox, "prod", "--project demo --protected")
    run("context use prod")
    return sandbox


def test_reading_in_a_protected_context_asks_nothing(prod, run):
    assert run("vm list -q").code == 0


def test_change_in_a_protected_context_wants_its_name_once(prod, run):
    """A change that asks no question of its own."""
    refused = run("vm stop web-1 --no-wait")
    assert (refused.code, refused.err) == (
        8,
        (
            "Not done, nobody could be asked: Context 'prod' is protected, and this changes it: StopVM.\n"
            "Add --confirm-context prod to do it without a question.\n"
        ),
    )
    wrong = run("vm stop web-1 --no-wait", stdin="y\n", **PERSON)
    assert (wrong.code, wrong.err) == (
        8,
        (
            "Context 'prod' is protected, and this changes it: StopVM.\n"
            "Type prod to do it: Nothing was changed.\n"
        ),
    )
    assert run("vm get web-1 -o csv --columns state").out == "state\nACTIVE\n"
    assert run("vm stop web-1 --no-wait", stdin="prod\n", **PERSON).code == 0


def test_question_of_a_command_wants_the_name_in_a_protected_context(prod, run):
    """One question for both: the name in place of y."""
    for answer, words in (("y\n", ""), ("", "--yes"), ("\n", "")):
        refused = run(f"vm delete web-2 {words}", stdin=answer, **PERSON)
        assert refused.code == 8
        assert refused.err.startswith("Terminate VM 'web-2' and its boot disk in project 'demo'?")
    asked = run("vm delete web-2 --no-wait", stdin="prod\n", **PERSON)
    assert (asked.code, asked.err.count("Type prod to do it: ")) == (0, 1)


def test_each_command_is_approved_for_itself(prod, run):
    assert run("vm stop web-1 --no-wait", stdin="prod\n", **PERSON).code == 0
    assert run("vm delete web-2 --yes", stdin="", **PERSON).code == 8


def test_option_of_the_program_gives_the_name_beforehand(prod, run, workspace):
    workspace.settings.choose("confirm_context", "dev", "--confirm-context")
    assert run("vm delete web-2 --yes").code == 8
    workspace.settings.choose("confirm_context", "prod", "--confirm-context")
    assert run("vm delete web-2 --no-wait").code == 0


def test_script_in_a_protected_context_is_not_asked(prod, run, workspace):
    workspace.settings.choose("no_input", "script", "script")
    assert run("vm delete web-2 --yes", stdin="prod\n", **PERSON).code == 8
