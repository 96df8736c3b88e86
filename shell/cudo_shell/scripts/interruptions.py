"""What cuts a script off from outside: SIGTERM, a terminal that is closed, the end of a block's time.

All are raised where Ctrl-C is, in the main thread and at any moment, and go the same way: what runs is
cancelled, and the clean-up follows.
"""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from cudo_shell.exits import Elapsed, ExitCode, Terminated

# A closed terminal is no reason to leave machines behind that cost money.
_ENDS = {
    signal.SIGTERM: ("Terminated.", ExitCode.TERMINATED),
    signal.SIGHUP: ("The terminal was closed.", ExitCode.HUNG_UP),
}


class Interruptions:
    """While entered, SIGTERM and SIGHUP raise Terminated, and the end of a limit Elapsed.

    `pending` is what came and is not dealt with: a command explains it to the person and ends, and
    whoever runs the command raises it again. `ended_by` is what has ended a whole script, Ctrl-C included.
    """

    def __init__(self) -> None:
        self.pending: Terminated | Elapsed | None = None
        self.ended_by: KeyboardInterrupt | None = None
        self._limits: dict[Elapsed, float] = {}  # when they end, if they have not; outermost first
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # signals come nowhere else
            self._take(signal.SIGALRM, self._elapsed)
            for number in _ENDS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` has it
                    self._take(number, self._terminated)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> None:
        self._before[number] = signal.signal(number, handler)

    @contextmanager
    def limit(self, elapsed: Elapsed, seconds: float) -> Iterator[None]:
        """Raise `elapsed` when so many seconds have passed meanwhile; at the latest, while this is left."""
        self._limits[elapsed] = time.monotonic() + seconds
        self._arm()
        try:
            yield
        finally:
            self.forget(elapsed)

    def forget(self, elapsed: Elapsed) -> None:
        """Take a limit back, also one that has come to its end."""
        self._limits.pop(elapsed, None)
        self._arm()
        if self.pending is elapsed:
            self.pending = None

    def _arm(self) -> None:
        """Wake up at the next end of a limit; one that has passed meanwhile ends at once."""
        left = min(self._limits.values(), default=math.inf) - time.monotonic()
        if self._before:
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.001) if left < math.inf else 0)

    def _terminated(self, number: int, _frame: FrameType | None) -> None:
        self.pending = Terminated(*_ENDS[signal.Signals(number)])
        raise self.pending

    def _elapsed(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        over = [elapsed for elapsed, when in self._limits.items() if when <= now]
        if not over:
            self._arm()  # the clock was a little early
            return
        self._limits[over[0]] = math.inf  # it is raised only once
        self.pending = over[0]
        raise over[0]
