"""JMESPath expressions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cudo_shell.exits import UsageError
from cudo_shell.output.query import Query

VMS = [{"id": "web-1", "state": "ACTIVE", "price": {"value": "0.5"}}, {"id": "web-2", "state": "STOPPED"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[].id", ["web-1", "web-2"]),
        ("[?state=='STOPPED'].id | [0]", "web-2"),
        ("length(@)", 2),
        ("[0].{name: id, cost: price.value}", {"name": "web-1", "cost": "0.5"}),
    ],
)
def test_query_finds_what_jmespath_says(text, expected):
    assert Query(text).of(VMS) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "--query, character 1: the expression is empty.", "\n^"),
        ("a b", "--query, character 3: 'b' cannot stand here.", "a b\n  ^"),
        ("[].{a:", "--query, character 7: the expression ends too early.", "[].{a:\n      ^"),
        ("@.", "--query, character 3: the expression ends too early.", "@.\n  ^"),
        ("[?a == `x]", "--query, character 8: unclosed ` delimiter.", "[?a == `x]\n       ^"),
        ("'日本' b", "--query, character 6: 'b' cannot stand here.", "'日本' b\n       ^"),
        ("a\x1b[31m.b", "--query, character 2: unknown token .", "a.b\n ^"),
        (
            "[].lenght(@)",
            "--query, character 4: there is no function 'lenght' (did you mean: length?).",
            "[].lenght(@)\n   ^",
        ),
    ],
)
def test_wrong_expression_is_refused_with_a_caret_under_the_place(text, message, hint):
    with pytest.raises(UsageError) as caught:
        Query(text)

    assert (str(caught.value), caught.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "id | length([0].price.nothing)",
            "--query, character 6: length() takes string or array or object, not null.",
            "id | length([0].price.nothing)\n     ^",
        ),
        (
            "[length(`1`), length(@)]",
            "--query: length() takes string or array or object, not number.",
            "[length(`1`), length(@)]",
        ),
    ],
)
def test_function_that_is_given_the_wrong_thing_is_named_and_shown_where_it_stands_once(text, message, hint):
    with pytest.raises(UsageError) as caught:
        Query(text).of(VMS)

    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_expression_that_is_nested_too_deep_is_refused():
    with pytest.raises(UsageError, match="nested too deep"):
        Query("[" * 20_000 + "a" + "]" * 20_000)


def test_names_that_nothing_has_are_told_with_near_ones():
    assert Query("[].{name: idd, s: state} | [].name").unknown_names(VMS) == {"idd": "id"}
    assert Query("[?price.value=='1'].id").unknown_names(VMS) == {}


@given(st.text(alphabet="ab[]{}()?*|&@.,:'`\"\\!<>=-0 \n\x1b", max_size=25))
def test_any_expression_is_run_or_refused_in_three_lines(text):
    said = ""
    try:
        Query(text).of(VMS)
    except UsageError as error:
        said = f"{error}\n{error.hint}"

    assert said.count("\n") <= 2
