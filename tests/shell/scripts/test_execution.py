"""What each statement of the language does, on the sandbox."""

import json
import time

import pytest

from cudo_shell.exits import ExitCode
from cudo_shell.scripts.options import Options


def test_let_keeps_the_result_under_the_names_of_the_api(script):
    ran = script("let vm = vm get web-1\nvm get ${vm.id} --columns id,data_center -o csv\n")
    assert (ran.code, ran.out, ran.err) == (0, "id,data_center\nweb-1,gb-bournemouth-1\n", "")


def test_let_of_a_list_can_be_searched(script):
    assert script("let vms = vm list\nvm get ${vms[?state=='STOPPED'].id | [0]} -q\n").out == "web-2\n"


def test_let_of_a_value_keeps_its_type(script):
    text = 'let vms = vm list\nlet n = ${length(vms)}\nlet name = "vm-${n}"\necho ${name} ${n} ${n > `3`}\n'
    assert script(text).out == "vm-5 5 true\n"


def test_let_of_a_failing_command_stops_the_script(script):
    ran = script("let vm = vm get web-9\nvm count\n")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.endswith("tour.cudo:1: let vm = vm get web-9 (exit code 4)\n")


def test_hostile_value_is_one_argument(script):
    ran = script("param vm\nvm get ${vm}", vm="x | echo INJECTED; --yes 'y'")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("VM 'x | echo INJECTED; --yes 'y'' not found in project 'demo'.\n")


def test_value_that_would_be_an_option_is_refused(script):
    ran = script("param vm\nvm terminate ${vm}", vm="--yes")
    assert ran.code == 2
    assert ran.err.startswith("The value '--yes' would be taken for an option.\n")


def test_list_becomes_an_argument_for_each_item(script):
    text = "let vms = vm list\nvm stop ${vms[?state=='ACTIVE'].id} --yes --no-wait\n"
    ran = script(text)
    assert ran.code == 0
    assert [line.partition(":")[0] for line in ran.err.splitlines()] == ["web-1", "db-1", "train-1"]


def test_list_behind_an_option_is_refused(script):
    ran = script("let vms = vm list\nvm stop --yes ${vms[].id}\n")
    assert (ran.code, ran.err.splitlines()[:2]) == (
        2,
        [
            "The list ${vms[].id} cannot stand behind --yes.",
            "Write it before the options, or name an item: ${x[0]}",
        ],
    )


@pytest.mark.parametrize("option", ["--start-script ${x}", "--start-script=${x}"])
def test_value_that_looks_like_a_file_is_text(option, script, tmp_path, sandbox, api):
    (tmp_path / "secret").write_text("SECRET")
    text = (
        "let x = '@secret'\nvm create evil --data-center gb-bournemouth-1 --machine-type intel-broadwell"
        f" --image ubuntu-2404 --vcpus 2 --memory 4 {option} --dry-run -o json\n"
    )
    ran = script(text)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["body"]["startScript"] == "@secret"


def test_file_that_the_caller_gave_as_a_parameter_is_read(script, tmp_path):
    (tmp_path / "boot.sh").write_text("echo hello")
    text = (
        "param boot\nvm create good --data-center gb-bournemouth-1 --machine-type intel-broadwell"
        " --image ubuntu-2404 --vcpus 2 --memory 4 --start-script ${boot} --dry-run -o json\n"
    )
    assert json.loads(script(text, boot="@boot.sh").out)["body"]["startScript"] == "echo hello"


def test_value_that_looks_like_a_row_is_an_id(script):
    assert script("let x = '@1'\nvm get ${x}\n").err.startswith("VM '@1' not found")


def test_for_runs_its_block_for_each_item_of_lists_and_words(script):
    text = "let vms = vm list\nfor vm in ${vms[:2]} other\n  echo ${vm.id || vm}\nend\necho ${vm}\n"
    assert script(text).out == "web-1\nweb-2\nother\nother\n"


