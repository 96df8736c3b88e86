"""What a pasted text holds, and what is asked about it."""

import pytest

from cudo_shell.editing import continuation, pasted, question_about


def test_question_shows_the_first_lines_and_counts_the_others():
    lines = [f"vm get web-{number}" for number in range(1_234)]

    assert question_about(lines).splitlines() == [
        "1,234 lines:",
        *(f"  vm get web-{number}" for number in range(10)),
        "  and 1,224 more",
        "Run them one after the other?",
    ]


def test_question_shows_no_escape_of_the_text():
    assert question_about(["a\x1b[2Jb", "c\u202ed"]) == "2 lines:\n  ab\n  cd\nRun them one after the other?"


def test_question_shows_every_line_of_a_block():
    asked = question_about(["vm list", "for x in a\n  echo ${x}\nend"])

    assert asked == "4 lines:\n  vm list\n  for x in a\n    echo ${x}\n  end\nRun them one after the other?"


@pytest.mark.parametrize(
    ("text", "is_open", "inserted"),
    [
        ("\nvm get \\\n  web-2\n", False, "vm get   web-2"),
        ("for x in a\n  vm list\nend\n", False, "for x in a\n  vm list\nend"),
        ("for x in a\n  vm list\n", True, "for x in a\n  vm list\n"),
        ("for x in a\n  vm list", True, "for x in a\n  vm list"),
        ("vm list\nend\n", False, "vm list\nend"),
    ],
)
def test_paste_of_one_command_is_inserted_without_what_would_run_it(text, is_open, inserted):
    assert pasted(text, is_open=is_open) == inserted


def test_next_line_of_a_block_begins_under_the_text_and_a_long_line_just_wraps():
    assert (continuation(14, 1, 0), continuation(14, 1, 2)) == ("         ...> ", "")
