"""The variables of a script, and what ${...} makes of a word. A value is one argument, never read again."""

import json
import re
from collections.abc import Mapping
from typing import Any

from cudo_shell.exits import UsageError
from cudo_shell.scripts.lines import Bare, Expression, Literal, Part, Word

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_name(name: str) -> str:
    """Return the name of a variable.

    Raises: UsageError for one that ${...} could not name.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' cannot be a variable.", "Use letters, digits and _, and begin with a letter."
        )
    return name


def expand(word: Word, variables: Mapping[str, Any]) -> str:
    """Replace each ${...} by its value.

    Raises: UsageError for an unknown variable, a value that is no single one, a variable without braces,
    and for a word that a value turned into an option.
    """
    text = "".join(_replaced(part, variables) for part in word)
    is_option = isinstance(word[0], Literal) and word[0].text.startswith("-") if word else False
    if text.startswith("-") and not is_option:
        raise UsageError(
            f"The value '{text}' would be taken for an option.", "Write it behind one: --option=${...}"
        )
    return text


def _replaced(part: Part, variables: Mapping[str, Any]) -> str:
    match part:
        case Literal(text):
            return text
        case Bare(name) if name in variables:
            raise UsageError(f"${name} is not replaced by its value.", f"Write ${{{name}}}, or '${name}'.")
        case Bare(name):
            return f"${name}"
        case Expression(text):
            return evaluate(text, variables)


def evaluate(expression: str, variables: Mapping[str, Any]) -> str:
    """Return the text of a JMESPath expression over the variables.

    Raises: UsageError.
    """
    import jmespath
    from jmespath.exceptions import JMESPathError

    first = NAME.match(expression)
    if first and first[0] not in variables and not expression[first.end() :].startswith("("):
        raise UsageError(
            f"There is no variable '{first[0]}'.", f"Variables: {', '.join(variables) or 'none'}"
        )
    try:
        value = jmespath.search(expression, dict(variables))
    except JMESPathError as error:
        raise UsageError(f"${{{expression}}} cannot be read: {str(error).splitlines()[0]}") from None
    return _text(expression, value)


def _text(expression: str, value: Any) -> str:
    match value:
        case None:
            raise UsageError(f"${{{expression}}} has no value.")
        case bool() | int() | float():
            return json.dumps(value)
        case str():
            return value
        case {"value": str(amount)} if len(value) == 1:  # how the API writes money
            return amount
        case _:
            raise UsageError(
                f"${{{expression}}} is {_kind(value)}, not a single value.", "Name a part: ${x[0].id}"
            )


def _kind(value: Any) -> str:
    return (
        f"a list of {len(value)}"
        if isinstance(value, list)
        else f"an object with {', '.join(list(value)[:8])}"
    )
