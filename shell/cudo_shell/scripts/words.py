"""What may stand behind the name of a script: its parameters, and their values. Pure, but for the file."""

import re
from collections.abc import Sequence

from cudo_completions.candidates import Candidate
from cudo_completions.position import Wanted
from cudo_shell.exits import RefusedError
from cudo_shell.locked import OPEN, Lock
from cudo_shell.scripts.parameters import choices_of, kinds_of
from cudo_shell.scripts.syntax import Param, read

LARGEST = 1024 * 1024  # bytes of a script whose parameters are looked for while somebody types
# Only these lines are read: to read a long script whole would take longer than a key may.
_DECLARATION = re.compile(r"^[ \t]*param[ \t](?:[^\n]*\\\n)*[^\n]*$", re.MULTILINE)


def params_of(name: str, lock: Lock = OPEN) -> list[Param]:
    """Return the parameters of a script; none of a file that is not there, or out of reach."""
    try:
        path = lock.reached(name)
        if not path.is_file() or path.stat().st_size > LARGEST:
            return []
        text = lock.read(name).decode("utf-8-sig")
    except (OSError, ValueError, RefusedError):
        return []
    return read("\n".join(_DECLARATION.findall(text.replace("\r\n", "\n")))).params


def wanted_of(params: Sequence[Param], words: Sequence[str]) -> Wanted:
    """Say what the last word may become: a parameter that the words before do not give, or a value of it."""
    *before, typed = words
    name, equals, value = typed.partition("=")
    if equals:
        return next((_value(param, value) for param in params if param.name == name), Wanted(typed))
    given = {word.partition("=")[0] for word in before}
    free = [param for param in params if param.name not in given]
    return Wanted(
        typed, choices=tuple(Candidate(f"{each.name}=", _hint(each), goes_on=True) for each in free)
    )


def _value(param: Param, typed: str) -> Wanted:
    kinds = kinds_of(param.kind)
    found = Wanted(
        typed,
        lead=f"{param.name}=",
        choices=tuple(map(Candidate, choices_of(param.kind))),
        about=f"{param.name}: {param.help}".removesuffix(": "),
    )
    return found._replace(source=kinds[0], also=tuple(kinds[1:])) if kinds else found


def _hint(param: Param) -> str:
    state = "required" if param.default is None else f"default: {param.default or 'none'}"
    return f"{param.help} ({state})" if param.help else state
