"""How the line is edited: its keys besides Tab, its modes, and pastes that do not run by themselves."""

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

from cudo_shell.blocks import commands_in, goes_on
from cudo_shell.drafts import bind_selection, replace_selection
from cudo_shell.lexer import LineLexer
from cudo_shell.output.clean import clean
from cudo_shell.suggestions import HarmlessSuggestions
from cudo_shell.word_help import is_at_new_word

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


def question_about(commands: Sequence[str]) -> str:
    """Ask whether commands are to run, and show their first lines."""
    lines = [line for command in commands for line in command.split("\n")]
    shown = [f"  {clean(line)}" for line in lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        shown.append(f"  and {len(lines) - _SHOWN:,} more")
    return "\n".join([f"{len(lines):,} lines:", *shown, "Run them one after the other?"])


@Condition
def _at_new_word() -> bool:
    return is_at_new_word(get_app().current_buffer.document.current_line_before_cursor)


@Condition
def _goes_on() -> bool:
    return goes_on(get_app().current_buffer.text)


def _begin_line(event: KeyPressEvent) -> None:
    event.current_buffer.newline(copy_margin=False)


def continuation(width: int, _line: int, wrapped: int) -> str:
    """What stands before the next lines of a block, as wide as the prompt; a long line just wraps."""
    return "" if wrapped else "...> ".rjust(width)


def keys_for(help_at: Callable[[str, int], str]) -> KeyBindings:
    """Return the bindings; `help_at` explains the word of a line at a position."""
    keys = KeyBindings()
    in_line = has_focus(DEFAULT_BUFFER)

    def show_help(event: KeyPressEvent) -> None:
        document = event.current_buffer.document
        print_formatted_text(help_at(document.current_line, document.cursor_position_col))

    keys.add("f1", filter=in_line)(show_help)
    keys.add("enter", filter=in_line & _goes_on)(_begin_line)
    keys.add("?", filter=in_line & _at_new_word & (emacs_insert_mode | vi_insert_mode))(show_help)
    keys.add(Keys.BracketedPaste)(_paste)
    bind_selection(keys, in_line)
    return keys


def _paste(event: KeyPressEvent) -> None:
    """Insert one command; hand several to whoever reads the line, for they are to be asked about."""
    text = event.data.replace("\r\n", "\n").replace("\r", "\n")
    if event.app.is_done:  # the line was entered this very moment: it is for the next prompt
        event.key_processor.feed_multiple(event.key_sequence)
        return
    buffer = event.current_buffer
    replace_selection(buffer)
    if "\n" not in text:
        buffer.insert_text(text)
        return
    if buffer.name != DEFAULT_BUFFER:
        buffer.insert_text(" ".join(commands_in(text)))
        return
    document = buffer.document
    whole = document.text_before_cursor + text + document.text_after_cursor
    if len(commands_in(whole)) > 1 and not goes_on(whole):
        event.app.exit(result=whole)
    else:
        buffer.insert_text(pasted(text, is_open=goes_on(whole)))


def pasted(text: str, *, is_open: bool) -> str:
    """Return what to insert of a text that is one command; of an open block, also the last line break."""
    command = "\n".join(commands_in(text))
    return f"{command}\n" if is_open and text.endswith("\n") else command