def test_for_over_nothing_does_nothing(script):
    assert script("let vms = vm list --filter id=nothing\nfor vm in ${vms}\n  exit 9\nend\n").code == 0


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ("`true`", "then"),
        ("`false`", "other"),
        ("vm.nothing", "other"),
        ("vm.nothing || vm.id", "then"),
        ("vm.id == 'web-1'", "then"),
        ("!vm", "other"),
        ("`[]`", "other"),
        ('`""`', "other"),
        ("`0`", "then"),  # as in JMESPath, not as in Python
        ("off", "other"),
    ],
)
def test_condition_holds_as_in_jmespath(condition, taken, script):
    set_up = "param off: bool = no\nlet vm = vm get web-1\n"
    text = f"if ${{{condition}}}\n  echo then\nelse\n  echo other\nend\n"
    assert script(set_up + text).out == f"{taken}\n"


def test_first_branch_that_holds_is_taken(script):
    text = "let n = ${`2`}\nif ${n == `1`}\necho one\nelse if ${n == `2`}\necho two\nelse\necho many\nend\n"
    assert script(text).out == "two\n"


def test_assert_that_does_not_hold_fails_with_its_message(script):
    ran = script("let vm = vm get web-2\nassert ${vm.state == 'ACTIVE'} \"${vm.id} is ${vm.state}\"\n")
    assert ran.code == 1
    assert ran.err.startswith("web-2 is STOPPED\ntour.cudo:2: assert")


def test_echo_writes_words_data_as_json_and_nothing_that_steers_a_terminal(script):
    set_up = "let vms = vm list --limit 1\nlet evil = ${'\x1b]0;title\x07x'}\n"
    assert (
        script(f"{set_up}echo a  'b  c' ${{vms[].id}} ${{evil}} ${{vms[0].{{id: id}}}}\n").out
        == 'a b  c web-1 x {"id": "web-1"}\n'
    )


def test_sleep_waits(script):
    began = time.monotonic()
    assert script("sleep 1s\n").code == 0
    assert time.monotonic() - began >= 1


def test_exit_ends_the_script_with_its_code(script):
    ran = script("let n = ${`7`}\nfor x in a b\n  exit ${n}\nend\n")
    assert (ran.code, ran.err) == (7, "")
    assert script("echo a\nexit\necho b\n").out == "a\n"


def test_try_goes_on_and_tells_the_exit_code(script):
    ran = script("try vm get web-9\necho ${status}\n")
    assert (ran.code, ran.out) == (0, "4\n")
    assert "tour.cudo:1: try vm get web-9 (exit code 4)\n" in ran.err


@pytest.mark.parametrize(
    ("text", "status"), [("vm get web-1 -q\nassert ${`false`}\n", "1"), ("try vm get web-9\nvm count\n", "0")]
)
def test_status_of_a_file_that_is_tried_is_that_of_the_whole(text, status, script, tmp_path):
    (tmp_path / "lib.cudo").write_text(text)
    assert script("try source lib.cudo\necho ${status}\n").out.splitlines()[-1] == status


def test_variable_of_a_failed_try_is_null(script):
    assert (
        script("try let vm = vm get web-9\nif ${vm}\necho there\nelse\necho absent\nend\n").out == "absent\n"
    )


def test_not_wants_a_failure_and_says_nothing_of_it(script):
    assert script("! vm get web-9\necho ${status}\n").err == ""
    ran = script("! vm get web-1 -q\n")
    assert (ran.code, ran.err) == (
        1,
        "This was to fail, and it did not.\ntour.cudo:1: ! vm get web-1 -q (exit code 1)\n",
    )


def test_retry_tries_until_it_works(script, sandbox):
    sandbox.add_fault(kind="status", match="POST */disks", status=409, times=2)
    ran = script("retry 3 every 0.1s disk create tmp-1 --data-center no-luster-1 --size 10 --no-wait\n")
    assert ran.code == 0, ran.err
    assert ran.err.count("failed; the next one in 0.1 s.") == 2


