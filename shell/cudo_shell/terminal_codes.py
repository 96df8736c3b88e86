"""What a terminal is told beside text: its title, that something has happened, where outputs begin."""

from collections.abc import Mapping

from cudo_shell.output.clean import clean

_OSC, _END = "\x1b]", "\x1b\\"
BELL = "\a"
SAVE_TITLE, RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"  # on a stack of the terminal's own
PROMPT, OUTPUT = f"{_OSC}133;A{_END}", f"{_OSC}133;C{_END}"
_TITLED = (
    "alacritty",
    "contour",
    "foot",
    "ghostty",
    "konsole",
    "kitty",
    "rxvt",
    "screen",
    "tmux",
    "vte",
    "wezterm",
    "xterm",
)
_OWN_NOTIFICATION = ("rxvt", "foot")  # they know 777 and not 9


def is_titled(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is one of those that take a title, and ignore what else they do not know."""
    return environ.get("TERM", "").startswith(_TITLED)


def title(text: str) -> str:
    """Name the window."""
    return f"{_OSC}2;{clean(text)}{_END}"


def ended(status: int) -> str:
    """Mark the end of the output of a command."""
    return f"{_OSC}133;D;{status}{_END}"


def notification(text: str, environ: Mapping[str, str]) -> str:
    """Have the desktop show a text."""
    if environ.get("TERM", "").startswith(_OWN_NOTIFICATION):
        return f"{_OSC}777;notify;cudo;{clean(text).replace(';', ',')}{_END}"
    return f"{_OSC}9;{clean(text)}{_END}"
