"""The words of the program around a script: its options, its parameters, its help."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from cudo_sandbox import Sandbox
from cudo_shell.main import main


@pytest.fixture
def say(tmp_path: Path, sandbox: Sandbox):
    """Run the program in this process: exit code, stdout, stderr."""
    env = {"CUDO_API_KEY": sandbox.api_key, "CUDO_API_URL": sandbox.url, "CUDO_PROJECT_ID": "demo"}
    env["CUDO_STATE_DIR"] = str(tmp_path / "state")

    def say(*words: str, stdin: str = "", env: dict[str, str] = env) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        code = main(words, io.TextIOWrapper(io.BytesIO(stdin.encode())), out, err, env)
        return int(code), out.getvalue(), err.getvalue()

    return say


HELLO = "#!/usr/bin/env cudo\n# Say hello.\nparam who = you\nparam n: int = 1\necho hello ${who} ${n}\n"


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    """A script that needs nothing but its parameters."""
    (tmp_path / "hello.cudo").write_text(HELLO)
    return tmp_path / "hello.cudo"


@pytest.mark.parametrize(
    "words",
    [
        ["hello.cudo", "who=me"],
        ["./hello.cudo", "who=me"],
        ["--trace", "hello.cudo", "who=me"],
        ["hello.cudo", "--keep-going", "who=me", "--yes"],
        ["hello.cudo", "who=me", "-p", "research", "-v", "-o", "json"],
        ["-y", "hello.cudo", "who=me", "--dry-run"],
        ["-", "who=me"],
        ["-", "--trace", "who=me"],
        ["-e", "param who = me", "param n = 1", "echo hello ${who} ${n}"],
        ["-e", "let who = 'me'", "--keep-going", "-e", "echo hello ${who} 1"],
        ["-e", "let who = 'me'", "--keep-going", "let n = '1'", "echo hello ${who} ${n}"],
    ],
    ids=" ".join,
)
def test_script_is_run_with_options_before_and_behind_it(words, say, hello):
    code, out, _ = say(*words, stdin=HELLO)

    assert (code, out) == (0, "hello me 1\n")


def test_executable_file_without_our_ending_is_a_script(say, tmp_path):
    (tmp_path / "deploy").write_text(HELLO)

    assert say("./deploy", "who=me")[:2] == (0, "hello me 1\n")
    assert say("deploy", "n=2")[:2] == (0, "hello you 2\n")


def test_options_behind_a_script_count_as_those_before_it(say, tmp_path):
    (tmp_path / "x.cudo").write_text("vm list --columns id --limit 1\n")
    before = say("-o", "csv", "-p", "research", "x.cudo")

    assert before == say("x.cudo", "-o", "csv", "-p", "research") == (0, "id\nsim-1\n", "")


@pytest.mark.parametrize(
    "words", [["--check", "x.cudo"], ["x.cudo", "--check"], ["--check", "-"], ["--check"]]
)
def test_check_runs_nothing_and_needs_neither_login_nor_network(words, say, tmp_path):
    text = "param where: data-center\nvm terminate web-1 --yes\nlet x = vm get ${where}\n"
    (tmp_path / "x.cudo").write_text(text)
    name = "x.cudo" if "x.cudo" in words else "<stdin>"

    assert say(*words, stdin=text, env={"CUDO_API_URL": "http://127.0.0.1:1"}) == (
        0,
        "",
        f"{name}: no errors.\n",
    )
    (tmp_path / "x.cudo").write_text(f"{text}vmm list\nsleep soon\n")
    assert say(*words, stdin=f"{text}vmm list\nsleep soon\n", env={}) == (
        2,
        "",
        (
            f"{name}:4: There is no command 'vmm'.\nDid you mean: vm?\nTry: vm list\n  vmm list\n"
            f"{name}:5: 'soon' is no time such as 90s, 10m, 8h or 2d.\n  sleep soon\n"
            f"{name}: 2 errors.\n"
        ),
    )


def test_script_with_an_error_at_its_end_runs_nothing(say):
    code, out, err = say("-e", "vm terminate web-1 --yes", "vm get")

    assert (code, out) == (2, "")
    assert err.startswith("<line>:2: vm get: the following arguments are required: <vm-id>\n")
    assert say("-e", "vm get web-1 -q") == (0, "web-1\n", "")


@pytest.mark.parametrize("words", [["hello.cudo", "--help"], ["hello.cudo", "who=me", "-h"]])
def test_help_of_a_script_lists_its_parameters_and_needs_no_login(words, say, hello):
    code, out, err = say(*words, env={})

    assert (code, err) == (0, "")
    assert out.startswith(
        "usage: cudo [options] hello.cudo [options] [name=value ...]\n\nSay hello.\n\nparameters:\n"
        "  who=<text>  (default: you)\n  n=<int>     (default: 1)\n\nscripts:\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--check", "vm", "list"],
            "--check is an option of scripts, not of a command.\nWrite: cudo --check FILE\n",
        ),
        (
            ["--dry-run", "vm", "delete", "web-1"],
            (
                "Before the command, --dry-run is an option of scripts.\n"
                "Write it behind: cudo vm delete ... --dry-run\n"
            ),
        ),
        (
            ["-y", "vm", "delete", "web-1"],
            "Before the command, --yes is an option of scripts.\nWrite it behind: cudo vm delete ... --yes\n",
        ),
        (
            ["--report", "x", "help"],
            "--report is an option of scripts, not of a command.\nWrite: cudo --report FILE\n",
        ),
        (["--trace", "nightly"], "There is no command 'nightly'.\nSee: help\n"),
        (["nightly"], "There is no command 'nightly'.\nSee: help\n"),
        (["hello.cudo", "who"], "'who' is not name=value.\nA script takes its parameters as name=value.\n"),
        (["hello.cudo", "n=1", "n=2"], "The parameter 'n' is given twice.\nGive it once.\n"),
        (
            ["hello.cudo", "n=x", "woh=me"],
            (
                "There is no parameter 'woh' (did you mean who?). n: 'x' is no whole number.\n"
                "Parameters: who=<text>, n=<int>\n"
            ),
        ),
        (
            ["hello.cudo", "--chekc"],
            "cudo hello.cudo: unknown: --chekc\nDid you mean: --check?\n",
        ),
        (["-e"], "cudo: argument -e: expected at least one argument\nSee: cudo --help\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_around_a_script_that_make_no_sense_are_exit_2(words, message, say, hello):
    assert say(*words) == (2, "", message)


def test_options_of_scripts_are_none_of_the_prompt(say, monkeypatch):
    monkeypatch.setattr("cudo_shell.streams.is_terminal", lambda _stream: True)

    assert say("--check") == (
        2,
        "",
        "--check is an option of scripts, not of the prompt.\nWrite: cudo --check FILE\n",
    )


def test_key_and_script_cannot_both_come_from_stdin(say):
    for words in (["--api-key", "-"], ["--api-key", "-", "-"], ["--api-key", "-", "-", "--check", "x=1"]):
        code, _, err = say(*words, stdin="vm list\n")
        assert (code, err.split("\n")[0]) == (
            2,
            "Standard input cannot hold both the API key and the commands.",
        )