def test_retry_gives_up_after_so_many(script):
    ran = script("retry 2 every 0.1s vm get web-9\n")
    assert (ran.code, ran.err.count("not found")) == (4, 2)


def test_retry_does_not_repeat_what_is_hopeless(script):
    ran = script("param n = x\nretry 5 every 9s vm terminate web-1\n")
    assert (ran.code, ran.err.count("nobody could be asked")) == (ExitCode.REFUSED, 1)


def test_timeout_ends_a_block_with_its_own_code(script):
    began = time.monotonic()
    ran = script("timeout 1s\n  timeout 60s\n    try sleep_is_no_command\n  end\nend\n")
    assert ran.code == 2  # it is checked before it runs
    ran = script("timeout 1s\n  timeout 60s\n    try vm wait web-2 --state ACTIVE\n  end\nend\necho never\n")
    assert (ran.code, ran.out) == (6, "")
    assert time.monotonic() - began < 15
    assert "The 1s of this block are over.\ntour.cudo:1: timeout 1s (exit code 6)\n" in ran.err


def test_block_that_is_quicker_than_its_timeout_is_left_alone(script):
    assert script("timeout 1s\n  vm count\nend\nsleep 1.2s\necho on\n").out == "count  5\non\n"


def test_source_runs_a_file_beside_the_script_with_the_same_variables(script, tmp_path):
    (tmp_path / "lib.cudo").write_text(
        "param vm\nparam form = csv\nlet found = vm get ${vm} \nlet form2 = ${form}\n"
    )
    assert script("source lib.cudo vm=web-1\necho ${found.id} ${form2}\n").out == "web-1 csv\n"


def test_parameter_of_a_sourced_file_is_what_is_set_already(script, tmp_path):
    (tmp_path / "lib.cudo").write_text("param region = x\necho ${region}\n")
    assert script("param region = y\nsource lib.cudo\n").out == "y\n"


def test_error_in_a_sourced_file_names_both_lines(script, tmp_path):
    (tmp_path / "lib.cudo").write_text("vm count\nvm get web-9\n")
    ran = script("vm count\nsource lib.cudo\n")
    assert ran.code == 4
    assert ran.err.endswith(
        "lib.cudo:2: vm get web-9 (exit code 4)\ntour.cudo:2: source lib.cudo (exit code 4)\n"
    )


@pytest.mark.parametrize("keep_going", [False, True])
@pytest.mark.parametrize("line", ["try source lib.cudo", "! source lib.cudo"])
def test_sourced_file_that_may_fail_does_not_fail_the_script(line, keep_going, script, tmp_path):
    (tmp_path / "lib.cudo").write_text("vm get web-9\n")
    ran = script(f"{line}\necho after\n", options=Options(keep_going=keep_going))
    assert (ran.code, ran.out) == (0, "after\n"), ran.err


def test_sourced_file_that_fails_is_passed_over_and_remembered(script, tmp_path):
    (tmp_path / "lib.cudo").write_text("vm get web-9\necho on\n")
    ran = script("source lib.cudo\necho after\n", options=Options(keep_going=True))
    assert (ran.code, ran.out) == (4, "on\nafter\n")
    assert ran.err.endswith("tour.cudo:1: source lib.cudo (exit code 4)\n")


def test_file_that_sources_itself_is_a_slip(script, tmp_path):
    (tmp_path / "a.cudo").write_text("source b.cudo\n")
    (tmp_path / "b.cudo").write_text("source a.cudo\n")
    assert script("source a.cudo\n").code == 2


def test_file_with_a_name_that_comes_late_is_read_late(script, tmp_path):
    (tmp_path / "a.cudo").write_text("let name = 'a.cudo'\nsource ${name}\n")
    ran = script("let name = 'a.cudo'\nsource ${name}\n")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "'a.cudo' is running already: it would source itself.")


