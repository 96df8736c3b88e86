"""What is known of a kind of name, and whose it is."""

from collections.abc import Sequence
from typing import NamedTuple

from cudo_completions.candidates import Candidate, typeable
from cudo_completions.ranking import Index

PROJECTLESS = frozenset(
    {
        "ssh_keys",
        "public_images",
        "data_centers",
        "gpu_models",
        "projects",
        "billing_accounts",
        "payment_methods",
        "api_keys",
        "machine_operating_systems",
    }
)
"""Listings that are the same whatever the project."""


class Scope(NamedTuple):
    """Whose listing: nothing is ever offered across an endpoint, a credential or a project."""

    origin: str
    credential: str
    project: str = ""


class Listing(NamedTuple):
    """What is known now.

    `age` is in seconds, None before the first answer. `withheld` counts the names that cannot be
    typed safely. `reason` says why this is all when the last refresh failed.
    """

    candidates: Index = Index()
    age: float | None = None
    loading: bool = False
    reason: str = ""
    withheld: int = 0


def scope_of(kind: str, scope: Scope) -> Scope:
    """Return whose listing of a kind it is: some are the same in every project."""
    return scope._replace(project="") if kind in PROJECTLESS else scope


def safe(found: Sequence[Candidate]) -> tuple[Index, int]:
    """Return the candidates that can be typed, and how many cannot."""
    safe = [each for each in found if typeable(each.text)]
    return Index(safe), len(found) - len(safe)
