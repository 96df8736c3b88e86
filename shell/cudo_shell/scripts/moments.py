"""Where a script works at a moment: what is deferred there has to find its things again."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cudo_shell.targets import Target

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Moment:
    """The project and the target of a moment: a script may go on to others."""

    project: str
    target: Target

    @classmethod
    def of(cls, work: "Workspace") -> "Moment":
        """Return where a workspace is now."""
        return cls(work.settings["project"], work.target)

    @contextmanager
    def back(self, work: "Workspace") -> "Iterator[Workspace]":
        """Yield a workspace that is there again; afterwards it is where it was.

        Raises: UsageError for a context that is no more.
        """
        now = Moment.of(work)
        is_away = not self._is_at(now.target)
        if is_away:
            work.retarget(self.target.choice)
        there = copy.copy(work)
        if there.settings["project"] != self.project:  # also if there was none
            there.settings = work.settings.with_flags({"project": self.project})
        try:
            yield there
        finally:
            if is_away and self._is_at(work.target):  # else it was to leave
                work.retarget(now.target.choice)
                work.use_project(now.project)

    def _is_at(self, target: Target) -> bool:
        return (self.target.name, self.target.api_url) == (target.name, target.api_url)
