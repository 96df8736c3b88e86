"""`--query`: a JMESPath expression, checked before anything is asked of the API. Pure."""

import re
import warnings
from collections.abc import Iterator
from typing import Any

from cudo_shell.exits import UsageError
from cudo_shell.output.clean import clean

_NAME = r"(?<![\w\"]){}(?!\w)"


class Query:
    """An expression over what a command returns, under the API's own names.

    Raises: UsageError for what is no JMESPath, with the place in its hint.
    """

    def __init__(self, text: str) -> None:
        import jmespath
        from jmespath.exceptions import JMESPathError

        self.text = text
        try:
            with warnings.catch_warnings():  # of a word in backticks, which many know from other tools
                warnings.simplefilter("ignore", PendingDeprecationWarning)
                self._compiled = jmespath.compile(text)
        except JMESPathError as error:
            raise _wrong(text, _reason(error), getattr(error, "lex_position", 0)) from None
        except RecursionError:
            raise UsageError("--query: the expression is nested too deep.") from None
        self._check_functions()

    def of(self, data: Any) -> Any:
        """Return what the expression finds in JSON data.

        Raises: UsageError where a function is given what it does not take.
        """
        from jmespath.exceptions import JMESPathError

        try:
            return self._compiled.search(data)
        except JMESPathError as error:
            name = getattr(error, "function_name", "")
            raise _wrong(self.text, _reason(error), self._place_of(name)) from None
        except RecursionError:
            raise UsageError("--query: the result is nested too deep for it.") from None

    def unknown_names(self, data: Any) -> dict[str, str]:
        """Return the names in the expression that nothing in the data has, each with those that are near."""
        made = {node["value"] for node in nodes_of(self._compiled.parsed) if node["type"] == "key_val_pair"}
        missing = {node["value"]: "" for node in nodes_of(self._compiled.parsed) if node["type"] == "field"}
        for name in made:
            missing.pop(name, None)
        known = set()
        for name in keys_in(data):
            known.add(name)
            missing.pop(name, None)
            if not missing:  # mostly after the first thing of many
                return {}
        from cudo_completions.ranking import near

        return {name: ", ".join(near(name, sorted(known))) for name in missing}

    def _check_functions(self) -> None:
        from jmespath.functions import Functions

        from cudo_completions.ranking import near

        known = Functions.FUNCTION_TABLE
        for node in nodes_of(self._compiled.parsed):
            if node["type"] == "function_expression" and node["value"] not in known:
                meant = near(node["value"], known)
                advice = f" (did you mean: {', '.join(meant)}?)" if meant else ""
                reason = f"there is no function '{node['value']}'{advice}"
                raise _wrong(self.text, reason, self._place_of(node["value"]))

    def _place_of(self, function: str) -> int | None:
        """Return where a function stands; None where it stands twice, and either could be meant."""
        places = [match.start() for match in re.finditer(_NAME.format(re.escape(function)), self.text)]
        return places[0] if function and len(places) == 1 else None


def nodes_of(tree: Any) -> Iterator[Any]:
    """Yield every node of a compiled expression, in the order in which they were written."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending += [child for child in reversed(node.get("children", [])) if isinstance(child, dict)]


def keys_in(data: Any) -> Iterator[str]:
    """Yield every key of JSON data, at any depth."""
    pending = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            yield from value
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _wrong(text: str, reason: str, place: int | None) -> UsageError:
    """Make the error: what is wrong, the expression, and a caret under the place."""
    from rich.cells import cell_len

    if place is None:
        return UsageError(f"--query: {reason}.", clean(text))
    caret = " " * cell_len(clean(text[:place])) + "^"
    return UsageError(f"--query, character {place + 1}: {reason}.", f"{clean(text)}\n{caret}")


def _reason(error: Exception) -> str:  # noqa: PLR0911  # a line for each
    """Say in words what JMESPath found wrong, without its own drawing of the place."""
    from jmespath import exceptions

    match error:
        case exceptions.EmptyExpressionError():
            return "the expression is empty"
        case exceptions.IncompleteExpressionError():
            return "the expression ends too early"
        case exceptions.LexerError():
            return clean(str(error.message)).rstrip(".").lower()
        case exceptions.JMESPathTypeError():
            taken = " or ".join(map(str, error.expected_types))
            return f"{error.function_name}() takes {taken}, not {error.actual_type}"
        case exceptions.ParseError(token_value=token) if token:
            return f"'{clean(str(token))}' cannot stand here"
        case exceptions.ParseError() if not isinstance(error, exceptions.ArityError):
            return "the expression ends too early"
        case _:
            return clean(str(error)).rstrip(".")
