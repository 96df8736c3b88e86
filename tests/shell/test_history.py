"""The history file: private, appended at once, without secrets."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cudo_shell.history import TAIL, PrivateHistory, redacted


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "history"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_line_is_in_the_file_at_once(path):
    PrivateHistory(path).append_string("vm list")

    assert path.read_text() == "vm list\n"


def test_file_and_folder_belong_to_their_owner_alone(path):
    PrivateHistory(path).append_string("vm list")

    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_file_that_was_open_to_others_is_closed(path):
    path.parent.mkdir()
    path.touch(mode=0o644)
    PrivateHistory(path).append_string("vm list")

    assert mode(path) == 0o600


def test_old_lines_are_read_and_not_written_again(path):
    PrivateHistory(path).append_string("vm list")
    PrivateHistory(path).append_string("vm get web-1")

    assert PrivateHistory(path).get_strings() == ["vm list", "vm get web-1"]
    assert path.read_text() == "vm list\nvm get web-1\n"


def test_line_with_a_leading_space_is_not_kept(path):
    history = PrivateHistory(path)
    history.append_string(" vm list")

    assert (history.get_strings(), path.exists()) == ([], False)


def test_repeated_line_is_kept_once(path):
    history = PrivateHistory(path)
    history.append_string("vm list")
    history.append_string("vm list")

    assert path.read_text() == "vm list\n"


def test_line_break_inside_a_line_makes_no_second_line(path):
    PrivateHistory(path).append_string("vm list\nvm get x")

    assert path.read_text() == "vm list vm get x\n"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("vm create --password hunter2 web-1", "vm create --password *** web-1"),
        ("vm create --password='two words' web-1", "vm create --password=*** web-1"),
        ("login --api-key abc", "login --api-key ***"),
        ("login --Client-Secret=abc", "login --Client-Secret=***"),
        ("x CUDO_API_KEY=abc y", "x CUDO_API_KEY=*** y"),
        ("x 'Authorization: Bearer abc'", "x 'Authorization: Bearer ***"),
        ("vm list --sort price", "vm list --sort price"),
        ("ssh-key create @id.pub", "ssh-key create @id.pub"),
    ],
)
def test_value_of_a_secret_is_not_kept(path, line, kept):
    history = PrivateHistory(path)
    history.append_string(line)

    assert redacted(line) == kept
    assert history.get_strings() == [kept]
    assert path.read_text() == f"{kept}\n"


def test_disk_that_is_full_costs_the_line_and_says_so(tmp_path):
    history = PrivateHistory(tmp_path)  # a folder cannot be written either
    history.append_string("vm list")

    assert history.get_strings() == ["vm list"]
    assert history.problem == f"The history is not written: {tmp_path}: Is a directory."


def test_only_the_end_of_a_long_file_is_read(path):
    path.parent.mkdir()
    path.write_text("".join(f"line {number:09}\n" for number in range(TAIL // 10)))

    lines = PrivateHistory(path).get_strings()

    assert lines[-1] == f"line {TAIL // 10 - 1:09}"
    assert len(lines) == TAIL // 15


def test_search_finds_lines_that_contain_a_text(path):
    history = PrivateHistory(path)
    for line in ("vm list", "disk list", "vm get web-1"):
        history.append_string(line)

    assert history.matching("vm") == ["vm list", "vm get web-1"]


APPEND_MANY = """
import pathlib, sys
from cudo_shell.history import PrivateHistory
history = PrivateHistory(pathlib.Path(sys.argv[1]))
for number in range(200):
    history.append_string(f"{sys.argv[2]} {number}")
"""


def test_two_shells_at_once_lose_no_line(path):
    command = [sys.executable, "-c", APPEND_MANY, path]
    shells = [subprocess.Popen([*command, name]) for name in ("one", "two")]
    assert [shell.wait(60) for shell in shells] == [0, 0]

    lines = path.read_text().splitlines()
    assert sorted(lines) == sorted(f"{name} {number}" for name in ("one", "two") for number in range(200))
