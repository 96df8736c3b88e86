"""What is going on during a wait: one line that repaints on a terminal, a few plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

REMIND = 60.0  # seconds between plain lines that say the same

Tell = Callable[[str], None]

_shown: "ContextVar[Progress | None]" = ContextVar("shown", default=None)


@contextmanager
def progress(
    what: str,
    err: TextIO,
    *,
    is_animated: bool,
    has_color: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Tell]:
    """Show how a wait goes on. Call what is yielded with the state now; it may be called from any thread."""
    if is_animated:
        with _spinner(what, err, has_color=has_color) as tell:
            yield tell
    else:
        yield _plain(what, err, clock)


@contextmanager
def _spinner(what: str, err: TextIO, *, has_color: bool) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(file=err, force_terminal=True, no_color=not has_color)
    # The text comes as a field and without markup: a state is the server's word.
    columns = (SpinnerColumn(), TextColumn("{task.fields[text]}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", text=what, total=None)
        token = _shown.set(bar)
        try:
            yield lambda state: bar.update(task, text=f"{what}: {state}")
        finally:
            _shown.reset(token)


@contextmanager
def paused() -> Iterator[None]:
    """Keep the line that repaints off the screen while a person reads and types."""
    bar = _shown.get()
    if bar is None:
        yield
        return
    bar.stop()
    try:
        yield
    finally:
        bar.start()


def _plain(what: str, err: TextIO, clock: Callable[[], float]) -> Tell:
    started, told, told_at = clock(), "", 0.0

    def tell(state: str) -> None:
        nonlocal told, told_at
        if state != told or clock() - told_at >= REMIND:
            told, told_at = state, clock()
            err.write(f"{what}: {state} ({told_at - started:.0f} s)\n")
            err.flush()

    return tell
