"""Whatever a script does, its check tells no error that is none."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tests.shell.conftest import with_streams, written
from tests.shell.scripts.conftest import NAME

from cudo_shell.exits import ExitCode
from cudo_shell.scripts import checking, runner, syntax
from cudo_shell.scripts.checking import check
from cudo_shell.scripts.execution import Execution
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.options import Options

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
        ["web-1", "db-1", "x", "'a b'", "-q", "--", "--limit", "2", "-o", "json", "--columns=id", "state=*"]
    ),
    st.builds("{}={}".format, st.sampled_from(["--limit", "--columns", "-o", "--filter", "a"]), EXPRESSIONS),
    st.text("ab-'\"\\$ {}=@#,1", max_size=4),
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


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # no example changes what others see
    max_examples=120,
)
@given(text=st.one_of(SCRIPTS, SCRIPTS, SCRIPTS, CLASSICS))
def test_check_tells_no_error_of_a_line_that_runs(text, workspace, tmp_path):
    (tmp_path / "lib.cudo").write_text(LIBRARY)
    script = Script(NAME, text)
    given_names = variables().values
    slips = check(syntax.read(text), script, given_names=given_names)
    assert [slip.number for slip in slips] == sorted(slip.number for slip in slips)
    work = with_streams(workspace)

    with pytest.MonkeyPatch.context() as patch:
        unchecked(patch)
        witness = Witness(patch)
        code = runner.run(script, work, {}, Options(keep_going=True), variables())
    told = written(work.streams.err)

    event(
        f"{'slips' if slips else 'no slips'}, exit code {int(code)}, {min(len(witness.well), 3)} lines well"
    )
    false = [slip for slip in slips if slip.file == NAME and slip.number in witness.well]
    assert false == [], told
    for never in ("A defect of cudo", "is not used like this", "There is no command"):
        assert slips or never not in told
    assert "A defect of cudo" not in told
