"""Writes docs/commands.md: every command, what it does, which operations of the API it uses, an example."""

from __future__ import annotations

import argparse
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from cudo_sdk import CudoComputeSDK
from cudo_sdk.functions.base import api_function, api_iterator
from cudo_shell.commands import NOUNS
from cudo_shell.commands.parser import CommandParser, verbs_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
HEAD = """\
# Commands

Every command of `cudo`, generated from its code by `tools/commands.py`. Commands are the same at the prompt,
in scripts and as arguments of `cudo`; `help NOUN VERB` tells their options. The last column names the
operations of the official document that a command may use, those by which it waits included; `none` where
it asks nothing of the API, but of files here or of a login server.

- Deleting asks for a yes; `--yes` says it beforehand. Deleting several at once shows what is lost and asks
  for their number to be typed; `--confirm NUMBER` says it beforehand.
- A verb that says "several at once" in its help takes many ids, or `--filter` with the conditions of its
  listing: `vm stop web-1 db-1`, `vm stop --filter 'price>1'`, `vm list -o ids | xargs cudo vm stop`. Each
  thing has a line; when only some failed, the status is 7, and the last line is ready to retry those.
- At the prompt a table numbers its rows. `@1`, `@2-5`, `@1,4`, `@*` and `@last`, the thing last made or
  named, stand wherever an id of that kind does: `vm list`, then `vm stop @2-5`.
- What is worth more asks for a word to be typed: the id of what is committed to for a term (`--term`), the
  amount of a payment, the address of an account that is deleted. `--confirm WORD` repeats it beforehand; a
  mere yes never does.
- In a protected context the first change of a command asks for the name of the context. No `--yes` answers
  that, `cudo --confirm-context NAME` does.
- `--dry-run`, on all that sends a change, shows the first request that would change something, its price
  and what would be asked, and changes nothing; with `-o json` it is a record of operation, method, path,
  query and body. What follows from the reply of that request cannot be shown. `vm create` has the API
  check it.
- `cudo --locked --folder DIR`, for machines that several people share, reads files of that folder alone and
  starts no other program: no pipe, no redirection, no pager, no browser, no command store. What it refuses
  ends with status 8. `CUDO_LOCKED=1` and `CUDO_LOCKED_FOLDER` do the same, and no option widens that.
- Without a terminal to ask at, and without the option, a command changes nothing and ends with status 8.
- Secrets that the API hands out go into a pipe, a file or a variable. On a terminal they are printed with
  `--show` only; without it, one that is handed out only once is not even made.
"""
NONE = "none"  # of a command that asks nothing of the API
_COMMANDS = "cudo_shell.commands"
_API = re.compile(r"^ *API: (.+)$", re.MULTILINE)  # the line of an operation's docstring that names it


def page() -> str:
    """Return the whole document."""
    parts = [HEAD]
    for name, noun in NOUNS.items():
        also = f" Also: {', '.join(f'`{alias}`' for alias in noun.aliases)}." if noun.aliases else ""
        parts.append(f"\n## {name}\n\n{noun.summary}.{also}\n")
        parts.append("\n| command | what it does | example | operations |\n|---|---|---|---|\n")
        parts += [f"| {' | '.join(map(_cell, row))} |\n" for row in rows(name, noun.module)]
    return "".join(parts)


def rows(noun: str, module: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield the commands of a noun: words, help, example, operations."""
    parser = import_module(module).build_parser(CommandParser)
    for words, command in commands(noun, parser):
        run: Any = command.get_default("run")
        example = command.examples[-1]  # type: ignore[attr-defined]  # a tag of ours
        used = ", ".join(operations(run)) or NONE
        yield words, str(command.description), f"`{example}`", used


def commands(noun: str, parser: ArgumentParser) -> Iterator[tuple[str, ArgumentParser]]:
    """Yield the parsers of a noun's verbs with their words, aliases beside the verb; or its only one."""
    verbs = verbs_of(parser)
    names: dict[ArgumentParser, list[str]] = {}
    for verb, command in verbs.items():
        names.setdefault(command, []).append(verb)
    for command, (verb, *aliases) in names.items():
        also = f" ({', '.join(f'`{alias}`' for alias in aliases)})" if aliases else ""
        yield f"`{noun} {verb}`{also}", command
    if not verbs:
        yield f"`{noun}`", parser


def operations(run: Any) -> list[str]:
    """Return the operations of the API that a function of a command may use, by what its code names."""
    docs = [method.__doc__ or "" for name in sorted(set(names_in(run, set()))) if (method := _method(name))]
    return sorted({found for doc in docs for line in _API.findall(doc) for found in re.split(r",\s*", line)})


def _method(name: str) -> Any:
    """Find an operation of the SDK; the facade has all of them."""
    found = (vars(kind).get(name) for kind in CudoComputeSDK.__mro__)
    return next((each for each in found if isinstance(each, api_function | api_iterator)), None)


def names_in(thing: Any, seen: set[int]) -> Iterator[str]:
    """Yield the names in the code of a function, and of what of ours it refers to."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, tuple):  # a Lifecycle is one
        for part in thing:
            yield from names_in(part, seen)
    elif isinstance(thing, FunctionType):
        names = list(_names(thing.__code__))
        late = [vars(import_module(name)) for name in names if name.startswith(_COMMANDS)]
        for name in names:
            yield name
            used = next((known[name] for known in (thing.__globals__, *late) if name in known), None)
            if _is_ours(used):
                yield from names_in(used, seen)


def _names(code: CodeType) -> Iterable[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_ours(used: Any) -> bool:
    module = getattr(used, "__module__", None) or type(used).__module__
    return module.startswith(_COMMANDS)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(argv: list[str]) -> int:
    """Write the page, or with `--check` say whether it is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; status 1 if the page is stale")
    text = page()
    if parser.parse_args(argv).check:
        return int(PAGE.read_text() != text)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
