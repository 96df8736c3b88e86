"""The variables of a script, and what ${...} makes of words. A value is an argument, never read again."""

import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cudo_shell.exits import UsageError
from cudo_shell.output.query import nodes_of
from cudo_shell.scripts.lines import Bare, Expression, Literal, Part, Word, is_expression

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED = frozenset({"status"})  # variables that the script does not set itself


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables of now. `typed` are those with a value that the caller of the script gave by hand."""

    variables: Mapping[str, Any]
    typed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Arguments:
    """The words of a command; `values` are those of them, or ends of them, that came from variables.

    `lacks_items`: one of the words was an empty list.
    """

    words: Sequence[str]
    values: frozenset[str] = frozenset()
    lacks_items: bool = False


class NotKnown(UsageError):  # noqa: N818  # no slip of anybody
    """A value is part of a result that a dry run does not have."""


class Pending(dict[str, Any]):
    """The result of a change that a dry run does not send: what is known of it beforehand."""


def check_name(name: str) -> str:
    """Return the name of a variable.

    Raises: UsageError for one that ${...} could not name.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' cannot be a variable.", "Use letters, digits and _, and begin with a letter."
        )
    return name


def arguments(words: Iterable[Word], scope: Scope) -> Arguments:
    """Put values in the place of each ${...}; a word that is a list becomes an argument for each item.

    Raises: UsageError for an unknown variable, a value that is none that an argument could have, a variable
    without braces, and for a word that a value turned into an option.
    """
    found: list[str] = []
    values: set[str] = set()
    lacks_items = False
    for word in words:
        start = len(found)
        items = _items(word, scope.variables)
        if items is None:
            found.append(expand(word, scope.variables))
        elif found and found[-1].startswith("-"):
            raise UsageError(
                f"The list ${{{_expression(word)}}} cannot stand behind {found[-1]}.",
                "Write it before the options, or name an item: ${x[0]}",
            )
        else:
            found += [_checked(_text(_expression(word), item)) for item in items]
        if not _is_typed(word, scope):
            values.update(_put_in(word, found[start:]))
        lacks_items |= items == []
    return Arguments(found, frozenset(values), lacks_items=lacks_items)


def _items(word: Word, variables: Mapping[str, Any]) -> list[Any] | None:
    """Return the items of a word that is a list; None for any other word."""
    value = evaluate(_expression(word), variables) if is_expression(word) else None
    return value if isinstance(value, list) else None


def _expression(word: Word) -> str:
    return next(part.text for part in word if isinstance(part, Expression))


def _is_typed(word: Word, scope: Scope) -> bool:
    return is_expression(word) and _expression(word) in scope.typed


def _put_in(word: Word, found: Sequence[str]) -> Iterator[str]:
    """Yield of each argument what stands behind the literal beginning of its word: `--name=` or nothing."""
    if any(isinstance(part, Expression) for part in word):
        start = len(word[0].text) if isinstance(word[0], Literal) else 0
        yield from (text[start:] for text in found)


def expand(word: Word, variables: Mapping[str, Any]) -> str:
    """Replace each ${...} in a word by its value.

    Raises: UsageError as `arguments` does, and for a list.
    """
    text = text_of(word, variables)
    is_option = isinstance(word[0], Literal) and word[0].text.startswith("-") if word else False
    return text if is_option else _checked(text)


def _checked(text: str) -> str:
    if text.startswith("-"):
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
            return _text(text, evaluate(text, variables))


def values_of(words: Iterable[Word], variables: Mapping[str, Any]) -> list[Any]:
    """Return the values of words: those of a list each by itself, with their types; any text as it is.

    Raises: UsageError.
    """
    found: list[Any] = []
    for word in words:
        value = value_of(word, variables)
        found += value if isinstance(value, list) else [value]
    return found


def value_of(word: Word, variables: Mapping[str, Any]) -> Any:
    """Return the value of a word: of one that is a single ${...}, with its type; else its text.

    Raises: UsageError.
    """
    return evaluate(_expression(word), variables) if is_expression(word) else text_of(word, variables)


def text_of(word: Word, variables: Mapping[str, Any]) -> str:
    """Return the text of a word, whatever it looks like.

    Raises: UsageError for what is no single value.
    """
    return "".join(_replaced(part, variables) for part in word)


