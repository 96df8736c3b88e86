"""What may be taken from the history with one key: only lines that change nothing."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document

from cudo_shell.blocks import commands_of
from cudo_shell.quoting import Kind, pieces

_READING = frozenset({"help", "history", "whoami"})  # they have no verb
_READING_VERBS = frozenset(
    {
        "bash",
        "count",
        "credit-list",
        "details",
        "find",
        "fish",
        "get",
        "list",
        "ls",
        "monitor",
        "operating-systems",
        "os-list",
        "outstanding",
        "payment-method-list",
        "permission-list",
        "price-list",
        "prices",
        "project-list",
        "rule-list",
        "search",
        "show",
        "spend",
        "status",
        "transaction-list",
        "use",  # it chooses where to work, which the prompt shows
        "wait",
        "zsh",
    }
)
_LOOKED_AT = 200  # lines that begin as the typed one: reading each costs time, on every key


def is_harmless(words: Sequence[str]) -> bool:
    """Whether a command neither changes anything nor shows a secret. What is not known is not harmless."""
    if not words:
        return False
    if words[0] in _READING:
        return True
    return len(words) > 1 and words[1] in _READING_VERBS and "--show" not in words


def may_be_suggested(line: str) -> bool:
    """Whether it is one line, and harmless as a whole: it neither writes a file nor runs another program."""
    if "\n" in line:
        return False
    found = list(pieces(line))
    if any(piece.kind in {Kind.REDIRECTION, Kind.OPEN} for piece in found):
        return False
    commands = list(commands_of(line))
    return bool(commands) and all(is_harmless([piece.word for piece in words]) for words in commands)


def suggested(typed: str, lines: Iterable[str]) -> str:
    """Return what a line that was typed may go on with; the first of the lines that fits decides."""
    if not typed.strip():
        return ""
    longer = (line for line in lines if line.startswith(typed) and line != typed)
    return next((line[len(typed) :] for line in islice(longer, _LOOKED_AT) if may_be_suggested(line)), "")


class HarmlessSuggestions(AutoSuggest):
    """Suggests the end of a line from those of the history; `lines` gives them, newest first."""

    def __init__(self, lines: Callable[[], Iterable[str]]) -> None:
        self._lines = lines

    def get_suggestion(self, buffer: Buffer, document: Document) -> Suggestion | None:  # noqa: ARG002  # the signature of prompt_toolkit
        """Suggest at the end of a single line; what is typed in its middle needs no end."""
        if "\n" in document.text or not document.is_cursor_at_the_end:
            return None
        rest = suggested(document.text, self._lines())
        return Suggestion(rest) if rest else None
