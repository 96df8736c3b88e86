"""What the next prompt begins with: a line to be edited, or one to be taken or typed over."""

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Filter, emacs_mode, shift_selection_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

# prompt_toolkit lets letters replace a selection, and the arrows drop it; these do neither by themselves.
_REPLACING = (("tab",), ("c-u",), ("escape", "."))
_MOVING = (
    *(("c-a",), ("c-b",), ("c-e",), ("c-f",), ("c-n",), ("c-p",), ("c-r",), ("c-s",)),
    *(("escape", "b"), ("escape", "f")),
)


def begin_with(buffer: Buffer, text: str, *, is_offered: bool) -> None:
    """Put a text into an empty line. One that is only offered is selected: what is typed takes its place.

    In vi mode it is not, for there a selection is no place to type.
    """
    buffer.insert_text(text, fire_event=False)  # it opens no menu
    if not text or not is_offered or get_app().editing_mode is EditingMode.VI:
        return
    buffer.cursor_position = 0
    buffer.start_selection()
    if buffer.selection_state is not None:
        buffer.selection_state.enter_shift_mode()
    buffer.cursor_position = len(text)


def replace_selection(buffer: Buffer) -> None:
    """Remove what is selected, for what is pasted comes in its place."""
    if buffer.selection_state is not None:
        buffer.cut_selection()


def bind_selection(keys: KeyBindings, where: Filter) -> None:
    """Let all keys that type replace a selection, and all that move drop it."""
    selected = where & emacs_mode & shift_selection_mode
    for sequence in _REPLACING:
        keys.add(*sequence, filter=selected)(_replace)
    for sequence in _MOVING:
        keys.add(*sequence, filter=selected)(_move)


def _replace(event: KeyPressEvent) -> None:
    replace_selection(event.current_buffer)
    _again(event)


def _move(event: KeyPressEvent) -> None:
    event.current_buffer.exit_selection()
    _again(event)


def _again(event: KeyPressEvent) -> None:
    event.key_processor.feed_multiple(event.key_sequence, first=True)
