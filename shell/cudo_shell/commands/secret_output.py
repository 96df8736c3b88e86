"""Secrets in results: printed into a pipe, a file or a variable, on a terminal only with --show."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cudo_shell.exits import UsageError
from cudo_shell.output.fields import Fields

if TYPE_CHECKING:
    from cudo_sdk.models import Model
    from cudo_shell.workspace import Workspace


def show_option(parser: ArgumentParser, secret: str) -> None:
    """Add the consent to print a secret where somebody may look over a shoulder."""
    parser.add_argument("--show", action="store_true", help=f"print the {secret} on a terminal, too")


def is_shown(work: "Workspace", args: Namespace) -> bool:
    """Whether secrets may be in the output: nobody sees it at once, or the person wants to."""
    return bool(args.show) or not work.streams.out_is_terminal or work.captured is not None


def demand_reader(work: "Workspace", args: Namespace, secret: str) -> None:
    """Refuse to have a secret made that nobody would see: the API hands it out only once.

    Raises: UsageError before anything was asked of the API.
    """
    if not is_shown(work, args):
        raise UsageError(
            f"The {secret} is handed out only once, and a terminal does not show it.",
            "Print it here with --show, or write it into a file: ... -o json > FILE",
        )


def show_with_secrets(work: "Workspace", thing: "Model", fields: Fields, args: Namespace) -> None:
    """Show a thing with its secrets, or with stars for them; the paths of `fields` are the API's names."""
    from cudo_sdk.redaction import guard

    work.tell_result(thing)
    whole, masked = thing.to_api(show_secrets=True), thing.to_api()
    for secret in _secrets(whole, masked):
        guard(secret)  # a script may go on with it, and tell of that
    work.unheard().show(whole if is_shown(work, args) else masked, fields, args)


def _secrets(whole: Any, masked: Any) -> Iterator[str]:
    """Yield the texts that are masked."""
    match whole:
        case dict():
            for name, value in whole.items():
                yield from _secrets(value, masked[name])
        case list():
            for value, mask in zip(whole, masked, strict=True):
                yield from _secrets(value, mask)
        case str() if whole != masked:
            yield whole
