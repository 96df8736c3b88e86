"""Contexts on the command line: named answers to "where, and as whom"."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import (
    add_verb,
    argument,
    if_exists_option,
    noun_parser,
    output_options,
    yes_option,
)
from cudo_shell.commands.context_settings import changed, check, demand_unlocked, settings_options
from cudo_shell.commands.flows import GONE
from cudo_shell.contexts import Context, Contexts, checked_name, config_file, rewrite
from cudo_shell.cudoctl import PREFIX, CudoctlContext, cudoctl_file, read_cudoctl
from cudo_shell.exits import ConflictError, NotFoundError, UsageError
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import FLAG, ID, LIST
from cudo_shell.targets import DEFAULT_URL, Target, named, resolve

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, path="name", priority=0),
    FieldSpec("in_use", FLAG, path="inUse"),
    FieldSpec("api_url", path="apiUrl", priority=2),
    FieldSpec("project"),
    FieldSpec("billing_account", path="billingAccount", priority=4),
    FieldSpec("auth", priority=3),
    FieldSpec("store", priority=5),
    FieldSpec("protected", FLAG),
    FieldSpec("issuer", listed=False),
    FieldSpec("client_id", path="clientId", listed=False),
    FieldSpec("scopes", LIST, listed=False),
    FieldSpec("audience", listed=False),
    FieldSpec("ca_bundle", path="caBundle", listed=False),
    FieldSpec("store_command", LIST, path="storeCommand", listed=False),
    FieldSpec("default_output", path="defaultOutput", listed=False),
)
CHECK = 5.0  # seconds for the API to say whether a project is there
CREATE = "context create dev --api-url http://127.0.0.1:8765 --project demo"


class ContextNames:
    """The names of the contexts there are, read when they are offered; none from a file that is broken."""

    def __init__(self, *, with_cudoctl: bool) -> None:
        self._with_cudoctl = with_cudoctl

    def __iter__(self) -> Iterator[str]:
        try:
            yield from Contexts.read(config_file(os.environ)).names
        except UsageError:
            return
        if self._with_cudoctl:
            yield from (f"{PREFIX}{name}" for name in read_cudoctl(cudoctl_file(os.environ)).contexts)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "context", "Contexts: named places to work in, with a login for each.")

    examples: tuple[str, ...] = ("context list", "context list -o json")
    verb = add_verb(verbs, "list", context_list, examples=examples, aliases=["ls"], in_project=False)
    output_options(verb, FIELDS, rows=True)

    examples = (CREATE, "context get dev")
    verb = add_verb(verbs, "get", context_get, examples=examples, aliases=["show"], in_project=False)
    _name(verb, with_cudoctl=True)
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs, "use", context_use, examples=("context list", CREATE, "context use dev"), in_project=False
    )
    _name(verb, with_cudoctl=True)

    examples = ("context create prod --api-url https://rest.compute.cudo.org --protected", CREATE)
    verb = add_verb(verbs, "create", context_create, examples=examples, in_project=False)
    verb.add_argument("id", metavar="NAME", help="a-z, 0-9, _ and -, at most 32; not sandbox or live")
    settings_options(verb)
    output_options(verb, FIELDS)

    examples = (CREATE, "context update dev --project research --protected")
    verb = add_verb(verbs, "update", context_update, examples=examples, in_project=False)
    _name(verb)
    settings_options(verb)
    output_options(verb, FIELDS)

    examples = (CREATE, "context delete dev --yes")
    verb = add_verb(verbs, "delete", context_delete, examples=examples, aliases=["rm"], in_project=False)
    _name(verb)
    yes_option(verb)
    if_exists_option(verb)
    output_options(verb, GONE)
    return parser


def _name(parser: ArgumentParser, *, with_cudoctl: bool = False) -> None:
    argument(parser, "id", values=ContextNames(with_cudoctl=with_cudoctl), metavar="NAME")


# Looking


def context_list(work: "Workspace", args: Namespace) -> None:
    """List the contexts, cudoctl's among them."""
    sources = work.sources
    for note in sources.cudoctl.notes:
        work.say(note)
    ours = [_row(sources.contexts.by_name[name], work.target) for name in sources.contexts.names]
    theirs = [_vendor_row(each, work.target) for each in sources.cudoctl.contexts.values()]
    work.show_list([*ours, *theirs], FIELDS, args)


def context_get(work: "Workspace", args: Namespace) -> None:
    """Show one context."""
    vendor = work.sources.cudoctl.contexts.get(args.id.removeprefix(PREFIX))
    if args.id.startswith(PREFIX) and vendor is not None:
        work.show(_vendor_row(vendor, work.target), FIELDS, args)
    else:
        work.show(_row(_found(work, args.id), work.target), FIELDS, args)


def _row(context: Context, target: Target) -> dict[str, Any]:
    """What is shown of a context; the options of a store may be secrets, and are not."""
    command = context.store_options.get("command")
    values = context._asdict()
    shown = {_camel(name): value or None for name, value in values.items() if name not in _NOT_SHOWN}
    return shown | {
        "inUse": target.context is not None and target.context.name == context.name,
        "protected": context.protected,
        "defaultOutput": context.output or None,
        "storeCommand": command if isinstance(command, list) else None,
    }


_NOT_SHOWN = frozenset({"other", "store_options", "output"})


