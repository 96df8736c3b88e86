"""Small YAML files that people write: read with limits, and faults told without what stands in the file."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cudo_shell.private_files import replace_file

LARGEST = 256 * 1024  # bytes
PRIVATE, PRIVATE_DIR = 0o600, 0o700


class Unreadable(Exception):  # noqa: N818  # says what is wrong with the file
    """A file cannot be used. Its text names the file, and the line, but nothing that stands there."""


def yaml_in(path: Path) -> Any:
    """The document in a file; None if there is no file. Nothing of it is executed.

    Raises: Unreadable.
    """
    try:
        text = _bounded(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None
    import yaml  # takes its time, and most have no such file

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:  # its own text would repeat the line, which may hold a key
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise Unreadable(f"{path}{where}: this is no YAML that can be read") from None
    except (RecursionError, ValueError):  # too deep; a date that there is not
        raise Unreadable(f"{path}: this is no YAML that can be read") from None


def _bounded(path: Path) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe must not hold up the start
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Unreadable(f"{path} is not a file")
        content = os.read(file, LARGEST + 1)
    finally:
        os.close(file)
    if len(content) > LARGEST:
        raise Unreadable(f"{path} has more than {LARGEST // 1024} KiB")
    return content


def write_yaml(path: Path, document: Mapping[str, Any]) -> None:
    """Put a document in place of a file: whole or not at all, readable by its owner alone.

    Raises: OSError.
    """
    import yaml

    path = path.resolve()  # a link to a file elsewhere stays a link
    path.parent.mkdir(mode=PRIVATE_DIR, parents=True, exist_ok=True)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    replace_file(path, text)
