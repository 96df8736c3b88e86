"""What is known of a command of a script when it has ended: for the trace, the report, a recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cudo_shell.exits import ExitCode, Failure
from cudo_shell.scripts.lines import Line


@dataclass(frozen=True, slots=True)
class Step:
    """A command that was run: where it stands, its words with all values put in, how it ended.

    `seconds` is how long it took. `result` is what it would have shown, with stars for secrets.
    """

    file: str
    line: Line
    words: Sequence[str]
    started: datetime
    seconds: float
    code: ExitCode
    failure: Failure | None = None
    result: Any = None
    request_ids: Sequence[str] = ()
