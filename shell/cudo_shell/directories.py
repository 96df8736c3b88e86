"""Where this program keeps what outlives it, and where a name with `~` leads."""

import errno
from pathlib import Path

PRIVATE = 0o700


def expanded(name: str) -> Path:
    """Return the path of a file that a person named, with a home in the place of `~`.

    Raises: FileNotFoundError for the home of somebody who is not there.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise FileNotFoundError(errno.ENOENT, str(error).removesuffix("."), name) from None


def state_path(chosen: str) -> Path:
    """Return the directory of what is kept between runs, whether it is there or not."""
    if chosen:
        return expanded(chosen)
    from platformdirs import user_state_path

    return user_state_path("cudo-shell")


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
    from platformdirs import user_cache_path

    return user_cache_path("cudo-shell")
