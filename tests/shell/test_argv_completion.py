"""Tab in front of `cudo`: what each word may become, whose names are offered, and who is asked for them."""

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.test_surface import HEAVY

from cudo_completions.candidates import Candidate
from cudo_completions.disk import FRESH
from cudo_shell import argv_completion
from cudo_shell.argv_completion import Tab, answer
from cudo_shell.commands import NOUNS
from cudo_shell.contexts import Context, Contexts, config_file
from cudo_shell.kept import forget, scope_of, shelf_of
from cudo_shell.settings import Settings, settings_from
from cudo_shell.targets import Choice, Target, resolve, sources_from

KEY = {"CUDO_API_KEY": "alice", "CUDO_API_URL": "https://api.example", "CUDO_PROJECT_ID": "demo"}
LATE = {  # what a command needs that runs, asks a person, shows its result or writes a file
    "cudo_completions.cache",
    "cudo_sdk",
    "cudo_shell.asking",
    "cudo_shell.losses",
    "cudo_shell.output.charts",
    "cudo_shell.output.console",
    "cudo_shell.output.filtering",
    "cudo_shell.output.handlers",
    "cudo_shell.output.selection",
    "cudo_shell.streams",
    "threading",
}
if sys.platform == "linux":
    LATE |= {"platformdirs", "shutil", "tempfile"}  # elsewhere, the first needs the others


class Line:
    """A person who presses Tab in some environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = {**os.environ, **environ}
        self.asked: list[list[str]] = []

    def tab(self, *words: str) -> list[str]:
        """What the last word may become; then what is old is asked for."""
        tab = Tab(self.environ, lambda command, _environ: self.asked.append(list(command)))
        offer = tab.offer(words)
        tab.ask()
        return [offer.lead + each.text for each in offer.candidates]

    def aim(self, **choice: str | bool) -> tuple[Target, Settings]:
        """Where commands of this environment go."""
        sources = sources_from(self.environ)
        target = resolve(Choice(current=sources.contexts.current, **choice), sources)  # type: ignore[arg-type]  # a context or the sandbox
        settings = settings_from({}, self.environ, sources.contexts.settings)
        settings.aim(target.above, target.below, elsewhere=False)
        return target, settings

    def keep(
        self, kind: str, *names: str | Candidate, project: str = "", ago: float = 0, **choice: str | bool
    ) -> None:
        """Put a listing of this environment on the disk, some seconds ago."""
        target, settings = self.aim(**choice)
        if project:
            settings.choose("project", project, "a test")
        scope = scope_of(target, settings)
        assert scope is not None
        found = [each if isinstance(each, Candidate) else Candidate(each) for each in names]
        shelf = shelf_of(settings)
        shelf._clock = lambda: time.time() - ago
        shelf.put(kind, scope, found, began=time.time() - ago - 1)


@pytest.fixture
def line() -> Line:
    return Line(KEY)


# What a word may be


def test_line_begins_with_a_command_or_a_script(line: Line):
    Path("deploy.cudo").write_text("vm list\n")
    Path("notes.txt").write_text("")
    Path("scripts").mkdir()

    assert set(line.tab("")) == {*NOUNS, "help", "deploy.cudo"}
    assert line.tab("de") == ["deploy.cudo"]
    assert line.tab("sc") == ["scripts/"]
    assert line.tab("no") == []


def test_script_in_a_directory_is_offered(line: Line):
    Path("scripts").mkdir()
    Path("scripts/deploy.cudo").write_text("vm list\n")

    assert line.tab("scripts/") == ["scripts/deploy.cudo"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--sand"], ["--sandbox"]),
        (["-o", "js"], ["json", "jsonl"]),
        (["--output=js"], ["--output=json", "--output=jsonl"]),
        (["--sandbox", "vm", "ge"], ["get"]),
        (["vm", "li"], ["list"]),
        (["vm", "list", "-o", "js"], ["json", "jsonl"]),
        (["vm", "list", "--columns", "id,sta"], ["id,state"]),
        (["vm", "stop", "--filter", "state=STOPP"], ["state=STOPPED", "state=STOPPING"]),
        (["help", "vm", "ge"], ["get"]),
        (["help", "vol"], ["volume"]),
        (["dc", "li"], ["list"]),
        (["completion", "b"], ["bash"]),
        (["nonsense", "x"], []),
        (["vm", "nonsense", "x"], []),
        (["vm", "list", "LI"], []),
    ],
)
def test_word_is_completed_as_at_the_prompt(line: Line, words: list[str], expected: list[str]):
    assert line.tab(*words) == expected


def test_contexts_are_offered_to_options(line: Line):
    Contexts({"dev": Context("dev", "https://dev.example")}).save(config_file(os.environ))

    assert line.tab("--context", "") == ["dev"]
    assert line.tab("--context=d") == ["--context=dev"]


def test_file_is_offered_behind_its_mark(line: Line):
    Path("key.txt").write_text("k")

    assert line.tab("--api-key", "@k") == ["@key.txt"]


def test_locked_line_sees_no_file_outside_of_its_folder(line: Line, tmp_path: Path):
    Path("secret.txt").write_text("k")
    Path("open").mkdir()
    Path("open/key.txt").write_text("k")

    assert line.tab("--locked", "--folder", "open", "--api-key", "@") == []
    assert line.tab("--locked", "--folder", "open", "--api-key", "@open/") == ["@open/key.txt"]
    locked = Line({"CUDO_LOCKED": "1"})
    assert locked.tab("--api-key", "@s") == []
    with pytest.raises(Exception, match="locked by CUDO_LOCKED"):
        locked.tab("--folder", ".", "--api-key", "@s")


# Scripts


DEPLOY = """\
# Make a machine.
param region: data-center "where to run"
param size: choice(small, big) = small
param keep: bool = no
param image: image
param note \\
  = hello "what to say"
