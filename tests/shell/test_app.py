"""The prompt without a terminal: commands, completion, keys, and what of cmd2 it leans on."""

import argparse
import asyncio
import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import cmd2
import pytest
from cmd2.parsing import StatementParser
from prompt_toolkit.application import create_app_session
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from cudo_completions.candidates import Candidate
from cudo_completions.sources import SOURCES, Source
from cudo_sandbox import Sandbox
from cudo_sdk import AsyncSession
from cudo_shell.app import CudoShell
from cudo_shell.completer import LineCompleter
from cudo_shell.connection import Connection
from cudo_shell.contexts import Context, Contexts
from cudo_shell.exits import ExitCode
from cudo_shell.quoting import words_of
from cudo_shell.settings import settings_from
from cudo_shell.streams import Streams
from cudo_shell.targets import Target
from cudo_shell.workspace import Workspace


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


class Teletype(io.StringIO):
    """A stream that claims to be a terminal; what is drawn there goes nowhere."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def work(sandbox: Sandbox) -> Iterator[Workspace]:
    def open_session(_: Target, connection: Connection) -> AsyncSession:
        hooks = connection.traffic.hooks()
        return AsyncSession(api_key="sandbox-key", base_url=sandbox.url, hooks=hooks)

    connection = Connection(open_session, Target("test", sandbox.url, "key", "test"))
    yield Workspace(
        settings=settings_from({"project": "demo"}, {}),
        streams=Streams(io.StringIO(), io.StringIO(), io.StringIO()),
        connection=connection,
        environ={},
    )
    connection.close()


@pytest.fixture
def sources() -> dict[str, Source]:
    return dict(SOURCES)


@pytest.fixture
def app(work: Workspace, sources: dict[str, Source]) -> Iterator[CudoShell]:
    shell = CudoShell(work, sources=sources)
    yield shell
    until = time.monotonic() + 10
    while any(entry.refreshing for entry in shell._listings._entries.values()) and time.monotonic() < until:
        time.sleep(0.001)  # else the connection is closed under a listing


@pytest.fixture
def run(app: CudoShell, work: Workspace) -> Callable[[str], tuple[int, str, str]]:
    """Run a line; give its status, and what it wrote to stdout and stderr."""

    def run_line(line: str) -> tuple[int, str, str]:
        out, err = work.streams.out, work.streams.err
        assert isinstance(out, io.StringIO)
        assert isinstance(err, io.StringIO)
        for stream in (out, err):
            stream.seek(0)
            stream.truncate()
        app.onecmd_plus_hooks(line)
        return app.status, out.getvalue(), err.getvalue()

    return run_line


@pytest.fixture
def offered(app: CudoShell) -> Callable[[str], list[str]]:
    """What stands in the menu behind a line, once the listings that it needs have come."""

    def complete(line: str) -> list[str]:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            app._tab._offer = None
            found = [each.text.strip() for each in completions(app, line)]
            if app._tab._offer is None or not app._tab._offer.loading:
                return found
            time.sleep(0.01)
        raise AssertionError(f"{line!r} is still loading")

    return complete


def completions(app: CudoShell, line: str) -> list[Completion]:
    """The rows of the menu behind a line, as the Tab key asks for them."""
    assert isinstance(app.main_session.completer, LineCompleter)
    return [
        *app.main_session.completer.get_completions(Document(line), CompleteEvent(completion_requested=True))
    ]


# Commands


def test_command_runs_and_leaves_its_status(run):
    assert run("vm get web-1 -o ids") == (ExitCode.OK, "web-1\n", "")


def test_command_that_fails_leaves_its_status(run):
    status, out, err = run("vm get no-such-vm")

    assert (status, out) == (ExitCode.NOT_FOUND, "")
    assert "no-such-vm" in err


def test_word_that_is_no_command_names_near_ones(run):
    assert run("vmm list") == (ExitCode.USAGE, "", "There is no command 'vmm'.\nDid you mean: vm?\n")


def test_other_name_of_a_noun_works(run):
    assert run("dc list -o ids") == run("data-center list -o ids")


def test_line_that_cannot_be_read_is_a_failure(run, capsys):
    status, out, _ = run("vm get 'web-1")

    assert (status, out) == (ExitCode.FAILURE, "")
    assert capsys.readouterr().err == "Invalid syntax: a quote is not closed\n"


def test_blank_line_and_comment_change_nothing(run):
    run("vm get no-such-vm")

    assert run("") == (ExitCode.NOT_FOUND, "", "")
    assert run("# a comment") == (ExitCode.NOT_FOUND, "", "")


def test_project_use_changes_the_prompt(app, run):
    assert app.visible_prompt == "test/demo> "
    run("project use research")
    assert app.visible_prompt == "test/research> "


def test_switch_changes_the_prompt_and_forgets_what_was_listed(app, run, offered, work, sandbox):
    assert "web-1" in offered("vm get ")
    old = app._listings
    work.connection.switch(Target("elsewhere", sandbox.url, "key", "test"))
    assert app._scope.credential == "elsewhere#1"
    run("")
    run("vm count -q")
    assert app.visible_prompt == "elsewhere/demo> "
    assert app._listings is not old
    assert "web-1" in offered("vm get ")


def test_names_of_contexts_are_offered_as_they_are_in_the_file_now(offered, tmp_path):
    file = tmp_path / "config" / "config.yaml"
    assert offered("context use ") == []
    Contexts({name: Context(name, "https://a.test") for name in ("dev", "prod")}).save(file)
    vendor = tmp_path / "home" / ".config" / "cudo" / "cudo.yml"
    vendor.parent.mkdir(parents=True)
    vendor.write_text("configVersion: v0\ncontexts: [{name: acme}]\n")
    assert [text.strip() for text in offered("context use ")] == ["cudoctl/acme", "dev", "prod"]
    assert [text.strip() for text in offered("context delete ")] == ["dev", "prod"]
    assert [text.strip() for text in offered("context get cud")] == ["cudoctl/acme"]
    file.write_text("contexts: [\n")
    assert offered("context delete ") == []


def test_history_command_shows_lines_that_contain_a_text_with_their_numbers(app, run):
    for line in ("vm list", "disk list", "vm get web-1"):
        app.main_session.history.append_string(line)

    assert run("history vm") == (ExitCode.OK, "    1  vm list\n    3  vm get web-1\n", "")
    assert run("history") == (ExitCode.OK, "    1  vm list\n    2  disk list\n    3  vm get web-1\n", "")


def test_line_of_the_history_that_is_not_there_is_refused(run):
    assert run("history run 7") == (
        ExitCode.USAGE,
        "",
        "There is no line 7 in the history.\nSee: history\n",
    )


def test_several_lines_are_not_run_where_nobody_can_be_asked(app, run):
    assert run("vm get web-1 -o ids\nvm get web-2 -o ids") == (
        ExitCode.OK,
        "",
        "Nothing was run. What was not run is at the prompt; Ctrl-C drops it.\n",
    )
    assert app._draft == "vm get web-1 -o ids\nvm get web-2 -o ids"


def test_several_lines_run_without_a_question_where_that_was_chosen(app, run, work):
    work.settings.choose("confirm_paste", "no", "a test")
    status, out, err = run("vm get web-1 -o ids\n\n# and\nvm get nope\nvm get web-2 -o ids")

    assert (status, app._draft) == (ExitCode.NOT_FOUND, "vm get web-2 -o ids")
    assert out == "test/demo> vm get web-1 -o ids\nweb-1\ntest/demo> vm get nope\n"
    assert err.endswith("That failed. What was not run is at the prompt; Ctrl-C drops it.\n")
    tried, left = ["vm get web-1 -o ids", "vm get nope"], ["vm get web-2 -o ids"]
    assert app.main_session.history.get_strings() == [*tried, *left]


def test_interrupt_between_two_commands_gives_back_what_was_not_run(app, run, work):
    work.settings.choose("confirm_paste", "no", "a test")
    app.sigint_handler(signal.SIGINT, None)

    assert run("vm get web-1 -o ids\nvm get web-2 -o ids") == (
        ExitCode.INTERRUPTED,
        "",
        "Interrupted. What was not run is at the prompt; Ctrl-C drops it.\n",
    )
    assert app._draft == "vm get web-1 -o ids\nvm get web-2 -o ids"


def test_interrupt_between_the_line_and_its_command_ends_the_command(app, run):
    app.sigint_handler(signal.SIGINT, None)

    assert run("vm get web-1 -o ids") == (ExitCode.INTERRUPTED, "", "Interrupted.\n")


def test_exit_among_several_lines_ends_the_session(app, work):
    work.settings.choose("confirm_paste", "no", "a test")

    assert app.onecmd_plus_hooks("vm get web-1 -o ids\nexit\nvm get web-2 -o ids")
    assert "web-2" not in work.streams.out.getvalue()


def test_words_of_the_prompt_have_help_of_their_own(run):
    status, out, err = run("help history")

    assert (status, err, "history run N" in out) == (ExitCode.OK, "", True)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("vm list -q | grep nothing-matches", 1),
        ("vm list -q > /nonexistent/x", 1),
        ("assert ${`false`}", 1),
        ("vm get web-9", 4),
        ("let x = 5", 2),
    ],
)
def test_status_is_a_variable_of_the_next_line_however_a_line_failed(line, status, run):
    run("vm count")
    assert run(line)[0] == status
    assert run("echo ${status}")[1] == f"{status}\n"
    run("vm count")
    assert run("echo ${status}")[1] == "0\n"


def test_exit_leaves_with_the_status_of_the_last_command(app, run):
    run("vm get no-such-vm")

    assert app.onecmd_plus_hooks("exit")
    assert app.exit_code == ExitCode.NOT_FOUND


def test_commands_are_the_nouns_and_a_few_words_of_the_prompt(app):
    from cudo_shell.commands import NOUNS

    assert set(app.get_visible_commands()) == {*NOUNS, "help", "history", "exit"}


def test_own_change_makes_the_next_listing_a_new_one(offered, run):
    assert "fresh-1" not in offered("disk get ")
    run("disk create fresh-1 --size 1 --data-center gb-bournemouth-1 --no-wait")

    assert "fresh-1" in offered("disk get ")
    run("disk delete fresh-1 --yes")


# The language


def test_variables_live_on_from_line_to_line(run):
    assert run("let vms = vm list")[:2] == (ExitCode.OK, "")
    assert run("echo ${vms[?state=='ACTIVE'] | [0].id}") == (ExitCode.OK, "web-1\n", "")
    assert run("try vm get ${vms[1].id} -o ids") == (ExitCode.OK, "web-2\n", "")


def test_block_is_one_command(run):
    text = "for id in web-1 web-2\n  if ${id == 'web-2'}\n    vm get ${id} -o ids\n  end\nend"

    assert run(text) == (ExitCode.OK, "web-2\n", "")


def test_block_beside_other_commands_is_one_of_them(app, run, work):
    work.settings.choose("confirm_paste", "no", "a test")
    status, out, _ = run("echo a\nfor x in b c\n  echo ${x}\nend\nvm get nope\necho d")

    assert (status, app._draft) == (ExitCode.NOT_FOUND, "echo d")
    assert out == (
        "test/demo> echo a\na\ntest/demo> for x in b c\n      ...>   echo ${x}\n      ...> end\n"
        "b\nc\ntest/demo> vm get nope\n"
    )
    assert app.main_session.history.get_strings()[1] == "for x in b c\n  echo ${x}\nend"


def test_output_of_a_statement_is_redirected_and_a_bar_inside_of_an_expression_is_no_pipe(run, tmp_path):
    file = tmp_path / "ids"

    assert run(f"vm get ${{['web-1', 'web-2'] | [1]}} -o ids > {file}") == (ExitCode.OK, "", "")
    assert file.read_text() == "web-2\n"
    assert run(f"echo '${{x' >> {file}")[0] == ExitCode.OK
    assert file.read_text() == "web-2\n${x\n"


ONE = "Write one command a line"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("vm get web-1 -o ids; exit", "';' has no meaning here.\nWrite one command a line.\n"),
        ("vm get web-1 -o ids --filter id<b", "'<' has no meaning here.\nQuote it: --filter 'id<b'\n"),
        (
            "vm get web-1 || exit",
            (
                f"'||' has no meaning here.\n{ONE}; in a script or a paste, "
                "'try' before one lets the next run all the same.\n"
            ),
        ),
        (
            "for x in a\n  echo a && echo b\nend",
            (
                f"'&&' has no meaning here.\n{ONE}: "
                "in a script or a paste, what follows runs only if it succeeds.\n"
            ),
        ),
    ],
)
def test_operator_of_a_unix_shell_is_refused_and_nothing_runs(run, line, told):
    assert run(line) == (ExitCode.USAGE, "", told)


@pytest.mark.parametrize(
    ("line", "draft"),
    [
        ("cudo vm list  -q", "vm list  -q"),
        ("let x = cudo vm list", "let x = vm list"),
        ("cudo deploy.cudo a=1", "source deploy.cudo a=1"),
        ("cudo vm list --password hunter2", ""),
    ],
)
def test_name_of_the_program_is_left_out_of_the_line_that_is_offered(app, run, line, draft):
    told = "This is the prompt of cudo: its commands stand here without that word.\n"

    assert run(line) == (ExitCode.USAGE, "", told)
    assert app._draft == draft


def test_name_of_the_program_before_what_destroys_is_told_and_never_one_enter_away(app, run):
    assert run("cudo vm delete web-1")[2].splitlines()[1:] == ["Try: vm delete web-1"]
    assert app._draft == ""


def test_redirection_inside_of_a_block_is_refused(run, tmp_path):
    status, out, err = run(f"for x in a\n  echo ${{x}} > {tmp_path}/f\nend")

    assert (status, out, err) == (ExitCode.USAGE, "", "'>' has no meaning here.\nQuote it: '>'\n")
    assert list(tmp_path.iterdir()) == []


def test_script_runs_with_the_variables_of_the_prompt(run, tmp_path):
    (tmp_path / "ids.cudo").write_text("param id: vm\nlet found = vm get ${id}\n")

    assert run(f"source {tmp_path}/ids.cudo id=web-2")[0] == ExitCode.OK
    assert run("echo ${found.id}") == (ExitCode.OK, "web-2\n", "")


def test_corrected_block_waits_in_the_next_prompt(app, run):
    run("for x in a\n  vm cuont\nend")
    assert app._draft == "for x in a\n  vm count\nend"

    app._draft = ""
    _, _, told = run("for x in a\n  try vm terminat x\nend")
    assert (app._draft, "terminate" in told, "Try:" in told) == ("", True, False)


def test_wrong_word_behind_a_modifier_is_corrected(app, run):
    run("let x = vm cuont")

    assert app._draft == "let x = vm count"


def test_word_of_the_language_has_help(run):
    assert run("help let") == (
        ExitCode.OK,
        "Keep the result of a command, or a value: let vms = vm list\n",
        "",
    )


@pytest.mark.parametrize(("line", "status"), [("exit 3", 3), ("exit", 4)])
def test_exit_leaves_with_the_status_that_was_given(app, run, line, status):
    run("vm get no-such-vm")

    assert (app.onecmd_plus_hooks(line), app.exit_code) == (True, status)


@pytest.mark.parametrize("status", ["soon", "256", "-1", "3 4", "9" * 5000], ids=lambda text: text[:4])
def test_exit_with_something_that_is_no_status_does_not_leave(app, run, status):
    assert app.onecmd_plus_hooks(f"exit {status}") is False
    assert app.status == ExitCode.USAGE


def test_history_shows_every_line_of_a_block(app, run):
    app.main_session.history.append_string("for x in a\n  echo ${x}\nend")

    assert run("history echo")[1] == "    1  for x in a\n         echo ${x}\n       end\n"


def test_variables_are_offered_inside_of_an_expression(app, run):
    run("let vms = vm list")
    found = [each.text for each in completions(app, "echo ${vm")]

    assert found == ["vms"]


# Completion


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("v", ["vm "]),
        ("vm ge", ["get"]),
        ("vm sh", ["show"]),
        ("vm get web", ["web-1", "web-2"]),
        ("vm get eb-2", ["web-2"]),
        ("vm get wbe-2", ["web-2"]),
        ("vm start ", ["web-2"]),
        ("vm list --outp", ["--output"]),
        ("vm list --output ", ["csv", "ids"]),
        ("vm list --output=j", ["--output=json", "--output=jsonl"]),
        ("dc get no-l", ["no-luster-1"]),
        ("project use re", ["research"]),
        ("help v", ["vm"]),
        ("help vm g", ["get"]),
        ("?v", ["?vm"]),
        ("? vm g", ["get"]),
    ],
)
def test_word_is_completed_by_what_stands_before(offered, line, first):
    found = offered(line)

    assert [text.strip() for text in found][: len(first)] == [text.strip() for text in first]


@pytest.mark.parametrize(
    "line", ["nosuch ", "nosuch x", "vm nosuch ", "exit ", "history ", "vm get web-1 | "]
)
def test_where_nothing_is_known_nothing_is_offered(offered, line):
    assert "web-1" not in offered(line)


def test_project_to_the_left_is_the_one_that_is_asked(offered):
    assert offered("vm get web") == ["web-1", "web-2"]
    assert "web-1" not in offered("vm get --project research ")


def test_machine_types_are_those_of_the_data_center_to_the_left(offered):
    found = offered("vm create x --data-center no-luster-1 --machine-type ")

    assert "epyc-rome-rtx-a5000" in found
    assert "sky-lake-a4500" not in found


def inserted(app: CudoShell, line: str) -> list[str]:
    """The lines that result from taking each row of the menu."""
    return [line[: len(line) + each.start_position] + each.text for each in completions(app, line)]


@pytest.fixture
def named(sources: dict[str, Source], app: CudoShell) -> Callable[..., None]:
    """Let the listing of VMs have these names, as if the API had sent them."""

    def land(*names: str) -> None:
        async def vms(_session: Any, _project: str) -> list[Candidate]:
            return [Candidate(name) for name in names]

        sources["vms"] = vms
        until = time.monotonic() + 10
        while app._listings.look("vms", app._scope).age is None:
            assert time.monotonic() < until
            time.sleep(0.001)

    return land


def test_name_with_a_space_is_inserted_in_quotes(app, named):
    named("my key")

    assert inserted(app, "vm get ") == ["vm get 'my key' "]
    assert inserted(app, "vm get 'my") == ["vm get 'my key' "]
    assert inserted(app, 'vm get "my k') == ['vm get "my key" ']
    assert inserted(app, "vm get my\\ k") == ["vm get 'my key' "]


HOSTILE = [
    "a|touch x",
    "r>s",
    "x;y",
    'a"b',
    "a'b",
    "a'$HOME`id`",
    "$HOME",
    "a\\b",
    "#1",
    "<x",
    "!ls",
    "?help",
    "~",
]
LEFT_OUT = ["-dash", "--yes", "@1", "a\x1b[31m", "a\u202eb", "a\nb", " a"]


@pytest.mark.parametrize("name", HOSTILE)
def test_name_that_could_steer_arrives_as_it_is(app, named, name):
    named(name)
    (line,) = inserted(app, "vm get ")

    assert words_of(app.statement_parser.parse(line).command_and_args) == ["vm", "get", name]
    assert not app.statement_parser.parse(line).redirector


@pytest.mark.parametrize("name", LEFT_OUT)
def test_name_that_would_mislead_is_never_inserted_but_counted(app, named, name):
    named(name, "safe-1")

    assert inserted(app, "vm get ") == ["vm get safe-1 "]
    assert app._tab._offer.withheld == 1


def test_a_hundred_thousand_names_complete_while_a_key_is_held(app, named):
    named(*(f"vm-{number:06d}" for number in range(100_000)))
    inserted(app, "vm get vm-0")
    started = time.process_time()

    assert len(inserted(app, "vm get vm-0")) == 200
    assert time.process_time() - started < 0.5  # 0.02 measured; cmd2's own way takes 3 s


# Keys


@pytest.fixture
def typed(work: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[int, str]]:
    """Type keys into a running prompt; give the exit status and what was printed."""

    def run_keys(keys: str) -> tuple[int, str]:
        stdin, out = Teletype(), Teletype()
        monkeypatch.setattr(sys, "stdin", stdin)  # for others, cmd2 would look for the device behind
        monkeypatch.setattr(sys, "stdout", out)
        work.streams = Streams(stdin, out, io.StringIO())
        with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
            pipe.send_text(keys)
            return CudoShell(work).cmdloop(), out.getvalue()

    return run_keys


def test_keys_in_one_burst_are_completed_and_run(typed):
    status, out = typed("whoa\t\rvm ge\tweb-2 -o ids\r\x04")

    assert status == 0
    assert "web-2\n" in out


def test_ctrl_c_at_the_prompt_drops_the_line(typed):
    status, out = typed("vm get web-1 -o ids\x03vm get web-2 -o ids\r\x04")

    assert (status, "web-1\n" in out, "web-2\n" in out) == (0, False, True)


# What of others it leans on


def test_start_loads_no_noun_and_no_http_library():
    program = "import sys, cudo_shell.app; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())

    assert not loaded & {"httpx", "pydantic", "starlette", "cudo_sandbox", "cudo_shell.commands.vm"}


def test_private_names_that_we_use_are_there():
    assert asyncio.iscoroutinefunction(Buffer._set_completions) is False
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()
    verbs.add_parser("get", help="one")
    assert [(each.dest, each.help) for each in verbs._choices_actions] == [("get", "one")]
    assert verbs in parser._actions
    assert parser._get_formatter()._expand_help(parser._actions[0])
    assert StatementParser(shortcuts={"?": "help"})._expand("?vm") == "help vm"
    assert callable(cmd2.Cmd._redirect_output)
    assert callable(cmd2.Cmd._raise_keyboard_interrupt)
