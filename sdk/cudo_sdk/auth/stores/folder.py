"""The directory of credentials: ours alone, and what the files of a login are called in it."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from cudo_sdk.auth.settings import Settings
from cudo_sdk.errors import AuthConfigError

OTHERS = 0o077  # the mode bits of everybody else
# It becomes a file name: no separator, no leading dot, nothing that a pattern could match by.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}-[0-9a-f]{16}")


def file_of(settings: Settings, directory: Path, suffix: str) -> Path:
    """A file of this login. Raises AuthConfigError for a context whose name is no part of a file name."""
    if not _NAME.fullmatch(settings.record_name):
        raise AuthConfigError(
            f"the context {settings.context!r} cannot keep a login: use letters, digits, - and _ in its name"
        )
    return directory / f"{settings.record_name}{suffix}"


def make_private(directory: Path) -> None:
    """Make the directory and those above it, for us alone. Raises OSError, AuthConfigError."""
    missing = [folder for folder in (directory, *directory.parents) if not os.path.lexists(folder)]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
    check_private(directory)


def check_private(directory: Path) -> None:
    """Take the directory away from others who could look in. Raises OSError, AuthConfigError."""
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise AuthConfigError(f"{directory} must be a directory and no link; remove it")
    if not is_ours(status):
        raise AuthConfigError(f"{directory} belongs to another user; logins are not kept there")
    if is_loose(status):
        directory.chmod(0o700)


def is_ours(status: os.stat_result) -> bool:
    """Whether a file belongs to the user who runs this; always where users are not numbers (Windows)."""
    return not hasattr(os, "geteuid") or status.st_uid == os.geteuid()


def is_loose(status: os.stat_result) -> bool:
    """Whether the mode lets other users in; never on Windows, where it says nothing about them."""
    return os.name != "nt" and bool(status.st_mode & OTHERS)


def mark_of(path: Path) -> object:
    """Differs once a file was changed, replaced or made; None while there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
