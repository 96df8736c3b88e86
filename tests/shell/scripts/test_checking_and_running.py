"""A script that runs to its end has no errors that checking it would name."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.shell.conftest import with_streams

from cudo_shell.scripts import syntax
from cudo_shell.scripts.checking import check
from cudo_shell.scripts.execution import Execution, Failed
from cudo_shell.scripts.files import Script
from cudo_shell.scripts.interruptions import Interruptions
from cudo_shell.scripts.options import Options
from cudo_shell.workspace import Workspace

BEFORE = "let a = 'x'\nlet id = 'web-1'\nlet n = '2'\nlet vms = vm list\n"

NAME = st.sampled_from(["a", "b", "vms", "id", "n"])
EXPRESSION = st.one_of(
    NAME,
    st.sampled_from(
        ["vms[0].id", "vms[].id", "vms[?state=='ACTIVE'].id", "length(vms)", "[id, a]", "{x: a}.x"]
    ),
)
VALUE = EXPRESSION.map("${{{}}}".format)
OPTION = st.sampled_from(["--limit", "--columns", "-o", "--filter", "a"])
WORD = st.one_of(
    st.text("ab-'\"\\$ {}=@#,1", max_size=4),
    st.sampled_from(
        ["web-1", "--limit", "-q", "-o", "json", "--columns", "id", "state=*", "--", "$a", "$none"]
    ),
    VALUE,
    VALUE.map('"x {}"'.format),
    st.builds("{}={}".format, OPTION, VALUE),
)
WORDS = st.lists(WORD, max_size=4).map(" ".join)
COMMAND = st.builds(
    "{} {}".format, st.sampled_from(["vm list", "vm get", "gpu list", "vm count", "help"]), WORDS
)
LINE = st.one_of(
    COMMAND,
    st.builds("echo {}".format, WORDS),
    st.builds("let {} = {}".format, NAME, st.one_of(WORD, COMMAND)),
    st.builds("assert {}".format, VALUE),
    st.builds("retry {} every {} vm count".format, WORD, st.sampled_from(["0", "0s", "${n}"])),
)
# No line stands where it would not be run: what is wrong there is an error, too.
SCRIPT = st.recursive(
    LINE,
    lambda lines: st.one_of(
        st.builds("{}\n{}".format, lines, lines),
        st.builds("for {} in w {}\n{}\nend".format, NAME, WORDS, lines),
        st.builds("if ${{`1`}}\n{}\nend".format, lines),
        st.builds("timeout 1h\n{}\nend".format, lines),
    ),
    max_leaves=6,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=SCRIPT)
def test_script_that_runs_to_its_end_has_no_errors(workspace, lines):
    script = Script("x.cudo", BEFORE + lines)
    tree = syntax.read(script.text)

    if not tree.errors and runs(tree, script, workspace):
        assert check(tree, script) == []


def runs(tree: syntax.Tree, script: Script, workspace: Workspace) -> bool:
    """Whether a script runs to its end, unchecked."""
    with Interruptions() as cuts:
        execution = Execution(with_streams(workspace), [script], Options(), cuts)
        try:
            execution.block(tree.statements)
        except Failed:
            return False
    return True
