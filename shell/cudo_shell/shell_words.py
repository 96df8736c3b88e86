"""A half-typed line of bash as words, and words as bash must have them written. Pure.

bash splits the word at the cursor again, at `=`, `:` and `@`, and wants back only what stands behind.
"""

import re
from typing import NamedTuple

_BLANKS = re.compile(r"\s*")
_OPERATOR = re.compile(r"(\d*[<>]+[&|]?|&>+)|[|;&()]+")
_WORD = re.compile(
    r"""(?: [^\s'"\\<>|;&()] | \\. | '[^']*(?:'|\Z) | "(?:[^"\\]|\\.)*(?:"|\\?\Z) | \\\Z )+""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED_IN_QUOTES = '\\"$`'
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@%+,=-]*")


class Typed(NamedTuple):
    """A line up to the cursor: the words before the last one, and that one as it was typed.

    `is_file` says that the last word is where output goes, or input comes from.
    """

    words: tuple[str, ...]
    last: str = ""
    is_file: bool = False


def typed(line: str) -> Typed:
    """Read a line up to the cursor; redirections are left out, what a pipe led into is forgotten."""
    words: list[str] = []
    is_file, at = False, _BLANKS.match(line).end()  # type: ignore[union-attr]  # it matches anything
    while at < len(line):
        operator = _OPERATOR.match(line, at)
        found = operator or _WORD.match(line, at)
        end = found.end() if found else at + 1
        if operator is not None:
            words = words if operator[1] else []
            is_file = bool(operator[1])
        elif end == len(line):
            return Typed(tuple(words), line[at:], is_file)
        else:
            words += [] if is_file else [unquoted(line[at:end])[0]]
            is_file = False
        at = _BLANKS.match(line, end).end()  # type: ignore[union-attr]  # as above
    return Typed(tuple(words), is_file=is_file)


def unquoted(raw: str) -> tuple[str, str]:
    """Return the text of a word that may not be complete, and the quote in which it ends, if any."""
    text, mark = "", ""
    letters = iter(raw)
    for letter in letters:
        if mark == "'":
            mark, text = ("", text) if letter == "'" else (mark, text + letter)
        elif letter == "\\":
            escaped = next(letters, "")
            text += escaped if not mark or escaped in _ESCAPED_IN_QUOTES else f"\\{escaped}"
        elif letter == mark:
            mark = ""
        elif letter in "'\"" and not mark:
            mark = letter
        else:
            text += letter
    return text, mark


def reply(value: str, last: str, part: str) -> str | None:
    """Return what bash must be given for a value to stand in the place of the last word.

    `last` is that word as it was typed, `part` the end of it that bash replaces. None: there is no way to
    write the value there so that it arrives as one word, unchanged.
    """
    kept, mark = unquoted(last.removesuffix(part))
    if not last.endswith(part) or not value.startswith(kept):
        return None
    return quoted(value.removeprefix(kept), mark)


def quoted(text: str, mark: str) -> str | None:
    """Write a text behind an open quote, or bare where there is none; None if it cannot stand there."""
    if not mark:
        return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "'\\''") + "'"
    if mark in text or (mark == '"' and "!" in text):  # bash looks up `!` in the history, also in quotes
        return None
    return text if mark == "'" else re.sub(r"([\\$`])", r"\\\1", text)
