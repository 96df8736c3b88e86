"""A command as a line of a script: whatever was typed is what the script gives again."""

import shlex
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from functools import cache

from hypothesis import assume, example, given
from hypothesis import strategies as st

from cudo_shell import dispatch
from cudo_shell.commands import NOUNS
from cudo_shell.commands.parser import actions_of, verbs_of
from cudo_shell.scripts import syntax
from cudo_shell.scripts.checking import check
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.recorded import Draft, Ran
from cudo_shell.scripts.variables import Scope, arguments
from cudo_shell.secrets_in_lines import holds_secret

PARSER_FOR = cache(dispatch.parser_for)
TEXT = st.text(st.characters(exclude_categories=[]))


def again(*words: str) -> Namespace:
    """The arguments that a command has when its recording is run."""
    parser = PARSER_FOR(words[0])
    args = parser.parse_args(words[1:])
    args.line = words
    draft = Draft()
    draft.add(Ran(parser, args, "demo"))
    [statement] = syntax.read("\n".join(draft.lines)).statements
    command = statement.value if isinstance(statement, syntax.Let) else statement
    assert isinstance(command, syntax.Run)
    found: Namespace = parser.parse_args(arguments(command.words, Scope({"project": "demo"})).words[1:])
    return found


@given(TEXT)
@example("")
@example("-")
@example("-x\n")
@example("--yes")
@example("a\n# b | c")
@example("@file")
def test_any_value_of_an_option_is_given_again(text):
    assume(not holds_secret(f"--description {text}"))
    found = again("security-group", "update", "web", f"--description={text}")
    assert (found.id, found.description, found.project) == ("web", text, "demo")


@given(st.lists(TEXT.map(lambda text: f"key={text}"), min_size=1, max_size=3))
def test_any_words_without_an_option_are_given_again(texts):
    assume(not any(map(holds_secret, texts)))
    found = again("vm", "set-metadata", "web-1", *texts)
    assert (found.id, found.metadata) == ("web-1", [tuple(text.split("=", 1)) for text in texts])


@given(TEXT)
@example("--")
@example("-\n")
def test_any_word_behind_two_dashes_is_given_again(text):
    assume(not holds_secret(text))
    found = again("billing", "create", "--email=kim@example.com", "--", text)
    assert (found.name, found.email) == (text, "kim@example.com")


def verbs() -> Iterator[ArgumentParser]:
    for noun in NOUNS:
        yield from dict.fromkeys(verbs_of(PARSER_FOR(noun)).values())


def test_examples_of_all_verbs_are_a_script_without_errors(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("password.txt", "id_ed25519.pub"):
        (tmp_path / name).write_text("x")
    draft = Draft()
    for line in (each for verb in verbs() for each in verb.examples):  # type: ignore[attr-defined]  # a tag of ours
        words = shlex.split(line)
        args = PARSER_FOR(words[0]).parse_args(words[1:])
        args.line = words
        draft.add(Ran(PARSER_FOR(words[0]), args, "demo", "demo-billing", result={"id": "x"}))
    text = "\n".join([*draft.params, *draft.lines])
    assert len(draft.lines) > 150
    assert check(syntax.read(text), Script("lab.cudo", text)) == []


def test_options_of_one_letter_are_those_that_are_written_anew():
    """Of several in one word, such as -yq, all can be left out."""
    letters = {
        name: action.dest
        for verb in verbs()
        for action in actions_of(verb)
        for name in action.option_strings
        if not name.startswith("--")
    }
    assert letters == {
        "-h": "help",
        "-o": "output",
        "-p": "project",
        "-q": "quiet",
        "-v": "verbose",
        "-y": "yes",
    }
