"""Where commands go and as whom: the first source that has a credential wins, and nothing is merged."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from cudo_shell.contexts import Context, Contexts, config_file
from cudo_shell.cudoctl import PREFIX, Cudoctl, CudoctlContext, cudoctl_file, read_cudoctl
from cudo_shell.exits import UsageError
from cudo_shell.output.clean import clean
from cudo_shell.settings import Setting

DEFAULT_URL = "https://rest.compute.cudo.org"  # as in cudo_sdk.config, which takes its time to load
SANDBOX_PROJECT = "demo"

Kind = Literal["sandbox", "key", "stored", "none"]
Values = Mapping[str, Setting]


class Choice(NamedTuple):
    """What a person asked for in this shell; it holds for as long as the shell lives.

    `api_key` is the text that `--api-key` led to. `current` is the context that was the current one when
    the shell began: another shell's `context use` does not move this one. None: not known yet.
    """

    sandbox: bool = False
    api_key: str | None = None
    context: str = ""
    current: str | None = None

    def __repr__(self) -> str:  # without the key
        return f"{type(self).__name__}(sandbox={self.sandbox}, context={self.context!r})"

    def with_context(self, name: str) -> "Choice":
        """This choice with a context in place of any other target."""
        return Choice(context=name, current=self.current)

    def with_sandbox(self) -> "Choice":
        """This choice with the sandbox in place of any other target."""
        return Choice(sandbox=True, current=self.current)


class Sources(NamedTuple):
    """Everything that may name a credential, as it was read."""

    environ: Mapping[str, str] = MappingProxyType({})
    dotenv: Mapping[str, str] = MappingProxyType({})
    contexts: Contexts = Contexts()
    cudoctl: Cudoctl = Cudoctl()

    def __repr__(self) -> str:  # without the keys
        return f"{type(self).__name__}({self.contexts!r}, {self.cudoctl!r})"


class Target(NamedTuple):
    """Where commands go and as whom.

    `name`: what the prompt shows: sandbox, live, the host, or the context. `api_url` is empty for the
    sandbox, whose address is known when it runs. `kind`: "key" has its `api_key` here, "stored" has its
    credential in the store of `context`, "none" has no credential; `problem` may say why. `source` names the
    credential in messages. `above` and `below` are the settings that outrank the environment, and those that
    the environment outranks. `shadowed`: sources that have a credential, too, but do not win. `notes`: what
    was ignored and why.
    """

    name: str
    api_url: str
    kind: Kind
    source: str = ""
    context: Context | None = None
    api_key: str = ""
    above: Values = MappingProxyType({})
    below: Values = MappingProxyType({})
    shadowed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    choice: Choice = Choice()

    def __repr__(self) -> str:  # without the key
        return f"{type(self).__name__}({self.name!r}, {self.kind!r}, {self.source!r})"

    @property
    def is_protected(self) -> bool:
        """Whether the name of the context is to be typed before anything is changed."""
        return self.context is not None and self.context.protected

    @property
    def values(self) -> Values:
        """The settings that come with the target, wherever they rank."""
        return {**self.below, **self.above}


def sources_from(environ: Mapping[str, str]) -> Sources:
    """Read all of it: the environment, `.env` of this directory, our contexts, cudoctl's.

    Raises: UsageError for a file of ours that is broken, ConfigError for a `.env` that cannot be read.
    """
    return Sources(
        environ,
        _dotenv(Path.cwd()),
        Contexts.read(config_file(environ)),
        read_cudoctl(cudoctl_file(environ)),
    )


def _dotenv(directory: Path) -> Mapping[str, str]:
    if not (directory / ".env").is_file():
        return {}
    from cudo_sdk.auth.credentials import (
        dotenv_values,
    )  # by the rules of the SDK, which takes its time to load

    return dotenv_values(directory)


def resolve(choice: Choice, sources: Sources) -> Target:
    """Decide where commands go and as whom.

    Raises: UsageError for a choice that cannot be had; what only the environment or a file asks for in vain
    is a `problem` of the target, so that the commands that mend it still run.
    """
    first, *rest = [*_candidates(choice, sources), _nobody(sources)]
    others = dict.fromkeys(
        each.source for each in rest if each.kind != "none" and each.source != first.source
    )
    return first._replace(
        below={**first.below, **_dotenv_values(sources.dotenv)} if first.kind != "sandbox" else {},
        shadowed=tuple(others),
        notes=(*first.notes, *_ignored(first, sources), *_by_folder(first, sources.dotenv, list(others))),
        choice=choice,
    )


def _candidates(choice: Choice, sources: Sources) -> Iterator[Target]:
    """Yield the targets that there are, the one that wins first."""
    yield from _chosen(choice, sources)
    environ, dotenv = sources.environ, sources.dotenv
    if environ.get("CUDO_SANDBOX", "") not in {"", "0"}:
        yield _sandbox()
    url = environ.get("CUDO_API_URL") or DEFAULT_URL
    if key := environ.get("CUDO_API_KEY"):
        yield _bare("CUDO_API_KEY", key, url)
    if key := dotenv.get("CUDO_API_KEY"):
        yield _bare(".env", key, environ.get("CUDO_API_URL") or dotenv.get("CUDO_API_URL") or DEFAULT_URL)
    yield from _selected(choice, sources)
    yield from _of_cudoctl(sources)


def _chosen(choice: Choice, sources: Sources) -> Iterator[Target]:
    given = {
        "--sandbox": choice.sandbox,
        "--api-key": choice.api_key is not None,
        "--context": bool(choice.context),
    }
    names = [name for name, is_given in given.items() if is_given]
    if len(names) > 1:
        raise UsageError(f"{names[0]} and {names[1]} exclude each other.", "Each says where commands go.")
    if choice.sandbox:
        yield _sandbox()
    if choice.api_key is not None:
        yield _bare("--api-key", choice.api_key, sources.environ.get("CUDO_API_URL") or DEFAULT_URL)
    if choice.context:
        target = named(choice.context, sources)
        if target.problem:
            raise UsageError(target.problem, "See: context list")
        yield target._replace(above=target.below, below={})


def _selected(choice: Choice, sources: Sources) -> Iterator[Target]:
    """The context of CUDO_CONTEXT, else the current one."""
    current = sources.contexts.current if choice.current is None else choice.current
    by_variable = sources.environ.get("CUDO_CONTEXT", "")
    if name := by_variable or current:
        target = named(name, sources)
        origin = " (from CUDO_CONTEXT)" if by_variable else ""
        yield target._replace(problem=target.problem and f"{target.problem.rstrip('.')}{origin}.")


def _of_cudoctl(sources: Sources) -> Iterator[Target]:
    cudoctl = sources.cudoctl
    name = sources.environ.get("CUDOCTL_CONTEXT") or cudoctl.current
    context = cudoctl.contexts.get(name)
    if context and context.api_key:
        yield _vendor(context)


def named(name: str, sources: Sources) -> Target:
    """The target of a context of either file; its `problem` says that there is none of that name."""
    vendor = sources.cudoctl.contexts.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None
    if vendor is not None and vendor.api_key:
        return _vendor(vendor)
    context = sources.contexts.get(name)
    if context is not None:
        return _stored(context)
    problem = f"The context '{name}' has no key." if vendor else f"There is no context '{name}'."
    return Target(name, "", "none", problem=problem)


def _stored(context: Context) -> Target:
    source = f"context {context.name}"
    return Target(context.name, context.api_url, "stored", source, context, below=_settings(context, source))


def _vendor(context: CudoctlContext) -> Target:
    name = f"{PREFIX}{context.name}"
    return Target(name, DEFAULT_URL, "key", name, api_key=context.api_key, below=_settings(context, name))


def _settings(context: Context | CudoctlContext, source: str) -> Values:
    values = {name: getattr(context, name, "") for name in ("project", "billing_account", "output")}
    return {name: Setting(value, source) for name, value in values.items() if value}


def _bare(source: str, key: str, url: str) -> Target:
    return Target(host_or_live(url), url, "key", source, api_key=key)


def _sandbox() -> Target:
    return Target("sandbox", "", "sandbox", "sandbox", above={"project": Setting(SANDBOX_PROJECT, "sandbox")})


def _nobody(sources: Sources) -> Target:
    url = sources.environ.get("CUDO_API_URL") or DEFAULT_URL
    return Target(host_or_live(url), url, "none", notes=_why_not_cudoctl(sources))


def _why_not_cudoctl(sources: Sources) -> tuple[str, ...]:
    """What is wrong with the vendor's file, for those whose credential is not found."""
    cudoctl, wanted = sources.cudoctl, sources.environ.get("CUDOCTL_CONTEXT", "")
    if wanted and not cudoctl.notes and wanted not in cudoctl.contexts:
        return (f"cudoctl has no context '{wanted}' (from CUDOCTL_CONTEXT)",)
    return cudoctl.notes


