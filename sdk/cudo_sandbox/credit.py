"""Credit that runs down, if asked for: what runs is paid from it, and at 0 all that costs is deleted.

An account is charged for the time that has passed at the rate that held in it: after every request that may
change the rate, and otherwise once a minute, before a request is answered.
"""

from decimal import Decimal

from cudo_sandbox.clock import Clock
from cudo_sandbox.lifecycles import enter
from cudo_sandbox.money import amount_of, money
from cudo_sandbox.projects import projects_of, rate_of
from cudo_sandbox.routes import vms
from cudo_sandbox.store import GONE, Resource, Store, Transaction

_KINDS = ("image", "network", "machine", "cluster", "cluster_machine", "volume")
_MINUTE, _HOUR = 60, 3600


def charge(store: Store, clock: Clock) -> None:
    """Bring balances up to date that are older than a minute."""
    with store.transaction(write=False) as tx:
        moments = [each.hidden.get("settled", 0.0) for each in tx.all("billing_account")]
    if min(moments, default=clock.now()) <= clock.now() - _MINUTE:
        with store.transaction(write=True) as tx:
            settle(tx, clock)


def settle(tx: Transaction, clock: Clock) -> None:
    """Charge every account for the time since it was settled, and plan when its credit is used up."""
    for account in tx.all("billing_account"):
        left = _left(account, clock.now())
        rate = rate_of(tx, account.id)
        account.body["creditBalance"] = money(left)
        account.hidden.update(rate=str(rate), settled=clock.now())
        is_paying = rate and left and account.body["paymentTerms"] == "PAYMENT_TERMS_PREPAID"
        account.expires = clock.now() + float(left / rate) * _HOUR if is_paying else None
        tx.save(account)


def _left(account: Resource, now: float) -> Decimal:
    credit = amount_of(account.body["creditBalance"])
    if account.body["paymentTerms"] != "PAYMENT_TERMS_PREPAID" or "settled" not in account.hidden:
        return credit
    hours = Decimal(str(now - account.hidden["settled"])) / _HOUR
    return max(Decimal(0), credit - Decimal(account.hidden["rate"]) * hours)


def used_up(tx: Transaction, account: Resource, clock: Clock) -> None:
    """Delete whatever costs something in the projects of the account; going is free."""
    account.body["creditBalance"] = money(Decimal(0))
    account.hidden.update(rate="0", settled=clock.now())
    for project in projects_of(tx, account.id):
        for vm in tx.all("vm", project):
            _delete_vm(tx, vm, clock)
        disks = [disk for disk in tx.all("disk", project) if "vmId" not in disk.body]
        others = [each for kind in _KINDS for each in tx.all(kind, project)]
        for resource in disks + others:
            enter(resource, clock, "DELETING", GONE)
            tx.save(resource)
        for bucket in tx.all("bucket", project):
            tx.remove(bucket)


def _delete_vm(tx: Transaction, vm: Resource, clock: Clock) -> None:
    """Its storage disks are let go first, or they would come back when it goes."""
    for each in vm.body["storageDisks"]:
        disk = tx.get("disk", vm.scope, each["id"])
        disk.body.pop("vmId")
        tx.save(disk)
    vm.body["storageDisks"] = []
    vms.begin_deletion(tx, vm, clock)
