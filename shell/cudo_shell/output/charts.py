"""Charts for a person at a terminal, drawn by plotext in its width; the numbers stand beside the lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cudo_shell.output.clean import clean
from cudo_shell.output.console import cell_width
from cudo_shell.output.fields import Fields, FieldSpec
from cudo_shell.output.values import PERCENT
from cudo_shell.streams import Streams

LEAST_WIDTH = 40  # columns; a table says more than a chart that is narrower
_PANEL = 36  # columns of a chart beside another one
_ROWS = 7  # of a chart over time, with title and axis
_COLOR = "cyan"


@dataclass(frozen=True, slots=True)
class Canvas:
    """What there is to draw on: columns, and whether there is colour."""

    width: int
    has_color: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it is, its length, and its length in words."""

    label: str
    value: float
    text: str


def canvas_of(streams: Streams) -> Canvas | None:
    """Return what can be drawn on; None for a pipe, a narrow terminal, one that cannot show the signs."""
    encoding = getattr(streams.out, "encoding", None) or "utf-8"
    width = streams.width or 0
    if not streams.out_is_terminal or width < LEAST_WIDTH or not encoding.lower().startswith("utf"):
        return None
    return Canvas(width, streams.out_has_color)


def over_time(items: Sequence[Any], at: FieldSpec, fields: Fields, canvas: Canvas) -> str:
    """Draw each field of samples over the field `at`, two charts beside each other where they fit."""
    columns = 2 if canvas.width >= 2 * _PANEL else 1
    panel = Canvas(canvas.width // columns, canvas.has_color)
    charts = [_over_time(_points(items, at, field), field, panel) for field in fields]
    bands = [charts[start : start + columns] for start in range(0, len(charts), columns)]
    return "".join(f"{''.join(parts).rstrip()}\n" for band in bands for parts in zip(*band, strict=True))


def bars(what: Sequence[Bar], canvas: Canvas) -> str:
    """Draw bars from the top down, each with its label and value before it."""
    import plotext

    _begin(plotext, canvas.width, len(what))
    plotext.frame(False)
    plotext.xticks([])
    # plotext draws the first bar at the bottom, and takes bars of the same label for one.
    places = list(range(len(what), 0, -1))
    plotext.bar(places, [bar.value for bar in what], orientation="h", width=0.1, color=_COLOR)
    plotext.yticks(places, _labels(what, canvas.width * 2 // 3))
    return "".join(f"{line.rstrip()}\n" for line in _drawn(plotext, canvas))


def _points(items: Sequence[Any], at: FieldSpec, field: FieldSpec) -> list[tuple[float, float]]:
    pairs = ((at.value(item), field.value(item)) for item in items)
    known = ((time, value) for time, value in pairs if time is not None and value is not None)
    return sorted((_seconds(time), float(value)) for time, value in known)


def _seconds(time: Any) -> float:
    return time.timestamp() if isinstance(time, datetime) else float(time)


def _over_time(points: Sequence[tuple[float, float]], field: FieldSpec, canvas: Canvas) -> list[str]:
    """Draw one line; the title has what it is now and was at most."""
    import plotext

    _begin(plotext, canvas.width, _ROWS)
    times, values = [time for time, _ in points], [value for _, value in points]
    plotext.title(_title(field, values))
    if points:
        top = max(100.0 if field.kind is PERCENT else 0.0, *values) or 1.0
        plotext.plot(times, values, marker="braille", color=_COLOR)
        plotext.ylim(0, top)
        plotext.yticks([0, top], ["0", field.kind.people(top, None)])
        plotext.xticks(times[:: max(1, len(times) - 1)], [_clock(times[0]), _clock(times[-1])][: len(times)])
    return _drawn(plotext, canvas)


def _title(field: FieldSpec, values: Sequence[float]) -> str:
    if not values:
        return f"{field.name}: no samples"
    latest, most = (field.kind.people(value, None) for value in (values[-1], max(values)))
    return f"{field.name}  {latest}, at most {most}"


def _clock(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%H:%M}"


def _labels(what: Sequence[Bar], most: int) -> list[str]:
    """Return labels that fit, with the values below each other."""
    texts = max(cell_width(bar.text) for bar in what)
    names = [_cut(clean(bar.label), most - texts - 2) for bar in what]
    widest = max(map(cell_width, names))
    return [
        f"{name}{' ' * (widest - cell_width(name))}  {bar.text:>{texts}} "
        for name, bar in zip(names, what, strict=True)
    ]


def _cut(text: str, most: int) -> str:
    from rich.cells import set_cell_size

    return text if cell_width(text) <= most else set_cell_size(text, most - 1) + "…"


def _begin(plotext: Any, width: int, height: int) -> None:
    plotext.clear_figure()
    plotext.limit_size(False, False)  # the terminal is measured by us
    plotext.plot_size(width, height)
    plotext.theme("clear")


def _drawn(plotext: Any, canvas: Canvas) -> list[str]:
    text: str = plotext.build()
    plain: str = text if canvas.has_color else plotext.uncolorize(text)
    return plain.splitlines()
