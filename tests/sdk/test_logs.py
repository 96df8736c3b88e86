"""What is logged, and what never is."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from typing import Any

import httpx
import pytest

from cudo_sdk.logs import RedactingFormatter, logger
from cudo_sdk.redaction import guard
from cudo_sdk.testing import FakeTransport, api_error

CREATE = "POST /v1/projects/{}/vm"
ARGUMENTS = ("demo", "web-1", "no-luster-1", "epyc", "ubuntu-2204", 1, 2)


def test_info_line_has_the_template_and_not_the_ids(caplog):
    caplog.set_level(logging.INFO, "cudo_sdk")

    fake = FakeTransport({"GET /v1/projects/{}/vms/{}": {"VM": {"id": "web-1"}}})
    fake.session().vms.get_vm("secret-project", "web-1")

    assert caplog.messages == ["GetVM GET /v1/projects/{}/vms/{} -> 200 in 0 ms, attempt 1"]


@pytest.mark.parametrize("field", ["password", "start_script", "custom_ssh_keys", "metadata"])
def test_secret_of_a_body_is_in_no_log_and_no_error(field: str, caplog):
    caplog.set_level(logging.DEBUG, "cudo_sdk")
    canary = "c4n4ry"
    value: Any = {"metadata": {"token": canary}, "custom_ssh_keys": [canary]}.get(field, canary)
    fake = FakeTransport({CREATE: [api_error("INVALID_ARGUMENT", "no")]})

    with pytest.raises(httpx.HTTPStatusError) as caught:
        fake.session().vms.create_vm(*ARGUMENTS, **{field: value})

    assert canary in fake.requests[0].content.decode()
    assert canary not in caplog.text + repr(caught.value) + str(caught.value.args) + "fake-key"
    assert "fake-key" not in caplog.text
    assert f"'{''.join(w.title() if i else w for i, w in enumerate(field.split('_')))}'" in caplog.text


def test_header_and_query_values_outside_the_list_are_hidden(caplog):
    caplog.set_level(logging.DEBUG, "cudo_sdk")
    reply = httpx.Response(200, json={}, headers={"Set-Cookie": "c4n4ry", "Retry-After": "1"})
    fake = FakeTransport({"GET /v1/new": reply})

    fake.session().request("GET", "/v1/new", query={"pageSize": 5, "token": "c4n4ry"})

    assert "c4n4ry" not in caplog.text
    assert "'pageSize': '5', 'token': '(hidden)'" in caplog.text
    assert "'retry-after': '1'" in caplog.text


def test_library_is_silent_until_it_is_asked():
    code = (
        "from cudo_sdk.testing import FakeTransport\n"
        "FakeTransport({'GET /v1/projects/{}/vms': {}}).session().vms.list_vms('demo')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert (run.stdout, run.stderr) == ("", "")


def formatted(record_of: Any) -> str:
    """What a handler with the redacting formatter writes while something is logged."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(RedactingFormatter("%(name)s %(message)s"))
    logger.addHandler(handler)
    try:
        record_of()
    finally:
        logger.removeHandler(handler)
    return written.getvalue()


def test_formatter_hides_what_is_in_the_arguments_of_a_record():
    guard("c4n4ry-of-logs")

    text = formatted(lambda: logger.warning("%s and %s", {"key": "c4n4ry-of-logs"}, "Bearer abcdef"))

    assert text == "cudo_sdk {'key': '***'} and Bearer ***\n"


def test_formatter_hides_what_is_in_a_traceback_and_its_causes():
    """A filter would see the message alone."""
    guard("c4n4ry-of-logs")

    def fail() -> None:
        try:
            try:
                raise KeyError("c4n4ry-of-logs")  # noqa: TRY301  # its traceback is the subject
            except KeyError as error:
                raise ValueError("refresh_token=abc") from error
        except ValueError:
            local = "c4n4ry-of-a-local"
            logger.exception("failed", stack_info=bool(local))

    text = formatted(fail)

    assert "KeyError: '***'" in text
    assert "ValueError: refresh_token=***" in text
    assert "Stack (most recent call last)" in text
    assert "c4n4ry-of-logs" not in text


def test_traceback_that_another_formatter_has_made_is_hidden_too():
    """The standard formatter keeps its text in the record, for all formatters that follow."""
    guard("c4n4ry-of-logs")
    try:
        raise ValueError("c4n4ry-of-logs")  # noqa: TRY301  # its traceback is the subject
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", None, sys.exc_info())

    assert "c4n4ry-of-logs" in logging.Formatter().format(record)
    assert RedactingFormatter().format(record).endswith("ValueError: ***")
