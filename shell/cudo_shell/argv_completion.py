"""The Tab key in front of `cudo` in a Unix shell: from the words of a line to what the last may become.

Answered from files alone. What is missing there, or old, is asked for by a program in the background, for
the next key. Neither the SDK nor the prompt is loaded, and whatever goes wrong, nothing is said.
"""

import sys
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, TextIO

from cudo_completions.candidates import Candidate
from cudo_completions.listing import Listing, Scope
from cudo_completions.offers import Offer, offered
from cudo_completions.position import Inside, Part, Reading, Role, Wanted, read, wanted
from cudo_completions.ranking import begun
from cudo_shell.commands import NOUNS, WORDS, find_noun
from cudo_shell.commands.parser import CommandParser, actions_of
from cudo_shell.grammars import file_names, kinds_for
from cudo_shell.locked import OPEN, Lock, lock_from
from cudo_shell.output.clean import clean
from cudo_shell.shell_words import reply, typed, unquoted

if TYPE_CHECKING:
    from cudo_completions.disk import Shelf
    from cudo_shell.settings import Settings
    from cudo_shell.targets import Target

SCRIPT = ".cudo"
_HINT = 80  # characters of what stands beside a value
_FORWARDED = ("context", "api_key", "folder")  # what the one who asks must know, too
_COMMANDS = {**NOUNS, **WORDS}
_PARAMETER = "name=value"

Given = dict[str, str]
Spawn = Callable[[Sequence[str], Mapping[str, str]], None]


def answer(argv: Sequence[str], out: TextIO, environ: Mapping[str, str]) -> int:
    """Print what may stand at the cursor, in the form that the script of a shell reads.

    `argv`: the shell; then, for bash, the part of the word that it replaces and the line up to the cursor,
    for the others the words behind `cudo` up to the cursor.
    """
    with suppress(Exception):  # an error would be written into the line that somebody types
        shell, *rest = argv
        tab = Tab(environ)
        out.write("".join(f"{line}\n" for line in _WRITERS[shell](tab, rest)))
        out.flush()
        tab.ask()
    return 0


def _for_bash(tab: "Tab", argv: Sequence[str]) -> Iterator[str]:
    """Yield `nospace` or an empty line, and then what bash puts in place of `part`."""
    part, line = argv
    line_read = typed(line)
    last = line_read.last
    offer = tab.file(_text(last)) if line_read.is_file else tab.offer([*line_read.words[1:], _text(last)])
    values = [(each, reply(offer.lead + each.text, last, part)) for each in offer.candidates]
    written = [(each, text) for each, text in values if text is not None]
    yield "nospace" if len(written) == 1 and written[0][0].goes_on else ""
    yield from (text for _, text in written)


def _text(raw: str) -> str:
    return unquoted(raw)[0]


def _for_zsh(tab: "Tab", words: Sequence[str]) -> Iterator[str]:
    """Yield values with what stands beside them; `+` before one that goes on, `-` before any other."""
    offer = tab.offer(words)
    for each in offer.candidates:
        yield f"{'+' if each.goes_on else '-'}{offer.lead}{each.text}\t{_beside(each)}"


def _for_fish(tab: "Tab", words: Sequence[str]) -> Iterator[str]:
    """Yield values with what stands beside them; the last word comes as it was typed."""
    *before, last = words
    offer = tab.offer([*before, _text(last)])
    for each in offer.candidates:
        yield f"{offer.lead}{each.text}\t{_beside(each)}"


_WRITERS = {"bash": _for_bash, "zsh": _for_zsh, "fish": _for_fish}


def _beside(candidate: Candidate) -> str:
    return "  ".join(filter(None, map(clean, candidate.hint.split("\t"))))[:_HINT]


class Looked:
    """A shelf that remembers which listings somebody should ask for."""

    def __init__(self, shelf: "Shelf") -> None:
        self.shelf = shelf
        self.due: list[tuple[str, Scope]] = []

    def look(self, kind: str, scope: Scope) -> Listing:
        """What is on the shelf."""
        if self.shelf.is_due(kind, scope):
            self.due.append((kind, scope))
        return self.shelf.look(kind, scope)


class Nothing:
    """Where nothing is known: without a credential there are no names."""

    def look(self, _kind: str, _scope: Scope) -> Listing:
        """Nothing."""
        return Listing()


