"""One value that may come next, and which values can be typed at all."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

LONG = 256  # characters; what is longer is no name, and would fill the screen


class Candidate(NamedTuple):
    """A value that may stand at the cursor.

    `hint` stands beside it: columns (state, GPU, price per hour) with a tab between them. `facts` narrow
    a listing: a disk knows its `state` and `data_center`, so that only those are offered that fit what
    was typed before. One that `goes_on` is the beginning of a word: a directory, a column of a condition.
    """

    text: str
    hint: str = ""
    facts: Mapping[str, str] = MappingProxyType({})
    goes_on: bool = False


def typeable(text: str) -> bool:
    """Whether a name can be offered: in quotes, it reaches a command as one argument, unchanged.

    A name is untrusted input. Left out is what a terminal would not show as it is (control characters,
    marks that turn the direction of writing), what begins like an option or a row of a table (`@1`), and
    what begins or ends with a blank, which nobody sees.
    """
    is_name = 0 < len(text) <= LONG and text.strip() == text and not text.startswith(("-", "@"))
    return is_name and text.isprintable()
