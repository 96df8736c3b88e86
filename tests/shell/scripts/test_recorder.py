"""What is done at the prompt, as a script that does it again on another sandbox."""

import io
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.shell.conftest import Outcome, QuickClock, with_streams, written

from cudo_sandbox import Sandbox
from cudo_sdk import APIConfig, AsyncSession
from cudo_sdk.redaction import guard
from cudo_shell import dispatch
from cudo_shell.connection import Connection
from cudo_shell.contexts import Context
from cudo_shell.exits import ExitCode
from cudo_shell.locked import Lock
from cudo_shell.rows import Rows
from cudo_shell.scripts import runner
from cudo_shell.scripts.files import load
from cudo_shell.scripts.options import Options
from cudo_shell.scripts.recorder import PromptRecording
from cudo_shell.settings import settings_from
from cudo_shell.streams import Streams
from cudo_shell.targets import Target
from cudo_shell.workspace import Workspace

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJWmEO0vUYWs2R8uGMPzUnWCwxyXNPxPnvS5lOBLqGPx ada@example"
PLACE = "--data-center no-luster-1"
SIZES = f"{PLACE} --machine-type epyc-rome-rtx-a5000 --image ubuntu-2404 --vcpus 2 --memory 4"
SIZES_OF_PARAMETERS = SIZES.replace("no-luster-1", "${data_center}")
HEAD = (
    r"#!/usr/bin/env cudo\n# Recorded at \d{4}-\d\d-\d\d \d\d:\d\d UTC by cudo \S+, in context 'sandbox'\.\n"
)
Prompt = Callable[..., Outcome]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lab.cudo"


@pytest.fixture
def work(workspace: Workspace, tmp_path: Path) -> Workspace:
    """The workspace of a prompt, which is not recorded yet."""
    settings = {"project": "demo", "billing_account": "demo-billing", "state_dir": str(tmp_path / "state")}
    workspace.settings = settings_from(settings, {})
    workspace.rows = Rows()
    workspace.recording = PromptRecording()
    return workspace


@pytest.fixture
def prompt(work: Workspace) -> Prompt:
    """Enter a line, or a block of the language, at the prompt of a person who gives these answers."""
    session = runner.Language()

    def enter(text: str, answers: str = "", **changes: object) -> Outcome:
        terminal = {"in_is_terminal": True, "out_is_terminal": True, "err_is_terminal": True}
        own = with_streams(work, answers, **{**terminal, **changes})
        own.settings, own.rows = work.settings, work.rows
        code = session.run(text, own)
        return Outcome(ExitCode(code), written(own.streams.out), written(own.streams.err))

    return enter


@pytest.fixture
def recorded(prompt: Prompt, path: Path) -> Callable[..., str]:
    """Record lines, each of which works, and return the script without its head."""

    def record(*lines: str | tuple[str, str], options: str = "") -> str:
        assert prompt(f"record start {path} {options}").code == 0
        for line in lines:
            text, answers = line if isinstance(line, tuple) else (line, "")
            outcome = prompt(text, answers)
            assert outcome.code == 0, (line, outcome)
        assert prompt("record stop").code == 0
        head = re.match(HEAD, path.read_text())
        assert head
        return path.read_text()[head.end() :]

    return record


@contextmanager
def elsewhere() -> Iterator[Workspace]:
    """A workspace on a fresh sandbox, without a project, a terminal or a person."""

    def open_session(_: Target, connection: Connection) -> AsyncSession:
        config = APIConfig(api_key=sandbox.api_key, api_url=sandbox.url, environ={})
        return AsyncSession(
            config, hooks=connection.traffic.hooks(), clock=QuickClock(), approve=connection.approve
        )

    with Sandbox(speed=1000) as sandbox:
        connection = Connection(open_session, Target("other", "", "sandbox", "sandbox"))
        yield Workspace(
            settings=settings_from({}, {}),
            streams=Streams(stdin=io.StringIO(), out=io.StringIO(), err=io.StringIO()),
            connection=connection,
            environ={},
        )
        connection.close()


def check(path: Path, work: Workspace) -> str:
    """What --check says of a script."""
    own = with_streams(work)
    runner.run(load(str(path)), own, {}, Options(check=True))
    return written(own.streams.err)


