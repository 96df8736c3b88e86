"""The real shell in a real pseudo-terminal, as a person uses it."""

import json
import os
import stat
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from tests.shell.json_server import json_server
from tests.shell.terminal import Terminal, line_of, run

from cudo_completions.cache import FRESH
from cudo_sandbox import Sandbox
from cudo_sdk import Session
from cudo_shell.contexts import Context, Contexts


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(faults=True) as running:
        yield running


def create_vm(sandbox: Sandbox, vm_id: str) -> None:
    """Another client, with its own connection."""
    with Session(api_key="sandbox-key", base_url=sandbox.url) as session:
        session.vms.create_vm(
            "demo",
            boot_disk_image_id="debian-12",
            data_center_id="gb-bournemouth-1",
            gpus=0,
            machine_type="intel-broadwell",
            memory_gib=2,
            vcpus=1,
            vm_id=vm_id,
        )


# The main job


def test_vm_created_elsewhere_is_completed_run_and_shown_in_colors(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    create_vm(sandbox, "worker-77")

    shell.type("vm get w\t")
    shell.wait("worker-77")
    assert {"web-1", "web-2", "worker-77"} <= set(shell.text.split())
    shell.type("or\t")
    shell.wait(lambda it: line_of(it) == "vm get worker-77")
    run(shell, "-o json --columns id,data_center")

    document = shell.text[shell.text.index("{") : shell.text.rindex("}") + 1]
    assert json.loads(document) == {"id": "worker-77", "datacenterId": "gb-bournemouth-1"}
    assert "default" != shell.color_of('"datacenterId"') != shell.color_of('"gb-bournemouth-1"') != "default"


def test_vm_created_elsewhere_joins_the_open_menu_after_one_refresh(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm get w\t")
    shell.wait("web-2")
    shell.type("\x03")
    create_vm(sandbox, "web-99")
    shell.settle(FRESH)  # then the listing may be asked for again

    shell.type("vm get web\t")
    shell.wait("web-99")


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("disk attach --vm web-1 ba", "disk attach --vm web-1 backup-1"),
        ("vm get render", "vm get render-1"),
    ],
)
def test_one_tab_completes_one_word_even_when_the_listing_is_refreshed(line, completed, sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type(f"{line}\t")
    shell.wait(lambda it: line_of(it) == completed)
    shell.type("\x15")
    shell.settle(FRESH)  # then the listing is shown, and asked for again

    shell.type(f"{line}\t")
    shell.wait(lambda it: line_of(it) == completed)
    shell.settle(1)  # the answer comes

    assert (line_of(shell), "--help" in shell.text) == (completed, False)


def test_own_change_is_in_the_next_menu(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("disk get \t")
    shell.wait("GiB")
    run(shell, "\x15disk create data-zz --size 10 --data-center gb-bournemouth-1")
    shell.type("disk get data-z\t")

    shell.wait(lambda it: line_of(it) == "disk get data-zz")


def test_ctrl_c_ends_a_slow_command_at_once_and_the_next_one_works(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    sandbox.add_fault(kind="latency", match="GET */vms/web-1", latency_ms=60_000)

    shell.type("vm get web-1\r")
    shell.wait(lambda it: line_of(it) == "vm get web-1")
    shell.settle(0.5)  # the request is on its way
    shell.type("\x03")
    seconds = shell.wait(lambda it: line_of(it) == "" and len(it.lines) > 2)

    assert seconds < 2, "0.1 s measured alone; a busy machine has room, and the answer takes 60 s"
    shell.type("vm get web-2 -o ids\r")
    shell.wait(lambda it: "\nweb-2\n" in it.text)


# Keys


def test_ctrl_c_at_the_prompt_clears_the_line(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm get some")
    shell.wait("vm get some")
    shell.type("\x03")

    shell.wait(lambda it: line_of(it) == "")


def test_ctrl_d_leaves_with_success(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("\x04")

    assert shell.exit_status() == 0


def test_exit_leaves_with_the_status_of_the_last_command(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm get no-such-vm")
    shell.type("exit\r")

    assert shell.exit_status() == 4


def test_text_and_tab_in_one_burst_complete_the_text(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("machine-type li\tvm ge\t")

    shell.wait("machine-type list vm ge")


def test_pasted_line_stays_on_the_line_until_enter(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("\x1b[200~vm get web-2 -o ids\x1b[201~")
    shell.wait(lambda it: line_of(it) == "vm get web-2 -o ids")
    shell.type("\r")

    shell.wait(lambda it: "\nweb-2\n" in it.text)


def test_second_tab_goes_down_the_menu_and_enter_takes_the_row(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm get web\t")
    shell.wait("web-2")
    shell.type("\t\t")
    shell.wait(lambda it: line_of(it) == "vm get web-2")
    shell.type("\r")
    shell.settle(0.1)

    assert line_of(shell) == "vm get web-2"


# What the menu says


def test_columns_are_completed_one_after_the_other(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("api-key list --columns id,cr\t")
    shell.wait(lambda it: line_of(it) == "api-key list --columns id,created")
    shell.type("\x15api-key list --sort=-cr\t")
    shell.wait(lambda it: line_of(it) == "api-key list --sort=-created")


def test_loading_is_said_and_the_menu_opens_by_itself(sandbox, shell_at):
    sandbox.add_fault(kind="latency", match="GET */vms", latency_ms=1500)
    shell = shell_at(sandbox.url)
    shell.type("vm get w\t")

    shell.wait("loading vms…")
    shell.wait("web-2")


def test_menu_stays_closed_when_something_was_typed_meanwhile(sandbox, shell_at):
    sandbox.add_fault(kind="latency", match="GET */vms", latency_ms=1000)
    shell = shell_at(sandbox.url)
    shell.type("vm get w\t")
    shell.wait("loading vms…")
    shell.type("x")
    shell.settle(1.5)

    assert (line_of(shell), "web-1" in shell.text) == ("vm get wx", False)


def test_keys_are_not_held_up_by_a_slow_source(sandbox, shell_at):
    sandbox.add_fault(kind="latency", match="GET */vms", latency_ms=60_000)
    shell = shell_at(sandbox.url)
    shell.type("vm get w\t\t\t")
    shell.wait("loading vms…")
    shell.type("\x15help\r")

    assert shell.wait("Virtual machines") < 5


def test_source_that_fails_says_why(shell_at):
    shell = shell_at("http://127.0.0.1:9")
    shell.type("vm get w\t")

    shell.wait("no vms: no network, or the server is down")


def test_data_center_to_the_left_narrows_the_machine_types(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm create x --data-center no-luster-1 --machine-type \t")
    shell.wait("epyc-rome-rtx-a5000")

    assert "sky-lake-a4500" not in shell.text


def test_unknown_command_names_near_ones(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vmm list\r")

    shell.wait("Did you mean: vm")


@pytest.mark.parametrize("line", ["help vm", "vm --help", "? vm", "?vm", "vm get --help", "help vm get"])
def test_help_is_reached_in_every_usual_way(sandbox, shell_at, line):
    shell = shell_at(sandbox.url, rows=60)  # the help of vm is long
    shell.type(f"{line}\r")

    shell.wait("usage: vm")


# Names from a server

HOSTILE = ["a|touch x", "r>s", "x;y", "-dash", "esc\x1b[31mred", "bi\u202edi", 'qu"ote', "new\nline"]


class Hostile(NamedTuple):
    """A server whose VMs have names that no honest one gives, and the paths that it was asked for."""

    url: str
    asked: list[str]


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    asked: list[str] = []
    vms: list[dict[str, Any]] = [{"id": name, "state": "ACTIVE"} for name in HOSTILE]
    vms += [
        {"id": "web-1", "state": "AC\x1b[31mTIVE\u202e\n"},
        {"id": "web 2", "state": "STOPPED"},
        {"id": "web-3", "state": "STOPPED"},
    ]

    def answer(path: str) -> object:
        asked.append(path)
        return {"VMs": vms}

    with json_server(answer) as url:
        yield Hostile(url, asked)


def test_names_that_would_mislead_are_left_out_and_counted(hostile, shell_at):
    shell = shell_at(hostile.url)
    shell.type("vm get \t")
    shell.wait("4 left out: not safe to type")

    rows = [line.split()[0] for line in shell.lines if "ACTIVE" in line or "STOPPED" in line]
    assert sorted(rows) == ["a|touch", 'qu"ote', "r>s", "web", "web-1", "web-3", "x;y"]
    assert b"\x1b[31mTIVE" not in shell.raw
    assert "\u202e" not in shell.raw.decode()


def test_name_with_a_space_is_one_word_in_the_line(hostile, shell_at):
    shell = shell_at(hostile.url)
    shell.type("vm get web\t")
    shell.wait("web 2")
    shell.type("\t")
    shell.wait(lambda it: line_of(it) == "vm get 'web 2'")


def test_name_that_could_steer_reaches_the_server_as_it_is_and_nothing_else_happens(
    hostile, shell_at, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    shell = shell_at(hostile.url)
    for name, typed in (("a|touch x", "a"), ("r>s", "r"), ("x;y", "x;"), ('qu"ote', "q")):
        shell.type(f"vm get {typed}\t")
        shell.wait(lambda it, name=name: name in line_of(it))
        run(shell, "")
        assert f"/v1/projects/demo/vms/{quote(name, safe='')}" in hostile.asked

    assert {each.name for each in set(tmp_path.iterdir()) - before} <= {"state"}


# Redirection


def test_output_goes_to_a_file_and_into_a_pipe_without_colors(sandbox, shell_at, tmp_path):
    shell = shell_at(sandbox.url)
    file = tmp_path / "out file.json"
    run(shell, f"vm get web-2 -o json > '{file}'")
    shell.type("vm get web-2 -o json | wc -l | sed s/^/lines:/\r")
    shell.wait(lambda it: "lines:" in it.text.split("lines:/")[-1])

    assert json.loads(file.read_text())["id"] == "web-2"


def test_reader_that_leaves_early_ends_the_command_without_a_word(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm list -o ids | exec <&-; sleep 0.5")
    assert len(shell.lines) <= 3, shell.text  # the line, the prompt, the toolbar
    shell.type("exit\r")

    assert shell.exit_status() == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110  # a device
def test_full_disk_is_one_clear_line_and_a_failure(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm list > /dev/full")
    assert "The output cannot be written: no space left on the device." in shell.lines
    assert len(shell.lines) <= 4, shell.text  # the line, the error, the prompt, the toolbar
    shell.type("exit\r")

    assert shell.exit_status() == 1


def test_file_that_cannot_be_written_is_one_clear_line(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm list > /no/such/file\r")

    shell.wait("Cannot write /no/such/file: No such file or directory.")


@pytest.mark.parametrize(
    "line", ["!ls", "@x", "shell ls", "py print(1)", "edit", "alias list", "run_script x", "set"]
)
def test_ways_around_the_shell_are_closed(sandbox, shell_at, line):
    shell = shell_at(sandbox.url)
    shell.type(f"{line}\r")

    shell.wait("There is no command")


# History


def test_history_survives_a_kill_and_is_private(sandbox, shell_at, tmp_path):
    shell = shell_at(sandbox.url)
    for line in ("vm list", " vm get secret-plan", "vm update --password hunter2"):
        run(shell, line)
    shell.type("\x1b[A")
    shell.wait(lambda it: line_of(it) == "vm list")
    shell.kill()

    file = tmp_path / "state" / "history"
    assert file.read_text() == "vm list\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = shell_at(sandbox.url)
    again.type("\x1b[A")
    again.wait(lambda it: line_of(it) == "vm list")
    again.type("\x15history list\r")
    again.wait("\n    1  vm list\n")


# Terminals that can do less


def test_narrow_window_still_completes(sandbox, shell_at):
    shell = shell_at(sandbox.url, columns=40)
    shell.type("vm get web\t")
    shell.wait("web-2")
    shell.type("2\t\r")

    shell.wait("STOPPED")


def test_no_color_colors_nothing(sandbox, shell_at):
    shell = shell_at(sandbox.url, NO_COLOR="1")
    run(shell, "vm get web-2 -o json --columns id,state")

    colors = {cell.fg for row in shell.screen.buffer.values() for cell in row.values()}
    assert colors == {"default"}


def test_dumb_terminal_runs_commands_and_ignores_tab(sandbox, shell_at):
    shell = shell_at(sandbox.url, TERM="dumb")
    run(shell, "vm get web\t\t-2 -o ids")

    assert "web-2" in shell.lines
    assert b"\x1b[3" not in shell.raw


def test_terminal_without_a_toolbar_says_above_the_prompt_why_there_is_no_menu(shell_at):
    shell = shell_at("http://127.0.0.1:9", PROMPT_TOOLKIT_NO_CPR="1")
    shell.type("vm get w\t")

    shell.wait("loading vms…")
    shell.wait("no vms: no network, or the server is down")


def test_project_use_changes_the_prompt_and_what_is_offered(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("project use research\r")
    shell.wait("/research>")
    shell.type("whoami\r")

    shell.wait(lambda it: it.text.count("research") > 2)


def test_protected_context_is_red_marked_and_asks_for_its_name(sandbox, tmp_path):
    file = tmp_path / "config" / "config.yaml"
    context = Context("prod", sandbox.url, project="demo", protected=True)
    Contexts({"prod": context}, "prod").save(file)
    words = (sys.executable, "-m", "cudo_shell")
    state = str(tmp_path / "state")
    with Terminal(
        *words, HOME=str(tmp_path), CUDO_STATE_DIR=state, CUDO_CONFIG_DIR=str(file.parent)
    ) as shell:
        shell.wait("prod!/demo>")
        assert shell.color_of("prod!") == "red"
        shell.type("login\r")
        shell.wait("API key:")
        shell.type(f"{sandbox.api_key}\r")
        shell.wait("Logged in to")
        shell.type("vm delete web-2 --yes --no-wait\r")
        shell.wait("Type prod to do it:")
        shell.type("y\r")
        shell.wait("Nothing was changed.")
        shell.type("vm stop web-1 --no-wait\r")
        shell.wait("this changes it: StopVM.")
        shell.type("prod\r")
        shell.wait("VM 'web-1': stopped soon")
        assert sandbox.api_key not in shell.text
