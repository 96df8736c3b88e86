"""Completion in front of `cudo`: the scripts for Unix shells, and the names that are kept for them."""

import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from cudo_completions.sources import SOURCES
from cudo_shell.commands.base import add_verb, argument, noun_parser, timeout_option
from cudo_shell.commands.kinds import LABELS

if TYPE_CHECKING:
    from cudo_completions.candidates import Candidate
    from cudo_completions.disk import Shelf
    from cudo_completions.listing import Scope
    from cudo_shell.workspace import Workspace

TRIES = 5  # to list one kind while it is changed
PATIENCE = 30.0  # seconds for the API to list one kind of things

BASH = """\
# Completion of cudo for bash. Source it, or keep it as ~/.local/share/bash-completion/completions/cudo
_cudo() {
    local reply first=yes
    COMPREPLY=()
    while IFS= read -r reply; do
        if [[ $first ]]; then
            first=
            [[ $reply == nospace ]] && compopt -o nospace
        else
            COMPREPLY+=("$reply")
        fi
    done < <(command cudo completion answer bash "$2" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
}
complete -o nosort -F _cudo cudo 2>/dev/null || complete -F _cudo cudo
"""
ZSH = """\
#compdef cudo
# Completion of cudo for zsh. Source it after compinit, or keep it as _cudo in a directory of $fpath
_cudo() {
    local line value hint
    local -a values shown parts parts_shown
    while IFS= read -r line; do
        value=${${line#?}%%$'\\t'*}
        hint=${line#*$'\\t'}
        if [[ $line == +* ]]; then
            parts+=("$value") parts_shown+=("$value${hint:+  -- $hint}")
        else
            values+=("$value") shown+=("$value${hint:+  -- $hint}")
        fi
    done < <(command cudo completion answer zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" \\
        2>/dev/null </dev/null)
    (( $#values )) && compadd -V cudo -l -d shown -a -- values
    (( $#parts )) && compadd -V cudo -l -S '' -d parts_shown -a -- parts
}
if [[ $funcstack[1] == _cudo ]]; then
    _cudo "$@"
else
    compdef _cudo cudo
fi
"""
FISH = """\
# Completion of cudo for fish. Source it, or keep it as ~/.config/fish/completions/cudo.fish
function __cudo_complete
    set -l words (commandline -opc)
    while string match -q '*=*' -- $words[1]
        set -e words[1]
    end
    command cudo completion answer fish $words[2..-1] (commandline -ct) 2>/dev/null </dev/null
end
complete -c cudo -f -k -a '(__cudo_complete)'
"""


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "completion", "Completion with Tab in bash, zsh and fish.")
    for shell, run in (("bash", print_bash), ("zsh", print_zsh), ("fish", print_fish)):
        add_verb(verbs, shell, run, examples=(f"completion {shell}",), in_project=False)

    verb = add_verb(
        verbs, "refresh", refresh, examples=("completion refresh projects", "completion refresh vms disks")
    )
    argument(verb, "kinds", nargs="+", choices=tuple(SOURCES), metavar="KIND", help="such as vms or projects")
    timeout_option(verb, PATIENCE)

    add_verb(verbs, "clear", clear, examples=("completion clear",), in_project=False)
    return parser


def print_bash(work: "Workspace", _args: Namespace) -> None:
    """Print what completes cudo in bash."""
    work.streams.out.write(BASH)


def print_zsh(work: "Workspace", _args: Namespace) -> None:
    """Print what completes cudo in zsh."""
    work.streams.out.write(ZSH)


def print_fish(work: "Workspace", _args: Namespace) -> None:
    """Print what completes cudo in fish."""
    work.streams.out.write(FISH)


def clear(work: "Workspace", _args: Namespace) -> None:
    """Forget the names that are kept for Tab, of all places and logins."""
    from cudo_shell.kept import shelf_of

    shelf_of(work.settings).clear()
    work.say("No names are kept.")


def refresh(work: "Workspace", args: Namespace) -> None:
    """Ask for the names that Tab offers in a Unix shell, and keep them; Tab does so in the background."""
    from cudo_sdk import LoginRequired
    from cudo_shell.kept import scope_of, shelf_of

    scope = scope_of(work.target, work.settings)
    if scope is None:
        raise LoginRequired("there is no API key")
    shelf, failures = shelf_of(work.settings), []
    for kind in args.kinds:
        try:
            _refresh(work, shelf, kind, scope, args.timeout)
        except Exception as error:  # noqa: BLE001  # the other kinds may be had
            failures.append(error)
    if failures:
        raise failures[0]


def _refresh(work: "Workspace", shelf: "Shelf", kind: str, scope: "Scope", timeout: float) -> None:
    with shelf.turn(kind, scope) as is_ours:
        if not is_ours:
            work.say(f"{LABELS[kind][0]}: another cudo asks for these names.")
            return
        try:
            for _ in range(TRIES):
                began = time.time()
                found = _ask(work, kind, scope.project, timeout)
                if shelf.put(kind, scope, found, began=began):
                    break  # nothing was changed meanwhile
        except Exception as error:
            from cudo_completions.reasons import retry_after

            shelf.failed(kind, scope, rest=retry_after(error))
            raise
    work.say(f"{LABELS[kind][0]}: {len(found)} names.")


def _ask(work: "Workspace", kind: str, project: str, timeout: float) -> "list[Candidate]":
    """Ask as for the menu of the prompt: nobody is asked to log in, and no other login is waited for."""
    import asyncio

    session = work.session

    async def ask() -> Any:
        async with asyncio.timeout(timeout):
            return await SOURCES[kind](session, project)

    found: list[Candidate] = work.connection.submit(ask()).result()
    return found
