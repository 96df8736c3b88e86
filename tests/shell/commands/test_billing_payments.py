"""Payments of billing accounts from the command line."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]

TERMINAL = {"out_is_terminal": True, "width": 120}
PERSON = {"in_is_terminal": True, "err_is_terminal": True}
BUY = "billing credit-buy demo-billing --payment-method pm_000001"
QUESTION = (
    "Pay $25.00 with payment method 'pm_000001' for credit of billing account 'demo-billing' (Demo billing)? "
    "It takes this money now.\n"
)
PAID = "Paid $25.00; a browser may have to confirm it with the client secret.\n"


def credit(run: Run) -> str:
    return str(run("billing get demo-billing --columns credit -o csv --no-headers").out.strip())


def test_payment_methods_show_no_more_than_the_last_digits(run):
    assert run("billing payment-method-list demo-billing --columns id,default,brand,last4").out == (
        "ID         DEFAULT  BRAND       LAST4\n"
        "pm_000001  yes      visa        4242\n"
        "pm_000002  no       mastercard  4444\n"
    )


def test_default_is_changed_and_the_other_removed(run):
    changed = run("billing payment-method-set-default demo-billing pm_000002")
    assert changed.err == "Billing account 'demo-billing' pays with 'pm_000002' from now on.\n"
    kept = run("billing payment-method-remove demo-billing pm_000002 --yes")
    assert kept.code == 5
    remove = "billing payment-method-remove demo-billing pm_000001"
    assert run(remove).code == 8
    assert run(f"{remove} --yes").code == 0
    assert run("billing payment-method-list demo-billing -q").out == "pm_000002\n"


def test_payment_wants_the_amount_typed(run):
    asked = run(f"{BUY} --amount 25", stdin="y\n", **PERSON)
    assert (asked.code, asked.err) == (8, f"{QUESTION}Type 25 to do it: Nothing was changed.\n")
    assert credit(run) == "4500.000000"
    paid = run(f"{BUY} --amount 25", stdin="25\n", **PERSON)
    assert (paid.code, paid.err) == (0, f"{QUESTION}Type 25 to do it: {PAID}")
    assert credit(run) == "4525.000000"
    assert run("billing credit-list demo-billing --columns amount -o csv").out.splitlines()[1] == "25.000000"
    payments = run("billing transaction-list demo-billing --columns amount,status -o csv").out.splitlines()
    assert payments[1] == "25.000000,succeeded"


def test_payment_in_a_script_wants_the_amount_repeated_and_no_yes_will_do(run):
    refused = run(f"{BUY} --amount 25")
    assert (refused.code, refused.err) == (
        8,
        f"Not done, nobody could be asked: {QUESTION}Add --confirm 25 to do it without a question.\n",
    )
    assert run(f"{BUY} --amount 25 --yes").code == 2
    wrong = run(f"{BUY} --amount 25 --confirm 250")
    assert (wrong.code, wrong.err) == (8, f"Not done: --confirm has to repeat 25. {QUESTION}")
    assert credit(run) == "4500.000000"
    paid = run(f"{BUY} --amount 25 --confirm 25 -o json")
    assert (paid.code, paid.err) == (0, PAID)
    assert json.loads(paid.out)["clientSecret"].startswith("pi_000001_secret_")


def test_secret_of_a_payment_needs_a_reader_before_anything_is_paid(run):
    outcome = run(f"{BUY} --amount 25 --confirm 25", **TERMINAL)
    assert (outcome.code, outcome.err) == (
        2,
        (
            "The client secret of a payment is handed out only once, and a terminal does not show it.\n"
            "Print it here with --show, or write it into a file: ... -o json > FILE\n"
        ),
    )
    assert credit(run) == "4500.000000"


@pytest.mark.parametrize("amount", ["0", "-5", "1e9999", "nan", "25.001", "much"])
def test_amount_that_is_none_is_refused(run, amount):
    outcome = run(f"{BUY} --amount={amount} --confirm {amount.replace('-', '')}")
    assert outcome.code == 2
    assert f"'{amount}' is no amount such as 25 or 25.50" in outcome.err


def test_refusal_of_the_api_names_the_option(run):
    too_little = run(f"{BUY} --amount 5 --confirm 5")
    assert (too_little.code, too_little.err) == (2, "--amount: must be at least 10.\n")


@pytest.mark.parametrize(
    "line",
    [
        "billing setup-intent demo-billing",
        "billing credit-checkout demo-billing --amount 25 --return-url https://example.com/paid",
    ],
)
def test_client_secret_goes_into_a_pipe_or_is_shown_with_consent(run, line):
    refused = run(line, **TERMINAL)
    assert refused.code == 2
    assert refused.err.startswith("The client secret is handed out only once, and a terminal does not show")
    assert "_secret_" in json.loads(run(f"{line} -o json").out)["clientSecret"]
    assert "_secret_" in run(f"{line} --show", **TERMINAL).out
