"""Tab inside ${...}: names of variables and fields, never a value."""

import pytest

from cudo_shell.expressions import begun_name, offered_names

VARIABLES = {
    "vm": {"id": "web-1", "nics": [{"name": "eth0"}], "a b": 1, "size": {"vcpus": 2}},
    "vms": [{"id": "web-1", "price": 1.5}],
    "name": "c4n4ry",
    "none": None,
    "up": True,
}


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("", ["vm", "vms", "name", "none", "up"]),
        ("v", ["vm", "vms"]),
        ("vm.", ["id", "nics", "size"]),
        ("vm.n", ["nics"]),
        ("vm.size.", ["vcpus"]),
        ("vm.nics[0].", ["name"]),
        ("vms[*].", ["id", "price"]),
        ("vms[].p", ["price"]),
        ("length(v", ["vm", "vms"]),
        ("up && n", ["name", "none"]),
        ("vms.", []),
        ("nosuch.", []),
        ("name.", []),
        ("vms[?v", []),
        ("vms[?id=='v", []),
        ("vms[0] | [?x].i", []),
        ("vm . ", []),
    ],
)
def test_name_at_the_end_may_become(expression, names):
    assert [each.text for each in offered_names(expression, VARIABLES)] == names


def test_hint_says_what_a_value_is_and_not_the_value():
    hints = {each.text: each.hint for each in offered_names("", VARIABLES)}

    assert hints == {
        "vm": "an object",
        "vms": "a list of 1",
        "name": "text",
        "none": "no value",
        "up": "true or false",
    }


@pytest.mark.parametrize(("expression", "begun"), [("", ""), ("vm.i", "i"), ("v", "v"), ("vms[0]", "")])
def test_only_the_last_name_is_completed(expression, begun):
    assert begun_name(expression) == begun