def run_it(path: Path, work: Workspace, **given: str) -> tuple[int, str, str]:
    own = with_streams(work)
    code = runner.run(load(str(path)), own, given)
    return code, written(own.streams.out), written(own.streams.err)


RESOURCES = (
    "project list --columns id,billing_account",
    "network list -p PROJECT --columns id,data_center,ip_range",
    "security-group list -p PROJECT --columns id,data_center,description,rules",
    "vm list -p PROJECT --columns id,state,machine_type,vcpus,memory_gib,networks,metadata",
    "disk list -p PROJECT --columns id,state,size_gib,vm",
    "ssh-key list -p PROJECT --columns id,comment",
)


def resources(work: Workspace, *projects: str) -> list[str]:
    """What there is, as far as it does not depend on the moment at which it was made."""
    found = []
    for line in (each.replace("PROJECT", project) for project in projects for each in RESOURCES):
        own = with_streams(work)
        own.recording = None
        code = dispatch.run([*line.split(), "-o", "csv"], own)
        assert code == 0, written(own.streams.err)
        found.append(written(own.streams.out))
    return found


def test_session_runs_again_on_a_fresh_sandbox_and_makes_the_same(recorded, prompt, work, path, tmp_path):
    (tmp_path / "id.pub").write_text(KEY)
    key = tmp_path / "id.pub"
    script = recorded(
        "project create lab",
        "project use lab",
        "vm list",
        f"network create lan {PLACE} --ip-range 10.9.0.0/24",
        f"security-group create web {PLACE} --description 'the web needs'",
        "security-group rule-add web --protocol tcp --ports 80,443",
        f"disk create data {PLACE} --size 20 --no-wait",
        "disk wait data",
        f"vm create web-1 {SIZES} --network lan --security-group web --metadata stage=test --disk data -q",
        f"vm create job-1 --no-wait {SIZES} -p demo",
        "disk resize data --size=40",
        f"ssh-key create @{key}",
        "project use demo",
        "vm wait job-1",
        "vm list --sort id",
        ("vm terminate @2-3", "2\n"),
        "vm stop db-1",
        "disk attach data-2 --vm @last",
    )
    assert script == SESSION.replace("KEY", str(key))
    assert check(path, work) == f"{path}: no errors.\n"
    with elsewhere() as fresh:
        code, _, err = run_it(path, fresh)
        assert code == 0, err
        assert resources(fresh, "lab", "demo") == resources(work, "lab", "demo")


SESSION = """
param billing_account: billing = demo-billing "who pays"
param data_center: data-center = no-luster-1 "where it stands"
param project: project = demo "the project to work in"

let lab = project create lab --billing-account ${billing_account}
let lan = network create lan --data-center ${data_center} --ip-range 10.9.0.0/24 -p ${lab.id}
let web = security-group create web --data-center ${data_center} --description 'the web needs' -p ${lab.id}
let security_group_rule = security-group rule-add ${web.id} --protocol tcp --ports 80,443 -p ${lab.id}
let data = disk create data --data-center ${data_center} --size 20 -p ${lab.id}
let web_1 = vm create web-1 SIZES --network ${lan.id} --security-group ${web.id} --metadata stage=test \
--disk ${data.id} -p ${lab.id}
let job_1 = vm create job-1 SIZES -p ${project}
disk resize ${data.id} --size 40 -p ${lab.id}
let ssh_key = ssh-key create @KEY
vm terminate ${job_1.id} render-1 --confirm 2 -p ${project}
vm stop db-1 -p ${project}
disk attach data-2 --vm db-1 -p ${project}
""".replace("\\\n", "").replace("SIZES", SIZES_OF_PARAMETERS)

DEMO = """
param project: project = demo "the project to work in"

"""


