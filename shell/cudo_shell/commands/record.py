"""Recording the prompt as a script, on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, noun_parser
from cudo_shell.exits import UsageError

if TYPE_CHECKING:
    from cudo_shell.recording import Recording
    from cudo_shell.workspace import Workspace


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "record", "Record the prompt as a script.")

    examples = ("record start lab.cudo",)
    verb = add_verb(verbs, "start", record_start, examples=examples, in_project=False)
    verb.add_argument(
        "file", nargs="?", metavar="FILE", help="a new file; else one in the directory of the state"
    )
    verb.add_argument("--keep-reads", action="store_true", help="record what only looks, too")

    add_verb(verbs, "stop", record_stop, examples=("record stop",), in_project=False)
    return parser


def record_start(work: "Workspace", args: Namespace) -> None:
    """Begin to record: what you change from now on is written into a script."""
    _recording(work).start(work, args.file, keeps_reads=args.keep_reads)


def record_stop(work: "Workspace", args: Namespace) -> None:  # noqa: ARG001  # the signature of verbs
    """End the recording, and say where the script is."""
    _recording(work).stop(work)


def _recording(work: "Workspace") -> "Recording":
    if work.recording is None or work.rows is None:  # a script has neither
        raise UsageError("Only the prompt can be recorded.", "Start cudo without a command.")
    return work.recording
