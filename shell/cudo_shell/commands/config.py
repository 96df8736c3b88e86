"""The settings on the command line: what is in force and where it came from, and what a person prefers."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cudo_completions.candidates import Candidate
from cudo_completions.position import Part
from cudo_shell.commands.base import add_verb, argument, noun_parser, output_options
from cudo_shell.contexts import Contexts, config_file, rewrite
from cudo_shell.cudoctl import PREFIX, cudoctl_file
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID
from cudo_shell.settings import KEPT, PREFERENCES, checked, checked_name
from cudo_shell.targets import DEFAULT_URL, Sources, Target

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

_ORIGIN = FieldSpec("origin", listed=False)
FIELDS = (FieldSpec("setting", ID, priority=0), FieldSpec("value"), _ORIGIN)
SET = "(set)"  # in place of any secret
OF_SETTINGS = ("project", "billing_account", "no_input", "verbose", "confirm_context", *PREFERENCES)


class Row(NamedTuple):
    """A setting; empty where nothing is set."""

    setting: str
    value: str
    origin: str


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "config", "The settings in force, and where they come from.")
    examples = ("config show", "config show --origin")
    verb = add_verb(verbs, "show", config_show, examples=examples)
    verb.add_argument("--origin", action="store_true", help="say where each value came from")
    output_options(verb, FIELDS, rows=True)

    examples = ("config set editing_mode vi", "config set meter no --session")
    verb = add_verb(verbs, "set", config_set, examples=examples, in_project=False)
    values = {name: each.values for name, each in PREFERENCES.items()}
    group = _name(verb)
    every = dict.fromkeys(value for each in values.values() for value in each)
    argument(group, "value", values=tuple(every), values_by=("name", values), metavar="VALUE")
    verb.add_argument("--session", action="store_true", help="until this shell ends, and in no other")

    examples = ("config set editing_mode vi", "config unset editing_mode")
    _name(add_verb(verbs, "unset", config_unset, examples=examples, in_project=False))
    return parser


def _name(verb: ArgumentParser) -> Any:
    """Add the name of a preference, and what there is to be said of all; return where that stands."""
    rows = (
        f"{name:<24}{' | '.join(each.values)} ({each.default})\n{'':24}{each.help}"
        for name, each in PREFERENCES.items()
    )
    group = verb.add_argument_group("settings", "\n".join(rows))
    names = tuple(Candidate(name, each.help) for name, each in PREFERENCES.items())
    argument(group, "name", inside=lambda _: Part(choices=names), metavar="SETTING")
    return group


def config_show(work: "Workspace", args: Namespace) -> None:
    """Show every setting and the files in use; of a secret only that it is set."""
    rows = [*_of_target(work.target, work.sources), *_of_settings(work), *_of_files(work)]
    shown = [
        {"setting": row.setting, "value": row.value or None, "origin": row.origin or None} for row in rows
    ]
    fields = (*FIELDS[:-1], _ORIGIN._replace(listed=args.origin))
    work.show_list(shown, fields, args)


def config_set(work: "Workspace", args: Namespace) -> None:
    """Set what you prefer, here at once and in the shells that begin later.

    Raises: UsageError.
    """
    value = checked(args.name, args.value)
    if args.session:
        work.settings.choose(args.name, value, "config set --session")
        work.say(f"{args.name} is {value} until this shell ends.")
        return
    rewrite(config_file(work.environ), lambda contexts: contexts.with_setting(args.name, value))
    work.settings.keep(args.name, value)
    work.say(f"{args.name} is {value}.")
    _tell_what_outranks(work, args.name)


def config_unset(work: "Workspace", args: Namespace) -> None:
    """Prefer nothing any more: what comes next in rank is in force, such as the default.

    Raises: UsageError.
    """
    path = config_file(work.environ)
    if not _stands_in(Contexts.read(path), args.name):
        checked_name(args.name)
    rewrite(path, lambda contexts: contexts.with_setting(args.name, None))
    if args.name not in PREFERENCES:
        work.say(f"{args.name} is no longer in {KEPT}.")
        return
    work.settings.keep(args.name, None)
    work.say(f"{args.name} is {work.settings[args.name]} ({work.settings.origin(args.name)}).")


def _stands_in(contexts: Contexts, name: str) -> bool:
    """Whether a name stands in the file, such as one of another version; it can be taken out."""
    return isinstance(contexts.settings, dict) and name in contexts.settings


def _tell_what_outranks(work: "Workspace", name: str) -> None:
    origin = work.settings.origin(name)
    if origin != KEPT:
        work.say(f"Here it is {work.settings[name]}: {origin} outranks {KEPT}. Or: config set ... --session")


def _of_target(target: Target, sources: Sources) -> Iterator[Row]:
    has_name = target.context is not None or target.source.startswith(PREFIX)
    yield Row("context", target.name if has_name else "", _chosen_by(target, sources) if has_name else "")
    yield Row("api_url", re.sub(r"//[^/@]*@", "//***@", target.api_url), _url_from(target, sources))
    in_store = f"in store {target.context.store}" if target.context else SET
    yield Row("credential", "" if target.kind == "none" else in_store, target.source)
    yield Row("shadowed", ", ".join(target.shadowed), "")
    bundle = target.context.ca_bundle if target.context else ""
    variable = sources.environ.get("CUDO_CA_BUNDLE", "")
    yield Row(
        "ca_bundle", bundle or variable, target.source if bundle else "CUDO_CA_BUNDLE" if variable else ""
    )


def _chosen_by(target: Target, sources: Sources) -> str:
    if target.choice.context:
        return "chosen in this shell"
    if target.name == sources.environ.get("CUDO_CONTEXT"):
        return "CUDO_CONTEXT"
    current = target.choice.current
    if target.name == (sources.contexts.current if current is None else current):
        return "context use"
    return "CUDOCTL_CONTEXT" if sources.environ.get("CUDOCTL_CONTEXT") else "cudoctl"


def _url_from(target: Target, sources: Sources) -> str:
    if target.context is not None or target.kind == "sandbox":
        return target.source
    is_given = not target.source.startswith(PREFIX) and target.api_url == sources.environ.get("CUDO_API_URL")
    if is_given:
        return "CUDO_API_URL"
    return "default" if target.api_url == DEFAULT_URL else target.source


def _of_settings(work: "Workspace") -> Iterator[Row]:
    for name in OF_SETTINGS:
        value = work.settings[name]
        yield Row(name, value, work.settings.origin(name) if value else "")


def _of_files(work: "Workspace") -> Iterator[Row]:
    from cudo_shell.directories import state_dir

    config_origin = work.settings.origin("config_dir")
    yield Row("contexts_file", str(config_file(work.environ)), config_origin)
    state, origin = state_dir(work.settings["state_dir"]), work.settings.origin("state_dir")
    for name, file in (
        ("credentials_dir", "credentials"),
        ("history_file", "history"),
        ("sandbox_file", "sandbox.db"),
    ):
        yield Row(name, str(state / file), origin)
    for name, path in (("cudoctl_file", cudoctl_file(work.environ)), ("dotenv_file", Path.cwd() / ".env")):
        is_there = path.is_file()
        yield Row(name, str(path) if is_there else "", "default" if is_there else "")
