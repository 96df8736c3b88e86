"""From a half-typed line to rows of the menu: every row arrives as one argument, unchanged."""

import io
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as some
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from cudo_completions.candidates import Candidate, typeable
from cudo_completions.offers import Offer
from cudo_shell.completer import LineCompleter
from cudo_shell.line_parser import LineParser
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.formats import handler_for
from cudo_shell.output.values import ID
from cudo_shell.quoting import words_of
from cudo_shell.streams import Streams

PARSER = LineParser(terminators=[], shortcuts={"?": "help"})


class Line:
    """A completer that offers what a test says, and remembers what it was asked for."""

    def __init__(self, *candidates: Candidate | str, lead: str = "", names: Sequence[str] = ()) -> None:
        shown = tuple(Candidate(each) if isinstance(each, str) else each for each in candidates)
        self.offer = Offer(shown, lead)
        self.words: list[list[str]] = []
        self.told: list[bool] = []
        self.completer = LineCompleter(
            self._offer_for, lambda _document, _offer, is_asked: self.told.append(is_asked), names=self._names
        )
        self.expressions: list[str] = []
        self.names = names

    def _names(self, expression: str) -> list[Candidate]:
        self.expressions.append(expression)
        return [Candidate(name) for name in self.names]

    def _offer_for(self, words: Sequence[str]) -> Offer:
        self.words.append(list(words))
        return self.offer

    def after(self, line: str, *, rest: str = "", is_asked: bool = True) -> list[str]:
        """The lines that taking each row makes of a line."""
        document = Document(line + rest, len(line))
        event = CompleteEvent(completion_requested=is_asked, text_inserted=not is_asked)
        return [
            line[: len(line) + each.start_position] + each.text
            for each in self.completer.get_completions(document, event)
        ]


def arguments(line: str) -> list[str]:
    statement = PARSER.parse(line)
    assert not statement.redirector
    return words_of(statement.command_and_args)


BEGINNINGS = ["", "x", "'", '"', "'x", '"x', "x\\ ", "--name=", "--name='x", '--name="x', "a'b\"c"]


@given(value=some.text(min_size=1, max_size=20), begun=some.sampled_from(BEGINNINGS))
@example(value="a'$HOME`id`\"\\", begun="")
@example(value="#1", begun="--name=")
@example(value="\\", begun='"')
def test_any_name_that_is_offered_arrives_and_is_printed_as_it_is(value, begun):
    if not typeable(value):
        return
    lead = "--name=" if begun.startswith("--name=") else ""
    line = Line(value, lead=lead)
    (completed,) = line.after(f"vm get {begun}")

    assert arguments(completed) == ["vm", "get", lead + value]
    assert completed.endswith(" ")
    assert _printed(value) == f"{value}\n"
    (row,) = line.completer.get_completions(Document("vm get "), CompleteEvent(completion_requested=True))
    assert row.display_text == value


def _printed(value: str) -> str:
    streams = Streams(io.StringIO(), io.StringIO(), io.StringIO())
    handler_for("ids", streams).print_list([{"id": value}], [FieldSpec("id", ID, priority=0)])
    assert isinstance(streams.out, io.StringIO)
    return streams.out.getvalue()


@given(some.text(alphabet="ab -\"'\\|#@?", max_size=20))
def test_whatever_was_typed_a_row_is_one_word_at_its_end(line):
    for completed in Line("web-1", "my key").after(line):
        assert words_of(completed)[-1].removeprefix("?") in {"web-1", "my key"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", [""]),
        ("v", ["v"]),
        ("vm ge", ["vm", "ge"]),
        ("vm get ", ["vm", "get", ""]),
        ("  vm get 'my k", ["vm", "get", "my k"]),
        ('vm get --query="a | b', ["vm", "get", "--query=a | b"]),
        ("? vm g", ["help", "vm", "g"]),
        ("?vm g", ["help", "vm", "g"]),
        ("?v", ["help", "v"]),
    ],
)
def test_words_are_those_that_the_command_will_have(line, words):
    asked = Line("x")
    asked.after(line)

    assert asked.words == [words]


@pytest.mark.parametrize("line", ["vm list | ", "vm list | jq", "vm list # a", "vm get x >"])
def test_what_is_no_argument_is_not_completed(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").touch()
    asked = Line("x")

    assert (asked.after(line), asked.words) == ([], [])


def test_file_names_stand_behind_a_redirection(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my list.json").touch()
    (tmp_path / "out").mkdir()

    assert Line().after("vm list > ") == ["vm list > 'my list.json'", "vm list > out/"]
    assert Line().after("vm list >>my") == ["vm list >>'my list.json' "]
    assert Line().after("vm list > out/x") == []


def test_quote_that_was_begun_is_kept_for_the_letters_that_the_rows_share():
    assert Line("web-1", "web-2").after("vm get 'w") == ["vm get 'web-1'", "vm get 'web-2'"]
    assert Line("web-1").after('vm get "w') == ['vm get "web-1" ']


def test_word_that_goes_on_has_no_blank_and_no_closing_quote():
    assert Line(Candidate("my dir/", goes_on=True)).after("x @") == ["x 'my dir/"]
    assert Line(Candidate("out/", goes_on=True)).after("x o") == ["x out/"]


def test_blank_stands_behind_a_single_word_at_the_end_of_the_line_only():
    assert Line("web-1").after("vm get w") == ["vm get web-1 "]
    assert Line("web-1").after("vm get w", rest=" -o json") == ["vm get web-1"]
    assert Line("web-1", "web-2").after("vm get w") == ["vm get web-1", "vm get web-2"]


def test_question_mark_before_a_command_stays():
    assert Line("vm").after("?v") == ["?vm "]


def test_menu_that_opens_by_itself_adds_no_blank_and_does_not_repeat_the_word():
    line = Line("web-1", "web-10")

    assert line.after("vm get web-1", is_asked=False) == ["vm get web-10"]
    assert Line("web-1").after("vm get w", is_asked=False) == ["vm get web-1"]
    assert line.told == [False]


@pytest.mark.parametrize(
    ("line", "expression", "completed"),
    [
        ("vm get ${", "", "vm get ${vm_id"),
        ("vm get ${vm.i", "vm.i", "vm get ${vm.vm_id"),
        ('echo "a ${x[0] | v', "x[0] | v", 'echo "a ${x[0] | vm_id'),
    ],
)
def test_names_are_completed_inside_of_an_expression(line, expression, completed):
    found = Line("web-1", names=["vm_id"])

    assert (found.after(line), found.expressions, found.words) == ([completed], [expression], [])


def test_single_quotes_hide_an_expression():
    found = Line("web-1", names=["vm_id"])
    found.after("vm get '${")

    assert (found.words, found.expressions) == ([["vm", "get", "${"]], [])


@pytest.mark.parametrize(
    "text",
    [
        "for x in a\n  vm get w",
        "vm list | cat\nvm get w",
        "echo 'a\nvm get w",
        "vm \\\n  get \\\n w",
    ],
)
def test_line_of_a_block_is_completed_by_itself(text):
    line = Line("web-1")

    assert line.after(text, rest="\nend") == [f"{text.removesuffix('w')}web-1 "]
    assert line.words == [["vm", "get", "w"]]
