"""Whole screens, as they are: nothing else stands on them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.shell.terminal import Terminal, line_of, run

from cudo_sandbox import Sandbox

TOOLBAR = " HERE/demo   Tab completes   F1 helps   Ctrl-D leaves"
WIDE = """\
HERE/demo> vm list
Not shown, the terminal is narrow: machine_type, gpu_model, created
#  ID        STATE    DATA CENTER        VCPUS  MEMORY  GPUS  IP              PRICE
1  web-1     ACTIVE   gb-bournemouth-1       2   4 GiB     0  198.18.0.5  $0.0191/h
2  web-2     STOPPED  gb-bournemouth-1       2   4 GiB     0  198.18.0.6  $0.0191/h
3  db-1      ACTIVE   no-luster-1            8  16 GiB     0              $0.0755/h
4  train-1   ACTIVE   no-luster-1           16  32 GiB     2  198.18.0.8  $1.1966/h
5  render-1  FAILED   se-smedjebacken-1      4   8 GiB     1  198.18.0.9  $0.3043/h
HERE/demo>"""
SLIP = """\
HERE/demo> vm gett web-1
vm: unknown verb 'gett'
Did you mean: get?
HERE/demo> vm get web-1"""
MENU = """\
HERE/demo> vm start web-
                           web-2  STOPPED  gb-bournemouth-1  $0.0191/h
                           web-1  ACTIVE   gb-bournemouth-1  $0.0191/h"""


@pytest.fixture
def shell(shell_at) -> Iterator[Terminal]:
    with Sandbox(speed=1000) as sandbox:
        yield shell_at(sandbox.url, CUDO_METER="no")


def screen(shell: Terminal) -> str:
    """What is to be seen, without the port, which is another one each time, and without the toolbar."""
    here = re.compile(r"127\.0\.0\.1:\d+")
    return "\n".join(here.sub("HERE", line) for line in shell.lines if "Ctrl-D leaves" not in line)


def test_listing(shell):
    run(shell, "vm list")
    assert screen(shell) == WIDE
    shell.wait("Ctrl-D leaves")
    assert re.sub(r"127\.0\.0\.1:\d+", "HERE", shell.lines[-1]) == TOOLBAR


def test_slip_and_the_line_that_was_meant(shell):
    shell.type("vm gett web-1\r")
    shell.wait(lambda it: line_of(it) == "vm get web-1")
    assert screen(shell) == SLIP


def test_menu_with_the_right_state_first(shell):
    shell.type("vm start w\t")
    shell.wait("ACTIVE")
    shell.settle()
    menu = re.sub(r"^ +(?=web)", " " * 27, screen(shell), flags=re.MULTILINE)
    assert menu.splitlines()[:3] == MENU.splitlines()
