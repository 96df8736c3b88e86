"""Which verbs send a change to the API, and the option that shows it instead."""

from typing import TYPE_CHECKING, Any

from cudo_shell.output.formats import FORMATS

if TYPE_CHECKING:
    from argparse import ArgumentParser

OF_THIS_COMPUTER = frozenset(  # nouns that change nothing elsewhere
    {"auth", "completion", "config", "context", "record"}
)
ENDS = frozenset({"delete", "terminate"})  # verbs after which a thing is no more
_LOOKS = frozenset(
    {
        "count",
        "details",
        "get",
        "list",
        "monitor",
        "outstanding",
        "search",
        "spend",
        "use",
        "wait",
    }
)


def is_change(noun: str, verb: str) -> bool:
    """Whether a verb sends a change: all do that are not known to look only, `rule-list` among those."""
    is_look = verb in _LOOKS or verb.endswith("-list")
    return bool(verb) and noun not in OF_THIS_COMPUTER and not is_look


def changes_this_computer(noun: str, verb: str) -> bool:
    """Whether a verb changes what is kept here, such as a login or a setting."""
    return noun in {*OF_THIS_COMPUTER, "login", "logout"} and verb not in {
        *_LOOKS,
        "show",
        "status",
        "token",
    }


def dry_run_option(parser: "ArgumentParser", group: Any) -> None:
    """Add `--dry-run` to a verb that sends a change, and `-o`, for some of those have no other output."""
    noun, _, verb = parser.prog.partition(" ")
    if is_change(noun, verb):
        group.add_argument(
            "--dry-run",
            action="store_true",
            help="show the first request that would change something, and change nothing",
        )
        output_option(group)


def output_option(group: Any) -> None:
    """Add the format of the output."""
    group.add_argument("-o", "--output", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
