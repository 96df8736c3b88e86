"""Which setting wins, and where it came from."""

from cudo_shell.settings import Setting, settings_from


def test_flag_wins_over_environment_over_default():
    settings = settings_from(
        {"project": "flag", "output": None}, {"CUDO_PROJECT_ID": "env", "CUDO_OUTPUT": "json"}
    )
    assert (settings["project"], settings.origin("project")) == ("flag", "--project")
    assert (settings["output"], settings.origin("output")) == ("json", "CUDO_OUTPUT")
    assert (settings["no_input"], settings.origin("no_input")) == ("", "default")


def test_target_stands_above_or_below_the_environment():
    settings = settings_from({}, {"CUDO_PROJECT_ID": "env"})
    web = {"project": Setting("web", "context dev")}
    settings.aim({}, web, elsewhere=True)
    assert (settings["project"], settings.origin("project")) == ("env", "CUDO_PROJECT_ID")
    settings.aim(web, {}, elsewhere=True)
    assert (settings["project"], settings.origin("project")) == ("web", "context dev")
    settings.aim({}, {}, elsewhere=True)
    assert settings["project"] == "env"


def test_project_that_was_chosen_means_nothing_elsewhere():
    settings = settings_from({"output": "json"}, {})
    command = settings.with_flags({"verbose": "yes"})
    command.choose("project", "web", "project use")
    command.aim({}, {}, elsewhere=False)
    assert settings["project"] == "web"
    command.aim({}, {}, elsewhere=True)
    assert (settings["project"], settings["output"]) == ("", "json")


def test_flag_of_two_words_is_told_as_it_is_typed():
    assert settings_from({"no_input": "yes"}, {}).origin("no_input") == "--no-input"


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
