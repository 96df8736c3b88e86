"""What a request may carry: a declaration for each field, checked in one place.

A check takes the JSON value and returns what the route works with; it raises ValueError with a
text for the person. All violations of a request are reported together, under the API's field names.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from cudo_sandbox.clock import moment_of, seconds_of
from cudo_sandbox.problems import Json, invalid

Check = Callable[[Any], Any]

INT32 = 2**31 - 1
_MOST = 10**12  # dollars
_ID = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  # the one error that fields report
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode") from None
    return value


def filled(value: Any) -> str:
    """A text that is not empty."""
    if not text(value):
        raise ValueError("must not be empty")
    return str(value)


def resource_id(value: Any) -> str:
    """The id of a new resource."""
    if not _ID.fullmatch(text(value)):
        raise ValueError(
            "must be 1 to 63 lower case letters, digits or hyphens, begin with a letter "
            "and not end with a hyphen"
        )
    return str(value)


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004  # the one error that fields report
    return value


def integer(low: int = 0, high: int = INT32) -> Check:
    """A JSON number without a fraction, within the bounds."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError("must be an integer")  # noqa: TRY004  # the one error that fields report
        if not low <= value <= high:
            raise ValueError(f"must be {low} to {high}")
        return value

    return check


def query_integer(low: int = 0, high: int = INT32) -> Check:
    """The digits of an integer in a query string."""
    bounded = integer(low, high)

    def check(value: Any) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", value):
            raise ValueError("must be an integer")
        return int(bounded(int(value)))

    return check


def number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004  # the one error that fields report
    return value


def one_of(*names: str) -> Check:
    """The name of an enum value."""

    def check(value: Any) -> str:
        if text(value) not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return str(value)

    return check


def moment(value: Any) -> float:
    """An RFC 3339 time, as seconds since 1970."""
    try:
        return moment_of(text(value))
    except (ValueError, OverflowError):
        raise ValueError("must be an RFC 3339 time such as 2026-01-31T12:00:00Z") from None


def duration(value: Any) -> float:
    """A duration string, as seconds."""
    try:
        return seconds_of(text(value))
    except ValueError:
        raise ValueError("must be a duration such as 3600s") from None


def amount(value: Any) -> Decimal:
    """A decimal number in a string."""
    try:
        result = Decimal(text(value))
    except InvalidOperation:
        raise ValueError("must be a decimal number") from None
    if not result.is_finite() or abs(result) > _MOST:
        raise ValueError(f"must be a decimal number of at most {_MOST}")
    return result


def an_object(value: Any) -> Json:
    """Any object: only for what has no effect."""
    if not isinstance(value, dict):
        raise ValueError("must be an object")  # noqa: TRY004  # the one error that fields report
    return value


def list_of(each: Check) -> Check:
    def check(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("must be a list")  # noqa: TRY004  # the one error that fields report
        return [_at(f"[{index}]", each, item) for index, item in enumerate(value)]

    return check


def text_map(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be an object of strings")  # noqa: TRY004  # the one error that fields report
    return {text(key): _at(f"[{key}]", text, item) for key, item in value.items()}


def record(**checks: Check) -> Check:
    """An object; every field of it is optional."""

    def check(value: Any) -> Json:
        if not isinstance(value, dict):
            raise ValueError("must be an object")  # noqa: TRY004  # the one error that fields report
        for name in value.keys() - checks.keys():
            raise ValueError(f"has the unknown field {name!r}")
        return {name: _at(f".{name}", checks[name], item) for name, item in value.items()}

    return check


def _at(where: str, check: Check, value: Any) -> Any:
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


DECIMAL = record(value=amount)


class Fields:
    """The fields of a body or a query.

    `ignored` are fields that the document lets a client send and the server overwrites: they must
    have the right type and have no effect.
    """

    def __init__(
        self,
        required: Mapping[str, Check] | None = None,
        optional: Mapping[str, Check] | None = None,
        ignored: Mapping[str, Check] | None = None,
    ) -> None:
        self.required = dict(required or {})
        self.ignored = frozenset(ignored or {})
        self.checks = {**self.required, **(optional or {}), **(ignored or {})}

    def read(self, given: Json) -> Json:
        """Return the checked values; raises INVALID_ARGUMENT with every violation."""
        violations = [(name, "is missing") for name in self.required if name not in given]
        result: Json = {}
        for name, value in given.items():
            try:
                result[name] = self._checked(name, value)
            except ValueError as error:
                violations.append((name, str(error)))
        if violations:
            raise invalid(*violations)
        return {name: value for name, value in result.items() if name not in self.ignored}

    def _checked(self, name: str, value: Any) -> Any:
        if name not in self.checks:
            raise ValueError("is not a field of this request")
        return self.checks[name](value)


NOTHING = Fields()
