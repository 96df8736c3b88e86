"""What a command may use."""

import io
from argparse import Namespace

import pytest

from cudo_shell.exits import UsageError
from cudo_shell.output.console import ConsoleOutputHandler
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.structured import JSONOutputHandler
from cudo_shell.output.values import ID

FIELDS = (FieldSpec("id", ID), FieldSpec("state"), FieldSpec("detail", listed=False))
THING = {"id": "a", "state": "READY", "detail": "more"}


def written(stream: object) -> str:
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def test_options_of_a_command_do_not_outlive_it(workspace):
    command = workspace.for_command(Namespace(output="json", project="research", verbose=True))
    assert isinstance(command.output, JSONOutputHandler)
    assert (command.project, command.settings["verbose"]) == ("research", "yes")
    assert isinstance(workspace.output, ConsoleOutputHandler)
    assert (workspace.project, workspace.settings["verbose"]) == ("demo", "")


def test_project_that_is_chosen_in_a_command_stays(workspace):
    workspace.for_command(Namespace(output="json")).use_project("research")
    assert workspace.project == "research"
    assert workspace.settings.origin("project") == "project use"


def test_command_without_a_project_says_how_to_choose_one(workspace):
    workspace.use_project("")
    with pytest.raises(UsageError) as caught:
        _ = workspace.project
    assert caught.value.hint == "Choose one: -p PROJECT, CUDO_PROJECT_ID, or project use PROJECT"


def test_done_is_a_sentence_for_people_and_a_thing_for_programs(workspace):
    workspace.done("Done.", THING, FIELDS, Namespace())
    assert (written(workspace.streams.out), written(workspace.streams.err)) == ("", "Done.\n")
    workspace.for_command(Namespace(output="csv")).done("Done.", THING, FIELDS, Namespace())
    assert written(workspace.streams.out) == "id,state\na,READY\n"


def test_item_shows_all_to_people_and_the_columns_of_the_list_to_programs(workspace):
    workspace.show(THING, FIELDS, Namespace())
    workspace.for_command(Namespace(output="tsv")).show(THING, FIELDS, Namespace())
    assert written(workspace.streams.out) == ("id      a\nstate   READY\ndetail  more\nid\tstate\na\tREADY\n")


def test_output_can_go_elsewhere_for_one_command(workspace):
    pipe = io.StringIO()
    workspace.writing_to(pipe).show(THING, FIELDS, Namespace(columns="id"))
    assert (pipe.getvalue(), written(workspace.streams.out)) == ("id  a\n", "")


def test_captured_result_is_not_printed(workspace):
    work, captured = workspace.capturing()
    work.for_command(Namespace(output="json")).show(THING, FIELDS, Namespace())
    assert captured.value == THING
    assert written(workspace.streams.out) == ""


def test_message_cannot_steer_the_terminal(workspace):
    workspace.say("a\x1b[2Jb\nc\u202ed")
    assert written(workspace.streams.err) == "ab\ncd\n"


def test_unknown_listing_gives_no_near_ids_instead_of_an_error(workspace, sandbox):
    sandbox.add_fault(kind="status", match="GET *", status=403, times=0)
    assert workspace.ids_of("vms") == []


def test_question_is_not_asked_where_nobody_wants_one(workspace):
    assert not workspace.may_ask
