"""Scripts as they come from files."""

import pytest

from cudo_shell.exits import UsageError
from cudo_shell.scripts.files import Script, decoded, load


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"vm list\n", "vm list\n"),
        (b"\xef\xbb\xbfvm list\r\nvm count\r\n", "vm list\nvm count\n"),
        (b"", ""),
        ("vm get æ".encode(), "vm get æ"),
    ],
)
def test_bom_and_line_ends_of_windows_are_no_matter(content, text):
    assert decoded("x.cudo", content) == Script("x.cudo", text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"vm list\nvm get \xff\n", "x.cudo:2: this is not UTF-8 text."),
        (b"vm list\n\n\0", "x.cudo:3: a NUL byte: this is no script."),
    ],
)
def test_file_that_is_no_text_is_one_clear_line(content, message):
    with pytest.raises(UsageError) as caught:
        decoded("x.cudo", content)
    assert str(caught.value) == message


def test_file_that_cannot_be_read_is_one_clear_line(tmp_path):
    (tmp_path / "folder.cudo").mkdir()
    for path, message in (
        ("absent.cudo", "Cannot read 'absent.cudo': No such file or directory."),
        ("/dev/zero", "Cannot read '/dev/zero': File too large."),
        ("folder.cudo", "'folder.cudo' is a directory, not a script."),
        ("~nobody-at-all/a.cudo", "Cannot read '~nobody-at-all/a.cudo': Could not determine home directory."),
        ("nul\0.cudo", "Cannot read 'nul\0.cudo': embedded null byte."),
    ):
        with pytest.raises(UsageError) as caught:
            load(path)
        assert str(caught.value) == message


def test_home_of_nobody_is_one_clear_line():
    with pytest.raises(UsageError) as caught:
        Script("nightly.cudo", "").beside("~nobody-at-all/a.cudo")
    assert str(caught.value) == "Cannot read '~nobody-at-all/a.cudo': Could not determine home directory."


def test_file_that_a_script_names_is_beside_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/sam")
    assert Script("jobs/nightly.cudo", "").beside("lib/a.cudo") == "jobs/lib/a.cudo"
    assert Script("<stdin>", "").beside("a.cudo") == "a.cudo"
    assert Script("jobs/nightly.cudo", "").beside("~/a.cudo") == "/home/sam/a.cudo"
    assert Script("jobs/nightly.cudo", "").beside("/etc/a.cudo") == "/etc/a.cudo"
