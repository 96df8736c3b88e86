"""What a Unix shell would take, and what is told about it."""

import pytest

from cudo_shell.habits import habit_in

ONE = "Write one command a line"


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("for v in 1 2; echo ${v}; end", "';' has no meaning here.", f"{ONE}."),
        ("vm list;disk list", "';' has no meaning here.", f"{ONE}."),
        (
            "vm start a && vm list",
            "'&&' has no meaning here.",
            f"{ONE}: in a script or a paste, what follows runs only if it succeeds.",
        ),
        (
            "a || b",
            "'||' has no meaning here.",
            f"{ONE}; in a script or a paste, 'try' before one lets the next run all the same.",
        ),
        ("vm start a &", "'&' has no meaning here.", f"{ONE}; none runs in the background."),
        ("vm list --filter price<1", "'<' has no meaning here.", "Quote it: --filter 'price<1'"),
        ("vm list --filter=price<1", "'<' has no meaning here.", "Quote it: --filter='price<1'"),
        ("vm create x --name a;b", "';' has no meaning here.", "Quote it: --name 'a;b'"),
        ("vm get a&b", "'&' has no meaning here.", "Quote it: 'a&b'"),
        ("vm create < file", "'<' has no meaning here.", "Quote it: '<'"),
    ],
)
def test_operator_outside_of_quotes_is_told_with_what_to_write(line, message, hint):
    habit = habit_in(line)

    assert habit is not None
    assert (str(habit.error), habit.error.hint, habit.meant) == (message, hint, "")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "vm list --filter 'price<1'",
        'echo "a; b && c"',
        "echo ${a < b && c}",
        "echo a\\;b",
        "vm list # one; two",
        "vm list | grep x; echo done && true",
        "vm list -q | sort | head -1 > ids",
        "vm get cudo",
        "echo cudo",
        "echo 'a\nb; c'",
    ],
)
def test_operator_in_quotes_or_for_another_shell_is_none(line):
    assert habit_in(line) is None


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("cudo vm  get 'a b' | cat", "vm  get 'a b' | cat"),
        ("try cudo vm list", "try vm list"),
        ("cudo ./a.cudo x=1", "source ./a.cudo x=1"),
        ("cudo", ""),
        ("cudo --sandbox vm list", ""),
    ],
)
def test_line_without_the_name_of_the_program_is_meant(line, meant):
    habit = habit_in(line)

    assert habit is not None
    assert (habit.meant, habit.error.hint) == (meant, "" if meant else "See: help")
