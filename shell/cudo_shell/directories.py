"""Where this program keeps what outlives it, and where a name with `~` leads."""

import errno
import os
import sys
from pathlib import Path
from typing import Literal

PRIVATE = 0o700
_NAME = "cudo-shell"
_XDG = {
    "config": ("XDG_CONFIG_HOME", ".config"),
    "state": ("XDG_STATE_HOME", ".local/state"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
}


def expanded(name: str) -> Path:
    """Return the path of a file that a person named, with a home in the place of `~`.

    Raises: FileNotFoundError for the home of somebody who is not there.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise FileNotFoundError(errno.ENOENT, str(error).removesuffix("."), name) from None


def platform_path(kind: Literal["config", "state", "cache"]) -> Path:
    """Return where the platform has a kind of file of ours, whether the directory is there or not."""
    if sys.platform == "linux":  # two lines of the XDG rules: platformdirs takes long to load, at every start
        variable, usual = _XDG[kind]
        for base, below in ((os.environ.get(variable, ""), ""), (os.environ.get("HOME", ""), usual)):
            if base.startswith("/"):
                return Path(base, below, _NAME)
    from platformdirs import PlatformDirs

    places = PlatformDirs(_NAME)
    paths = {"config": places.user_config_path, "state": places.user_state_path}
    return paths.get(kind, places.user_cache_path)


def state_path(chosen: str) -> Path:
    """Return the directory of what is kept between runs, whether it is there or not."""
    if chosen:
        return expanded(chosen)
    return platform_path("state")


def state_dir(chosen: str) -> Path:
    """Return the directory of what is kept between runs; nobody else can read it."""
    directory = state_path(chosen)
    directory.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return directory


def cache_path(chosen: str) -> Path:
    """Return the directory of what can be had again, whether it is there or not.

    `chosen` is the directory of what is kept: whoever chose that one wants all of it there.
    """
    if chosen:
        return state_path(chosen) / "cache"
    return platform_path("cache")
