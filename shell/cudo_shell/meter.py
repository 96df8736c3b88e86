"""What the VMs of a project cost and how long the credit lasts: in memory, refreshed behind the prompt."""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cudo_completions.reasons import retry_after
from cudo_shell.rows import Place

if TYPE_CHECKING:
    from cudo_sdk import AsyncSession
    from cudo_sdk.functions.billing_accounts import BillingAccount
    from cudo_sdk.functions.vms import VM

EVERY = 60.0  # seconds between two refreshes
SHARE = 5  # a refresh that took 20 s rests for a hundred: large projects are asked less often
PATIENCE = 60.0  # seconds a refresh may take
LONGEST = 600.0  # seconds; the longest pause after failures
LOW_CREDIT, LAST_CREDIT = 24.0, 4.0  # hours


@dataclass(frozen=True, slots=True)
class Spending:
    """What VMs cost per hour, running or not.

    `is_partial`: the API gave no price for some. `credit_hours`: until the credit of the billing account is
    used up at the rate of all its projects; None where it never is, or nobody may know.
    """

    vms: int
    running: int
    price_hr: Decimal
    is_partial: bool = False
    credit_hours: float | None = None


def spending_of(vms: "Iterable[VM]", account: "BillingAccount | None" = None) -> Spending:
    """Add up what VMs cost; a stopped VM is billed, too."""
    vms = list(vms)
    prices = [vm.price.total_price_hr if vm.price else None for vm in vms]
    return Spending(
        len(vms),
        sum(vm.state == "ACTIVE" for vm in vms),
        sum((price for price in prices if price is not None), Decimal(0)),
        is_partial=None in prices,
        credit_hours=credit_hours(account) if account else None,
    )


def credit_hours(account: "BillingAccount") -> float | None:
    """How long the credit lasts at the present rate; None where it does not run out, or nobody says so."""
    recharge = account.credit_balance_recharge
    if account.payment_terms != "PAYMENT_TERMS_PREPAID" or (recharge and recharge.auto_recharge):
        return None
    if account.credit_balance is None or not account.hourly_spend_rate:
        return None
    return max(0.0, float(account.credit_balance / account.hourly_spend_rate))


@dataclass(slots=True)
class _Entry:
    place: Place
    spending: Spending | None = None
    landed: float = 0.0
    due: float = -math.inf
    is_refreshing: bool = False
    failures: int = 0
    writes: int = 0  # our own, which make an answer that is on its way an old one
    account: str | None = None
    has_no_account: bool = False  # that may be read


class Meter:
    """The spending of the place that is looked at.

    `submit` hands a coroutine to the loop on which the session lives; `session` yields it, in a thread of its
    own. `on_change` is called on the loop's thread with what has come.
    """

    def __init__(
        self,
        *,
        submit: Callable[[Coroutine[Any, Any, None]], Future[None]],
        session: Callable[[], "AsyncSession"],
        on_change: Callable[[Spending], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._submit = submit
        self._session = session
        self._on_change = on_change
        self._clock = clock
        self._lock = threading.Lock()
        self._entry = _Entry(Place("", -1, ""))

    def look(self, place: Place) -> tuple[Spending | None, float]:
        """What is in memory, and its age in seconds; begins a refresh when that is missing or old."""
        with self._lock:
            if place != self._entry.place:
                self._entry = _Entry(place)
            entry = self._entry
            begins = not entry.is_refreshing and self._clock() >= entry.due
            entry.is_refreshing |= begins
        if begins:
            self._begin(entry)
        return entry.spending, self._clock() - entry.landed

    def outdate(self) -> None:
        """Ask again at the next look: something has changed."""
        with self._lock:
            self._entry.writes += 1
            if not self._entry.failures:  # else the server is to be left alone
                self._entry.due = -math.inf

    def _begin(self, entry: _Entry) -> None:
        work = self._refresh(entry)
        try:
            self._submit(work)
        except RuntimeError:  # the loop is closed: the shell is leaving
            work.close()

    async def _refresh(self, entry: _Entry) -> None:
        began, writes = self._clock(), entry.writes
        try:
            async with asyncio.timeout(PATIENCE):
                session = await asyncio.to_thread(self._session)
                vms = await session.vms.list_vms(entry.place.project)
                spending = spending_of(vms, await _account(session, entry))
        except Exception as error:  # noqa: BLE001  # whatever it is, the prompt goes on with what it knows
            with self._lock:
                entry.failures += 1
                pause = min(LONGEST, EVERY * 2.0 ** (entry.failures - 1))
                entry.due = self._clock() + max(pause, retry_after(error))
                entry.is_refreshing = False
            return
        with self._lock:
            now = self._clock()
            entry.spending, entry.landed, entry.failures = spending, now, 0
            entry.due = now + max(EVERY, SHARE * (now - began)) if writes == entry.writes else -math.inf
            entry.is_refreshing = False
        if entry is self._entry:  # else it is about a place that was left
            self._on_change(spending)


async def _account(session: "AsyncSession", entry: _Entry) -> "BillingAccount | None":
    """The billing account that pays for the project; None where that may not be read."""
    from cudo_sdk.errors import NotFound, PermissionDenied

    if entry.has_no_account:
        return None
    try:
        if entry.account is None:
            project = await session.projects.get_project(entry.place.project)
            entry.account = project.billing_account_id or ""
        return await session.billing_accounts.get_billing_account(entry.account) if entry.account else None
    except (PermissionDenied, NotFound):
        entry.has_no_account = True
        return None
