"""The page of all commands is as the code is, and the commands reach the whole API."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from cudo_sdk import CudoComputeSDK
from cudo_sdk.functions.base import api_function, api_iterator

PROJECT = Path(__file__).resolve().parent.parent
TOOL = PROJECT / "tools" / "commands.py"

NOT_REACHED = {"ListVMMachineTypes2": "deprecated by the API; machine-type list has the other"}


# Nouns of this program's own files, its prompt and logins.
NOT_OF_THE_API = {"auth", "completion", "config", "context", "login", "logout", "record"}


def page() -> str:
    text = runpy.run_path(str(TOOL))["page"]()
    assert isinstance(text, str)
    return text


def operations() -> set[str]:
    """Every operation of the API that the SDK has, by the line of its docstring."""
    found: set[str] = set()
    for kind in CudoComputeSDK.__mro__:
        for value in vars(kind).values():
            if isinstance(value, api_function | api_iterator):
                for line in re.findall(r"^ *API: (.+)$", value.__doc__ or "", re.MULTILINE):
                    found |= set(re.split(r",\s*", line))
    return found


def test_page_is_as_the_code_is():
    written = (PROJECT / "docs" / "commands.md").read_text()

    assert written == page(), "docs/commands.md is stale: run python tools/commands.py"


def test_commands_reach_every_operation_of_the_api():
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    reached = {name for row in rows for name in row.rsplit(" | ", 1)[1].removesuffix(" |").split(", ")}

    assert operations() - reached == set(NOT_REACHED)
    assert len(operations()) == 122


def test_every_command_has_an_operation_and_an_example():
    rows = [line for line in page().splitlines() if line.startswith("| `")]

    assert rows
    assert [row for row in rows if re.search(r"\| *\| *[^|]*$|``", row)] == []
    alone = {re.split("[` ]", row)[2] for row in rows if row.endswith(" | none |")}
    assert alone <= NOT_OF_THE_API
