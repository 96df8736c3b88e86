"""IP addresses for VMs and networks."""

import ipaddress

from cudo_sandbox.catalogue import DATA_CENTERS
from cudo_sandbox.problems import wrong_state
from cudo_sandbox.store import Resource, Transaction, Where

# The range for benchmarks (RFC 2544): an address of the sandbox never belongs to anybody.
_PUBLIC = ipaddress.ip_network("198.18.0.0/15")
_PRIVATE = ipaddress.ip_network("10.0.0.0/8")
ON_NETWORK = "EXISTS (SELECT 1 FROM json_each(body, '$.nics') WHERE json_extract(value, '$.networkId') = ?)"


def next_number(tx: Transaction, purpose: str = "address") -> int:
    """A number that was not given out before."""
    number = int(tx.setting(f"next_{purpose}") or 1)
    tx.set_setting(f"next_{purpose}", str(number + 1))
    return number


def public_address(number: int) -> str:
    return str(_PUBLIC[number % (_PUBLIC.num_addresses - 2) + 1])


def public_free(tx: Transaction, data_center: str) -> int:
    """How many public addresses the data center has left."""
    return int(DATA_CENTERS[data_center]["ipv4Free"]) - _taken(tx, data_center)


def take_public(tx: Transaction, data_center: str, number: int) -> str:
    """A public address made from the number, or an empty text when none is left."""
    if public_free(tx, data_center) <= 0:
        return ""
    _set_taken(tx, data_center, _taken(tx, data_center) + 1)
    return public_address(number)


def demand_public(tx: Transaction, data_center: str, number: int) -> str:
    """A public address; raises FAILED_PRECONDITION when none is left."""
    if address := take_public(tx, data_center, number):
        return address
    raise wrong_state(f"no public address left in data center '{data_center}'")


def give_back(tx: Transaction, data_center: str, *addresses: str) -> None:
    """Return the addresses that `take_public` gave; empty ones do not count."""
    _set_taken(tx, data_center, _taken(tx, data_center) - len([each for each in addresses if each]))


def forget_taken(tx: Transaction) -> None:
    """Let the catalogue's numbers be what is left now: they leave out what is seeded."""
    for name in DATA_CENTERS:
        _set_taken(tx, name, 0)


def _taken(tx: Transaction, data_center: str) -> int:
    return int(tx.setting(f"addresses_taken/{data_center}") or 0)


def _set_taken(tx: Transaction, data_center: str, count: int) -> None:
    tx.set_setting(f"addresses_taken/{data_center}", str(count))


def private_address(number: int) -> str:
    """An address on the network that a VM is on when it names none."""
    return str(_PRIVATE[number % (_PRIVATE.num_addresses - 2) + 1])


def address_on(tx: Transaction, network: Resource, taken: set[str]) -> str:
    """The first free address of the network; raises FAILED_PRECONDITION when none is left.

    The network's own, its gateway, its router and the broadcast address are never given out.
    """
    for vm in tx.matching("vm", network.scope, Where(ON_NETWORK, network.id)):
        taken |= {nic["internalIpAddress"] for nic in vm.body["nics"] if nic.get("networkId") == network.id}
    taken |= {network.body["gateway"], network.body["internalIpAddress"]}
    for address in ipaddress.ip_network(network.body["ipRange"]).hosts():
        if str(address) not in taken:
            return str(address)
    raise wrong_state(f"no address left in network '{network.id}'")
