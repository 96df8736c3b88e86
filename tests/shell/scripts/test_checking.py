"""Checking a script: every error at once, none that is not one, nothing run."""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.shell.conftest import with_streams, written

from cudo_shell.commands import KEYWORDS, NOUNS, WORDS, find_noun, known_words
from cudo_shell.commands.parser import CommandParser, verbs_of
from cudo_shell.exits import ExitCode
from cudo_shell.locked import Lock
from cudo_shell.scripts import syntax
from cudo_shell.scripts.checking import Slip, check, report_slips
from cudo_shell.scripts.files import Script, load

EXAMPLES = Path(__file__).parents[3] / "examples"
SIZES = (
    "--data-center no-luster-1 --machine-type epyc-rome-rtx-a5000 --image ubuntu-2404 --vcpus 2 --memory 4"
)


def checked(text: str, name: str = "x.cudo", given_names: tuple[str, ...] = ()) -> list[Slip]:
    return check(syntax.read(text), Script(name, text), given_names=given_names)


def messages(text: str) -> list[tuple[int, str]]:
    return [(slip.number, slip.message) for slip in checked(text)]


# Errors


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("dissk list", "There is no command 'dissk'.", "Did you mean: disk?\nTry: disk list"),
        ("history", "There is no command 'history'.", None),
        ("fi", "There is no command 'fi'.", "Did you mean: end?"),
        ("done", "There is no command 'done'.", "Did you mean: end?"),
        ("esac", "There is no command 'esac'.", "Did you mean: end?"),
        ("elif ${name}", "There is no command 'elif'.", "Did you mean: else if?"),
        ("elseif ${name}", "There is no command 'elseif'.", "Did you mean: else if?"),
        ("foreach x in a", "There is no command 'foreach'.", "Did you mean: for?"),
        ("print done", "There is no command 'print'.", "Did you mean: echo?"),
        ("vm lst", "vm: unknown verb 'lst'", "Did you mean: list?\nTry: vm list"),
        ("vm", "vm: the following arguments are required: VERB", "See: vm --help"),
        ("vm list --limt 3", "vm list: unknown: --limt", "Did you mean: --limit?\nTry: vm list --limit 3"),
        ("vm list --limit many", "vm list: argument --limit: 'many' is no whole number", None),
        ("vm list -o pdf", "vm list: unknown --output 'pdf'", None),
        ("vm list web-1", "vm list: unknown: web-1", None),
        ("vm list -q a-${name}", "vm list: unknown: a-${...}", None),
        ("vm list -q ${name}", "vm list: unknown: ${...}", None),  # nor could a list stand there
        ("vm list --filter staet=ACTIVE", "There is no column 'staet'.", None),
        ("vm list --query '[].id['", "--query, character 7: the expression ends too early.", None),
        ("vm list --columns id,nme", "There is no column 'nme'.", None),
        ("vm get", "vm get: the following arguments are required: <vm-id>", "See: vm get --help"),
        ("vm get a b", "vm get: unknown: b", None),
        ("vm get a -p", "vm get: argument -p/--project: expected one argument", None),
        (
            "vm create Web_1 " + SIZES,
            "vm create: argument <vm-id>: 'Web_1' cannot be an id: use a-z, 0-9 and -",
            None,
        ),
        (
            "vm create web-9 --vcpus 2 --memory 4",
            "vm create: the following arguments are required: --data-center, --machine-type, --image",
            None,
        ),
        ("vm delete --yes", "vm terminate: give an id, several, or --filter", None),
        ("vm delete a --filter state=ACTIVE", "vm terminate: ids and --filter exclude each other", None),
        ("defer vm delete", "vm terminate: give an id, several, or --filter", None),
        ("try vm gte a", "vm: unknown verb 'gte'", None),
        ("! vmm get a", "There is no command 'vmm'.", None),
        ("retry 3 every 5s let v = vm gte a", "vm: unknown verb 'gte'", None),
        (
            "let v = imge get a",
            "There is no command 'imge'.",
            "Did you mean: image?\nTry: let v = image get a",
        ),
        ("echo ${nmae}", "There is no variable 'nmae'.", "Did you mean: name?"),
        ('echo "a ${zzz} b"', "There is no variable 'zzz'.", "Variables: name"),
        ("vm get ${zzz.id}", "There is no variable 'zzz'.", "Variables: name"),
        ("let b = ${zzz}", "There is no variable 'zzz'.", "Variables: name"),
        ("for i in a ${zzz}\nend", "There is no variable 'zzz'.", "Variables: name"),
        ("if ${zzz}\nend", "There is no variable 'zzz'.", "Variables: name"),
        ("assert ${zzz}", "There is no variable 'zzz'.", "Variables: name"),
        ("assert ${name} ${zzz}", "There is no variable 'zzz'.", "Variables: name"),
        ("sleep ${zzz}", "There is no variable 'zzz'.", "Variables: name"),
        ("timeout ${zzz}\nend", "There is no variable 'zzz'.", "Variables: name"),
        ("exit ${zzz}", "There is no variable 'zzz'.", "Variables: name"),
        ("source ${zzz}", "There is no variable 'zzz'.", "Variables: name"),
        ("echo ${sort_by([name], &x)[?y].z || not_null(zzz)}", "There is no variable 'zzz'.", None),
        ("echo ${lenght(name)}", "There is no function 'lenght'.", "Did you mean: length?"),
        ("echo ${name[}", "${name[} cannot be read", None),
        ("echo $name", "$name is not replaced by its value.", "Write ${name}, or '$name'."),
        ("sleep soon", "'soon' is no time such as 90s, 10m, 8h or 2d.", ""),
        ("timeout soon\nend", "'soon' is no time such as 90s, 10m, 8h or 2d.", ""),
        ("retry 0 every 5s vm list", "'0' is no number of times.", "Write a whole number from 1."),
        ("retry 3 every soon vm list", "'soon' is no time such as 90s, 10m, 8h or 2d.", ""),
        ("exit 256", "'256' is no exit code.", "Write a number from 0 to 255."),
        ("exit -1", "'-1' is no exit code.", "Write a number from 0 to 255."),
        ("param x: itn", "There is no type 'itn'.", "Did you mean: int?"),
        ("param x: int = y", "The default of x: 'y' is no whole number.", ""),
        ("param name", "The parameter 'name' is declared twice.", "Remove one."),
        ("let x = ", "This is no assignment.", "Write: let NAME = COMMAND, or let NAME = ${...}"),
        ("vm list | less", "'|' has no meaning here.", "Quote it: '|'"),
        ("source absent.cudo", "Cannot read 'absent.cudo': No such file or directory.", ""),
        ("source .", "'.' is a directory, not a script.", ""),
    ],
)
def test_error_is_named_with_its_line(line, message, hint):
    [slip] = checked(f"param name = you\n{line}\n")

    assert (slip.file, slip.number, slip.text) == ("x.cudo", 2, line.partition("\n")[0].strip())
    assert slip.message.startswith(message)
    assert hint is None or slip.hint == hint


