"""The word `help`: what there is, and how each command is used."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from cudo_shell.commands import KEYWORDS, NOUNS, find_noun, no_command
from cudo_shell.commands.base import examples_text, finish
from cudo_shell.commands.parser import CommandParser, verbs_of
from cudo_shell.exits import UsageError

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

EXAMPLES = ("help", "help vm", "help vm create")

GRAMMAR = """\
Commands are: noun, verb, arguments. They are the same at the prompt, in FILE.cudo scripts and as
arguments of cudo. `help NOUN` lists the verbs, `help NOUN VERB` explains one, with examples."""

LANGUAGE = "words of the language, at the prompt and in scripts"


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser = cls(prog="help", description="Help for a command.", epilog=examples_text(EXAMPLES))
    parser.add_argument("words", nargs="*", metavar="WORD", help="a noun, and a verb of it")
    finish(parser, show_help, EXAMPLES, in_project=False)
    return parser


def show_help(work: "Workspace", args: Namespace) -> None:
    """Show what commands there are, or how one is used."""
    work.streams.out.write(help_text(args.words))


def help_text(words: list[str]) -> str:
    """Return the overview, or the help of a noun, of a verb, or of a word of the language.

    Raises: UsageError for words that are no command.
    """
    if not words:
        return overview()
    if words[0] in KEYWORDS:
        about = KEYWORDS[words[0]]
        return f"{about[0].upper()}{about[1:]}\n"
    found = find_noun(words[0])
    if found is None:
        raise no_command(words[0])
    parser: ArgumentParser = import_module(found[1].module).build_parser(CommandParser)
    if len(words) > 1:
        verbs = verbs_of(parser)
        if words[1] not in verbs:
            raise UsageError(f"'{found[0]}' has no verb '{words[1]}'.", f"Verbs: {', '.join(verbs)}")
        parser = verbs[words[1]]
    return parser.format_help()


def overview() -> str:
    """Return the list of nouns, and of the words of the language."""
    nouns = {name: noun.summary for name, noun in NOUNS.items()}
    words = {word: about.partition(": ")[0] for word, about in KEYWORDS.items()}
    return f"{GRAMMAR}\n\nnouns:\n{_listed(nouns)}\n{LANGUAGE}:\n{_listed(words)}"


def _listed(words: Mapping[str, str]) -> str:
    width = max(map(len, NOUNS))
    return "".join(f"  {word:<{width}}  {about}\n" for word, about in words.items())
