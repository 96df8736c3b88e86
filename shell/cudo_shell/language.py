"""The words of the language at the prompt: what each is for, and which may stand where. Pure."""

from collections.abc import Sequence

from cudo_completions.candidates import Candidate
from cudo_shell.blocks import modifiers
from cudo_shell.scripts.syntax import KEYWORDS

HELP = {
    "assert": "fail unless something is true: assert ${vm.state == 'ACTIVE'} \"it is not up\"",
    "defer": "in a script, do something at its end, whatever happens: defer vm terminate ${vm.id} --yes",
    "echo": 'print words: echo "created ${vm.id}"',
    "else": "what is done otherwise: else, or else if ${...}",
    "end": "the end of for, if or timeout",
    "exit": "leave, with the status of the last command or with one of your own: exit 3",
    "for": "do the lines up to end for each: for vm in ${vms}",
    "if": "do the lines up to else or end if something is true: if ${length(vms) > `0`}",
    "let": "keep the result of a command, or a value: let vms = vm list",
    "param": "in a script, what its caller gives: param region: data-center = gb-bournemouth-1",
    "retry": "try again until it succeeds: retry 5 every 10s vm start web-1",
    "sleep": "wait: sleep 10s",
    "source": "run a script with the variables of the prompt: source deploy.cudo region=gb-bournemouth-1",
    "timeout": "give the lines up to end this time: timeout 10m",
    "try": "go on, also when the command fails: try vm start web-1",
    "!": "demand that the command fails: ! vm get web-9",
}
_NOT_AT_THE_PROMPT = frozenset({"defer", "param"})  # it has neither an end nor a caller
_BEHIND = {"try": ("let", "retry", "source"), "!": ("retry", "source"), "defer": ("echo", "retry", "try")}


def keywords_behind(words: Sequence[str]) -> list[Candidate]:
    """Return the words that may stand behind modifiers; without any, those that begin a line."""
    if not words:
        known = [word for word in KEYWORDS if word.isalpha() and word not in _NOT_AT_THE_PROMPT]
    elif words[-1] == "=":
        known = []
    else:  # behind `retry 3 every 5s`
        known = [*_BEHIND.get(words[-1], ("let", "source"))]
    return [Candidate(word, HELP[word].partition(": ")[0]) for word in known]


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
