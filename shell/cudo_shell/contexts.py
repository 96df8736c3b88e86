"""Contexts: named answers to "where, and as whom", kept in a file of the user's own."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cudo_shell.directories import expanded
from cudo_shell.exits import NotFoundError, UsageError
from cudo_shell.output.formats import FORMATS
from cudo_shell.yaml_files import PRIVATE, PRIVATE_DIR, Unreadable, write_yaml, yaml_in

if TYPE_CHECKING:
    from cudo_sdk.auth.settings import Settings

Auth = Literal["api_key", "oidc"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
# Records are files of these names, and Windows opens a device for some; the prompt says the last two itself.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
_RESERVED = frozenset({"sandbox", "live"})


class Context(NamedTuple):
    """Where commands go and what they find there.

    `auth`: "api_key" or "oidc", which needs `issuer` and `client_id`. `store` keeps the credential,
    `store_options` are that store's own. `protected`: nothing is changed before the name is typed. `other`
    are keys that this version does not know; they stay in the file.
    """

    name: str
    api_url: str
    auth: Auth = "api_key"
    issuer: str = ""
    client_id: str = ""
    scopes: tuple[str, ...] = ()
    audience: str = ""
    ca_bundle: str = ""
    store: str = "file"
    store_options: Mapping[str, Any] = {}
    project: str = ""
    billing_account: str = ""
    output: str = ""
    protected: bool = False
    other: Mapping[str, Any] = {}

    def settings(self) -> "Settings":
        """What a login of this context needs to know. Raises AuthConfigError."""
        from cudo_sdk.auth.settings import settings_from

        names = ("api_url", "audience", "ca_bundle", "store", "store_options")
        values = {"context": self.name, **{name: getattr(self, name) for name in names}}
        if self.auth == "oidc":
            values |= {"issuer": self.issuer, "client_id": self.client_id}
        return settings_from(values | ({"scopes": self.scopes} if self.scopes else {}))

    def entry(self) -> dict[str, Any]:
        """What stands in the file: what is not the default, then what is not ours."""
        plain = {name: getattr(self, name) for name in _KINDS if name != "auth"}
        set_here = {name: value for name, value in plain.items() if value != getattr(_DEFAULT, name)}
        if "scopes" in set_here:
            set_here["scopes"] = list(self.scopes)
        return {"api_url": self.api_url, "auth": self.auth, **set_here, **self.other}


_DEFAULT = Context("", "")
_KINDS = {name: type(value) for name, value in _DEFAULT._asdict().items() if name not in {"name", "other"}}


class Contexts(NamedTuple):
    """All contexts of a user, and which one is in use. Changing one makes another value; see `rewrite`.

    `settings` are the preferences of the user, as they stand in the file.
    """

    by_name: Mapping[str, Context] = MappingProxyType({})
    current: str = ""
    settings: Any = None
    other: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def read(cls, path: Path) -> "Contexts":
        """Read the file; nothing is there before it was written. Raises UsageError for a broken file."""
        try:
            document = yaml_in(path)
        except Unreadable as error:
            raise UsageError(f"{error}.", "Mend the file, or move it away.") from None
        try:
            return cls() if document is None else _contexts(document)
        except _Wrong as wrong:
            raise UsageError(f"{path}: {wrong}.", "Mend the file, or move it away.") from None

    @property
    def names(self) -> list[str]:
        """The names, in alphabetical order."""
        return sorted(self.by_name)

    def get(self, name: str) -> Context | None:
        """The context of that name."""
        return self.by_name.get(name)

    def with_(self, context: Context) -> "Contexts":
        """These contexts and one more, or one changed."""
        return self._replace(by_name={**self.by_name, context.name: context})

    def without(self, name: str) -> "Contexts":
        """These contexts without one. Raises NotFoundError."""
        if name not in self.by_name:
            raise NotFoundError(f"Context '{name}' not found.", "See: context list")
        rest = {each: context for each, context in self.by_name.items() if each != name}
        return self._replace(by_name=rest, current="" if self.current == name else self.current)

    def using(self, name: str) -> "Contexts":
        """These contexts with another one in use."""
        return self._replace(current=name)

    def with_setting(self, name: str, value: str | None) -> "Contexts":
        """These contexts with a preference of the user, or, for None, without it."""
        known = self.settings if isinstance(self.settings, dict) else {}
        rest = {each: known[each] for each in known if each != name}
        return self._replace(settings=rest if value is None else {**rest, name: value})

    def save(self, path: Path) -> None:
        """Write the file, private and whole. Comments in it are not kept. Raises OSError."""
        write_yaml(
            path,
            {
                **({"current": self.current} if self.current else {}),
                "contexts": {name: context.entry() for name, context in self.by_name.items()},
                **({"settings": self.settings} if self.settings else {}),
                **self.other,
            },
        )


def rewrite(path: Path, change: Callable[[Contexts], Contexts]) -> Contexts:
    """Change the file while no other shell does. Raises UsageError, OSError, and what `change` raises."""
    from filelock import FileLock

    path.parent.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    with FileLock(lock, timeout=10, mode=PRIVATE, thread_local=False, fallback_to_soft=False):
        contexts = change(Contexts.read(path))
        contexts.save(path)
    return contexts


def config_file(environ: Mapping[str, str]) -> Path:
    """Where contexts are kept: CUDO_CONFIG_DIR, else where the platform keeps configuration."""
    if chosen := environ.get("CUDO_CONFIG_DIR"):
        return expanded(chosen) / "config.yaml"
    from platformdirs import user_config_path

    return user_config_path("cudo-shell") / "config.yaml"


def checked_name(name: str) -> str:
    """A name that can be given to a context. Raises UsageError."""
    if not _NAME.fullmatch(name) or name in _DEVICES:
        raise UsageError(
            f"'{name}' cannot name a context.",
            "Use a-z, 0-9, _ and -, begin with a letter or digit, at most 32.",
        )
    if name in _RESERVED:
        raise UsageError(f"'{name}' cannot name a context: the prompt says it of something else.")
    return name


class _Wrong(Exception):  # noqa: N818  # says what is wrong
    """The document is YAML, but says something that cannot be."""


def _contexts(document: Any) -> Contexts:
    document = _mapping(document, "the file")
    entries = _mapping(document.get("contexts"), "contexts")
    current = document.get("current") or ""
    if not isinstance(current, str):
        raise _Wrong("current must be text")
    other = {key: value for key, value in document.items() if key not in {"current", "contexts", "settings"}}
    by_name = {name: _context(name, entry) for name, entry in entries.items()}
    return Contexts(by_name, current, document.get("settings"), other)


def _mapping(value: Any, what: str) -> dict[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _Wrong(f"{what} must be a mapping of names to values")
    return value


def _context(name: Any, entry: Any) -> Context:
    try:
        checked_name(name if isinstance(name, str) else "")
    except UsageError:
        raise _Wrong(f"contexts: {str(name)[:40]!r} cannot name a context") from None
    where = f"contexts.{name}"
    entry = _mapping(entry, where)
    known = {key: _value(entry[key], kind, f"{where}.{key}") for key, kind in _KINDS.items() if key in entry}
    if not known.get("api_url"):
        raise _Wrong(f"{where}.api_url is missing")
    other = {key: value for key, value in entry.items() if key not in known}
    return _sound(Context(name=name, other=other, **known), is_auth_given="auth" in known, where=where)


def _value(value: Any, kind: type, where: str) -> Any:
    if kind is tuple and isinstance(value, str | list):
        words = value.split() if isinstance(value, str) else value
        if all(isinstance(word, str) for word in words):
            return tuple(words)
    if kind is not tuple and isinstance(value, kind):
        return value
    kinds = {str: "text: put it in quotes", bool: "true or false", tuple: "a list of words"}
    raise _Wrong(f"{where} must be {kinds.get(kind, 'a mapping of names to values')}")


def _sound(context: Context, *, is_auth_given: bool, where: str) -> Context:
    """Derive and check what hangs together."""
    has_issuer = bool(context.issuer and context.client_id)
    if not is_auth_given and has_issuer:
        context = context._replace(auth="oidc")
    if context.auth not in {"api_key", "oidc"}:
        raise _Wrong(f"{where}.auth must be api_key or oidc")
    if context.auth == "oidc" and not has_issuer:
        raise _Wrong(f"{where}: oidc needs issuer and client_id")
    if context.output and context.output not in FORMATS:
        raise _Wrong(f"{where}.output must be one of: {', '.join(FORMATS)}")
    return context
