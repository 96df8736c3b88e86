"""Server text made safe."""

import pytest

from cudo_shell.output.clean import clean, escape_json, notice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain [red]text[/red] æ 日本", "plain [red]text[/red] æ 日本"),
        ("a\x1b[31mb\x1b[0m", "ab"),
        ("a\x1b]8;;http://evil\x07link\x1b]8;;\x07b", "alinkb"),
        ("a\x1b]0;title", "a"),
        ("a\x9b31mb", "ab"),
        ("a\x1bcb\x1b(0c", "abc"),
        ("a\r\nb\tc", "a b c"),
        ("web\u202e1-\u200bx\ufeff", "web1-x"),
        ("a\x00\x07\x08\x7f\x85b", "ab"),
        ("\x1b\x1b[31m", ""),
    ],
)
def test_text_cannot_steer_a_terminal(text, expected):
    assert clean(text) == expected


def test_json_keeps_its_value_without_what_could_steer():
    assert escape_json('"a\u202eb\x9b"') == r'"a\u202eb\u009b"'


def test_notice_is_clean_and_has_no_secret():
    """Cleaned first: what a terminal does not show could cut a secret in two."""
    assert notice("a\x1b[2Jb\nBearer abc\x00def\u202e\n\nc") == "ab\nBearer ***\n\nc"
    assert (
        notice("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----")
        == "-----BEGIN PRIVATE KEY-----***"
    )
