"""The history file: private, appended at once, without secrets."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from cudo_sdk.redaction import guard
from cudo_shell.history import LINES, SECRET_LINE, SIZE, PrivateHistory


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


BLOCK = "for x in a b\n  vm get ${x}\nend"


def test_block_is_one_entry_on_one_line_of_the_file(path):
    history, other = PrivateHistory(path), PrivateHistory(path)
    for entry in ("vm list", BLOCK, BLOCK, "disk list"):
        history.append_string(entry)
    other.catch_up()

    assert path.read_text().splitlines() == ["vm list", BLOCK.replace("\n", "\x1f"), "disk list"]
    for each in (history, other, PrivateHistory(path)):
        assert each.get_strings() == ["vm list", BLOCK, "disk list"]
    assert (history.line(2), history.matching("vm get")) == (BLOCK, [(2, BLOCK)])


def test_block_with_a_secret_in_any_line_is_kept_nowhere(path):
    history = PrivateHistory(path)
    history.append_string("for x in a b\n  vm create ${x} --password hunter2\nend")

    assert (history.get_strings(), path.exists(), history.problem) == ([], False, SECRET_LINE)


def test_other_line_breaks_inside_a_block_break_nothing(path):
    PrivateHistory(path).append_string("for x in 'a\x1fb\x85c'\nend")

    assert PrivateHistory(path).get_strings() == ["for x in 'a b c'\nend"]


def test_text_of_several_commands_is_not_kept(path):
    history = PrivateHistory(path)
    history.append_string("vm list\nvm get x")

    assert (history.get_strings(), path.exists()) == ([], False)


def test_other_line_break_inside_a_line_makes_no_second_line(path):
    PrivateHistory(path).append_string("vm list\x85vm get x")

    assert path.read_text() == "vm list vm get x\n"


SECRET_LINES = [
    "vm create --password hunter2 web-1",
    "vm create --password='two words' web-1",
    "login --api-key abc",
    "auth login --api-key=-abc",
    "login --Client-Secret=abc",
    "context create x --metadata token=abc",
    "x CUDO_API_KEY=abc y",
    "x 'Authorization: Bearer abc'",
    "x Bearer abc",
    "x eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
    """x '{"refresh_token": "abc"}'""",
    "x c4n4ry-in-use",
    "x YzRuNHJ5LWluLXVzZQ",  # the same in base64
]


@pytest.mark.parametrize("line", SECRET_LINES)
def test_line_with_a_secret_is_kept_nowhere(path, line):
    guard("c4n4ry-in-use")
    history = PrivateHistory(path)
    history.append_string(line)

    assert (history.get_strings(), path.exists()) == ([], False)
    assert history.problem == SECRET_LINE

    history.append_string("vm list")
    assert (path.read_text(), history.problem) == ("vm list\n", "")


@pytest.mark.parametrize(
    "line",
    [
        "vm create --password @password.txt web-1",
        "vm create --password - web-1",
        "vm create web-1 --password",
        "vm create --password --vcpus 2 web-1",
        "auth login --api-key=@key.txt",
        "auth login --api-key=-",
        "vm create --password ${PASSWORD} web-1",
        "vm list --filter token_count=3",
        "vm list --sort price",
        "ssh-key create @id.pub",
        "api-key delete key-1",
        "vm set-password web-1",
    ],
)
def test_line_that_only_speaks_of_a_secret_is_kept(path, line):
    PrivateHistory(path).append_string(line)

    assert path.read_text() == f"{line}\n"


def test_disk_that_is_full_costs_the_line_and_says_so(tmp_path):
    history = PrivateHistory(tmp_path)  # a folder cannot be written either
    history.append_string("vm list")

    assert history.get_strings() == ["vm list"]
    assert history.problem == f"The history is not written: {tmp_path}: Is a directory."


def test_file_with_too_many_lines_loses_the_oldest(path):
    path.parent.mkdir()
    path.write_text("".join(f"line {number}\n" for number in range(LINES + 5)))
    path.chmod(0o644)

    lines = PrivateHistory(path).get_strings()

    assert (lines[0], lines[-1], len(lines)) == ("line 5", f"line {LINES + 4}", LINES)
    assert path.read_text().splitlines() == lines
    assert mode(path) == 0o600
    assert [file.name for file in path.parent.iterdir() if file.name != "history.lock"] == ["history"]


def test_file_with_too_many_bytes_loses_the_oldest_whole_lines(path):
    path.parent.mkdir()
    path.write_text("".join(f"line {number:0995}\n" for number in range(1100)))

    lines = PrivateHistory(path).get_strings()

    assert lines[-1] == f"line {1099:0995}"
    assert {len(line) for line in lines} == {1000}
    assert SIZE - 1001 < path.stat().st_size <= SIZE


def test_file_that_is_not_too_long_is_not_written(path):
    path.parent.mkdir()
    path.write_text("line\n" * LINES)
    before = path.stat()

    PrivateHistory(path)

    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_long_file_in_a_folder_that_cannot_be_written_is_read(path):
    path.parent.mkdir()
    path.write_text("".join(f"line {number}\n" for number in range(LINES + 5)))
    path.with_name("history.lock").mkdir()  # nobody can lock that

    assert len(PrivateHistory(path).get_strings()) == LINES


def test_search_finds_lines_that_contain_a_text_with_their_numbers(path):
    history = PrivateHistory(path)
    for line in ("vm list", "disk list", "vm get web-1"):
        history.append_string(line)

    assert history.matching("vm") == [(1, "vm list"), (3, "vm get web-1")]
    assert [history.line(number) for number in (-1, 0, 1, 3, 4)] == [
        None,
        None,
        "vm list",
        "vm get web-1",
        None,
    ]


# Other shells


def test_lines_of_another_shell_are_there_after_catching_up(path):
    one, other = PrivateHistory(path), PrivateHistory(path)
    one.append_string("vm list")
    other.append_string("disk list")
    other.append_string("disk get x")
    one.catch_up()

    assert one.get_strings() == ["vm list", "disk list", "disk get x"]
    assert one.newest_first == ["disk get x", "disk list", "vm list"]


def test_own_line_stands_behind_those_that_others_wrote_before(path):
    one, other = PrivateHistory(path), PrivateHistory(path)
    other.append_string("disk list")
    one.append_string("vm list")

    assert one.get_strings() == ["disk list", "vm list"]


def test_catching_up_with_nothing_new_changes_nothing(path):
    history = PrivateHistory(path)
    history.append_string("vm list")
    history.catch_up()
    history.catch_up()

    assert history.get_strings() == ["vm list"]


def test_line_that_is_half_written_is_waited_for(path):
    history = PrivateHistory(path)
    history.append_string("vm list")
    with path.open("a") as file:
        file.write("disk li")
        file.flush()
        history.catch_up()
        assert history.get_strings() == ["vm list"]
        file.write("st\n")
    history.catch_up()

    assert history.get_strings() == ["vm list", "disk list"]


@pytest.mark.parametrize("is_replaced", [True, False])
def test_file_that_another_shell_has_shortened_is_read_again(path, is_replaced):
    history = PrivateHistory(path)
    for line in ("vm list", "disk list"):
        history.append_string(line)
    new = path.with_name("new") if is_replaced else path
    new.write_text("disk list\nvm get x\n" if is_replaced else "disk list\n")
    new.replace(path)
    history.catch_up()

    assert history.get_strings() == path.read_text().splitlines()


def test_file_that_is_gone_costs_no_line(path):
    history = PrivateHistory(path)
    history.append_string("vm list")
    path.unlink()
    history.catch_up()

    assert (history.get_strings(), history.problem) == (["vm list"], "")


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


def test_line_waits_for_a_shell_that_replaces_the_file(path, monkeypatch):
    monkeypatch.setattr("cudo_shell.history.PATIENCE", 0.01)
    history = PrivateHistory(path)
    history.append_string("vm list")
    with FileLock(path.with_name("history.lock")):
        history.append_string("vm get web-1")

    assert path.read_text() == "vm list\n"
    assert history.problem.startswith(f"The history is not written: {path}: ")


def test_file_is_not_replaced_while_another_shell_adds_to_it(path, monkeypatch):
    monkeypatch.setattr("cudo_shell.history.PATIENCE", 0.01)
    path.parent.mkdir()
    path.write_text("line\n" * (LINES + 1))
    with FileLock(path.with_name("history.lock")):
        PrivateHistory(path)

    assert path.read_text() == "line\n" * (LINES + 1)
