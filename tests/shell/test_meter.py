"""What the VMs of a project cost, as the meter learns it behind the prompt."""

import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cudo_sandbox import Sandbox
from cudo_sdk.functions.billing_accounts import BillingAccount, CreditBalanceRecharge
from cudo_sdk.functions.vms import VM
from cudo_shell.connection import Connection
from cudo_shell.meter import EVERY, Meter, Spending, credit_hours, spending_of
from cudo_shell.rows import Place

DEMO = Place("sandbox", 0, "demo")
PREPAID = "PAYMENT_TERMS_PREPAID"


def vm(state: str, price: str | None) -> VM:
    return VM.model_validate({"state": state, "price": price and {"totalPriceHr": {"value": price}}})


# What is added up


def test_stopped_vms_are_paid_for_and_do_not_run():
    spending = spending_of([vm("ACTIVE", "0.5"), vm("STOPPED", "0.25"), vm("PENDING", "1")])
    assert spending == Spending(vms=3, running=1, price_hr=Decimal("1.75"))


def test_vm_without_a_price_makes_the_sum_a_part():
    assert spending_of([vm("ACTIVE", "0.5"), vm("ACTIVE", None)]) == Spending(
        2, 2, Decimal("0.5"), is_partial=True
    )


@pytest.mark.parametrize(
    ("terms", "credit", "rate", "recharges", "hours"),
    [
        (PREPAID, "10", "2.5", False, 4.0),
        (PREPAID, "-1", "2.5", False, 0.0),
        (PREPAID, "10", "0", False, None),
        (PREPAID, "10", None, False, None),
        (PREPAID, None, "2.5", False, None),
        (PREPAID, "10", "2.5", True, None),
        ("PAYMENT_TERMS_INVOICE", "0", "2.5", False, None),
    ],
)
def test_credit_lasts_as_long_as_the_rate_of_the_account_lets_it(terms, credit, rate, recharges, hours):
    account = BillingAccount(
        payment_terms=terms,
        credit_balance=credit and Decimal(credit),
        hourly_spend_rate=rate and Decimal(rate),
        credit_balance_recharge=CreditBalanceRecharge(auto_recharge=recharges),
    )
    assert credit_hours(account) == hours


# How it is kept


class Watched:
    """A meter on a sandbox, with a clock that a test sets."""

    def __init__(self, connection: Connection) -> None:
        self.now = 1000.0
        self.changes: list[Spending] = []
        self.landed = threading.Event()
        self.connection = connection
        self.meter = Meter(
            submit=self._submit,
            session=lambda: connection.session,
            on_change=self.changes.append,
            clock=lambda: self.now,
        )
        self.begun = 0

    def _submit(self, work: Any) -> Any:
        self.begun += 1
        future = self.connection.submit(work)
        future.add_done_callback(lambda _: self.landed.set())
        return future

    def look(self, place: Place = DEMO) -> tuple[Spending | None, float]:
        return self.meter.look(place)

    def refresh(self, place: Place = DEMO) -> tuple[Spending | None, float]:
        """Look, wait for the refresh that this begins, and look again."""
        self.landed.clear()
        begun = self.begun
        self.look(place)
        assert self.begun == begun + 1, "no refresh was begun"
        assert self.landed.wait(10)
        return self.look(place)


@pytest.fixture
def watched(connection: Connection) -> Iterator[Watched]:
    watched = Watched(connection)
    yield watched
    until = time.monotonic() + 10
    while watched.meter._entry.is_refreshing and time.monotonic() < until:
        time.sleep(0.001)  # else the connection is closed under a refresh


def test_first_look_knows_nothing_and_does_not_wait(sandbox: Sandbox, watched: Watched):
    sandbox.add_fault(kind="latency", match="GET */vms", latency_ms=2000)
    began = time.monotonic()
    spending, _ = watched.look()
    assert (spending, time.monotonic() - began < 1.5) == (None, True)


def test_refresh_knows_vms_price_and_credit(watched: Watched):
    spending, age = watched.refresh()
    assert spending is not None
    assert (spending.vms, spending.running, spending.is_partial, age) == (5, 3, False, 0.0)
    assert spending.price_hr > 0
    assert spending.credit_hours is not None
    assert watched.changes == [spending]


def test_one_refresh_is_under_way_at_a_time(sandbox: Sandbox, watched: Watched):
    sandbox.add_fault(kind="latency", match="GET */vms", latency_ms=200)
    for _ in range(10):
        watched.look()
        watched.meter.outdate()
    assert watched.begun == 1


def test_answer_is_good_for_a_minute(watched: Watched):
    watched.refresh()
    watched.now += EVERY - 1
    _, age = watched.look()
    assert (age, watched.begun) == (EVERY - 1, 1)
    watched.now += 1
    watched.refresh()


def test_own_change_asks_again_at_once(watched: Watched):
    watched.refresh()
    watched.meter.outdate()
    watched.refresh()
    assert watched.begun == 2


def test_answer_from_before_an_own_change_is_asked_again(sandbox: Sandbox, watched: Watched):
    sandbox.add_fault(kind="latency", match="GET */vms", latency_ms=200)
    watched.look()
    until = time.monotonic() + 10
    while not watched.connection.traffic.in_flight and time.monotonic() < until:
        time.sleep(0.001)
    watched.meter.outdate()
    assert watched.landed.wait(10)
    watched.refresh()


def test_failure_keeps_what_is_known_and_rests_longer_each_time(sandbox: Sandbox, watched: Watched):
    known, _ = watched.refresh()
    sandbox.add_fault(kind="status", match="GET */vms", status=403, times=0)
    for pause in (EVERY, EVERY, 2 * EVERY, 4 * EVERY):
        watched.meter.outdate() if pause != EVERY else None  # a server that fails is left alone
        watched.now += pause - 1
        watched.look()
        watched.now += 1
        assert watched.refresh()[0] == known
    assert watched.begun == 5


def test_project_without_a_readable_account_is_asked_for_its_vms_only(sandbox: Sandbox, watched: Watched):
    sandbox.add_fault(kind="status", match="GET *billing*", status=403, times=1)
    first, _ = watched.refresh()
    watched.now += EVERY
    second, _ = watched.refresh()
    assert first is not None
    assert second is not None
    assert (first.vms, first.credit_hours, second.credit_hours) == (5, None, None)


def test_other_project_begins_with_nothing(watched: Watched):
    watched.refresh()
    assert watched.look(Place("sandbox", 0, "research"))[0] is None
    assert watched.look(Place("sandbox", 1, "demo"))[0] is None


def test_place_that_does_not_exist_stays_unknown(watched: Watched):
    assert watched.refresh(Place("sandbox", 0, "no-such-project"))[0] is None
    assert watched.changes == []
