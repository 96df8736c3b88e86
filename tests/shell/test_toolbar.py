"""The line under the prompt, as much of it as fits."""

from dataclasses import replace
from decimal import Decimal

import pytest
from rich.cells import cell_len

from cudo_shell.meter import Spending
from cudo_shell.toolbar import ALARM, KEYS, Situation, toolbar

SPENDING = Spending(vms=3, running=2, price_hr=Decimal("0.0573"), credit_hours=31.6)
FULL = Situation(
    "prod",
    "web",
    who="ada@example.org",
    login_left=250,
    is_renewed=True,
    requests=1,
    changes=2,
    spending=SPENDING,
    listings_age=75,
)


def text_of(situation: Situation, width: int) -> str:
    """The line without its margins."""
    return "".join(text for _, text in toolbar(situation, width)).strip()


def alarming(situation: Situation, width: int = 200) -> list[str]:
    """What stands in the line in red."""
    return [text.strip() for style, text in toolbar(situation, width) if style == ALARM]


def test_wide_line_tells_everything():
    assert text_of(FULL, 240) == (
        "prod/web   ada@example.org   login ends in 4 min   3 VMs (2 running), $0.0573/h   "
        f"credit lasts 31 h   2 changes under way   1 request   listings 1 min old   {KEYS}"
    )


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (
            120,
            (
                "prod/web   ada@example.org   login ends in 4 min   3 VMs (2 running), $0.0573/h   "
                "credit 31 h   2 changes under way"
            ),
        ),
        (80, "prod/web   3 VMs (2 running), $0.0573/h   2 changes under way"),
        (40, "3 VMs (2 running), $0.0573/h"),
        (20, "$0.0573/h"),
        (10, ""),
        (0, ""),
    ],
)
def test_narrow_line_tells_what_matters_most_in_whole_words(width, shown):
    assert text_of(FULL, width) == shown


@pytest.mark.parametrize(
    ("width", "shown"),
    [(240, "prod/web   recording   ada@example.org"), (30, "recording   $0.0573/h"), (8, "rec")],
)
def test_recording_is_told_as_long_as_a_word_fits(width, shown):
    assert text_of(replace(FULL, is_recording=True), width).startswith(shown)


@pytest.mark.parametrize("width", range(0, 260, 7))
def test_line_never_outgrows_the_window(width):
    assert cell_len("".join(text for _, text in toolbar(FULL, width)).rstrip()) <= width


def test_line_of_wide_characters_is_measured_in_columns():
    situation = Situation("prod", "計算計算計算")
    assert text_of(situation, 18) == "", "its 13 characters take 17 columns, and its margins 3"
    assert text_of(situation, 20) == "prod/計算計算計算"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (120, f"prod/web PROTECTED   {KEYS}"),
        (20, "prod/web PROTECTED"),
        (19, "prod PROTECTED"),
        (12, "PROTECTED"),
    ],
)
def test_protected_context_is_said_in_words_as_long_as_a_word_fits(width, shown):
    situation = Situation("prod", "web", is_protected=True)
    assert " ".join(text_of(situation, width).split()) == " ".join(shown.split())
    assert alarming(situation, width) == [shown.split("   ")[0]]


def test_protected_context_outlasts_all_else():
    situation = Situation("prod", "web", is_protected=True, spending=SPENDING, changes=1)
    assert text_of(situation, 20) == "prod/web PROTECTED"


def test_project_that_is_not_chosen_is_said():
    assert text_of(Situation("live"), 26) == "live/(no project)"


def test_text_of_others_cannot_steer_the_terminal():
    situation = Situation("p\x1b[31mrod\n", "we\u202eb", who="\x1b]0;x\x07ada")
    assert text_of(situation, 40) == "prod /web   ada"


@pytest.mark.parametrize(
    ("spending", "shown"),
    [
        (Spending(0, 0, Decimal(0)), "no VMs"),
        (Spending(1, 1, Decimal("1.5")), "1 VM running, $1.50/h"),
        (Spending(1200, 1200, Decimal(1480)), "1,200 VMs running, $1,480.00/h"),
        (Spending(2, 0, Decimal("0.04")), "2 VMs (0 running), $0.04/h"),
        (Spending(2, 2, Decimal("0.04"), is_partial=True), "2 VMs running, ~$0.04/h"),
        (Spending(2, 2, Decimal(0), is_partial=True), "2 VMs running, price unknown"),
    ],
)
def test_spending_is_the_price_of_all_vms(spending, shown):
    assert text_of(Situation("a", "b", spending=spending), 50) == f"a/b   {shown}"


@pytest.mark.parametrize(("age", "shown"), [(119, "no VMs"), (120, "no VMs 2 min ago")])
def test_old_spending_says_its_age(age, shown):
    assert text_of(Situation("a", "b", spending=Spending(0, 0, Decimal(0)), spending_age=age), 40) == (
        f"a/b   {shown}"
    )


@pytest.mark.parametrize(
    ("hours", "shown", "is_alarm"),
    [
        (240.0, "credit lasts 10 d", False),
        (24.0, "credit lasts 24 h", False),
        (23.9, "credit lasts 23 h", True),
        (0.5, "credit lasts 30 min", True),
        (0.0, "credit lasts 0 s", True),
    ],
)
def test_credit_is_red_under_a_day(hours, shown, is_alarm):
    situation = Situation("a", "b", spending=Spending(0, 0, Decimal(0), credit_hours=hours))
    assert shown in text_of(situation, 200)
    assert alarming(situation) == [shown] * is_alarm


def test_low_credit_outlasts_the_price():
    situation = Situation("a", "b", spending=Spending(3, 3, Decimal(1), credit_hours=3))
    assert text_of(situation, 20) == "credit lasts 3 h"


@pytest.mark.parametrize(
    ("left", "is_renewed", "shown", "is_alarm"),
    [
        (601, False, "", False),
        (599, False, "login ends in 9 min", True),
        (599, True, "login ends in 9 min", False),
        (-1, False, "login over", True),
        (-1, True, "login over", False),
    ],
)
def test_login_is_told_when_it_ends_soon_and_red_when_nothing_renews_it(left, is_renewed, shown, is_alarm):
    situation = Situation("a", "b", login_left=left, is_renewed=is_renewed)
    assert text_of(situation, 40) == f"a/b   {shown}".strip()
    assert alarming(situation) == [shown] * is_alarm


@pytest.mark.parametrize(("age", "shown"), [(9.9, ""), (10, "   listings 10 s old")])
def test_listings_that_are_fresh_are_not_worth_a_word(age, shown):
    assert text_of(Situation("a", "b", listings_age=age), 40) == f"a/b{shown}"
