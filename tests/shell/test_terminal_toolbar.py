"""The line under the prompt, alerts above it and the title, in a real pseudo-terminal."""

import sys
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from tests.shell.fake_provider import AUDIENCE, CLIENT, fake_provider
from tests.shell.json_server import json_server
from tests.shell.terminal import Terminal, line_of, run

from cudo_sandbox import Sandbox
from cudo_sdk import Session
from cudo_shell.contexts import Context, Contexts

QUICK = "import cudo_shell.meter as meter; meter.EVERY = 1.0; from cudo_shell.main import entry; entry()"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(faults=True) as running:
        yield running


@pytest.fixture
def quick_shell_at(shell_at) -> Callable[[str], Terminal]:
    """Start a shell whose meter asks again after a second."""
    return partial(shell_at, program=("-c", QUICK), columns=120)


def under(terminal: Terminal) -> str:
    """The line under the prompt."""
    return terminal.lines[-1].strip() if terminal.lines else ""


def toolbar_says(text: str) -> Callable[[Terminal], bool]:
    return lambda terminal: text in under(terminal)


def background_of(terminal: Terminal, text: str) -> str:
    row = max(row for row, line in enumerate(terminal.screen.display) if text in line)
    return str(terminal.screen.buffer[row][terminal.screen.display[row].index(text)].bg)


# The toolbar


def test_toolbar_knows_vms_and_price_only_after_something_was_asked(sandbox, shell_at):
    shell = shell_at(sandbox.url, columns=120)
    shell.wait(toolbar_says("Tab completes"))
    shell.settle(0.7)
    assert "VM" not in under(shell), "a bare prompt asks nothing"

    run(shell, "vm list -o ids")
    shell.wait(toolbar_says("5 VMs (3 running), $1.6147/h   credit lasts 3 d"))
    assert under(shell).startswith(f"{sandbox.url.removeprefix('http://')}/demo   ")


def test_own_change_is_in_the_toolbar_at_once(sandbox, shell_at):
    shell = shell_at(sandbox.url, columns=120)
    run(shell, "vm list -o ids")
    shell.wait(toolbar_says("5 VMs (3 running)"))
    run(shell, "vm stop web-1")
    shell.wait(toolbar_says("5 VMs (2 running)"))


def test_vm_created_elsewhere_comes_into_the_toolbar_by_itself(sandbox, quick_shell_at):
    shell = quick_shell_at(sandbox.url)
    run(shell, "vm list -o ids")
    shell.wait(toolbar_says("5 VMs (3 running)"))
    shell.type("vm get we")
    with Session(api_key=sandbox.api_key, base_url=sandbox.url) as session:
        session.vms.create_vm("demo", "worker-1", "gb-bournemouth-1", "intel-broadwell", "debian-12", 1, 2, 0)

    shell.wait(toolbar_says("6 VMs (4 running), $1.6"))
    assert line_of(shell) == "vm get we"


def test_narrow_window_shows_whole_words_and_then_nothing(sandbox, shell_at):
    shell = shell_at(sandbox.url, columns=24)
    shell.type("vm count\r")
    shell.wait(lambda it: under(it) == "$1.6147/h")
    tiny = shell_at(sandbox.url, columns=12)
    tiny.settle(0.7)
    assert "".join(tiny.lines) == f"{sandbox.url.removeprefix('http://')}/demo>"


@pytest.mark.parametrize("variable", [{"CUDO_METER": "no"}, {"ACCESSIBLE": "1"}], ids=str)
def test_meter_that_is_off_shows_nothing_and_asks_nothing(variable, sandbox, shell_at):
    shell = shell_at(sandbox.url, columns=120, **variable)
    sandbox.add_fault(kind="status", match="GET *billing*", status=500, times=1)
    run(shell, "vm list -o ids")
    shell.settle(0.7)
    assert "VM" not in under(shell)
    run(shell, "billing list -o ids")
    assert "500" in shell.text or "Internal" in shell.text, "the fault was not used up by a meter"


POOR = {
    "/v1/projects/demo/count-vms": {"count": 1},
    "/v1/projects/demo/vms": {
        "VMs": [{"id": "web-1", "state": "ACTIVE", "price": {"totalPriceHr": {"value": "2"}}}]
    },
    "/v1/projects/demo": {"id": "demo", "billingAccountId": "demo-billing"},
    "/v1/billing-accounts/demo-billing": {
        "paymentTerms": "PAYMENT_TERMS_PREPAID",
        "creditBalance": {"value": "7"},
        "hourlySpendRate": {"value": "2"},
    },
}


@pytest.fixture
def poor() -> Iterator[str]:
    """A server whose account has credit for a few hours."""

    with json_server(lambda path: POOR[path.partition("?")[0]]) as url:
        yield url


def test_credit_that_comes_to_its_end_is_red_and_said_once_above_the_prompt(poor, quick_shell_at):
    shell = quick_shell_at(poor)
    shell.type("vm count\r")
    shell.wait("The credit lasts for 3 h. At zero, all that costs is deleted.")
    shell.wait(toolbar_says("1 VM running, $2.00/h   credit lasts 3 h"))
    assert background_of(shell, "credit lasts ") == "red"
    shell.settle(2.5)  # two more refreshes
    assert shell.text.count("At zero") == 1


