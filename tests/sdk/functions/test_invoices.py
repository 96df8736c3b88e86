"""Invoices: their times are texts of seconds, their amounts texts of whole numbers."""

from datetime import UTC, datetime

import pytest

from cudo_sdk import BadReply
from cudo_sdk.functions.invoices import Invoice
from cudo_sdk.testing import FakeTransport

LIST = "GET /v1/invoices"


def test_times_are_moments_and_amounts_are_numbers():
    values = {"id": "in-1", "created": "1767225600", "total": "9007199254740993", "dueDate": "0"}

    invoice = Invoice.model_validate(values)

    assert invoice.created == datetime(2026, 1, 1, tzinfo=UTC)
    assert (invoice.total, invoice.due_date, invoice.paid_date) == (9007199254740993, None, None)
    assert invoice.to_api() == values


@pytest.mark.parametrize("text", ["soon", "9" * 17, "9" * 30])
def test_time_that_is_none_is_a_bad_reply_that_names_the_field(text: str):
    fake = FakeTransport({LIST: {"invoices": [{"id": "in-1", "created": text}]}})

    with pytest.raises(BadReply, match=r"invoices\[0\]\.created"):
        fake.session().invoices.list_invoices("acme")


def test_invoices_are_asked_for_by_account_and_status_and_go_on_after_the_last():
    fake = FakeTransport(
        {
            LIST: [
                {"invoices": [{"id": "in-1"}], "hasMore": True},
                {"invoices": [{"id": "in-2"}], "hasMore": False},
            ]
        }
    )

    invoices = fake.session().invoices.list_invoices("acme", status="open")

    assert [invoice.id for invoice in invoices] == ["in-1", "in-2"]
    first = {"id": "acme", "status": "open", "pageSize": "100"}
    assert [dict(request.url.params) for request in fake.requests] == [
        first,
        {**first, "startingAfter": "in-1"},
    ]
