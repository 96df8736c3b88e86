"""How the line is edited: its keys besides Tab, its modes, and pastes that do not run by themselves."""

import re
from collections.abc import Callable, Sequence

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.application import get_app
from prompt_toolkit.auto_suggest import ConditionalAutoSuggest
from prompt_toolkit.cursor_shapes import ModalCursorShapeConfig
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import Condition, emacs_insert_mode, has_focus, vi_insert_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl
from prompt_toolkit.styles import DynamicStyle, Style, merge_styles

from cudo_shell.lexer import LineLexer
from cudo_shell.output.clean import clean
from cudo_shell.suggestions import HarmlessSuggestions
from cudo_shell.word_help import is_at_new_word

_CONTINUED = re.compile(r"(?<!\\)\\\n[ \t]*")
_SHOWN = 10  # lines of a paste
_STYLE = Style([("auto-suggestion", "ansibrightblack")])


def set_up(
    session: PromptSession[str],
    *,
    lexer: LineLexer,
    suggestions: HarmlessSuggestions,
    is_suggesting: Callable[[], bool],
) -> None:
    """Give the line its colors and suggestions."""
    theme = session.style
    session.style = merge_styles([DynamicStyle(lambda: theme), _STYLE])
    session.auto_suggest = ConditionalAutoSuggest(suggestions, Condition(is_suggesting))
    session.lexer = lexer
    control = session.layout.current_control
    if isinstance(control, BufferControl):  # the session's own wrapper would never color a line again
        control.lexer = lexer


def choose_mode(session: PromptSession[str], name: str) -> None:
    """Edit as vi does, with a cursor that shows the mode, or else as emacs does."""
    is_vi = name == "vi"
    session.editing_mode = EditingMode.VI if is_vi else EditingMode.EMACS
    session.cursor = ModalCursorShapeConfig() if is_vi else None


def commands_in(text: str) -> list[str]:
    r"""Return the lines of a text that hold a command; `\` at the end of a line goes on with the next."""
    lines = _CONTINUED.sub("", text).split("\n")
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def question_about(lines: Sequence[str]) -> str:
    """Ask whether lines are to run, and show the first of them."""
    shown = [f"  {clean(line)}" for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        shown.append(f"  and {len(lines) - _SHOWN:,} more")
    return "\n".join([f"{len(lines):,} lines:", *shown, "Run them one after the other?"])


@Condition
def _at_new_word() -> bool:
    return is_at_new_word(get_app().current_buffer.document.text_before_cursor)


def keys_for(help_at: Callable[[str, int], str]) -> KeyBindings:
    """Return the bindings; `help_at` explains the word of a line at a position."""
    keys = KeyBindings()
    in_line = has_focus(DEFAULT_BUFFER)

    def show_help(event: KeyPressEvent) -> None:
        document = event.current_buffer.document
        print_formatted_text(help_at(document.text, document.cursor_position))

    keys.add("f1", filter=in_line)(show_help)
    keys.add("?", filter=in_line & _at_new_word & (emacs_insert_mode | vi_insert_mode))(show_help)
    keys.add(Keys.BracketedPaste)(_paste)
    return keys


def _paste(event: KeyPressEvent) -> None:
    """Insert one line; hand several to whoever reads the line, for they are to be asked about."""
    text = event.data.replace("\r\n", "\n").replace("\r", "\n")
    buffer, lines = event.current_buffer, commands_in(text)
    if "\n" not in text:
        buffer.insert_text(text)
    elif len(lines) > 1 and buffer.name == DEFAULT_BUFFER:
        document = buffer.document
        event.app.exit(result=document.text_before_cursor + text + document.text_after_cursor)
    else:
        buffer.insert_text(" ".join(lines))
