"""Files that people write: limits when they are read, nothing lost or shown when they are written."""

import os
from pathlib import Path

import pytest

from cudo_shell.yaml_files import Unreadable, write_yaml, yaml_in


def test_document_comes_back_as_it_was_written(tmp_path):
    document = {"b": {"no": "on", "url": "https://é.test"}, "a": [1, True, None]}
    write_yaml(tmp_path / "x.yaml", document)
    assert yaml_in(tmp_path / "x.yaml") == document
    assert (tmp_path / "x.yaml").read_text().startswith("b:")


def test_file_and_folder_are_private_whatever_the_umask(tmp_path):
    old = os.umask(0)
    try:
        write_yaml(tmp_path / "new" / "x.yaml", {})
    finally:
        os.umask(old)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "x.yaml").stat().st_mode & 0o777 == 0o600


def test_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "x.yaml"
    file.write_text("old: 1\n")

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_yaml(file, {"new": 2})
    assert (list(tmp_path.iterdir()), file.read_text()) == ([file], "old: 1\n")


def test_link_to_the_file_stays_a_link(tmp_path):
    real, link = tmp_path / "dotfiles.yaml", tmp_path / "x.yaml"
    link.symlink_to(real)
    write_yaml(link, {"a": 1})
    assert link.is_symlink()
    assert yaml_in(real) == {"a": 1}


def test_absent_file_is_none_and_an_empty_one_is_no_error(tmp_path):
    (tmp_path / "empty").touch()
    assert (yaml_in(tmp_path / "absent"), yaml_in(tmp_path / "empty")) == (None, None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: 1\nb: [canary\n", "x.yaml, line 3: this is no YAML that can be read"),
        (b"!!python/object/apply:os.getcwd []\n", "x.yaml, line 1: this is no YAML that can be read"),
        (b"a: canary\xff\n", "x.yaml: this is no YAML that can be read"),
        (b"[" * 100_000, "x.yaml: this is no YAML that can be read"),
        (b"a: 2026-99-99\n", "x.yaml: this is no YAML that can be read"),
        (b"#" * 300_000, "x.yaml has more than 256 KiB"),
    ],
    ids=["syntax", "object", "encoding", "deep", "date", "size"],
)
def test_fault_is_told_by_file_and_line_without_what_stands_there(content, told, tmp_path: Path):
    file = tmp_path / "x.yaml"
    file.write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        yaml_in(file)
    assert str(caught.value) == f"{tmp_path}/{told}"


def test_folder_in_its_place_is_told(tmp_path):
    with pytest.raises(Unreadable, match="is not a file"):
        yaml_in(tmp_path)
