"""What may stand at the cursor of a line: offers become rows of the menu, each arriving as it is."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from rich.cells import cell_len, set_cell_size

from cudo_completions.candidates import Candidate
from cudo_completions.offers import Offer
from cudo_completions.position import Inside
from cudo_completions.ranking import ranked
from cudo_shell.blocks import logical_line
from cudo_shell.expressions import begun_name
from cudo_shell.grammars import file_names
from cudo_shell.output.clean import clean
from cudo_shell.quoting import Kind, Piece, open_expression, pieces, quoted

_BARE_LEAD = re.compile(r"[\w.:/@=,+-]*")


class LineCompleter(Completer):
    """Completes words, as `quoting` reads them.

    `offer_for` says what the last of some words may become. Whatever is offered is told to `on_offer`, and
    whether a key asked for it; nothing is ever printed. `files` says what a file may be called,
    `names` what the name at the end of a ${... may become.
    """

    def __init__(
        self,
        offer_for: Callable[[Sequence[str]], Offer],
        on_offer: Callable[[Document, Offer, bool], None],
        files: Inside | None = None,
        names: Callable[[str], Iterable[Candidate]] = lambda _: (),
    ) -> None:
        self._offer_for = offer_for
        self._on_offer = on_offer
        self._files = files or file_names()
        self._names = names

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Yield the rows; of a single one that ends its word, with the blank behind it."""
        before = _line_before(document)
        expression = open_expression(before)
        if expression is not None:
            yield from self._in_expression(expression)
            return
        found = list(pieces(before))
        typed = found.pop() if found and found[-1].end == len(before) else None
        if typed is not None and typed.kind not in {Kind.WORD, Kind.OPEN}:
            return
        offer = self._offer(found, typed)
        if offer is None:
            return
        self._on_offer(document, offer, complete_event.completion_requested)
        is_last = not document.current_line_after_cursor.strip()
        yield from rows(offer, typed, is_quiet=not complete_event.completion_requested, is_last=is_last)

    def _in_expression(self, expression: str) -> Iterator[Completion]:
        begun = begun_name(expression)
        for each in self._names(expression):
            yield Completion(each.text, -len(begun), display=clean(each.text), display_meta=each.hint)

    def _offer(self, before: Sequence[Piece], typed: Piece | None) -> Offer | None:
        word = typed.word if typed is not None else ""
        kinds = {piece.kind for piece in before}
        if Kind.REDIRECTION in kinds:
            return self._file(word) if before[-1].text in {">", ">>"} else None
        words = [piece.word for piece in before]
        if words and words[0].startswith("?"):
            words = ["help", *filter(None, [words[0][1:]]), *words[1:]]
        if not words and word.startswith("?"):
            offer = self._offer_for(["help", word[1:]])
            return Offer(offer.candidates, "?", offer.about)
        return self._offer_for([*words, word])

    def _file(self, word: str) -> Offer:
        part = self._files(word)
        found = ranked(word.removeprefix(part.lead), part.choices)
        return Offer(found.candidates, part.lead, more=found.more)


def _line_before(document: Document) -> str:
    """Return the line before the cursor, with the lines before it that it goes on."""
    lines = document.text_before_cursor.split("\n")
    return "\n".join(lines[logical_line(lines, len(lines) - 1).start :])


def rows(
    offer: Offer, typed: Piece | None, *, is_quiet: bool = False, is_last: bool = True
) -> Iterator[Completion]:
    """Yield the rows of an offer, in the place of what was typed of the word."""
    hints = in_columns([each.hint for each in offer.candidates])
    is_only = len(offer.candidates) == 1
    raw = typed.text if typed is not None else ""
    for each, hint in zip(offer.candidates, hints, strict=True):
        text = _in_line(offer.lead, each.text, typed, is_open=each.goes_on)
        if is_quiet and text == raw:
            continue
        if is_only and is_last and not is_quiet and not each.goes_on:
            text += " "
        yield Completion(text, -len(raw), display=clean(each.text), display_meta=hint)


def _in_line(lead: str, text: str, typed: Piece | None, *, is_open: bool) -> str:
    """Write a word as it must stand in the line, in the quotes that the person has begun."""
    mark = next((each for each in typed.text if each in "\"'"), "") if typed is not None else ""
    if _BARE_LEAD.fullmatch(lead) and not (typed is not None and typed.text.startswith(("'", '"'))):
        return lead + quoted(text, mark, is_open=is_open)
    return quoted(lead + text, mark, is_open=is_open)


def in_columns(hints: Sequence[str]) -> list[str]:
    """Align the columns of hints, which tabs separate; one that is empty in every row is left out."""
    table = [[clean(part) for part in hint.split("\t")] for hint in hints]
    widths = [max(map(cell_len, column)) for column in zip_longest(*table, fillvalue="")]
    return [
        "  ".join(
            set_cell_size(part, width) for part, width in zip(row, widths, strict=False) if width
        ).rstrip()
        for row in table
    ]
