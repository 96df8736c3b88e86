"""Ctrl-C in a real pseudo-terminal, pressed and sent at every wrong moment: the prompt always comes back."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from tests.shell.terminal import Terminal, line_of, run

from cudo_sandbox import Sandbox

CTRL_C = "\x03"
PASTE = "\x1b[200~vm get web-1 -o ids\nvm get web-2 -o ids\n\x1b[201~"

Pauses = random.Random


def pauses_of(test: str) -> Pauses:
    """The same for each run of a test."""
    return random.Random(test)  # noqa: S311  # no secret


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def shell(sandbox, shell_at) -> Terminal:
    """A shell with a variable that is lost when it ends."""
    terminal: Terminal = shell_at(sandbox.url)
    run(terminal, "let kept = vm get web-1")
    run(terminal, "echo first-${kept.id}")
    assert "\nfirst-web-1\n" in terminal.text
    return terminal


def press(shell: Terminal, pauses: Pauses, times: int) -> None:
    for _ in range(times):
        shell.type(CTRL_C)
        shell.settle(pauses.choice([0, 0, 0.001, 0.004, 0.01]))


def send(shell: Terminal, pauses: Pauses, times: int) -> None:
    """Interrupt also where the terminal is raw, and a key would be no signal."""
    for _ in range(times):
        os.kill(shell.pid, signal.SIGINT)
        shell.settle(pauses.random() * 0.01)


def after(keys: str, shell: Terminal, pauses: Pauses, times: int) -> None:
    """Interrupt what keys have begun, in its first moment or its last."""
    shell.type(keys)
    shell.settle(pauses.random() * 0.1)
    pauses.choice([press, send])(shell, pauses, times)


def in_paste(shell: Terminal, pauses: Pauses, times: int) -> None:
    shell.type(PASTE)
    shell.settle(0.05)
    after("y\r", shell, pauses, times)


MOMENTS: dict[str, Callable[[Terminal, Pauses, int], None]] = {
    "at the prompt": press,
    "by a signal": send,
    "in a command": partial(after, "vm get web-1 -o ids\r"),
    "behind a pipe": partial(after, "vm get web-1 -o ids | cat\r"),
    "in a menu": partial(after, "vm get w\t"),
    "in a paste": in_paste,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_prompt_and_variables_outlive_any_number_of_interrupts(moment, shell):
    pauses = pauses_of(moment)
    for _ in range(15):
        MOMENTS[moment](shell, pauses, pauses.randrange(2, 9))
        shell.settle(pauses.choice([0, 0.01, 0.05]))
    for _ in range(4):  # a question of a paste may be open, or keys be waiting
        shell.type(CTRL_C)
        shell.settle(0.3)
    shell.type("echo still-${kept.id}\r")

    shell.wait("\nstill-web-1\n")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_to_end_still_ends_the_shell(number, status, shell):
    press(shell, pauses_of("signal"), 20)
    shell.wait(lambda it: line_of(it) == "")
    os.kill(shell.pid, number)

    assert shell.exit_status() == status
