"""Suggestions: every verb is decided about, and no line that changes anything comes back by one key."""

import pytest
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document

from cudo_shell.commands import NOUNS, WORDS
from cudo_shell.commands.parser import option_names, verb_parser, verbs_of
from cudo_shell.dispatch import parser_for
from cudo_shell.suggestions import HarmlessSuggestions, is_harmless, may_be_suggested, suggested

# Verbs that destroy, spend, commit, change something, or show a secret: never suggested.
# A new verb belongs either here or to the reading ones in suggestions.py.
NEVER = frozenset(
    """
    attach authorized-keys clear commit connect create credit-buy credit-checkout delete deploy detach
    key-create key-delete login logout pay payment-method-remove payment-method-set-default permission-add
    permission-remove reboot refresh remove
    rename resize restart rm rule-add rule-delete scale session-key set
    set-expiry set-keys set-metadata set-password setup-intent start stop terminate token undelete unset
    update
    """.split()  # noqa: SIM905  # a list of 40 lines tells less
)


def commands() -> list[list[str]]:
    """Every noun with every verb of it, also under their other names."""
    found = []
    for name, noun in {**NOUNS, **WORDS}.items():
        for alias in (name, *noun.aliases):
            verbs = verbs_of(parser_for(name))
            found += [[alias, verb] for verb in verbs] or [[alias]]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_verb_of_every_noun_is_decided_about(words):
    assert (words[-1] in NEVER) != is_harmless(words), f"'{words[-1]}' has to be in one of the two lists"


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_verb_that_asks_before_it_acts_is_never_harmless(words):
    parser = parser_for(words[0])
    options = option_names(verb_parser(parser, words[1] if len(words) > 1 else None))

    assert not (is_harmless(words) and {"--yes", "--confirm"} & set(options))


@pytest.mark.parametrize(
    "words",
    [[], ["vm"], ["nosuch", "explode"], ["login"], ["vm", "connect", "web-1"], ["vm", "get", "x", "--show"]],
)
def test_what_is_not_known_to_be_harmless_is_not(words):
    assert not is_harmless(words)


@pytest.mark.parametrize(
    ("line", "harmless"),
    [
        ("vm list -o json", True),
        ("vm  'list'", True),
        ("vm list > important.json", False),
        ("vm list | sh", False),
        ("vm list>>f", False),
        ("vm get 'web", False),
        ("vm list | xargs -n1 cudo vm delete", False),
        ("vm delete --help list", False),
        ("try vm list", True),
        ("retry 3 every 5s let x = vm get ${y.id}", True),
        ("try vm delete web-1", False),
        ("defer vm terminate ${x} --yes", False),
        ("let x = vm list > f", False),
        ("for x in a\n  vm list\nend", False),
        ("source deploy.cudo", False),
        ("exit", False),
        ("echo ${x", False),
        ("", False),
    ],
)
def test_whole_line_has_to_be_harmless(line, harmless):
    assert may_be_suggested(line) is harmless


@pytest.mark.parametrize(
    ("typed", "rest"),
    [
        ("vm g", "et web-2"),
        ("vm get web-1", " -o json"),
        ("vm delete", ""),
        ("vm", " get web-2"),
        ("d", ""),
        ("", ""),
        (" ", ""),
        ("history ", ""),
    ],
)
def test_newest_harmless_line_that_goes_on_is_suggested(typed, rest):
    newest_first = [
        "vm delete web-1",
        "vm get web-2",
        "vm get web-1",
        "vm get web-1 -o json",
        "disk delete x",
    ]

    assert suggested(typed, newest_first) == rest


@pytest.mark.parametrize(
    ("document", "rest"),
    [
        (Document("vm l"), "ist"),
        (Document("vm l", 2), None),
        (Document("vm l\nvm l"), None),
        (Document("x"), None),
    ],
)
def test_line_gets_a_suggestion_at_its_end_only(document, rest):
    found = HarmlessSuggestions(lambda: ["vm list"]).get_suggestion(Buffer(), document)

    assert (found and found.text) == rest