@pytest.mark.parametrize(
    ("line", "answers", "expected"),
    [
        ("vm terminate web-2", "y\n", "vm terminate web-2 --yes -p ${project}"),
        ("vm terminate web-2 -yq", "", "vm terminate web-2 --yes -p ${project}"),
        ("vm terminate web-1 web-2", "2\n", "vm terminate web-1 web-2 --confirm 2 -p ${project}"),
        ("vm terminate web-1 web-2 --confirm 2", "", "vm terminate web-1 web-2 --confirm 2 -p ${project}"),
        (
            "vm rm --filter 'id=web-*'",
            "2\n",
            "vm terminate --filter id=web-* --yes --confirm 2 -p ${project}",
        ),
        ("vm stop --filter state=ACTIVE", "y\n", "vm stop --filter state=ACTIVE --yes -p ${project}"),
        (
            "vm stop -v db-1 web-1 --no-wait --no-headers --columns id",
            "",
            "vm stop db-1 web-1 -p ${project}",
        ),
        (
            "vm commit web-1 --term 1-month -o json --query id",
            "web-1\n",
            "vm commit web-1 --term 1-month --confirm web-1 -p ${project}",
        ),
        ("disk resize --size=500 -- data-1", "", "disk resize --size 500 -p ${project} -- data-1"),
        (
            "security-group update web --description=-new",
            "",
            "security-group update web --description=-new -p ${project}",
        ),
    ],
)
def test_line_is_written_so_that_nobody_is_asked(line, answers, expected, recorded, path, work):
    assert recorded((line, answers)) == f"{DEMO}{expected}\n"
    assert check(path, work) == f"{path}: no errors.\n"
    with elsewhere() as fresh:
        code, _, err = run_it(path, fresh)
        assert code == 0, err


def test_what_only_looks_fails_or_is_a_rehearsal_is_left_out(recorded, prompt, path):
    prompt(f"record start {path}")
    for line in (
        "vm list",
        "dc ls",
        "vm wait web-1",
        "whoami",
        "config show",
        "project use research",
        "help vm",
        "vm stop no-such",
        "vm no-such-verb",
        "vm stop sim-1 --dry-run",
        "vm terminate sim-1",
        "echo hello",
    ):
        prompt(line)
    prompt("record stop")
    assert re.fullmatch(HEAD, path.read_text())


def test_reads_are_kept_when_that_is_asked_for(recorded, path, work):
    script = recorded(
        "vm list --filter state=ACTIVE -qo json",
        "vm get web-1 -v",
        "project use research",
        "vm count",
        "config show",
        "vm wait sim-1",
        options="--keep-reads",
    )
    assert (
        script
        == """
param project: project = demo "the project to work in"
param project_2: project = research "the project to work in"

vm list --filter state=ACTIVE -qo json -p ${project}
vm get web-1 -p ${project}
vm count -p ${project_2}
vm wait sim-1 -p ${project_2}
"""
    )
    assert check(path, work) == f"{path}: no errors.\n"


def test_ids_of_the_server_are_variables(recorded, prompt, path, work):
    prompt(f"record start {path}")
    key = prompt(f"ssh-key create '{KEY}' -q").out.strip()
    prompt(f"ssh-key delete {key}", "y\n")
    prompt("billing create Lab --email kim@example.com")
    prompt("billing list --sort name")
    prompt("project create lab --billing-account billing-000001")
    prompt(f"storage-user create app {PLACE}")
    shown = prompt("storage-user key-create app --show -o json").out
    access, secret = re.findall(r'"(?:accessKey|secretKey)": "(\S+)"', shown)
    prompt(f"storage-user key-delete app {access} --yes")
    prompt("api-key create ci-key --show")
    prompt("api-key delete ci-key --yes")
    prompt("security-group rule-add web --protocol tcp --ports 22")
    prompt("cluster-machine rename cluster-1-1 head-1 -p research")
    prompt("cluster-machine restart head-1 -p research")
    prompt(f"bucket session-key {PLACE} --show")
    prompt("record stop")
    script = path.read_text()
    assert (
        re.sub(HEAD, "", script)
        == f"""
param data_center: data-center = no-luster-1 "where it stands"
param project: project = demo "the project to work in"
param project_2: project = research "the project to work in"

let ssh_key = ssh-key create '{KEY}'
ssh-key delete ${{ssh_key.id}} --yes
let billing_account = billing create Lab --email kim@example.com
let lab = project create lab --billing-account ${{billing_account.id}}
let app = storage-user create app --data-center ${{data_center}} -p ${{project}}
let access_key = storage-user key-create ${{app.id}} -p ${{project}}
storage-user key-delete ${{app.id}} ${{access_key.accessKey}} --yes -p ${{project}}
let ci_key = api-key create ci-key
api-key delete ${{ci_key.id}} --yes
let security_group_rule = security-group rule-add web --protocol tcp --ports 22 -p ${{project}}
cluster-machine rename cluster-1-1 head-1 -p ${{project_2}}
cluster-machine restart head-1 -p ${{project_2}}
let bucket_session_key = bucket session-key --data-center ${{data_center}} -p ${{project}}
"""
    )
    assert secret not in script
    assert check(path, work) == f"{path}: no errors.\n"
    with elsewhere() as fresh:
        code, _, err = run_it(path, fresh)
        assert code == 0, err