def test_every_error_is_named_in_the_order_of_the_lines():
    assert messages("sleep soon\nvmm list\nvm get 'x\nif ${a}\necho ${b} ${c} ${b}\n") == [
        (1, "'soon' is no time such as 90s, 10m, 8h or 2d."),
        (2, "There is no command 'vmm'."),
        (3, "' has no end."),
        (4, "This 'if' has no 'end'."),
        (4, "There is no variable 'a'."),
        (5, "There is no variable 'b'."),
        (5, "There is no variable 'c'."),
    ]


# No false errors


@pytest.mark.parametrize(
    "text",
    [
        "vm ${verb} web-1",
        "vm get ${x} ${list}",  # an empty list is none
        "vm get ${list} -q",
        "vm terminate ${list} --yes",
        "vm list --limit ${x}",
        "vm list --limit=${x}",
        "vm list -o ${x} --sort ${x} --sort=-${x}",
        "vm list -o${x}",
        "vm list --${x}",
        'vm list "--${x}=3"',
        "vm list --filter ${x} --filter state=${x} --filter ${x}=ACTIVE --query ${x} --columns ${x},id",
        "vm get --${x} -q",
        "vm list --watch ${x}",
        "security-group rule-add ${x} --protocol ${x} --ports ${x} --direction ${x}",
        "vm set-metadata web-1 ${list}",
        "vm set-metadata web-1 ${x}=${x}",
        "cluster-machine rename ${list}",
        "vm create ${x} --data-center ${x} --machine-type ${x} --image ${x} --vcpus ${x} --memory ${x}",
        "vm get --help",
        "vm -h",
        "help ${x}",
        "vm get -- web-1",
        "vm get -- ${x}",
        "billing permission-add ${x} --user ${x} --role ${x}",
        "login",
        "auth login",
        "sleep ${x}",
        "timeout ${x}\nend",
        "retry ${x} every ${x} vm list",
        "exit ${status}",
        "exit",
        "exit 0",
        "exit 0255",
        "echo $unknown '${unknown}' \\${unknown}",
        "echo ${@} ${`1`} ${'text'} ${[x, verb]} ${{a: x}.b} ${list[?a == b].c | [0]} ${list[*].d}",
        "try source absent.cudo",
        "! source absent.cudo",
        "try retry 3 every 5s source absent.cudo",
        "! retry 3 every 5s source absent.cudo",
        "source ${x}\necho ${anything}",
        "if ${x}\nsource ${x}\nend\necho ${anything}",
        "for i in ${list}\nsource ${i}\nend\necho ${anything}",
        "if ${x}\nlet y = vm list\nend\necho ${y} $y",
        "if ${x}\nelse\nlet y = vm list\nend\necho ${y}",
        "if ${x}\nelse if ${x}\nlet y = vm list\nend\necho ${y}",
        "for i in ${list}\nif ${i}\necho ${last}\nend\nlet last = ${i}\nend\necho ${last} ${i} $i",
        "for i in a b\nfor j in a b\necho ${k}\nend\nif ${x}\ntry let k = vm get ${i}\nend\nend",
        "timeout 5m\nretry 3 every 5s let y = vm get web-1\nend\necho ${y}",
        "defer vm delete ${x} --yes\ndefer try retry 3 every 5s vm delete ${x} --yes\ndefer echo ${x}",
        "param later: duration = 10m\necho ${later}",
        "echo ${later}\nparam later = x",
    ],
)
def test_what_may_run_is_no_error(text):
    assert messages(f"param x\nparam verb\nlet list = vm list\n{text}\n") == []


