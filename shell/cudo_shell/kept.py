"""Which listings on the disk are a target's own: nothing is offered in another place, or to another."""

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cudo_completions.disk import Shelf
from cudo_completions.listing import Scope
from cudo_shell.contexts import Context
from cudo_shell.directories import cache_path, state_path
from cudo_shell.settings import Settings
from cudo_shell.targets import Target

_RECORD = re.compile(r"-[0-9a-f]{16}\.(json|lock)")


def shelf_of(settings: Settings) -> Shelf:
    """Return the listings that are kept between commands."""
    return Shelf(cache_path(settings["state_dir"]) / "completion")


def scope_of(target: Target, settings: Settings) -> Scope | None:
    """Return whose listings a target sees, from files alone; None where there is no credential.

    The credential is told by a hash, which stays the same while a login renews its tokens.
    """
    state = state_path(settings["state_dir"])
    whose: Any
    if target.kind == "sandbox":
        whose = str(state.resolve())
    elif target.kind == "key":
        whose = target.api_key.strip()
    elif target.kind == "stored" and target.context is not None:
        whose = [_place(target.context), *_logins(target.context, state / "credentials")]
    else:
        return None
    credential = sha256(json.dumps([target.kind, whose], default=str).encode()).hexdigest()
    return Scope(target.api_url.rstrip("/"), credential, settings["project"])


def forget(kinds: Iterable[str], target: Target, settings: Settings) -> None:
    """Drop what is kept of these kinds: they were changed. What cannot be dropped is old soon."""
    scope = scope_of(target, settings)
    if scope is not None:
        try:
            shelf_of(settings).forget(kinds, scope)
        except OSError:
            return


def _place(context: Context) -> list[Any]:
    """What makes another login of a context, as the name of its record does."""
    names = ("name", "auth", "issuer", "client_id", "scopes", "audience", "store", "store_options")
    return [getattr(context, name) for name in names]


def _logins(context: Context, folder: Path) -> Iterator[Any]:
    """Yield who has logged in there, by the records of a context.

    Read without the modules that check them, which would take longer than all the rest. Of a store that
    keeps no files there is a mark of when the login was last changed.
    """
    files = sorted(file for file in folder.glob(f"{context.name}-*") if _is_of(context, file))
    for file in files:
        if file.suffix == ".json":
            yield file.name, _identity(file)
        elif file.with_suffix(".json") not in files:
            yield file.name, file.stat().st_mtime_ns


def _is_of(context: Context, file: Path) -> bool:
    return bool(_RECORD.fullmatch(file.name.removeprefix(context.name)))


def _identity(file: Path) -> Any:
    """Return what stays the same of a record while it is renewed; None for one that cannot be read."""
    try:
        record = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    persona = record.get("persona")
    who = persona.get("sub") if isinstance(persona, dict) else None
    return record.get("kind"), record.get("api_key"), record.get("issuer"), who
