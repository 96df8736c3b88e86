"""The parameters of a script: their types, what is given, what is looked up, the help."""

from __future__ import annotations

import pytest

from cudo_shell.commands.kinds import LABELS
from cudo_shell.exits import ExitCode, NotFoundError, UsageError
from cudo_shell.scripts import syntax
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.parameters import (
    check_given,
    check_type,
    choices_of,
    given_from,
    help_text,
    kinds_of,
    look_up,
    values,
)


def params(*declarations: str) -> list[syntax.Param]:
    tree = syntax.read("".join(f"param {each}\n" for each in declarations))
    assert tree.errors == ()
    return tree.params


def refused(*declarations: str, **given: str) -> tuple[str, str]:
    """The message and the hint about what was given."""
    with pytest.raises(UsageError) as caught:
        values(params(*declarations), given)
    return str(caught.value), caught.value.hint


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "", ""),
        ("text", "-5 @x ${y}", "-5 @x ${y}"),
        ("int", "-12", -12),
        ("int", "007", 7),
        ("number", "3", 3),
        ("number", "-1.5e2", -150.0),
        ("number", ".5", 0.5),
        ("bool", "true", True),
        ("bool", "YES", True),
        ("bool", "on", True),
        ("bool", "1", True),
        ("bool", "false", False),
        ("bool", "no", False),
        ("bool", "Off", False),
        ("bool", "0", False),
        ("duration", "90", "90"),
        ("duration", "1.5h", "1.5h"),
        ("choice(a, b c)", "b c", "b c"),
        ("vm", "web-1", "web-1"),
        ("data-center", "x", "x"),
        ("dc", "x", "x"),
    ],
)
def test_value_has_the_type_of_its_parameter(kind, text, value):
    found = values(params(f"x: {kind}"), {"x": text})["x"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        ("int", "1.5", "no whole number"),
        ("int", "", "no whole number"),
        ("int", "1_0", "no whole number"),
        ("int", "\u0661", "no whole number"),
        ("int", "9" * 5000, "no whole number"),
        ("number", "nan", "no number"),
        ("number", "1e999", "too large a number"),
        ("number", "0x1", "no number"),
        ("bool", "maybe", "neither true nor false"),
        ("duration", "soon", "no time such as 90s, 10m, 8h or 2d"),
        ("duration", "9" * 400, "too long a time"),
        ("choice(a, b)", "A", "none of: a, b"),
        ("vm", "", "no id"),
    ],
)
def test_value_of_another_type_is_refused(kind, text, problem):
    message, _ = refused(f"x: {kind}", x=text)

    assert message == f"x: '{text}' is {problem}."


def test_default_stands_where_nothing_is_given_and_has_the_type_too():
    declared = params("n: int = 4", "on: bool = no", "who = you", "vm: vm = ''")

    assert values(declared, {}) == {"n": 4, "on": False, "who": "you", "vm": ""}
    assert values(declared, {"n": "5", "who": ""}) == {"n": 5, "on": False, "who": "", "vm": ""}


def test_default_of_another_type_is_no_value_either():
    assert refused("n: int = many") == ("n: 'many' is no whole number.", "Parameters: n=<int>")


def test_all_that_is_wrong_is_named_at_once():
    assert refused(
        "region", "gpus: int", "kind: choice(a, b)", "n: int = 1", regoin="x", kind="c", n="q"
    ) == (
        (
            "There is no parameter 'regoin' (did you mean region?). kind: 'c' is none of: a, b. "
            "n: 'q' is no whole number. region is required. gpus is required."
        ),
        "Parameters: region=<text>, gpus=<int>, kind=a|b, n=<int>",
    )


def test_script_without_parameters_takes_none():
    assert refused(region="x") == ("There is no parameter 'region'.", "The script takes none.")


def test_what_is_given_can_be_checked_without_the_rest():
    check_given(params("region", "n: int"), {"n": "1"})
    check_given(params("x: itn", "n: int = many"), {"x": "1"})  # which is told of the script
    with pytest.raises(UsageError, match=r"^n: 'x' is no whole number\.$"):
        check_given(params("region", "n: int"), {"n": "x"})


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("itn", "Did you mean: int"),
        ("vmm", "Did you mean: vm"),
        ("qqqqqq", "Types: text, int, number, bool, duration, choice(a, b), vm, "),
        ("choice()", "Did you mean: choice(a, b)"),
        ("whoami", "Types: text, int"),
    ],
)
def test_type_that_is_none_names_the_near_ones(kind, hint):
    [param] = params(f"x: {kind}")
    with pytest.raises(UsageError, match="There is no type") as caught:
        check_type(param)

    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("n: int = many", "The default of n: 'many' is no whole number."),
        ("k: choice(a, b) = c", "The default of k: 'c' is none of: a, b."),
        ("t: duration = soon", "The default of t: 'soon' is no time such as 90s, 10m, 8h or 2d."),
    ],
)
def test_default_of_another_type_is_an_error(declaration, message):
    [param] = params(declaration)
    with pytest.raises(UsageError) as caught:
        check_type(param)

    assert str(caught.value) == message


