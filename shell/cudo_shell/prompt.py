"""The prompt and the line under it."""

from cudo_completions.offers import Offer
from cudo_shell.output.clean import clean
from cudo_shell.output.values import duration

_CYAN, _GREEN, _RED, _OFF = "\x1b[36m", "\x1b[1;32m", "\x1b[1;31m", "\x1b[0m"
_OLD = 10  # seconds after which the age of a listing is worth a word


def prompt_for(context: str, project: str, *, is_protected: bool = False) -> str:
    """`context/project> `, `context!/project> ` where it is protected; the colours add nothing to that."""
    color, mark = (_RED, "!") if is_protected else (_CYAN, "")
    return f"{color}{clean(context)}{mark}{_OFF}/{_GREEN}{clean(project) or '(no project)'}{_OFF}> "


def notice_for(offer: Offer) -> str:
    """What a person should know about the menu, or about why there is none."""
    kind = (offer.source or "").replace("_", " ")
    notes = []
    if offer.source is None:
        notes.append("" if offer.candidates else offer.about)
    elif offer.age is None:
        notes.append(f"no {kind}: {offer.reason}" if offer.reason else f"loading {kind}…")
    else:
        notes.append("" if offer.candidates else f"no {kind} here match")
        notes.append(offer.reason)
        notes.append(f"{kind} as of {duration(offer.age)} ago" if offer.age >= _OLD else "")
    if offer.more:
        notes.append(f"{offer.more:,} more, keep typing")
    if offer.withheld:
        notes.append(f"{offer.withheld:,} left out: not safe to type")
    return clean("; ".join(note for note in notes if note))
