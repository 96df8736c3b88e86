"""Every operation of the sandbox against the published document."""

import itertools
import json
import re
from typing import Any

import httpx
import pytest
from tests.sandbox.cases import CASES, literal, parts_of, path_of, prepared
from tests.sandbox.conftest import World
from tests.sandbox.document import (
    body_validator,
    is_empty_reply,
    needs_document,
    operations,
    reply_validator,
)

from cudo_sandbox.access import Access
from cudo_sandbox.problems import HTTP_STATUS
from cudo_sandbox.router import find_route
from cudo_sandbox.routes import ROUTES

EVERY = sorted(CASES)
WRONG: tuple[Any, ...] = (None, True, 1, 1.5, "text", [], {}, [{}], "\ud800")


@pytest.fixture(scope="module")
def refusing_world():
    """A sandbox for requests that are all refused, so that it stays as it was."""
    world = World()
    yield world
    world.app.store.close()


def run(world: World, operation_id: str) -> httpx.Response:
    method = operations()[operation_id][0]
    case = prepared(world, operation_id)
    return world.call(method, path_of(world, case), **case.arguments)


@needs_document
def test_routes_and_document_name_the_same_operations():
    served = {(route.method, route.path) for route in ROUTES}
    published = {(method, path): name for name, (method, path, _) in operations().items()}
    assert served == published.keys()
    assert set(CASES) == set(published.values())


@needs_document
def test_each_path_leads_to_its_own_route():
    for method, path, _ in operations().values():
        route, _ = find_route(ROUTES, method, literal(path))
        assert (route.method, route.path) == (method, path)


def test_no_path_is_matched_by_two_routes():
    for one, other in itertools.permutations(ROUTES, 2):
        if one.method == other.method:
            assert one.match(literal(other.path)) is None, (one.path, other.path)


@needs_document
@pytest.mark.parametrize("operation_id", EVERY)
def test_success_reply_is_as_published(world, operation_id):
    response = run(world, operation_id)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    if is_empty_reply(operation_id):
        assert response.json() == {}
    else:
        reply_validator(operation_id).validate(response.json())


@needs_document
@pytest.mark.parametrize("operation_id", EVERY)
def test_case_sends_what_is_published(operation_id):
    _method, path, operation = operations()[operation_id]
    case = CASES[operation_id]
    pattern = re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(path))
    assert re.fullmatch(pattern, case.path)
    names = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
    assert set(case.query) <= names
    validator = body_validator(operation_id)
    assert (validator is None) == (case.body is None)
    if validator:
        validator.validate(case.body)


@needs_document
@pytest.mark.parametrize("operation_id", EVERY)
def test_error_without_a_key_is_as_published(refusing_world, operation_id):
    method = operations()[operation_id][0]
    case = CASES[operation_id]
    response = refusing_world.call(method, case.path, key=None, **case.arguments)
    assert (response.status_code, response.json()["code"]) == (401, 16)
    reply_validator(operation_id, "default").validate(response.json())


@needs_document
@pytest.mark.parametrize("operation_id", EVERY)
def test_unknown_field_is_refused_by_name(world, operation_id):
    method = operations()[operation_id][0]
    case = prepared(world, operation_id)
    wrong = {"params": {**case.query, "colour": "red"}}
    if case.body is not None:
        wrong = {**case.arguments, "json": {**case.body, "colour": "red"}}
    response = world.call(method, path_of(world, case), **wrong)
    assert (response.status_code, response.json()["code"]) == (400, 3)
    violations = response.json()["details"][0]["fieldViolations"]
    assert [each["field"] for each in violations] == ["colour"]
    reply_validator(operation_id, "default").validate(response.json())


def required_fields() -> list[Any]:
    return [
        pytest.param(name, part, field, id=f"{name}-{field}")
        for name, (method, path, _) in sorted(operations().items())
        for part, fields in parts_of(method, path)
        for field in fields.required
    ]


@needs_document
@pytest.mark.parametrize(("operation_id", "part", "field"), required_fields())
def test_missing_required_field_is_refused_by_name(world, operation_id, part, field):
    method = operations()[operation_id][0]
    case = prepared(world, operation_id)
    given = {"params": dict(case.query), **({} if case.body is None else {"json": dict(case.body)})}
    del given[part][field]
    response = world.call(method, path_of(world, case), **given)
    assert response.status_code == 400
    assert response.json()["details"][0]["fieldViolations"] == [{"field": field, "description": "is missing"}]


@needs_document
@pytest.mark.parametrize("operation_id", EVERY)
def test_required_fields_of_the_document_are_required(operation_id):
    method, path, operation = operations()[operation_id]
    parts = dict(parts_of(method, path))
    query = {
        each["name"]
        for each in operation.get("parameters", [])
        if each["in"] == "query" and each.get("required")
    }
    assert query <= set(parts["params"].required)
    accepted = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
    assert accepted == set(parts["params"].checks)


@needs_document
@pytest.mark.parametrize("operation_id", [name for name in EVERY if CASES[name].body is not None])
def test_wrong_json_types_are_refused_and_never_break_the_server(world, operation_id):
    method = operations()[operation_id][0]
    case = prepared(world, operation_id)
    for field, wrong in itertools.product(case.body, WRONG):
        body = json.dumps({**case.body, field: wrong})
        response = world.call(method, path_of(world, case), content=body)
        assert response.status_code < 500, (field, wrong, response.text)


@needs_document
@pytest.mark.parametrize(
    "operation_id",
    [name for name in EVERY if not CASES[name].path.startswith("/v1/vms") and "/demo" in CASES[name].path],
)
def test_operation_in_an_unknown_place_is_not_found(refusing_world, operation_id):
    method = operations()[operation_id][0]
    case = CASES[operation_id]
    path = case.path.replace("/demo", "/nowhere", 1)
    response = refusing_world.call(method, path, **case.arguments)
    assert (response.status_code, response.json()["code"]) == (404, 5)


@needs_document
def test_viewer_may_read_and_may_not_write(world):
    for operation_id, case in CASES.items():
        method, path, _ = operations()[operation_id]
        route, _ = find_route(ROUTES, method, literal(path))
        if route.access is Access.USER or case.before:
            continue
        status = world.call(method, case.path, key="viewer-key", **case.arguments).status_code
        assert status == (200 if "VIEWER" in route.access.roles else 403), operation_id


def test_every_code_has_a_status():
    assert len(HTTP_STATUS) == 16
