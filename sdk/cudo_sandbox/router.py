"""Which function answers a request: paths are split before they are decoded."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cudo_sandbox.access import Access
from cudo_sandbox.clock import Clock
from cudo_sandbox.fields import NOTHING, Check, Fields
from cudo_sandbox.problems import Code, Json, Problem
from cudo_sandbox.store import Transaction


@dataclass
class Call:
    """A checked request inside its transaction."""

    tx: Transaction
    clock: Clock
    user: str
    seed: int
    path: dict[str, str]
    query: Json
    body: Json

    @property
    def project(self) -> str:
        return self.path["projectId"]

    @property
    def id(self) -> str:
        return self.path["id"]


Reply = dict[str, Any] | bytes
"""A JSON object, or its text when it was joined from stored texts."""


class Route:
    """One operation: a method and a path, who may call it, what it takes, and what answers."""

    def __init__(
        self,
        method: str,
        path: str,
        answer: Callable[[Call], Reply],
        access: Access = Access.USER,
        *,
        query: Mapping[str, Check] | Fields = NOTHING,
        body: Fields = NOTHING,
    ) -> None:
        self.method = method
        self.path = path
        self.answer = answer
        self.access = access
        self.query = query if isinstance(query, Fields) else Fields(optional=query)
        self.body = body
        self._pattern = _pattern(path)

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    def match(self, raw_path: str) -> dict[str, str] | None:
        """The decoded path parameters, or None."""
        found = self._pattern.fullmatch(raw_path)
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None


def _pattern(path: str) -> re.Pattern[str]:
    """A parameter ends at `/` and `:`, so `{id}` never swallows the verb of `{id}:list-permissions`."""
    parts = re.split(r"\{(\w+)\}", path)
    literals, names = parts[::2], parts[1::2]
    pattern = re.escape(literals[0])
    for name, literal in zip(names, literals[1:], strict=True):
        pattern += f"(?P<{name}>[^/:]+){re.escape(literal)}"
    return re.compile(pattern)


def find_route(routes: Iterable[Route], method: str, raw_path: str) -> tuple[Route, dict[str, str]]:
    """The route and its path parameters; raises NOT_FOUND or, for another method, UNIMPLEMENTED."""
    path_is_known = False
    for route in routes:
        if (path := route.match(raw_path)) is not None:
            if route.method == method:
                return route, path
            path_is_known = True
    if path_is_known:
        raise Problem(Code.UNIMPLEMENTED, "Method Not Allowed")
    raise Problem(Code.NOT_FOUND, "Not Found")