def test_secrets_are_parameters_without_default(recorded, prompt, path, work, tmp_path, monkeypatch):
    guard("swordfish-42")
    monkeypatch.setattr("getpass.getpass", lambda *_args, **_options: "hunter2-typed")
    (tmp_path / "password").write_text("hunter2-file")
    script = recorded(
        "vm set-password web-1",
        ("vm set-password web-1 -", "hunter2-stdin"),
        f"vm set-password web-1 @{tmp_path}/password",
        f"vm create win {SIZES} --password",
        "vm set-metadata web-1 stage=test db_password=hunter2-meta",
        "security-group update web --description 'says swordfish-42'",
        "security-group update web --description='api_key=hunter2-key'",
    )
    assert (
        script
        == f"""
param password "@FILE with the password"
param project: project = demo "the project to work in"
param password_2 "@FILE with the password"
param data_center: data-center = no-luster-1 "where it stands"
param password_3 "@FILE with the password"
param metadata "the metadata, which holds a secret"
param description "the description, which holds a secret"
param description_2 "the description, which holds a secret"

vm set-password web-1 ${{password}} -p ${{project}}
vm set-password web-1 ${{password_2}} -p ${{project}}
vm set-password web-1 @{tmp_path}/password -p ${{project}}
let win = vm create win {SIZES_OF_PARAMETERS} --password ${{password_3}} -p ${{project}}
vm set-metadata web-1 stage=test ${{metadata}} -p ${{project}}
security-group update web --description ${{description}} -p ${{project}}
security-group update web --description ${{description_2}} -p ${{project}}
"""
    )
    assert check(path, work) == f"{path}: no errors.\n"
    given = {
        **dict.fromkeys(["password", "password_2", "password_3"], f"@{tmp_path}/password"),
        "metadata": "db_password=x",
        "description": "a",
        "description_2": "b",
    }
    with elsewhere() as fresh:
        code, _, err = run_it(path, fresh, **given)
        assert code == 0, err


def test_secret_in_an_id_is_in_no_variable_and_no_line(recorded):
    guard("lan-of-kim")
    guard("train-1")
    guard("no-luster-1")
    script = recorded(f"network create lan-of-kim {PLACE} --ip-range 10.9.0.0/24", "vm stop train-1")
    assert script.split("\n\n")[1] == (
        "let network = network create ${id} --data-center ${data_center} --ip-range 10.9.0.0/24 "
        "-p ${project}\n"
        "# left out, for it holds a secret: vm stop\n"
    )
    assert not re.search("kim|train|luster", script)


def test_lines_of_the_language_are_recorded_as_what_they_ran(recorded, path, work):
    script = recorded(
        f"for name in lan-1 lan-2\nnetwork create ${{name}} {PLACE} --ip-range 10.9.0.0/24\nend",
        "let vms = vm list",
        "for vm in ${vms[?state=='ACTIVE'].id | sort(@)[:2]}\nvm stop ${vm}\nend",
        "if ${vms}\nnetwork stop lan-2\nelse\nnetwork stop lan-1\nend",
        "try vm stop no-such",
        "let text = '@no-file $x'",
        "security-group update web --description ${text}",
    )
    assert (
        script
        == """
param data_center: data-center = no-luster-1 "where it stands"
param project: project = demo "the project to work in"

let lan_1 = network create lan-1 --data-center ${data_center} --ip-range 10.9.0.0/24 -p ${project}
let lan_2 = network create lan-2 --data-center ${data_center} --ip-range 10.9.0.0/24 -p ${project}
vm stop db-1 -p ${project}
vm stop train-1 -p ${project}
network stop ${lan_2.id} -p ${project}
security-group update web --description ${`"@no-file $x"`} -p ${project}
"""
    )
    assert check(path, work) == f"{path}: no errors.\n"


