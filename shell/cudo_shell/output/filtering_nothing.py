"""What is said when conditions have found nothing: a state that there is not, a part of a value. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from cudo_shell.exits import UsageError
from cudo_shell.output.filtering import Condition

_MANY = 5  # values in a hint


def check_state(conditions: Sequence[Condition], items: Sequence[Any], states: Sequence[str]) -> None:
    """See that a state that was asked for is a known one, or one that a thing of the listing has.

    Raises: UsageError with the ones that are near, for it would be asked for in vain for ever.
    """
    for each in conditions:
        there = list(filter(None, dict.fromkeys([*states, *map(each.field.exact, items)])))
        if each.names_none_of(there):
            raise _no_state(each.glob, each.operator, there)


def _no_state(text: str, sign: str, known: Sequence[str]) -> UsageError:
    from cudo_completions.ranking import near
    from cudo_shell.exits import one_of

    meant = near(text, known)
    advice = f"Did you mean: {', '.join(meant)}? " if meant else ""
    return UsageError(
        f"--filter: there is no state '{text}'.",
        f"{advice}States: {', '.join(known)}",
        instead=one_of(f"state{sign}{text}", [f"state{sign}{state}" for state in meant]),
    )


def hints(conditions: Sequence[Condition], items: Sequence[Any]) -> Iterator[str]:
    """Yield for each condition on a whole text which values have that text as a part, if none is it."""
    for each in conditions:
        if each.operator != "=" or not each.is_one_text or any(map(each.matches, items)):
            continue
        part, values = each.glob.casefold(), dict.fromkeys(map(each.field.exact, items))
        if having := [value for value in values if part in value.casefold()]:
            more = ", ..." if len(having) > _MANY else "."
            name = each.field.name
            yield (
                f"No {name} is '{each.glob}'. There is: {', '.join(having[:_MANY])}{more} "
                f"Part of a value: --filter '{name}=*{each.glob}*'"
            )