def is_true(value: Any) -> bool:
    """Whether a condition with this value holds: as in JMESPath, all but null, false and what is empty."""
    return isinstance(value, Pending) or (value not in (None, "", [], {}) and value is not False)


def shown(value: Any) -> str:
    """Write any value for a person: text as it is, all else as JSON."""
    match value:
        case str():
            return value
        case float():
            return _number(value)
        case {"value": str(amount)} if len(value) == 1:  # how the API writes money
            return amount
        case _:
            return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Write a number without the noise that sums of money have behind their fifteenth digit."""
    return f"{value:.15g}"


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """Return what a JMESPath expression finds in the variables, null as None.

    Raises: UsageError.
    """
    from jmespath.exceptions import JMESPathError

    compiled = compiled_from(expression)
    for name in names_in(compiled.parsed):
        if name not in variables:
            raise UsageError(f"There is no variable '{name}'.", hint_about(name, expression, variables))
    pending = [name for name in names_in(compiled.parsed) if isinstance(variables[name], Pending)]
    if pending and not _is_known(compiled.parsed, variables[pending[0]]):
        raise NotKnown(f"${{{expression}}} is not known before it is made")
    try:
        return compiled.search(dict(variables))
    except TypeError:
        raise UsageError(f"${{{expression}}} compares a text with a number.", _NUMBERS) from None
    except (JMESPathError, ArithmeticError, ValueError, AttributeError) as error:
        raise UsageError(f"${{{expression}}} cannot be worked out: {_first_line(error)}") from None
    except RecursionError:
        raise UsageError(f"${{{expression}}} is nested too deep.") from None


def _is_known(tree: Any, pending: Pending) -> bool:
    """Whether an expression asks for no more than what is made, or a part of it that is known."""
    match tree:
        case {"type": "field"}:
            return True
        case {"type": "subexpression", "children": [{"type": "field"}, {"type": "field", "value": name}]}:
            return name in pending
        case _:
            return False


def compiled_from(expression: str) -> Any:
    """Compile a JMESPath expression.

    Raises: UsageError.
    """
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        with warnings.catch_warnings():  # of a word in backticks, which many know from other tools
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            compiled = jmespath.compile(expression)
    except JMESPathError as error:
        reason = _first_line(error).removesuffix(", for expression:").rstrip(":")
        raise UsageError(f"${{{expression}}} cannot be read: {reason}.", _TEXTS) from None
    except RecursionError:
        raise UsageError(f"${{{expression}}} is nested too deep.") from None
    _demand_values(expression, compiled.parsed)
    return compiled


def _demand_values(expression: str, tree: Any) -> None:
    """Refuse `&name` where it is no argument of a function: it has no value."""
    nodes = list(nodes_of(tree))
    functions = (node for node in nodes if node["type"] == "function_expression")
    arguments = {id(child) for node in functions for child in node["children"]}
    if any(node["type"] == "expref" and id(node) not in arguments for node in nodes):
        raise UsageError(f"${{{expression}}} cannot be read: & stands only in front of an argument.")


# Of these, the first part is looked up in the variables, and the others in what that has found.
_STEPS = frozenset(
    {"subexpression", "index_expression", "pipe", "projection", "value_projection", "filter_projection"}
)


def names_in(node: Any) -> Iterator[str]:
    """Yield the variables that a compiled expression reads, in their order."""
    children = [child for child in node.get("children", ()) if isinstance(child, dict)]
    match node["type"]:
        case "field":
            yield node["value"]
        case "expref":  # &name: looked up in the items of a list
            return
        case kind:
            for child in children[:1] if kind in _STEPS else children:
                yield from names_in(child)


_NUMBERS = "to_number(...) makes a number of a text."
_TEXTS = "Inside of ${...}, a text stands in '...' and a number in `...`; == compares."


def hint_about(name: str, expression: str, known: Iterable[str]) -> str:
    """Say what may have been meant by a name that is no variable."""
    if f'"{name}"' in expression:
        return f"A text stands in single quotes: '{name}'"
    return f"Variables: {', '.join(each for each in known if each not in RESERVED) or 'none'}"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _text(expression: str, value: Any) -> str:
    match value:
        case None:
            raise UsageError(f"${{{expression}}} has no value.")
        case float():
            return _number(value)
        case bool() | int():
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
