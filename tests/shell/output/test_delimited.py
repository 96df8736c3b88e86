"""CSV, TSV and bare ids."""

import csv
import io

import pytest

from cudo_shell.exits import UsageError
from cudo_shell.output.delimited import CSVOutputHandler, IDsOutputHandler, TSVOutputHandler
from cudo_shell.output.fields import FieldSpec, listed

AWKWARD = {"id": 'a,"b"', "text": "x\ty\nz\\w"}
COLUMNS = [FieldSpec("id"), FieldSpec("text")]


def test_csv_has_the_columns_of_the_table_with_exact_values(fields, things, pipe):
    CSVOutputHandler(pipe).print_list(things, listed(fields))
    assert pipe.out.getvalue() == (
        "id,state,memory_gib,gpus,price_hr,created\n"
        "web-1,ACTIVE,4,0,0.0191,2026-02-01T12:00:00Z\n"
        "train-1,FAILED,128,8,,\n"
    )


def test_csv_quotes_what_must_be_quoted(pipe):
    CSVOutputHandler(pipe, headers=False).print_item(AWKWARD, COLUMNS)
    [row] = csv.reader(io.StringIO(pipe.out.getvalue(), newline=""))
    assert row == ['a,"b"', "x\ty\nz\\w"]


def test_tsv_escapes_tabs_and_line_ends(pipe):
    TSVOutputHandler(pipe).print_list([AWKWARD], COLUMNS)
    assert pipe.out.getvalue() == 'id\ttext\na,"b"\tx\\ty\\nz\\\\w\n'


def test_ids_are_one_a_line_and_bare(fields, things, pipe):
    IDsOutputHandler(pipe).print_list(things, fields)
    assert pipe.out.getvalue() == "web-1\ntrain-1\n"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a\nb", r"a\u000ab"),
        ("web-\u200b1", r"web-\u200b1"),
        ("db-1\u202e", r"db-1\u202e"),
        ("a\x1b[0m", r"a\u001b[0m"),
    ],
)
@pytest.mark.parametrize("handler", [IDsOutputHandler, TSVOutputHandler, CSVOutputHandler])
def test_id_with_what_cannot_be_seen_does_not_become_another_id(handler, name, line, pipe):
    handler(pipe).print_data(name)
    shown = (
        {TSVOutputHandler: r"a\nb", CSVOutputHandler: '"a\nb"'}.get(handler, line) if "\n" in name else line
    )
    assert pipe.out.getvalue() == f"{shown}\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("198.18.0.5", "198.18.0.5\n"),
        (["web-1", "db-1"], "web-1\ndb-1\n"),
        (4, "4\n"),
        ([True, 0.5, None, ""], "true\n0.5\n\n\n"),
        ([], ""),
        (None, ""),
    ],
)
@pytest.mark.parametrize("handler", [CSVOutputHandler, TSVOutputHandler])
def test_values_without_names_are_their_text_one_a_line(value, text, handler, pipe):
    handler(pipe).print_data(value)
    # Two quotes are the empty text of CSV: an empty line would be no row.
    assert pipe.out.getvalue().replace('""', "") == text


def test_value_is_escaped_as_in_any_cell(pipe):
    TSVOutputHandler(pipe).print_data("a\tb\x1b[0m")
    CSVOutputHandler(pipe).print_data('a,"b"')
    assert pipe.out.getvalue() == 'a\\tb\\u001b[0m\n"a,""b"""\n'


@pytest.mark.parametrize("value", [{"a": {"b": 1}}, [["a"]], ["a", {"b": 1}]])
def test_values_within_values_are_refused(value, pipe):
    with pytest.raises(UsageError, match="needs another result") as caught:
        TSVOutputHandler(pipe).print_data(value)
    assert caught.value.hint == (
        "It prints values, or a list of objects without objects in them; -o json prints any."
    )