def host_or_live(url: str) -> str:
    """Name where a key goes: the host, or "live" for the vendor's own and nothing else."""
    host = clean(url.rpartition("//")[2].rpartition("@")[2].rstrip("/"))
    return "live" if host in {"", DEFAULT_URL.rpartition("//")[2]} else host


def _dotenv_values(dotenv: Mapping[str, str]) -> Values:
    names = {"project": "CUDO_PROJECT_ID", "billing_account": "CUDO_BILLING_ACCOUNT_ID"}
    return {
        name: Setting(dotenv[variable], ".env") for name, variable in names.items() if dotenv.get(variable)
    }


def _by_folder(target: Target, dotenv: Mapping[str, str], others: list[str]) -> Iterator[str]:
    """Say what `.env` decides in place of what was set up on purpose: one may come along with a clone."""
    if target.source == ".env" and others:
        yield f".env of this folder has the key, for {target.api_url}; {others[0]} is not used"
    theirs, project = target.below.get("project"), dotenv.get("CUDO_PROJECT_ID")
    if theirs and project and project != theirs.value:
        yield f".env of this folder chooses project '{project}', not '{theirs.value}' of {theirs.origin}"


def _ignored(target: Target, sources: Sources) -> Iterator[str]:
    """Say which settings of the environment and of `.env` have no say beside this target."""
    if target.kind == "sandbox":
        return
    environ, dotenv = sources.environ, sources.dotenv
    has_own_url = target.context is not None or target.source.startswith(PREFIX)
    if environ.get("CUDO_API_URL") and has_own_url and environ["CUDO_API_URL"] != target.api_url:
        yield f"CUDO_API_URL is ignored: {target.source} is for {target.api_url}"
    if dotenv.get("CUDO_API_URL") and target.source != ".env" and not environ.get("CUDO_API_URL"):
        yield "CUDO_API_URL in .env is ignored: the API key does not come from there"
    if dotenv.get("CUDO_CONTEXT"):
        yield "CUDO_CONTEXT in .env is ignored: a folder does not choose who you are"