class Line(NamedTuple):
    """The words behind `cudo` as they are meant: options that are `given`, and what is wanted at the end."""

    given: Given
    wanted: Wanted


class Tab:
    """One press of the key. `spawn` starts what asks in the background."""

    def __init__(self, environ: Mapping[str, str], spawn: "Spawn | None" = None) -> None:
        self._environ = environ
        self._spawn = spawn or start_refresher
        self._looked: Looked | None = None
        self._given: Given = {}

    def offer(self, words: Sequence[str]) -> Offer:
        """Return what the last word may become."""
        line = read_line(words, self._lock)
        if line.wanted.source is None:
            return offered(line.wanted, Nothing(), Scope("", ""), rank=begun)
        self._given = line.given
        return self._live(line.wanted)

    def file(self, text: str) -> Offer:
        """Return the names of files that a text may become."""
        part = file_names(lock=self._lock({}))(text)
        return offered(_file(text, part), Nothing(), Scope("", ""), rank=begun)

    def ask(self) -> None:
        """Have the listings asked for that were looked at and are old."""
        claimed = [
            (kind, scope.project)
            for kind, scope in (self._looked.due if self._looked else ())
            if self._looked and self._looked.shelf.claim(kind, scope)
        ]
        for project in dict.fromkeys(project for _, project in claimed):
            kinds = [kind for kind, its in claimed if its == project]
            self._spawn([*_options(self._given, project), "completion", "refresh", *kinds], self._environ)

    def _lock(self, given: Given) -> Lock:
        return lock_from(is_wanted="locked" in given, folder=given.get("folder"), environ=self._environ)

    def _live(self, found: Wanted) -> Offer:
        from cudo_shell.kept import scope_of, shelf_of

        target, settings = _resolved(self._given, self._environ, self._lock(self._given))
        scope = scope_of(target, settings)
        if scope is None:
            return offered(found, Nothing(), Scope("", ""), rank=begun)
        looked = Looked(shelf_of(settings))
        if settings["completion_live"] != "no":
            self._looked = looked
        return offered(found, looked, scope, rank=begun)


def _file(text: str, part: Part) -> Wanted:
    return Wanted(text.removeprefix(part.lead), lead=part.lead, choices=part.choices)


# What the words mean


def read_line(words: Sequence[str], lock_for: Callable[[Given], Lock]) -> Line:
    """Read the words behind `cudo`, of which the last is being typed."""
    given, rest = _options_before(words[:-1])
    lock = lock_for(given)
    if rest is None:
        return Line(given, wanted(_program(lock), words, kinds_for(lock)))
    if not find_noun(words[rest]):
        return _behind_script(words[rest:], given, lock_for)
    return Line(given, _of_command(words[rest:], kinds_for(lock)))


def _options_before(words: Sequence[str]) -> tuple[Given, int | None]:
    """Return the options before the command, and where that begins; None if it does not yet."""
    if words and find_noun(words[0]):
        return {}, 0  # the parser of the program need not be loaded
    readings = read(_program(OPEN), words)
    rest = next((at for at, each in enumerate(readings) if _is_command(each)), None)
    return _given(readings[:rest]), rest


def _is_command(reading: Reading) -> bool:
    return reading.role is Role.VALUE and reading.action is not None and reading.action.dest == "words"


def _given(readings: Sequence[Reading]) -> Given:
    """Return the values of options, of a flag an empty one; nothing is checked, for it is half typed."""
    found: Given = {}
    for reading in readings:
        action = reading.action
        if action is not None and (reading.value is not None or action.nargs == 0):
            found[action.dest] = reading.value or ""
    return found


class _Contexts:
    """The names of contexts, whose module is loaded when they are looked at."""

    def __init__(self, *, with_cudoctl: bool) -> None:
        self._with_cudoctl = with_cudoctl

    def __iter__(self) -> Iterator[str]:
        from cudo_shell.commands.context import ContextNames

        return iter(ContextNames(with_cudoctl=self._with_cudoctl))


def _program(lock: Lock) -> ArgumentParser:
    """The parser of the program, which knows where its values come from, and with what a command begins."""
    from cudo_shell.arguments import parser

    tags: dict[str, tuple[str, object]] = {
        "context": ("values", _Contexts(with_cudoctl=True)),
        "confirm_context": ("values", _Contexts(with_cudoctl=False)),
        "project": ("source", "projects"),
        "words": ("inside", _first_word(lock)),
    }
    top = parser()
    for action in actions_of(top):
        if action.dest in tags:
            setattr(action, *tags[action.dest])
    return top


