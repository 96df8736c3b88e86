"""What may stand inside ${...}: the variables, and the fields of their values. From memory."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from cudo_completions.candidates import Candidate

_PATH = re.compile(r"((?:[A-Za-z_]\w*(?:\[[\d*]*\])*\.)*)([A-Za-z_]\w*)?$")


def begun_name(expression: str) -> str:
    """Return the name that stands at the end of a half-typed expression; it may be empty."""
    found = _PATH.search(expression)
    return (found[2] or "") if found else ""


def offered_names(expression: str, variables: Mapping[str, Any]) -> list[Candidate]:
    """Return what the name at the end of a half-typed expression may become."""
    found = _PATH.search(expression)
    if found is None or any(expression.count(quote) % 2 for quote in "'\"`"):
        return []
    before = expression[: found.start()].rstrip()
    if before.count("[") > before.count("]") or before.endswith((".", "]", "}")):
        return []  # names of something that is known only when it is looked at
    values = _fields(found[1].removesuffix("."), variables)
    return [
        Candidate(name, _kind(value), goes_on=True)
        for name, value in values.items()
        if name.startswith(found[2] or "") and name.isidentifier()
    ]


def _fields(path: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    if not path:
        return variables
    import jmespath
    from jmespath.exceptions import JMESPathError

    value = None
    with suppress(JMESPathError):
        value = jmespath.search(path, dict(variables))
    if isinstance(value, list):
        value = value[0] if value and path.endswith("]") else None
    return value if isinstance(value, dict) else {}


def _kind(value: Any) -> str:
    """Say what a value is, and never the value: it may be long, or a secret."""
    match value:
        case list():
            return f"a list of {len(value):,}"
        case dict():
            return "an object"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case None:
            return "no value"
        case _:
            return "text"