def test_protected_context_is_red_and_named_in_the_toolbar(sandbox, tmp_path):
    file = tmp_path / "config" / "config.yaml"
    Contexts({"prod": Context("prod", sandbox.url, project="demo", protected=True)}, "prod").save(file)
    words = (sys.executable, "-m", "cudo_shell")
    state = str(tmp_path / "state")
    with Terminal(
        *words, HOME=str(tmp_path), CUDO_STATE_DIR=state, CUDO_CONFIG_DIR=str(file.parent)
    ) as shell:
        shell.wait(toolbar_says("prod/demo PROTECTED"))
        assert background_of(shell, "prod/demo PROTECTED") == "red"


def test_login_tells_who_it_is_and_when_its_token_ends(tmp_path):
    file, words = tmp_path / "config" / "config.yaml", (sys.executable, "-m", "cudo_shell")
    with fake_provider() as provider, Sandbox(issuer=provider.url, audience=AUDIENCE) as sandbox:
        provider.lifetime = 300
        context = Context(
            "dev",
            sandbox.url,
            "oidc",
            issuer=provider.url,
            client_id=CLIENT,
            audience=AUDIENCE,
            project="demo",
        )
        Contexts({"dev": context}, "dev").save(file)
        with Terminal(
            *words,
            columns=140,
            HOME=str(tmp_path),
            CUDO_STATE_DIR=str(tmp_path / "state"),
            CUDO_CONFIG_DIR=str(file.parent),
        ) as shell:
            shell.wait("dev/demo>")
            shell.type("login\r")
            shell.wait("Logged in to")
            shell.type("vm count\r")
            shell.wait(toolbar_says("dev/demo   alice@example.test   login ends in 4 min"))


# Alerts


def test_end_of_a_change_is_told_above_a_line_that_stays_as_it_was(sandbox, shell_at):
    shell = shell_at(sandbox.url, columns=120)
    run(shell, "vm stop web-1 --no-wait")
    shell.type("vm get half-ty")
    shell.wait(toolbar_says("1 change under way"))
    shell.wait("vm web-1 is STOPPED after ")
    shell.wait(lambda it: line_of(it) == "vm get half-ty")
    shell.wait(lambda it: "under way" not in under(it))

    alert = next(row for row, line in enumerate(shell.lines) if "is STOPPED after" in line)
    assert shell.lines[alert + 1].endswith("/demo> vm get half-ty")
    assert shell.raw.count(b"\a") == 1
    shell.type("ped\r")
    shell.wait("VM 'half-typed'")


def test_wait_that_is_interrupted_goes_on_as_an_alert(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    shell.type("vm start web-2\r")
    shell.wait("VM 'web-2': STARTING")
    shell.type("\x03")
    shell.wait("vm wait web-2 --state ACTIVE")
    shell.wait(lambda it: line_of(it) == "")

    shell.wait("vm web-2 is ACTIVE after ")


def test_deletion_and_failure_are_told(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    sandbox.add_fault(kind="fail", match="POST */web-1/stop")
    run(shell, "vm stop web-1 --no-wait")
    run(shell, "vm terminate web-2 --yes --no-wait")

    shell.wait("vm web-1 FAILED after ")
    shell.wait("vm web-2 is gone after ")
    assert shell.color_of("vm web-1 FAILED") == "red"


def test_notification_of_the_desktop_takes_the_place_of_the_bell(sandbox, shell_at):
    shell = shell_at(sandbox.url, CUDO_NOTIFY="osc")
    run(shell, "vm stop web-1 --no-wait")
    shell.wait("is STOPPED after ")
    shell.wait(lambda it: b"\x1b]9;vm web-1 is STOPPED after " in it.raw)
    assert b"\a" not in shell.raw


# The terminal


def test_title_names_the_place_and_is_given_back(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    host = sandbox.url.removeprefix("http://")
    shell.wait(lambda it: it.screen.title == f"{host}/demo")
    shell.type("project use research\r")
    shell.wait(lambda it: it.screen.title == f"{host}/research")
    shell.type("exit\r")
    assert shell.exit_status() == 0
    assert (shell.raw.count(b"\x1b[22;2t"), shell.raw.count(b"\x1b[23;2t")) == (1, 1)


def test_prompts_and_outputs_are_marked_with_the_status(sandbox, shell_at):
    shell = shell_at(sandbox.url)
    run(shell, "vm get no-such-vm")
    marks = [part.split(b"\x1b\\")[0] for part in shell.raw.split(b"\x1b]133;")[1:]]
    assert marks == [b"A", b"C", b"D;4", b"A"]


def test_dumb_terminal_is_told_nothing_but_text(sandbox, shell_at):
    shell = shell_at(sandbox.url, TERM="dumb")
    run(shell, "vm stop web-1 --no-wait")
    shell.type("x")
    shell.settle(2.5)
    assert b"\x1b]" not in shell.raw
    assert b"\a" not in shell.raw
