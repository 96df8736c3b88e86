"""Draw docs/shell.svg: the real shell on the embedded sandbox, in a pseudo-terminal, with its menu open."""

import re
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # the harness of the tests drives the shell

from tests.shell.terminal import Terminal  # noqa: E402  # after the path to it

TARGET = ROOT / "docs" / "shell.svg"
CREATE = (
    "vm create worker-1 --data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 --gpus 1 --vcpus 8"
    " --memory 16 --image ubuntu-2404"
)
COLUMNS, ROWS = 124, 18
WORDS = re.compile(r"\S+(?: \S+)*")  # not the wide gaps of a table, which some viewers shrink
CELL, LINE, MARGIN = 8.4, 18.0, 16.0  # pixels, for a monospaced font of 14

FONT = 'ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace'
PAPER, INK = "#16181d", "#d7dae0"
COLORS = {
    "black": "#3b4048",
    "red": "#e06c75",
    "green": "#98c379",
    "brown": "#e5c07b",
    "blue": "#61afef",
    "magenta": "#c678dd",
    "cyan": "#56b6c2",
    "white": "#d7dae0",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        shell = Terminal(
            sys.executable,
            "-m",
            "cudo_shell",
            "--sandbox",
            rows=ROWS,
            columns=COLUMNS,
            HOME=home,
            CUDO_STATE_DIR=f"{home}/state",
        )
        with shell:
            play(shell)
            TARGET.write_text(svg(shell.screen), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)} is drawn.")


def play(shell: Terminal) -> None:
    """What the picture tells: a listing, then the ids of the same VMs behind a Tab."""
    shell.wait("sandbox/demo>")
    shell.type(f"{CREATE}\r")
    shell.wait("'worker-1' created", limit=60)
    shell.type("\x0cvm list\r")
    shell.wait("sandbox/demo> vm list")
    shell.wait(lambda it: it.text.count("sandbox/demo>") > 1)
    shell.type("vm get w\t")
    shell.wait("1 x RTX A5000")
    shell.type("\t\t\t")
    shell.wait("vm get worker-1")
    shell.settle(0.2)


def svg(screen: Any) -> str:
    """The screen as a picture: text stays text, so that it can be read aloud and searched."""
    width, height = COLUMNS * CELL + 2 * MARGIN, last_row(screen) * LINE + 2 * MARGIN
    rows = "\n".join(part for row in range(last_row(screen)) for part in drawn_row(screen, row))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">
<title>The shell cudo, completing the id of a VM</title>
<style>text {{ font: 14px {FONT}; white-space: pre }}</style>
<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>
{rows}
</svg>
"""


def last_row(screen: Any) -> int:
    """How many rows are in use."""
    return max(row for row, text in enumerate(screen.display) if text.strip()) + 1


def drawn_row(screen: Any, row: int) -> Iterator[str]:
    """The stretches of one row that look alike: their background, then their text."""
    cells = [screen.buffer[row][column] for column in range(COLUMNS)]
    column = 0
    for (ink, paper, is_bold), stretch in groupby(cells, key=look):
        text = "".join(cell.data for cell in stretch)
        x, y = MARGIN + column * CELL, MARGIN + row * LINE
        if paper != PAPER:
            yield f'<rect x="{x:g}" y="{y:g}" width="{len(text) * CELL:g}" height="{LINE:g}" fill="{paper}"/>'
        bold = ' font-weight="bold"' if is_bold else ""
        for words in WORDS.finditer(text):
            at = f'x="{x + words.start() * CELL:g}" y="{y + LINE * 0.75:g}"'
            length = f'textLength="{len(words[0]) * CELL:g}" lengthAdjust="spacingAndGlyphs"'
            yield f'<text {at} fill="{ink}"{bold} {length}>{escape(words[0])}</text>'
        column += len(text)


def look(cell: Any) -> tuple[str, str, bool]:
    """Ink, paper and weight of a cell."""
    ink, paper = color(cell.fg, INK), color(cell.bg, PAPER)
    return (paper, ink, cell.bold) if cell.reverse else (ink, paper, cell.bold)


def color(name: str, default: str) -> str:
    """A colour of pyte, which is a name, or six hexadecimal digits."""
    if name == "default":
        return default
    return COLORS.get(name.removeprefix("bright"), f"#{name}")


if __name__ == "__main__":
    main()
