"""A listing command that is run again and again."""

import time
from argparse import Namespace
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from cudo_shell.exits import ExitCode, UsageError
from cudo_shell.failures import explain
from cudo_shell.output.comparison import Listing
from cudo_shell.output.fields import narrowed, to_data
from cudo_shell.output.selection import Selection, selection_from
from cudo_shell.output.watching import (
    CollectedOutput,
    Display,
    Repainted,
    Streamed,
    Told,
    ended_by_ctrl_c,
    hidden_cursor,
    watch,
)
from cudo_shell.streams import terminal_width

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


def watch_command(work: "Workspace", args: Namespace) -> None:
    """Run a listing every `args.watch` seconds, and show what changes, until Ctrl-C.

    Raises: UsageError where that cannot be shown.
    """
    selection = selection_from(args)
    display = _display(work, selection, args.watch)
    is_repainted = isinstance(display, Repainted)

    def look() -> Listing:
        collected = CollectedOutput(work.streams)
        args.run(work.unheard().collecting(collected), args)
        return collected.listing

    with ended_by_ctrl_c(work.streams), hidden_cursor(work.streams) if is_repainted else nullcontext():
        watch(look, display, lambda: time.sleep(args.watch), _passing)


def _display(work: "Workspace", selection: Selection, interval: float) -> Display:
    """Choose how it is shown, by the format and by what the terminal can do."""
    streams, form = work.streams, work.settings["output"]
    if form == "jsonl":
        is_narrow = bool(selection.columns)
        return Streamed(streams, narrowed if is_narrow else lambda item, _: to_data(item))
    if form != "table" or not streams.out_is_terminal or work.captured is not None:
        raise UsageError("--watch needs a terminal and a table.", "Into a pipe or a file: --watch -o jsonl")
    keeps = selection.is_wide or bool(selection.columns)
    if streams.is_animated:
        width = partial(terminal_width, streams.out, work.environ)
        return Repainted(streams, interval, width, keeps_columns=keeps)
    return Told(streams, keeps_columns=keeps)


def _passing(error: Exception) -> str | None:
    """Return why a look failed if that may pass: the network, a server that is busy or down."""
    failure = explain(error)
    return failure.message if failure.code is ExitCode.UNAVAILABLE else None
