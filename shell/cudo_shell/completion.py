"""The Tab key and the menu as you type: from memory, and again when what was missing has come."""

import asyncio
import contextlib
from collections.abc import Callable

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completion, DummyCompleter, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.filters import renderer_height_is_known
from prompt_toolkit.key_binding import KeyPressEvent
from prompt_toolkit.utils import is_dumb_terminal

from cudo_completions.cache import Listings
from cudo_completions.offers import Offer
from cudo_shell.prompt import notice_for
from cudo_shell.quoting import last_word

IDLE = 2.0  # seconds between two looks at what has become old


async def keep_fresh(listings: Callable[[], Listings], every: float = IDLE) -> None:
    """Have listings that are in use asked for again, for as long as a prompt waits."""
    while True:
        await asyncio.sleep(every)
        listings().freshen()


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
        self._awaited_as_typed: Document | None = None  # a menu that would have opened by itself
        self._notice = ""

    def pressed(self, event: KeyPressEvent) -> None:
        """Go to the next row of an open menu, else complete; nothing where no menu can be drawn."""
        if is_dumb_terminal():
            return
        buffer = event.current_buffer
        state = buffer.complete_state
        # A menu that opened by itself may be about less than what was typed since, in one burst with the key.
        if state and state.completions and (state.complete_index is not None or self._is_open_for(buffer)):
            buffer.complete_next()
        else:
            self._complete(buffer)

    def _is_open_for(self, buffer: Buffer) -> bool:
        state = buffer.complete_state
        return state is not None and state.original_document == buffer.document

    def offer(self, document: Document, offer: Offer, is_asked: bool) -> None:  # a callback
        """Take note of what was found for a line, which a key has asked for or not."""
        if is_asked:
            self._offer = offer
        else:
            self._awaited_as_typed = document if offer.loading else None

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
        buffer = app.current_buffer
        if not app.is_running:
            return
        if self._awaited and buffer.document == self._at:
            self._complete(buffer)
            app.invalidate()
        elif buffer.document == self._awaited_as_typed and not _is_chosen(buffer):
            buffer.cancel_completion()
            buffer.start_completion()

    def _complete(self, buffer: Buffer) -> None:
        had_menu = buffer.complete_state is not None and self._at == buffer.document
        buffer.cancel_completion()
        found, offer = self._found(buffer)
        is_whole = (
            len({each.text for each in found}) == 1 and not had_menu and _continues(buffer.document, found[0])
        )
        if is_whole:
            buffer.apply_completion(found[0])
        elif found:
            _open_menu(buffer, found, all_are_shown=offer is None or not offer.more)
        self._at = buffer.document
        # A whole word answers the key: to complete again would begin the next word, which nobody asked for.
        self._awaited = offer is not None and offer.loading and not is_whole
        self._notice = notice_for(offer) if offer else ""
        if self._notice and not found and not renderer_height_is_known():
            print_formatted_text(self._notice)  # this terminal shows no toolbar

    def _found(self, buffer: Buffer) -> tuple[list[Completion], Offer | None]:
        self._offer = None
        completer = self._session().completer or DummyCompleter()
        asked = CompleteEvent(completion_requested=True)
        return list(completer.get_completions(buffer.document, asked)), self._offer


def _is_chosen(buffer: Buffer) -> bool:
    """Whether a row of the menu is in the line."""
    return buffer.complete_state is not None and buffer.complete_state.complete_index is not None


def _continues(document: Document, completion: Completion) -> bool:
    """Whether a completion only adds to what was typed; another word is for the person to choose."""
    typed = document.text_before_cursor[len(document.text_before_cursor) + completion.start_position :]
    return last_word(completion.text).casefold().startswith(last_word(typed).casefold())


def _open_menu(buffer: Buffer, found: list[Completion], *, all_are_shown: bool) -> None:
    # What the rows have in common would shut out those for which there was no room.
    suffix = get_common_complete_suffix(buffer.document, found) if all_are_shown else ""
    if suffix:
        buffer.insert_text(suffix, fire_event=False)
        found = [each.new_completion_from_position(len(suffix)) for each in found]
    buffer._set_completions(found)  # noqa: SLF001  # the public way loads them behind the keys; a test guards it