def _vendor_row(context: CudoctlContext, target: Target) -> dict[str, Any]:
    name = f"{PREFIX}{context.name}"
    row = _row(Context(name, DEFAULT_URL, project=context.project), target)
    return row | {
        "billingAccount": context.billing_account or None,
        "inUse": target.name == name,
        "store": "cudo.yml" if context.api_key else None,
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _found(work: "Workspace", name: str) -> Context:
    """The context of our own with a name. Raises: NotFoundError with names that are near."""
    contexts = work.sources.contexts
    context = contexts.get(name)
    if context is None:
        raise _not_there(work, name)
    return context


def _not_there(work: "Workspace", name: str) -> NotFoundError:
    from cudo_completions.ranking import near

    sources = work.sources
    names = [*sources.contexts.names, *(f"{PREFIX}{each}" for each in sources.cudoctl.contexts)]
    found = near(name, names)
    hint = f"Near it: {', '.join(found)}" if found else "See what there is: context list"
    return NotFoundError(f"Context '{name}' not found.", hint)


# Choosing


def context_use(work: "Workspace", args: Namespace) -> None:
    """Work in a context from now on, in this shell and in those that begin later."""
    target = named(args.id, work.sources)
    if target.problem:
        raise _not_there(work, args.id) if "There is no" in target.problem else UsageError(target.problem)
    _check_project(work, target)
    rewrite(config_file(work.environ), lambda contexts: contexts.using(args.id))
    target = work.retarget(work.target.choice.with_context(args.id))
    project = work.settings["project"]
    work.say(
        f"Context '{args.id}' is in use: {target.api_url}, "
        + (f"project '{project}'." if project else "no project.")
    )
    _tell_what_outranks(work, args.id)


def _check_project(work: "Workspace", target: Target) -> None:
    """Ask whether the project of a context is there; what cannot be asked is only said.

    Raises: NotFoundError.
    """
    from cudo_sdk.errors import CudoError, LoginRequired, NotFound

    project = target.values.get("project")
    if project is None:
        return
    try:
        with closing(work.connection.elsewhere(target)) as probe:
            once = probe.session.with_options(timeout=CHECK, max_retries=0)
            probe.call(once.projects.get_project(project.value))
    except NotFound:
        raise NotFoundError(
            f"Project '{project.value}' of context '{target.name}' not found; nothing was changed.",
            f"Choose another: context update {target.name} --project <project-id>",
        ) from None
    except LoginRequired:
        work.say(f"Nobody is logged in to context '{target.name}': auth login")
    except CudoError as error:
        work.say(f"Whether project '{project.value}' is there could not be checked: {error}")


def _tell_what_outranks(work: "Workspace", name: str) -> None:
    """Say what wins over the chosen context where nobody chose in this shell, as in the next one."""
    sources = work.sources
    usual = resolve(work.target.choice._replace(context="", current=name), sources)
    if usual.name != name:
        work.say(f"{usual.source or usual.name} outranks it in the next shell; here it does not.")


# Changing


def context_create(work: "Workspace", args: Namespace) -> None:
    """Create a context; log in to it with: auth login --context NAME."""
    _demand_ours(args.id)
    demand_unlocked(work, args)
    context = changed(Context(checked_name(args.id), DEFAULT_URL), args)
    check(work, context)

    def add(contexts: Contexts) -> Contexts:
        if contexts.get(context.name):
            raise ConflictError(
                f"Context '{context.name}' exists already.", f"Change it: context update {context.name} ..."
            )
        return contexts.with_(context)

    rewrite(config_file(work.environ), add)
    work.say(f"Context '{context.name}' created. Work in it: context use {context.name}")
    work.show(_row(context, work.target), FIELDS, args)


def context_update(work: "Workspace", args: Namespace) -> None:
    """Change what a context holds; where it is in use, that is in force at once."""
    _demand_ours(args.id)
    demand_unlocked(work, args)
    before = _found(work, args.id)
    check(work, changed(before, args))
    if before.protected:
        work.confirm_name(args.id, f"Context '{args.id}' is protected. Change its settings?")
    contexts = rewrite(
        config_file(work.environ), lambda known: known.with_(changed(known.by_name[args.id], args))
    )
    context = contexts.by_name[args.id]
    if work.target.context is not None and work.target.context.name == args.id:
        work.retarget()
    work.done(f"Context '{args.id}' updated.", _row(context, work.target), FIELDS, args)
    if before.settings().record_name != context.settings().record_name:
        work.say(f"It needs another login than before: auth login --context {args.id}")


def _demand_ours(name: str) -> None:
    if name.startswith(PREFIX):
        raise UsageError(
            f"'{name}' is cudoctl's: cudo reads that file and never writes it.",
            "Create a context of your own: context create NAME ...",
        )


def context_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a context, and log out of it."""
    from cudo_shell.commands.auth import log_out_of

    _demand_ours(args.id)
    if args.if_exists and work.sources.contexts.get(args.id) is None:
        work.say(f"Context '{args.id}' is not there.")
        return
    context = _found(work, args.id)
    is_in_use = work.target.context is not None and work.target.context.name == args.id
    question = f"Delete context '{args.id}'{', which is in use,' * is_in_use} and its login?"
    if context.protected:
        work.confirm_name(args.id, question)
    else:
        work.confirm_plainly(question, args)
    work.say(log_out_of(work, context))
    rewrite(config_file(work.environ), lambda contexts: contexts.without(args.id))
    work.done(f"Context '{args.id}' deleted.", {"id": args.id}, GONE, args)
    if is_in_use:
        choice = work.target.choice
        current = "" if choice.current == args.id else choice.current
        target = work.retarget(choice._replace(context="", current=current))
        work.say(
            f"Commands now go to {target.name}, "
            + (f"by {target.source}." if target.source else "without a login.")
        )
