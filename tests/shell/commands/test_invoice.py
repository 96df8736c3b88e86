"""Invoices from the command line."""

COLUMNS = "id,number,status,total,remaining,currency"


def test_list_shows_amounts_for_people_and_exact_ones_for_programs(run):
    assert run(f"invoice list demo-billing --columns {COLUMNS}").out == (
        "ID         NUMBER     STATUS   TOTAL  REMAINING  CURRENCY\n"
        "in_000003  CUDO-0003  open    718.05     718.05  usd\n"
        "in_000002  CUDO-0002  paid    641.90       0.00  usd\n"
        "in_000001  CUDO-0001  paid    182.50       0.00  usd\n"
    )
    assert run("invoice list demo-billing --status open --columns id,total -o csv").out == (
        "id,total\nin_000003,71805\n"
    )


def test_outstanding_are_the_unpaid_ones_of_all_accounts(run):
    assert run("invoice outstanding -q").out == "in_000003\n"


def test_unknown_account_is_exit_4(run):
    outcome = run("invoice list demo-biling")
    assert (outcome.code, outcome.err) == (
        4,
        "Billing account 'demo-biling' not found.\nNear it: demo-billing\n",
    )
