"""How fast `cudo` is: ratios, measured side by side in one run, for milliseconds differ by machine.

A start is compared with `python -c pass`, Tab with cmd2's own completion of as many ids.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # the harness of the tests drives the shell

import cmd2  # noqa: E402  # after the path
from prompt_toolkit.completion import CompleteEvent, DummyCompleter  # noqa: E402
from prompt_toolkit.document import Document  # noqa: E402
from tests.shell.terminal import Terminal  # noqa: E402

from cudo_completions.candidates import Candidate  # noqa: E402
from cudo_sandbox import Sandbox  # noqa: E402
from cudo_shell.app import CudoShell  # noqa: E402
from cudo_shell.connection import Connection  # noqa: E402
from cudo_shell.kept import scope_of, shelf_of  # noqa: E402
from cudo_shell.settings import settings_from  # noqa: E402
from cudo_shell.streams import open_streams  # noqa: E402
from cudo_shell.targets import Choice, Target, resolve, sources_from  # noqa: E402
from cudo_shell.workspace import Workspace  # noqa: E402

IDS = [f"vm-{number:06d}" for number in range(100_000)]
LINE = Document("vm get vm-0")


def main() -> None:
    runs = arguments().runs
    with tempfile.TemporaryDirectory() as home, Sandbox() as sandbox:
        env = {"PATH": os.environ["PATH"], "HOME": home, "CUDO_STATE_DIR": f"{home}/state"}
        env |= {"CUDO_API_KEY": sandbox.api_key, "CUDO_API_URL": sandbox.url, "CUDO_PROJECT_ID": "demo"}
        starts: dict[str, Callable[[], float]] = {
            "python -c pass": lambda: started(["-c", "pass"], env),
            "cudo --help": lambda: started(["-m", "cudo_shell", "--help"], env),
            "imports of a call": lambda: started(["-c", "import argparse, asyncio, httpx, pydantic"], env),
            "cudo vm list -o ids": lambda: started(["-m", "cudo_shell", "vm", "list", "-o", "ids"], env),
            "cudo, to the prompt": lambda: prompted(env),
            "Tab in bash, a verb": lambda: started(["-m", "cudo_shell", *answer("vm ")], env),
            "Tab in bash, an option": lambda: started(["-m", "cudo_shell", *answer("vm list --out")], env),
            "Tab in bash, VMs": lambda: started(["-m", "cudo_shell", *answer("vm get ")], env),
            "Tab in bash, 10,000 VMs": lambda: started(["-m", "cudo_shell", *answer("vm get vm-01")], large),
        }
        large = env | {"CUDO_PROJECT_ID": "large"}
        for each in (env, large):
            keep_vms(each)
        report("start (seconds, and times `python -c pass`)", medians(starts, runs))
    with our_prompt() as ours:
        tabs = {
            "cmd2's own": lambda: pressed(cmd2s_prompt()),
            "ours, first 200": lambda: pressed(ours),
        }
        report("Tab with 100,000 ids (seconds, and times cmd2's own)", medians(tabs, runs))


def answer(words: str) -> list[str]:
    """The words by which bash asks what may stand at the end of a line."""
    return ["completion", "answer", "bash", words.rpartition(" ")[2], f"cudo {words}"]


def keep_vms(env: dict[str, str]) -> None:
    """Put VMs on the disk, as the program in the background does, and have it not be started."""
    target, settings = resolve(Choice(), sources_from(env)), settings_from({}, env)
    scope = scope_of(target, settings)
    if scope is None:
        raise RuntimeError("there is no key")
    count = 10_000 if scope.project == "large" else 20
    found = [Candidate(each, "ACTIVE\t\t0.019128/h", {"state": "ACTIVE"}) for each in IDS[:count]]
    shelf_of(settings).put("vms", scope, found, began=time.time() - 1000)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7, help="how often each is measured; the median counts")
    return parser.parse_args()


def medians(cases: dict[str, Callable[[], float]], runs: int) -> dict[str, float]:
    """Measure the cases in turn, so that a busy moment of the machine hits all alike."""
    for measure in cases.values():
        measure()  # once to warm the caches
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, measure in cases.items():
            seconds[name].append(measure())
    return {name: statistics.median(each) for name, each in seconds.items()}


def report(title: str, seconds: dict[str, float]) -> None:
    """Print a table; the first case is the measure of the others."""
    base = next(iter(seconds.values()))
    print(title)
    for name, each in seconds.items():
        print(f"  {name:<24} {each:8.3f}  {each / base:8.2f} x")
    print()


def started(words: list[str], env: dict[str, str]) -> float:
    """Seconds until a program has ended."""
    begin = time.perf_counter()
    command = [sys.executable, *words]
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own program
    return time.perf_counter() - begin


def prompted(env: dict[str, str]) -> float:
    """Seconds until the prompt is on the screen of a terminal."""
    begin = time.perf_counter()
    with Terminal(sys.executable, "-m", "cudo_shell", rows=30, columns=100, **env) as shell:
        shell.wait("/demo>")
        return time.perf_counter() - begin


def pressed(app: cmd2.Cmd) -> float:
    """Seconds until the rows of the menu are there."""
    completer = app.main_session.completer or DummyCompleter()
    begin = time.perf_counter()
    if not list(completer.get_completions(LINE, CompleteEvent(completion_requested=True))):
        raise RuntimeError("nothing was completed")
    return time.perf_counter() - begin


def cmd2s_prompt() -> cmd2.Cmd:
    """An application as cmd2's documents show it: a completer that returns what there is."""

    class Plain(cmd2.Cmd):
        def do_vm(self, _: cmd2.Statement) -> None:
            """Do nothing."""

        def complete_vm(self, text: str, line: str, begidx: int, endidx: int) -> cmd2.Completions:
            return self.basic_complete(text, line, begidx, endidx, IDS)

    return Plain(allow_cli_args=False)


@contextmanager
def our_prompt() -> Iterator[CudoShell]:
    """The shell, with a listing of VMs in its memory."""

    async def vms(_session: Any, _project: str) -> list[Candidate]:
        return [Candidate(each, "ACTIVE\t\t0.019128/h") for each in IDS]

    target = Target("bench", "", "none")
    connection = Connection(lambda *_: None, target)  # type: ignore[arg-type]  # this source asks nobody
    work = Workspace(
        settings=settings_from({"project": "demo"}, {}),
        streams=open_streams(None, sys.stdout, sys.stderr, {}),
        connection=connection,
        environ={},
    )
    shell = CudoShell(work, sources={"vms": vms})
    until = time.monotonic() + 60
    completer = shell.main_session.completer or DummyCompleter()
    while not list(completer.get_completions(LINE, CompleteEvent(completion_requested=True))):
        if time.monotonic() > until:
            raise RuntimeError("the listing never came")
        time.sleep(0.01)
    yield shell
    connection.close()


if __name__ == "__main__":
    main()
