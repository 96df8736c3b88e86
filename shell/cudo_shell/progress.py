"""What is going on during a wait: one line that repaints on a terminal, a few plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

REMIND = 60.0  # seconds between plain lines that say the same

Tell = Callable[[str], None]


@contextmanager
def progress(
    what: str, err: TextIO, *, is_animated: bool, clock: Callable[[], float] = time.monotonic
) -> Iterator[Tell]:
    """Show how a wait goes on. Call what is yielded with the state now; it may be called from any thread."""
    started = clock()

    def line(state: str) -> str:
        return f"{what}: {state} ({clock() - started:.0f} s)"

    if is_animated:
        with _spinner(err, what) as show:
            yield lambda state: show(line(state))
    else:
        yield _plain(err, line, clock)


@contextmanager
def _spinner(err: TextIO, what: str) -> Iterator[Tell]:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=err, force_terminal=True)
    with console.status(Text(what)) as status:
        yield lambda text: status.update(Text(text))


def _plain(err: TextIO, line: Callable[[str], str], clock: Callable[[], float]) -> Tell:
    told, told_at = "", 0.0

    def tell(state: str) -> None:
        nonlocal told, told_at
        if state != told or clock() - told_at >= REMIND:
            told, told_at = state, clock()
            err.write(line(state) + "\n")
            err.flush()

    return tell
