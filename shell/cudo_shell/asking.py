"""Questions to the person at the terminal, and secrets that only a person or a file may give."""

import getpass
import warnings
from io import BytesIO, TextIOWrapper

from cudo_shell.exits import RefusedError, UsageError
from cudo_shell.locked import OPEN, Lock
from cudo_shell.streams import Streams


def confirm(question: str, streams: Streams, *, may_ask: bool) -> None:
    """Ask, with No as the default; return only after a yes.

    Raises: RefusedError after any other answer, or at once where nobody can be asked.
    """
    if not may_ask or streams.stdin is None:
        raise RefusedError(
            f"Not done, nobody could be asked: {question}", "Add --yes to do it without a question."
        )
    if _answer(f"{question} [y/N] ", streams).strip().lower() not in {"y", "yes"}:
        raise RefusedError("Nothing was changed.")


def confirm_typed(
    question: str,
    word: str,
    streams: Streams,
    *,
    given: str | None,
    may_ask: bool,
    option: str = "--confirm",
) -> None:
    """Ask for a word to be typed; return only after exactly that word. A script gives it with `option`.

    Raises: RefusedError after any other word, or at once where nobody can be asked.
    """
    if given is None:
        if not may_ask or streams.stdin is None:
            raise RefusedError(
                f"Not done, nobody could be asked: {question}",
                f"Add {option} {word} to do it without a question.",
            )
        if _answer(f"{question}\nType {word} to do it: ", streams).strip() != word:
            raise RefusedError("Nothing was changed.")
    elif given != word:
        raise RefusedError(f"Not done: {option} has to repeat {word}. {question}")


def _answer(prompt: str, streams: Streams) -> str:
    streams.err.write(prompt)
    streams.err.flush()
    answer = ""
    try:
        answer = streams.stdin.readline() if streams.stdin else ""
    finally:
        if not answer.endswith("\n"):  # after Ctrl-D or Ctrl-C the line has no end of its own
            streams.err.write("\n")
    return answer


def read_secret(name: str, source: str | None, streams: Streams, *, may_ask: bool, lock: Lock = OPEN) -> str:
    """Read a secret from a prompt (no source), standard input (`-`) or a file (`@FILE`).

    A line break at its end is not part of it.
    Raises: UsageError for a secret written out as an argument and for an empty one, RefusedError where
    nobody can be asked, the terminal would show it, or the lock keeps the file out of reach.
    """
    if source is not None:
        if source != "-" and not source.startswith("@"):
            raise UsageError(
                f"The {name} is a secret: never write it as an argument.", "Give @FILE, or - for stdin."
            )
        secret = read_text(source, streams, lock)
    elif may_ask:
        secret = _typed_unseen(name, streams)
    else:
        raise RefusedError(f"Nobody could be asked for the {name}.", "Give @FILE, or - for stdin.")
    secret = secret.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise UsageError(f"The {name} is empty.")
    return secret


def _typed_unseen(name: str, streams: Streams) -> str:
    """Ask without echo. What is pasted after the first line is thrown away and never reaches the prompt."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"{name[:1].upper()}{name[1:]}: ", stream=streams.err)
        except getpass.GetPassWarning:
            raise RefusedError(
                f"This terminal would show the {name}.", "Give @FILE, or - for stdin."
            ) from None
        except EOFError:
            streams.err.write("\n")
            return ""


def read_text(value: str, streams: Streams, lock: Lock = OPEN) -> str:
    """Return the text of `@FILE`, of standard input (`-`), or the value itself.

    Raises: UsageError for a file that cannot be read, RefusedError for one that the lock keeps out of reach.
    """
    if value == "-":
        return streams.stdin.read() if streams.stdin else ""
    if not value.startswith("@"):
        return value
    try:
        return TextIOWrapper(BytesIO(lock.read(value[1:])), encoding="utf-8").read()
    except UnicodeDecodeError:
        raise UsageError(f"File '{value[1:]}' is not UTF-8 text.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"Cannot read '{value[1:]}': {reason}.") from None
