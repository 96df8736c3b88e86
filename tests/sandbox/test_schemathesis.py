"""A fuzzer that reads the published document, against the sandbox: a second opinion on every operation.

`DeleteUser` is left out: whoever sends it has no key any more.
"""

import re
import sqlite3
from collections import Counter
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
)
from tests.sandbox.cases import CASES, parts_of, path_of, prepared
from tests.sandbox.conftest import World
from tests.sandbox.document import needs_document, operations, relaxed_document

CONFORMANCE = (not_a_server_error, content_type_conformance, response_schema_conformance)
Case = schemathesis.Case[Any]
FUZZED = sorted(CASES.keys() - {"DeleteUser"})
# Derandomized, so that a failure is the same for everybody; without shrinking, which would take minutes.
SEEDED = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

pytestmark = needs_document


class Target:
    """One operation of a fresh sandbox, in which the things that its case names exist."""

    def __init__(self, world: World, operation_id: str) -> None:
        self.world = world
        self.case = prepared(world, operation_id)
        template = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/:]+)", operations()[operation_id][1])
        found = re.fullmatch(template, path_of(world, self.case))
        assert found
        self.path_parameters = found.groupdict()
        self.answered: Counter[int] = Counter()
        self.state = sqlite3.connect(":memory:")
        world.app.store._sql.backup(self.state)

    def check(self, generated: Case, *checks: CheckFunction) -> None:
        """Send the request to the sandbox as it was prepared, and let the checks look at the answer."""
        self.state.backup(self.world.app.store._sql)
        request = generated.as_transport_kwargs(base_url="http://sandbox")
        arguments = {name: request[name] for name in ("params", "json") if request.get(name) is not None}
        if "data" in request:
            arguments["content"] = request["data"]
        response = self.world.call(request["method"], request["url"], **arguments)
        self.answered[response.status_code] += 1
        generated.validate_response(response, checks=list(checks))

    def lead(self, generated: Case) -> None:
        """Let the request go to the thing of the case."""
        generated.path_parameters = dict(self.path_parameters)

    def mix(self, generated: Case, taken: set[str]) -> None:
        """Take these fields as they were generated, and the others from the call that succeeds."""
        generated.query = {**self.case.query, **_chosen(generated.query, taken)}
        if isinstance(generated.body, dict):
            generated.body = {**self.case.body, **_chosen(generated.body, taken)}


def _chosen(given_fields: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in given_fields.items() if name in names}


@pytest.fixture
def target(world, operation_id):
    target = Target(world, operation_id)
    yield target
    target.state.close()


@cache
def schema() -> Any:
    """The document without its keys: test_contract.py says what happens without one."""
    return schemathesis.openapi.from_dict({**relaxed_document(), "security": []})


def requests(operation_id: str, mode: GenerationMode) -> st.SearchStrategy[Case]:
    strategy: st.SearchStrategy[Case] = (
        schema().find_operation_by_id(operation_id).as_strategy(generation_mode=mode)
    )
    return strategy


def fields_of(operation_id: str) -> list[str]:
    """What the operation takes in its query and its body."""
    method, path, _ = operations()[operation_id]
    return sorted({name for _, fields in parts_of(method, path) for name in fields.checks})


def some_of(names: list[str]) -> st.SearchStrategy[set[str]]:
    """Any of the names; at first none."""
    return st.sets(st.sampled_from(names)) if names else st.just(set())


@pytest.mark.parametrize("operation_id", FUZZED)
def test_valid_request_is_answered_as_published(target, operation_id):
    """Three of four requests go to things that exist, with some fields of a call that succeeds."""
    is_led = st.sampled_from([True, True, True, False])

    @SEEDED
    @given(requests(operation_id, GenerationMode.POSITIVE), is_led, some_of(fields_of(operation_id)))
    def fuzz(generated: Case, is_led: bool, taken: set[str]) -> None:
        if is_led:
            target.lead(generated)
            target.mix(generated, taken)
        target.check(generated, *CONFORMANCE)

    fuzz()
    assert target.answered[200], "the fuzzer never got through"


def fallible() -> list[str]:
    """Where a request can be wrong: any text is a valid path."""
    return [name for name in FUZZED if operations() and fields_of(name)]


@pytest.mark.parametrize("operation_id", fallible())
def test_invalid_request_is_refused(target, operation_id):
    @SEEDED
    @given(requests(operation_id, GenerationMode.NEGATIVE))
    def fuzz(generated: Case) -> None:
        target.lead(generated)
        target.check(generated, *CONFORMANCE, negative_data_rejection)

    fuzz()
    assert target.answered[400]
