"""What Ctrl-C ends: a command that runs, or the line that is typed, and never what lies between them."""

import signal
from collections.abc import Callable
from typing import TypeVar

from prompt_toolkit import PromptSession

T = TypeVar("T")

# A command has its own meaning for them, which must not outlive it, however often it is interrupted.
_BORROWED = (signal.SIGALRM, signal.SIGHUP, signal.SIGTERM)


class CtrlC:
    """Knows at each moment what an interrupt is for.

    Raised just anywhere, it would end the loop of the prompt, or leave the terminal or a pipe half undone.
    So it is raised only in what is `run` here; at the prompt it is one more key, and elsewhere it is noted.
    """

    def __init__(self) -> None:
        self.was_noted = False  # since the prompt before
        self.raises = False

    def note(self, session: PromptSession[str]) -> None:
        """Deal with an interrupt that nothing is there to be ended by: in a signal handler."""
        loop = session.app.loop
        try:
            if loop is None:
                self.was_noted = True
            else:
                loop.call_soon_threadsafe(self._press, session)
        except RuntimeError:  # the line was entered this very moment
            self.was_noted = True

    def _press(self, session: PromptSession[str]) -> None:
        app = session.app
        if app.is_running and not app.is_done:
            app.key_processor.send_sigint()
        else:
            self.was_noted = True

    def forget(self) -> bool:
        """Begin anew, at a prompt; whether anything had been noted."""
        was_noted, self.was_noted = self.was_noted, False
        return was_noted

    def run(self, action: Callable[[], T]) -> T:
        """Do something that Ctrl-C ends, also one that came since the prompt.

        Raises: KeyboardInterrupt.
        """
        before = [(number, signal.getsignal(number)) for number in _BORROWED]
        # Python looks for signals after calls, so there must be none between these names and the switch.
        try:
            self.raises = True
            if self.was_noted:
                raise KeyboardInterrupt
            return action()
        finally:
            self.raises = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before:
                signal.signal(number, handler)
