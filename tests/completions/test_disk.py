"""Listings on the disk: whose they are, how old, how often anybody asks, and what a broken file does."""

import json
import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cudo_completions.candidates import Candidate
from cudo_completions.disk import FRESH, KEPT, LONGEST, MANY, PATIENCE, PAUSE, Shelf
from cudo_completions.listing import Listing, Scope

DEMO = Scope("https://api.example", "alice", "demo")
VM = Candidate("web-1", "ACTIVE\t$0.02/h", {"state": "ACTIVE"})


class Clock:
    """The time, which a test moves; it begins now, for the files on the disk have a time of their own."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "completion"


@pytest.fixture
def shelf(folder: Path, clock: Clock) -> Shelf:
    return Shelf(folder, clock)


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def names(listing: Listing) -> list[str]:
    return [each.text for each in listing.candidates]


def is_unknown(listing: Listing) -> bool:
    return not listing.candidates and listing.age is None


def keep(shelf: Shelf, clock: Clock, *candidates: Candidate, kind: str = "vms", scope: Scope = DEMO) -> bool:
    return shelf.put(kind, scope, candidates or [VM], began=clock() - 1)


def files(folder: Path, suffix: str) -> list[Path]:
    return list(folder.glob(f"*/*.{suffix}"))


def test_listing_comes_back_as_it_was_with_its_age(shelf: Shelf, clock: Clock):
    keep(shelf, clock, VM, Candidate("db-1"))
    clock.now += 12

    listing = shelf.look("vms", DEMO)

    assert list(listing.candidates) == [Candidate("db-1"), VM]
    assert listing.age == 12
    assert listing.withheld == 0


@pytest.mark.parametrize(
    "other",
    [
        Scope("https://other.example", "alice", "demo"),
        Scope("https://api.example", "bob", "demo"),
        Scope("https://api.example", "alice", "prod"),
        Scope("https://api.example", "alice"),
    ],
)
def test_listing_of_another_place_credential_or_project_is_not_there(
    shelf: Shelf, clock: Clock, other: Scope
):
    keep(shelf, clock)

    assert is_unknown(shelf.look("vms", other))
    assert is_unknown(shelf.look("disks", DEMO))


def test_scopes_that_read_the_same_in_one_string_are_two_places(shelf: Shelf, clock: Clock):
    keep(shelf, clock, scope=Scope("https://a", "bc"))

    assert is_unknown(shelf.look("vms", Scope("https://ab", "c")))


def test_listing_without_a_project_is_the_same_in_all(shelf: Shelf, clock: Clock):
    keep(shelf, clock, kind="projects")

    assert names(shelf.look("projects", Scope("https://api.example", "alice", "prod"))) == ["web-1"]


def test_names_of_files_tell_nothing(shelf: Shelf, clock: Clock, folder: Path):
    keep(shelf, clock)
    shelf.claim("disks", DEMO)
    with shelf.turn("vms", DEMO):
        pass
    shelf.forget(["networks"], DEMO)

    found = [file.relative_to(folder) for file in folder.rglob("*")]

    parts = {file.name.rpartition(".")[0] or file.name for file in found}
    assert all(re.fullmatch(r"[0-9a-f]{32}(-[0-9a-f]{32})?", part) for part in parts)
    assert {file.suffix for file in found} == {"", ".json", ".next", ".lock", ".changed"}


@pytest.mark.usefixtures("open_umask")
def test_files_and_folders_are_private_from_their_creation(
    shelf: Shelf, clock: Clock, folder: Path, tmp_path: Path
):
    keep(shelf, clock)
    with shelf.turn("vms", DEMO):
        pass
    shelf.forget(["disks"], DEMO)

    modes = {file.is_dir(): stat.S_IMODE(file.stat().st_mode) for file in [folder, *tmp_path.rglob("*")]}
    assert modes == {True: 0o700, False: 0o600}


def test_listing_is_offered_for_a_day(shelf: Shelf, clock: Clock):
    keep(shelf, clock)

    clock.now += KEPT
    assert names(shelf.look("vms", DEMO)) == ["web-1"]
    clock.now += 1
    assert is_unknown(shelf.look("vms", DEMO))


def test_listing_from_the_future_is_not_offered(shelf: Shelf, clock: Clock):
    keep(shelf, clock)
    clock.now -= 1

    assert is_unknown(shelf.look("vms", DEMO))


def test_name_that_cannot_be_typed_is_neither_kept_nor_read(shelf: Shelf, clock: Clock, folder: Path):
    keep(shelf, clock, VM, Candidate("--yes"), Candidate("a\nb"))
    [file] = files(folder, "json")

    assert shelf.look("vms", DEMO).withheld == 2
    assert [row[0] for row in json.loads(file.read_text())["rows"]] == ["web-1"]

    file.write_text(file.read_text().replace("web-1", "web-1\\u001b[2J"))
    listing = shelf.look("vms", DEMO)
    assert (names(listing), listing.withheld) == ([], 3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"version": 1}',
        b'{"version": 2, "taken": NOW, "rows": [["a", "", {}]]}',
        b'{"version": 1, "taken": "now", "rows": [["a", "", {}]]}',
        b'{"version": 1, "taken": NaN, "rows": [["a", "", {}]]}',
        b'{"version": 1, "taken": 1' + b"0" * 400 + b', "rows": [["a", "", {}]]}',
        b'{"version": 1, "taken": NOW, "withheld": Infinity, "rows": {"a": 1}}',
        b'{"version": 1, "taken": NOW, "rows": [["a"], 3, ["a", 1, {}], ["a", "", null], ["a", "", {}, 1]]}',
    ],
)
def test_broken_file_is_as_if_it_were_not_there(shelf: Shelf, clock: Clock, folder: Path, content: bytes):
    keep(shelf, clock)
    for suffix in ("json", "next"):
        [file] = files(folder, suffix)
        file.write_bytes(content.replace(b"NOW", b"%d" % clock.now))

    assert names(shelf.look("vms", DEMO)) == []
    assert shelf.is_due("vms", DEMO)


def test_file_that_others_may_have_written_is_not_read(shelf: Shelf, clock: Clock, folder: Path):
    keep(shelf, clock)
    [file] = files(folder, "json")
    file.chmod(0o622)

    assert is_unknown(shelf.look("vms", DEMO))


def test_link_pipe_and_folder_in_place_of_a_file_are_not_read(
    shelf: Shelf, clock: Clock, folder: Path, tmp_path: Path
):
    keep(shelf, clock)
    [file] = files(folder, "json")
    moved = file.rename(tmp_path / "elsewhere")
    file.symlink_to(moved)
    assert is_unknown(shelf.look("vms", DEMO))

    file.unlink()
    os.mkfifo(file)
    assert is_unknown(shelf.look("vms", DEMO))

    file.unlink()
    file.mkdir()
    assert is_unknown(shelf.look("vms", DEMO))


def test_part_of_very_many_names_is_not_kept_as_if_it_were_all(shelf: Shelf, clock: Clock):
    keep(shelf, clock, *(Candidate(f"vm-{number}") for number in range(MANY + 1)))

    assert names(shelf.look("vms", DEMO)) == []
    assert not shelf.is_due("vms", DEMO)


# Who asks, and when


def test_nobody_asks_again_before_an_answer_is_old(shelf: Shelf, clock: Clock):
    assert shelf.is_due("vms", DEMO)
    keep(shelf, clock)

    clock.now += FRESH - 0.1
    assert not shelf.is_due("vms", DEMO)
    clock.now += 0.2
    assert shelf.is_due("vms", DEMO)


def test_listing_that_took_long_rests_longer(shelf: Shelf, clock: Clock):
    shelf.put("vms", DEMO, [VM], began=clock() - 10)

    clock.now += 49
    assert not shelf.is_due("vms", DEMO)
    clock.now += 2
    assert shelf.is_due("vms", DEMO)


def test_claim_keeps_others_from_asking_for_as_long_as_it_may_take(shelf: Shelf, clock: Clock):
    assert shelf.claim("vms", DEMO)

    assert not shelf.is_due("vms", DEMO)
    assert shelf.is_due("vms", Scope("https://api.example", "alice", "prod"))
    clock.now += PATIENCE + 0.1
    assert shelf.is_due("vms", DEMO)


def test_pause_doubles_with_each_failure_up_to_a_limit(shelf: Shelf, clock: Clock):
    pauses = []
    for _ in range(9):
        shelf.failed("vms", DEMO)
        began = clock.now
        while not shelf.is_due("vms", DEMO):
            clock.now += 1
        pauses.append(clock.now - began)
        shelf.claim("vms", DEMO)

    assert pauses == [PAUSE * 2, PAUSE * 4, PAUSE * 8, PAUSE * 16, PAUSE * 32, *[LONGEST] * 4]


def test_pause_is_what_the_server_asked_for(shelf: Shelf, clock: Clock):
    shelf.failed("vms", DEMO, rest=90)

    clock.now += 89
    assert not shelf.is_due("vms", DEMO)
    clock.now += 1
    assert shelf.is_due("vms", DEMO)


def test_answer_ends_the_pauses(shelf: Shelf, clock: Clock):
    for _ in range(8):
        shelf.failed("vms", DEMO)
    keep(shelf, clock)
    shelf.failed("vms", DEMO)

    clock.now += PAUSE * 2
    assert shelf.is_due("vms", DEMO)


def test_clock_that_was_set_back_puts_nothing_off_for_long(shelf: Shelf, clock: Clock):
    shelf.claim("vms", DEMO)
    clock.now -= 3600

    assert shelf.is_due("vms", DEMO)


def test_turn_is_for_one_at_a_time(shelf: Shelf, folder: Path):
    other = Shelf(folder)

    with (
        shelf.turn("vms", DEMO) as first,
        other.turn("vms", DEMO) as second,
        other.turn("disks", DEMO) as another_kind,
    ):
        assert (first, second, another_kind) == (True, False, True)
    with other.turn("vms", DEMO) as after:
        assert after


def test_claim_fails_where_nothing_can_be_written(clock: Clock, tmp_path: Path):
    (tmp_path / "file").write_text("")

    assert not Shelf(tmp_path / "file" / "below", clock).claim("vms", DEMO)


# What was changed


def test_change_drops_the_kind_in_every_project_and_has_it_asked_for(shelf: Shelf, clock: Clock):
    prod = Scope("https://api.example", "alice", "prod")
    bob = Scope("https://api.example", "bob", "demo")
    for scope in (DEMO, prod, bob):
        keep(shelf, clock, scope=scope)
    keep(shelf, clock, kind="disks")

    shelf.forget(["vms", "networks"], DEMO)

    assert [names(shelf.look("vms", scope)) for scope in (DEMO, prod, bob)] == [[], [], ["web-1"]]
    assert names(shelf.look("disks", DEMO)) == ["web-1"]
    assert shelf.is_due("vms", prod)


def test_answer_that_was_on_its_way_when_something_changed_is_not_kept(shelf: Shelf, clock: Clock):
    keep(shelf, clock)
    began = clock.now
    clock.now += 1
    shelf.forget(["vms"], DEMO)
    clock.now += 1

    assert not shelf.put("vms", DEMO, [VM], began=began)
    assert names(shelf.look("vms", DEMO)) == []
    assert shelf.put("vms", DEMO, [VM], began=clock.now)
    assert names(shelf.look("vms", DEMO)) == ["web-1"]


def test_change_gives_nobody_a_second_turn(shelf: Shelf, folder: Path):
    with shelf.turn("vms", DEMO):
        shelf.forget(["vms"], DEMO)
        with Shelf(folder).turn("vms", DEMO) as second:
            assert not second


def test_change_makes_no_folder_where_nothing_is_kept(shelf: Shelf, folder: Path):
    shelf.forget(["vms"], DEMO)

    assert not folder.exists()


def test_what_nobody_used_for_a_day_is_swept(shelf: Shelf, clock: Clock, folder: Path):
    keep(shelf, clock, scope=Scope("https://api.example", "bob", "demo"))
    [old] = files(folder, "json")
    os.utime(old, (clock.now - KEPT - 1,) * 2)

    keep(shelf, clock)

    assert not old.exists()
    assert names(shelf.look("vms", DEMO)) == ["web-1"]


def test_clear_drops_all(shelf: Shelf, clock: Clock, folder: Path):
    shelf.clear()
    keep(shelf, clock)
    shelf.clear()

    assert not folder.exists()
    assert is_unknown(shelf.look("vms", DEMO))


def test_file_is_replaced_whole_or_not_at_all(shelf: Shelf, clock: Clock, folder: Path, monkeypatch):
    keep(shelf, clock)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dump", full)
    with pytest.raises(OSError, match="No space"):
        keep(shelf, clock, Candidate("db-1"))

    assert names(shelf.look("vms", DEMO)) == ["web-1"]
    assert {file.suffix for file in folder.glob("*/*")} == {".json", ".next"}