def test_each_noun_with_a_listing_is_a_type():
    for noun in {noun for _, noun in LABELS.values()}:
        [param] = params(f"x: {noun}")
        check_type(param)
        assert kinds_of(noun)


def test_kinds_and_choices_are_those_that_completion_may_offer():
    assert kinds_of("dc") == ["data_centers"]
    assert kinds_of("image") == ["public_images", "private_images"]
    assert kinds_of("security-group") == ["security_groups"]
    assert kinds_of("text") == []
    assert choices_of("choice(a, b c,)") == ["a", "b c"]
    assert choices_of("bool") == ["true", "false"]
    assert choices_of("vm") == []


def test_given_words_are_names_and_values():
    assert given_from(["a=1", "b=", "c=x=y"]) == {"a": "1", "b": "", "c": "x=y"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["region"], "'region' is not name=value."),
        (["a b=1"], "'a b' cannot be a variable."),
        (["a=1", "a=1"], "The parameter 'a' is given twice."),
    ],
)
def test_given_word_that_is_no_parameter_is_refused(words, message):
    with pytest.raises(UsageError) as caught:
        given_from(words)

    assert str(caught.value) == message


# Things that are looked up


def looked_up(work, declaration: str, text: str) -> None:
    declared = params(declaration)
    look_up(declared, values(declared, {declared[0].name: text}), work)


@pytest.mark.parametrize(
    ("declaration", "text"),
    [
        ("where: data-center", "gb-bournemouth-1"),
        ("what: machine-type", "epyc-rome-rtx-a5000"),
        ("in: project", "demo"),
        ("name", "no-such-thing"),
        ("kind: choice(a)", "a"),
        ("box: vm", "in-another-project"),  # commands may name one with -p
        ("from: image", "private-of-another-project"),
        ("where: data-center = ''", ""),
    ],
)
def test_thing_that_is_listed_or_may_be_elsewhere_is_taken(declaration, text, workspace):
    if text:
        looked_up(workspace, declaration, text)
    else:
        look_up(params(declaration), {"where": ""}, workspace)


def test_things_that_are_in_no_listing_are_named_with_the_near_ones(workspace):
    declared = params("where: data-center", "in: project", "n: int = 1")
    with pytest.raises(NotFoundError) as caught:
        look_up(declared, {"where": "gb-bournemouth-9", "in": "qqqqqqqq", "n": 1}, workspace)

    assert caught.value.code is ExitCode.NOT_FOUND
    assert str(caught.value) == (
        "where: Data center 'gb-bournemouth-9' not found. in: Project 'qqqqqqqq' not found."
    )
    first, second = caught.value.hint.splitlines()
    assert first.startswith("Near it: gb-bournemouth-1")
    assert second == "See what there is: project list"


def test_listing_that_cannot_be_had_is_no_error(workspace, sandbox):
    sandbox.add_fault(kind="status", match="GET */projects*", status=403, times=0)

    looked_up(workspace, "in: project", "nowhere")


def test_thing_that_may_be_in_a_listing_that_cannot_be_had_is_taken(workspace, sandbox):
    with pytest.raises(NotFoundError):
        looked_up(workspace, "what: machine-type", "nothing")
    sandbox.add_fault(kind="status", match="GET */clusters/machine-types*", status=403, times=0)

    looked_up(workspace, "what: machine-type", "nothing")


# Help

HELPFUL = """\
#!/usr/bin/env cudo
# Rent a GPU box for some hours.
#
#   cudo gpu_box.cudo region=gb-bournemouth-1

# Not the help.
param region: data-center "where to run"
param gpus: int = 1 "how many"
param kind: choice(spot, plain) = plain
param note = '' "what it is for"
vm list
"""


def test_help_has_the_first_comment_and_each_parameter():
    text = help_text(Script("gpu_box.cudo", HELPFUL), syntax.read(HELPFUL).params)

    head, _, options = text.partition("scripts:\n")
    assert head == (
        "usage: cudo [options] gpu_box.cudo [options] [name=value ...]\n"
        "\n"
        "Rent a GPU box for some hours.\n"
        "\n"
        "  cudo gpu_box.cudo region=gb-bournemouth-1\n"
        "\n"
        "parameters:\n"
        "  region=<data-center>  where to run (required)\n"
        "  gpus=<int>            how many (default: 1)\n"
        "  kind=spot|plain       (default: plain)\n"
        "  note=<text>           what it is for (default: none)\n"
        "\n"
    )
    for option in ("--check", "--dry-run", "--trace", "--keep-going", "--report FILE", "-y, --yes"):
        assert f"  {option} " in options


def test_help_of_a_script_that_says_nothing_is_its_usage_and_the_options():
    text = help_text(Script("x.cudo", "vm list\n"), [])

    assert text.startswith("usage: cudo [options] x.cudo [options]\n\nscripts:\n")


def test_help_cannot_steer_the_terminal():
    assert "\x1b" not in help_text(Script("x.cudo", "# \x1b[2Jgone\n"), [])
