"""A command that was run at the prompt, as a line of a script: its variables, parameters, answers. Pure."""

from argparse import Action, ArgumentParser, Namespace
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cudo_completions.position import Reading, Role, read
from cudo_sdk.redaction import redacted
from cudo_shell.commands.dry_run import is_change
from cudo_shell.commands.kinds import IN_PROJECT
from cudo_shell.commands.parser import actions_of, verb_parser
from cudo_shell.output.fields import value_at
from cudo_shell.scripts.writing import Names, written
from cudo_shell.secrets_in_lines import holds_secret

# What becomes a parameter, with the value that was used as its default: its name, its type, its help.
_PARAMETERS: Mapping[str, tuple[str, str, str]] = {
    "projects": ("project", "project", "the project to work in"),
    "billing_accounts": ("billing_account", "billing", "who pays"),
    "data_centers": ("data_center", "data-center", "where it stands"),
}
# Of these it is the server that says which id they get, and where in the result that stands.
_MADE_BY_SERVER: Mapping[str, tuple[str, str]] = {
    "billing create": ("billing_accounts", "id"),
    "security-group rule-add": ("security_group_rules", "id"),
    "ssh-key create": ("ssh_keys", "id"),
    "storage-user key-create": ("access_keys", "accessKey"),
}
_UNLISTED = {"access_key": "access_keys"}  # arguments with the id of a thing that no listing has
_ALSO = {"public_images": ("private_images",)}  # kinds that may stand where one is wanted
# Arguments that are written anew, that say how a result looks, and --no-wait: a script has no person in it
# who sees that a thing is there before the next line needs it.
_LEFT_OUT = frozenset(
    {
        "columns",
        "no_headers",
        "output",
        "project",
        "query",
        "quiet",
        "show",
        "verbose",
        "wait",
        "yes",
    }
)
_LEFT_OUT_OF_READS = frozenset({"project", "verbose"})


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that was run, with the arguments that it had in the end.

    `account` is the billing account of the place, `answer` the word that was typed to confirm, `result` what
    it told, and `texts` are the words that a script had put in.
    """

    parser: ArgumentParser
    args: Namespace
    project: str
    account: str = ""
    answer: str = ""
    result: Any = None
    texts: Container[str] = ()

    @property
    def verb(self) -> ArgumentParser:
        """The parser of its verb."""
        return verb_parser(self.parser, getattr(self.args, "verb", None))

    @property
    def name(self) -> str:
        """Its noun and verb, without aliases."""
        return self.verb.prog

    @property
    def is_change(self) -> bool:
        """Whether it has changed something."""
        noun, _, verb = self.name.partition(" ")
        return is_change(noun, verb) and not getattr(self.args, "dry_run", False)


@dataclass(slots=True)
class Draft:
    """What a script has so far: its parameters, what its variables stand for, its lines."""

    names: Names = field(default_factory=Names)
    params: list[str] = field(default_factory=list)
    required: list[str] = field(default_factory=list)  # names of the parameters without a default
    lines: list[str] = field(default_factory=list)
    _defaults: dict[tuple[str, str], str] = field(default_factory=dict)
    _made: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def add(self, ran: Ran) -> None:
        """Add a command; one that would show a secret in spite of all is only named."""
        words = [*_Words(ran, self)]
        line = " ".join(words)
        if redacted(line) != line:
            self.leave_out(ran.name, "it holds a secret")
        else:
            self.lines.append(f"{self._variable(ran)}{line}")

    def leave_out(self, name: str, why: str) -> None:
        """Tell whoever reads the script of a command that it does not have."""
        self.lines.append(f"# left out, for {why}: {name}")

    # What stands for a value

    def thing(self, kind: str, project: str, name: str) -> str:
        """Write the id of a thing: one that was made here is a variable, and a place is a parameter."""
        for each in (kind, *_ALSO.get(kind, ())):
            if made := self._made.get(_key(each, project, name)):
                return f"${{{made}}}"
        return f"${{{self._default(kind, name)}}}" if kind in _PARAMETERS else written(name)

    def _default(self, kind: str, value: str) -> str:
        if (kind, value) not in self._defaults:
            base, type_, text = _PARAMETERS[kind]
            name = self._defaults[kind, value] = self.names.new(base)
            self.params.append(f'param {name}: {type_} = {written(value)} "{text}"')
        return self._defaults[kind, value]

    def ask(self, name: str, text: str) -> str:
        """Write a parameter that whoever runs the script must give."""
        name = self.names.new(name)
        self.required.append(name)
        self.params.append(f'param {name} "{text}"')
        return f"${{{name}}}"

    def _variable(self, ran: Ran) -> str:
        """Write the beginning of a line that makes something which later lines may name."""
        if not ran.is_change:
            return ""
        made = _made_by(ran)
        if made is None:
            # A variable keeps the secret that is its result from the terminal.
            return f"let {self.names.new(ran.name)} = " if hasattr(ran.args, "show") else ""
        kind, name, path = made
        is_named = ran.name not in _MADE_BY_SERVER and not holds_secret(name)
        variable = self.names.new(name if is_named else kind.removesuffix("s"))
        self._made[_key(kind, ran.project, name)] = f"{variable}.{path}"
        return f"let {variable} = "


def _key(kind: str, project: str, name: str) -> tuple[str, str, str]:
    return kind, project if kind in IN_PROJECT else "", name


def _made_by(ran: Ran) -> tuple[str, str, str] | None:
    """Return the kind and id of what a command has made, and where its result has it, if it does."""
    if ran.name in _MADE_BY_SERVER:
        kind, path = _MADE_BY_SERVER[ran.name]
        return kind, str(value_at(ran.result, [path])), path
    for action in actions_of(ran.verb):
        if made := getattr(action, "creates", None):
            name = getattr(ran.args, action.dest)
            has_none_yet = ran.result is None and getattr(ran.args, "wait", True) is False
            return (made, name, "id") if has_none_yet or value_at(ran.result, ["id"]) == name else None
    return None


class _Words:
    """The words of one command, each as the script has it."""

    def __init__(self, ran: Ran, draft: Draft) -> None:
        self._ran = ran
        self._draft = draft
        self._left_out = _LEFT_OUT if ran.is_change else _LEFT_OUT_OF_READS

    def __iter__(self) -> Iterator[str]:
        yield from self._ran.name.split(" ")
        words = [*self._typed()]
        end = words.index("--") if "--" in words else len(words)
        yield from (*words[:end], *self._added(), *words[end:])

    def _typed(self) -> Iterator[str]:
        """Yield what was typed, with ids in the place of row references."""
        told: set[Action] = set()
        rest = self._ran.args.line[1:]
        for word, reading in zip(rest, read(self._ran.parser, rest), strict=True):
            action = reading.action
            if reading.role is Role.VERB or (action is not None and action.dest in self._left_out):
                continue
            if action is None:
                yield written(word)
            elif kind := self._kind(action):
                yield from self._things(action, kind) if action not in told else ()
                told.add(action)
            else:
                yield from self._word(action, reading, word)

    @staticmethod
    def _kind(action: Action) -> str:
        return getattr(action, "source", None) or _UNLISTED.get(action.dest, "")

    def _things(self, action: Action, kind: str) -> Iterator[str]:
        value = getattr(self._ran.args, action.dest)
        for name in value if isinstance(value, list) else [value]:
            if action.option_strings:
                yield action.option_strings[-1]
            yield self._draft.thing(kind, self._ran.project, name)

    def _word(self, action: Action, reading: Reading, word: str) -> Iterator[str]:
        """Yield an option, its value, or both: only a word that is nothing but ${...} may become @FILE."""
        value = reading.value
        if value is None:
            yield word
            if _is_secret(action) and not getattr(self._ran.args, action.dest):  # it was asked for
                yield self._secret(action)
        elif reading.role is Role.OPTION and not value.startswith("-"):
            yield word[: len(word) - len(value)].removesuffix("=")
            yield self._value(action, value)
        else:
            yield f"{word[: len(word) - len(value)]}{self._value(action, value)}"

    def _value(self, action: Action, value: str) -> str:
        if value == "-" and "@FILE" in str(action.metavar):  # it was typed, too
            return self._secret(action)
        if holds_secret(f"{_name(action)} {value}"):
            return self._draft.ask(action.dest, f"the {_what(action)}, which holds a secret")
        return written(value, is_text=value in self._ran.texts)

    def _secret(self, action: Action) -> str:
        return self._draft.ask(action.dest, f"@FILE with the {_what(action)}")

    # What was not typed there, but said elsewhere

    def _added(self) -> Iterator[str]:
        ran, args = self._ran, self._ran.args
        actions = actions_of(ran.verb)
        if ran.is_change:
            for action in actions:
                if _is_secret(action) and not action.option_strings and getattr(args, action.dest) is None:
                    yield self._secret(action)
            yield from self._answers()
        payer = next((each for each in actions if each.dest == "billing_account"), None)
        if payer is not None and ran.account and args.billing_account is None:
            yield from ("--billing-account", self._draft.thing("billing_accounts", "", ran.account))
        if args.in_project and ran.project:
            yield from ("-p", self._draft.thing("projects", "", ran.project))

    def _answers(self) -> Iterator[str]:
        """Yield the answers to the questions of this command, whoever gave them."""
        args = self._ran.args
        several, conditions = getattr(args, "several", None), getattr(args, "conditions", None)
        is_one = several is None or (several.asks and len(args.id) == 1)
        if hasattr(args, "yes") and (is_one or conditions):
            yield "--yes"
        if self._ran.answer and getattr(args, "confirm", "") is None:
            yield from ("--confirm", written(self._ran.answer))


def _is_secret(action: Action) -> bool:
    return action.metavar == "@FILE|-"


def _name(action: Action) -> str:
    return action.option_strings[-1] if action.option_strings else action.dest


def _what(action: Action) -> str:
    return action.dest.replace("_", " ")
