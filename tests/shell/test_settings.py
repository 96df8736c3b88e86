"""Which setting wins, and where it came from."""

from cudo_shell.settings import settings_from


def test_flag_wins_over_environment_over_default():
    settings = settings_from(
        {"project": "flag", "output": None}, {"CUDO_PROJECT_ID": "env", "CUDO_OUTPUT": "json"}
    )
    assert (settings["project"], settings.origin("project")) == ("flag", "--project")
    assert (settings["output"], settings.origin("output")) == ("json", "CUDO_OUTPUT")
    assert (settings["no_input"], settings.origin("no_input")) == ("", "default")


def test_empty_variable_is_none():
    assert settings_from({}, {"CUDO_OUTPUT": ""})["output"] == "table"


def test_flag_of_a_command_ends_with_the_command():
    session = settings_from({"project": "a"}, {})
    command = session.with_flags({"project": "b", "output": None})
    assert (command["project"], session["project"]) == ("b", "a")


def test_choice_made_in_a_command_stays_for_the_session():
    session = settings_from({"project": "a"}, {})
    script = session.with_flags({"no_input": "script"})
    command = script.with_flags({"output": "json"})
    command.choose("project", "b", "project use")
    assert (session["project"], session.origin("project")) == ("b", "project use")
    assert session["output"] == "table"
