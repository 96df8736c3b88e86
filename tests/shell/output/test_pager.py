"""When a pager is there, and what reaches it."""

import io
import sys
from dataclasses import replace

import pytest

from cudo_shell.output.pager import PagedStream, paged, pager_for, rows_of

LESS = ["less", "-FRX"]


@pytest.fixture
def person(terminal):
    return replace(terminal, in_is_terminal=True)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, LESS),
        ({"PAGER": "more"}, ["more"]),
        ({"PAGER": "more", "CUDO_PAGER": "most -s"}, ["most", "-s"]),
        ({"PAGER": "cat"}, []),
        ({"CUDO_PAGER": ""}, []),
        ({"CUDO_PAGER": "'less"}, []),
        ({"TERM": "dumb"}, []),
    ],
)
def test_pager_is_the_one_that_the_person_chose(environ, words, person):
    assert list(pager_for(person, environ, is_wanted=True)) == words


def test_pager_needs_a_person_who_wants_it(person, pipe):
    assert not pager_for(person, {}, is_wanted=False)
    assert not pager_for(replace(person, in_is_terminal=False), {}, is_wanted=True)
    assert not pager_for(pipe, {}, is_wanted=True)


@pytest.mark.parametrize(
    ("text", "rows"),
    [("", 0), ("a\n", 1), ("a\nb", 2), ("x" * 81 + "\n", 2), ("\x1b[36m" + "x" * 80 + "\n", 1)],
)
def test_rows_count_as_the_terminal_wraps_them(text, rows):
    assert rows_of(text, 80) == rows


def paging_into(file) -> list[str]:
    """A pager that writes what it reads into a file."""
    return [sys.executable, "-c", f"import sys; open({str(file)!r}, 'w').write(sys.stdin.read())"]


def test_what_fits_never_meets_the_pager(person, tmp_path):
    with paged(person, paging_into(tmp_path / "seen")) as streams:
        streams.out.write("line\n" * 10)

    assert person.out.getvalue() == "line\n" * 10
    assert not (tmp_path / "seen").exists()


def test_what_is_too_tall_goes_to_the_pager_whole(person, tmp_path):
    with paged(person, paging_into(tmp_path / "seen")) as streams:
        for number in range(100):
            streams.out.write(f"{number}\n")

    assert person.out.getvalue() == ""
    assert (tmp_path / "seen").read_text() == "".join(f"{number}\n" for number in range(100))


def test_person_who_leaves_the_pager_ends_the_command_without_an_error(person):
    with paged(person, [sys.executable, "-c", "pass"]) as streams:
        while True:
            streams.out.write("line\n" * 1000)

    assert person.out.getvalue() == ""


def test_pager_that_is_not_installed_is_done_without(person):
    with paged(person, ["no-such-pager-here"]) as streams:
        streams.out.write("line\n" * 100)

    assert person.out.getvalue() == "line\n" * 100


def test_error_of_the_command_comes_after_what_it_had_written(person):
    def half_way():
        with paged(person, LESS) as streams:
            streams.out.write("first\n")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  # the one above
        half_way()

    assert person.out.getvalue() == "first\n"


def test_wrapped_lines_make_a_text_too_tall(tmp_path):
    stream = PagedStream(io.StringIO(), paging_into(tmp_path / "seen"), height=5, width=10)
    stream.write("x" * 60 + "\n")
    stream.finish()

    assert stream.is_paging
