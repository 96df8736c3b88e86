"""Writing words so that a script reads them back as they were, and names for variables. Pure."""

import json
import re
from collections.abc import Iterable

from cudo_shell.commands import KEYWORDS
from cudo_shell.quoting import quoted
from cudo_shell.scripts.variables import RESERVED

_FOREIGN = re.compile(r"[^a-z0-9]+")


def written(word: str, *, is_text: bool = False) -> str:
    """Write a word; `is_text` for one that is not to be taken for @FILE, whatever it begins with.

    What quotes cannot hold, such as a line break, stands in a literal of JMESPath, in ASCII.
    """
    start = 0 if is_text and word.startswith("@") else _printable(word)
    end = word[start:]
    return f"{quoted(word[:start]) if start else ''}{_literal(end)}" if end else quoted(word)


def _printable(word: str) -> int:
    """Return how many characters of a word quotes can hold."""
    return next((at for at, char in enumerate(word) if not char.isprintable()), len(word))


def _literal(text: str) -> str:
    return "${`" + json.dumps(text).replace("`", "\\u0060") + "`}"


class Names:
    """Gives out the names of variables, each once."""

    def __init__(self, taken: Iterable[str] = (*KEYWORDS, *RESERVED)) -> None:
        self._taken = set(taken)

    def new(self, text: str) -> str:
        """Return a name that is like a text: `web_1` for web-1, `web_1_2` for the next of them."""
        base = _FOREIGN.sub("_", text.lower()).strip("_")
        base = base if base[:1].isalpha() else f"x_{base}".rstrip("_")
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name
