"""The words of the prompt and of the line under it."""

import pytest

from cudo_completions.candidates import Candidate
from cudo_completions.offers import Offer
from cudo_shell.completer import in_columns
from cudo_shell.prompt import notice_for, prompt_for

WEB = (Candidate("web-1"),)


def test_prompt_says_where_the_next_command_goes():
    assert prompt_for("sandbox", "demo") == "\x1b[36msandbox\x1b[0m/\x1b[1;32mdemo\x1b[0m> "


def test_protected_context_is_red_and_marked_for_those_who_see_no_colors():
    assert prompt_for("prod", "web", is_protected=True) == ("\x1b[1;31mprod!\x1b[0m/\x1b[1;32mweb\x1b[0m> ")


def test_prompt_without_a_project_says_so():
    assert "(no project)" in prompt_for("live", "")


def test_prompt_shows_no_escape_of_others():
    assert prompt_for("live", "de\x1b[31mmo\u202e") == "\x1b[36mlive\x1b[0m/\x1b[1;32mdemo\x1b[0m> "


@pytest.mark.parametrize(
    ("offer", "notice"),
    [
        (Offer(WEB, source="vms", age=2), ""),
        (Offer(WEB, source="vms", age=12), "vms as of 12 s ago"),
        (Offer(WEB, source="vms", age=200, reason="no network"), "no network; vms as of 3 min ago"),
        (Offer(WEB, source="vms", age=1, more=99_800), "99,800 more, keep typing"),
        (Offer(WEB, source="vms", age=1, withheld=2), "2 left out: not safe to type"),
        (Offer(source="machine_types", loading=True), "loading machine types…"),
        (Offer(source="vms", reason="not logged in"), "no vms: not logged in"),
        (Offer(source="vms", age=1), "no vms here match"),
        (Offer(about="--limit: rows at most"), "--limit: rows at most"),
        (Offer(WEB), ""),
        (Offer(about="a\x1b[31mb"), "ab"),
    ],
)
def test_notice_says_what_the_menu_does_not(offer, notice):
    assert notice_for(offer) == notice


@pytest.mark.parametrize(
    ("hints", "shown"),
    [
        (
            ["ACTIVE\t\t0.02/h", "STOPPED\t1 x A40\t0.6/h"],
            ["ACTIVE            0.02/h", "STOPPED  1 x A40  0.6/h"],
        ),
        (["ACTIVE\t\t0.02/h", "STOPPED\t\t0.6/h"], ["ACTIVE   0.02/h", "STOPPED  0.6/h"]),
        (["one", "", "two\tmore"], ["one", "", "two  more"]),
        (["a\x1b[31mb\tc"], ["ab  c"]),
        ([], []),
    ],
)
def test_hints_stand_in_columns(hints, shown):
    assert in_columns(hints) == shown
