"""Invented measurements of a VM: the same for the same seed, VM and minute."""

import math
import random

from cudo_sandbox.problems import Json
from cudo_sandbox.store import Resource

SAMPLES = 60
_SECONDS = 60
_GIB = 2**30


def samples(vm: Resource, seed: int, now: float) -> list[Json]:
    """One sample for each of the last 60 minutes, oldest first."""
    last = int(now) // _SECONDS
    return [_sample(vm, seed, minute) for minute in range(last - SAMPLES + 1, last + 1)]


def _sample(vm: Resource, seed: int, minute: int) -> Json:
    source = random.Random(f"{seed}/{vm.scope}/{vm.id}/{minute}")  # noqa: S311  # invented data, not a secret
    wave = (1 + math.sin(minute / 9 + len(vm.id))) / 2
    load = min(1.0, 0.15 + 0.6 * wave + 0.2 * source.random())
    amounts = {
        "diskRdBytes": load * 40_000_000,
        "diskRdIops": load * 900,
        "diskWrBytes": load * 25_000_000,
        "diskWrIops": load * 600,
        "guestPing": 1,
        "memory": (0.3 + 0.5 * load) * vm.body["memory"] * _GIB,
        "netRx": load * 9_000_000,
        "netTx": load * 4_000_000,
        "timestamp": minute * _SECONDS,
    }
    return {"cpu": round(load * 100, 2), **{name: str(int(value)) for name, value in amounts.items()}}
