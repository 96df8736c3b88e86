"""The program as a process: streams, exit codes, what is imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from cudo_sandbox import Sandbox

CUDO = (sys.executable, "-m", "cudo_shell")


@pytest.fixture
def remote(tmp_path: Path):
    """The environment of a user whose key is for a sandbox that runs elsewhere."""
    with Sandbox(speed=1000, faults=True) as sandbox:
        yield (
            {"CUDO_API_KEY": sandbox.api_key, "CUDO_API_URL": sandbox.url, "CUDO_PROJECT_ID": "demo"},
            sandbox,
        )


def cudo(*words: str, env: dict[str, str] | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run `cudo` to its end."""
    return subprocess.run(
        [*CUDO, *words],
        env=environment(env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def shell(line: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a line of sh in which $CUDO is the program."""
    return subprocess.run(
        ["/bin/bash", "-c", line.replace("$CUDO", " ".join(CUDO))],
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def environment(more: dict[str, str] | None) -> dict[str, str]:
    return {**os.environ, **(more or {})}


def wait_for_the_fault(sandbox: Sandbox) -> None:
    """Return when the only fault of a sandbox is used up: the request that it is for has come."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        faults = f"{sandbox.url}/sandbox/faults"
        with urllib.request.urlopen(faults) as reply:  # noqa: S310  # our own server
            if not json.load(reply)["faults"]:
                return
        time.sleep(0.02)
    pytest.fail("the request did not come")


def test_version_and_help_need_neither_sdk_nor_prompt():
    for words in (["--version"], ["--help"], ["help"], ["vm", "--help"], ["vm", "create", "--help"]):
        code = (
            "import sys\nfrom cudo_shell.main import main\n"
            f"code = main({words!r}, sys.stdin, sys.stdout, sys.stderr, {{}})\n"
            "slow = {'asyncio', 'httpx', 'pydantic', 'cmd2', 'prompt_toolkit', 'rich', 'yaml'}\n"
            "heavy = slow & set(sys.modules)\n"
            "sys.exit(f'{heavy}' if heavy else code)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), words


def test_one_shot_command_does_not_import_the_prompt(remote):
    env, _ = remote
    code = (
        "import os, sys\nfrom cudo_shell.main import main\n"
        "code = main(['vm', 'get', 'web-1', '-o', 'json'], sys.stdin, sys.stdout, sys.stderr, os.environ)\n"
        "heavy = {'cmd2', 'prompt_toolkit', 'uvicorn', 'starlette'} & set(sys.modules)\n"
        "sys.exit(f'{heavy}' if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(env), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_command_works_with_options_before_and_after_it(remote):
    env, _ = remote
    before = cudo("-o", "json", "-p", "research", "vm", "get", "sim-1", env=env)
    after = cudo("vm", "get", "sim-1", "-p", "research", "-o", "json", env=env)
    assert before.returncode == 0
    assert before.stdout.startswith('{\n  "id": "sim-1",\n  "projectId": "research",\n')
    assert (before.stdout, before.stderr) == (after.stdout, after.stderr)


@pytest.mark.parametrize("words", [["vm", "list"], ["-"], ["x.cudo"]], ids=" ".join)
def test_without_a_key_nothing_runs_on_a_simulator(words, tmp_path):
    (tmp_path / "x.cudo").write_text("vm list\n")
    done = cudo(*words, stdin="vm list\n", env={"CUDO_PROJECT_ID": "demo"})
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.startswith(
        "Not logged in (there is no API key).\n"
        "Run 'cudo auth login', set CUDO_API_KEY, or use the embedded sandbox: cudo --sandbox ...\n"
    )


def test_wrong_key_names_where_it_came_from_and_not_the_key(remote):
    env, _ = remote
    done = cudo("vm", "list", env={**env, "CUDO_API_KEY": "canary-1234"})
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "The API key from CUDO_API_KEY was not accepted.\nCheck the key and where it is meant for.\n"
    )


def test_no_network_is_exit_9():
    env = {"CUDO_API_KEY": "k", "CUDO_API_URL": "http://127.0.0.1:1", "CUDO_PROJECT_ID": "demo"}
    done = cudo("vm", "list", env=env)
    assert done.returncode == 9
    assert done.stderr.startswith("ListVMs: cannot connect to http://127.0.0.1:1")
    assert done.stderr.endswith("\nCheck the network, and CUDO_API_URL if it is set.\n")


def test_no_project_says_how_to_choose_one(remote):
    env, _ = remote
    done = cudo("vm", "list", env={**env, "CUDO_PROJECT_ID": ""})
    assert (done.returncode, done.stderr) == (
        2,
        "No project is chosen.\nChoose one: -p PROJECT, CUDO_PROJECT_ID, or project use PROJECT\n",
    )


def test_dotenv_supplies_key_and_project(remote, tmp_path):
    env, _ = remote
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()))
    assert cudo("vm", "count").stdout == "count  5\n"


def test_url_of_a_hostile_dotenv_gets_no_key(remote, tmp_path):
    """Idea 33 of the specification; nothing in the file is expanded either."""
    env, _ = remote
    (tmp_path / ".env").write_text("CUDO_API_URL=http://127.0.0.1:1\nCUDO_PROJECT_ID=${HOME}\n")
    url = {"CUDO_API_URL": ""}
    done = cudo("config", "show", "-o", "json", env={**env, **url, "CUDO_PROJECT_ID": ""})
    shown = {row["setting"]: row["value"] for row in json.loads(done.stdout)}
    assert (shown["api_url"], shown["project"]) == ("https://rest.compute.cudo.org", "${HOME}")
    assert done.stderr == "CUDO_API_URL in .env is ignored: the API key does not come from there\n"


# Contexts


def made(sandbox: Sandbox, *options: str) -> None:
    """Make context dev for a sandbox, and log in to it."""
    create = ["context", "create", "dev", "--api-url", sandbox.url, "--project", "demo", *options]
    assert cudo(*create).returncode == 0
    assert cudo("--context", "dev", "login", "--api-key", "-", stdin=f"{sandbox.api_key}\n").returncode == 0


def test_context_with_a_stored_key_works_until_it_is_deleted(remote, tmp_path):
    _, sandbox = remote
    made(sandbox)
    assert cudo("--context", "dev", "vm", "count").stdout == "count  5\n"
    assert cudo("vm", "count", env={"CUDO_CONTEXT": "dev"}).stdout == "count  5\n"
    assert cudo("vm", "count").returncode == 3
    assert cudo("context", "use", "dev").returncode == 0
    assert cudo("vm", "count").stdout == "count  5\n"
    deleted = cudo("context", "delete", "dev", "--yes")
    assert deleted.returncode == 0
    assert cudo("vm", "count").returncode == 3
    assert not list((tmp_path / "state" / "credentials").glob("*.json"))
    assert sandbox.api_key not in (tmp_path / "config" / "config.yaml").read_text()


def test_key_of_the_environment_outranks_the_context_in_use_and_not_the_named_one(remote):
    _, sandbox = remote
    made(sandbox)
    cudo("context", "use", "dev")
    wrong = {"CUDO_API_KEY": "canary-1234", "CUDO_API_URL": sandbox.url, "CUDO_PROJECT_ID": "demo"}
    assert cudo("vm", "count", env=wrong).returncode == 3
    done = cudo("--context", "dev", "vm", "count", env=wrong)
    assert (done.returncode, done.stdout, done.stderr) == (0, "count  5\n", "")


def test_url_of_the_environment_does_not_move_a_context(remote):
    _, sandbox = remote
    made(sandbox)
    done = cudo("--context", "dev", "vm", "count", env={"CUDO_API_URL": "http://127.0.0.1:1"})
    assert (done.stdout, done.stderr) == (
        "count  5\n",
        f"CUDO_API_URL is ignored: context dev is for {sandbox.url}\n",
    )


def test_cudoctls_key_is_used_as_it_is_and_for_the_vendor_alone(remote, tmp_path):
    _, sandbox = remote
    file = tmp_path / "home" / ".config" / "cudo" / "cudo.yml"
    file.parent.mkdir(parents=True)
    file.write_text(
        f"configVersion: v0\nkeys: [{{name: k, key: {sandbox.api_key}}}]\n"
        "contexts: [{name: demo, key: k, project: demo}]\ncurrent-context: demo\n"
    )
    before = file.read_bytes()
    done = cudo("config", "show", "--origin", "-o", "json", env={"CUDO_API_URL": sandbox.url})
    rows = {row["setting"]: (row["value"], row["origin"]) for row in json.loads(done.stdout)}
    assert (rows["context"], rows["credential"]) == (("cudoctl/demo", "cudoctl"), ("(set)", "cudoctl/demo"))
    assert rows["api_url"] == ("https://rest.compute.cudo.org", "default")
    assert sandbox.api_key not in done.stdout + done.stderr
    assert file.read_bytes() == before


def test_key_as_an_option_comes_from_stdin_or_a_file_only(remote, tmp_path):
    env, sandbox = remote
    env = {**env, "CUDO_API_KEY": "canary-1234"}
    (tmp_path / "key").write_text(f"{sandbox.api_key}\n")
    assert cudo("--api-key", "@key", "vm", "count", env=env).stdout == "count  5\n"
    assert cudo("--api-key", "-", "vm", "count", env=env, stdin=sandbox.api_key).stdout == "count  5\n"
    literal = cudo("--api-key", sandbox.api_key, "vm", "count", env=env)
    assert (literal.returncode, literal.stderr) == (
        2,
        "The API key is a secret: never write it as an argument.\nGive @FILE, or - for stdin.\n",
    )
    both = cudo("--api-key", "-", env=env, stdin="vm count\n")
    assert (both.returncode, both.stderr.split("\n")[0]) == (
        2,
        "Standard input cannot hold both the API key and the commands.",
    )


@pytest.mark.parametrize("stdin", ["", "two words", "caf\u00e9", "a\x00b", "a\nb"])
def test_key_that_cannot_be_one_is_exit_2_and_no_other_key_takes_its_place(stdin, remote):
    """Idea 34 of the specification."""
    env, _ = remote
    done = cudo("--api-key", "-", "vm", "count", env=env, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert not stdin or stdin not in done.stderr


def test_broken_contexts_are_one_clear_error(tmp_path):
    file = tmp_path / "config" / "config.yaml"
    file.parent.mkdir()
    file.write_text("contexts:\n  dev: {api_url: [\n")
    done = cudo("vm", "list", env={"CUDO_API_KEY": "k"})
    assert (done.returncode, done.stderr) == (
        2,
        f"{file}, line 3: this is no YAML that can be read.\nMend the file, or move it away.\n",
    )


def test_context_in_use_that_is_gone_can_be_mended(remote, tmp_path):
    _, sandbox = remote
    made(sandbox)
    file = tmp_path / "config" / "config.yaml"
    file.write_text("current: gone\n" + file.read_text())
    done = cudo("vm", "list")
    assert (done.returncode, done.stderr) == (2, "There is no context 'gone'.\nSee: context list\n")
    assert cudo("context", "use", "dev").returncode == 0
    assert cudo("vm", "count").stdout == "count  5\n"


def test_protected_context_changes_nothing_in_scripts_but_by_its_name(remote, tmp_path):
    _, sandbox = remote
    made(sandbox, "--protected")
    (tmp_path / "x.cudo").write_text("vm count\nvm delete web-2 --yes --no-wait\n")
    done = cudo("--context", "dev", "x.cudo")
    assert (done.returncode, done.stdout) == (8, "count  5\n")
    assert done.stderr.splitlines()[1:] == [
        "Add --confirm-context dev to do it without a question.",
        "x.cudo:2: vm delete web-2 --yes --no-wait (exit code 8)",
    ]
    assert cudo("--context", "dev", "--confirm-context", "dev", "x.cudo").returncode == 0


def test_program_option_after_the_command_is_told_where_it_stands():
    done = cudo("vm", "list", "--context", "dev", env={"CUDO_API_KEY": "k"})
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2,
        "--context stands before the command: cudo --context vm list ...",
    )


@pytest.mark.parametrize("option", ["--sandbox", "CUDO_SANDBOX"])
def test_embedded_sandbox_keeps_its_state_in_a_private_file(option, tmp_path):
    words, env = ([option], None) if option.startswith("--") else ([], {option: "1"})
    create = ["disk", "create", "kept", "--data-center", "no-luster-1", "--size", "1", "--no-wait"]
    assert cudo(*words, *create, env=env).returncode == 0
    assert cudo(*words, "disk", "get", "kept", "-q", env=env).stdout == "kept\n"
    state = tmp_path / "state"
    assert state.stat().st_mode & 0o777 == 0o700
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in state.iterdir())


def test_script_file_and_piped_script_run_the_same(remote, tmp_path):
    env, _ = remote
    (tmp_path / "x.cudo").write_text("#!cudo\nparam vm\nvm count\nvm get ${vm} -q\nvm get web-9\n")
    done = cudo("x.cudo", "vm=db-1", env=env)
    assert (done.returncode, done.stdout) == (4, "count  5\ndb-1\n")
    assert done.stderr.endswith("\nx.cudo:5: vm get web-9 (exit code 4)\n")
    piped = cudo(stdin="vm count\nvm get web-9\n", env=env)
    assert (piped.returncode, piped.stdout) == (4, "count  5\n")
    assert piped.stderr.endswith("\n<stdin>:2: vm get web-9 (exit code 4)\n")


def test_server_that_dies_in_the_middle_of_a_script_stops_it(remote, tmp_path):
    env, sandbox = remote
    sandbox.add_fault(kind="drop", match="GET */disks*", times=0)
    (tmp_path / "x.cudo").write_text("vm count\ndisk list\nvm count\n")
    done = cudo("x.cudo", env=env)
    assert (done.returncode, done.stdout) == (9, "count  5\n")
    assert done.stderr.endswith("\nx.cudo:2: disk list (exit code 9)\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["absent.cudo"], "Cannot read 'absent.cudo': No such file or directory.\n"),
        (["./folder"], "'./folder' is a directory, not a script.\n"),
        (["vmm", "list"], "There is no command 'vmm'.\nDid you mean: vm?\nTry: cudo vm list\n"),
        (
            ["--bogus"],
            (
                "cudo: unknown: --bogus\n"
                "One of: --help, --sandbox, --context, --api-key, --confirm-context, --project, --output, "
                "--verbose, --color, --locked, --folder, --no-input, --version, --check, --dry-run, --trace, "
                "--keep-going, --report, --yes\n"
            ),
        ),
        (
            ["-o", "pdf", "vm"],
            "cudo: unknown --output 'pdf'\nOne of: table, json, jsonl, yaml, csv, tsv, ids\n",
        ),
    ],
    ids=["absent", "folder", "command", "option", "format"],
)
def test_words_that_make_no_sense_are_exit_2(words, message, tmp_path):
    (tmp_path / "folder").mkdir()
    done = cudo(*words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_unreadable_script_is_one_line(tmp_path):
    (tmp_path / "x.cudo").write_text("vm list\n")
    (tmp_path / "x.cudo").chmod(0)
    done = cudo("x.cudo")
    assert (done.returncode, done.stderr) == (2, "Cannot read 'x.cudo': Permission denied.\n")


def test_closed_stdin_is_no_prompt():
    done = shell("$CUDO <&-")
    assert (done.returncode, done.stderr) == (
        2,
        "There is nothing to do: no command, and stdin is closed.\nSee: cudo --help\n",
    )


def test_command_works_with_its_streams_closed(remote):
    env, _ = remote
    assert shell("$CUDO vm count <&-", env).stdout == "count  5\n"
    lost = shell("$CUDO vm count >&-", env)
    assert (lost.returncode, lost.stderr) == (1, "The output cannot be written: stdout is closed.\n")
    assert shell("$CUDO vm get web-9 2>&-", env).returncode == 4


def test_reader_that_leaves_ends_the_program_without_a_word(remote):
    env, _ = remote
    done = shell("$CUDO --sandbox vm list -o jsonl | head -c 1; echo ${PIPESTATUS[0]}", env)
    assert done.stderr == ""
    assert done.stdout.startswith("{")
    closed = shell("$CUDO vm list | true; echo ${PIPESTATUS[0]}", env)
    assert (closed.stdout, closed.stderr) in {("141\n", ""), ("0\n", "")}


@pytest.mark.parametrize("line", ["$CUDO vm list", "$CUDO vm list -o csv", "$CUDO --help", "$CUDO --version"])
def test_full_disk_is_exit_1_and_one_line(line, remote):
    env, _ = remote
    done = shell(f"{line} > /dev/full", env)
    assert (done.returncode, done.stderr) == (
        1,
        "The output cannot be written: no space left on the device.\n",
    )


def test_ctrl_c_is_130_and_one_line(remote):
    env, sandbox = remote
    sandbox.add_fault(kind="latency", match="GET */vms", latency_ms=30_000)
    child = subprocess.Popen(
        [*CUDO, "vm", "list"], env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for_the_fault(sandbox)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=5)
    assert (child.returncode, out, err) == (130, "", "Interrupted.\n")


@pytest.mark.parametrize("delay", [0.02, 0.05, 0.1, 0.2, 0.3])
def test_early_ctrl_c_is_no_stack(delay, remote):
    """Whenever it comes after the interpreter's own start, a Ctrl-C is one line at most."""
    env, _ = remote
    child = subprocess.Popen(
        [*CUDO, "vm", "list"], env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(delay)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=10)
    if "main.py" in err:  # else Python itself was still starting, and nothing of ours ran
        pytest.fail(err)
    assert child.returncode in {0, 1, 130, -signal.SIGINT}


def test_tour_passes_twice(remote):
    tour = Path(__file__).parents[2] / "examples" / "tour.cudo"
    env, _ = remote
    for _ in range(2):
        done = cudo(str(tour), env=env)
        assert done.returncode == 0, done.stderr
        assert "VM 'tour-vm' is ACTIVE.\n" in done.stderr
        assert '"machineType": "intel-broadwell-rtx-3080"' in done.stdout
    assert cudo("resource", "search", "tour", "-q", env=env).stdout == ""


def test_preferences_of_the_file_are_those_of_the_program_and_what_cannot_be_is_told(tmp_path: Path):
    env = {"CUDO_CONFIG_DIR": str(tmp_path), "CUDO_NOTIFY": "loud"}
    (tmp_path / "config.yaml").write_text("settings: {output: jsonl, meter: maybe, suggestions: no}\n")
    done = cudo("--sandbox", "project", "list", "--columns", "id", env=env)

    assert (done.returncode, done.stdout) == (0, '{"id": "demo"}\n{"id": "research"}\n')
    assert done.stderr == (
        "CUDO_NOTIFY is ignored: 'loud' is no value of notify. One of: bell, osc, no\n"
        "meter in config.yaml is ignored: 'maybe' is no value of meter. One of: yes, no\n"
    )


def test_preference_set_once_is_that_of_the_next_run(tmp_path: Path):
    env = {"CUDO_CONFIG_DIR": str(tmp_path)}
    assert cudo("config", "set", "output", "ids", env=env).stderr == "output is ids.\n"
    assert cudo("--sandbox", "project", "list", env=env).stdout == "demo\nresearch\n"
    assert cudo("--sandbox", "-o", "csv", "project", "list", "--columns", "id", env=env).stdout == (
        "id\ndemo\nresearch\n"
    )
