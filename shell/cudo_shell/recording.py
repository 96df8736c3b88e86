"""What a workspace knows of the recording of its prompt."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cudo_shell.exits import ExitCode
    from cudo_shell.workspace import Workspace

    Run = Callable[[ArgumentParser, Namespace, Workspace], ExitCode]


class Recording(Protocol):
    """Whether the lines of a prompt are recorded; one for all the workspaces of that prompt."""

    @property
    def is_on(self) -> bool:
        """Whether commands are recorded now."""

    def start(self, work: "Workspace", name: str | None, *, keeps_reads: bool) -> None:
        """Begin to record into a new file; without a name, one in the directory of the state."""

    def stop(self, work: "Workspace") -> None:
        """End the recording, and say where it is and how to go on with it."""

    def leave(self, work: "Workspace") -> None:
        """End the recording, if there is one, with the prompt itself."""

    def follow(self, parser: ArgumentParser, args: Namespace, work: "Workspace", run: "Run") -> "ExitCode":
        """Run a command by `run`, and record it."""
