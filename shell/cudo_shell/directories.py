"""Where this program keeps what outlives it."""

from pathlib import Path

PRIVATE = 0o700


def state_dir(chosen: str) -> Path:
    """Return the directory of what is kept between runs; nobody else can read it."""
    from platformdirs import user_state_path

    directory = Path(chosen).expanduser() if chosen else user_state_path("cudo-shell")
    directory.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    return directory