def test_list_is_one_argument_behind_an_option_and_cannot_be_options():
    required = "vm create: the following arguments are required:"
    assert messages("let list = vm list\nvm create ${list} --vcpus ${list}\n") == [
        (2, f"{required} --data-center, --machine-type, --image, --memory")
    ]


def parsers() -> Iterator[ArgumentParser]:
    for name, noun in {**NOUNS, **WORDS}.items():
        parser = import_module(noun.module).build_parser(CommandParser)
        yield from dict.fromkeys([*verbs_of(parser).values()] or [parser])
        assert find_noun(name)


COMMANDS = sorted({line for parser in parsers() for line in getattr(parser, "examples", ())})


def test_every_example_of_the_help_passes():
    assert len(COMMANDS) > 100
    assert messages("\n".join(COMMANDS)) == []


def replaced(command: str, value: str) -> Iterator[str]:
    """The command with one of its words replaced, for each that is no option."""
    words = command.split(" ")
    for at in range(1, len(words)):
        if not words[at].startswith("-") and "'" not in command:
            yield " ".join([*words[:at], value, *words[at + 1 :]])


@pytest.mark.parametrize("value", ["${x}", '"${x}"', "a${x}", "${x}${x}"])
def test_every_example_passes_with_a_variable_for_each_value(value):
    lines = [line for command in COMMANDS for line in replaced(command, value)]

    assert len(lines) > 200
    assert messages("\n".join(["param x", *lines])) == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.cudo")), ids=lambda path: path.name)
def test_example_script_passes(path):
    script = load(str(path))

    assert check(syntax.read(script.text), script) == []


def test_variables_of_the_prompt_are_known():
    assert checked("echo ${vm.id}", given_names=("vm",)) == []
    assert [slip.message for slip in checked("echo $vm", given_names=("vm",))] == [
        "$vm is not replaced by its value."
    ]


def test_variables_that_a_branch_may_have_set_are_no_errors_where_not_all_are_known():
    assert check(syntax.read("echo ${maybe} $maybe"), Script("x", ""), knows_all=False) == []


# Other files


