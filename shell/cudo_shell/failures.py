"""What is told about each error: a sentence, what to do next, and the exit code. The one table."""

import errno
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cudo_shell.exits import CommandError, Elapsed, ExitCode, Failure, Instead, Terminated, one_of

if TYPE_CHECKING:
    from cudo_sdk import errors as sdk_errors

NO_STOCK = frozenset({"MACHINE_TYPE_UNAVAILABLE"})
_ROOM = "Types with room for it"
_FREE = "See what is free: machine-type list"
_WRONG_STATE = re.compile(
    r"(?:cannot (?P<act>\w+)\b.* )?(?P<noun>VM|disk|network|volume|cluster|machine) '(?P<id>[\w.-]+)'"
    r" (?:in state|is) (?P<state>[A-Z_]+); it must be (?P<needed>[A-Z_]+)\.$",
    re.IGNORECASE,
)
_VERBS = {  # from a state into another
    ("disk", "ATTACHED", "READY"): "detach",
    ("network", "ACTIVE", "STOPPED"): "stop",
    ("network", "STOPPED", "ACTIVE"): "start",
    ("vm", "ACTIVE", "STOPPED"): "stop",
    ("vm", "STOPPED", "ACTIVE"): "start",
}
NO_KEY = "there is no API key"  # why nobody is logged in where nothing names a credential
NOBODY = "nobody is logged in"  # says no more than "not logged in"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a command was about. `options` maps the API's fields to the words of the command.

    `given` is what was given for those fields. `context` is the one that was named for it, if one was.
    """

    label: str = ""  # "VM"
    noun: str = ""  # the word of the command line, "vm"
    id: str = ""
    kind: str = ""  # of the listing that it stands in, "vms"
    project: str = ""
    is_new: bool = False  # to be created
    near: Sequence[str] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    context: str = ""

    def __str__(self) -> str:
        return f"{self.label} '{self.id}'" if self.id else ""

    @property
    def with_project(self) -> str:
        """Name the thing and where it was looked for."""
        return f"{self} in project '{self.project}'" if self.project else str(self)

    @property
    def look(self) -> str:
        """The command that shows how things stand."""
        return f"{self.noun} get {self.id}" if self.id else ""


def interrupted(error: KeyboardInterrupt) -> ExitCode:
    """Return the exit code of what was cut off: by Ctrl-C, or by what came in its place."""
    return error.code if isinstance(error, Elapsed | Terminated) else ExitCode.INTERRUPTED


def explain(error: BaseException, subject: Subject | None = None) -> Failure:
    """Turn any error of a command into what is said about it."""
    about = subject or Subject()
    if isinstance(error, CommandError):
        return Failure(str(error), error.code, error.hint, error.status, instead=error.instead)
    if isinstance(error, KeyboardInterrupt):
        return Failure(str(error) or "Interrupted.", interrupted(error), status="CANCELLED")
    if isinstance(error, OSError) and not hasattr(error, "outcome_unknown"):
        return _system_failure(error)
    from cudo_sdk import errors

    if isinstance(error, errors.APIError):
        return _with_doubt(
            _api_failure(error, about)._replace(status=error.status, details=_details(error)), error, about
        )
    if isinstance(error, errors.CudoError):
        return _with_doubt(_sdk_failure(error, about), error, about)
    return Failure(
        f"A defect of cudo: {type(error).__name__}: {error}",
        ExitCode.FAILURE,
        "Run it again with -v for the trace.",
        "INTERNAL",
    )


_UNWRITABLE = {errno.ENOSPC: "no space left on the device", errno.EBADF: "stdout is closed"}


def _system_failure(error: OSError) -> Failure:
    if error.errno in _UNWRITABLE:
        return Failure(
            f"The output cannot be written: {_UNWRITABLE[error.errno]}.", ExitCode.FAILURE, status="IO"
        )
    what = f"'{error.filename}': " if error.filename else ""
    return Failure(f"{what}{error.strerror or error}.", ExitCode.FAILURE, status="IO")


def _sdk_failure(  # noqa: C901, PLR0911  # a row for each meaning
    error: "sdk_errors.CudoError", about: Subject
) -> Failure:
    from cudo_sdk import errors

    text = _sentence(str(error))
    match error:
        case errors.LoginRequired():
            return _not_logged_in(str(error), about.context)
        case errors.TransientAuth():
            return Failure(text, ExitCode.UNAVAILABLE, status="UNAVAILABLE")
        case errors.AuthConfigError():
            return Failure(text, ExitCode.USAGE, status="INVALID_ARGUMENT")
        case errors.AuthError():
            return Failure(text, ExitCode.AUTH, status="UNAUTHENTICATED")
        case errors.ConfigError():
            return Failure(text, ExitCode.USAGE, status="INVALID_ARGUMENT")
        case errors.RequestTimeout():
            return Failure(text, ExitCode.UNAVAILABLE, "Try again in a moment.", "DEADLINE_EXCEEDED")
        case errors.ConnectionFailed():
            return Failure(
                text, ExitCode.UNAVAILABLE, "Check the network, and CUDO_API_URL if it is set.", "UNAVAILABLE"
            )
        case errors.BadReply():
            return Failure(
                text, ExitCode.FAILURE, "The server and this version of cudo do not agree.", "BAD_REPLY"
            )
        case errors.WaitTimeout():
            return Failure(
                text, ExitCode.TIMEOUT, _look(about, "It may still get there."), "DEADLINE_EXCEEDED"
            )
        case errors.WaitFailed():
            return Failure(text, ExitCode.FAILURE, _look(about), "FAILED")
        case _:
            return Failure(text, ExitCode.FAILURE, status="FAILED")


def _not_logged_in(reason: str, context: str) -> Failure:
    if reason == NO_KEY:
        return Failure(
            f"Not logged in ({reason}).",
            ExitCode.AUTH,
            "Run 'cudo auth login', set CUDO_API_KEY, or use the embedded sandbox: cudo --sandbox ...",
            "UNAUTHENTICATED",
        )
    because = f" ({reason})" if reason and reason != NOBODY else ""
    # A context that was named outranks CUDO_API_KEY, and is not the one that `auth login` alone goes to.
    way = f"'cudo auth login --context {context}'" if context else "'cudo auth login', or set CUDO_API_KEY"
    return Failure(
        f"Not logged in{because}. Run {way}.",
        ExitCode.AUTH,
        status="UNAUTHENTICATED",
    )


def _api_failure(error: "sdk_errors.APIError", about: Subject) -> Failure:  # noqa: PLR0911  # a row for each meaning
    from cudo_sdk import errors

    text = _sentence(error.message)
    named = f"{about}: {text}" if about.id else text
    match error:
        case errors.NotFound():
            return _not_found(about, text)
        case errors.AlreadyExists():
            taken = f"{about.with_project} exists already." if about.id else text
            return Failure(taken, ExitCode.CONFLICT, _look(about, "Choose another id."))
        case errors.InvalidArgument() | errors.OutOfRange():
            return _invalid(error, about, text)
        case errors.Unauthenticated():
            return _unauthenticated(error)
        case errors.PermissionDenied():
            kind = error.credential_kind or "API key"
            return Failure(f"The {kind}{_source(error)} may not do this: {text}", ExitCode.AUTH)
        case errors.ResourceExhausted():
            return _exhausted(error, text)
        case errors.FailedPrecondition() | errors.Aborted():
            return Failure(named, ExitCode.CONFLICT, _way_out(text) or _look(about))
        case errors.Cancelled() | errors.Unimplemented():
            return Failure(named, ExitCode.FAILURE)
        case _:
            tried = f" (tried {error.attempts} times)" if error.attempts > 1 else ""
            return Failure(
                f"The server failed{tried}: {text}", ExitCode.UNAVAILABLE, "Try again in a moment."
            )


def _way_out(text: str) -> str:
    """Return the command after which a thing is in the state that it must be in; empty where none is sure."""
    said = _WRONG_STATE.search(text)
    if said is None or said["act"] in {"start", "stop"}:  # it would be the opposite of what was wanted
        return ""
    noun, id_, state, needed = said["noun"].lower(), said["id"], said["state"].upper(), said["needed"].upper()
    if state.endswith("ING"):
        return f"It is on its way. Wait for it: {noun} wait {id_} --state {needed}"
    verb = _VERBS.get((noun, state, needed))
    return f"{verb.capitalize()} it first: {noun} {verb} {id_}" if verb else ""


def _unauthenticated(error: "sdk_errors.APIError") -> Failure:
    if error.credential_kind == "login":  # one that could not be mended by renewing it
        return Failure(
            f"The API rejects a fresh token{_source(error)}.",
            ExitCode.AUTH,
            "Look at the API URL, the audience and the scopes of the context.",
        )
    return Failure(
        f"The API key{_source(error)} was not accepted.",
        ExitCode.AUTH,
        "Check the key and where it is meant for.",
    )


def _not_found(about: Subject, text: str) -> Failure:
    if not about.id:
        return Failure(text, ExitCode.NOT_FOUND)
    where = f" in project '{about.project}'" if about.project else ""
    near = f"Near it: {', '.join(about.near)}" if about.near else f"See what there is: {about.noun} list"
    instead = one_of(about.id, about.near)
    return Failure(f"{about} not found{where}.", ExitCode.NOT_FOUND, near, instead=instead)


def _invalid(error: "sdk_errors.APIError", about: Subject, text: str) -> Failure:
    from cudo_sdk.details import BadRequest, ErrorInfo

    offered: list[str] = []
    wrong: list[str] = []
    instead: Instead | None = None
    code = ExitCode.USAGE
    for detail in error.details:
        if isinstance(detail, BadRequest):
            wrong += [
                f"{_option_of(each.field, about.options)}: {each.description}"
                for each in detail.field_violations
            ]
        elif isinstance(detail, ErrorInfo):
            code = ExitCode.CONFLICT if detail.reason in NO_STOCK else code
            for name, value in detail.metadata.items():
                meant = _field_of(name, about.options)
                label = _ROOM if detail.reason in NO_STOCK else about.options.get(meant, name)
                offered += [f"{label}: {_words(value)}"] if value else []
                instead = instead or _alternative(about.given.get(meant), value)
    # What is sold out comes as an invalid argument, too.
    if "no host" in text.lower():
        code = ExitCode.CONFLICT
    message = _sentence("; ".join(dict.fromkeys(wrong))) if wrong else text
    hint = "; ".join(offered) or (_FREE if code is ExitCode.CONFLICT else "")
    return Failure(message, code, hint, instead=instead)


def _option_of(name: str, options: Mapping[str, str]) -> str:
    """Return our word for a field: for `rules[1].ports` of the whole, of its end, or of what holds it."""
    parts = re.sub(r"\[\w*\]", "", name).split(".")
    known = (".".join(parts), parts[-1], *(".".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)))
    return next((options[each] for each in known if each in options), name)


def _field_of(name: str, options: Mapping[str, str]) -> str:
    """Return the field that metadata such as `availableMachineTypes` offers values for; empty for none."""
    wanted = name.removeprefix("available").removesuffix("s").casefold()
    return next((each for each in options if each.removesuffix("Id").casefold() == wanted), "")


def _alternative(given: str | None, value: Any) -> Instead | None:
    offers = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return Instead(given, str(offers[0])) if given and len(offers) == 1 else None


def _exhausted(error: "sdk_errors.APIError", text: str) -> Failure:
    from cudo_sdk.details import QuotaFailure

    quotas = [
        each for detail in error.details if isinstance(detail, QuotaFailure) for each in detail.violations
    ]
    if quotas:
        used_up = "; ".join(f"{quota.subject}: {quota.description}" for quota in quotas)
        return Failure(f"A quota is used up: {_sentence(used_up)}", ExitCode.CONFLICT)
    pause = f"in {error.retry_after:.0f} s" if error.retry_after else "in a moment"
    return Failure(f"Too many requests: {text}", ExitCode.UNAVAILABLE, f"Try again {pause}.")


def _with_doubt(failure: Failure, error: "sdk_errors.CudoError", about: Subject) -> Failure:
    if not error.outcome_unknown:
        return failure
    doubt = "It may have happened all the same."
    says_where = failure.code is ExitCode.NOT_FOUND or about.look in failure.hint
    tell = _sentences(doubt, failure.hint) if says_where else _look(about, doubt, failure.hint)
    return failure._replace(hint=tell)


def cut_off(failure: Failure, command: str, about: Subject) -> Failure:
    """Say that a change had been sent when somebody interrupted, and where to see what came of it."""
    return failure._replace(hint=_look(about, f"'{command}' was on its way: it may have happened."))


def _look(about: Subject, *before: str) -> str:
    return _sentences(*before, f"See: {about.look}" if about.look else "")


def _sentences(*parts: str) -> str:
    """Join hints; the last may be words to type, which a full stop would spoil."""
    *before, last = [part for part in parts if part] or [""]
    return " ".join([*map(_sentence, before), last])


def _source(error: "sdk_errors.APIError") -> str:
    return f" from {error.credential_source}" if error.credential_source else ""


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _details(error: "sdk_errors.APIError") -> list[Any]:
    # As the API wrote them: programs that read our JSON know the API's names.
    try:
        details = error.response.json()["details"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return details if isinstance(details, list) else []
