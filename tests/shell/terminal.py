"""A program in a real pseudo-terminal: pexpect types, pyte is the screen, and cursor queries are answered."""

import os
import signal
import time
from collections.abc import Callable
from typing import Self

import pexpect
import pyte

PROMPT = "/demo>"  # the end of the prompt in project demo
Condition = str | Callable[["Terminal"], bool]


class AnsweringScreen(pyte.Screen):
    """A screen that answers questions, as a terminal does.

    prompt_toolkit asks where the cursor is (ESC[6n) and draws no toolbar before the answer.
    """

    def __init__(self, columns: int, rows: int, send: Callable[[str], object]) -> None:
        self._send = send
        super().__init__(columns, rows)

    def write_process_input(self, data: str) -> None:
        self._send(data)


class Terminal:
    """A program and the screen that it draws on. Every wait has a limit and fails with the screen.

    The environment is small: NO_COLOR, EDITOR or CUDO_* of the developer must not leak in.
    """

    def __init__(self, *command: str, rows: int = 30, columns: int = 100, **env: str) -> None:
        clean = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
        clean |= {"TERM": "xterm-256color", "EDITOR": "true", **env}
        self._child: pexpect.spawn[bytes] = pexpect.spawn(
            command[0], list(command[1:]), env=clean, dimensions=(rows, columns), timeout=10
        )
        self._child.delaybeforesend = None
        self.screen = AnsweringScreen(columns, rows, self._child.send)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""  # everything that the program wrote

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the terminal as its user would; kill a program that lives on."""
        self._child.kill(signal.SIGHUP)
        until = time.monotonic() + 2  # pexpect's close() gives a busy machine 0.1 s
        while self._child.isalive() and time.monotonic() < until:
            self._read()
        if self._child.isalive():
            self.kill()
        self._child.close()

    @property
    def pid(self) -> int:
        return int(self._child.pid or 0)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display if line.strip()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def color_of(self, text: str) -> str:
        """The foreground of the first cell of the last place where a text stands."""
        for row in range(self.screen.lines - 1, -1, -1):
            column = self.screen.display[row].rfind(text)
            if column >= 0:
                return str(self.screen.buffer[row][column].fg)
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text}")

    def type(self, keys: str) -> None:
        """Send keys in one burst, as a paste or a fast typist does."""
        self._child.send(keys)

    def wait(self, for_what: Condition, limit: float = 15) -> float:
        """Read until the text is on the screen, or the condition holds; return the seconds that it took."""
        started = time.monotonic()
        while not self._holds(for_what):
            seen = len(self.raw)
            while len(self.raw) == seen:  # until then, the answer is the same
                if time.monotonic() - started > limit or not self._read():
                    raise AssertionError(f"{for_what!r} is not on the screen:\n{self.text}")
        took = time.monotonic() - started
        self._finish_the_frame()
        return took

    def settle(self, seconds: float = 0.3) -> None:
        """Read for a while. Only for "and nothing more happened"; else use `wait`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._read():
            pass

    def exit_status(self, limit: float = 10) -> int | None:
        """Read until the program has ended; return its status, None when a signal ended it."""
        until = time.monotonic() + limit
        while self._read():
            assert time.monotonic() < until, f"still running:\n{self.text}"
        self._child.close()
        return self._child.exitstatus

    def kill(self) -> None:
        """End the program without a warning."""
        self._child.kill(9)
        self._child.wait()

    def _finish_the_frame(self) -> None:
        """Read what is being drawn: prompt_toolkit hides the cursor meanwhile; a live display, for good."""
        until = time.monotonic() + 0.3
        while self.screen.cursor.hidden and time.monotonic() < until and self._read():
            pass

    def _holds(self, what: Condition) -> bool:
        return what(self) if callable(what) else what in self.text

    def _read(self) -> bool:
        try:
            data = self._child.read_nonblocking(65536, timeout=0.02)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self._stream.feed(data)
        return True


def line_of(terminal: Terminal) -> str:
    """What stands behind the last prompt."""
    behind = [line.partition("> ")[2] for line in terminal.lines if PROMPT in line]
    return behind[-1].strip() if behind else "(there is no prompt)"


def run(terminal: Terminal, line: str) -> None:
    """Type a line and wait for the next prompt."""
    prompts = terminal.text.count(PROMPT)
    terminal.type(f"{line}\r")
    terminal.wait(lambda it: it.text.count(PROMPT) > prompts and line_of(it) == "")
