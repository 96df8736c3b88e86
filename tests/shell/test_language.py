"""The words of the language at the prompt."""

import pytest

from cudo_shell.commands import KEYWORDS
from cudo_shell.language import keywords_behind, particle
from cudo_shell.scripts.syntax import read

RETRY = "retry 3 every 5s"


@pytest.mark.parametrize("word", ["assert", "defer", "echo", "let", "param", "retry", "sleep", "try", "!"])
def test_example_of_the_help_can_be_read(word):
    assert read(KEYWORDS[word].partition(": ")[2]).errors == ()


@pytest.mark.parametrize("word", ["for", "if", "timeout"])
def test_example_of_a_block_can_be_read(word):
    assert read(f"{KEYWORDS[word].partition(': ')[2]}\nend").errors == ()


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ([], "assert echo else end exit for if let retry sleep source timeout try"),
        (["try"], "let retry source"),
        (["let", "x", "="], ""),
        (["retry", "3", "every", "5s"], "let source"),
        (["!"], "retry source"),
        (["defer"], "echo retry try"),
        (["try", "retry", "3", "every", "5s"], "let source"),
        (["!", "retry", "3", "every", "5s"], "source"),
        (["defer", "try"], "retry"),
        (["defer", "try", "retry", "3", "every", "5s"], ""),
    ],
)
def test_words_that_may_follow(before, words):
    assert " ".join(each.text for each in keywords_behind(before)) == words


@pytest.mark.parametrize(
    "before",
    ["try", "!", "defer", RETRY, f"try {RETRY}", f"! {RETRY}", f"defer {RETRY}", "defer try"],
)
@pytest.mark.parametrize(
    "word", ["assert", "defer", "echo", "exit", "let", "retry", "sleep", "source", "try", "!"]
)
def test_what_is_offered_behind_modifiers_is_what_can_be_read_there(before, word):
    is_offered = word in {each.text for each in keywords_behind(before.split())}
    example = KEYWORDS[word].partition(": ")[2]

    assert (read(f"{before} {example}").errors == ()) is is_offered


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("let x =", "="),
        ("for x i", "in"),
        ("retry 3 e", "every"),
        ("else i", "if"),
        ("try retry 3 e", "every"),
        ("let x", ""),
        ("for x in a", ""),
        ("vm get x", ""),
    ],
)
def test_word_that_has_to_follow(line, word):
    assert particle(line.split()) == word
