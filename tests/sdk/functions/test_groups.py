"""What holds for all function groups together."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.sdk.functions.calls import calls, groups

import cudo_sdk.functions
from cudo_sdk import CudoComputeSDK


def test_groups_import_nothing_that_could_wait_by_itself():
    modules = Path(cudo_sdk.functions.__path__[0]).glob("*.py")
    imported = {
        name.partition(".")[0]
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        for name in imported_names(node)
    }

    assert imported & {"asyncio", "threading", "time", "httpx"} == set()


def imported_names(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [each.name for each in names]
        case ast.ImportFrom(module=str(module)):
            return [module]
    return []


def test_facade_has_every_group_and_no_name_hides_another():
    owners: dict[str, list[str]] = {}
    for group, kind in groups().items():
        for name in vars(kind):
            if not name.startswith("__"):
                owners.setdefault(name, []).append(group)

    assert {name: found for name, found in owners.items() if len(found) > 1} == {}
    assert [group for group, kind in groups().items() if not issubclass(CudoComputeSDK, kind)] == []


def test_every_listing_has_a_lazy_twin():
    names = {call.name for call in calls()}

    listings = {name for name in names if name.startswith("list_")}
    assert {name for name in listings if name.replace("list_", "search_", 1) not in names} == set()
