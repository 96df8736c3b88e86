"""Words that are written are read back as they were, and names of variables are each given once."""

from hypothesis import example, given
from hypothesis import strategies as st

from cudo_shell.commands import KEYWORDS
from cudo_shell.scripts.lines import Line, read_lines
from cudo_shell.scripts.variables import RESERVED, Scope, arguments, check_name
from cudo_shell.scripts.writing import Names, written

# A lone surrogate stands for a byte of a command line that is no UTF-8.
TEXT = st.text(st.characters(exclude_categories=[]))


def read_back(text: str) -> tuple[list[str], frozenset[str]]:
    """The arguments that the words of a line become in a script, and those that no @FILE is read for."""
    [line] = read_lines(f"vm get {text}")
    assert isinstance(line, Line)
    found = arguments(line.words, Scope({}))
    return list(found.words[2:]), found.values


@given(TEXT)
@example("")
@example("$x ${y} `z` \\")
@example('it\'s "both"')
@example("first\nsecond | x > y; # no comment &")
@example("`\n${`")
@example("caf\udce9")
@example("a\u2028b\r\n\0")
@example("${")
def test_word_is_read_back_as_it_was(word):
    if not word.startswith("-"):
        assert read_back(written(word))[0] == [word]


@given(TEXT)
@example("\n")
@example("-x")
def test_value_behind_its_option_is_read_back_whatever_it_begins_with(word):
    assert read_back(f"--name={written(word)}")[0] == [f"--name={word}"]
    assert read_back(written(f"--name={word}"))[0] == [f"--name={word}"]


def test_text_that_looks_like_a_file_is_read_back_as_text():
    assert read_back(written("@x", is_text=True)) == (["@x"], frozenset({"@x"}))
    assert read_back(written("@x")) == (["@x"], frozenset())


@given(st.lists(TEXT | st.sampled_from(["end", "status", "web-1", "web_1", "9", "-", "!"]), max_size=20))
def test_names_are_variables_each_once_and_no_words_of_the_language(texts):
    names = Names()
    found = [names.new(text) for text in texts]
    assert len(set(found)) == len(found)
    assert not {*KEYWORDS, *RESERVED} & set(found)
    assert all(check_name(name) for name in found)


def test_name_is_like_its_text():
    names = Names()
    assert [names.new(text) for text in ("web-1", "Web 1", "9-lives", "end")] == [
        "web_1",
        "web_1_2",
        "x_9_lives",
        "end_2",
    ]
