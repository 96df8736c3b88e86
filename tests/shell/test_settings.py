"""Which setting wins, and where it came from."""

import re
from pathlib import Path

import pytest

from cudo_shell.output.formats import FORMATS
from cudo_shell.settings import PREFERENCES, Preference, Setting, settings_from

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


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


# What a person prefers


def test_preference_is_outranked_by_context_and_environment():
    settings = settings_from({}, {"CUDO_METER": "Off"}, {"meter": "yes", "output": "json", "pager": "never"})
    assert (settings["meter"], settings.origin("meter")) == ("no", "CUDO_METER")
    assert (settings["pager"], settings.origin("pager")) == ("never", "config.yaml")
    settings.aim({}, {"output": Setting("csv", "context dev")}, elsewhere=True)
    assert (settings["output"], settings.origin("output")) == ("csv", "context dev")
    assert settings.notes == ()


def test_bare_yes_and_no_of_yaml_are_understood():
    settings = settings_from({}, {}, {"meter": False, "notify": False, "completion_as_you_type": True})
    assert [settings[name] for name in ("meter", "notify", "completion_as_you_type")] == ["no", "no", "yes"]
    assert settings.notes == ()


def test_preference_that_cannot_be_is_told_and_not_followed():
    kept = {"metre": "no", "pager": ["less"], "suggestions": 5, "meter": None, 3: 4, "project": "web"}
    settings = settings_from({}, {"CUDO_COMPLETION_LIVE": "perhaps"}, kept)
    assert [settings[name] for name in ("completion_live", "pager", "suggestions", "project")] == [
        "yes",
        "auto",
        "yes",
        "",
    ]
    names = ", ".join(PREFERENCES)
    assert settings.notes == (
        "CUDO_COMPLETION_LIVE is ignored: 'perhaps' is no value of completion_live. One of: yes, no",
        "metre in config.yaml is ignored: There is no setting 'metre'. Did you mean: meter?",
        "pager in config.yaml is ignored: '['less']' is no value of pager. One of: auto, never",
        "suggestions in config.yaml is ignored: '5' is no value of suggestions. One of: yes, no",
        f"3 in config.yaml is ignored: There is no setting '3'. One of: {names}",
        f"project in config.yaml is ignored: There is no setting 'project'. One of: {names}",
    )


@pytest.mark.parametrize("document", ["vi", 5, ["meter"]])
def test_settings_that_are_no_mapping_are_told(document):
    settings = settings_from({}, {}, document)
    assert settings.notes == (
        "settings in config.yaml are ignored: they must be a mapping of names to values.",
    )
    assert settings["meter"] == "yes"


def test_every_format_can_be_preferred():
    assert PREFERENCES["output"].values == FORMATS


def test_every_default_is_a_value():
    assert all(each.default in each.values for each in PREFERENCES.values())


def test_page_has_the_table():
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.*?) \|$", PAGE.read_text(), re.MULTILINE)

    assert rows == [
        (name, each.help, _values(each), f"`{each.variable}`" if each.variable else "")
        for name, each in PREFERENCES.items()
    ]


def _values(each: Preference) -> str:
    return ", ".join(f"**{value}**" if value == each.default else value for value in each.values)
