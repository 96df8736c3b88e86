"""The settings in force, from the command line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cudo_completions.position import wanted
from cudo_shell import dispatch
from cudo_shell.contexts import Context, Contexts
from cudo_shell.settings import PREFERENCES, Setting
from cudo_shell.targets import Choice


@pytest.fixture
def settings(run, workspace, tmp_path: Path):
    """Resolve with an environment, then read what `config show` says: setting -> (value, origin)."""

    def show(choice: Choice | None = None, **environ: str) -> dict[str, tuple[str, str]]:
        workspace.environ = {
            "HOME": str(tmp_path),
            "CUDO_CONFIG_DIR": str(tmp_path / "config"),
            **environ,
        }
        workspace.retarget(choice or Choice())
        out = run("config show -o csv --columns setting,value,origin").out
        return {row["setting"]: (row["value"], row["origin"]) for row in csv.DictReader(io.StringIO(out))}

    return show


@pytest.fixture
def contexts(tmp_path: Path):
    known = Contexts({"dev": Context("dev", "https://dev.test", project="web", output="csv")}, "dev")
    known.save(tmp_path / "config" / "config.yaml")


def test_context_is_told_with_all_that_comes_from_it(settings, contexts):
    shown = settings()
    assert shown["context"] == ("dev", "context use")
    assert shown["api_url"] == ("https://dev.test", "context dev")
    assert shown["credential"] == ("in store file", "context dev")
    assert shown["output"] == ("csv", "--output")
    assert shown["project"] == ("web", "context dev")


def test_context_is_told_by_what_chose_it(settings, contexts):
    assert settings(Choice(context="dev"))["context"] == ("dev", "chosen in this shell")
    assert settings(CUDO_CONTEXT="dev")["context"] == ("dev", "CUDO_CONTEXT")


def test_key_is_never_shown(settings, contexts):
    shown = settings(
        CUDO_API_KEY="canary-1", CUDO_API_URL="https://u:canary-2@api.test", CUDO_CA_BUNDLE="/ca.pem"
    )
    assert "canary" not in str(shown)
    assert shown["credential"] == ("(set)", "CUDO_API_KEY")
    assert shown["api_url"] == ("https://***@api.test", "CUDO_API_URL")
    assert shown["shadowed"] == ("context dev", "")
    assert shown["ca_bundle"] == ("/ca.pem", "CUDO_CA_BUNDLE")


def test_nothing_is_told_as_nothing(settings):
    shown = settings()
    assert (shown["context"], shown["credential"]) == (("", ""), ("", ""))
    assert shown["api_url"] == ("https://rest.compute.cudo.org", "default")


def test_files_are_those_that_are_read(settings, tmp_path):
    (tmp_path / ".env").write_text("CUDO_API_KEY=canary-3\n")
    shown = settings()
    assert shown["dotenv_file"] == (str(tmp_path / ".env"), "default")
    assert shown["cudoctl_file"] == ("", "")
    assert shown["contexts_file"][0] == str(tmp_path / "config" / "config.yaml")
    assert shown["credential"] == ("(set)", ".env")


def test_origin_is_a_column_for_those_who_ask(run):
    assert run("config show").out.splitlines()[0].split() == ["SETTING", "VALUE"]
    assert run("config show --origin").out.splitlines()[0].split() == ["SETTING", "VALUE", "ORIGIN"]


# What a person prefers


@pytest.fixture
def kept(workspace, tmp_path: Path) -> Path:
    """Where the preferences of this user are kept."""
    workspace.environ = {"HOME": str(tmp_path), "CUDO_CONFIG_DIR": str(tmp_path / "config")}
    return tmp_path / "config" / "config.yaml"


def shown(run, name: str) -> str:
    return str(run(f"config show -o csv --no-headers --columns value,origin --filter setting={name}").out)


def test_preference_is_in_force_at_once_and_kept_beside_the_contexts(run, kept, contexts):
    assert run("config set editing_mode vi").err == "editing_mode is vi.\n"
    assert shown(run, "editing_mode") == "vi,config.yaml\n"
    document = Contexts.read(kept)
    assert (document.settings, document.names, document.current) == ({"editing_mode": "vi"}, ["dev"], "dev")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_preference_that_is_unset_is_the_default_again(run, kept):
    run("config set meter no")
    assert run("config unset meter").err == "meter is yes (default).\n"
    assert shown(run, "meter") == "yes,default\n"
    assert kept.read_text() == "contexts: {}\n"


def test_preference_of_the_session_is_kept_nowhere_and_ends_with_the_next_choice(run, kept):
    assert run("config set notify osc --session").err == "notify is osc until this shell ends.\n"
    assert shown(run, "notify") == "osc,config set --session\n"
    assert not kept.exists()
    run("config set notify no")
    assert shown(run, "notify") == "no,config.yaml\n"


def test_output_that_is_preferred_is_that_of_the_next_command(run, kept):
    run("config set output ids")
    assert run("project list").out == "demo\nresearch\n"
    assert run("project list -o csv --columns id --no-headers").out == "demo\nresearch\n"


def test_preference_that_is_outranked_says_by_what(run, kept, workspace):
    workspace.settings.aim({}, {"output": Setting("csv", "context dev")}, elsewhere=True)
    assert run("config set output json").err == (
        "output is json.\nHere it is csv: context dev outranks config.yaml. Or: config set ... --session\n"
    )
    assert shown(run, "output") == "csv,--output\n"


@pytest.mark.parametrize("spelling", ["off", "False", "0", "NO"])
def test_switch_goes_by_the_usual_words(run, kept, spelling):
    assert run(f"config set meter {spelling}").err == "meter is no.\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set metre no", "There is no setting 'metre'.\nDid you mean: meter?\n"),
        (
            "set editing_mode vim",
            "'vim' is no value of editing_mode.\nDid you mean: vi? One of: emacs, vi\n",
        ),
        ("set notify loud --session", "'loud' is no value of notify.\nOne of: bell, osc, no\n"),
        ("set project web", f"There is no setting 'project'.\nOne of: {', '.join(PREFERENCES)}\n"),
        ("unset meterr", "There is no setting 'meterr'.\nDid you mean: meter?\n"),
    ],
)
def test_what_cannot_be_preferred_is_refused_and_nothing_is_written(run, kept, line, said):
    refused = run(f"config {line}")
    assert (refused.code, refused.err) == (2, said)
    assert not kept.exists()


def test_name_of_another_version_can_be_taken_out_of_the_file(run, kept):
    kept.parent.mkdir()
    kept.write_text("settings: {colour: blue, meter: no}\n")
    assert run("config unset colour").err == "colour is no longer in config.yaml.\n"
    assert Contexts.read(kept).settings == {"meter": False}


def test_help_says_what_each_does_and_its_values(run):
    said = run("config set --help").out
    assert "editing_mode            emacs | vi (emacs)\n" in said
    assert all(each.help in said for each in PREFERENCES.values())


def test_names_are_completed_with_what_they_do_and_values_by_the_name():
    parser = dispatch.parser_for("config")
    names = wanted(parser, ["set", "ed"]).choices
    assert [(each.text, each.hint) for each in names] == [
        (name, each.help) for name, each in PREFERENCES.items()
    ]
    for name, each in PREFERENCES.items():
        found = wanted(parser, ["set", "--session", name, ""]).choices
        assert tuple(value.text for value in found) == each.values
    assert wanted(parser, ["set", "metre", ""]).choices == ()
    assert wanted(parser, ["unset", ""]).choices == names
