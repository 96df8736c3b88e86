"""The words of `cudo`: which module a word lives in, and its one line of help. Imports none of them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Noun:
    """A word that begins a command."""

    module: str
    summary: str
    aliases: tuple[str, ...] = ()


NOUNS: Mapping[str, Noun] = {
    "billing": Noun("cudo_shell.commands.billing", "Billing accounts and what was spent"),
    "data-center": Noun(
        "cudo_shell.commands.data_center", "Data centers and their prices", ("datacenter", "dc")
    ),
    "disk": Noun("cudo_shell.commands.disk", "Storage disks"),
    "gpu": Noun("cudo_shell.commands.gpu", "GPU models"),
    "image": Noun("cudo_shell.commands.image", "Public and private images"),
    "machine-type": Noun("cudo_shell.commands.machine_type", "Machine types of VMs, with price and stock"),
    "network": Noun("cudo_shell.commands.network", "Private networks"),
    "project": Noun("cudo_shell.commands.project", "Projects and who may use them"),
    "resource": Noun("cudo_shell.commands.resource", "Search in all projects"),
    "security-group": Noun("cudo_shell.commands.security_group", "Security groups and their rules"),
    "ssh-key": Noun("cudo_shell.commands.ssh_key", "SSH keys"),
    "vm": Noun("cudo_shell.commands.vm", "Virtual machines"),
    "whoami": Noun("cudo_shell.commands.whoami", "Who you are, and where commands go"),
}

WORDS: Mapping[str, Noun] = {
    "help": Noun("cudo_shell.commands.help", "Help for a command"),
}


def find_noun(word: str) -> tuple[str, Noun] | None:
    """Return a noun or shell word by its name or an alias."""
    for name, noun in {**NOUNS, **WORDS}.items():
        if word == name or word in noun.aliases:
            return name, noun
    return None


def known_words() -> list[str]:
    """Return every word that begins a command."""
    return sorted([*NOUNS, *WORDS])
