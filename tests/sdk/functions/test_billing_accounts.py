"""Billing accounts: money, times and secrets."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from cudo_sdk import ConfigError, Unavailable
from cudo_sdk.functions.billing_accounts import BillingAccountSpendRow, BillingAddress, TaxId
from cudo_sdk.testing import FakeTransport, api_error, drop_after_send

ACCOUNT = "GET /v1/billing-accounts/{}"
UPDATE = "PATCH /v1/billing-accounts/{}"
SPEND = "GET /v1/billing-accounts/{}/spend/details"
CREDIT = "POST /v1/billing-accounts/{}/credit"


def test_spend_is_asked_for_in_utc_and_comes_as_exact_amounts():
    row = {
        "projectId": "demo",
        "description": "vCPU",
        "quantity": 730.5,
        "unit": "UNIT_HOUR",
        "unitAmount": {"value": "0.002100"},
        "amount": {"value": "1.53405"},
    }
    fake = FakeTransport({SPEND: {"spend": [row]}})
    start = datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=1)))

    rows = fake.session().billing_accounts.list_billing_account_spend(
        "acme", start, datetime(2026, 4, 1, tzinfo=UTC)
    )

    assert rows == [
        BillingAccountSpendRow(
            project_id="demo",
            description="vCPU",
            quantity=730.5,
            unit="UNIT_HOUR",
            unit_amount=Decimal("0.002100"),
            amount=Decimal("1.53405"),
        )
    ]
    sent = {"startTime": "2026-03-01T00:00:00Z", "endTime": "2026-04-01T00:00:00Z"}
    assert dict(fake.requests[0].url.params) == sent


def test_spend_between_times_without_a_zone_is_refused_before_anything_is_sent():
    fake = FakeTransport()
    start, end = datetime(2026, 3, 1), datetime(2026, 4, 1)  # noqa: DTZ001  # the case

    with pytest.raises(ConfigError, match="no time zone"):
        fake.session().billing_accounts.list_billing_account_spend("acme", start, end)

    assert fake.requests == []


def test_spend_of_the_month_is_an_amount_though_the_api_writes_a_text():
    reply = {"id": "acme", "monthlySpend": "12.50", "creditBalance": {"value": "-3"}}
    fake = FakeTransport({ACCOUNT: reply})

    account = fake.session().billing_accounts.get_billing_account("acme")

    assert (account.monthly_spend, account.credit_balance) == (Decimal("12.50"), Decimal(-3))
    assert account.to_api() == reply


def test_update_names_in_its_mask_what_is_given_and_sends_no_more():
    fake = FakeTransport({UPDATE: {}})

    fake.session().billing_accounts.update_billing_account(
        "acme",
        tax_id=TaxId(id="t-1", type="eu_vat", value="DE1"),
        billing_address=BillingAddress(city="Oslo"),
    )

    assert fake.bodies() == [
        {
            "updateMask": "taxId,billingAddress",
            "billingAccount": {
                "taxId": {"type": "eu_vat", "value": "DE1"},
                "billingAddress": {"city": "Oslo"},
            },
        }
    ]


def test_update_with_a_mask_of_its_own_can_empty_a_field():
    fake = FakeTransport({UPDATE: {}})

    fake.session().billing_accounts.update_billing_account("acme", update_mask="taxId")

    assert fake.bodies() == [{"updateMask": "taxId", "billingAccount": {}}]


def test_payment_is_sent_once_as_a_plain_number():
    fake = FakeTransport({CREDIT: api_error("UNAVAILABLE")})

    with pytest.raises(Unavailable) as caught:
        fake.session().billing_accounts.create_billing_account_credit_payment("acme", Decimal("1E+2"), "pm-1")

    assert caught.value.outcome_unknown
    assert dict(fake.requests[0].url.params) == {"amount.value": "100", "paymentMethod": "pm-1"}
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    ("route", "name", "arguments", "reply"),
    [
        (CREDIT, "create_billing_account_credit_payment", (Decimal(5), "pm-1"), "paymentIntent"),
        (
            "POST /v1/billing-accounts/{}/credit-checkout-session",
            "create_billing_account_credit_checkout_session",
            (Decimal(5), "https://example.com"),
            None,
        ),
        ("GET /v1/billing-accounts/{}/setup-intent", "get_billing_account_setup_intent", (), None),
    ],
    ids=["payment", "checkout", "setup"],
)
def test_secret_for_the_browser_shows_only_when_asked_for(route, name, arguments, reply):
    secret = {"id": "pi-1", "clientSecret": "canary-1"}
    fake = FakeTransport({route: {reply: secret} if reply else secret})

    result = getattr(fake.session().billing_accounts, name)("acme", *arguments)

    assert "canary" not in f"{result!r} {result} {result.to_api()}"
    assert result.to_api(show_secrets=True) == secret


def test_setup_secret_is_asked_for_once():
    fake = FakeTransport({"GET /v1/billing-accounts/{}/setup-intent": drop_after_send()})

    with pytest.raises(Exception, match="broke"):
        fake.session().billing_accounts.get_billing_account_setup_intent("acme")

    assert len(fake.requests) == 1


def test_default_payment_method_is_set_again_when_the_answer_is_lost():
    done = {"id": "acme", "paymentMethodId": "pm-1"}
    route = "POST /v1/billing-accounts/{}/payment-methods/{}/set-default"
    fake = FakeTransport({route: [drop_after_send(), done]})

    result = fake.session().billing_accounts.set_billing_account_default_payment_method("acme", "pm-1")

    assert result.to_api() == done
