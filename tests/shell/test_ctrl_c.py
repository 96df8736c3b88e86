"""When an interrupt is raised, and when it is only noted."""

import signal
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from cudo_shell.ctrl_c import CtrlC


class Loop:
    """A loop that comes to what is asked of it at once."""

    def call_soon_threadsafe(self, action: Callable[..., None], *args: object) -> None:
        action(*args)


class ClosedLoop:
    """A loop that has just ended."""

    def call_soon_threadsafe(self, *_: object) -> None:
        raise RuntimeError("Event loop is closed")


def session(*, loop: object = None, is_running: bool = True, is_done: bool = False) -> Any:
    return SimpleNamespace(app=SimpleNamespace(loop=loop, is_running=is_running, is_done=is_done))


def test_interrupt_is_raised_only_while_something_runs():
    ctrl_c = CtrlC()
    seen = [ctrl_c.raises, ctrl_c.run(lambda: ctrl_c.raises), ctrl_c.raises]

    assert seen == [False, True, False]


def test_what_was_interrupted_is_over_for_the_next_interrupt():
    ctrl_c = CtrlC()
    with pytest.raises(KeyboardInterrupt):
        ctrl_c.run(lambda: signal.default_int_handler(signal.SIGINT, None))

    assert not ctrl_c.raises


@pytest.mark.parametrize(
    "at_prompt",
    [
        session(),
        session(loop=Loop(), is_done=True),
        session(loop=Loop(), is_running=False),
        session(loop=ClosedLoop()),
    ],
    ids=["between two", "line entered", "line handed over", "loop closed"],
)
def test_interrupt_between_two_prompts_ends_what_would_run_next_and_is_forgotten_at_the_next(at_prompt):
    ctrl_c, done = CtrlC(), []
    ctrl_c.note(at_prompt)
    with pytest.raises(KeyboardInterrupt):
        ctrl_c.run(lambda: done.append("too early"))
    assert (ctrl_c.forget(), ctrl_c.forget()) == (True, False)
    ctrl_c.run(lambda: done.append("later"))

    assert done == ["later"]


def test_signals_that_a_command_took_are_given_back_however_it_ends():
    def handler(*_: object) -> None: ...

    def interrupted() -> None:
        signal.signal(signal.SIGTERM, handler)
        signal.setitimer(signal.ITIMER_REAL, 60)
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        CtrlC().run(interrupted)

    assert (signal.getsignal(signal.SIGTERM), signal.getitimer(signal.ITIMER_REAL)) == (before, (0, 0))
