"""What a pasted text holds, and what is asked about it."""

import pytest

from cudo_shell.blocks import commands_in
from cudo_shell.editing import question_about


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("vm list", ["vm list"]),
        ("vm list\n", ["vm list"]),
        ("\n\n  \n", []),
        ("vm list\n\n# all disks\ndisk list\n", ["vm list", "disk list"]),
        ("vm create x \\\n   --vcpus 2\nvm list", ["vm create x --vcpus 2", "vm list"]),
        ("vm get a\\\\\nvm list", ["vm get a\\\\", "vm list"]),
        ("  vm list\nx ", ["  vm list", "x "]),
    ],
)
def test_commands_are_the_lines_that_hold_one(text, commands):
    assert commands_in(text) == commands


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