def test_script_that_is_sourced_is_recorded_as_what_it_ran(recorded, tmp_path):
    (tmp_path / "both.cudo").write_text("for vm in db-1 train-1\n  vm stop ${vm}\nend\n")
    script = recorded(f"source {tmp_path}/both.cudo")
    assert script == f"{DEMO}vm stop db-1 -p ${{project}}\nvm stop train-1 -p ${{project}}\n"


def test_id_that_is_used_again_is_the_newest_thing(recorded):
    create = f"network create lan {PLACE} --ip-range 10.9.0.0/24"
    script = recorded(create, "network delete lan --yes", create, f"{create} -p research", "network stop lan")
    assert [re.sub(" -(-|p demo).*", "", line) for line in script.splitlines()[5:]] == [
        "let lan = network create lan",
        "network delete ${lan.id}",
        "let lan_2 = network create lan",
        "let lan_3 = network create lan",
        "network stop ${lan_2.id} -p ${project}",
    ]


def test_private_image_that_was_made_here_is_its_variable(recorded):
    sizes = "--data-center gb-bournemouth-1 --machine-type intel-broadwell --vcpus 2 --memory 4"
    script = recorded("image create base-9 --vm web-2", f"vm create job-1 {sizes} --image base-9")
    assert " --image ${base_9.id} " in script


def test_change_that_may_have_happened_is_named(recorded, prompt, path):
    prompt(f"record start {path}")
    assert prompt("vm stop web-1 no-such").code == ExitCode.PARTIAL
    prompt("record stop")
    assert path.read_text().endswith("\n\n# left out, for it ended with exit code 7: vm stop\n")


def test_change_in_another_context_is_only_named(prompt, work, path):
    prompt(f"record start {path} --keep-reads")
    work.connection.switch(Target("prod\n", "", "sandbox", "sandbox"))
    assert prompt("vm stop db-1").code == 0
    assert prompt("vm list").code == 0
    prompt("record stop")
    assert path.read_text().endswith("\n\n# left out, for it was done in context 'prod ': vm stop\n")


def test_protected_context_is_named_where_the_script_is_run(prompt, work, path):
    context = Context("prod", "https://api.example.com", protected=True)
    work.connection.switch(Target("prod", "", "sandbox", context=context))
    prompt(f"record start {path}")
    assert prompt("vm stop db-1", "prod\n").code == 0
    assert f"\nRun it: cudo --confirm-context prod {path}\n" in prompt("record stop").err
    assert path.read_text().endswith("\n\nvm stop db-1 -p ${project}\n")


def test_name_of_the_file_is_told_in_quotes_of_the_unix_shell(prompt, tmp_path):
    path = tmp_path / "lab [1].cudo"
    assert prompt(f"record start '{path}'").code == 0
    assert f"\nRun it: cudo --sandbox '{path}'\n" in prompt("record stop").err


def test_whoever_listens_hears_results_and_answers_also_while_it_is_recorded(work, path):
    own = with_streams(work, "2\n", in_is_terminal=True, err_is_terminal=True)
    heard: list[Any] = []
    own.settings, own.rows = work.settings, work.rows
    own.on_result = own.on_answer = heard.append
    for line in (f"record start {path}", "vm get web-1", "vm terminate web-1 web-2"):
        dispatch.run(line.split(), own)
    assert [heard[0]["id"], *heard[1:]] == [
        "web-1",
        "2",
        [{"id": each, "ok": True, "error": None} for each in ("web-1", "web-2")],
    ]


# The file


