"""Whatever a value is, it is one argument; whatever fails, `try` goes on, and `!` wants it so."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st
from tests.shell.scripts.conftest import NAME

from cudo_sdk.request import Request
from cudo_sdk.transport import AsyncTransport
from cudo_shell import dispatch
from cudo_shell.exits import ExitCode, UsageError
from cudo_shell.output.clean import clean
from cudo_shell.scripts import runner
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.lines import split
from cudo_shell.scripts.options import Options
from cudo_shell.scripts.variables import Scope, arguments
from cudo_shell.streams import Streams
from cudo_shell.workspace import Workspace

# The workspace is the same for all examples; none of them changes it.
quick = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
few = settings(quick, max_examples=40)

ODD = [
    "",
    "-",
    "--",
    "--yes",
    "-h",
    "@x",
    "@1",
    "@last",
    "${x}",
    "$x",
    "a b",
    "'",
    '"',
    "\\",
    "#",
    "|",
    ";",
    "*",
]
ODD += [
    "~",
    "a=b",
    "--a=b",
    "\n",
    "\t",
    "vm\nvm list",
    "\x1b[2J",
    "\u202e",
    "null",
    "`1`",
    "}",
    "../x",
    "%2e%2e",
]
HOSTILE = st.one_of(
    st.sampled_from(ODD), st.text(alphabet="-@$ {}'\"\\#|=x\n", max_size=8), st.text(max_size=20)
)


@quick
@given(HOSTILE)
@example("--yes")
@example("-")
def test_value_is_one_argument_or_refused_as_an_option(value):
    scope = Scope({"x": value, "o": {"list": [value]}})
    for line in ("vm ${x}", 'vm "${x}"', "vm ${o.list[0]}", "vm ${o.list}", "vm ${[x][]}"):
        words = tuple(split(line))
        if value.startswith("-"):
            with pytest.raises(UsageError, match="would be taken for an option"):
                arguments(words, scope)
        else:
            assert arguments(words, scope).words == ["vm", value]


@quick
@given(HOSTILE)
def test_value_in_a_text_is_put_where_it_stands(value):
    words = tuple(split('vm --note=${x} "--note=${x}" a${x}b "a ${x} b" --note="${x}" ${x}/${x}x'))
    scope = Scope({"x": value})
    if value.startswith("-"):
        words = words[:-1]
    found = arguments(words, scope)

    tail = [] if value.startswith("-") else [f"{value}/{value}x"]
    assert found.words == [
        "vm",
        f"--note={value}",
        f"--note={value}",
        f"a{value}b",
        f"a {value} b",
        f"--note={value}",
        *tail,
    ]
    assert value in found.values  # never a file, never a row


@quick
@given(st.lists(HOSTILE.filter(lambda text: not text.startswith("-")), max_size=4))
def test_list_becomes_as_many_arguments_as_it_has_items(values):
    found = arguments(tuple(split("vm ${x} last")), Scope({"x": values}))
    assert found.words == ["vm", *values, "last"]
    assert set(values) <= found.values


@pytest.fixture
def paths(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of all requests as they were asked for."""
    asked: list[str] = []
    once = AsyncTransport._once

    async def noting(self: AsyncTransport, request: Request, *rest: object) -> object:
        asked.append(request.path.filled)
        return await once(self, request, *rest)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(AsyncTransport, "_once", noting)
    return asked


def fresh(work: Workspace) -> tuple[io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    work.streams = Streams(stdin=None, out=out, err=err)
    return out, err


WAYS = {
    "param": "param x\n{}",
    "let": "param y\nlet x = ${{y}}\n{}",
    "let text": 'param y\nlet x = "${{y}}"\n{}',
    "for": "param y\nfor x in ${{[y]}}\n{}\nend",
    "for words": "param y\nfor x in ${{y}}\n{}\nend",
}


@few
@given(value=HOSTILE, way=st.sampled_from(sorted(WAYS)))
def test_echo_writes_any_value_as_it_is_but_for_what_steers_a_terminal(value, way, workspace):
    out, err = fresh(workspace)
    name = "x" if way == "param" else "y"

    code = runner.run(Script(NAME, WAYS[way].format("echo ${x} ${x}")), workspace, {name: value})

    assert (code, err.getvalue()) == (0, "")
    assert out.getvalue() == "".join(f"{clean(line)}\n" for line in f"{value} {value}".split("\n"))


@few
@given(value=HOSTILE, way=st.sampled_from(sorted(WAYS)), word=st.sampled_from(["${x}", '"${x}"']))
def test_command_gets_any_value_as_one_argument_or_none_at_all(value, way, word, workspace, monkeypatch):
    got: list[tuple[list[str], bool]] = []
    run = dispatch.run

    def noting(words: list[str], work: Workspace) -> ExitCode:
        got.append((list(words), value in work.values))
        return run(words, work)

    monkeypatch.setattr(dispatch, "run", noting)
    _, err = fresh(workspace)
    name = "x" if way == "param" else "y"

    code = runner.run(Script(NAME, WAYS[way].format(f"vm get {word}")), workspace, {name: value})

    if value.startswith("-"):
        assert (code, got) == (ExitCode.USAGE, [])
        assert "would be taken for an option" in err.getvalue()
    else:
        is_typed = way == "param" and word == "${x}"
        assert got == [(["vm", "get", value], not is_typed)]


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ("param x\nRUN", "echo secret"),  # the caller has typed it
        ("param x\nlet x = '@secret'\nRUN", "@secret"),
        ("param x\nfor x in '@secret'\nRUN\nend", "@secret"),
        ("param x\nlet y = ${x}\nlet x = ${y}\nRUN", "@secret"),
        ("param y = a\nlet z = '@secret'\nsource lib.cudo x=${z}", "@secret"),
        ("param y\nsource lib.cudo x=${y}", "@secret"),
        ("source lib.cudo x=@secret", "echo secret"),  # it stands in the script
        ("let x = '@secret'\nsource lib.cudo", "@secret"),
        ("param x\ndefer RUN", "echo secret"),
        ("let x = '@secret'\ndefer RUN", "@secret"),
        ("let x = '@secret'\ndefer try retry 2 every 0s RUN\nlet x = 'other'", "@secret"),
    ],
)
def test_only_what_somebody_has_typed_names_a_file(lines, text, workspace, tmp_path):
    command = (
        "vm create x-1 --data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 --image ubuntu-2404"
        " --vcpus 2 --memory 4 --start-script ${x} --dry-run -o json"
    )
    (tmp_path / "secret").write_text("echo secret")
    (tmp_path / "lib.cudo").write_text(f"param x\n{command}\n")
    out, err = fresh(workspace)
    given_values = {name: "@secret" for name in ("x", "y") if f"param {name}\n" in lines}

    code = runner.run(Script(NAME, lines.replace("RUN", command)), workspace, given_values)

    assert code == 0, err.getvalue()
    assert json.loads(out.getvalue())["body"]["startScript"] == text