def test_sourced_file_is_checked_with_the_variables_of_both(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.cudo").write_text("param region\nsource b.cudo\necho ${here} ${gone}\n")
    (tmp_path / "lib" / "b.cudo").write_text("let made = vm list\nvmm list\n")
    text = "let here = 'x'\nsource lib/a.cudo region=x\necho ${made} ${region}\nvm lst\n"

    assert [(slip.file, slip.number, slip.message) for slip in checked(text)] == [
        ("x.cudo", 4, "vm: unknown verb 'lst'"),
        ("lib/b.cudo", 2, "There is no command 'vmm'."),
        ("lib/a.cudo", 3, "There is no variable 'gone'."),
    ]


def test_file_that_is_sourced_at_the_end_of_a_loop_is_known_at_its_beginning(tmp_path):
    (tmp_path / "a.cudo").write_text("let last = 'x'\n")

    assert messages("for i in a b\nif ${i == 'b'}\necho ${last}\nend\nsource a.cudo\nend\n") == []


@pytest.mark.parametrize(
    ("loop", "is_known"),
    [
        ("for i in a b\nsource a.cudo\nend", False),
        ("for i in a b\nfor j in a b\nsource a.cudo\nend\nend", False),
        ("for i in a b\nif ${i}\ntry source a.cudo\nend\nend", False),
        ("for i in a b\nsource a.cudo\nsource ${i}\nend", True),
        ("for i in a b\nsource b.cudo\nend", True),  # which sources a file without a known name
    ],
)
def test_loop_that_sources_files_hides_no_error_behind_it(loop, is_known, tmp_path):
    (tmp_path / "a.cudo").write_text("let last = 'x'\n")
    (tmp_path / "b.cudo").write_text("source ${i}\n")
    error = (loop.count("\n") + 3, "There is no variable 'gone'.")

    assert messages(f"{loop}\necho ${{last}}\necho ${{gone}}\n") == ([] if is_known else [error])


def test_file_that_is_sourced_often_is_checked_once(tmp_path):
    for number in range(40):  # each sources the next one twice
        (tmp_path / f"{number}.cudo").write_text(f"source {number + 1}.cudo\n" * 2)
    (tmp_path / "40.cudo").write_text("vmm list\n")

    assert [slip.file for slip in checked("source 0.cudo\nsource 0.cudo\n")] == ["40.cudo"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("source a.cudo n=1", None),
        ("source a.cudo ${x}", None),
        ("source a.cudo n=${x}", None),
        ("source a.cudo ${x}=1", None),
        ("let n = vm list\nsource a.cudo", None),  # the variable is the parameter
        ("source ${x}\nsource a.cudo", None),
        ("source a.cudo", "n is required."),
        ("source a.cudo n=one", "n: 'one' is no whole number."),
        ("source a.cudo n=1 m=2", "There is no parameter 'm'."),
        ("source a.cudo n=1 n=2", "The parameter 'n' is given twice."),
        ("source a.cudo n", "'n' is not name=value."),
    ],
)
def test_what_a_sourced_file_is_given_is_checked(source, message, tmp_path):
    (tmp_path / "a.cudo").write_text("param n: int\n")

    assert [text for _, text in messages(f"param x\n{source}\n")] == ([message] if message else [])


@pytest.mark.parametrize("name", ["x.cudo", "./x.cudo", "link.cudo"])
def test_loop_of_files_is_an_error(name, tmp_path):
    (tmp_path / "x.cudo").write_text(f"source a.cudo\nsource {name}\n")
    (tmp_path / "a.cudo").write_text(f"source {name}\n")
    (tmp_path / "link.cudo").symlink_to("x.cudo")

    assert [(slip.file, slip.number, slip.message) for slip in checked(load("x.cudo").text)] == [
        ("x.cudo", 2, f"'{os.path.normpath(name)}' is running already: it would source itself."),
        ("a.cudo", 1, f"'{os.path.normpath(name)}' is running already: it would source itself."),
    ]


def test_locked_shell_reads_no_file_outside_of_its_folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out.cudo").write_text("vm list\n")
    text = "source out.cudo\n"
    [slip] = check(syntax.read(text), Script("x.cudo", text), Lock(is_on=True, folder=tmp_path / "in"))

    assert slip.message == f"This shell is locked: 'out.cudo' is outside of {tmp_path / 'in'}."
    assert slip.code is ExitCode.REFUSED


