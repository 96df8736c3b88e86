"""The line under the prompt: what is known of the world, as much of it as fits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from cudo_shell.meter import LOW_CREDIT, Spending
from cudo_shell.output.clean import clean
from cudo_shell.output.values import duration, hourly

Fragments = list[tuple[str, str]]
"""Pieces of a line, each with its style, as prompt_toolkit takes them."""

KEYS = "Tab completes   F1 helps   Ctrl-D leaves"
ALARM = "noreverse bg:ansired fg:ansiwhite bold"
_GAP = "   "
_OLD_LISTING, _OLD_SPENDING, _SHORT_LOGIN = 10.0, 120.0, 600.0  # seconds from which they are worth a word
_HOUR, _DAYS = 3600, 72.0  # hours from which credit is counted in days


@dataclass(frozen=True, slots=True)
class Situation:
    """What there is to tell. Ages and what is left are in seconds; None is not known, and not told.

    `login_left`: until the token of a login is over, which `is_renewed` by the next command. `requests` are
    not answered yet, `changes` were started here and go on.
    """

    context: str
    project: str = ""
    is_protected: bool = False
    is_recording: bool = False
    who: str = ""
    login_left: float | None = None
    is_renewed: bool = False
    requests: int = 0
    changes: int = 0
    spending: Spending | None = None
    spending_age: float = 0.0
    listings_age: float | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the line; what weighs least goes first. `texts`: from the long one to the shortest."""

    weight: int
    texts: tuple[str, ...]
    style: str = ""


def toolbar(situation: Situation, width: int) -> Fragments:
    """Tell what fits into `width` columns: the less important is shortened, then left out; never cut."""
    parts = list(_parts(situation))
    texts = [tuple(map(clean, part.texts)) for part in parts]
    for least in sorted(range(len(parts)), key=lambda index: parts[index].weight):
        while texts[least] and _width(texts) > width:
            texts[least] = texts[least][1:]
    shown = [(part.style, text[0]) for part, text in zip(parts, texts, strict=True) if text]
    return [piece for style, text in shown for piece in _spaced(style, text)]


def _width(texts: Sequence[tuple[str, ...]]) -> int:
    """Columns of the line: each part has a space on its left and, but for the gap, on its right."""
    return sum(cell_len(text[0]) + len(_GAP) for text in texts if text) - 1


def _spaced(style: str, text: str) -> Fragments:
    """A colored part has a margin in its color."""
    return [(style, f" {text} "), ("", " ")] if style else [("", f" {text}  ")]


def _parts(now: Situation) -> Iterator[_Part]:
    yield _place(now)
    if now.is_recording:
        yield _Part(85, ("recording", "rec"))
    if now.who:
        yield _Part(40, (now.who,))
    if now.login_left is not None and now.login_left < _SHORT_LOGIN:
        yield _login(now.login_left, is_renewed=now.is_renewed)
    if now.spending is not None:
        yield from _spending(now.spending, now.spending_age)
    if now.changes:
        yield _Part(60, (f"{_count(now.changes, 'change')} under way", _count(now.changes, "change")))
    if now.requests:
        yield _Part(20, (_count(now.requests, "request"),))
    if now.listings_age is not None and now.listings_age >= _OLD_LISTING:
        yield _Part(30, (f"listings {duration(now.listings_age)} old",))
    yield _Part(10, (KEYS,))


def _place(now: Situation) -> _Part:
    place = f"{now.context}/{now.project or '(no project)'}"
    if not now.is_protected:
        return _Part(50, (place,))  # the prompt says it, too
    return _Part(100, (f"{place} PROTECTED", f"{now.context} PROTECTED", "PROTECTED"), ALARM)


def _login(left: float, *, is_renewed: bool) -> _Part:
    text = f"login ends in {duration(left)}" if left > 0 else "login over"
    return _Part(45, (text,)) if is_renewed else _Part(80, (text,), ALARM)


def _spending(spending: Spending, age: float) -> Iterator[_Part]:
    then = f" {duration(age)} ago" if age >= _OLD_SPENDING else ""
    yield _Part(70, tuple(f"{text}{then}" for text in _cost(spending)))
    hours = spending.credit_hours
    if hours is not None:
        is_low = hours < LOW_CREDIT
        texts = (f"credit lasts {span(hours)}", f"credit {span(hours)}")
        yield _Part(90 if is_low else 35, texts, ALARM if is_low else "")


def _cost(spending: Spending) -> tuple[str, ...]:
    if not spending.vms:
        return ("no VMs",)
    running = "running" if spending.running == spending.vms else f"({spending.running} running)"
    many = f"{_count(spending.vms, 'VM')} {running}"  # all of them cost, also those that are stopped
    if spending.is_partial and not spending.price_hr:
        return (f"{many}, price unknown", many)
    price = f"{'~' * spending.is_partial}{hourly(spending.price_hr)}"
    return f"{many}, {price}", price


def span(hours: float) -> str:
    """Say for how long a credit lasts, in hours as long as they are few."""
    return f"{int(hours)} h" if 1 <= hours < _DAYS else duration(hours * _HOUR)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
