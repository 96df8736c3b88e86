"""What ${...} makes of a word."""

from typing import Any

import pytest

from cudo_shell.exits import UsageError
from cudo_shell.scripts.lines import split
from cudo_shell.scripts.variables import check_name, evaluate, expand, shown

VALUES: dict[str, Any] = {
    "name": "web-1",
    "hostile": "x | echo INJECTED; 'y' ${name}",
    "option": "--yes",
    "vm": {"id": "web-1", "vcpus": 2, "price": {"totalPriceHr": {"value": "0.0191"}}, "ready": True},
    "vms": [{"id": "a", "state": "ACTIVE"}, {"id": "b", "state": "STOPPED"}],
}


def expanded(line: str) -> list[str]:
    return [expand(word, VALUES) for word in split(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("vm get ${name}", ["vm", "get", "web-1"]),
        ("${vm.id} ${vm.vcpus} ${vm.ready}", ["web-1", "2", "true"]),
        ("${vm.price.totalPriceHr}", ["0.0191"]),
        ("${vms[?state=='STOPPED'].id | [0]} ${length(vms)}", ["b", "2"]),
        ("x-${name}-y", ["x-web-1-y"]),
        ('"${name} and ${vm.id}"', ["web-1 and web-1"]),
        ("'${name}'", ["${name}"]),
        ("${hostile}", [VALUES["hostile"]]),
        ("--state=${option}", ["--state=--yes"]),
        ("-o json", ["-o", "json"]),
        ("'$name' \\$name", ["$name", "$name"]),
        ("$5 $ $other x=$other", ["$5", "$", "$other", "x=$other"]),
    ],
)
def test_value_is_one_argument_and_is_never_read_again(line, expected):
    assert expanded(line) == expected


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("${nme}", "There is no variable 'nme'.", "Variables: name, hostile, option, vm, vms"),
        ("${vm.nothing}", "${vm.nothing} has no value.", ""),
        ("${vms}", "${vms} is a list of 2, not a single value.", "Name a part: ${x[0].id}"),
        (
            "${vm}",
            "${vm} is an object with id, vcpus, price, ready, not a single value.",
            "Name a part: ${x[0].id}",
        ),
        (
            "${option}",
            "The value '--yes' would be taken for an option.",
            "Write it behind one: --option=${...}",
        ),
    ],
)
def test_value_that_cannot_be_an_argument_is_refused(line, message, hint):
    with pytest.raises(UsageError) as caught:
        expanded(line)
    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_expression_that_is_no_jmespath_is_named():
    with pytest.raises(UsageError, match=r"\$\{vm\.\[\} cannot be read"):
        expanded("${vm.[}")


@pytest.mark.parametrize("name", ["1x", "a-b", "", "a b", "é"])
def test_name_that_could_not_be_substituted_is_refused(name):
    with pytest.raises(UsageError, match="cannot be a variable"):
        check_name(name)


@pytest.mark.parametrize("line", ["$name", "--vm=$name", '"$name"', "a-$name-b"])
def test_variable_without_braces_is_refused_rather_than_taken_to_the_letter(line):
    with pytest.raises(UsageError, match=r"^\$name is not replaced by its value\.$") as refused:
        expanded(line)
    assert refused.value.hint == "Write ${name}, or '$name'."


@pytest.mark.parametrize(
    ("value", "text"), [(1.2157280000000001, "1.215728"), (2.0, "2"), (0.5, "0.5"), (1e21, "1e+21")]
)
def test_number_has_no_noise_of_sums(value, text):
    assert [expand(word, {"x": value}) for word in split("${x} n=${x}")] == [text, f"n={text}"]
    assert shown(value) == text


def test_variable_that_cudo_sets_itself_is_not_offered():
    with pytest.raises(UsageError) as caught:
        evaluate("gone", {"status": 0, "d": 1})
    assert caught.value.hint == "Variables: d"
