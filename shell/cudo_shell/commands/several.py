"""Verbs that take several things: their ids one after the other, or conditions on their listing."""

from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cudo_shell.commands.base import argument, confirm_option, yes_option
from cudo_shell.grammars import condition
from cudo_shell.output.checked import Checked
from cudo_shell.output.fields import Fields


class Several(NamedTuple):
    """How a verb takes several things: the words that list them; whether it asks before it acts on one."""

    listing: Sequence[str]
    asks: bool


def several_ids(
    parser: ArgumentParser,
    fields: Fields,
    *,
    source: str,
    metavar: str,
    field: str = "id",
    narrow: Mapping[str, str] | None = None,
    listing: Sequence[str] = ("list",),
    asks: bool = False,
    states: Sequence[str] = (),
) -> None:
    """Add the ids of the things that a verb acts on, and what goes with several.

    `fields` are the columns of their listing, which the words of `listing` call; `states` those that are
    known. `asks` says that the verb asks before it acts on one: then several want their number typed.
    """
    argument(parser, "id", nargs="*", source=source, narrow=narrow, field=field, metavar=metavar)
    parser.set_defaults(several=Several(listing, asks))
    group = parser.add_argument_group("several at once")
    argument(
        group,
        "--filter",
        type=Checked(fields).filter,
        action="append",
        dest="conditions",
        inside=condition(fields, states),
        metavar="CONDITION",
        help="all of the listing for which this holds, such as state=ACTIVE or 'age>2d'; may be repeated",
    )
    if asks:
        confirm_option(group, "NUMBER")
    else:
        yes_option(group)