vm list
"""


@pytest.fixture
def script() -> Path:
    file = Path("deploy.cudo")
    file.write_text(DEPLOY)
    return file


@pytest.mark.usefixtures("script")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["deploy.cudo", "reg"], ["region="]),
        (["deploy.cudo", ""], ["image=", "keep=", "note=", "region=", "size="]),
        (["deploy.cudo", "region=x", "note=", ""], ["image=", "keep=", "size="]),
        (["deploy.cudo", "--check", "region=x", "r"], []),
        (["deploy.cudo", "size="], ["size=big", "size=small"]),
        (["deploy.cudo", "keep=t"], ["keep=true"]),
        (["deploy.cudo", "note="], []),
        (["deploy.cudo", "other="], []),
        (["deploy.cudo", "--che"], ["--check"]),
        (["deploy.cudo", "--he"], ["--help"]),
        (["deploy.cudo", "--version"], []),
        (["deploy.cudo", "-o", "jsonl", "--re"], ["--report"]),
        (["missing.cudo", "reg"], []),
    ],
)
def test_parameter_of_a_script_is_completed(line: Line, words: list[str], expected: list[str]):
    assert line.tab(*words) == expected


@pytest.mark.usefixtures("script")
def test_value_of_a_parameter_is_a_live_name_of_its_type(line: Line):
    line.keep("data_centers", "gb-1", "se-1")
    line.keep("public_images", "ubuntu")
    line.keep("private_images", "mine")

    assert line.tab("deploy.cudo", "region=g") == ["region=gb-1"]
    assert line.tab("deploy.cudo", "image=") == ["image=mine", "image=ubuntu"]


@pytest.mark.usefixtures("script")
def test_option_behind_a_script_says_where_its_names_come_from(line: Line):
    line.keep("data_centers", "gb-1")

    assert line.tab("deploy.cudo", "--sandbox", "region=") == []
    assert line.asked == [["--sandbox", "--project=demo", "completion", "refresh", "data_centers"]]


def test_script_outside_of_the_folder_of_a_locked_line_is_not_read(line: Line, script: Path):
    Path("open").mkdir()

    assert line.tab(str(script), "reg") == ["region="]
    assert line.tab(str(script), "--locked", "--folder", "open", "reg") == []


def test_script_that_is_no_file_holds_up_nobody(line: Line):
    os.mkfifo("pipe.cudo")

    assert line.tab("pipe.cudo", "r") == []


# Whose names


def test_names_are_those_on_the_disk_with_what_is_beside_them(line: Line):
    line.keep("vms", Candidate("web-1", "ACTIVE\t\t$0.02/h"), "db-1")

    assert line.tab("vm", "get", "") == ["db-1", "web-1"]
    assert line.tab("vm", "get", "we") == ["web-1"]
    out = io.StringIO()
    answer(["fish", "vm", "get", "we"], out, line.environ)
    assert out.getvalue() == "web-1\tACTIVE  $0.02/h\n"


@pytest.mark.parametrize(
    "other",
    [
        {**KEY, "CUDO_API_KEY": "bob"},
        {**KEY, "CUDO_API_URL": "https://other.example"},
        {**KEY, "CUDO_PROJECT_ID": "prod"},
        {**KEY, "CUDO_SANDBOX": "1"},
        {"CUDO_PROJECT_ID": "demo"},
    ],
)
def test_names_of_another_key_place_or_project_are_never_offered(line: Line, other: dict[str, str]):
    line.keep("vms", "web-1")

    assert Line(other).tab("vm", "get", "") == []


def test_names_are_those_of_the_project_that_the_line_chooses(line: Line):
    line.keep("vms", "web-1")
    line.keep("vms", "prod-1", project="prod")
    line.keep("projects", "demo", "prod")

    assert line.tab("vm", "get", "") == ["web-1"]
    assert line.tab("-p", "prod", "vm", "get", "") == ["prod-1"]
    assert line.tab("vm", "get", "-p", "prod", "") == ["prod-1"]
    assert line.tab("-p", "") == ["demo", "prod"]


def test_names_are_those_of_the_key_in_a_file(line: Line):
    line.keep("vms", "web-1")
    Path("key").write_text("alice\n")
    Path("other").write_text("bob")

    assert line.tab("--api-key", "@key", "vm", "get", "") == ["web-1"]
    assert line.tab("--api-key=@other", "vm", "get", "") == []


def test_key_from_stdin_has_no_names_and_is_not_waited_for(line: Line):
    out = io.StringIO()

    assert answer(["zsh", "--api-key", "-", "vm", "get", ""], out, line.environ) == 0
    assert out.getvalue() == ""


def test_names_agree_with_what_was_typed_before(line: Line):
    line.keep("data_centers", Candidate("gb-1", facts={"data_center": "gb-1"}))
    line.keep("machine_types", Candidate("small", facts={"data_center": "gb-1"}), Candidate("large"))

    words = ["vm", "create", "web-9", "--machine-type", ""]
    assert line.tab(*words) == ["large", "small"]
    assert line.tab(*words[:3], "--data-center", "gb-1", *words[3:]) == ["small"]


def test_preferred_names_come_first(line: Line):
    line.keep("disks", "a-attached", Candidate("b-ready", facts={"state": "READY"}))

    assert line.tab("disk", "attach", "")[0] == "b-ready"


def test_more_names_than_a_menu_has_rows_are_all_offered(line: Line):
    line.keep("vms", *(f"vm-{number:04}" for number in range(1000)))

    assert len(line.tab("vm", "get", "vm-0")) == 1000


# Contexts and their logins


def test_names_of_one_context_are_not_those_of_another(line: Line):
    contexts = {name: Context(name, "https://api.example", project="demo") for name in ("dev", "prod")}
    Contexts(contexts, current="dev").save(config_file(os.environ))
    line = Line({})
    line.keep("vms", "dev-1")
    line.keep("vms", "prod-1", context="prod")

    assert line.tab("vm", "get", "") == ["dev-1"]
    assert line.tab("--context", "prod", "vm", "get", "") == ["prod-1"]
    assert line.asked == []


def login(record: Mapping[str, object], suffix: str = "json") -> Path:
    """Leave the record of a login of context dev, as its store does."""
    folder = Path(os.environ["CUDO_STATE_DIR"]) / "credentials"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"dev-0123456789abcdef.{suffix}"
    file.write_text(json.dumps(record))
    return file


@pytest.fixture
def dev() -> Line:
    dev = Context("dev", "https://api.example", project="demo")
    Contexts({"dev": dev}, current="dev").save(config_file(os.environ))
    return Line({})


TOKENS = {
    "kind": "tokens",
    "issuer": "https://id.example",
    "access_token": "one",
    "persona": {"sub": "alice"},
}


def test_names_stay_while_a_login_renews_its_tokens(dev: Line):
    login(TOKENS)
    dev.keep("vms", "web-1")

    login({**TOKENS, "access_token": "two", "gen": 2})

    assert dev.tab("vm", "get", "") == ["web-1"]


@pytest.mark.parametrize(
    "record",
    [
        {**TOKENS, "persona": {"sub": "bob"}},
        {**TOKENS, "issuer": "https://other.example"},
        {"kind": "api_key", "api_key": "k"},
        {},
    ],
)
def test_names_go_when_somebody_else_logs_in(dev: Line, record: dict[str, object]):
    login(TOKENS)
    dev.keep("vms", "web-1")

    login(record)

    assert dev.tab("vm", "get", "") == []


def test_names_go_with_the_login(dev: Line):
    file = login(TOKENS)
    dev.keep("vms", "web-1")

    file.unlink()

    assert dev.tab("vm", "get", "") == []


def test_names_of_a_store_without_files_go_when_its_login_changes(dev: Line):
    mark = login({}, "lock")
    dev.keep("vms", "web-1")
    assert dev.tab("vm", "get", "") == ["web-1"]

    os.utime(mark, (1, 1))

    assert dev.tab("vm", "get", "") == []


def test_record_of_a_context_with_a_longer_name_is_another(dev: Line):
    login(TOKENS)
    dev.keep("vms", "web-1")

    Path(os.environ["CUDO_STATE_DIR"], "credentials", "dev-two-0123456789abcdef.json").write_text("{}")

    assert dev.tab("vm", "get", "") == ["web-1"]


def test_credential_is_told_by_a_hash_that_is_not_that_of_the_key_alone(line: Line):
    scope = scope_of(*line.aim())

    assert scope is not None
    assert "alice" not in repr(scope)
    assert len(scope.credential) == 64


# Who is asked


def test_missing_names_are_asked_for_once(line: Line):
    assert line.tab("vm", "get", "") == []
    assert line.tab("vm", "get", "") == []

    assert line.asked == [["--project=demo", "completion", "refresh", "vms"]]


def test_old_names_are_offered_and_asked_for(line: Line):
    line.keep("disks", "data-1")
    line.keep("vms", "web-1", ago=FRESH + 1)

    assert line.tab("disk", "get", "") == ["data-1"]
    assert line.tab("vm", "get", "") == ["web-1"]
    assert line.asked == [["--project=demo", "completion", "refresh", "vms"]]


def test_all_that_has_a_say_is_asked_for_in_one_go(line: Line):
    line.tab("vm", "create", "web-9", "--data-center", "gb-1", "--machine-type", "")

    assert line.asked == [["--project=demo", "completion", "refresh", "data_centers", "machine_types"]]


def test_one_who_asks_is_told_where_and_never_a_line_to_run(line: Line):
    Path("key").write_text("alice")
    Path("open").mkdir()

    line.tab("--no-input", "--api-key", "@key", "-p", "prod", "--color", "always", "vm", "get", "")
    line.tab("-e", "vm delete web-1", "--sandbox", "vm", "get", "")

    assert line.asked == [
        ["--api-key=@key", "--project=prod", "completion", "refresh", "vms"],
        ["--sandbox", "--project=demo", "completion", "refresh", "vms"],
    ]


def test_nobody_is_asked_when_completion_is_not_live(line: Line):
    line.environ["CUDO_COMPLETION_LIVE"] = "no"
    line.keep("disks", "data-1")

    assert line.tab("vm", "get", "") == []
    assert line.tab("disk", "get", "") == ["data-1"]
    assert line.asked == []


def test_nobody_is_asked_without_a_credential():
    line = Line({})

    assert line.tab("vm", "get", "") == []
    assert line.asked == []


def test_nobody_is_asked_where_nothing_can_be_kept(line: Line, tmp_path: Path):
    (tmp_path / "file").write_text("")
    line.environ["CUDO_STATE_DIR"] = str(tmp_path / "file")

    assert line.tab("vm", "get", "") == []
    assert line.asked == []


def test_change_drops_the_names(line: Line):
    line.keep("vms", "web-1")
    line.keep("disks", "data-1")

    forget(["vms"], *line.aim())

    assert line.tab("vm", "get", "") == []
    assert line.tab("disk", "get", "") == ["data-1"]


# What the shells are told


def answered(*argv: str, environ: Mapping[str, str] | None = None) -> str:
    out = io.StringIO()
    assert answer(argv, out, {**os.environ, **(environ or {})}) == 0
    return out.getvalue()


def test_bash_is_told_whether_a_blank_follows():
    Path("open").mkdir()

    assert answered("bash", "ge", "cudo vm ge") == "\nget\n"
    assert answered("bash", "js", "cudo vm list --output=js") == "\njson\njsonl\n"
    assert answered("bash", "op", "cudo --api-key @op") == "nospace\nopen/\n"
    assert answered("bash", "op", "cudo vm list > op") == "nospace\nopen/\n"


def test_zsh_is_told_which_values_go_on():
    Path("open").mkdir()
    Path("other").write_text("")

    assert answered("zsh", "vm", "ge") == "-get\tShow one VM.\n"
    assert answered("zsh", "--api-key", "@o") == "+@open/\tdirectory\n-@other\t\n"


def test_fish_hands_over_the_word_as_it_was_typed():
    Path("a b").write_text("")

    assert answered("fish", "--api-key", "'@a") == "@a b\t\n"


def test_hint_cannot_steer_the_terminal_or_the_answer(line: Line):
    line.keep("vms", Candidate("web-1", "\x1b[2Jstate\n\tnext\r" + "x" * 200))

    [told] = answered("zsh", "vm", "get", "", environ=KEY).splitlines()

    name, hint = told.split("\t")
    assert (name, hint.startswith("state"), len(hint), hint.isprintable()) == ("-web-1", True, 80, True)


@pytest.mark.parametrize(
    "argv", [[], ["csh", "vm", ""], ["bash"], ["bash", "x"], ["zsh"], ["fish", "vm", "get", "\ud800"]]
)
def test_whatever_goes_wrong_nothing_is_said(argv: Sequence[str], capsys: pytest.CaptureFixture[str]):
    assert answered(*argv) == ""
    assert capsys.readouterr() == ("", "")


def test_broken_configuration_is_no_reason_to_say_something(capsys: pytest.CaptureFixture[str]):
    file = config_file(os.environ)
    file.parent.mkdir(parents=True)
    file.write_text("[")

    assert answered("zsh", "vm", "get", "") == ""
    assert capsys.readouterr() == ("", "")


def test_reader_that_left_is_no_error(line: Line):
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    assert answer(["zsh", "vm", "ge"], Closed(), line.environ) == 0


@pytest.mark.parametrize(
    "words", [["vm", "get", ""], ["--sandbox", "disk", "attach", ""], ["deploy.cudo", "region="]]
)
def test_answer_loads_neither_sdk_nor_loop_nor_prompt(words: list[str], script: Path):
    loaded = loaded_for([words], KEY)

    assert "cudo_shell.kept" in loaded
    heavy = {*HEAVY, "asyncio", "cudo_sandbox", "rapidfuzz", "ssl"}
    assert not {each.partition(".")[0] for each in loaded} & heavy
    assert "cudo_shell.dispatch" not in loaded
    assert not loaded & LATE


def test_no_noun_loads_for_its_options_what_only_its_verbs_need():
    """Every press of the key, and every `--help`, would wait for it; `dataclasses` is a tenth of that."""
    loaded = loaded_for([[""], *([noun, ""] for noun in NOUNS), ["vm", "get", ""]], KEY)

    assert {each.module for each in NOUNS.values()} <= loaded
    assert not loaded & {*LATE, "dataclasses"}


def loaded_for(presses: Sequence[Sequence[str]], environ: Mapping[str, str]) -> set[str]:
    """Press Tab behind each of these in a new interpreter, and return the names of all modules there."""
    code = (
        "import io, os, sys\n"
        "from cudo_shell import argv_completion\n"
        "from cudo_shell.main import main\n"
        "argv_completion.start_refresher = lambda *_: None\n"
        f"for words in {[*map(list, presses)]!r}:\n"
        "    words = ['completion', 'answer', 'zsh', *words]\n"
        "    main(words, None, io.StringIO(), io.StringIO(), os.environ)\n"
        "sys.stdout.write(' '.join(sys.modules))"
    )
    env = {**os.environ, **environ}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    return set(done.stdout.split())


def test_refresher_is_cut_off_from_the_terminal_and_from_the_folder(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A module in the directory that somebody is in must not run, and no file of the shell stays open."""
    Path("argparse.py").write_text("open('hijacked', 'w')")
    Path("cudo_shell").mkdir()
    Path("cudo_shell/__init__.py").write_text("open('hijacked', 'w')")
    seen: dict[str, Any] = {}

    class Recorded(subprocess.Popen):  # type: ignore[type-arg]  # of bytes
        def __init__(self, *args, **options) -> None:
            super().__init__(*args, **options)
            seen.update(options, pid=self.pid)

    monkeypatch.setattr(subprocess, "Popen", Recorded)

    argv_completion.start_refresher(["--version"], line.environ)

    _, status = os.waitpid(seen["pid"], 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert not Path("hijacked").exists()
    assert {seen[name] for name in ("stdin", "stdout", "stderr")} == {subprocess.DEVNULL}
    assert seen["start_new_session"] is True
    assert seen.get("close_fds", True)
