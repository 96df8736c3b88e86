"""The billing account of a new sandbox: cards, payments, invoices."""

from decimal import Decimal

from cudo_sandbox import payments, permissions
from cudo_sandbox.access import OWNER_EMAIL, VIEWER_EMAIL, members_of
from cudo_sandbox.clock import Clock
from cudo_sandbox.problems import Json
from cudo_sandbox.routes.billing_accounts import new_account
from cudo_sandbox.store import Resource, Transaction

ACCOUNT = "demo-billing"
_DAY = 86_400
_CARDS = (("pm_000001", "visa", "4242", True), ("pm_000002", "mastercard", "4444", False))
_PAYMENTS = ((80, 1000), (45, 2000), (10, 1500))  # days ago, dollars
_INVOICES = ((60, 18_250, "paid"), (30, 64_190, "paid"), (2, 71_805, "open"))  # days ago, cents, status


def seed_billing(tx: Transaction, clock: Clock) -> None:
    now = clock.now()
    tx.save(new_account(ACCOUNT, "Demo billing", now - 90 * _DAY, OWNER_EMAIL))
    scope = members_of("billing_account", ACCOUNT)
    tx.save(permissions.permission(tx, scope, OWNER_EMAIL, "OWNER"))
    tx.save(permissions.permission(tx, scope, VIEWER_EMAIL, "VIEWER"))
    for name, brand, last4, is_default in _CARDS:
        tx.save(Resource(payments.METHOD, ACCOUNT, name, _card(name, brand, last4, is_default=is_default)))
    for number, (days, dollars) in enumerate(_PAYMENTS, start=1):
        then, amount = now - days * _DAY, Decimal(dollars)
        payment = payments.payment_of(f"pi_seed{number}", amount, then)
        tx.save(Resource(payments.PAYMENT, ACCOUNT, payment["id"], payment))
        payments.add_credit(tx, ACCOUNT, f"cbtxn_seed{number}", amount, then)
    for number, (days, cents, status) in enumerate(_INVOICES, start=1):
        invoice = _invoice(number, int(now - days * _DAY), cents, status)
        tx.save(Resource(payments.INVOICE, ACCOUNT, invoice["id"], invoice))


def _card(name: str, brand: str, last4: str, *, is_default: bool) -> Json:
    card = {
        "brand": brand,
        "country": "GB",
        "expMonth": "11",
        "expYear": "2030",
        "fingerprint": f"fp{last4}",
        "last4": last4,
    }
    return {"id": name, "type": "card", "isDefault": is_default, "card": card}


def _invoice(number: int, created: int, cents: int, status: str) -> Json:
    """Amounts are cents; that the API means minor units is not evidenced."""
    is_paid = status == "paid"
    tax = cents // 6
    return {
        "id": f"in_{number:06d}",
        "number": f"CUDO-{number:04d}",
        "status": status,
        "currency": "usd",
        "description": "Usage",
        "billingReason": "manual",
        "autoAdvance": not is_paid,
        "created": str(created),
        "periodStart": str(created - 30 * _DAY),
        "periodEnd": str(created),
        "dueDate": str(created + 14 * _DAY),
        "paidDate": str(created + _DAY) if is_paid else "0",
        "subtotal": str(cents - tax),
        "subtotalExcludingTax": str(cents - tax),
        "tax": str(tax),
        "total": str(cents),
        "totalExcludingTax": str(cents - tax),
        "amountDue": str(cents),
        "amountPaid": str(cents if is_paid else 0),
        "amountRemaining": str(0 if is_paid else cents),
        "hostedInvoiceUrl": f"https://invoices.sandbox.invalid/in_{number:06d}",
    }