def _first_word(lock: Lock) -> Inside:
    """What a line begins with: a command, a script, or a directory with scripts in it."""
    files = file_names(lock=lock)

    def inside(text: str) -> Part:
        part = files(text)
        found = [each for each in part.choices if each.text.endswith(SCRIPT) or (each.goes_on and text)]
        nouns = [] if part.lead else [Candidate(name, noun.summary) for name, noun in _COMMANDS.items()]
        return Part(part.lead, (*nouns, *found))

    return inside


def _of_command(words: Sequence[str], kinds: Mapping[str, Inside]) -> Wanted:
    noun, *rest = words
    if noun == "help":
        if len(rest) > 1:
            return _of_command(rest, kinds) if find_noun(rest[0]) else Wanted(rest[-1])
        return Wanted(
            rest[0], choices=tuple(Candidate(name, each.summary) for name, each in _COMMANDS.items())
        )
    found = find_noun(noun)
    if found is None:
        return Wanted(rest[-1])
    return wanted(import_module(found[1].module).build_parser(CommandParser), rest, kinds)


def _behind_script(words: Sequence[str], given: Given, lock_for: Callable[[Given], Lock]) -> Line:
    """Read what stands behind the name of a script: its parameters, and options of the program."""
    from cudo_shell.scripts.words import params_of, wanted_of

    name, *rest = words
    parser = _parser_behind()
    readings = read(parser, rest[:-1])
    given = {**given, **_given(readings)}
    lock = lock_for(given)
    found = wanted(parser, rest, kinds_for(lock))
    if found.about == _PARAMETER:
        values = [word for word, each in zip(rest, readings, strict=False) if _is_command(each)]
        found = wanted_of(params_of(name, lock), [*values, rest[-1]])
    return Line(given, found)


def _parser_behind() -> ArgumentParser:
    """The options of the program, which may stand behind the name of a script, and its parameters."""
    parser = _program(OPEN)
    for action in actions_of(parser):
        if action.dest == "words":
            action.metavar, action.help, action.nargs = _PARAMETER, None, "*"
            action.inside = None  # type: ignore[attr-defined]  # a tag of ours
        elif action.dest in {"version", "lines"}:
            action.help = SUPPRESS  # these stand before a command only
    return parser


# Where names come from


def _options(given: Given, project: str) -> Iterator[str]:
    """Yield the options by which the one who asks finds the same place; never a line that would run."""
    yield from (f"--{flag}" for flag in ("sandbox", "locked") if flag in given)
    yield from (f"--{name.replace('_', '-')}={given[name]}" for name in _FORWARDED if name in given)
    if project:
        yield f"--project={project}"


def _resolved(given: Given, environ: Mapping[str, str], lock: Lock) -> "tuple[Target, Settings]":
    """Decide where commands would go, as the program does. Raises: UsageError, OSError and more."""
    from cudo_shell.settings import settings_from
    from cudo_shell.targets import Choice, resolve, sources_from

    sources = sources_from(environ)
    settings = settings_from({"project": given.get("project")}, environ, sources.contexts.settings)
    choice = Choice(
        sandbox="sandbox" in given,
        api_key=_key(given["api_key"], lock) if "api_key" in given else None,
        context=given.get("context", ""),
        current=sources.contexts.current,
    )
    target = resolve(choice, sources)
    settings.aim(target.above, target.below, elsewhere=False)
    return target, settings


def _key(source: str, lock: Lock) -> str:
    """Read the key that `--api-key` leads to, where that is a file. Raises: ValueError for stdin."""
    if not source.startswith("@") or not lock.reached(source[1:]).is_file():
        raise ValueError("this key cannot be had again")
    return lock.read(source[1:]).decode()


def start_refresher(words: Sequence[str], environ: Mapping[str, str]) -> None:
    """Run a command of ours in the background: with a session of its own, and without any of our files."""
    import subprocess

    # -P: the directory that somebody is in must not bring modules.
    command = [sys.executable, "-P", "-m", "cudo_shell.refresher", *words]
    process = subprocess.Popen(  # noqa: S603  # our own program, started from a list
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    process.returncode = 0  # nobody waits for it, and nobody is to be warned of that