def test_sourced_file_may_use_what_is_set_only_sometimes(script, tmp_path):
    (tmp_path / "lib.cudo").write_text("if ${mode == 'b'}\n  echo ${extra}\nend\necho done\n")
    text = "param mode = a\nif ${mode == 'b'}\n  let extra = 'x'\nend\nsource lib.cudo\n"
    assert script(text).out == "done\n"
    assert script(text, mode="b").out == "x\ndone\n"


def test_empty_list_of_things_is_nothing_to_do(script):
    none = "let vms = vm list --filter id=none\n"
    ran = script(f"{none}vm terminate ${{vms[].id}} --yes\nvm stop web-1 ${{vms[].id}} --no-wait\n")
    assert ran.code == 0
    assert ran.err.splitlines()[0] == "tour.cudo:2: nothing to do, the list is empty."


@pytest.mark.parametrize("modifiers", ["", "try ", "retry 2 every 1s "])
def test_clean_up_of_an_empty_list_is_nothing_to_do(modifiers, script):
    ran = script(f"let l = vm list --filter id=zzz\ndefer {modifiers}vm stop ${{l[].id}}\n")
    assert (ran.code, ran.err) == (0, "tour.cudo:2: nothing to do, the list is empty.\n")


def test_empty_list_makes_no_file_of_the_author_a_text(script, tmp_path):
    (tmp_path / "id.pub").write_text(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBgNu984ttwE9+2kQ2FSzKU6YFx/5hBpM/gRHfJojnNc a@b"
    )
    ran = script("let none = vm list --filter id=none\nssh-key create @id.pub ${none}\n")
    assert ran.code == 0, ran.err


def test_retry_of_a_file_polls(script, tmp_path):
    (tmp_path / "poll.cudo").write_text("let vm = vm get web-2\nassert ${vm.state == 'ACTIVE'} 'not yet'\n")
    ran = script("vm start web-2 --no-wait\nretry 50 every 0.2s source poll.cudo\necho ${vm.state}\n")
    assert (ran.code, ran.out) == (0, "ACTIVE\n")


@pytest.mark.parametrize("keep_going", [False, True])
def test_retry_of_a_file_that_succeeds_at_last_is_a_success(keep_going, script, tmp_path):
    (tmp_path / "poll.cudo").write_text("let seen = ${join('', [seen, 'x'])}\nassert ${seen == 'xx'}\n")
    ran = script(
        "let seen = ''\nretry 3 every 0.01s source poll.cudo\n", options=Options(keep_going=keep_going)
    )
    assert (ran.code, "Left behind" in ran.err) == (0, False), ran.err


def test_retry_without_a_login_is_hopeless(script, workspace):
    from cudo_sdk import LoginRequired

    def nobody(*_: object) -> object:
        raise LoginRequired("nobody is logged in")

    workspace.connection._open_session = nobody
    ran = script("try retry 3 every 9s vm count\n")
    assert (ran.code, ran.err.count("Not logged in")) == (0, 1)


@pytest.mark.parametrize(
    ("expression", "message", "hint"),
    [
        (
            'vm.state == "ACTIVE"',
            "There is no variable 'ACTIVE'.",
            "A text stands in single quotes: 'ACTIVE'",
        ),
        (
            "vm.id > `3`",
            "${vm.id > `3`} compares a text with a number.",
            "to_number(...) makes a number of a text.",
        ),
    ],
)
def test_slip_in_an_expression_says_how_it_is_written(expression, message, hint, script):
    text = f"let name = 'vm'\nlet vm = vm get web-1\nif ${{{expression}}}\nend\n"
    assert f"{message}\n{hint}\n" in script(text).err


def test_amount_of_money_is_its_number(script):
    text = 'let vm = vm get web-1\necho ${vm.price.totalPriceHr} "${vm.price.totalPriceHr}"\n'
    assert len(set(script(text).out.split())) == 1