# Any text

WORD = st.sampled_from(
    [
        *KEYWORDS,
        *known_words(),
        *("list", "get", "create", "delete", "--limit", "--filter", "-o", "json", "--yes", "--", "-", "-5"),
        *("in", "every", "=", ":", "x", "y", "${x}", "${y.z[?a=='b'] | [0]}", '"${x}"', "--${x}=${y}", "$x"),
        *("'", '"', "${", "}", "\\", "#", "|", "@x", "10s", "3", "x=1", "choice(a, b)", "int", "\n"),
    ]
)
TEXT = st.one_of(
    st.text(max_size=200),
    st.lists(st.one_of(WORD, WORD, WORD, st.text(max_size=5)), max_size=40).map(" ".join),
)


@given(TEXT)
@example("try " * 300 + "vm list")
@example("let a = 'x'\n" + "if ${a}\n" * 150 + "end\n" * 150)
@example("echo ${" + "[" * 5000 + "}")
@example("let a = 'x'\necho ${a" + " | @" * 5000 + "}")
@example("vm get " + "${x} " * 50)
@example("vm list --limit \ud800")
def test_no_text_makes_the_check_fail(text):
    for slip in checked(text):
        assert slip.message
        assert 1 <= slip.number <= text.count("\n") + 1


def test_expression_that_is_nested_too_deep_is_an_error_of_its_line():
    (first, message), second = messages("let a = 'x'\necho ${a" + " | @" * 5000 + "}\nvmm\n")

    assert (first, message) == (2, "${a" + " | @" * 9 + " | ...} is nested too deep.")
    assert second == (3, "There is no command 'vmm'.")


@given(st.text(st.characters(exclude_characters="'\n\r\0", exclude_categories=["Cs"])))
def test_text_in_quotes_is_never_an_error(text):
    assert messages(f"echo '{text}'\nlet x = '{text}'\n") == []


def test_script_of_ten_thousand_lines_is_checked_in_seconds():
    text = (
        f"let v = vm get web-1\nvm create a-${{v.id}} {SIZES}\nvm delete ${{v.id}} --yes\necho ${{v}}\n"
        * 2500
    )
    start = time.process_time()

    assert checked(text) == []
    assert time.process_time() - start < 10  # it takes about one


# What is told


def test_slips_are_told_with_their_lines_and_counted(workspace):
    work = with_streams(workspace)
    code = report_slips(checked("dissk list\nsleep soon\n"), work, "x.cudo")

    assert (code, written(work.streams.out)) == (ExitCode.USAGE, "")
    assert written(work.streams.err) == (
        "x.cudo:1: There is no command 'dissk'.\n"
        "Did you mean: disk?\n"
        "Try: disk list\n"
        "  dissk list\n"
        "x.cudo:2: 'soon' is no time such as 90s, 10m, 8h or 2d.\n"
        "  sleep soon\n"
        "x.cudo: 2 errors.\n"
    )


def test_secret_in_a_line_is_not_told(workspace):
    work = with_streams(workspace)
    report_slips(checked("vmm create --password hunter2\n"), work)

    assert "hunter2" not in written(work.streams.err)


def test_script_without_errors_is_told_to_have_none(workspace):
    work = with_streams(workspace)

    assert report_slips([], work, "x.cudo") is ExitCode.OK
    assert written(work.streams.err) == "x.cudo: no errors.\n"


def test_slips_are_objects_where_errors_are(workspace):
    work = with_streams(workspace)
    work.settings = work.settings.with_flags({"output": "json"})
    report_slips(checked("sleep soon\nvm lst\n"), work, "x.cudo")

    first, second, count = written(work.streams.err).splitlines()
    assert json.loads(first) == {
        "status": "INVALID_ARGUMENT",
        "message": "x.cudo:1: 'soon' is no time such as 90s, 10m, 8h or 2d.",
        "details": [{"file": "x.cudo", "line": 1, "text": "sleep soon"}],
        "hint": "",
    }
    assert json.loads(second)["details"] == [{"file": "x.cudo", "line": 2, "text": "vm lst"}]
    assert count == "x.cudo: 2 errors."
