"""Payment methods, credit, transactions and invoices of billing accounts."""

import secrets
from decimal import Decimal

from cudo_sandbox.addresses import next_number
from cudo_sandbox.clock import rfc3339
from cudo_sandbox.money import amount_of, money
from cudo_sandbox.paging import cursor_page
from cudo_sandbox.problems import Json, invalid, wrong_state
from cudo_sandbox.router import Call, Reply
from cudo_sandbox.store import Resource, Transaction, Where

METHOD, PAYMENT, CREDIT, INVOICE = "payment_method", "transaction", "credit_balance_transaction", "invoice"
_OPEN = Where("json_extract(body, '$.status') = 'open'")
_MIN_PAYMENT = 10  # dollars


def list_payment_methods(call: Call) -> Reply:
    return {"paymentMethods": [each.body for each in call.tx.all(METHOD, call.id)]}


def remove_payment_method(call: Call) -> Reply:
    """The default method stays."""
    method = _method(call)
    if method.body["isDefault"]:
        raise wrong_state(f"payment method '{method.id}' is the default; make another one the default first")
    call.tx.remove(method)
    return {"id": call.id, "paymentMethodId": method.id}


def set_default_payment_method(call: Call) -> Reply:
    chosen = _method(call)
    for method in call.tx.all(METHOD, call.id):
        method.body["isDefault"] = method.id == chosen.id
        call.tx.save(method)
    return {"id": call.id, "paymentMethodId": chosen.id}


def get_setup_intent(_call: Call) -> Reply:
    name = f"seti_{secrets.token_hex(8)}"
    return {"id": name, "clientSecret": _client_secret(name)}


def create_credit_payment(call: Call) -> Reply:
    """The payment succeeds at once; on the real service a browser has to confirm it."""
    paid = call.query["amount.value"]
    if paid < _MIN_PAYMENT:
        raise invalid(("amount.value", f"must be at least {_MIN_PAYMENT}"))
    if call.tx.find(METHOD, call.id, call.query["paymentMethod"]) is None:
        raise invalid(("paymentMethod", f"there is no payment method '{call.query['paymentMethod']}'"))
    number = next_number(call.tx, "payment")
    payment = payment_of(f"pi_{number:06d}", paid, call.clock.now())
    call.tx.save(Resource(PAYMENT, call.id, payment["id"], payment))
    add_credit(call.tx, call.id, f"cbtxn_{number:06d}", paid, call.clock.now())
    return {"paymentIntent": {"clientSecret": _client_secret(payment["id"])}}


def create_checkout_session(call: Call) -> Reply:
    """Nothing is paid: the page behind the secret does not exist."""
    if call.query["amount.value"] < _MIN_PAYMENT:
        raise invalid(("amount.value", f"must be at least {_MIN_PAYMENT}"))
    return {"clientSecret": _client_secret(f"cs_{secrets.token_hex(8)}")}


def list_credit_balance_transactions(call: Call) -> Reply:
    return _newest_first(call, CREDIT, "creditBalanceTransactions")


def list_transactions(call: Call) -> Reply:
    return _newest_first(call, PAYMENT, "transactions")


def _newest_first(call: Call, kind: str, key: str) -> Json:
    items = [each.body for each in reversed(call.tx.all(kind, call.id))]
    return cursor_page(items, call.query, key, lambda item: str(item["id"]))


def add_credit(tx: Transaction, account_id: str, name: str, amount: Decimal, now: float) -> None:
    """Raise the credit and write down why."""
    account = tx.get("billing_account", "", account_id)
    account.body["creditBalance"] = money(amount_of(account.body["creditBalance"]) + amount)
    tx.save(account)
    body = {"id": name, "amount": money(amount), "description": "Credit payment", "createTime": rfc3339(now)}
    tx.save(Resource(CREDIT, account_id, name, body))


def payment_of(name: str, amount: Decimal, now: float) -> Json:
    """A Transaction that succeeded."""
    paid, moment = money(amount), rfc3339(now)
    charge = {"amount": paid, "createTime": moment, "paid": True, "refunded": False, "status": "succeeded"}
    return {
        "id": name,
        "amount": paid,
        "description": "Credit payment",
        "createTime": moment,
        "status": "succeeded",
        "succeeded": True,
        "latestCharge": charge,
        "lastPaymentError": {"code": "", "declineCode": ""},
    }


def open_invoices(tx: Transaction, account: str) -> list[Json]:
    return [each.body for each in tx.matching(INVOICE, account, _OPEN)]


def _method(call: Call) -> Resource:
    return call.tx.get(METHOD, call.id, call.path["paymentMethodId"])


def _client_secret(name: str) -> str:
    return f"{name}_secret_{secrets.token_urlsafe(18)}"
