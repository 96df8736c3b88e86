"""The words of `cudo`: which module a word lives in, and its one line of help. Imports none of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cudo_shell.exits import UsageError


class Noun(NamedTuple):
    """A word that begins a command."""

    module: str
    summary: str
    aliases: tuple[str, ...] = ()


NOUNS: Mapping[str, Noun] = {
    "api-key": Noun("cudo_shell.commands.api_key", "API keys"),
    "auth": Noun("cudo_shell.commands.auth", "Logging in and out, and who you are"),
    "billing": Noun("cudo_shell.commands.billing", "Billing accounts: what was spent, credit, payments"),
    "bucket": Noun("cudo_shell.commands.bucket", "Buckets of the object storage"),
    "cluster": Noun("cudo_shell.commands.cluster", "Clusters of bare-metal machines"),
    "cluster-machine": Noun("cudo_shell.commands.cluster_machine", "The machines of clusters"),
    "completion": Noun("cudo_shell.commands.completion", "Completion with Tab in bash, zsh and fish"),
    "config": Noun("cudo_shell.commands.config", "The settings in force, and where they come from"),
    "context": Noun("cudo_shell.commands.context", "Named places to work in, with a login for each"),
    "data-center": Noun(
        "cudo_shell.commands.data_center", "Data centers and their prices", ("datacenter", "dc")
    ),
    "disk": Noun("cudo_shell.commands.disk", "Storage disks"),
    "gpu": Noun("cudo_shell.commands.gpu", "GPU models"),
    "image": Noun("cudo_shell.commands.image", "Public and private images"),
    "invoice": Noun("cudo_shell.commands.invoice", "Invoices"),
    "login": Noun("cudo_shell.commands.login", "Log in: the same as auth login"),
    "logout": Noun("cudo_shell.commands.logout", "Log out: the same as auth logout"),
    "machine": Noun("cudo_shell.commands.machine", "Bare-metal machines"),
    "machine-type": Noun("cudo_shell.commands.machine_type", "Machine types, with price and stock"),
    "network": Noun("cudo_shell.commands.network", "Private networks"),
    "project": Noun("cudo_shell.commands.project", "Projects and who may use them"),
    "record": Noun("cudo_shell.commands.record", "Record the prompt as a script"),
    "resource": Noun("cudo_shell.commands.resource", "Search in all projects"),
    "security-group": Noun("cudo_shell.commands.security_group", "Security groups and their rules"),
    "ssh-key": Noun("cudo_shell.commands.ssh_key", "SSH keys"),
    "storage-user": Noun("cudo_shell.commands.storage_user", "Users of the object storage, and their keys"),
    "user": Noun("cudo_shell.commands.user", "Your own account"),
    "vm": Noun("cudo_shell.commands.vm", "Virtual machines"),
    "volume": Noun("cudo_shell.commands.volume", "Volumes for the machines of clusters"),
    "whoami": Noun("cudo_shell.commands.whoami", "Who you are, and where commands go"),
}

WORDS: Mapping[str, Noun] = {
    "help": Noun("cudo_shell.commands.help", "Help for a command"),
}

KEYWORDS: Mapping[str, str] = {
    "assert": "fail unless something is true: assert ${vm.state == 'ACTIVE'} \"it is not up\"",
    "defer": "in a script, do something at its end, whatever happens: defer vm terminate ${vm.id} --yes",
    "echo": 'print words: echo "created ${vm.id}"',
    "else": "what is done otherwise: else, or else if ${...}",
    "end": "the end of for, if or timeout",
    "exit": "leave, with the status of the last command or with one of your own: exit 3",
    "for": "do the lines up to end for each: for vm in ${vms}",
    "if": "do the lines up to else or end if something is true: if ${length(vms) > `0`}",
    "let": "keep the result of a command, or a value: let vms = vm list",
    "param": "in a script, what its caller gives: param region: data-center = gb-bournemouth-1",
    "retry": "try again until it succeeds: retry 5 every 10s vm start web-1",
    "sleep": "wait: sleep 10s",
    "source": "run a script with the variables of the prompt: source deploy.cudo region=gb-bournemouth-1",
    "timeout": "give the lines up to end this time: timeout 10m",
    "try": "go on, also when the command fails: try vm start web-1",
    "!": "demand that the command fails: ! vm get web-9",
}
"""The words of the language, which begin a line of a script, or of the prompt, that is no command."""


def find_noun(word: str) -> tuple[str, Noun] | None:
    """Return a noun or shell word by its name or an alias."""
    for name, noun in {**NOUNS, **WORDS}.items():
        if word == name or word in noun.aliases:
            return name, noun
    return None


def known_words() -> list[str]:
    """Return every word that begins a command."""
    return sorted([*NOUNS, *WORDS])


_IN_OTHER_SHELLS: Mapping[str, str] = {
    "done": "end",
    "elif": "else if",
    "elseif": "else if",
    "esac": "end",
    "fi": "end",
    "foreach": "for",
    "print": "echo",
}


def no_command(word: str) -> "UsageError":
    """Return the error that a word begins no command here, with the words that are meant, or near."""
    from cudo_completions.ranking import near
    from cudo_shell.commands.meant import is_leading_verb, noun_for
    from cudo_shell.exits import Instead, UsageError, one_of

    if word in KEYWORDS:
        return UsageError(
            f"'{word}' is a word of the language, not a command.",
            f"It stands at the prompt, in FILE.cudo, or behind -e: cudo -e '{word} ...'",
        )
    if word in _IN_OTHER_SHELLS:
        return UsageError(f"There is no command '{word}'.", f"Did you mean: {_IN_OTHER_SHELLS[word]}?")
    if noun := noun_for(word):
        hint = f"Did you mean: {noun}?"
        return UsageError(f"There is no command '{word}'.", hint, instead=Instead(word, noun))
    if is_leading_verb(word):
        return UsageError(f"There is no command '{word}'.", f"The noun stands before the verb: vm {word}")
    meant = near(word, [*known_words(), *KEYWORDS])
    hint = f"Did you mean: {', '.join(meant)}?" if meant else "See: help"
    return UsageError(f"There is no command '{word}'.", hint, instead=one_of(word, meant))
