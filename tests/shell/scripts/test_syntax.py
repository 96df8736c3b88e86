"""From the text of a script to its statements, and to every slip in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cudo_shell.commands import KEYWORDS
from cudo_shell.scripts import syntax
from cudo_shell.scripts.lines import Expression, Literal
from cudo_shell.scripts.syntax import is_open, read


def only(text: str) -> syntax.Statement:
    """The single statement of a text without slips."""
    tree = read(text)
    assert tree.errors == ()
    [statement] = tree.statements
    return statement


def slips(text: str) -> list[tuple[int, str, str]]:
    return [(error.number, str(error), error.hint) for error in read(text).errors]


def word(text: str) -> tuple[Literal]:
    return (Literal(text),)


def test_command_keeps_its_words():
    statement = only("vm get ${id} -o json")
    assert isinstance(statement, syntax.Run)
    assert statement.words == (word("vm"), word("get"), (Expression("id"),), word("-o"), word("json"))


@pytest.mark.parametrize(
    "text", ['let x = "a b"', "let x = ${y}", "let x = 'vm'", 'let x = a-"b"', "let x = ${a}${b}"]
)
def test_let_of_a_quoted_word_or_an_expression_is_a_value(text):
    statement = only(text)
    assert isinstance(statement, syntax.Let)
    assert isinstance(statement.value, tuple)


@pytest.mark.parametrize("text", ["let x = vm list", "let x = whoami", 'let x = vm get "a b"'])
def test_let_of_words_is_a_command(text):
    statement = only(text)
    assert isinstance(statement, syntax.Let)
    assert isinstance(statement.value, syntax.Run)


@pytest.mark.parametrize(
    ("text", "name", "kind", "default", "about"),
    [
        ("param vm", "vm", "text", None, ""),
        ('param region = gb-1 "where to run"', "region", "text", "gb-1", "where to run"),
        ("param gpus: int = 2", "gpus", "int", "2", ""),
        ("param gpus:int", "gpus", "int", None, ""),
        ("param gpus : int = 1 'how many'", "gpus", "int", "1", "how many"),
        (
            'param size: choice(small, large) = small "how big"',
            "size",
            "choice(small, large)",
            "small",
            "how big",
        ),
        ("param tag: choice(a=1, b=2) = a=1", "tag", "choice(a=1, b=2)", "a=1", ""),
        ('param x "a=b"', "x", "text", None, "a=b"),
        ('param vm: vm "which"', "vm", "vm", None, "which"),
        ('param note = ""', "note", "text", "", ""),
        ("param cost = $5", "cost", "text", "$5", ""),
    ],
)
def test_param_has_a_type_a_default_and_a_help_each_of_which_may_be_left_out(
    text, name, kind, default, about
):
    statement = only(text)
    assert isinstance(statement, syntax.Param)
    assert (statement.name, statement.kind, statement.default, statement.help) == (name, kind, default, about)


def test_blocks_nest_and_end_where_they_end():
    tree = read(
        "for vm in ${vms}\n"
        "  if ${vm.ok}\n"
        "    vm stop ${vm.id}\n"
        "  else if ${vm.bad}\n"
        "    vm start ${vm.id}\n"
        "  else\n"
        "    echo neither\n"
        "  end\n"
        "end\n"
        "timeout 10m\n"
        "  vm list\n"
        "end\n"
    )
    assert tree.errors == ()
    loop, limited = tree.statements
    assert isinstance(loop, syntax.For)
    assert isinstance(limited, syntax.Timeout)
    [choice] = loop.body
    assert isinstance(choice, syntax.If)
    [second] = choice.otherwise
    assert isinstance(second, syntax.If)
    assert [each.line.number for each in (*choice.body, *second.body, *second.otherwise)] == [3, 5, 7]
    assert [each.line.number for each in limited.body] == [11]


def test_modifiers_stand_one_before_the_other():
    statement = only("try retry 3 every 5s let vm = vm get web-1")
    assert isinstance(statement, syntax.Try)
    assert isinstance(statement.inner, syntax.Retry)
    assert (statement.inner.times, statement.inner.every) == (word("3"), word("5s"))
    assert isinstance(statement.inner.inner, syntax.Let)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("let", "This is no assignment.", "Write: let NAME = COMMAND, or let NAME = ${...}"),
        ("let x vm count", "This is no assignment.", "Write: let NAME = COMMAND, or let NAME = ${...}"),
        ("let x == vm count", "This is no assignment.", "Write: let NAME = COMMAND, or let NAME = ${...}"),
        ("let status = vm count", "'status' is set by cudo itself.", "Choose another name."),
        ("let status = vm list", "'status' is set by cudo itself.", "Choose another name."),
        ("let x = try vm list", "'try' has no result that could be kept.", "Write: try ... let x = COMMAND"),
        ("let x = echo a b", "'echo' has no result that could be kept.", ""),
        ("if vm list", "'if' is not used like this.", "Write: if ${...}"),
        ("for vm ${vms}", "'for' is not used like this.", "Write: for NAME in ${...}"),
        ("for vm in", "'for' is not used like this.", "Write: for NAME in ${...}"),
        ("timeout", "'timeout' is not used like this.", "Write: timeout TIME, and the lines up to end"),
        ("assert", "'assert' is not used like this.", 'Write: assert ${...} "message"'),
        ("assert yes", "'assert' is not used like this.", 'Write: assert ${...} "message"'),
        ("sleep", "'sleep' is not used like this.", "Write: sleep TIME"),
        ("exit 1 2", "'exit' is not used like this.", "Write: exit, or exit N"),
        ("source", "'source' is not used like this.", "Write: source FILE name=value ..."),
        ("retry 3 vm list", "'retry' is not used like this.", "Write: retry N every TIME COMMAND"),
        ("try", "'try' is not used like this.", "Write: try COMMAND"),
        ("try exit 3", "'try' is not used like this.", "Write: try COMMAND"),
        ("! echo a", "'!' is not used like this.", "Write: ! COMMAND"),
        ("! let x = vm list", "'!' is not used like this.", "Write: ! COMMAND"),
        ("! retry 3 every 5s let x = vm list", "'!' is not used like this.", "Write: ! COMMAND"),
        ("defer try let x = vm list", "'defer' is not used like this.", "Write: defer COMMAND"),
        ("defer try echo a", "'try' is not used like this.", "Write: try COMMAND"),
        ("defer let x = vm list", "'defer' is not used like this.", "Write: defer COMMAND"),
        ("defer", "'defer' is not used like this.", "Write: defer COMMAND"),
        ("try for vm in ${vms}", "'for' must begin a line.", ""),
        ("param", "'param' is not used like this.", 'Write: param NAME: TYPE = DEFAULT "help"'),
        ("param a b c", "'param' is not used like this.", 'Write: param NAME: TYPE = DEFAULT "help"'),
        ("param a = ${b}", "A parameter takes no ${...}: it is read before anything runs.", ""),
        ("${noun} list", "A command begins with its noun, not with a variable.", "See: help"),
        ("end", "There is no block that 'end' could end.", ""),
        ("else", "There is no block that 'else' could end.", ""),
    ],
)  # fmt: skip
def test_slip_says_how_to_write_it(text, message, hint):
    opened = text.split(" ", 1)[0] in {"for", "if", "timeout"}
    assert slips(text + ("\nend" if opened else "")) == [(1, message, hint)]


@pytest.mark.parametrize(
    "text",
    [
        "param x=5",
        "param x= 5",
        "param x =5",
        "param x:int=5",
        "param x: int=5 'help'",
        "param x : int =5",
        "param x: choice(a, b)=a",
        "param x=choice(a=1, b=2)",
    ],
)
def test_parameter_without_blanks_around_its_default_says_where_they_stand(text):
    hint = 'Write: param NAME: TYPE = DEFAULT "help"'
    assert slips(text) == [(1, "The '=' of a parameter needs blanks around it.", hint)]


def test_every_slip_is_named_in_the_order_of_the_lines():
    text = "let x\nif ${a}\n  sleep\n  vm list | less\nend\nfor x\nend\nwhatever\nend\n"
    assert [(number, message) for number, message, _ in slips(text)] == [
        (1, "This is no assignment."),
        (3, "'sleep' is not used like this."),
        (4, "'|' has no meaning here."),
        (6, "'for' is not used like this."),
        (9, "There is no block that 'end' could end."),
    ]


def test_block_without_end_is_told_at_its_beginning():
    assert slips("vm list\nfor vm in ${vms}\n  if ${vm}\n  end\n") == [
        (2, "This 'for' has no 'end'.", "Write a line: end")
    ]


def test_else_of_a_loop_is_a_slip_and_its_end_still_counts():
    assert slips("for a in b\nelse\nend\nvm list\n") == [(2, "Only an 'if' has an 'else'.", "")]


def test_parameter_inside_a_block_is_a_slip():
    assert slips("if ${a}\n  param b\nend") == [
        (2, "A parameter cannot stand inside a block.", "Declare it at the top.")
    ]


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("for a in b", True),
        ("for a in b\n if ${c}\n end", True),
        ("for a in b\nend", False),
        ("if ${a}\nelse", True),
        ("vm list", False),
        ("echo for", False),
        ("'for' a", False),
        ("timeout 5s # for", True),
        ("for a in 'b", False),  # that line cannot be read, and more lines would not help
        ("", False),
    ],
)
def test_text_is_open_while_a_block_waits_for_its_end(text, opened):
    assert is_open(text) is opened


_WORDS = st.sampled_from(
    [*KEYWORDS, "in", "every", "=", "x", "${x}", "'a b'", "3", "5s", "vm", "list", "|", "$x", '"', "#"]
)


@given(st.lists(st.lists(_WORDS, max_size=6).map(" ".join), max_size=12).map("\n".join))
def test_any_text_becomes_a_tree_and_slips_in_order(text):
    tree = read(text)
    numbers = [error.number for error in tree.errors]
    assert numbers == sorted(numbers)
    assert all(1 <= number <= text.count("\n") + 1 for number in numbers)
