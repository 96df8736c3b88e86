"""Every operation that the SDK offers, found by its `API:` line, and arguments made from its signature."""

from __future__ import annotations

import asyncio
import inspect
import re
import sys
import types
import warnings
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, Literal, get_args, get_origin
from zlib import crc32

from pydantic import SecretStr
from tests.sandbox.document import operations

from cudo_sdk import AsyncSession, Hooks, Session
from cudo_sdk.functions.base import api_function, api_iterator
from cudo_sdk.groups import Groups
from cudo_sdk.models import Model
from cudo_sdk.testing import FakeTransport

# Built from operations that have a call of their own.
BUILT = frozenset(
    {
        "create_security_group_rule",
        "delete_security_group_rule",
        "get_data_center",
        "list_machine_types_for_data_center",
    }
)


@dataclass(frozen=True)
class Call:
    """One way to an operation: `session.<group>.<name>(...)`."""

    operation: str
    group: str
    name: str
    body: Any
    is_iterator: bool

    def __str__(self) -> str:
        return f"{self.group}.{self.name}"

    @cached_property
    def parameters(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.body).parameters.values())[1:]

    @property
    def returns(self) -> Any:
        """What the annotation promises; of an iterator, the list of its items."""
        promised = self._resolved(self.body.__annotations__["return"])
        if get_origin(promised) is AsyncGenerator:
            return types.GenericAlias(list, get_args(promised)[0])
        return promised

    def arguments(self, *, everything: bool = True) -> dict[str, Any]:
        """A value for each parameter, or for each that is required."""
        return {
            each.name: value_for(each.name, self._resolved(each.annotation))
            for each in self.parameters
            if everything or each.default is inspect.Parameter.empty
        }

    def run(
        self, fake: FakeTransport, kind: str, arguments: Mapping[str, Any], hooks: Hooks | None = None
    ) -> Any:
        """Call it through the sync or the async session; the items of an iterator come as a list."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            if kind == "async":
                return asyncio.run(self._awaited(fake.async_session(hooks=hooks), arguments))
            return self.on(fake.session(hooks=hooks), arguments)

    def on(self, session: Session, arguments: Mapping[str, Any]) -> Any:
        """Call it on a blocking session."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            result = self._bound(session)(**arguments)
            return list(result) if self.is_iterator else result

    async def _awaited(self, session: AsyncSession, arguments: Mapping[str, Any]) -> Any:
        result = self._bound(session)(**arguments)
        return [item async for item in result] if self.is_iterator else await result

    def _bound(self, session: AsyncSession | Session) -> Any:
        return getattr(getattr(session, self.group), self.name)

    def _resolved(self, annotation: str) -> Any:
        return eval(annotation, vars(sys.modules[self.body.__module__]))  # noqa: S307  # our own annotations


@cache
def groups() -> dict[str, type[Any]]:
    """The class of each function group by the session's attribute."""
    session = FakeTransport().session()
    names = [name for name, value in vars(Groups).items() if isinstance(value, cached_property)]
    return {name: type(getattr(session, name)) for name in names}


@cache
def calls() -> tuple[Call, ...]:
    """Every method that sends one operation as it is: no waiters, and nothing built from others."""
    return tuple(
        Call(operation, group, name, method.body, isinstance(method, api_iterator))
        for group, kind in groups().items()
        for name, method in vars(kind).items()
        if isinstance(method, api_function | api_iterator)
        for operation in re.findall(r"^ *API: (\w+)$", method.__doc__ or "", re.MULTILINE)
        if not name.startswith(("wait_for_", "watch_")) and name not in BUILT
    )


def parameters(operation: str, place: str) -> dict[str, Any]:
    if operation not in operations():  # while tests are collected without the document
        return {}
    described = operations()[operation][2].get("parameters", ())
    return {each["name"]: each for each in described if each["in"] == place}


def number_for(name: str) -> int:
    """A number that tells which field it belongs to."""
    return crc32(name.encode()) % 1000 + 2


def time_for(name: str) -> datetime:
    """A moment that tells which field it belongs to."""
    return datetime(2026, 1, 2, 3, 4, number_for(name) % 60, number_for(name), tzinfo=UTC)


def value_for(name: str, kind: Any) -> Any:
    """A value of a type, made from the name, so that a value in the wrong place shows."""
    origin, members = get_origin(kind), get_args(kind)
    if origin is Literal:
        return members[-1]
    if origin in {Sequence, list}:
        return [value_for(name, members[0])]
    if origin in {Mapping, dict}:
        return {name: name}
    if members:  # of an open enum a documented value, of `SecretStr | str` the secret
        return value_for(name, next(member for member in members if member is not type(None)))
    if issubclass(kind, Model):
        fields = kind.model_fields.items()
        return kind(**{field: value_for(field, info.annotation) for field, info in fields})
    return _simple(name)[kind]


def _simple(name: str) -> dict[type, Any]:
    return {
        str: name,
        int: number_for(name),
        bool: True,
        float: 1.5,
        Decimal: Decimal("12.50"),
        datetime: time_for(name),
        SecretStr: SecretStr(name),
    }
