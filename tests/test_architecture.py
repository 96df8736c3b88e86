"""A noun is complete: every room that it touches has its piece, and this names whatever was forgotten."""

from __future__ import annotations

import ast
import inspect
import json
import re
import typing
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from cudo_completions.sources import SOURCES
from cudo_sandbox.routes import ROUTES
from cudo_sdk import CudoComputeSDK
from cudo_sdk.functions.base import BaseFunction, api_function, api_iterator
from cudo_sdk.groups import Groups
from cudo_shell.commands import NOUNS

PROJECT = Path(__file__).resolve().parent.parent
OPENAPI = PROJECT.parent / "shared" / "api" / "openapi.json"
FUNCTIONS = PROJECT / "sdk" / "cudo_sdk" / "functions"
COMMANDS = PROJECT / "shell" / "cudo_shell" / "commands"

# Whose command module is not the singular of the group, and why.
COMMAND_OF = {
    "gpu_models": "gpu",  # as people say it
    "billing_accounts": "billing",  # as people say it
    "object_storage": "bucket",  # two nouns: buckets, and storage users with their keys
}
NO_SOURCE = {
    "users": "the current user has no id to complete",
    "resources": "a search is no listing",
    "invoices": "no operation takes the id of an invoice",
}
SOURCE_OF = {"images": "public_images", "object_storage": "buckets"}  # two listings each
NOT_IN_SHELL = {
    "list_vm_machine_types_2": "deprecated by the API",
}


def groups() -> list[str]:
    """The names of the function groups, which are the names of their modules."""
    return sorted(path.stem for path in FUNCTIONS.glob("*.py") if path.stem not in {"__init__", "base"})


@cache
def group_class(name: str) -> type[BaseFunction[typing.Any]]:
    """The class of a group: the one BaseFunction that its module defines."""
    module = import_module(f"cudo_sdk.functions.{name}")
    found = [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, BaseFunction) and each.__module__ == module.__name__
    ]
    assert len(found) == 1, f"{name}: one group in a module, not {found}"
    return found[0]


def methods(name: str) -> Iterator[tuple[str, typing.Any]]:
    """The public operations of a group."""
    for attribute, value in vars(group_class(name)).items():
        if isinstance(value, api_function | api_iterator) and not attribute.startswith("_"):
            yield attribute, value


def command_of(name: str) -> str:
    return COMMAND_OF.get(name, name.removesuffix("s"))


def gaps(name: str) -> Iterator[str]:
    """What a group lacks, each with the place where it belongs."""
    command = command_of(name)
    if not isinstance(vars(Groups).get(name), object) or name not in vars(Groups):
        yield "no group property; add it to sdk/cudo_sdk/groups.py"
    if group_class(name) not in CudoComputeSDK.__mro__:
        yield "no base of the facade; add it to sdk/cudo_sdk/facade.py"
    if not (PROJECT / f"sdk/cudo_sandbox/routes/{name}.py").exists():
        yield f"no routes; add sdk/cudo_sandbox/routes/{name}.py"
    if name not in NO_SOURCE and SOURCE_OF.get(name, name) not in SOURCES:
        yield f"no completion source; add {name}() to completions/cudo_completions/sources.py"
    if command.replace("_", "-") not in NOUNS:
        yield "no noun; add a line to NOUNS in shell/cudo_shell/commands/__init__.py"
    elif not hasattr(import_module(f"cudo_shell.commands.{command}"), "FIELDS"):
        yield f"no FIELDS in shell/cudo_shell/commands/{command}.py"
    for tests in (
        f"sdk/functions/test_{name}.py",
        f"sandbox/test_{name}.py",
        f"shell/commands/test_{command}.py",
    ):
        if not (PROJECT / "tests" / tests).exists():
            yield f"no tests; add tests/{tests}"


