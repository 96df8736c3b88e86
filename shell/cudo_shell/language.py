"""The words of the language at the prompt: which may stand where. Pure."""

from collections.abc import Sequence

from cudo_completions.candidates import Candidate
from cudo_shell.blocks import modifiers
from cudo_shell.commands import KEYWORDS
from cudo_shell.scripts.syntax import BEHIND

_NOT_AT_THE_PROMPT = frozenset({"defer", "param"})  # it has neither an end nor a caller


def keywords_behind(words: Sequence[str]) -> list[Candidate]:
    """Return the words that may stand behind modifiers; without any, those that begin a line."""
    if not words:
        known = [word for word in KEYWORDS if word.isalpha() and word not in _NOT_AT_THE_PROMPT]
    elif words[-1] == "=":
        known = []
    else:
        allowed = (BEHIND[word] for word in words if word in BEHIND)
        known = sorted(frozenset.intersection(*allowed) - {""})
    return [Candidate(word, KEYWORDS[word].partition(": ")[0]) for word in known]


def particle(words: Sequence[str]) -> str:
    """Return the word that has to stand at the end of a line, such as `in`; empty where there is none."""
    match words[modifiers(words) :]:
        case ["let", _, _]:
            return "="
        case ["for", _, _]:
            return "in"
        case ["retry", _, _]:
            return "every"
        case ["else", _]:
            return "if"
        case _:
            return ""
