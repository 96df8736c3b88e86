"""How a script is run: the options that stand before or behind its name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for: `report` is the file that is told of each command, empty for none."""

    check: bool = False
    dry_run: bool = False
    trace: bool = False
    keep_going: bool = False
    report: str = ""
    yes: bool = False
