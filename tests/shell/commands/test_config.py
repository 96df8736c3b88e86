"""The settings in force, from the command line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cudo_shell.contexts import Context, Contexts
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
