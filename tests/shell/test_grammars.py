"""Inside one word: columns, conditions, queries and names of files."""

import pytest

from cudo_completions.position import Part
from cudo_shell import grammars
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, MONEY

FIELDS = (FieldSpec("id", ID), FieldSpec("state"), FieldSpec("price_hr", MONEY, path="price.total_price_hr"))


def texts(part: Part) -> list[str]:
    return [part.lead + each.text for each in part.choices]


def test_columns_stand_behind_commas_each_once():
    inside = grammars.columns(["id", "state", "vm"])

    assert texts(inside("i")) == ["id", "state", "vm"]
    assert texts(inside("vm,i")) == ["vm,id", "vm,state"]


def test_column_to_sort_by_may_have_a_minus():
    inside = grammars.sort_column(["id", "state"])

    assert texts(inside("")) == ["id", "state"]
    assert texts(inside("-s")) == ["-id", "-state"]


def test_condition_is_a_column_and_then_an_operator_that_it_has_an_order_for():
    inside = grammars.condition(FIELDS)

    assert texts(inside("")) == ["id", "state", "price_hr"]
    assert texts(inside("state")) == ["state=", "state!="]
    assert texts(inside("price_hr")) == [f"price_hr{each}" for each in ("=", "!=", "<", "<=", ">", ">=")]
    assert texts(inside("price_hr<")) == []
    assert all(each.goes_on for typed in ("", "state") for each in inside(typed).choices)


def test_states_are_offered_behind_their_column():
    inside = grammars.condition(FIELDS, ["ACTIVE", "STOPPED"])

    assert texts(inside("state=")) == ["state=ACTIVE", "state=STOPPED"]
    assert texts(inside("state!=A")) == ["state!=ACTIVE", "state!=STOPPED"]
    assert texts(inside("price_hr=")) == []


def test_parts_with_known_names_are_offered_until_the_value_begins():
    inside = grammars.pairs(["city", "country"])

    assert texts(inside("c")) == ["city=", "country="]
    assert texts(inside("city=L")) == []


VM = (
    FieldSpec("id", ID),
    FieldSpec("data_center", path="data_center_id"),
    FieldSpec("gpus"),
    FieldSpec("price"),
)


@pytest.mark.parametrize(
    ("typed", "lead", "some"),
    [
        ("", "", {"[].id", "[].datacenterId", "[].price"}),
        ("[].d", "[].", {"id", "datacenterId", "gpuQuantity"}),
        ("[].price.tot", "[].price.", {"totalPriceHr"}),
        ("[].{a: id, b: pri", "[].{a: id, b: ", {"price"}),
        ("[?gpuQ", "[?", {"gpuQuantity"}),
        ("[?state=='ACTIVE'].i", "[?state=='ACTIVE'].", {"id"}),
        ("length(@)", "length(@)", {"id"}),
    ],
)
def test_query_knows_the_names_of_the_api(typed, lead, some):
    part = grammars.query(VM, rows=True)(typed)

    assert part.lead == lead
    assert some <= {each.text for each in part.choices}
    assert not {"data_center", "gpus", "price_hr"} & {each.text for each in part.choices}


def test_query_of_one_thing_begins_with_its_names():
    assert "datacenterId" in texts(grammars.query(VM, rows=False)(""))


@pytest.mark.parametrize("typed", ["[?state=='ACT", "[?n==`1", '"odd na', "[].id.x", "[].nothing.x"])
def test_query_offers_nothing_in_a_text_or_below_what_has_no_names(typed):
    assert grammars.query(VM, rows=True)(typed).choices == ()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("key.pub", "my key", ".hidden", "-x", "odd\x1bname"):
        (tmp_path / name).touch()
    (tmp_path / "dir" / "inner").mkdir(parents=True)
    return tmp_path


def test_files_stand_behind_their_mark(folder):
    inside = grammars.file_names("@", ("-",))

    assert texts(inside("")) == ["-", "@"]
    assert sorted(texts(inside("@"))) == ["@-x", "@dir/", "@key.pub", "@my key"]
    assert texts(inside("@dir/")) == ["@dir/inner/"]
    assert texts(inside(f"@{folder}/dir/i")) == [f"@{folder}/dir/inner/"]
    assert ".hidden" in [each.text for each in inside("@.").choices]
    assert texts(inside("@nowhere/")) == []
    assert texts(inside("@dir\0/")) == []


def test_file_that_would_be_an_option_is_left_out(folder):
    assert sorted(texts(grammars.file_names()(""))) == ["dir/", "key.pub", "my key"]


def test_home_is_where_the_tilde_says(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))

    assert "@~/key.pub" in texts(grammars.file_names("@")("@~/"))


def test_directory_goes_on_and_a_file_ends_the_word(folder):
    found = {each.text: each.goes_on for each in grammars.file_names("@")("@").choices}

    assert (found["dir/"], found["key.pub"]) == (True, False)
