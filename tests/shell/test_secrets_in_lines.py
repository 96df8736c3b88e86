"""Stars in place of the secrets of lines, words and results."""

from typing import Any

import pytest

from cudo_sdk.redaction import guard
from cudo_shell.secrets_in_lines import holds_secret, starred, starred_data, starred_words


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("vm create a --password hunter22 --vcpus 1", "vm create a --password *** --vcpus 1"),
        ("vm create a --password 'two words' -p demo", "vm create a --password *** -p demo"),
        (r'vm create a --password "a \" b"c -p demo', "vm create a --password *** -p demo"),
        ("vm create a --password=hunter22", "vm create a --password=***"),
        ("vm create a --PASSWORD=x", "vm create a --PASSWORD=***"),
        ("source deploy.cudo api-key=x name=y", "source deploy.cudo api-key=*** name=y"),
        ("vm create a --password 'two words", "vm create a --password ***"),
        ('vm create a --password="two words', "vm create a --password=***"),
        ("vm create a --admin-token abc", "vm create a --admin-token ***"),
    ],
)
def test_secret_in_a_line_becomes_stars(line, shown):
    assert holds_secret(line)
    assert starred(line) == shown
    assert not holds_secret(shown)


@pytest.mark.parametrize(
    "line",
    [
        "vm create a --password @file",
        "vm create a --password - -p demo",
        "vm create a --password ${word}",
        "vm create a --password=${word} -p demo",
        "vm set-password a --password --yes",
        "ssh-key create @id_ed25519.pub",
        "vm list --query \"[?state=='ACTIVE'].id\"",
    ],
)
def test_line_without_a_secret_stays_as_it_is(line):
    assert not holds_secret(line)
    assert starred(line) == line


def test_quoted_variable_is_no_secret():
    assert starred('vm create a --password "${word}"') == 'vm create a --password "${word}"'


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--password", "two words"], ["--password", "***"]),
        (["--password=two words", "next"], ["--password=***", "next"]),
        (["token=abc def"], ["token=***"]),
        (["--password", "@file"], ["--password", "@file"]),
        (["--password", "-"], ["--password", "-"]),
        (["--password", "--yes"], ["--password", "--yes"]),
        (["password", "web-1"], ["password", "web-1"]),
        (["--start-script", "x\nPASSWORD=abc\ny"], ["--start-script", "x\nPASSWORD=***\ny"]),
        ([], []),
    ],
)
def test_words_that_are_secrets_become_stars(words, shown):
    assert starred_words(words) == shown


def test_secret_that_is_known_becomes_stars_wherever_it_stands():
    guard("canary-of-the-lines")
    assert starred("vm get canary-of-the-lines") == "vm get ***"
    assert starred_words(["vm", "get", "x-canary-of-the-lines"]) == ["vm", "get", "x-***"]
    assert starred_data({"id": ["canary-of-the-lines"]}) == {"id": ["***"]}


def test_values_with_the_names_of_secrets_become_stars_in_data():
    data = {"id": "a", "keys": [{"secretKey": "s", "accessKey": "k"}], "token": "t", "clientSecret": "*****"}
    assert starred_data(data) == {
        "id": "a",
        "keys": [{"secretKey": "***", "accessKey": "k"}],
        "token": "***",
        "clientSecret": "*****",
    }


def test_data_that_are_nested_without_end_are_left_out():
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    assert starred_data(nested) is None
    assert starred_data([["a", 1, None, True]]) == [["a", 1, None, True]]
