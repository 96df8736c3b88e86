"""Draw the pictures of docs: the real shell on the embedded sandbox, in a pseudo-terminal."""

import contextlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # the harness of the tests drives the shell

from tests.shell.terminal import Terminal  # noqa: E402  # as above

from cudo_sandbox import Sandbox  # noqa: E402  # after the path to it

DOCS = ROOT / "docs"
CREATE = (
    "vm create worker-1 --data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 --gpus 1 --vcpus 8"
    " --memory 16 --image ubuntu-2404"
)
LOOP = (
    "for vm in ${vms[?state=='STOPPED']}",
    "  try vm start ${vm.id} --wait",
    '  echo "${vm.id} runs in ${vm.datacenterId}"  # and costs money',
    "end",
)
BOX = """\
param name = box
let types = machine-type list --gpus 1
defer vm terminate ${name} --yes
let box = vm create ${name} --machine-type ${types[0].machineType} --data-center ${types[0].dataCenterId} \\
  --image ubuntu-2404 --gpus 1 --vcpus 4 --memory 8
assert ${box.gpuQuantity > `1`} "one GPU is not enough"
"""
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
    "brightblack": "#7d8590",
}


def main() -> None:
    target = Path(sys.argv[1]).resolve() if sys.argv[1:] else DOCS
    with tempfile.TemporaryDirectory() as home, contextlib.chdir(home):
        Path("box.cudo").write_text(BOX, encoding="utf-8")
        with opened(home, "--sandbox") as shell:
            shell.wait("sandbox/demo>")
            for scene in (menu, table, error, charts, script):
                drawn(scene, shell, target)
        with Sandbox() as sandbox:
            set_up_protected(home, sandbox)
            with opened(home, "--context", "prod") as shell:
                drawn(protected, shell, target)


def drawn(scene: Callable[[Terminal], None], shell: Terminal, target: Path) -> None:
    """Play a scene and write its picture."""
    scene(shell)
    shell.settle(0.3)
    file = target / f"{scene.__name__}.svg"
    file.write_text(svg(shell.screen, str(scene.__doc__).rstrip(".")), encoding="utf-8")
    print(f"{file.name} is drawn.")
    shell.type("\x03")
    shell.settle(0.3)


def environment(home: str) -> dict[str, str]:
    """Settings and a state of its own."""
    return {
        "HOME": home,
        "CUDO_STATE_DIR": f"{home}/state",
        "CUDO_CONFIG_DIR": f"{home}/config",
        "CUDO_PAGER": "cat",
    }


def opened(home: str, *options: str) -> Terminal:
    """A shell in a terminal."""
    command = (sys.executable, "-m", "cudo_shell", *options)
    return Terminal(*command, rows=ROWS, columns=COLUMNS, **environment(home))


def set_up_protected(home: str, sandbox: Sandbox) -> None:
    """Make the protected context `prod`, and log in to it."""
    create = f"context create prod --api-url {sandbox.url} --project demo --protected"
    for line in (create, "auth login --context prod --api-key -"):
        command = [sys.executable, "-m", "cudo_shell", *line.split()]
        subprocess.run(  # noqa: S603  # our own program
            command, env=environment(home), input=sandbox.api_key, text=True, check=True, capture_output=True
        )


def run(shell: Terminal, line: str) -> None:
    """Run a line on an empty screen, and wait for the next prompt."""
    shell.type("\x0c")
    shell.settle(0.3)  # it asks where the cursor is, and the answer must not come while a command runs
    shell.type(f"{line}\r")
    shell.wait(f"> {line[:60]}")
    shell.wait(lambda it: it.text.count("sandbox/demo>") > 1, limit=60)


def menu(shell: Terminal) -> None:
    """The menu behind Tab: live ids with state, GPU and price."""
    shell.type(f"{CREATE}\r")
    shell.wait("renewable energy", limit=60)  # the end of what is shown: the rest may have left the screen
    run(shell, "vm list")
    shell.type("vm get w\t")
    shell.wait("1 x RTX A5000")
    shell.type("\t")
    shell.wait("vm get worker-1")


def table(shell: Terminal) -> None:
    """A listing, filtered and sorted, and the reference to one of its rows."""
    run(shell, "machine-type list --filter 'gpu_model=RTX*' --sort gpu_price_hr --limit 6")
    shell.type("machine-type get @2")


def error(shell: Terminal) -> None:
    """An error that hands back the line, and a word that is no command in red."""
    run(shell, "vm lst --filter state=ACTIVE")
    shell.wait("vm list --filter")


def script(shell: Terminal) -> None:
    """The language at the prompt, and a script that cleans up after an error and says where it was."""
    run(shell, "let vms = vm list")
    for line in LOOP:
        shell.type(f"{line}\r")
    shell.wait(lambda it: it.text.count("sandbox/demo>") > 2, limit=60)  # noqa: PLR2004  # the next prompt
    shell.type("source box.cudo name=box-1\r")
    shell.wait(lambda it: it.text.count("sandbox/demo>") > 3, limit=60)  # noqa: PLR2004  # as above


def charts(shell: Terminal) -> None:
    """What was spent, drawn."""
    run(shell, "billing spend demo-billing")


def protected(shell: Terminal) -> None:
    """A protected context: its name is typed before anything is changed."""
    shell.wait("prod!/demo>")
    shell.type("vm terminate web-1\r")
    shell.wait("to do it:")


def svg(screen: Any, title: str) -> str:
    """The screen as a picture: text stays text, so that it can be read aloud and searched."""
    width, height = COLUMNS * CELL + 2 * MARGIN, last_row(screen) * LINE + 2 * MARGIN
    rows = "\n".join(part for row in range(last_row(screen)) for part in drawn_row(screen, row))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">
<title>{escape(title)}</title>
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
    return COLORS.get(name) or COLORS.get(name.removeprefix("bright"), f"#{name}")


if __name__ == "__main__":
    main()
