"""The Tab key: offers become rows of the menu, from memory, and again when what was missing has come."""

import contextlib
from collections.abc import Callable, Sequence
from itertools import zip_longest

from cmd2 import CompletionItem, Completions
from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completion, DummyCompleter, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.filters import renderer_height_is_known
from prompt_toolkit.key_binding import KeyPressEvent
from prompt_toolkit.utils import is_dumb_terminal
from rich.cells import cell_len, set_cell_size

from cudo_completions.offers import Offer
from cudo_shell.output.clean import clean
from cudo_shell.prompt import notice_for

_BREAKS = frozenset(" \t\n\"'|><")  # where cmd2 sees a new word, even inside quotes


def rows_for(offer: Offer, typed: str) -> Completions:
    """The menu of an offer; `typed` is the word so far.

    The words to insert are safe (see `typeable`); what stands beside them is text from a server.
    """
    texts = [(offer.lead + each.text, each) for each in offer.candidates]
    if _BREAKS & set(typed):
        # cmd2 replaces only what follows the last break, so the part before it must agree to the letter.
        texts = [(text, each) for text, each in texts if text.startswith(typed)]
    hints = in_columns([each.hint for _, each in texts])
    items = [
        CompletionItem(text, display=clean(each.text), display_meta=hint)
        for (text, each), hint in zip(texts, hints, strict=True)
    ]
    return Completions(items, is_sorted=True)


def in_columns(hints: Sequence[str]) -> list[str]:
    """Align the columns of hints, which tabs separate; one that is empty in every row is left out."""
    rows = [[clean(part) for part in hint.split("\t")] for hint in hints]
    widths = [max(map(cell_len, column)) for column in zip_longest(*rows, fillvalue="")]
    return [
        "  ".join(
            set_cell_size(part, width) for part, width in zip(row, widths, strict=False) if width
        ).rstrip()
        for row in rows
    ]


class Tab:
    """Completes the line of a prompt session.

    Synchronous on purpose: prompt_toolkit's own completion runs behind the keys and loses a Tab that
    comes in one burst with text. So nothing here may wait: a listing that is not in memory yet is
    "loading", and `reopen` completes again once it is there, if the line is still the same.
    """

    def __init__(self, session: Callable[[], PromptSession[str]]) -> None:
        self._session = session
        self._offer: Offer | None = None  # what the completer found in `complete`
        self._at: Document | None = None  # the line that the notice is about
        self._awaited = False
        self._notice = ""

    def pressed(self, event: KeyPressEvent) -> None:
        """Go to the next row of an open menu, else complete; nothing where no menu can be drawn."""
        if is_dumb_terminal():
            return
        buffer = event.current_buffer
        if buffer.complete_state:
            buffer.complete_next()
        else:
            self._complete(buffer)

    def offer(self, offer: Offer) -> None:
        """Take note of what was found for the line that is being completed."""
        self._offer = offer

    def notice(self, document: Document, *, menu_is_open: bool) -> str:
        """What is to say about this line; nothing once it has changed."""
        return self._notice if menu_is_open or document == self._at else ""

    def changed(self) -> None:
        """Complete again, from any thread: a listing has come in, or has failed."""
        loop = self._session().app.loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the line was entered this very moment
                loop.call_soon_threadsafe(self.reopen)

    def reopen(self) -> None:
        """Complete again if somebody waits for it, and neither text nor cursor moved since."""
        app = self._session().app
        if app.is_running and self._awaited and app.current_buffer.document == self._at:
            self._complete(app.current_buffer)
            app.invalidate()

    def _complete(self, buffer: Buffer) -> None:
        had_menu = buffer.complete_state is not None
        buffer.cancel_completion()
        found, offer = self._found(buffer)
        is_whole = (
            len({each.text for each in found}) == 1 and not had_menu and _continues(buffer.document, found[0])
        )
        if is_whole:
            buffer.apply_completion(found[0])
        elif found:
            _open_menu(buffer, found)
        self._at = buffer.document
        # A whole word answers the key: to complete again would begin the next word, which nobody asked for.
        self._awaited = offer is not None and offer.loading and not is_whole
        self._notice = notice_for(offer) if offer else ""
        if self._notice and not found and not renderer_height_is_known():
            print_formatted_text(self._notice)  # this terminal shows no toolbar

    def _found(self, buffer: Buffer) -> tuple[list[Completion], Offer | None]:
        self._offer = None
        completer = self._session().completer or DummyCompleter()
        for _ in range(2):  # cmd2 may first insert an opening quote, and then finds nothing
            before = buffer.document
            found = list(completer.get_completions(before, CompleteEvent(completion_requested=True)))
            if found or buffer.document == before:
                break
        return found, self._offer


def _continues(document: Document, completion: Completion) -> bool:
    """Whether a completion only adds to what was typed; another word is for the person to choose."""
    typed = document.text_before_cursor[len(document.text_before_cursor) + completion.start_position :]
    return completion.text.casefold().startswith(typed.casefold())


def _open_menu(buffer: Buffer, found: list[Completion]) -> None:
    suffix = get_common_complete_suffix(buffer.document, found)
    if suffix:
        buffer.insert_text(suffix, fire_event=False)
        found = [each.new_completion_from_position(len(suffix)) for each in found]
    buffer._set_completions(found)  # noqa: SLF001  # the public way loads them behind the keys; a test guards it
