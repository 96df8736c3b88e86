"""How the values of arguments are read."""

from argparse import ArgumentTypeError

import pytest

from cudo_shell.commands.values import gib


@pytest.mark.parametrize(
    ("text", "size"),
    [("16", 16), ("16GiB", 16), ("16 GiB", 16), ("16gib", 16), (" 16 ", 16), ("1TiB", 1024), ("2 tib", 2048)],
)
def test_size_is_in_gib_with_or_without_its_unit(text, size):
    assert gib(text) == size


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("16GB", "'16GB': a GB is less than a GiB; write 16GiB"),
        ("16 gb", "'16 gb': a GB is less than a GiB; write 16GiB"),
        ("16G", "'16G': a GB is less than a GiB; write 16GiB"),
        ("2TB", "'2TB': a TB is less than a TiB; write 2TiB"),
        ("512MiB", "'512MiB' is no size in whole GiB such as 16, 16GiB or 1TiB"),
        ("1.5", "'1.5' is no size in whole GiB such as 16, 16GiB or 1TiB"),
        ("-1", "'-1' is no size in whole GiB such as 16, 16GiB or 1TiB"),
        ("much", "'much' is no size in whole GiB such as 16, 16GiB or 1TiB"),
        ("", "'' is no size in whole GiB such as 16, 16GiB or 1TiB"),
        ("\u0661", "'\u0661' is no size in whole GiB such as 16, 16GiB or 1TiB"),
        ("0GiB", "it must be 1 or more"),
        ("9999999TiB", "'10239998976' is no whole number"),
    ],
)
def test_other_size_is_refused_with_what_to_write(text, problem):
    with pytest.raises(ArgumentTypeError) as caught:
        gib(text)
    assert str(caught.value) == problem
