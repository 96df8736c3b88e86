"""What is shown while something is waited for."""

import io
import time

from cudo_shell.progress import paused, progress


def test_pipe_gets_a_line_for_each_new_state_and_a_reminder_each_minute():
    err = io.StringIO()
    now = [0.0]
    with progress("VM 'web-1'", err, is_animated=False, clock=lambda: now[0]) as tell:
        for seconds, state in ((1, "PENDING"), (30, "PENDING"), (70, "PENDING"), (71, "ACTIVE")):
            now[0] = seconds
            tell(state)
    assert err.getvalue() == (
        "VM 'web-1': PENDING (1 s)\nVM 'web-1': PENDING (70 s)\nVM 'web-1': ACTIVE (71 s)\n"
    )


def test_terminal_gets_one_line_that_goes_away():
    err = io.StringIO()
    with progress("VM 'web-1'", err, is_animated=True) as tell:
        tell("[red]PENDING")
    assert "VM 'web-1': [red]PENDING" in err.getvalue()
    assert "\x1b[3" not in err.getvalue()  # no colour was asked for
    assert err.getvalue().endswith("\x1b[2K")


def test_nothing_is_painted_over_a_question():
    err = io.StringIO()
    with progress("VM 'web-1'", err, is_animated=True) as tell:
        with paused():
            before = err.getvalue()
            tell("PENDING")
            time.sleep(0.3)  # three frames
            assert err.getvalue() == before
            assert before.endswith("\x1b[2K")
        tell("BOOTING")
    assert "VM 'web-1': BOOTING" in err.getvalue()
