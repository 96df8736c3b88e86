"""The words of other tools, and ours for them: what an administrator has in the fingers."""

from collections.abc import Container, Mapping, Sequence

_ENDING = ("terminate", "delete")
_VERBS: Mapping[str, Sequence[str]] = {  # of ours, the first that a noun has
    "add": ("create",),
    "boot": ("start",),
    "describe": ("get", "status"),
    "destroy": _ENDING,
    "edit": ("update",),
    "halt": ("stop",),
    "info": ("get", "status"),
    "inspect": ("get", "status"),
    "kill": _ENDING,
    "launch": ("create",),
    "modify": ("update",),
    "new": ("create",),
    "poweroff": ("stop",),
    "poweron": ("start",),
    "reboot": ("restart",),
    "remove": _ENDING,
    "reset": ("restart",),
    "rm": _ENDING,
    "run": ("create",),
    "scale": ("resize", "update"),
    "select": ("use",),
    "shutdown": ("stop",),
    "stats": ("monitor",),
    "switch": ("use",),
    "view": ("get", "status"),
}
_OPTIONS: Mapping[str, str] = {
    "--cores": "--vcpus",
    "--cpus": "--vcpus",
    "--csv": "--output=csv",
    "--fields": "--columns",
    "--flavor": "--machine-type",
    "--format": "--output",
    "--instance-type": "--machine-type",
    "--json": "--output=json",
    "--location": "--data-center",
    "--mem": "--memory",
    "--ram": "--memory",
    "--region": "--data-center",
    "--sort-by": "--sort",
    "--yaml": "--output=yaml",
    "--zone": "--data-center",
}
_NOUNS: Mapping[str, str] = {
    "datacenters": "data-center",
    "firewall": "security-group",
    "flavor": "machine-type",
    "instance": "vm",
    "instances": "vm",
    "key": "ssh-key",
    "keys": "ssh-key",
    "location": "data-center",
    "region": "data-center",
    "server": "vm",
    "servers": "vm",
    "vms": "vm",
}
_LEADING = frozenset({"create", "delete", "get", "list", "ls", "rm", "show", "start", "stop"})


def verb_for(word: str, verbs: Container[str]) -> str | None:
    """Return the verb of a noun that another tool has this word for."""
    return next((verb for verb in _VERBS.get(word.casefold(), ()) if verb in verbs), None)


def option_for(word: str, options: Container[str]) -> str | None:
    """Return the option of a verb, with its value if that is clear, that another tool has this word for."""
    option = _OPTIONS.get(word)
    return option if option and option.partition("=")[0] in options else None


def noun_for(word: str) -> str | None:
    """Return the noun that another tool has this word for."""
    return _NOUNS.get(word.casefold())


def is_leading_verb(word: str) -> bool:
    """Whether a word is one of the verbs that stand before the noun in other tools: `list vm`."""
    return word.casefold() in _LEADING
