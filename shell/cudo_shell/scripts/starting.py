"""What the words of the program mean as a script: which one it is, and how it is to run.

As in `main`, nothing is imported before it is needed: every command comes past here.
"""

import os

from cudo_shell.commands import find_noun

TYPE_CHECKING = False  # as in `main`
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from cudo_shell.locked import Lock
    from cudo_shell.scripts.files import Script
    from cudo_shell.streams import Streams
    from cudo_shell.workspace import Workspace


def names_script(words: "Sequence[str]") -> bool:
    """Whether the first word is a script: a file, or `-`."""
    from pathlib import Path

    if not words or find_noun(words[0]):
        return False
    name = words[0]
    return name == "-" or name.endswith(".cudo") or os.sep in name or Path(name).is_file()


def script_from(options: "Namespace", streams: "Streams", lock: "Lock") -> "Script | None":
    """Return the script that `-e`, the words or stdin hold; None for a command or the prompt.

    Raises: UsageError for one that cannot be read, or where there is nothing at all; RefusedError.
    """
    from cudo_shell.scripts import files

    words = options.words
    if options.lines:
        return files.Script("<line>", "\n".join([*options.lines, *words]))
    if words and not names_script(words):
        return None
    if words and words[0] != "-":
        return files.load(words[0], lock)
    if streams.stdin is None:
        from cudo_shell.exits import UsageError

        raise UsageError("There is nothing to do: no command, and stdin is closed.", "See: cudo --help")
    if streams.in_is_terminal and not words:
        return None
    return files.read(streams.stdin.buffer, "<stdin>")


def demand_no_options(options: "Namespace") -> None:
    """Refuse the options of scripts where there is none.

    Raises: UsageError.
    """
    from cudo_shell.scripts.options import demand_none, options_from

    if not options.words or find_noun(options.words[0]):  # else it is no command, which says more
        demand_none(options_from(options), options.words)


def help_of(script: "Script") -> str:
    """Return the help of a script."""
    from cudo_shell.scripts.parameters import help_text
    from cudo_shell.scripts.syntax import read

    return help_text(script, read(script.text).params)


def run_script(script: "Script", work: "Workspace", options: "Namespace") -> int:
    """Run a script as the options ask, with the parameters among the words; return its exit code.

    Raises: UsageError for words that are none, and what the runner raises.
    """
    from cudo_shell.scripts import runner
    from cudo_shell.scripts.options import options_from
    from cudo_shell.scripts.parameters import given_from

    given = {} if options.lines else given_from(options.words[1:])
    return runner.run(script, work, given, options_from(options))
