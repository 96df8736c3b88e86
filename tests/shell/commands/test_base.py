"""What completion offers for the values of real commands that are known in advance."""

import pytest

from cudo_completions.position import wanted
from cudo_shell.dispatch import parser_for


def offered(line: str) -> tuple[list[str], str]:
    """The values for the last word of a line, and what stays before them."""
    noun, *words = line.split(" ")
    found = wanted(parser_for(noun), words)
    return [each.text for each in found.choices], found.lead


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (
            "vm commit web-1 --term ",
            ["1-month", "3-months", "6-months", "12-months", "24-months", "36-months", "60-months"],
        ),
        ("vm set-keys web-1 --ssh-key-source ", ["project", "user", "none"]),
        ("cluster create x --network-type ", ["ethernet", "infiniband"]),
        (
            "disk wait data-2 --state ",
            [
                "ATTACHED",
                "CLONING",
                "CREATING",
                "DELETING",
                "DISABLED",
                "FAILED",
                "READY",
                "UPDATING",
                "DELETED",
            ],
        ),
        ("vm count --columns ", ["count"]),
        ("api-key list --sort ", ["id", "created"]),
    ],
)
def test_values_that_are_known_are_offered(line, values):
    assert offered(line) == (values, "")


def test_each_column_of_several_is_completed_once():
    assert offered("api-key list --columns id,cr") == (["created"], "id,")
    assert offered("api-key list --columns=created,") == (["id"], "--columns=created,")


@pytest.mark.parametrize(
    "line",
    ["network list --filter state=", "network stop --filter=state=", "network delete n --filter state!=AC"],
)
def test_states_are_offered_behind_a_filter_of_listing_and_verbs(line):
    values, lead = offered(line)
    assert {"ACTIVE", "STOPPED"} <= set(values)
    assert line.split(" ")[-1].startswith(lead)
    assert lead.endswith(("state=", "state!="))


def test_column_to_sort_downwards_by_is_completed():
    assert offered("api-key list --sort=-cr") == (["id", "created"], "--sort=-")
