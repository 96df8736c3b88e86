"""Questions and secrets."""

import io
import subprocess
import sys

import pexpect
import pytest

from cudo_shell.asking import confirm, confirm_typed, read_secret, read_text
from cudo_shell.exits import RefusedError, UsageError
from cudo_shell.streams import Streams


def person(answer: str) -> Streams:
    return Streams(
        stdin=io.StringIO(answer),
        out=io.StringIO(),
        err=io.StringIO(),
        in_is_terminal=True,
        err_is_terminal=True,
    )


def written(streams: Streams) -> str:
    assert isinstance(streams.err, io.StringIO)
    return streams.err.getvalue()


@pytest.mark.parametrize("answer", ["y\n", "Y\n", " yes \n"])
def test_yes_goes_on(answer):
    streams = person(answer)
    confirm("Delete it?", streams, may_ask=True)
    assert written(streams) == "Delete it? [y/N] "


@pytest.mark.parametrize("answer", ["\n", "n\n", "no\n", "yesterday\n", ""])
def test_anything_else_is_a_no(answer):
    with pytest.raises(RefusedError, match="Nothing was changed"):
        confirm("Delete it?", person(answer), may_ask=True)


def test_nobody_there_is_a_no_without_a_question():
    streams = person("y\n")
    with pytest.raises(RefusedError) as caught:
        confirm("Delete it?", streams, may_ask=False)
    assert caught.value.hint == "Add --yes to do it without a question."
    assert written(streams) == ""


def test_typed_word_goes_on():
    streams = person(" web-1 \n")
    confirm_typed("Commit to it?", "web-1", streams, given=None, may_ask=True)
    assert written(streams) == "Commit to it?\nType web-1 to do it: "


@pytest.mark.parametrize("answer", ["y\n", "yes\n", "web-10\n", "WEB-1\n", "\n", ""])
def test_any_other_word_is_a_no(answer):
    with pytest.raises(RefusedError, match="Nothing was changed"):
        confirm_typed("Commit to it?", "web-1", person(answer), given=None, may_ask=True)


def test_word_can_be_given_beforehand_and_has_to_be_the_same():
    streams = person("")
    confirm_typed("Commit to it?", "web-1", streams, given="web-1", may_ask=False)
    with pytest.raises(RefusedError, match="--confirm has to repeat web-1"):
        confirm_typed("Commit to it?", "web-1", person("web-1\n"), given="", may_ask=True)
    with pytest.raises(RefusedError, match="--confirm-context has to repeat prod"):
        confirm_typed("Change it?", "prod", person(""), given="dev", may_ask=True, option="--confirm-context")
    assert written(streams) == ""


def test_nobody_there_to_type_a_word_is_a_no_without_a_question():
    streams = person("web-1\n")
    with pytest.raises(RefusedError) as caught:
        confirm_typed("Commit to it?", "web-1", streams, given=None, may_ask=False)
    assert caught.value.hint == "Add --confirm web-1 to do it without a question."
    assert written(streams) == ""


def test_secret_comes_from_a_file_or_stdin(tmp_path):
    (tmp_path / "secret").write_text("hunter 2\n")
    assert read_secret("password", f"@{tmp_path}/secret", person(""), may_ask=False) == "hunter 2"
    assert read_secret("password", "-", person("hunter 2\r\n"), may_ask=False) == "hunter 2"


def test_secret_written_out_is_refused_without_repeating_it():
    with pytest.raises(UsageError) as caught:
        read_secret("password", "hunter2", person(""), may_ask=True)
    assert "hunter2" not in f"{caught.value}{caught.value.hint}"


def test_secret_without_a_source_needs_somebody_to_ask():
    with pytest.raises(RefusedError, match="Nobody could be asked for the password"):
        read_secret("password", None, person(""), may_ask=False)


@pytest.mark.parametrize("given", ["", "\n", "\r\n"])
def test_empty_secret_is_refused(given):
    with pytest.raises(UsageError, match="The API key is empty"):
        read_secret("API key", "-", person(given), may_ask=False)


PROGRAM = """
import sys
from cudo_shell.asking import read_secret
from cudo_shell.exits import CommandError
from cudo_shell.streams import Streams

try:
    secret = read_secret("API key", None, Streams(sys.stdin, sys.stdout, sys.stderr), may_ask=True)
    print(f"{len(secret)} characters; next: {sys.stdin.readline().strip()}.")
except CommandError as error:
    print(error)
"""


@pytest.mark.parametrize("pasted", ["sekret-7\r", "sekret-7\r\n", "sekret-7\rsekret-rest\r"])
def test_secret_that_is_pasted_is_never_shown_and_no_rest_of_it_is_read_as_a_line(pasted):
    child = pexpect.spawn(sys.executable, ["-c", PROGRAM], timeout=10, encoding="utf-8")
    child.delaybeforesend = None
    child.expect_exact("API key: ")
    child.send(pasted)
    child.expect_exact("\r\n")
    child.send("typed\r")
    child.expect_exact("8 characters; next: typed.")
    assert "sekret" not in str(child.before)
    child.close()


def test_end_of_input_instead_of_a_secret_is_an_empty_one():
    child = pexpect.spawn(sys.executable, ["-c", PROGRAM], timeout=10, encoding="utf-8")
    child.expect_exact("API key: ")
    child.sendeof()
    child.expect_exact("The API key is empty.")
    child.close()


def test_secret_is_not_asked_for_where_it_would_be_shown():
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input="sekret-7\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
        start_new_session=True,  # without a terminal of its own, as a test may have one
    )
    assert (ended.stdout, ended.stderr) == ("This terminal would show the API key.\n", "")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("@absent", "Cannot read 'absent': No such file or directory."),
        ("@.", "Cannot read '.': Is a directory."),
    ],
)
def test_file_that_cannot_be_read_is_named(value, message):
    with pytest.raises(UsageError) as caught:
        read_text(value, person(""))
    assert str(caught.value) == message


def test_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "image").write_bytes(b"\xff\xd8")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        read_text(f"@{tmp_path}/image", person(""))


def test_plain_value_is_taken_as_it_is():
    assert read_text("ssh-ed25519 AAAA me@here", person("")) == "ssh-ed25519 AAAA me@here"