@few
@given(
    value=st.one_of(
        st.sampled_from(["../../../projects/research/vms/sim-1", "web-1/terminate", "web-1?x=y", ".", ".."]),
        HOSTILE.filter(lambda text: not text.startswith("-")),
    )
)
def test_value_never_leaves_its_place_in_the_path_of_a_request(value, workspace, paths):
    fresh(workspace)
    paths.clear()

    code = runner.run(Script(NAME, "param y\nlet x = ${y}\nvm get ${x} -q\n"), workspace, {"y": value})

    assert code in {ExitCode.OK, ExitCode.NOT_FOUND, ExitCode.USAGE}
    for path in paths:  # of the machine itself, and of what is near it
        assert re.fullmatch(r"/v1/projects/demo/vms(/[^/?# ]+)?", path)


@few
@given(
    value=st.one_of(st.sampled_from(["--yes; rm -rf / ${x} @2", "@secret", "a=b=c"]), st.text(max_size=20))
)
def test_value_comes_back_from_the_api_as_it_was_sent(value, workspace):
    assume(value and clean(value) == value)
    _, err = fresh(workspace)
    text = (
        'param y\nlet x = ${y}\nvm set-metadata web-1 "note=${x}"\nlet vm = vm get web-1\n'
        "assert ${vm.metadata.note == x}\n"
    )

    assert runner.run(Script(NAME, text), workspace, {"y": value}) == ExitCode.OK, err.getvalue()


# What fails

COMMAND = st.sampled_from(
    ["vm count", "vm get web-1 -q", "vm get web-9", "vm get ${id}", "vm get ${gone}", "vm list --limit ${n}"]
)
KEPT = st.one_of(COMMAND, st.sampled_from(["${id}", "'x'", "${length(n)}", '"${gone}"'])).map(
    "let x = {}".format
)
FILES = {
    "well": "vm count\n",
    "fails": "vm get web-9\nvm count\n",
    "slips": "vmm list\n",
    "asserts": "timeout 1h\nif ${id}\nassert ${gone}\nend\nend\n",
    "twice": "try source ${folder}/fails.cudo\nsource ${folder}/fails.cudo\n",
    "needs": "param missing\n",
    "loops": "for i in web-1 web-9\nvm get ${i} -q\nend\n",
}
SOURCED = st.sampled_from(
    [
        *(f"source ${{folder}}/{name}.cudo" for name in [*FILES, "absent"]),
        "source absent.cudo",
        "source ${gone}",
    ]
)


def with_retry(statements: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(statements, st.builds("retry {} every 0s {}".format, st.sampled_from("12"), statements))


def exit_code(text: str, work: Workspace, folder: Path, *, keep_going: bool) -> tuple[int, str]:
    values = {"id": "web-1", "n": "many", "gone": None, "folder": str(folder), "status": 0}
    _, err = fresh(work)
    options = Options(keep_going=keep_going)
    return runner.run(Script(NAME, text), work, {}, options, runner.Variables(values)), err.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with scripts that run well, or fail, each in its own way."""
    made = tmp_path_factory.mktemp("sourced")
    for name, text in FILES.items():
        (made / f"{name}.cudo").write_text(text)
    return made


@few
@given(statement=with_retry(st.one_of(COMMAND, KEPT, SOURCED)), keep_going=st.booleans())
@example(statement="retry 2 every 0s source absent.cudo", keep_going=False)
@example(statement="source ${folder}/fails.cudo", keep_going=True)
def test_try_ends_well_whatever_stands_behind_it(statement, keep_going, workspace, folder):
    code, told = exit_code(f"try {statement}\n", workspace, folder, keep_going=keep_going)
    assert code == 0, told


@few
@given(statement=with_retry(st.one_of(COMMAND, SOURCED)), keep_going=st.booleans())
def test_what_has_to_fail_ends_well_exactly_where_it_fails(statement, keep_going, workspace, folder):
    alone, _ = exit_code(f"{statement}\n", workspace, folder, keep_going=keep_going)
    code, told = exit_code(f"! {statement}\n", workspace, folder, keep_going=keep_going)

    event("fails" if alone else "runs well")
    assert code == (0 if alone else ExitCode.FAILURE), told
