"""Logging in and out on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, argument, examples_text, finish, noun_parser
from cudo_shell.commands.context import ContextNames
from cudo_shell.commands.whoami import fill_status, whoami
from cudo_shell.exits import CommandError, ExitCode, RefusedError, UsageError

if TYPE_CHECKING:
    from cudo_shell.contexts import Context
    from cudo_shell.targets import Target
    from cudo_shell.workspace import Workspace

NEW = "default"  # the name of the first context, where nobody gave one
VENDOR = "cudoctl/"  # what its sources and names begin with
CHECK_TIMEOUT = 20.0  # seconds for the one call that tries a key


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "auth", "Logging in and out, and who you are.")

    examples: tuple[str, ...] = ("auth login", "auth login --api-key @key.txt")
    fill_login(add_verb(verbs, "login", login, examples=examples, in_project=False))

    examples = ("auth status", "auth status -o json")
    fill_status(add_verb(verbs, "status", whoami, examples=examples))

    examples = ("auth logout", "auth logout --all")
    fill_logout(add_verb(verbs, "logout", logout, examples=examples, in_project=False))

    verb = add_verb(verbs, "token", token, examples=("auth token",), in_project=False)
    verb.add_argument("--show", action="store_true", help="print it on a terminal, after a question")
    return parser


def build_word(cls: type[ArgumentParser], word: str) -> ArgumentParser:
    """Make the parser of a word that stands for the verb of that name."""
    run, fill = {"login": (login, fill_login), "logout": (logout, fill_logout)}[word]
    summary = (run.__doc__ or "").split("\n", 1)[0]
    parser = cls(prog=word, description=summary, epilog=examples_text([word]))
    fill(parser)
    finish(parser, run, [word], in_project=False)
    return parser


def fill_login(parser: ArgumentParser) -> None:
    """Add the options of a login."""
    argument(
        parser,
        "--context",
        dest="login_context",
        values=ContextNames(with_cudoctl=False),
        metavar="NAME",
        help="which one to log in to; made if there is none",
    )
    parser.add_argument("--api-key", metavar="-|@FILE", help="read the API key from stdin or a file")
    parser.add_argument("--force", action="store_true", help="log in again, also with a login that is valid")


def fill_logout(parser: ArgumentParser) -> None:
    """Add the options of a logout."""
    parser.add_argument("--all", action="store_true", help="log out of every context")


# Logging in


def login(work: "Workspace", args: Namespace) -> None:
    """Log in: at the login server of the context, else with an API key that is checked and kept."""
    target = work.target
    if target.kind == "sandbox" and not args.login_context:
        work.say("The embedded sandbox needs no login. For an account of yours: auth login --context NAME")
        return
    context = _context_of(work, args.login_context)
    if context.auth == "api_key":
        _log_in_with_key(work, context, args.api_key)
    elif args.api_key is not None:
        raise UsageError(f"Context '{context.name}' logs in at {context.issuer}: it takes no API key.")
    elif not _log_in_at_issuer(work, context, is_forced=args.force):
        return
    _go_on(work, context, is_named=bool(args.login_context))


def _context_of(work: "Workspace", name: str | None) -> "Context":
    """Decide which context is meant; it is a new one where there is none. Raises: UsageError."""
    from cudo_shell.contexts import Context, checked_name
    from cudo_shell.targets import DEFAULT_URL

    target = work.target
    if name is None:
        if target.problem:
            raise UsageError(target.problem, "See: context list")
        if target.context is not None:
            return target.context
        _demand_free_way(target)
    known = work.sources.contexts.get(checked_name(name or NEW))
    return known or Context(name or NEW, work.environ.get("CUDO_API_URL") or DEFAULT_URL)


def _demand_free_way(target: "Target") -> None:
    """Refuse a login that would change nothing, because another credential stays in force."""
    if target.choice.context.startswith(VENDOR):
        raise UsageError(
            f"{target.name} is cudoctl's: cudo never writes it.",
            "For one of your own: auth login --context NAME",
        )
    if target.kind == "key" and not target.source.startswith(VENDOR):
        raise UsageError(
            f"{target.source} stays in force: its key is in use as it is, and is not stored.",
            f"To log in, take away {target.source}, or name a context: auth login --context NAME",
        )


def _log_in_at_issuer(work: "Workspace", context: "Context", *, is_forced: bool) -> bool:
    """Run the device flow, unless a login is valid. Whether it was run."""
    from cudo_shell.login import demand_person, device_login, tell_kept, valid_login, vault_of

    vault = vault_of(context, work.settings)
    tokens = None if is_forced else valid_login(vault)
    if tokens is not None:
        work.say(f"Already logged in as {tokens.persona}. To log in anew: auth login --force")
        return False
    demand_person(work)
    device_login(work.streams, vault, work.environ, work.lock)
    tell_kept(work, vault)
    return True


def _log_in_with_key(work: "Workspace", context: "Context", source: str | None) -> None:
    from cudo_sdk.auth.login import keep_key
    from cudo_sdk.clock import Clock
    from cudo_sdk.errors import CudoError
    from cudo_shell.login import tell_kept, vault_of

    vault = vault_of(context, work.settings)
    key = work.read_secret("API key", source)
    try:
        person = _person_with(work, context, key)
        keep_key(vault, key, Clock())
    except CudoError:
        work.say("The API key was not stored.")
        raise
    work.say(f"Logged in to {vault.settings.api_origin.partition('://')[2]} as {person}.")
    tell_kept(work, vault)


def _person_with(work: "Workspace", context: "Context", key: str) -> str:
    """Ask the API, once, whose key it is. Raises CudoError."""
    from cudo_sdk import APIConfig, AsyncSession
    from cudo_sdk.auth.credentials import APIKey

    async def ask() -> str:
        hooks = work.connection.traffic.hooks()
        config = APIConfig(api_url=context.api_url, ca_bundle=context.ca_bundle, environ={})
        async with AsyncSession(config, credential=APIKey(key, "this login"), hooks=hooks) as session:
            once = session.with_options(timeout=CHECK_TIMEOUT, max_retries=0)
            return str((await once.users.get_current_user()).email_address or "somebody without an address")

    return work.call(ask())


def _go_on(work: "Workspace", context: "Context", *, is_named: bool) -> None:
    """Use the new credential; a context that is new is made and becomes the current one."""
    from cudo_shell.contexts import config_file, rewrite
    from cudo_shell.targets import Choice, resolve

    old, choice = work.target, work.target.choice
    is_new = work.sources.contexts.get(context.name) is None
    if is_new or (old.context is None and not is_named):
        rewrite(config_file(work.environ), lambda known: known.with_(context).using(context.name))
        work.say(f"Context '{context.name}' for {context.api_url} is now the current one.")
        choice = choice.with_context(context.name) if is_named else choice._replace(current=context.name)
        work.retarget(choice)
    elif old.context is not None and old.context.name == context.name:
        work.retarget()
    usual = resolve(Choice(), work.sources)
    if usual.kind == "key":  # it outranks all contexts
        work.say(f"{usual.source} stays in force wherever no context is named.")


# Logging out


class PartlyLoggedOutError(CommandError):
    """Some contexts were logged out, and some were not."""

    code = ExitCode.PARTIAL


def logout(work: "Workspace", args: Namespace) -> None:
    """Log out: revoke the login where it was made, and forget it here."""
    if args.all:
        _log_out_of_all(work)
    elif work.target.context is None:
        work.say(_not_ours(work.target))
        return
    else:
        work.say(log_out_of(work, work.target.context))
    if work.target.context is not None:
        work.retarget()


def _not_ours(target: "Target") -> str:
    if target.kind == "sandbox":
        return "The embedded sandbox has no login."
    if target.kind == "none":
        return "Nobody is logged in."
    if target.source.startswith(VENDOR):
        return f"{target.source} cannot be logged out: the key is cudoctl's."
    return f"{target.source} cannot be logged out: take it away to stop using its key."


def _log_out_of_all(work: "Workspace") -> None:
    from cudo_sdk.errors import CudoError
    from cudo_shell.failures import explain

    failed = []
    contexts = work.sources.contexts
    for name in contexts.names:
        try:
            work.say(f"{name}: {log_out_of(work, contexts.by_name[name])}")
        except (CudoError, OSError) as error:
            work.say(f"{name}: {explain(error).message}")
            failed.append(name)
    if failed:
        raise PartlyLoggedOutError(f"Not logged out of: {', '.join(failed)}")
    if not contexts.names:
        work.say("There are no contexts.")


def log_out_of(work: "Workspace", context: "Context") -> str:
    """Log out of a context, and say in words what that did."""
    from cudo_sdk.auth.login import log_out
    from cudo_sdk.auth.provider import Provider
    from cudo_shell.login import tell_notes, vault_of

    vault = vault_of(context, work.settings)
    provider = Provider(vault.settings) if vault.settings.uses_issuer else None
    try:
        done = log_out(vault, provider)
    finally:
        tell_notes(work, vault)
        if provider is not None:
            provider.close()
    if not done.was_logged_in:
        return "Nobody was logged in."
    if done.is_key:
        return f"Logged out here. The API key is good at {done.host} until you delete it there."
    if done.failure:
        return f"Logged out here; could not revoke at {done.host}: valid there until it expires."
    return f"Logged out (revoked at {done.host})."


# The token


def token(work: "Workspace", args: Namespace) -> None:
    """Print the access token or API key that commands send: into a pipe or a file, or with --show."""
    _demand_consent(work, args)
    value = work.call(_bearer(work))
    if work.captured is not None:
        work.captured.print_item({"token": value}, ())
    else:
        work.streams.out.write(f"{value}\n")


def _demand_consent(work: "Workspace", args: Namespace) -> None:
    """Refuse to show a secret to whoever may look on. Raises: RefusedError."""
    if not work.streams.out_is_terminal or work.captured is not None:
        return
    if not args.show or not work.may_ask:
        raise RefusedError(
            "Not printed: whoever sees the token can use your account.",
            "Write it into a pipe or a file, or add --show.",
        )
    from cudo_shell.asking import confirm

    confirm("Print the token, for all who can see this terminal?", work.streams, may_ask=True)


async def _bearer(work: "Workspace") -> str:
    from cudo_sdk.transport import arrived

    credential = work.session.credential
    assert credential is not None  # noqa: S101  # else opening the session had raised LoginRequired
    header = credential.header()
    if not isinstance(header, str):
        header = await arrived(header)
    return header.removeprefix("Bearer ")
