"""Where a command begins and ends: modifiers before it, lines that belong together."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cudo_shell.blocks import commands_in, commands_of, goes_on, logical_line, modifiers
from cudo_shell.scripts.lines import Line, read_lines

BLOCK = "for x in a b\n  # each\n\n  if ${x}\n    echo ${x}\n  end\nend"


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("vm list", ["vm list"]),
        ("vm list\n", ["vm list"]),
        ("\n\n  \n", []),
        ("vm list\n\n# all disks\ndisk list\n", ["vm list", "disk list"]),
        ("vm create x \\\n   --vcpus 2\nvm list", ["vm create x    --vcpus 2", "vm list"]),
        ("vm create x \\\n--vcpus 2 \\", ["vm create x --vcpus 2 \\"]),
        ("echo a\\\n b", ["echo a b"]),
        ("echo a # b \\\necho c", ["echo a # b \\", "echo c"]),
        ("echo a\\\\\\\nb", ["echo a\\\\b"]),
        ("vm get a\\\\\nvm list", ["vm get a\\\\", "vm list"]),
        ("  vm list\nx ", ["  vm list", "x "]),
        (BLOCK, [BLOCK]),
        (f"vm list\n{BLOCK}\n\nend\nvm list", ["vm list", BLOCK, "end", "vm list"]),
        ("vm list\ntimeout 5m\n vm list\n", ["vm list", "timeout 5m\n vm list"]),
        ("echo end\nfor x in a\n 'end'\nend", ["echo end", "for x in a\n 'end'\nend"]),
    ],
)
def test_commands_are_lines_and_blocks(text, commands):
    assert commands_in(text) == commands


def test_long_block_is_read_once():
    text = "for x in a\n" + "echo ${x}\n" * 10_000 + "end"
    started = time.process_time()

    assert commands_in(text) == [text]
    assert time.process_time() - started < 3  # 0.3 measured; a second look at each line takes minutes


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("vm list", False),
        ("for x in a", True),
        ("if ${x}\n  else", True),
        (BLOCK, False),
        (f"for y in a\n{BLOCK}", True),
        ("vm create x \\", True),
        ("vm get x\\\\", False),
        ("# no \\", False),
        ("vm list # no \\", False),
        ("vm get 'a # b \\", True),
        ("vm get x\\\\\\", True),
        ("'for' x in a", False),
        ("for x in a | b", False),
        ("", False),
    ],
)
def test_more_lines_are_wanted_until_all_blocks_have_an_end(text, is_open):
    assert goes_on(text) is is_open


@pytest.mark.parametrize(
    ("number", "same"), [(0, [0]), (1, [1, 2, 3]), (2, [1, 2, 3]), (3, [1, 2, 3]), (4, [4])]
)
def test_lines_that_go_on_are_one(number, same):
    lines = ["vm list # no \\", "vm create x \\", "--vcpus 2 \\", "--memory 4", "vm list"]

    assert [*logical_line(lines, number)] == same


@pytest.mark.parametrize(
    ("line", "before"),
    [
        ("vm list", 0),
        ("try vm list", 1),
        ("try", 0),
        ("! vm list", 1),
        ("defer retry 3 every 5s vm list", 5),
        ("let x = vm list", 3),
        ("let x =", 0),
        ("let x vm list", 0),
        ("retry 3 vm list", 0),
        ("echo try vm", 0),
    ],
)
def test_command_stands_behind_its_modifiers(line, before):
    assert modifiers(line.split()) == before


def test_commands_of_a_text_are_those_inside_of_its_statements():
    text = "for x in a\n  try vm 'get' ${x} > f\n  echo vm list\n  # vm list\nend\nlet x = dc list | cat"

    assert [[piece.word for piece in words] for words in commands_of(text)] == [
        ["vm", "get", "${x}"],
        ["dc", "list"],
    ]


@given(some.text("for xif${}end\n#\\ '", max_size=60))
def test_prompt_and_scripts_have_the_same_lines(text):
    def words_of(text):
        return [line.words for line in read_lines(text) if isinstance(line, Line)]

    assert words_of("\n".join(commands_in(text))) == words_of(text)


@given(some.text("for xif${}end\n#\\ '", max_size=60))
def test_every_line_with_a_command_is_in_exactly_one_command(text):
    kept = [line for command in commands_in(text) for line in command.split("\n")]
    plain = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]

    if "\\" not in text:
        assert [line for line in kept if line in plain] == plain
