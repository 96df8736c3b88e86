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


def test_details_are_those_of_the_payment_service(run):
    assert run("billing details demo-billing --columns id,customer,email,balance").out == (
        "id        demo-billing\ncustomer  cus_demo-billing\nemail     kim@example.com\nbalance   $0.00\n"
    )


def test_projects_of_an_account_are_listed(run):
    assert run("billing project-list demo-billing -q").out == "demo\nresearch\n"


def test_life_of_an_account(run):
    created = run("billing create Lab --email lab@example.com --address country=GB --tax-id gb_vat=GB1 -q")
    assert (created.out, created.err) == ("billing-000001\n", "Billing account 'billing-000001' created.\n")
    account = json.loads(run("billing update billing-000001 --name Lab2 --address city=Leeds -o json").out)
    assert account["displayName"] == "Lab2"
    assert account["billingAddress"] == {"city": "Leeds", "country": "GB"}
    assert account["taxId"] == {"type": "gb_vat", "value": "GB1"}
    refused = run("billing delete billing-000001")
    assert (refused.code, refused.err) == (
        8,
        (
            "Not done, nobody could be asked: Delete billing account 'billing-000001' (Lab2)?\n"
            "Add --yes to do it without a question.\n"
        ),
    )
    deleted = run("billing delete billing-000001 --yes")
    assert deleted.err.startswith("Billing account 'billing-000001' deleted. It can be taken back until ")
    assert deleted.err.endswith(": billing undelete billing-000001\n")
    assert run("billing undelete billing-000001").err == "Billing account 'billing-000001' is back.\n"
    assert run("billing undelete billing-000001").code == 5


def test_account_with_projects_is_not_deleted(run):
    outcome = run("billing delete demo-billing --yes")
    assert outcome.code == 5
    assert "still pays for project 'demo'" in outcome.err
    assert run("billing delete nothing --yes --if-exists").err == "Billing account 'nothing' is not there.\n"


def test_update_of_nothing_is_refused(run):
    outcome = run("billing update demo-billing")
    assert (outcome.code, outcome.err) == (
        2,
        "billing update: nothing to change.\nGive --name, --address or --tax-id.\n",
    )


def test_unknown_part_of_an_address_is_refused_with_the_known_ones(run):
    outcome = run("billing update demo-billing --address town=Leeds")
    assert outcome.code == 2
    assert "'town' is none of: name, line1, line2, city, state, postal_code, country, phone" in outcome.err


def test_permissions_are_given_and_taken(run):
    assert run("billing permission-add demo-billing --user sam@example.com --role viewer").err == (
        "'sam@example.com' is viewer of billing account 'demo-billing'.\n"
    )
    assert run("billing permission-list demo-billing --columns user,role -o csv").out == (
        "user,role\nkim@example.com,OWNER\nvera@example.com,VIEWER\nsam@example.com,VIEWER\n"
    )
    remove = "billing permission-remove demo-billing --user sam@example.com --role viewer"
    assert run(remove).code == 8
    assert run(f"{remove} --yes").code == 0
    assert "sam@example.com" not in run("billing permission-list demo-billing -q").out
