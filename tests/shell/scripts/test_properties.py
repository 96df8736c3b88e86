"""Whatever a value is, it is one argument; whatever a script does, its check tells no error that is none."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import HealthCheck, assume, event, example, given, settings
from hypothesis import strategies as st
from tests.shell.scripts.conftest import NAME

from cudo_sdk.request import Request
from cudo_sdk.transport import AsyncTransport
from cudo_shell import dispatch
from cudo_shell.exits import ExitCode, UsageError
from cudo_shell.output.clean import clean
from cudo_shell.scripts import checking, runner, syntax
from cudo_shell.scripts.checking import check
from cudo_shell.scripts.execution import Execution
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


# The check

NAMES = st.sampled_from(["a", "b", "n", "vms", "vm", "gone", "status"])
PARTS = st.sampled_from(
    ["", ".id", "[0]", "[0].id", "[].id", "[?state=='ACTIVE'].id", " || 'x'", " == 'x'", ".metadata.role"]
)
EXPRESSIONS = st.one_of(
    st.builds("${{{}{}}}".format, NAMES, PARTS),
    st.builds("${{length({})}}".format, NAMES),
    st.sampled_from(["${`1`}", "${`[]`}", "${'-x'}", "${[a, b]}", "${a", "${}", "$a", "$none", "${&a}"]),
)
WORDS = st.one_of(
    EXPRESSIONS,
    EXPRESSIONS.map('"{}"'.format),
    EXPRESSIONS.map("x{}".format),
    st.sampled_from(
        ["web-1", "db-1", "x", "'a b'", "-q", "--", "--limit", "2", "-o", "json", "--columns=id"]
    ),
)
TEXTS = st.lists(WORDS, max_size=3).map(" ".join)
TIMES = st.one_of(st.sampled_from(["0s", "0", "1h"]), EXPRESSIONS)
COMMANDS = st.one_of(
    st.builds("vm list {}".format, TEXTS),
    st.builds("vm get {}".format, TEXTS),
    st.builds("vm stop {} --no-wait --dry-run".format, TEXTS),
    st.builds("vm {} web-1".format, WORDS),
    st.sampled_from(["vm count", "vm lst", "help", "vm list --limit=${n}", "vm get ${vms[0].id} -q"]),
)
SIMPLE = st.one_of(
    COMMANDS,
    st.builds("try {}".format, COMMANDS),
    st.builds("! {}".format, COMMANDS),
    st.builds("defer {}".format, COMMANDS),
    st.builds("defer try {}".format, COMMANDS),
    st.builds("retry 2 every {} {}".format, TIMES, COMMANDS),
    st.builds("let {} = {}".format, NAMES, st.one_of(COMMANDS, WORDS, TEXTS)),
    st.builds("try let {} = {}".format, NAMES, COMMANDS),
    st.builds("echo {}".format, TEXTS),
    st.builds("assert {} 'that is so'".format, EXPRESSIONS),
    st.builds(
        "source {}".format, st.sampled_from(["lib.cudo", "lib.cudo a=1", "lib.cudo id=x a=y", "no.cudo"])
    ),
    st.builds("try source {}".format, st.sampled_from(["no.cudo", "lib.cudo id=${a}", "lib.cudo id=${n}"])),
    st.builds("sleep {}".format, st.sampled_from(["0s", "${n}s", "${a}"])),
    st.builds("exit {}".format, st.sampled_from(["", "3", "${n}", "${status}"])),
)
SCRIPTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("\n".join),
        st.builds("for {} in {} x\n{}\nend".format, NAMES, TEXTS, inner),
        st.builds("if {}\n{}\nelse\n{}\nend".format, EXPRESSIONS, inner, inner),
        st.builds("if {}\n{}\nelse if {}\n{}\nend".format, EXPRESSIONS, inner, EXPRESSIONS, inner),
        st.builds("timeout {}\n{}\nend".format, st.sampled_from(["1h", "9${n}s", "9"]), inner),
    ),
    max_leaves=6,
)
LIBRARY = "param id = web-1\nparam a\nlet lib = vm get ${id}\necho ${lib.id} ${a}\n"


def variables() -> runner.Variables:
    vms = [{"id": "web-1", "state": "ACTIVE"}, {"id": "db-1", "state": "STOPPED"}]
    return runner.Variables({"a": "x", "n": 0, "vms": vms, "status": 0})


class Witness:
    """Which lines ran, and which of them ran without any failure."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.reached: set[int] = set()
        self.failed: set[int] = set()
        attempt, witness = Execution.attempt, self

        def noting(execution: Execution, statement: syntax.Statement) -> int:
            number = statement.line.number if len(execution.files) == 1 else 0
            witness.reached.add(number)
            code = ExitCode.FAILURE
            try:
                code = attempt(execution, statement)  # type: ignore[assignment]  # any number
            finally:
                if code:
                    witness.failed.add(number)
            return code

        patch.setattr(Execution, "attempt", noting)

    @property
    def well(self) -> set[int]:
        return self.reached - self.failed


def unchecked(patch: pytest.MonkeyPatch) -> None:
    """Run scripts as if they had passed the check."""
    patch.setattr(runner, "check", lambda *_, **__: [])
    patch.setattr(checking, "check", lambda *_, **__: [])


CLASSICS = st.sampled_from(
    [
        "for b in x y\nif ${b == 'y'}\necho ${gone}\nend\nlet gone = 'x'\nend",
        "source lib.cudo a=1",
        "let f = 'lib.cudo'\nsource ${f}\necho ${lib.id}",
        "vm get ${vms[0].id}\nvm stop ${vms[].id} --no-wait --dry-run",
        "try let b = vm get web-9\necho ${b || 'none'}",
    ]
)


@settings(quick, max_examples=120)
@given(text=st.one_of(SCRIPTS, SCRIPTS, SCRIPTS, CLASSICS))
def test_check_tells_no_error_of_a_line_that_runs(text, workspace, tmp_path):
    (tmp_path / "lib.cudo").write_text(LIBRARY)
    script = Script(NAME, text)
    given_names = variables().values
    slips = check(syntax.read(text), script, given_names=given_names)
    assert [slip.number for slip in slips] == sorted(slip.number for slip in slips)
    _, err = fresh(workspace)

    with pytest.MonkeyPatch.context() as patch:
        unchecked(patch)
        witness = Witness(patch)
        code = runner.run(script, workspace, {}, Options(keep_going=True), variables())

    event(
        f"{'slips' if slips else 'no slips'}, exit code {int(code)}, {min(len(witness.well), 3)} lines well"
    )
    false = [slip for slip in slips if slip.file == NAME and slip.number in witness.well]
    assert false == [], err.getvalue()
    for never in ("A defect of cudo", "is not used like this", "There is no command"):
        assert slips or never not in err.getvalue()
    assert "A defect of cudo" not in err.getvalue()
