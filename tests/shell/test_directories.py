"""Where files of ours are."""

from pathlib import Path

import platformdirs
import pytest

from cudo_shell.directories import cache_path, platform_path, state_path


@pytest.mark.parametrize("home", ["/home/ada", "/home/ada/", "/", "ada", "", None])
@pytest.mark.parametrize("base", ["/base", "/base/", "base", "~/base", "", None])
def test_directories_are_where_the_platform_has_them(
    home: str | None, base: str | None, monkeypatch: pytest.MonkeyPatch
):
    """Our short form of the rules of XDG against the library that knows all platforms."""
    given = {"HOME": home, **{f"XDG_{kind}_HOME": base for kind in ("CONFIG", "STATE", "CACHE")}}
    for name, value in given.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    places = platformdirs.PlatformDirs("cudo-shell")

    found = [platform_path("config"), platform_path("state"), platform_path("cache")]

    assert found == [places.user_config_path, places.user_state_path, places.user_cache_path]


def test_directory_that_was_chosen_has_all_that_is_kept():
    assert (state_path("/kept"), cache_path("/kept")) == (Path("/kept"), Path("/kept/cache"))
