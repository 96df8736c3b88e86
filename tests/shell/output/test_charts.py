"""Charts, as text."""

import io
import math
from dataclasses import replace

import pytest

from cudo_shell.output.charts import Bar, Canvas, bars, canvas_of, over_time
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import BYTES, EPOCH, PERCENT

AT = FieldSpec("timestamp", EPOCH)
MEASURED = (FieldSpec("cpu", PERCENT), FieldSpec("net_rx", BYTES))
SAMPLES = [
    {
        "timestamp": 1_770_000_000 + 60 * minute,
        "cpu": 40 + 30 * math.sin(minute / 5),
        "net_rx": 2**20 + minute,
    }
    for minute in range(60)
]


def test_samples_are_drawn_beside_each_other_with_the_latest_and_the_highest():
    lines = over_time(SAMPLES, AT, MEASURED, Canvas(80, has_color=False)).splitlines()

    assert "cpu  19.2 %, at most 70.0 %" in lines[0]
    assert "net_rx  1.0 MiB, at most 1.0 MiB" in lines[0]
    assert lines[2].startswith("100.0 %┤")
    assert lines[-1].split() == ["02:40", "03:39", "02:40", "03:39"]
    assert len(lines) == 7
    assert max(map(len, lines)) <= 80


def test_narrow_terminal_has_one_chart_under_the_other():
    lines = over_time(SAMPLES, AT, MEASURED, Canvas(50, has_color=False)).splitlines()

    assert len(lines) == 14
    assert max(map(len, lines)) <= 50


@pytest.mark.parametrize("samples", [SAMPLES[:1], [{"timestamp": 12}], [{"timestamp": None, "cpu": 1}]])
def test_few_samples_or_none_are_drawn_too(samples):
    text = over_time(samples, AT, MEASURED, Canvas(80, has_color=False))

    assert "net_rx: no samples" in text or samples == SAMPLES[:1]


def test_bars_have_their_values_and_the_same_label_may_stand_twice():
    what = [Bar("VM, a\x1b[31m", 10.0, "$10.00"), Bar("disk", 2.5, "$2.50"), Bar("disk", 2.5, "$2.50")]

    assert bars(what, Canvas(40, has_color=False)) == (
        "VM, a  $10.00 ██████████████████████████\ndisk    $2.50 ███████\ndisk    $2.50 ███████\n"
    )


def test_long_label_leaves_room_for_the_bar():
    text = bars([Bar("x" * 100, 1, "$1.00")], Canvas(60, has_color=False))

    assert text.startswith("x" * 32 + "…  $1.00 ███")
    assert len(text.rstrip("\n")) <= 60


def test_color_is_there_only_where_it_may_be():
    bar = [Bar("a", 1, "1")]

    assert "\x1b[38;5;6m" in bars(bar, Canvas(60, has_color=True))
    assert "\x1b" not in bars(bar, Canvas(60, has_color=False))


def test_bars_of_nothing_are_no_error():
    assert bars([Bar("a", 0.0, "$0.00")], Canvas(60, has_color=False)).startswith("a  $0.00")


def test_canvas_needs_a_terminal_that_is_wide_enough_and_can_show_the_signs(terminal, pipe):
    assert canvas_of(terminal) == Canvas(80, has_color=False)
    assert canvas_of(replace(terminal, width=39)) is None
    assert canvas_of(pipe) is None
    assert canvas_of(replace(terminal, out=io.TextIOWrapper(io.BytesIO(), encoding="ascii"))) is None
