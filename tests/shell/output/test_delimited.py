"""CSV, TSV and bare ids."""

import csv
import io

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
    assert row == ['a,"b"', "x y\nz\\w"]


def test_tsv_escapes_tabs_and_line_ends(pipe):
    TSVOutputHandler(pipe).print_list([AWKWARD], COLUMNS)
    assert pipe.out.getvalue() == 'id\ttext\na,"b"\tx\\ty\\nz\\\\w\n'


def test_ids_are_one_a_line_and_bare(fields, things, pipe):
    IDsOutputHandler(pipe).print_list(things, fields)
    assert pipe.out.getvalue() == "web-1\ntrain-1\n"


def test_id_with_a_line_end_stays_one_line(pipe):
    IDsOutputHandler(pipe).print_item({"id": "a\nb\x1b[0m"}, COLUMNS)
    assert pipe.out.getvalue() == "a b\n"
