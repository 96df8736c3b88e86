"""The requests of a command on stderr: what a line says, and what it never does."""

from __future__ import annotations

import io
import logging

import pytest

from cudo_sdk import NotFound
from cudo_sdk.logs import logger
from cudo_sdk.redaction import guard
from cudo_sdk.testing import FakeTransport, api_error
from cudo_shell.tracing import traced

VM = "GET /v1/projects/{}/vms/{}"
DONE = "GetVM GET /v1/projects/{}/vms/{} -> 200 in 0 ms, attempt 1"


def test_request_is_told_with_the_template_of_its_path():
    told: list[str] = []

    with traced(told.append):
        FakeTransport({VM: {"VM": {"id": "web-1"}}}).session().vms.get_vm("secret-project", "web-1")

    assert told == [DONE]


def test_attempt_that_is_repeated_is_told_with_its_reason():
    told: list[str] = []

    with traced(told.append):
        FakeTransport({VM: [api_error("UNAVAILABLE"), {"VM": {"id": "web-1"}}]}).session().vms.get_vm(
            "demo", "web-1"
        )

    assert told == [
        "GetVM GET /v1/projects/{}/vms/{} -> 503 in 0 ms, attempt 1",
        "GetVM attempt 1 failed (UNAVAILABLE), again in 0.5 s",
        "GetVM GET /v1/projects/{}/vms/{} -> 200 in 0 ms, attempt 2",
    ]


def test_nothing_is_told_any_more_after_a_command_that_failed():
    told: list[str] = []
    before = (logger.level, list(logger.handlers))
    session = FakeTransport({VM: [api_error("NOT_FOUND"), {"VM": {"id": "web-1"}}]}).session()

    with pytest.raises(NotFound), traced(told.append):
        session.vms.get_vm("demo", "web-1")
    session.vms.get_vm("demo", "web-1")

    assert len(told) == 1
    assert (logger.level, logger.handlers) == before


def test_level_that_a_program_chose_is_not_raised():
    told: list[str] = []
    logger.setLevel(logging.DEBUG)
    try:
        with traced(told.append):
            FakeTransport({VM: {"VM": {"id": "web-1"}}}).session().vms.get_vm("demo", "web-1")
            assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(logging.NOTSET)

    assert told == [DONE]  # what is for debugging is not for the person at the prompt


def test_secret_in_a_record_or_its_traceback_is_hidden():
    guard("c4n4ry-of-tracing")
    told: list[str] = []

    with traced(told.append):
        try:
            raise ValueError("c4n4ry-of-tracing")  # noqa: TRY301  # its traceback is the subject
        except ValueError:
            logger.exception("a hook failed on %s", "c4n4ry-of-tracing")

    assert told[0].startswith("a hook failed on ***\nTraceback")
    assert told[0].endswith("ValueError: ***")


def test_stderr_that_is_closed_costs_the_line_only():
    closed = io.StringIO()
    closed.close()

    with traced(lambda line: print(line, file=closed)):  # into a stream that cannot take it
        vm = FakeTransport({VM: {"VM": {"id": "web-1"}}}).session().vms.get_vm("demo", "web-1")

    assert vm.id == "web-1"
