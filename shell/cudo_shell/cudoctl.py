"""The file of cudoctl, the vendor's own command line: read as it is, never written."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from cudo_shell.yaml_files import Unreadable, yaml_in

PREFIX = "cudoctl/"  # of the names of its contexts
VERSION = "v0"


class CudoctlContext(NamedTuple):
    """A context of cudoctl's; `api_key` is empty where the file does not lead to one."""

    name: str
    project: str = ""
    billing_account: str = ""
    api_key: str = ""

    def __repr__(self) -> str:  # without the key
        return f"{type(self).__name__}({self.name!r})"


class Cudoctl(NamedTuple):
    """What the file says; `notes` tells what of it cannot be used."""

    contexts: Mapping[str, CudoctlContext] = MappingProxyType({})
    current: str = ""
    notes: tuple[str, ...] = ()


def cudoctl_file(environ: Mapping[str, str]) -> Path:
    """Where cudoctl keeps its configuration."""
    return Path(environ.get("HOME") or Path.home()) / ".config" / "cudo" / "cudo.yml"


def read_cudoctl(path: Path) -> Cudoctl:
    """Read the file, if there is one. A file that cannot be used is a note, not an error."""
    try:
        document = yaml_in(path)
    except Unreadable as error:
        return Cudoctl(notes=(f"cudoctl's contexts are left out: {error}",))
    return Cudoctl() if document is None else _cudoctl(path, document)


def _cudoctl(path: Path, document: Any) -> Cudoctl:
    if not isinstance(document, dict) or document.get("configVersion") != VERSION:
        return Cudoctl(notes=(f"cudoctl's contexts are left out: {path} is not of version {VERSION}",))
    keys = {entry["name"]: entry.get("key", "") for entry in _named(document.get("keys"))}
    contexts = [_context(entry, keys) for entry in _named(document.get("contexts"))]
    return Cudoctl(
        {context.name: context for context in contexts},
        _text(document.get("current-context")),
        tuple(
            f"{PREFIX}{each.name} is left out: its key is not in {path}"
            for each in contexts
            if not each.api_key
        ),
    )


def _context(entry: Mapping[str, Any], keys: Mapping[str, Any]) -> CudoctlContext:
    return CudoctlContext(
        name=entry["name"],
        project=_text(entry.get("project")),
        billing_account=_text(entry.get("billing-account")),
        api_key=_text(keys.get(_text(entry.get("key")))),
    )


def _named(entries: Any) -> list[dict[str, Any]]:
    """The entries that have a name; the rest cannot be meant by anybody."""
    entries = entries if isinstance(entries, list) else []
    return [each for each in entries if isinstance(each, dict) and _text(each.get("name"))]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
