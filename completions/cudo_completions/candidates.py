"""One value that may come next, and which values can be typed at all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that may stand at the cursor.

    `hint` stands beside it: columns (state, GPU, price per hour) with a tab between them. `facts` narrow
    a listing: a disk knows its `state` and `data_center`, so that only those are offered that fit what
    was typed before.
    """

    text: str
    hint: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


# A name is untrusted input. These characters pass any command-line parser as one word or, with the
# single spaces inside a name, as one quoted word; others could open a pipe, a file or an option.
_TYPEABLE = re.compile(r"[A-Za-z0-9._:/][A-Za-z0-9._:/-]*(?: [A-Za-z0-9._:/-]+)*")


def typeable(text: str) -> bool:
    """Whether the text reaches a command as one argument, unchanged, when it is completed."""
    return _TYPEABLE.fullmatch(text) is not None
