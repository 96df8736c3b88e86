"""Billing accounts from the command line."""

import json


def test_account_shows_credit_and_rate(run):
    account = json.loads(run("billing get demo-billing -o json").out)
    outcome = run("billing get demo-billing --columns id,state,credit,hourly_limit")
    credit, limit = (float(account[name]["value"]) for name in ("creditBalance", "hourlySpendLimit"))
    assert outcome.out == (
        "id            demo-billing\n"
        "state         STATE_ACTIVE\n"
        f"credit        ${credit:,.2f}\n"
        f"hourly limit  ${limit:,.2f}/h\n"
    )


def test_spend_is_listed_for_a_time(run):
    header, *rows = run("billing spend demo-billing --last 7d -o csv").out.splitlines()
    assert header == "description,project,quantity,unit,unit_amount,amount"
    assert rows


def test_time_without_a_zone_is_refused(run):
    outcome = run("billing spend demo-billing --from 2026-01-01")
    assert outcome.code == 2
    assert "'2026-01-01' has no time zone: write 2026-01-31T12:00:00Z" in outcome.err
