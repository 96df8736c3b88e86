"""Where files of ours are."""

from pathlib import Path

from cudo_shell.directories import cache_path, state_path


def test_directory_that_was_chosen_has_all_that_is_kept():
    assert (state_path("/kept"), cache_path("/kept")) == (Path("/kept"), Path("/kept/cache"))