def test_file_is_a_whole_script_after_each_line_and_private(prompt, path, work):
    old = os.umask(0)
    try:
        assert prompt(f"record start {path}").err == f"Recording into {path}\n"
        assert check(path, work) == f"{path}: no errors.\n"
        for line in ("vm stop db-1", "vm set-password web-1 -"):
            assert prompt(line, "hunter2-stdin").code == 0
            assert check(path, work) == f"{path}: no errors.\n"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(old)
    assert prompt("record stop").err == (
        f"Recorded 2 lines: {path}\nCheck it: cudo {path} --check\nRun it: cudo --sandbox {path}\n"
        f"It needs to be given: password. See: cudo {path} --help\n"
    )
    assert [each.name for each in path.parent.iterdir() if each.is_file()] == [path.name]


def test_file_that_is_there_is_not_overwritten(prompt, path):
    path.write_text("mine")
    outcome = prompt(f"record start {path}")
    assert (outcome.code, outcome.err) == (
        ExitCode.CONFLICT,
        f"'{path}' is there already: it is not overwritten.\nChoose another name.\n",
    )
    assert path.read_text() == "mine"


def test_link_to_nowhere_is_not_followed(prompt, path, tmp_path):
    path.symlink_to(tmp_path / "elsewhere")
    assert prompt(f"record start {path}").code == ExitCode.CONFLICT
    assert not (tmp_path / "elsewhere").exists()


def test_folder_that_is_not_there_is_not_made(prompt, tmp_path):
    outcome = prompt(f"record start {tmp_path}/new/lab.cudo")
    assert (outcome.code, outcome.err) == (
        ExitCode.USAGE,
        f"Cannot write '{tmp_path}/new/lab.cudo': No such file or directory.\n",
    )
    assert prompt("record stop").code == ExitCode.USAGE


def test_home_of_nobody_is_one_clear_line(prompt):
    outcome = prompt("record start ~no-such-user/lab.cudo")
    assert (outcome.code, outcome.err) == (
        ExitCode.USAGE,
        "Cannot write '~no-such-user/lab.cudo': Could not determine home directory.\n",
    )


def test_file_without_a_name_is_in_the_directory_of_the_state(prompt, tmp_path):
    old = os.umask(0)
    try:
        assert prompt("record start").code == 0
    finally:
        os.umask(old)
    [file] = (tmp_path / "state" / "recordings").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d{6}\.cudo", file.name)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (file, file.parent, file.parent.parent)] == [
        0o600,
        0o700,
        0o700,
    ]


def test_disk_that_is_full_costs_no_line(prompt, path, tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    prompt(f"record start {folder}/lab.cudo")
    folder.rename(tmp_path / "pulled-out")
    outcome = prompt("vm stop db-1")
    assert outcome.code == 0
    assert outcome.err.endswith(
        f"The recording is not written: {folder}/lab.cudo: No such file or directory.\n"
    )
    assert prompt("record stop").code == ExitCode.FAILURE
    (tmp_path / "pulled-out").rename(folder)
    assert prompt("record stop").code == 0
    assert (folder / "lab.cudo").read_text().endswith("\n\nvm stop db-1 -p ${project}\n")


def test_locked_shell_records_into_its_folder_only(prompt, work, path, tmp_path):
    (tmp_path / "folder").mkdir()
    work.lock = Lock(is_on=True, folder=(tmp_path / "folder").resolve())
    outcome = prompt(f"record start {path}")
    assert (outcome.code, outcome.err) == (
        ExitCode.REFUSED,
        f"This shell is locked: '{path}' is outside of {tmp_path}/folder.\nNothing was done.\n",
    )
    assert not path.exists()
    assert prompt(f"record start {tmp_path}/folder/lab.cudo").code == 0


def test_second_start_is_a_conflict(prompt, path, tmp_path):
    prompt(f"record start {path}")
    outcome = prompt(f"record start {tmp_path}/other.cudo")
    assert (outcome.code, outcome.err) == (
        ExitCode.CONFLICT,
        f"This is being recorded already: {path}\nEnd that with: record stop\n",
    )


def test_leaving_ends_the_recording_and_says_where_it_is(prompt, work, path):
    assert work.recording is not None
    work.recording.leave(work)
    assert written(work.streams.err) == ""
    prompt(f"record start {path}")
    work.recording.leave(work)
    assert written(work.streams.err).startswith(f"Recorded 0 lines: {path}\n")
    assert not work.recording.is_on