def test_every_group_has_its_piece_in_every_room():
    missing = [f"{name}: {gap}" for name in groups() for gap in gaps(name)]

    assert missing == [], "\n".join(["", *missing])


def test_exceptions_are_not_stale():
    known = set(groups())
    names = {name for group in groups() for name, _ in methods(group)}

    assert set(COMMAND_OF) | set(NO_SOURCE) | set(SOURCE_OF) <= known
    assert set(NOT_IN_SHELL) <= names
    assert not set(NO_SOURCE) & set(SOURCES)


def test_method_names_are_unique_so_that_the_facade_can_carry_them():
    seen: dict[str, str] = {}
    clashes = []
    for group in groups():
        for name, _ in methods(group):
            if name in seen:
                clashes.append(f"{name}: in {seen[name]} and {group}")
            seen[name] = group

    assert clashes == []


def test_every_operation_says_what_it_calls_and_what_it_raises():
    silent = [
        f"{group}.{name}"
        for group in groups()
        for name, value in methods(group)
        if not re.search(r"^ *API: \w+", value.__doc__ or "", re.MULTILINE)
        or not re.search(r"^ *Raises: ", value.__doc__ or "", re.MULTILINE)
    ]

    assert silent == []


def test_every_operation_of_the_sdk_is_used_by_a_command():
    used = {
        node.attr
        for path in COMMANDS.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    unused = [
        f"{group}.{name}"
        for group in groups()
        for name, _ in methods(group)
        if not ({name, name.replace("list_", "search_", 1), name.replace("search_", "list_", 1)} & used)
        and not name.startswith(("wait_for_", "watch_"))  # made of the operations that get and list
        and name not in NOT_IN_SHELL
        and name.replace("search_", "list_", 1) not in NOT_IN_SHELL
    ]

    assert unused == [], "no command uses them; add a verb, or a reason to NOT_IN_SHELL"


def calls() -> dict[str, tuple[str, str]]:
    """Operation -> method and path template, read from the source of the groups."""
    found: dict[str, tuple[str, str]] = {}
    for group in groups():
        for function in ast.walk(ast.parse((FUNCTIONS / f"{group}.py").read_text())):
            if isinstance(function, ast.AsyncFunctionDef):
                found.update(_calls_in(function))
    return found


def _calls_in(function: ast.AsyncFunctionDef) -> Iterator[tuple[str, tuple[str, str]]]:
    constants = [node.value for node in ast.walk(function) if isinstance(node, ast.Constant)]
    paths = [value for value in constants if isinstance(value, str) and value.startswith("/v1/")]
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Request":
            operation, method = (argument.value for argument in node.args[:2])  # type: ignore[attr-defined]  # or it fails
            yield operation, (method, re.sub(r"\{[^}]*\}", "{}", paths[0]))


def test_every_call_of_the_sdk_has_its_route_in_the_sandbox():
    served = {(route.method, re.sub(r"\{[^}]*\}", "{}", route.path)) for route in ROUTES}

    assert [f"{name}: {call}" for name, call in calls().items() if call not in served] == []


@pytest.mark.skipif(
    not OPENAPI.exists(), reason="the official document is not here (../shared/api/openapi.json)"
)
def test_every_call_of_the_sdk_is_in_the_official_document():
    document = json.loads(OPENAPI.read_text())
    official = {
        operation["operationId"]: (method.upper(), re.sub(r"\{[^}]*\}", "{}", path))
        for path, methods_of in document["paths"].items()
        for method, operation in methods_of.items()
        if "operationId" in operation
    }

    assert {name: call for name, call in calls().items() if official.get(name) != call} == {}


def test_name_of_every_operation_is_in_the_docstring_that_sends_it():
    named = {
        operation
        for group in groups()
        for _, value in methods(group)
        for operation in re.findall(r"^ *API: (.+)$", value.__doc__ or "", re.MULTILINE)
        for operation in re.split(r",\s*", operation)
    }

    assert named == set(calls())
